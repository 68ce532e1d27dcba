//! The network between the service and PostgreSQL fails: the server is away, goes and comes back,
//! is silent, is far, and a connection breaks just as a transaction is committed.

use std::{
    collections::BTreeSet,
    env,
    net::{SocketAddr, TcpListener},
    time::{Duration, Instant},
};

use tierwise_server::{Order, ask};

use crate::{
    checker::{self, month},
    client::{Accepted, Clients},
    proxy::{Commit, Proxy},
    receiver::{Receiver, Seen},
    service::{Kept, LEASE_MS, Service, Site, accounts, until},
};

const ACCOUNTS: usize = 4;

/// How often the way is cut, and how often a commit breaks, in each of two ways.
const CUTS: usize = 2;
const BROKEN_COMMITS: usize = 2;

/// A session that is half open in the middle of a transaction holds its locks so long at most.
const LETS_GO: Duration = Duration::from_secs(3);

/// A service and a way to its PostgreSQL.
struct Place {
    receiver: Receiver,
    site: Site,
    proxy: Proxy,
    below: [String; 2],
}

/// What has a service find PostgreSQL at a URL.
fn below(url: &str) -> [String; 2] {
    ["env".to_owned(), format!("TIERWISE_POSTGRES={url}")]
}

impl Place {
    fn new() -> Self {
        let receiver = Receiver::start();
        let site = Site::new(Kept::Postgres, &receiver);
        let (proxy, url) = Proxy::of(&env::var("TIERWISE_POSTGRES").unwrap());
        Place { receiver, site, proxy, below: below(&url) }
    }

    /// A service by the way.
    fn start(&self) -> Service {
        self.site.start("by", &self.below)
    }

    /// Waits until so many messages more have gone.
    fn go(&self, count: usize) {
        let before = self.receiver.with(|log| log.seen.len());
        until("messages go", || self.receiver.with(|log| log.seen.len()) >= before + count);
    }
}

/// Ends with one of the codes, and in the way that `docs/queue.md` names.
fn ends_with(service: &mut Service, codes: &[&str]) {
    let status = service.ended();
    assert_eq!(status.code(), Some(1), "24: {}", service.said());
    let said = service.said();
    assert!(codes.iter().any(|code| said.contains(code)), "{codes:?}: {said}");
}

#[test]
fn a_postgres_that_is_away_at_the_start_is_named_and_ends_it() {
    let receiver = Receiver::start();
    let site = Site::new(Kept::Postgres, &receiver);
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let said = |address: SocketAddr| {
        let begun = Instant::now();
        let url = format!("postgresql://somebody:secret@{address}/database");
        let mut service = site.start("away", &below(&url));
        ends_with(&mut service, &["store_away"]);
        assert!(begun.elapsed() < Duration::from_secs(8), "{:?}", begun.elapsed());
        assert!(!service.said().contains("secret"), "{}", service.said());
        service.said()
    };
    let refused = said(closed);
    assert!(refused.contains("refused"), "{refused}");
    let unheard = said(silent.local_addr().unwrap());
    assert!(unheard.contains("does not answer"), "{unheard}");
}

#[test]
fn a_postgres_that_goes_and_comes_back_costs_no_message() {
    let place = Place::new();
    let mut service = place.start();
    service.ready();
    let ids = accounts(&service.socket, ACCOUNTS);
    let clients = Clients::start(&service.socket, &ids);
    let mut months = BTreeSet::from([month()]);
    for _ in 0..CUTS {
        place.go(40);
        place.proxy.cut();
        ends_with(&mut service, &["store_away", "commit_unknown"]);
        ends_with(&mut place.start(), &["store_away"]);
        place.proxy.mend();
        service = place.start();
        service.ready();
        months.insert(month());
    }
    place.go(40);
    let accepted = clients.end();
    let totals = checker::check(&service.socket, &ids, &accepted, &place.receiver, months);
    println!("{CUTS} cuts: {totals:?}");
    service.stop();
}

