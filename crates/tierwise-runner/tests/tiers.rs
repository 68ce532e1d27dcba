//! A catalog that lacks a tier of a ledger is refused before it decides anything: bills of teams
//! that ever had the tier could not be made. PostgreSQL is the one that `TIERWISE_POSTGRES` names.
#![allow(clippy::panic, clippy::unwrap_used, reason = "tests")]

mod world;

use std::sync::Arc;

use tierwise_lanes::{Moment, Span};
use tierwise_runner::*;
use tierwise_wire::LoadedCatalog;
use world::{FULL, LIMITED, PLAIN, schema::Schema};

/// A policy on the messaging catalog with another name for each of these tiers.
fn without(tiers: &[&str]) -> Arc<Policy> {
    let mut catalog = LoadedCatalog::messaging().canonical_json().to_owned();
    for tier in tiers {
        catalog = catalog.replace(&format!("\"{tier}\""), &format!("\"other_{tier}\""));
    }
    let catalog = LoadedCatalog::load(catalog.as_bytes()).unwrap();
    Arc::new(Policy::new(None, catalog).unwrap())
}

fn engine(store: Box<dyn Store>, policy: Arc<Policy>) -> Stored<Engine> {
    Engine::start(store, policy, Terms::default())
}

fn ask(engine: &mut Engine, request: Request) -> Refused<Answer> {
    engine.flush(vec![request], 0, &|| Span(0)).unwrap().answers.pop().unwrap()
}

fn create(engine: &mut Engine, team: &str, tier: &str) -> Refused<Answer> {
    ask(engine, Request::Create(world::account(team, tier)))
}

fn change(engine: &mut Engine, account: &str, change: Change) {
    let account = account.to_owned();
    ask(engine, Request::Change { account, team: None, change }).unwrap();
}

/// The runners of a store: what a start writes first.
fn runners(store: &mut dyn Store) -> Vec<(Epoch, u64)> {
    store.begin().unwrap().others(Epoch(0)).unwrap()
}

/// Both stores in turn: what opens one makes it anew over what is kept.
fn holds(open: &dyn Fn() -> Box<dyn Store>) {
    let all = world::policy();
    let mut first = engine(open(), all.clone()).unwrap();
    // Nothing is missing where no account ever was.
    first.swap(without(&[LIMITED, PLAIN, FULL])).unwrap().unwrap();
    first.swap(all.clone()).unwrap().unwrap();
    let Ok(Answer::Created { account, .. }) = create(&mut first, "team", PLAIN) else { panic!() };
    let to = Update { tier: Some(FULL.to_owned()), ..Update::default() };
    change(&mut first, &account, Change::Update(to));
    change(&mut first, &account, Change::Delete { if_report: None });

    // It had the one, then the other, and is deleted: its days are billed.
    for tier in [PLAIN, FULL] {
        let refusal = first.swap(without(&[tier, LIMITED])).unwrap().unwrap_err();
        assert_eq!((refusal.code, refusal.status), ("tiers_missing", 409));
        assert!(refusal.message.contains(&format!("`{tier}`;")), "{refusal}");
        assert_eq!(first.policy().catalog().fingerprint(), all.catalog().fingerprint());
        create(&mut first, "team", tier).unwrap();
    }
    first.swap(without(&[LIMITED])).unwrap().unwrap();
    first.stop().unwrap();

    let error = engine(open(), without(&[FULL, PLAIN])).err().unwrap();
    assert_eq!(error.code, "tiers_missing");
    assert!(error.message.contains(&format!("`{FULL}`, `{PLAIN}`;")), "{error}");
    assert_eq!(runners(&mut *open()), [], "nothing was changed");
    engine(open(), without(&[LIMITED])).unwrap();
}

#[test]
fn a_catalog_that_lacks_tiers_is_refused_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("queue.db");
    holds(&|| Box::new(Sqlite::open(&path).unwrap()));
}

#[test]
fn a_catalog_that_lacks_tiers_is_refused_on_postgresql() {
    let schema = Schema::new();
    holds(&|| Box::new(schema.open()));
}

/// Another runner's catalog may know more tiers, and a file may be spoilt.
#[test]
fn a_ledger_that_cannot_be_read_is_its_teams_alone() {
    let folder = tempfile::tempdir().unwrap();
    let store = Sqlite::open(&folder.path().join("queue.db")).unwrap();
    let mut engine = engine(Box::new(store), world::policy()).unwrap();
    create(&mut engine, "team", PLAIN).unwrap();
    let mut transaction = engine.store().begin().unwrap();
    let step = LifeStep::Create("gold".to_owned());
    let (team, account) = ("team".to_owned(), AccountKey(9));
    let row = LifeRow { team, entry: 2, account, at: Moment(i64::from(i32::MAX)), step };
    transaction.append_life(&row).unwrap();
    transaction.commit().unwrap();
    let refused = create(&mut engine, "team", PLAIN).unwrap_err();
    assert_eq!(refused.code, "ledger_damaged");
    create(&mut engine, "other", PLAIN).unwrap();
}
