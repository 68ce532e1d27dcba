//! The schema and its versions.

use std::time::Duration;

use super::session::Session;
use crate::store::{StoreError, Stored};

/// The schema, one step for each version.
const MIGRATIONS: &[&str] = &[include_str!("schema.sql")];

/// The table that says whose the others are, and of which version.
const MARK: &str = "tierwise_store";

/// Tables that nobody else may have in the schema.
const TABLES: &[&str] = &[
    MARK,
    "policy",
    "runner",
    "team",
    "account",
    "profile",
    "message",
    "waiting",
    "chat_gap",
    "contact",
    "decision",
    "outcome",
    "life",
    "counted",
    "invoice",
    "team_profile",
    "person",
    "membership",
    "refresh_token",
];

/// What a migration may take; another runner that starts meanwhile waits as long.
const PATIENCE: Duration = Duration::from_secs(600);

/// How often two runners that start at once may make the same thing.
const ATTEMPTS: u32 = 10;

/// Brings a schema to the present version. The first of several runners that start at once locks
/// the row of the version, and the others find its work done. Errors: `store_newer`,
/// `store_foreign`, `store_failed`, `store_away`.
pub(super) fn migrate(session: &mut Session, schema: &str) -> Stored<()> {
    let quoted = format!("\"{}\"", schema.replace('"', "\"\""));
    session.query("select set_config('search_path', $1, false)", &[&quoted])?;
    mark(session, schema, &quoted)?;
    session.run_script("begin", PATIENCE)?;
    let migrated = migrate_locked(session, schema);
    match migrated {
        Ok(()) => session.run_script("commit", PATIENCE),
        Err(error) => {
            // The first reason counts; the connection is closed anyway.
            let _ = session.roll_back();
            Err(error)
        }
    }
}

/// Sees to it that the schema is there, and is marked as ours.
fn mark(session: &mut Session, schema: &str, quoted: &str) -> Stored<()> {
    let mut attempt = 0;
    loop {
        let there = tables_of(session, schema)?;
        if there.iter().any(|table| table == MARK) {
            return Ok(());
        }
        refuse_foreign(schema, &there)?;
        let sql = "select exists (select from pg_namespace where nspname = $1::text)";
        let has_schema = session.query_one(sql, &[&schema])?.is_some_and(|row| row.get(0));
        let create = if has_schema { "" } else { &format!("create schema {quoted};") };
        let script = format!(
            "begin; {create} \
             create table {MARK} (\
             is_one boolean primary key check (is_one), version bigint not null); \
             insert into {MARK} values (true, 0); commit"
        );
        let Err(error) = session.run_script(&script, PATIENCE) else { return Ok(()) };
        session.roll_back()?;
        attempt += 1;
        // Another runner made it at the same time: it is there now, or it is soon.
        if !is_made_twice(&error) || attempt == ATTEMPTS {
            return Err(error);
        }
    }
}

fn is_made_twice(error: &StoreError) -> bool {
    ["23505", "42P06", "42P07", "42710"].iter().any(|state| error.message.contains(state))
}

fn tables_of(session: &mut Session, schema: &str) -> Stored<Vec<String>> {
    let sql = "select relname::text from pg_class join pg_namespace on \
        pg_namespace.oid = relnamespace where nspname = $1::text and relname::text = any($2)";
    let rows = session.query(sql, &[&schema, &TABLES])?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}

fn refuse_foreign(schema: &str, there: &[String]) -> Stored<()> {
    if there.is_empty() {
        return Ok(());
    }
    let message = format_args!(
        "the schema `{schema}` has tables of the same names that are not Tierwise's: `{}`; name \
         another schema",
        there.join("`, `")
    );
    Err(StoreError::new("store_foreign", message))
}

fn migrate_locked(session: &mut Session, schema: &str) -> Stored<()> {
    let locked = session.query_one("select version from tierwise_store for update", &[]);
    let row = locked.map_err(|error| match error.code {
        "store_failed" => {
            let message = format_args!(
                "the table `{schema}.{MARK}` is not Tierwise's ({error}); name another schema"
            );
            StoreError::new("store_foreign", message)
        }
        _ => error,
    })?;
    let version = row.as_ref().and_then(|row| row.try_get::<_, i64>(0).ok());
    let Some(version) = version else {
        let message = format_args!("the table `{schema}.{MARK}` does not say a version");
        return Err(StoreError::new("store_foreign", message));
    };
    let newest = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
    if version > newest {
        let message = format_args!(
            "the schema `{schema}` has version {version}, and this program knows versions up to \
             {newest}: use the program that wrote it, or a later one"
        );
        return Err(StoreError::new("store_newer", message));
    }
    for (step, next) in MIGRATIONS.iter().zip(1_i64..) {
        if next <= version {
            continue;
        }
        session.run_script(step, PATIENCE)?;
        session.execute("update tierwise_store set version = $1", &[&next])?;
    }
    Ok(())
}
