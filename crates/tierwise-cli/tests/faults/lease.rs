//! A runner that is stopped for longer than its lease, beside another one: it is taken over, and
//! ends as soon as it goes on.

use std::{
    collections::BTreeSet,
    thread,
    time::{Duration, Instant},
};

use crate::{
    checker::{self, month},
    client::Clients,
    receiver::Receiver,
    service::{Kept, LEASE_MS, Site, accounts, until},
};

const ROUNDS: usize = 3;

#[test]
fn stopped_for_longer_than_its_lease_a_runner_is_taken_over_and_ends_when_it_goes_on() {
    let receiver = Receiver::start();
    let site = Site::new(Kept::Postgres, &receiver);
    let mut stays = site.start("stays", &[]);
    stays.ready();
    let ids = accounts(&stays.socket, 8);
    let clients = Clients::start(&stays.socket, &ids);
    let months = BTreeSet::from([month()]);
    for _ in 0..ROUNDS {
        let mut stopped = site.start("stopped", &[]);
        stopped.ready();
        // Both of them send.
        thread::sleep(Duration::from_millis(700));
        stopped.signal("STOP");
        let begun = Instant::now();
        let lease = Duration::from_millis(LEASE_MS);
        let before = receiver.with(|log| log.seen.len());
        // Whatever it had out is given up, and each account goes on.
        until("every account goes on", || {
            let goes_on = |account: &String| {
                receiver.with(|log| log.seen[before..].iter().any(|it| it.account == *account))
            };
            ids.iter().all(goes_on)
        });
        let taken_over = begun.elapsed();
        assert!(taken_over < lease + Duration::from_secs(3), "{taken_over:?}");
        thread::sleep((lease + Duration::from_millis(1500)).saturating_sub(begun.elapsed()));
        stopped.signal("CONT");
        let status = stopped.ended();
        assert!(!status.success(), "15: {}", stopped.said());
        assert!(stopped.said().contains("runner_gone"), "15: {}", stopped.said());
        assert!(stopped.said().contains("another runner took over"), "{}", stopped.said());
    }
    let months = months.into_iter().chain([month()]).collect();
    let accepted = clients.end();
    let totals = checker::check(&stays.socket, &ids, &accepted, &receiver, months);
    println!("{ROUNDS} rounds: {totals:?}");
    stays.stop();
}
