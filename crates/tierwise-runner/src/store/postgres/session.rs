//! One connection: statements prepared once, and those whose result nobody waits for sent together
//! with the next that is waited for.

use std::{
    collections::HashMap,
    fmt::Write as _,
    future::{Future, poll_fn},
    pin::{Pin, pin},
    task::Poll,
    time::Duration,
};

use tokio::{runtime::Runtime, time::timeout};
use tokio_postgres::{
    Client, Error, Row, Statement, config::TargetSessionAttrs, error::SqlState, types::ToSql,
};

use super::tls;
use crate::store::{StoreError, Stored};

/// How long an answer may take. Longer than the server's own limits, which give a better reason,
/// and shorter than a lease: whoever waits longer is thought gone by the others.
const PATIENCE: Duration = Duration::from_secs(7);

/// How long a connection may take to come about; and how long one host of several may take.
const CONNECTING: Duration = Duration::from_secs(5);
const ONE_HOST: Duration = Duration::from_secs(2);

/// A parameter that is kept until its statement is sent.
pub(super) type Parameter = Box<dyn ToSql + Sync + Send>;

/// Parameters that are kept.
macro_rules! parameters {
    ($($value:expr),* $(,)?) => {
        vec![$(Box::new($value) as $crate::store::postgres::session::Parameter),*]
    };
}
pub(super) use parameters;

/// A statement whose result nobody waits for.
enum Later {
    Simple(&'static str),
    Prepared(Statement, Vec<Parameter>),
}

/// What has been sent and is not answered yet.
type Sent<'a, T> = Pin<Box<dyn Future<Output = Result<T, Error>> + 'a>>;

pub(super) struct Session {
    runtime: Runtime,
    client: Client,
    statements: HashMap<&'static str, Statement>,
    later: Vec<Later>,
    /// An answer is missing: what comes next from the server is not known.
    is_lost: bool,
}

impl Session {
    /// Connects. Errors: `bad_url`, `store_away`, `store_untrusted`, `store_failed`.
    pub(super) fn connect(url: &str) -> Stored<Self> {
        let (mut config, connector) = tls::target(url)?;
        if config.get_application_name().is_none() {
            config.application_name("tierwise");
        }
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(ONE_HOST);
        }
        // A peer that vanished without a word is noticed by the kernel.
        config
            .keepalives(true)
            .keepalives_idle(Duration::from_secs(5))
            .keepalives_interval(Duration::from_secs(2))
            .keepalives_retries(3)
            .tcp_user_timeout(PATIENCE)
            .target_session_attrs(TargetSessionAttrs::ReadWrite);
        let mut builder = tokio::runtime::Builder::new_current_thread();
        let runtime = builder.enable_all().build();
        let runtime = runtime.map_err(|error| StoreError::new("store_failed", error))?;
        let connecting = async { timeout(CONNECTING, config.connect(connector)).await };
        let (client, connection) = match runtime.block_on(connecting) {
            Ok(Ok(both)) => both,
            Ok(Err(error)) => return Err(failed(&error)),
            Err(_) => return Err(StoreError::new("store_away", SILENT)),
        };
        runtime.spawn(async move {
            if let Err(error) = connection.await {
                tracing::warn!("the connection to PostgreSQL ended: {}", causes(&error));
            }
        });
        let (statements, later) = (HashMap::new(), Vec::new());
        Ok(Session { runtime, client, statements, later, is_lost: false })
    }

    /// Runs statements that give nothing, at once: they are not prepared.
    pub(super) fn run_script(&mut self, script: &str, patience: Duration) -> Stored<()> {
        let Session { runtime, client, .. } = self;
        let ran = runtime.block_on(async { timeout(patience, client.batch_execute(script)).await });
        match ran {
            Ok(ran) => ran.map_err(|error| failed(&error)),
            Err(_) => Err(self.lose()),
        }
    }

    fn lose(&mut self) -> StoreError {
        self.is_lost = true;
        StoreError::new("store_away", SILENT)
    }

    fn statement(&mut self, sql: &'static str) -> Stored<Statement> {
        if let Some(statement) = self.statements.get(sql) {
            return Ok(statement.clone());
        }
        let Session { runtime, client, .. } = self;
        let prepared = runtime.block_on(async { timeout(PATIENCE, client.prepare(sql)).await });
        let Ok(prepared) = prepared else { return Err(self.lose()) };
        let statement = prepared.map_err(|error| failed(&error))?;
        self.statements.insert(sql, statement.clone());
        Ok(statement)
    }

