//! The store that several runners share: PostgreSQL 15 or later.

mod ahead;
mod bulk;
mod changing;
mod creations;
mod listing;
mod migrate;
mod moving;
mod people;
mod read;
mod reader;
mod rows;
mod session;
mod sql;
mod tls;
mod transaction;

use std::time::Duration;

use tierwise_lanes::Moment;

use self::{
    migrate::migrate, reader::PostgresReader, session::Session, transaction::PostgresTransaction,
};
use super::{OpenReader, Store, StoreError, Stored, Transaction};
use crate::model::Epoch;

/// The first version whose statements are all understood, as the server counts.
const OLDEST_SERVER: i32 = 150_000;

/// How this session works. The limits in time are shorter than a lease, one inside the other, so
/// that what hangs ends before it is taken for dead, and whoever waits for it goes on:
/// * a runner that stops in the middle of a transaction lets go of what it has locked;
/// * whoever waits for a lock waits longer than that;
/// * a statement ends, before this side gives up waiting for its answer.
///
/// Every statement looks up a few rows by an index. Planned anew each time, that costs more than
/// running it; planned once, while tables are small, it must not become a scan that stays when
/// they are large; nor must it sort what an index has in order, of which it may need the first row.
const SETTINGS: &str = "\
    set idle_in_transaction_session_timeout = '3s'; \
    set lock_timeout = '5s'; \
    set statement_timeout = '6s'; \
    set plan_cache_mode = force_generic_plan; \
    set enable_seqscan = off; \
    set enable_hashjoin = off; \
    set enable_mergejoin = off; \
    set enable_bitmapscan = off; \
    set enable_sort = off; \
    set jit = off; \
    select set_config('synchronous_commit', 'on', false) \
        where current_setting('synchronous_commit') = 'off';";

/// How long the settings may take.
const SETTING_UP: Duration = Duration::from_secs(5);

/// A store in a schema of a PostgreSQL database, over one connection. Several runners, each with a
/// store of its own, share one schema.
///
/// It waits for the server on the thread that calls it, and must not be used on a thread that runs
/// asynchronous tasks.
pub struct Postgres {
    session: Session,
    /// There may be a password in it.
    url: String,
    schema: String,
    clock: Option<Clock>,
    /// The runner that this store last showed to be alive.
    runner: Option<Epoch>,
    /// Entries that this store has put into the ledger of decisions.
    entries: i64,
    /// A transaction was begun, and did not end.
    is_open: bool,
}

/// Another clock than the server's: milliseconds since 1970 in UTC.
type Clock = Box<dyn Fn() -> i64 + Send>;

impl Postgres {
    /// Connects to a database by its URL, `postgresql://user:password@host/database`, and brings a
    /// schema in it to the present version; it is made if it is not there. Errors: `bad_url`;
    /// `store_away`, the server does not answer within seconds; `store_untrusted`, it is not whom
    /// `sslmode` and `sslrootcert` in the URL ask for; `store_old`, it is older than PostgreSQL 15;
    /// `store_newer`, a later version of this program wrote the schema; `store_foreign`, there are
    /// tables in it that are not ours; `store_failed`.
    pub fn connect(url: &str, schema: &str) -> Stored<Self> {
        if schema.is_empty() || schema.len() > 63 || schema.contains('\0') {
            let message = format_args!("`{schema}` is no name of a schema: 1 to 63 bytes");
            return Err(StoreError::new("bad_schema", message));
        }
        let mut session = Session::connect(url)?;
        check_server(&mut session)?;
        migrate(&mut session, schema)?;
        session.run_script(SETTINGS, SETTING_UP)?;
        session.prepare(&sql::OF_FLUSHES)?;
        let (url, schema) = (url.to_owned(), schema.to_owned());
        let (clock, runner, entries, is_open) = (None, None, 0, false);
        Ok(Postgres { session, url, schema, clock, runner, entries, is_open })
    }

    /// The same with another clock, in milliseconds since 1970 in UTC: for tests.
    #[must_use]
    pub fn with_clock(mut self, clock: impl Fn() -> i64 + Send + 'static) -> Self {
        self.clock = Some(Box::new(clock));
        self
    }
}

/// Errors: `store_old`, `store_failed`.
fn check_server(session: &mut Session) -> Stored<()> {
    let sql = "select current_setting('server_version_num')::integer, \
        current_setting('server_version'), current_setting('server_encoding')";
    let Some(row) = session.query_one(sql, &[])? else {
        return Err(StoreError::new("store_failed", "PostgreSQL does not say its version"));
    };
    let (version, name, encoding): (i32, String, String) = (row.get(0), row.get(1), row.get(2));
    if version < OLDEST_SERVER {
        let message = format_args!("the server is PostgreSQL {name}; use version 15 or later");
        return Err(StoreError::new("store_old", message));
    }
    if encoding != "UTF8" {
        let message = format_args!(
            "the database is encoded in {encoding}, which cannot hold every message: create one \
             with `encoding 'UTF8'`"
        );
        return Err(StoreError::new("store_failed", message));
    }
    Ok(())
}

impl Store for Postgres {
    fn begin(&mut self) -> Stored<Box<dyn Transaction + '_>> {
        if self.is_open {
            self.session.roll_back()?;
        }
        self.is_open = true;
        self.session.forget();
        self.session.simply_later("begin isolation level read committed read write");
        let now = self.clock.as_ref().map(|clock| Moment(clock()));
        let Postgres { session, runner, entries, is_open, .. } = self;
        Ok(Box::new(PostgresTransaction::begin(session, runner, entries, is_open, now)?))
    }

    fn is_shared(&self) -> bool {
        true
    }

    fn is_any_ready(&mut self) -> Stored<bool> {
        let now = self.clock.as_ref().map(|clock| clock());
        let row = self.session.query_one(sql::IS_ANY_READY, &[&now])?;
        Ok(rows::first(row.as_ref())?.unwrap_or_default())
    }

    fn readers(&self) -> Option<OpenReader> {
        let (url, schema) = (self.url.clone(), self.schema.clone());
        Some(Box::new(move || PostgresReader::open(&url, &schema)))
    }
}

impl std::fmt::Debug for Postgres {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Postgres")
            .field("schema", &self.schema)
            .field("runner", &self.runner)
            .finish_non_exhaustive()
    }
}
