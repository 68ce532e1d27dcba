//! The service from its start to its end.

use std::{
    collections::BTreeMap,
    env, fs,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    os::unix::fs::{DirBuilderExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use tierwise_lanes::Span;
use tierwise_runner::{
    AccountsAsked, Handle, Policy, Postgres, Runner, Settings, Sqlite, StoreError,
};
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::{
    api::Api,
    auth::Auth,
    config::{Config, Configured, Origin, StoreConfig},
    control::{Service, Socket, without_transport},
    demo::{self, Demo},
    edge::{self, Door, Edge, Pages, Tls},
    error::ServerError,
    http,
    transports::{Taking, Transports},
};

/// Loads the policy and its catalog: at the start, and whenever it is told to.
pub type LoadPolicy = Arc<dyn Fn() -> Result<Arc<Policy>, ServerError> + Send + Sync>;

/// What is to be started.
pub struct Start {
    /// How.
    pub configured: Configured,
    /// What loads the policy.
    pub load_policy: LoadPolicy,
    /// Whether a team to try things with is made, with accounts and traffic.
    pub demo: bool,
    /// When the process began.
    pub begun: Instant,
}

/// A service that is ready, as those are told who started it.
#[derive(Clone, Debug)]
pub struct Ready {
    /// Where it answers over HTTP: `http://127.0.0.1:8080`.
    pub origin: Option<String>,
    /// Its configuration.
    pub config: Config,
    /// What was made to try things with.
    pub demo: Option<Demo>,
    /// How long it took from the beginning of the process.
    pub took: Duration,
}

/// Runs the queue until `SIGINT` or `SIGTERM` ends it in order: nothing new begins, requests in
/// work are answered, and what is out has the time of an attempt. `SIGHUP` loads policy, keys,
/// certificate and pages anew. Errors: what keeps it from starting, and what ends it: after an
/// error of the store a new start finds out what is kept.
pub fn serve(start: Start, tell: impl FnOnce(&Ready)) -> Result<(), ServerError> {
    for variable in &start.configured.unknown_variables {
        tracing::warn!(variable, "a variable of the environment that sets nothing");
    }
    allow_open_files();
    let policy = (start.load_policy)()?;
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    let runtime = builder.enable_all().build();
    let runtime = runtime.map_err(|error| ServerError::new("failed", error))?;
    runtime.block_on(run(start, policy, tell))
}

/// Connections are files to the system, which by habit allows few until it is asked for more.
fn allow_open_files() {
    // Where it may not be, it stays as it is.
    let _ = rlimit::increase_nofile_limit(u64::MAX);
}

async fn run(
    start: Start,
    policy: Arc<Policy>,
    tell: impl FnOnce(&Ready),
) -> Result<(), ServerError> {
    let Start { configured, load_policy, demo, begun } = start;
    let is_named = configured.origin("listen") != Some(&Origin::Default);
    let config = configured.config;
    let signals = Signals::new()?;
    let pages = config.pages.as_deref().map(Pages::of).transpose()?.map(Arc::new);
    let (inbox, arrivals) = Runner::inbox();
    let transports = Transports::of(&config, &inbox)?;
    let names: Vec<_> = transports.sending.iter().map(|(name, _)| name.clone()).collect();
    if demo && !names.iter().any(|name| name == demo::TRANSPORT) {
        return Err(demo::without_transport());
    }
    let place = Place::of(&config.store)?;
    let door = Door::open(&config, is_named).await?;
    make_folder(&config.data)?;
    let socket = Socket::listen(&config.control)?;
    let auth = Auth::open(&config.keys, config.refresh_token_idle_days)?;
    let mut settings = Settings::new(transports.sending);
    settings.most_out = if config.hold { 0 } else { config.most_out };
    settings.terms.attempt = Span(config.attempt_ms);
    settings.terms.lease = Span(config.lease_ms);
    let mut runner = start_runner(place, policy.clone(), settings, (inbox, arrivals)).await?;
    let taking = transports.taking;
    let work = Work {
        config,
        load_policy,
        demo,
        begun,
        names,
        taking,
        pages,
        door,
        socket,
        auth,
        signals,
    };
    let ended = work.go_on(&mut runner, &policy, tell).await;
    // Whatever ended it, be it in the middle of the start: what is out has its time.
    let stopped = runner.stop().await;
    ended?;
    stopped?;
    tracing::info!("ended");
    Ok(())
}

/// What a service has in hand when its runner has started.
struct Work {
    config: Config,
    load_policy: LoadPolicy,
    demo: bool,
    begun: Instant,
    names: Vec<String>,
    taking: BTreeMap<String, Taking>,
    pages: Option<Arc<Pages>>,
    door: Option<Door>,
    socket: Socket,
    auth: Auth,
    signals: Signals,
}

impl Work {
    /// Works until a signal ends it. Errors: what keeps it from starting, and what ended the
    /// runner.
    async fn go_on(
        self,
        runner: &mut Runner,
        policy: &Policy,
        tell: impl FnOnce(&Ready),
    ) -> Result<(), ServerError> {
        let Work { config, load_policy, demo, begun, names, taking, pages, .. } = self;
        let Work { door, socket, auth, mut signals, .. } = self;
        let queue = runner.handle().clone();
        tokio::spawn(tell_of_lost_accounts(queue.clone(), names.clone()));
        let api = config.api.then(|| Arc::new(Api::new(queue.clone(), auth.clone())));
        let edge = Edge::of(&config).admitting(api.clone().map(Api::admission));
        let edge = Arc::new(edge);
        let measures = edge.measures().clone();
        let known = http::Known { queue: queue.clone(), taking, measures: measures.clone() };
        let service = Arc::new(Service { queue, load_policy, transports: names, measures, auth });
        let demo = if demo { Some(demo::make(&service, policy.catalog()).await?) } else { None };
        let tls = door.as_ref().and_then(Door::tls);
        let origin = door.as_ref().map(|door| origin(door.address, tls.is_some()));
        let routes = http::routes(known, api);
        let routes = edge::around(routes, edge, pages.clone(), &config.cors_origins)?;
        let served = door.map(|door| door.serve(routes));
        if let Some(origin) = &origin {
            tracing::info!("listening on {origin}");
        }
        let ready = Ready { origin, config, demo, took: begun.elapsed() };
        let config = &ready.config;
        tracing::info!(
            "ready in {} ms: orders on `{}`",
            ready.took.as_millis(),
            config.control.display()
        );
        tell(&ready);
        let anew = Anew { service: service.clone(), tls, pages };
        let ended = tokio::select! {
            error = runner.ended() => Err(error.into()),
            // Never done: orders are taken until the rest ends.
            () = socket.serve(service) => Ok(()),
            () = signals.until_the_end(&anew) => Ok(()),
        };
        drop(socket);
        if ended.is_ok() {
            tracing::info!("ending: nothing new begins, what is out has {} ms", config.attempt_ms);
            runner.handle().hold().await;
            if let Some(served) = served {
                served.end(Duration::from_millis(config.attempt_ms)).await;
            }
        }
        ended
    }
}

/// Makes the folder of the store and the keys, if it is not there: its owner's alone.
fn make_folder(folder: &Path) -> Result<(), ServerError> {
    let bad = |error: std::io::Error| {
        let what = format_args!("`data`: the folder `{}`: {error}", folder.display());
        ServerError::new("bad_folder", what)
    };
    match fs::metadata(folder) {
        Ok(there) => {
            let others = there.permissions().mode() & 0o077;
            // The folder in which one works is as it is.
            if others != 0 && folder != Path::new(".") {
                let folder = folder.display();
                tracing::warn!("others may look into `{folder}`: `chmod 700 {folder}` forbids it");
            }
            Ok(())
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(bad)
        }
        Err(error) => Err(bad(error)),
    }
}

/// Where a client of this machine asks.
fn origin(address: SocketAddr, is_over_tls: bool) -> String {
    let scheme = if is_over_tls { "https" } else { "http" };
    let ip = match address.ip() {
        ip if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        ip => ip,
    };
    format!("{scheme}://{}", SocketAddr::new(ip, address.port()))
}

/// Where the store is.
enum Place {
    Sqlite(PathBuf),
    Postgres { url: String, schema: String },
}

impl Place {
    /// Errors: `bad_config`, the variable with the URL is not set.
    fn of(store: &StoreConfig) -> Result<Self, ServerError> {
        match store.clone() {
            StoreConfig::Sqlite(path) => Ok(Place::Sqlite(path)),
            StoreConfig::Postgres { url_env, schema } => match env::var(&url_env) {
                Ok(url) => Ok(Place::Postgres { url, schema }),
                Err(_) => Err(ServerError::config(format_args!(
                    "the variable `{url_env}` is not set: it holds the URL of the database, \
                     `postgresql://user:password@host/database`"
                ))),
            },
        }
    }
}

async fn start_runner(
    place: Place,
    policy: Arc<Policy>,
    settings: Settings,
    inbox: (tierwise_transport::Inbox, tokio::sync::mpsc::Receiver<tierwise_transport::Arrival>),
) -> Result<Runner, ServerError> {
    let started: Result<Runner, StoreError> = match place {
        Place::Sqlite(path) => {
            Runner::start_with(move || Sqlite::open(&path), policy, settings, inbox).await
        }
        Place::Postgres { url, schema } => {
            let open = move || Postgres::connect(&url, &schema);
            Runner::start_with(open, policy, settings, inbox).await
        }
    };
    Ok(started?)
}

/// Accounts without a transport that are named in the log.
const NAMED: u32 = 5;

/// Says which accounts nothing carries, as the configuration does not have their transport.
async fn tell_of_lost_accounts(queue: Handle, transports: Vec<String>) {
    // A store that cannot be read says so by itself.
    let Ok(overview) = queue.overview().await else { return };
    for (transport, accounts) in without_transport(&overview, &transports) {
        let asked =
            AccountsAsked { transport: Some(transport.clone()), ..AccountsAsked::all(NAMED) };
        let listed = queue.accounts(asked).await.unwrap_or_default();
        let newest: Vec<_> = listed.into_iter().map(|account| account.row.id).collect();
        tracing::warn!(
            transport,
            accounts,
            newest = newest.join(", "),
            "accounts have a transport that the configuration does not have: what they send fails"
        );
    }
}

struct Signals {
    interrupt: Signal,
    terminate: Signal,
    hang_up: Signal,
}

impl Signals {
    fn new() -> Result<Self, ServerError> {
        let of = |kind| signal(kind).map_err(|error| ServerError::new("failed", error));
        Ok(Signals {
            interrupt: of(SignalKind::interrupt())?,
            terminate: of(SignalKind::terminate())?,
            hang_up: of(SignalKind::hangup())?,
        })
    }

    /// Waits for a signal that ends the service; the others are obeyed meanwhile.
    async fn until_the_end(&mut self, anew: &Anew) {
        loop {
            tokio::select! {
                _ = self.interrupt.recv() => return,
                _ = self.terminate.recv() => return,
                _ = self.hang_up.recv() => anew.read().await,
            }
        }
    }
}

/// What is read anew when the service is told to.
struct Anew {
    service: Arc<Service>,
    tls: Option<Arc<Tls>>,
    pages: Option<Arc<Pages>>,
}

impl Anew {
    /// Reads each of them; what cannot be read stays as it was.
    async fn read(&self) {
        let (tls, pages) = (self.tls.clone(), self.pages.clone());
        let files = tokio::task::spawn_blocking(move || {
            [tls.map(|tls| tls.read_anew()), pages.map(|pages| pages.read_anew())]
        });
        let read = files.await.unwrap_or_default().into_iter().flatten();
        let swapped = self.service.swap().await.map(|_| ());
        let (mut good, mut bad) = (0, 0);
        for result in read.chain([swapped]) {
            match result {
                Ok(()) => good += 1,
                Err(error) => {
                    bad += 1;
                    tracing::error!(code = error.code, "{error}");
                }
            }
        }
        if let Some(said) = said_of(good, bad) {
            tracing::info!("{said}");
        }
    }
}

/// What is said when so much was read anew, and so much could not be.
fn said_of(good: usize, bad: usize) -> Option<&'static str> {
    match (good, bad) {
        (0, _) => None,
        (_, 0) => Some("what may change was read anew"),
        _ => Some("what else may change was read anew; what failed stays as it was"),
    }
}

#[cfg(test)]
mod tests {
    use super::said_of;

    #[test]
    fn what_failed_is_not_said_to_be_read_anew() {
        assert_eq!(said_of(3, 0), Some("what may change was read anew"));
        assert!(said_of(2, 1).is_some_and(|said| said.contains("what failed stays")));
        assert_eq!(said_of(0, 1), None);
    }
}
