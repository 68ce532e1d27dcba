//! Holds what was answered and what was received against what the store says. The numbers are those
//! of the invariants.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    time::SystemTime,
};

use tierwise_server::{Order, ask};

use crate::{
    client::Accepted,
    receiver::{Receiver, Seen},
    service::{TEAM, messages, until},
};

/// What came of everything.
#[derive(Debug, Default)]
pub(crate) struct Totals {
    pub(crate) accepted: usize,
    pub(crate) sent: usize,
    pub(crate) unknown: usize,
    pub(crate) received: usize,
    pub(crate) late: usize,
}

/// The running period.
pub(crate) fn month() -> String {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    let now = tierwise::Instant::from_unix_ms(since.as_millis() as i64).unwrap();
    now.to_string()[..7].to_owned()
}

/// Waits until nothing waits any more, and checks everything. Some months have run meanwhile.
pub(crate) fn check(
    socket: &Path,
    accounts: &[String],
    accepted: &Accepted,
    receiver: &Receiver,
    months: BTreeSet<String>,
) -> Totals {
    check_but_for(&|_, _, _| false, socket, accounts, accepted, receiver, months)
}

/// Whether a message of an account may go after one with a higher number: their numbers.
pub(crate) type MayOvertake<'a> = &'a dyn Fn(&str, u64, u64) -> bool;

/// The same where some messages are due later than others that were accepted after them.
pub(crate) fn check_but_for(
    may_overtake: MayOvertake<'_>,
    socket: &Path,
    accounts: &[String],
    accepted: &Accepted,
    receiver: &Receiver,
    months: BTreeSet<String>,
) -> Totals {
    settled(socket, accounts, receiver);
    let wrong = receiver.with(|log| log.wrong.clone());
    assert!(wrong.is_empty(), "2, 14: {wrong:#?}");
    let seen = receiver.with(|log| log.seen.clone());
    let mut totals = Totals { accepted: accepted.len(), ..Totals::default() };
    let mut counted = 0;
    for account in accounts {
        let of: Vec<_> = seen.iter().filter(|seen| seen.account == *account).collect();
        counted += check_account(socket, account, accepted, &of, &mut totals);
        check_order(account, &of, may_overtake);
    }
    assert_eq!(totals.sent + totals.unknown, totals.accepted, "1: nothing is lost");
    let usage = |month: &String| {
        let (team, period) = (TEAM.to_owned(), Some(month.clone()));
        let usage = ask(socket, &Order::Usage { team, period }).unwrap();
        usage["messages"].as_u64().unwrap()
    };
    let used: u64 = months.iter().map(usage).sum();
    assert_eq!(used, counted, "7: what was used is what was counted");
    totals
}

/// Waits until nothing waits any more, however much that is, as long as something goes.
fn settled(socket: &Path, accounts: &[String], receiver: &Receiver) {
    for account in accounts {
        let why = || ask(socket, &Order::Why { account: account.clone() }).unwrap();
        while why()["state"] != "empty" {
            let count = || receiver.with(|log| log.seen.len());
            let before = count();
            let what = format!("1, 19: {}", why());
            until(&what, || count() > before || why()["state"] == "empty");
        }
    }
}

fn check_order(account: &str, seen: &[&Seen], may_overtake: MayOvertake<'_>) {
    let taken: Vec<_> = seen.iter().filter(|seen| !seen.is_late).map(|seen| seen.number).collect();
    for (place, number) in taken.iter().enumerate() {
        let overtaken = taken[place + 1..].iter().find(|later| *later <= number);
        if let Some(later) = overtaken {
            let may = later < number && may_overtake(account, *later, *number);
            assert!(may, "3, 4: {account}: {number} overtakes {later}: {taken:?}");
        }
    }
}

/// How many of its messages count.
fn check_account(
    socket: &Path,
    account: &str,
    accepted: &Accepted,
    seen: &[&Seen],
    totals: &mut Totals,
) -> u64 {
    let stored = messages(socket, account);
    let mut by_id = BTreeMap::new();
    for (message, number) in stored.iter().zip(1_u64..) {
        assert_eq!(message["number"], number, "4: {account}: numbers have no holes");
        let other = by_id.insert(message["id"].as_str().unwrap(), number);
        assert_eq!(other, None, "5: one message for each id");
    }
    for ((_, id), number) in accepted.iter().filter(|((of, _), _)| of == account) {
        assert_eq!(by_id.get(id.as_str()), Some(number), "1, 5: {account}: {id} is lost");
    }
    let asked = accepted.keys().filter(|(of, _)| of == account).count();
    assert_eq!(stored.len(), asked, "6: everything that is there was asked for and answered");

    let taken: Vec<_> = seen.iter().filter(|seen| !seen.is_late).collect();
    totals.received += taken.len();
    totals.late += seen.len() - taken.len();
    assert!(taken.is_sorted_by(|one, next| one.fence < next.fence), "14: {account}: {taken:?}");
    let received: BTreeMap<_, _> =
        taken.iter().map(|seen| (seen.number, seen.id.as_str())).collect();
    let mut counted = 0;
    for (message, number) in stored.iter().zip(1_u64..) {
        let id = message["id"].as_str().unwrap();
        let here = received.get(&number).copied();
        match message["status"].as_str().unwrap() {
            "sent" => {
                totals.sent += 1;
                assert_eq!(here, Some(id), "17: {account}: {message} was not received");
            }
            "error" => {
                totals.unknown += 1;
                let code = &message["error"]["data"]["code"];
                assert_eq!(code, "outcome_unknown", "{account}: {message}");
                assert!(here.is_none_or(|here| here == id));
            }
            other => panic!("1: {account}: {other}: {message}"),
        }
        assert_eq!(message["counted"], true, "7, 8: {account}: {message}");
        counted += 1;
    }
    counted
}
