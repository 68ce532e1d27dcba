//! A schema of a test's own in the PostgreSQL that `TIERWISE_POSTGRES` names.

use std::{
    env, process,
    sync::atomic::{AtomicU32, Ordering},
};

use tierwise_runner::Postgres;
use tokio_postgres::{Client, NoTls};

const MISSING: &str = "this test needs a PostgreSQL: run it by `cargo xtask postgres -- cargo test \
    -p tierwise-runner`, or name one in TIERWISE_POSTGRES, `postgresql://user@host/database`";

/// A schema that is dropped at the end.
#[derive(Debug)]
pub(crate) struct Schema {
    pub(crate) name: String,
    pub(crate) url: String,
}

impl Schema {
    /// A name that no other test has; nothing is there yet.
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let next = NEXT.fetch_add(1, Ordering::Relaxed);
        let url = env::var("TIERWISE_POSTGRES").unwrap_or_else(|_| panic!("{MISSING}"));
        Schema { name: format!("test_{}_{next}", process::id()), url }
    }

    /// Its name as it stands in SQL.
    pub(crate) fn quoted(&self) -> String {
        format!("\"{}\"", self.name.replace('"', "\"\""))
    }

    /// A store in it, whose session is called as it is.
    pub(crate) fn open(&self) -> Postgres {
        let url = format!("{}?application_name={}", self.url, self.name);
        Postgres::connect(&url, &self.name).unwrap()
    }

    /// What somebody else does in it.
    pub(crate) fn run(&self, script: &str) {
        self.with(async |client| client.batch_execute(script).await.unwrap());
    }

    /// The number that somebody else reads in it.
    pub(crate) fn count(&self, sql: &str) -> i64 {
        self.with(async |client| client.query_one(sql, &[]).await.unwrap().get(0))
    }

    /// The texts that somebody else reads in it.
    pub(crate) fn texts(&self, sql: &str) -> Vec<String> {
        self.with(async |client| {
            let rows = client.query(sql, &[]).await.unwrap();
            rows.iter().map(|row| row.get(0)).collect()
        })
    }

    fn with<T>(&self, work: impl AsyncFnOnce(&Client) -> T) -> T {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let (client, connection) = tokio_postgres::connect(&self.url, NoTls).await.unwrap();
            tokio::spawn(connection);
            let path = format!("set search_path = {}", self.quoted());
            client.batch_execute(&path).await.unwrap();
            work(&client).await
        })
    }
}

impl Drop for Schema {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.run(&format!("drop schema if exists {} cascade", self.quoted()));
        }
    }
}
