//! The service from its start to its end.

use std::{env, sync::Arc};

use tierwise_lanes::Span;
use tierwise_runner::{
    AccountsAsked, Handle, Policy, Postgres, Runner, Settings, Sqlite, StoreError,
};
use tokio::{
    net::TcpListener,
    signal::unix::{Signal, SignalKind, signal},
};

use crate::{
    api::Api,
    auth::Auth,
    config::{Config, StoreConfig},
    control::{Service, Socket, without_transport},
    error::ServerError,
    http,
    transports::Transports,
};

/// Loads the policy and its catalog: at the start, and whenever it is told to.
pub type LoadPolicy = Arc<dyn Fn() -> Result<Arc<Policy>, ServerError> + Send + Sync>;

/// Runs the queue until `SIGINT` or `SIGTERM` ends it in order: nothing new begins, and what is out
/// has the time of an attempt. `SIGHUP` loads the policy anew. Errors: what keeps it from starting,
/// and what ends it: after an error of the store a new start finds out what is kept.
pub fn serve(config: &Config, load_policy: LoadPolicy) -> Result<(), ServerError> {
    config.check()?;
    let policy = load_policy()?;
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    let runtime = builder.enable_all().build();
    let runtime = runtime.map_err(|error| ServerError::new("failed", error))?;
    runtime.block_on(run(config, policy, load_policy))
}

async fn run(
    config: &Config,
    policy: Arc<Policy>,
    load_policy: LoadPolicy,
) -> Result<(), ServerError> {
    let mut signals = Signals::new()?;
    let socket = Socket::listen(&config.control)?;
    let (inbox, arrivals) = Runner::inbox();
    let transports = Transports::of(config, &inbox)?;
    let listener = listen(config).await?;
    let auth = Auth::open(&config.keys, config.refresh_token_idle_days)?;
    let names: Vec<_> = transports.sending.iter().map(|(name, _)| name.clone()).collect();
    let mut settings = Settings::new(transports.sending);
    settings.most_out = if config.hold { 0 } else { config.most_out };
    settings.terms.attempt = Span(config.attempt_ms);
    settings.terms.lease = Span(config.lease_ms);
    let mut runner = start(config, policy, settings, (inbox, arrivals)).await?;
    let queue = runner.handle().clone();
    tokio::spawn(tell_of_lost_accounts(queue.clone(), names.clone()));
    let api = Api::new(queue.clone(), auth.clone());
    let service = Service { queue: queue.clone(), load_policy, transports: names, auth };
    let service = Arc::new(service);
    if let Some((listener, address)) = listener {
        let known = http::Known { queue, taking: transports.taking };
        let routes = http::routes(known, api);
        tokio::spawn(async move { axum::serve(listener, routes).await });
        tracing::info!("listening on http://{address}");
    }
    let control = config.control.display();
    tracing::info!("ready: orders on `{control}`");
    let ended = tokio::select! {
        error = runner.ended() => Err(error.into()),
        // Never done: orders are taken until the rest ends.
        () = socket.serve(service.clone()) => Ok(()),
        () = signals.until_the_end(&service) => Ok(()),
    };
    drop(socket);
    if ended.is_ok() {
        tracing::info!("ending: nothing new begins, what is out has {} ms", config.attempt_ms);
        runner.stop().await?;
        tracing::info!("ended");
    }
    ended
}

async fn listen(
    config: &Config,
) -> Result<Option<(TcpListener, std::net::SocketAddr)>, ServerError> {
    let Some(address) = config.listen else { return Ok(None) };
    let listener = TcpListener::bind(address).await;
    let bound = listener.and_then(|listener| Ok((listener.local_addr()?, listener)));
    match bound {
        Ok((address, listener)) => Ok(Some((listener, address))),
        Err(error) => {
            let what = format_args!("`listen`: {address}: {error}");
            Err(ServerError::new("bad_listen", what))
        }
    }
}

async fn start(
    config: &Config,
    policy: Arc<Policy>,
    settings: Settings,
    inbox: (tierwise_transport::Inbox, tokio::sync::mpsc::Receiver<tierwise_transport::Arrival>),
) -> Result<Runner, ServerError> {
    let started: Result<Runner, StoreError> = match config.store.clone() {
        StoreConfig::Sqlite(path) => {
            Runner::start_with(move || Sqlite::open(&path), policy, settings, inbox).await
        }
        StoreConfig::Postgres { url_env, schema } => {
            let url = env::var(&url_env).map_err(|_| {
                ServerError::config(format_args!(
                    "the variable `{url_env}` is not set: it holds the URL of the database, \
                     `postgresql://user:password@host/database`"
                ))
            })?;
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
    async fn until_the_end(&mut self, service: &Service) {
        loop {
            tokio::select! {
                _ = self.interrupt.recv() => return,
                _ = self.terminate.recv() => return,
                _ = self.hang_up.recv() => {
                    if let Err(error) = service.swap().await {
                        tracing::error!(code = error.code, "{error}");
                    }
                }
            }
        }
    }
}