    /// Prepares statements together: one way to a server that may be far.
    pub(super) fn prepare(&mut self, all: &[&'static str]) -> Stored<()> {
        let Session { runtime, client, .. } = self;
        let client = &*client;
        let sent = all.iter().map(|sql| Box::pin(client.prepare(sql)) as Sent<'_, Statement>);
        let prepared = at_once(sent.collect());
        let prepared = runtime.block_on(async { timeout(PATIENCE, prepared).await });
        let Ok(prepared) = prepared else { return Err(self.lose()) };
        let prepared = prepared.map_err(|error| failed(&error))?;
        self.statements.extend(all.iter().copied().zip(prepared));
        Ok(())
    }

    /// Has a statement sent with the next one that is waited for. What goes wrong is said then.
    pub(super) fn later(&mut self, sql: &'static str, parameters: Vec<Parameter>) -> Stored<()> {
        let statement = self.statement(sql)?;
        self.later.push(Later::Prepared(statement, parameters));
        Ok(())
    }

    /// The same for a statement without parameters that needs no preparation.
    pub(super) fn simply_later(&mut self, sql: &'static str) {
        self.later.push(Later::Simple(sql));
    }

    /// Forgets what was to be sent later.
    pub(super) fn forget(&mut self) {
        self.later.clear();
    }

    /// The rows that a statement gives, in one round trip with all that was to be sent later.
    pub(super) fn query(
        &mut self,
        sql: &'static str,
        parameters: &[&(dyn ToSql + Sync)],
    ) -> Stored<Vec<Row>> {
        let statement = self.statement(sql)?;
        let answered = self.round_trip(|client| client.query(&statement, parameters));
        answered.map_err(|unanswered| unanswered.of_statement())
    }

    /// The only row that a statement gives, if it gives one.
    pub(super) fn query_one(
        &mut self,
        sql: &'static str,
        parameters: &[&(dyn ToSql + Sync)],
    ) -> Stored<Option<Row>> {
        Ok(self.query(sql, parameters)?.into_iter().next())
    }

    /// How many rows a statement changes.
    pub(super) fn execute(
        &mut self,
        sql: &'static str,
        parameters: &[&(dyn ToSql + Sync)],
    ) -> Stored<u64> {
        let statement = self.statement(sql)?;
        let answered = self.round_trip(|client| client.execute(&statement, parameters));
        answered.map_err(|unanswered| unanswered.of_statement())
    }

    /// How a statement that is not kept goes: for a move, which waits as long as it takes.
    pub(super) fn execute_once(
        &mut self,
        sql: &str,
        parameters: &[&(dyn ToSql + Sync)],
    ) -> Stored<()> {
        self.query_once(sql, parameters).map(drop)
    }

    /// The rows of one.
    pub(super) fn query_once(
        &mut self,
        sql: &str,
        parameters: &[&(dyn ToSql + Sync)],
    ) -> Stored<Vec<Row>> {
        let Session { runtime, client, .. } = self;
        runtime.block_on(client.query(sql, parameters)).map_err(|error| failed(&error))
    }

    /// Commits, in one round trip with all that was to be sent later.
    pub(super) fn commit(&mut self) -> Stored<()> {
        let answered = self.round_trip(|client| client.batch_execute("commit"));
        answered.map_err(|unanswered| unanswered.of_commit())
    }

    /// Rolls back.
    pub(super) fn roll_back(&mut self) -> Stored<()> {
        self.forget();
        let answered = self.round_trip(|client| client.batch_execute("rollback"));
        answered.map_err(|unanswered| unanswered.of_statement())
    }

    /// Sends what was to be sent later, and one thing more; then waits for all the answers. The
    /// first that went wrong is the reason for the rest: a transaction goes no further after it,
    /// and a `commit` that stands last commits nothing.
    fn round_trip<'a, T, F>(
        &'a mut self,
        last: impl FnOnce(&'a Client) -> F,
    ) -> Result<T, Unanswered>
    where
        F: Future<Output = Result<T, Error>> + 'a,
    {
        if self.is_lost {
            return Err(Unanswered::Silence);
        }
        let later = std::mem::take(&mut self.later);
        let Session { runtime, client, is_lost, .. } = self;
        let client = &*client;
        let sent = later.iter().map(|one| send(client, one)).collect();
        let answered = in_order(sent, last(client));
        match runtime.block_on(async { timeout(PATIENCE, answered).await }) {
            Ok(answered) => answered.map_err(Unanswered::Failed),
            Err(_) => {
                *is_lost = true;
                Err(Unanswered::Silence)
            }
        }
    }
}

fn send<'a>(client: &'a Client, later: &'a Later) -> Sent<'a, ()> {
    match later {
        Later::Simple(sql) => Box::pin(client.batch_execute(sql)),
        Later::Prepared(statement, parameters) => Box::pin(async move {
            let values: Vec<&(dyn ToSql + Sync)> =
                parameters.iter().map(|value| &**value as &(dyn ToSql + Sync)).collect();
            client.execute(statement, &values).await.map(drop)
        }),
    }
}

/// Sends all, and waits for each.
async fn at_once<T>(mut sent: Vec<Sent<'_, T>>) -> Result<Vec<T>, Error> {
    let asked: Vec<_> = poll_fn(|context| {
        Poll::Ready(sent.iter_mut().map(|one| one.as_mut().poll(context)).collect())
    })
    .await;
    let mut answered = Vec::with_capacity(sent.len());
    for (one, asked) in sent.into_iter().zip(asked) {
        answered.push(match asked {
            Poll::Ready(answered) => answered?,
            Poll::Pending => one.await?,
        });
    }
    Ok(answered)
}

/// Waits for all. Each is sent by being asked for the first time, so the order is that of the list.
async fn in_order<T>(
    mut sent: Vec<Sent<'_, ()>>,
    last: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    let mut last = pin!(last);
    let (first_asked, last_asked) = poll_fn(|context| {
        let asked: Vec<_> = sent.iter_mut().map(|one| one.as_mut().poll(context)).collect();
        Poll::Ready((asked, last.as_mut().poll(context)))
    })
    .await;
    let mut failed = None;
    for (one, asked) in sent.into_iter().zip(first_asked) {
        let answered = match asked {
            Poll::Ready(answered) => answered,
            Poll::Pending => one.await,
        };
        failed = failed.or(answered.err());
    }
    let answered = match last_asked {
        Poll::Ready(answered) => answered,
        Poll::Pending => last.await,
    };
    failed.map_or(answered, Err)
}

const SILENT: &str = "PostgreSQL does not answer; see whether it runs, and whether this machine \
    reaches it";

/// Why there is no answer.
enum Unanswered {
    Silence,
    Failed(Error),
}

impl Unanswered {
    fn of_statement(self) -> StoreError {
        match self {
            Unanswered::Silence => StoreError::new("store_away", SILENT),
            Unanswered::Failed(error) => failed(&error),
        }
    }

    /// A server that says why it does not commit has not committed. One that does not answer, or
    /// that goes away while it is about to, may have.
    fn of_commit(self) -> StoreError {
        let said = match &self {
            Unanswered::Failed(error) => error.as_db_error(),
            Unanswered::Silence => None,
        };
        let is_known = said.is_some_and(|said| {
            let ends_session = matches!(said.severity(), "FATAL" | "PANIC");
            !ends_session && !said.code().code().starts_with("08") && *said.code() != UNKNOWN
        });
        let error = self.of_statement();
        if is_known {
            return error;
        }
        let message = format_args!(
            "nobody knows whether the last transaction was committed: the connection was lost \
             before PostgreSQL said so ({error})"
        );
        StoreError::new("commit_unknown", message)
    }
}

const UNKNOWN: SqlState = SqlState::T_R_STATEMENT_COMPLETION_UNKNOWN;

/// PostgreSQL's error as the store's.
pub(super) fn failed(error: &Error) -> StoreError {
    let Some(said) = error.as_db_error() else {
        // The connection, but for what this program did wrong.
        let is_ours = std::error::Error::source(error).is_some_and(|source| {
            source.is::<tokio_postgres::types::WrongType>()
                || source.is::<std::num::ParseIntError>()
        });
        if tls::is_untrusted(error) {
            let message = format_args!(
                "PostgreSQL: {}; the URL says by `sslmode` and `sslrootcert` who is trusted",
                causes(error)
            );
            return StoreError::new("store_untrusted", message);
        }
        let code = if is_ours { "store_failed" } else { "store_away" };
        return StoreError::new(code, format_args!("PostgreSQL: {}", causes(error)));
    };
    let state = said.code();
    let code = match state.code() {
        "53100" => "disk_full",
        // Waited too long for a lock, or in a circle: the same may go well the next time.
        "40001" | "40P01" | "55P03" | "57014" => "store_busy",
        "XX001" | "XX002" => "store_damaged",
        "25P03" | "53300" | "57P01" | "57P02" | "57P03" | "57P05" => "store_away",
        other if other.starts_with("08") => "store_away",
        _ => "store_failed",
    };
    let detail = said.detail().map(|detail| format!("; {detail}")).unwrap_or_default();
    let message =
        format_args!("PostgreSQL: {}{detail} (SQLSTATE {})", said.message(), state.code());
    StoreError::new(code, message)
}

/// An error with all that caused it: what this library says by itself is a word.
pub(super) fn causes(error: &Error) -> String {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        let cause_said = cause.to_string();
        if !text.contains(&cause_said) {
            let _ = write!(text, ": {cause_said}");
        }
        source = cause.source();
    }
    text
}
