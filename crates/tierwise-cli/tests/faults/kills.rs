//! Killed at any moment, again and again: nothing that was accepted is lost, doubled or overtaken.
//! `TIERWISE_KILLS` says how often; `cargo xtask torture` does it a thousand times.

use std::{
    collections::BTreeSet,
    env, thread,
    time::{Duration, Instant},
};

use oorandom::Rand64;

use crate::{
    checker::{self, month},
    client::Clients,
    receiver::Receiver,
    service::{Kept, LEASE_MS, Site, accounts},
};

/// Kills of a test run, over both stores.
const KILLS: usize = 60;

const ACCOUNTS: usize = 8;

fn killed_again_and_again(kept: Kept, seed: u128) {
    let kills = env::var("TIERWISE_KILLS").map_or(KILLS, |text| text.parse().unwrap()) / 2;
    let receiver = Receiver::start();
    let site = Site::new(kept, &receiver);
    let mut service = site.start("one", &[]);
    service.ready();
    let ids = accounts(&service.socket, ACCOUNTS);
    let clients = Clients::start(&service.socket, &ids);
    let mut months = BTreeSet::from([month()]);
    let mut random = Rand64::new(seed);
    let mut recovered = Vec::new();
    let begun = Instant::now();
    for number in 1..=kills {
        thread::sleep(life(kept, number, &mut random));
        service.kill();
        months.insert(month());
        service = site.start("one", &[]);
        // Some are killed while they still look at what is there.
        if random.rand_range(0..5) > 0 {
            recovered.push(service.ready());
        }
    }
    service.ready();
    let accepted = clients.end();
    let totals = checker::check(&service.socket, &ids, &accepted, &receiver, months);
    service.stop();
    recovered.sort_unstable();
    let (median, longest) = (recovered[recovered.len() / 2], recovered[recovered.len() - 1]);
    println!(
        "{kept:?}: {kills} kills in {:.1?}, {totals:?}; answers again after {median:.1?}, at most \
         {longest:.1?}",
        begun.elapsed()
    );
    // A world in which nothing happens would prove nothing.
    assert!(totals.unknown >= kills / 10 && totals.sent > kills * 10, "{totals:?}");
}

/// How long it lives until it is killed. Several runners may share a PostgreSQL: who takes over
/// waits for a lease, so it is let live for that long now and then.
fn life(kept: Kept, number: usize, random: &mut Rand64) -> Duration {
    let short = Duration::from_micros(random.rand_range(0..250_000));
    match kept {
        Kept::Postgres if number.is_multiple_of(8) => {
            short + Duration::from_millis(LEASE_MS + 1000)
        }
        Kept::Postgres | Kept::Sqlite => short,
    }
}

#[test]
fn killed_at_any_moment_on_sqlite_nothing_is_lost_doubled_or_overtaken() {
    killed_again_and_again(Kept::Sqlite, 1);
}

#[test]
fn killed_at_any_moment_on_postgres_nothing_is_lost_doubled_or_overtaken() {
    killed_again_and_again(Kept::Postgres, 2);
}
