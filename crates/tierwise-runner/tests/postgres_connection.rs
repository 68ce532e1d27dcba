//! A PostgreSQL that is away, foreign, of another version, or goes away: what is said, and what is
//! kept. `TIERWISE_POSTGRES` names one that is there.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod world;

use std::{
    net::TcpListener,
    sync::{Arc, Barrier},
    thread,
    time::{Duration, Instant},
};

use tierwise_runner::*;
use world::{
    proxy::{Commit, Proxy},
    schema::Schema,
};

fn refused(url: &str, schema: &str) -> StoreError {
    Postgres::connect(url, schema).unwrap_err()
}

#[test]
fn runners_that_start_at_once_make_one_schema() {
    let schema = Arc::new(Schema::new());
    let barrier = Arc::new(Barrier::new(6));
    let starts: Vec<_> = (0..6)
        .map(|_| {
            let (schema, barrier) = (schema.clone(), barrier.clone());
            thread::spawn(move || {
                barrier.wait();
                let mut store = schema.open();
                store.begin().unwrap().register().unwrap();
            })
        })
        .collect();
    for start in starts {
        start.join().unwrap();
    }
    assert_eq!(schema.count("select max(version) from tierwise_store"), 1);
}

#[test]
fn a_schema_of_a_later_version_is_left_alone() {
    let schema = Schema::new();
    drop(schema.open());
    schema.run("update tierwise_store set version = 99");
    let error = refused(&schema.url, &schema.name);
    assert_eq!(error.code, "store_newer");
    assert!(error.message.contains("99"), "{error}");
}

#[test]
fn tables_of_somebody_else_are_left_alone() {
    let schema = Schema::new();
    let create = format!("create schema {0}; create table {0}.account (id text)", schema.name);
    schema.run(&create);
    let error = refused(&schema.url, &schema.name);
    assert_eq!(error.code, "store_foreign");
    assert!(error.message.contains("`account`"), "{error}");
    let tables = "select count(*) from pg_tables where schemaname = current_schema()";
    assert_eq!(schema.count(tables), 1);

    let other = Schema::new();
    let create = format!("create schema {0}; create table {0}.tierwise_store (a text)", other.name);
    other.run(&create);
    assert_eq!(refused(&other.url, &other.name).code, "store_foreign");
}

#[test]
fn a_name_is_quoted() {
    let mut schema = Schema::new();
    schema.name.push_str(r#" "Te;st""#);
    let mut store = Postgres::connect(&schema.url, &schema.name).unwrap();
    store.begin().unwrap().register().unwrap();
    assert_eq!(schema.count("select max(version) from tierwise_store"), 1);
}

#[test]
fn a_server_that_is_away_is_named_within_seconds() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    for address in [closed, silent.local_addr().unwrap()] {
        let begun = Instant::now();
        let error = refused(&format!("postgresql://somebody:secret@{address}/database"), "queue");
        assert_eq!(error.code, "store_away", "{error}");
        assert!(!error.message.contains("secret"), "{error}");
        assert!(begun.elapsed() < Duration::from_secs(8), "{:?}", begun.elapsed());
    }
    let error = refused("postgresql://somebody:secret@host:port/database", "queue");
    assert_eq!(error.code, "bad_url");
    assert!(!error.message.contains("secret"), "{error}");
}

#[test]
fn a_server_that_goes_away_is_noticed() {
    let schema = Schema::new();
    let mut store = schema.open();
    let mut transaction = store.begin().unwrap();
    schema.run(&format!(
        "select pg_terminate_backend(pid) from pg_stat_activity where application_name = '{}'",
        schema.name
    ));
    let error = transaction.next_ready().unwrap_err();
    assert_eq!(error.code, "store_away", "{error}");
    drop(transaction);
    assert_eq!(store.begin().map(drop).unwrap_err().code, "store_away");
}

#[test]
fn a_connection_that_is_lost_at_the_commit_leaves_its_outcome_unknown() {
    for (what, kept) in [(Commit::IsLost, 0), (Commit::IsNotAnswered, 1)] {
        let schema = Schema::new();
        let (proxy, url) = Proxy::of(&schema.url);
        let url = format!("{url}&application_name={}", schema.name);
        let mut store = Postgres::connect(&url, &schema.name).unwrap();
        let mut transaction = store.begin().unwrap();
        transaction.put_invoice("team", "2026-04", "{}").unwrap();
        // Written, and not committed.
        assert!(transaction.invoice("team", "2026-04").unwrap().is_some());
        proxy.next_commit(what);
        let error = transaction.commit().unwrap_err();
        assert_eq!(error.code, "commit_unknown", "{what:?}: {error}");
        // The server notices soon.
        let begun = Instant::now();
        let session = format!(
            "select count(*) from pg_stat_activity where application_name = '{}'",
            schema.name
        );
        while schema.count("select count(*) from invoice") != kept || schema.count(&session) > 0 {
            assert!(begun.elapsed() < Duration::from_secs(5), "{what:?}");
            thread::sleep(Duration::from_millis(20));
        }
    }
}

#[test]
fn a_commit_that_the_server_refuses_is_known_to_be_none() {
    let schema = Schema::new();
    let mut store = schema.open();
    let mut transaction = store.begin().unwrap();
    transaction.put_invoice("team", "2026-04", "{}").unwrap();
    transaction.put_invoice("team", "2026-04", "{}").unwrap();
    assert_eq!(transaction.commit().unwrap_err().code, "store_failed");
    assert_eq!(schema.count("select count(*) from invoice"), 0);
    // The connection is as good as before.
    let mut transaction = store.begin().unwrap();
    transaction.put_invoice("team", "2026-04", "{}").unwrap();
    transaction.commit().unwrap();
    assert_eq!(schema.count("select count(*) from invoice"), 1);
}