#[test]
fn a_commit_whose_answer_is_lost_loses_and_doubles_nothing() {
    let place = Place::new();
    let mut service = place.start();
    service.ready();
    let ids = accounts(&service.socket, ACCOUNTS);
    let clients = Clients::start(&service.socket, &ids);
    let mut months = BTreeSet::from([month()]);
    let ways = [Commit::IsNotAnswered, Commit::IsLost];
    for what in ways.into_iter().cycle().take(2 * BROKEN_COMMITS) {
        place.go(40);
        place.proxy.next_commit(what);
        ends_with(&mut service, &["commit_unknown"]);
        place.proxy.mend();
        service = place.start();
        service.ready();
        months.insert(month());
    }
    place.go(40);
    let accepted = clients.end();
    let totals = checker::check(&service.socket, &ids, &accepted, &place.receiver, months);
    println!("{BROKEN_COMMITS} commits broken in each way: {totals:?}");
    service.stop();
}

#[test]
fn a_runner_whose_words_are_swallowed_is_taken_over_and_sends_nothing_beside_the_other() {
    let place = Place::new();
    let mut stays = place.site.start("stays", &[]);
    stays.ready();
    let ids = accounts(&stays.socket, ACCOUNTS);
    let mut half = place.start();
    half.ready();
    let months = BTreeSet::from([month()]);
    // Each account is asked of one of them, and sent by either.
    let (of_stays, of_half) = ids.split_at(ACCOUNTS / 2);
    let clients = [Clients::start(&stays.socket, of_stays), Clients::start(&half.socket, of_half)];
    place.go(60);
    place.proxy.swallow();
    let begun = Instant::now();
    // What it had out is given up, and what it had taken goes.
    let is_settled = |account: &String| {
        let why = ask(&stays.socket, &Order::Why { account: account.clone() }).unwrap();
        why["state"] == "empty"
    };
    until("the other takes over", || of_half.iter().all(is_settled));
    let taken_over = begun.elapsed();
    let most = Duration::from_millis(LEASE_MS) + LETS_GO + Duration::from_secs(2);
    assert!(taken_over < most, "16: {taken_over:?}");
    ends_with(&mut half, &["store_away", "commit_unknown"]);
    place.proxy.mend();
    half = place.start();
    half.ready();
    place.go(60);
    let accepted: Accepted = clients.into_iter().flat_map(Clients::end).collect();
    let months = months.into_iter().chain([month()]).collect();
    let totals = checker::check(&stays.socket, &ids, &accepted, &place.receiver, months);
    println!("swallowed: taken over after {taken_over:.1?}, {totals:?}");
    half.stop();
    stays.stop();
}

#[test]
fn a_postgres_that_is_far_costs_time_and_no_message() {
    let place = Place::new();
    let mut service = place.start();
    service.ready();
    let ids = accounts(&service.socket, ACCOUNTS);
    place.proxy.delay(Duration::from_millis(50));
    let begun = Instant::now();
    let clients = Clients::start(&service.socket, &ids);
    let months = BTreeSet::from([month()]);
    until("messages are accepted", || clients.accepted() >= 4 * ACCOUNTS);
    let accepted = clients.end();
    let gone = || place.receiver.with(|log| log.seen.len());
    until("they go", || gone() >= accepted.len());
    let took = begun.elapsed();
    place.proxy.delay(Duration::ZERO);
    let months = months.into_iter().chain([month()]).collect();
    let totals = checker::check(&service.socket, &ids, &accepted, &place.receiver, months);
    println!("50 ms a packet: {totals:?} in {took:.1?}");
    assert_eq!(totals.unknown, 0, "{totals:?}");
    // Its lease does not run out on the way: each is claimed once.
    let again = |seen: &&Seen| seen.fence != seen.number;
    let again = place.receiver.with(|log| log.seen.iter().filter(again).count());
    assert_eq!(again, 0, "tried again");
    service.stop();
}
