//! The machine's clock is set while messages go: forward and back by hours, and over a month's end.
//! libfaketime stands between the service and the clock that people set; the one that nobody sets
//! is left alone.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant, SystemTime},
};

use serde_json::{Value, json, value::to_raw_value};
use tierwise_server::{NewMessageOrder, Order, ask};

use crate::{
    checker::{self, month},
    client::{Clients, MOST_OF_REQUEST},
    receiver::Receiver,
    service::{Kept, Service, Site, TEAM, accounts, messages, shown, until},
};

const MISSING: &str = "this test needs libfaketime: `cargo xtask setup` installs it";

/// Where Debian puts it: the loader says which of a machine's kinds of library is meant.
const LIBRARY: &str = "/usr/$LIB/faketime/libfaketimeMT.so.1";

const HOURS_3: i64 = 3 * 3600;

const ACCOUNTS: usize = 6;

/// A clock that a test sets.
struct Clock {
    file: PathBuf,
}

impl Clock {
    fn new(folder: &Path) -> Self {
        let clock = Clock { file: folder.join("clock") };
        clock.set(HOURS_3);
        let mut date = Command::new("env");
        let told = date.args(clock.below()).args(["date", "+%s"]).output().unwrap();
        let told = String::from_utf8(told.stdout).unwrap().trim().parse::<i64>().unwrap();
        assert!((told - now() - HOURS_3).abs() < 60, "{MISSING}");
        clock.set(0);
        clock
    }

    /// Sets it so many seconds before or after the machine's, from now on.
    fn set(&self, offset_s: i64) {
        let new = self.file.with_extension("new");
        fs::write(&new, format!("{offset_s:+}\n")).unwrap();
        fs::rename(new, &self.file).unwrap();
    }

    /// What has a program go by it.
    fn below(&self) -> Vec<String> {
        let file = format!("FAKETIME_TIMESTAMP_FILE={}", shown(&self.file));
        let preload = format!("LD_PRELOAD={LIBRARY}");
        let rest = ["FAKETIME_NO_CACHE=1", "FAKETIME_DONT_FAKE_MONOTONIC=1", "NO_FAKE_STAT=1"];
        [file, preload].into_iter().chain(rest.map(str::to_owned)).collect()
    }
}

/// Seconds since 1970.
fn now() -> i64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    i64::try_from(since.as_secs()).unwrap()
}

/// The month after one, and when it begins, in seconds since 1970.
fn next_month(month: &str) -> (String, i64) {
    let (year, number) = month.split_once('-').unwrap();
    let (year, number): (u32, u32) = (year.parse().unwrap(), number.parse().unwrap());
    let (year, number) = if number == 12 { (year + 1, 1) } else { (year, number + 1) };
    let next = format!("{year}-{number:02}");
    let begins = tierwise::Instant::parse(&format!("{next}-01T00:00:00Z")).unwrap();
    (next, begins.unix_ms() / 1000)
}

/// How many messages each account has.
fn counts(socket: &Path, accounts: &[String]) -> Vec<u64> {
    accounts.iter().map(|account| messages(socket, account).len() as u64).collect()
}

/// A service on SQLite that is ready, and the clock that it goes by.
fn started(receiver: &Receiver) -> (Site, Clock, Service) {
    let site = Site::new(Kept::Sqlite, receiver);
    let clock = Clock::new(&site.path(""));
    let below: Vec<_> = ["env".to_owned()].into_iter().chain(clock.below()).collect();
    let mut service = site.start("one", &below);
    service.ready();
    (site, clock, service)
}

#[test]
fn an_idle_service_sees_that_its_clock_was_set_ahead() {
    let receiver = Receiver::start();
    let (_site, clock, service) = started(&receiver);
    let ids = accounts(&service.socket, 1);
    let due = tierwise::Instant::from_unix_ms((now() + HOURS_3) * 1000).unwrap().to_string();
    let message = NewMessageOrder {
        id: None,
        chat: "chat".to_owned(),
        content: to_raw_value(&json!({ "text": "later" })).unwrap(),
        note: false,
        due: Some(due),
        cancel_on_reply: false,
    };
    let account = ids[0].clone();
    ask(&service.socket, &Order::Send { account, messages: vec![message] }).unwrap();
    // It has nothing to do for hours now, and nobody says a word to it.
    let begun = Instant::now();
    clock.set(HOURS_3 + 60);
    until("the message goes", || receiver.with(|log| !log.seen.is_empty()));
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    service.stop();
}

#[test]
fn a_clock_that_is_set_makes_messages_wait_at_worst() {
    let receiver = Receiver::start();
    let (_site, clock, service) = started(&receiver);
    let ids = accounts(&service.socket, ACCOUNTS);
    let this = month();
    let (next, begins) = next_month(&this);
    let before_the_end = begins - now() - 2;
    let clients = Clients::start(&service.socket, &ids);
    let go = |count| {
        let before = receiver.with(|log| log.seen.len());
        until("messages go", || receiver.with(|log| log.seen.len()) >= before + count);
    };
    // Set back, what is accepted from then on is due before what waits still: those numbers.
    let mut set_back = Vec::new();
    let mut set = |offset_s, is_back| {
        let first = counts(&service.socket, &ids);
        clock.set(offset_s);
        // One request of each client may be in a flush that had looked at the clock before.
        let accepted = clients.accepted();
        let most = ACCOUNTS * MOST_OF_REQUEST;
        until("a flush looks at the clock", || clients.accepted() > accepted + most);
        if is_back {
            set_back.push((first, counts(&service.socket, &ids)));
        }
        go(80);
    };
    go(80);
    set(HOURS_3, false);
    set(0, true);
    set(-HOURS_3, true);
    set(before_the_end, false);
    // The month ends while messages go.
    let sent_in_next = || {
        let sent = ids.iter().flat_map(|account| messages(&service.socket, account));
        let at = |message: &Value| message["at"].as_str().unwrap().starts_with(&next);
        sent.filter(at).count()
    };
    until("the month ends", || sent_in_next() > 40);
    set(before_the_end - HOURS_3, true);
    // What waits for the clock that was ahead has it again.
    set(before_the_end + HOURS_3, false);
    let accepted = clients.end();

    let may_overtake = |account: &str, overtaken: u64, by: u64| {
        let place = ids.iter().position(|id| id == account).unwrap();
        set_back.iter().any(|(first, then)| overtaken <= then[place] && by > first[place])
    };
    let months = BTreeSet::from([this, next.clone(), month()]);
    let socket = &service.socket;
    let totals = checker::check_but_for(&may_overtake, socket, &ids, &accepted, &receiver, months);
    println!("the clock was set 6 times: {totals:?}");
    assert_eq!((totals.unknown, totals.late), (0, 0), "21: {totals:?}");
    // A period that has begun stays begun.
    let usage = |period: &str| {
        let order = Order::Usage { team: TEAM.to_owned(), period: Some(period.to_owned()) };
        ask(&service.socket, &order).unwrap()["messages"].as_u64().unwrap()
    };
    assert!(usage(&next) >= 160, "what goes after a month's end counts after it");
    service.stop();
}
