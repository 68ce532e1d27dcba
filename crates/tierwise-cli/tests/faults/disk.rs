//! A disk that does not write: after the first error nothing is accepted and the service ends, with
//! the code of `docs/queue.md`; whoever starts it again finds everything that was answered.

use std::{collections::BTreeSet, path::Path, process::Command};

use crate::{
    checker::{self, month},
    client::{Accepted, is_no_answer, send},
    receiver::Receiver,
    service::{Kept, Site, accounts},
};

const MISSING: &str = "this test needs strace: `cargo xtask setup` installs it";

/// A service whose calls of a kind fail from a call on, by its committing thread's count.
fn below(calls: &str, error: &str, from: u32) -> Vec<String> {
    let inject = format!("inject={calls}:error={error}:when={from}+");
    let words = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", &format!("trace={calls}")];
    let words = words.map(str::to_owned).into_iter();
    words.chain(["-e".to_owned(), inject]).collect()
}

/// Sends until there is no answer; what was answered.
fn send_until_it_ends(socket: &Path, account: &str, accepted: &mut Accepted) -> Vec<String> {
    for number in 0..10_000 {
        let ids = vec![format!("m{number}")];
        match send(socket, account, &ids) {
            Ok(numbers) => {
                accepted.insert((account.to_owned(), ids[0].clone()), numbers[0]);
            }
            Err(error) => {
                assert!(is_no_answer(&error), "24: {error:?}");
                return ids;
            }
        }
    }
    panic!("24: the disk does not write, and everything is accepted");
}

fn ends_and_keeps_what_it_answered(calls: &str, error: &str, code: &str, from: u32) {
    let version = Command::new("strace").arg("--version").output();
    assert!(version.is_ok_and(|it| it.status.success()), "{MISSING}");
    let receiver = Receiver::start();
    let site = Site::new(Kept::Sqlite, &receiver);
    let mut months = BTreeSet::from([month()]);
    let mut whole = site.start("one", &[]);
    whole.ready();
    let ids = accounts(&whole.socket, 1);
    whole.stop();

    let place = format!("{calls} fails with {error} from call {from} on");
    let mut broken = site.start("one", &below(calls, error, from));
    broken.ready();
    let mut accepted = Accepted::new();
    let unanswered = send_until_it_ends(&broken.socket, &ids[0], &mut accepted);
    let status = broken.ended();
    assert!(!status.success(), "24: {place}");
    assert!(broken.said().contains(code), "24: {place}: {}", broken.said());

    let mut whole = site.start("one", &[]);
    whole.ready();
    // What had no answer is asked again: it is the same message, if it was kept.
    let numbers = send(&whole.socket, &ids[0], &unanswered).unwrap();
    accepted.insert((ids[0].clone(), unanswered[0].clone()), numbers[0]);
    months.insert(month());
    let totals = checker::check(&whole.socket, &ids, &accepted, &receiver, months);
    println!("{place}: {totals:?}");
    whole.stop();
}

#[test]
fn a_disk_that_does_not_sync_ends_the_service_and_nothing_answered_is_lost() {
    for from in [12, 25, 60] {
        ends_and_keeps_what_it_answered("fsync,fdatasync", "EIO", "store_failed", from);
    }
}

#[test]
fn a_full_disk_ends_the_service_and_nothing_answered_is_lost() {
    for from in [40, 101, 250] {
        ends_and_keeps_what_it_answered("pwrite64", "ENOSPC", "disk_full", from);
    }
}
