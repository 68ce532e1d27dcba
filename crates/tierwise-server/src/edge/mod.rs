//! The edge: what stands between the network and the routes. It bounds what one client may ask for,
//! what all may ask for at once, and how long a request may be or take; whatever is refused here is
//! refused before anything is changed. It says what browsers need to know, and keeps the log.

mod address;
mod answer;
mod body;
mod connections;
mod framing;
mod measures;
mod pages;
mod rate;
mod room;
mod tls;

use std::{
    fmt::{self, Write as _},
    hash::{BuildHasher as _, RandomState},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use axum::{
    Router,
    body::HttpBody as _,
    extract::{MatchedPath, Request, State},
    http::{HeaderName, HeaderValue, Method, Uri, header},
    middleware::{Next, from_fn_with_state},
    response::Response,
};
use tierwise_transport::whatsapp::NOTIFICATION_MOST_BYTES;
use tower_http::cors::{AllowOrigin, CorsLayer};

use crate::{
    config::{Config, LoggedRequests},
    error::ServerError,
};

pub use address::Network;
pub(crate) use connections::Door;
#[cfg(test)]
pub(crate) use connections::Served;
pub(crate) use measures::Measures;
pub(crate) use pages::Pages;
pub(crate) use tls::Tls;

use address::Peer;
use body::{Bounds, Memory};
use framing::Twofold;
use rate::Rate;
use room::Room;

/// The longest body of a request, in bytes.
pub(crate) const MOST_BYTES: u64 = 1 << 20;

/// Questions of those who watch the service, at once: they have room of their own, so that a
/// service with much to do is not taken for one that is broken.
const WATCHED: usize = 16;

/// What those who watch the service ask for.
const WATCHES: [&str; 2] = ["/health", "/metrics"];

/// How long a browser may remember what it was allowed.
const ALLOWED_FOR: Duration = Duration::from_secs(3600);

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The refusal of a request by its head alone, if it is to be refused.
type Admit = dyn Fn(&mut Request) -> Option<Response> + Send + Sync;

/// Looks at the head of a request before its body is read.
pub(crate) struct Admission(pub(crate) Box<Admit>);

impl fmt::Debug for Admission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Admission")
    }
}

/// What the layers know.
#[derive(Debug)]
pub(crate) struct Edge {
    per_token: Rate,
    per_address: Rate,
    in_work: Room,
    watched: Room,
    memory: Memory,
    admission: Option<Admission>,
    proxies: Vec<Network>,
    /// Whether browsers' questions are answered before the guard is asked.
    has_origins: bool,
    patience: Duration,
    logged: LoggedRequests,
    is_over_tls: bool,
    measures: Measures,
    /// Numbers of requests: those of this process, and the last one.
    process: u64,
    requests: AtomicU64,
}

impl Edge {
    /// That of a configuration.
    pub(crate) fn of(config: &Config) -> Self {
        let limits = &config.limits;
        Edge {
            per_token: Rate::new(limits.per_token),
            per_address: Rate::new(limits.per_address),
            in_work: Room::new(
                count(limits.requests),
                count(limits.waiting),
                millis(limits.wait_ms),
            ),
            watched: Room::new(WATCHED, 0, Duration::ZERO),
            memory: Memory::new(),
            admission: None,
            proxies: config.trusted_proxies.clone(),
            has_origins: !config.cors_origins.is_empty(),
            patience: millis(limits.body_ms),
            logged: config.log_requests,
            is_over_tls: config.tls.certificate.is_some(),
            measures: Measures::new(),
            process: RandomState::new().hash_one(std::process::id()),
            requests: AtomicU64::new(0),
        }
    }

    /// The same, and who has no good token is told so before a body is read.
    pub(crate) fn admitting(self, admission: Option<Admission>) -> Self {
        Edge { admission, ..self }
    }

    /// The refusal of a request that brings a body, and no good token where one is needed.
    fn admit(&self, request: &mut Request) -> Option<Response> {
        match &self.admission {
            Some(Admission(admit)) if !request.body().is_end_stream() => admit(request),
            _ => None,
        }
    }

    /// The refusal of what no layer within may see.
    fn screen(&self, request: &Request) -> Option<Response> {
        if request.extensions().get().is_some_and(Twofold::is_seen) {
            return Some(answer::twofold());
        }
        // A browser's question is answered before the guard is asked.
        let is_question = self.has_origins && request.method() == Method::OPTIONS;
        let refused = is_question.then(|| self.take(request).err()).flatten();
        refused.map(answer::rate_limited)
    }

    /// What it counts and times.
    pub(crate) fn measures(&self) -> &Measures {
        &self.measures
    }

    /// Errors: the client asks for more than its rate.
    fn take(&self, request: &Request) -> Result<(), Duration> {
        if let Some(token) = request.headers().get(header::AUTHORIZATION) {
            self.per_token.take(token)?;
        }
        let Some(Peer(peer)) = request.extensions().get() else { return Ok(()) };
        let client = address::client(*peer, request.headers(), &self.proxies);
        self.per_address.take(&address::counted(client))
    }

    fn bounds(&self, uri: &Uri) -> Bounds {
        // What a network posts is as long as the network likes.
        let is_of_network = uri.path().starts_with("/transports/");
        let of_network = u64::try_from(NOTIFICATION_MOST_BYTES).unwrap_or(MOST_BYTES);
        let most_bytes = if is_of_network { of_network } else { MOST_BYTES };
        Bounds { most_bytes, patience: self.patience }
    }
}

/// A number as the machine counts in memory.
fn count(number: std::num::NonZeroU32) -> usize {
    usize::try_from(number.get()).unwrap_or(usize::MAX)
}

fn millis(number: std::num::NonZeroU32) -> Duration {
    Duration::from_millis(u64::from(number.get()))
}

/// Puts the edge around routes. Errors: `bad_config`, an origin that is none.
pub(crate) fn around(
    routes: Router,
    edge: Arc<Edge>,
    pages: Option<Arc<Pages>>,
    origins: &[String],
) -> Result<Router, ServerError> {
    // The first layer is the innermost one.
    let mut routes = routes;
    if let Some(pages) = pages {
        routes = routes.layer(from_fn_with_state(pages, pages::offer));
    }
    routes = routes.layer(from_fn_with_state(edge.clone(), guard));
    if !origins.is_empty() {
        routes = routes.layer(cors(origins)?);
    }
    Ok(routes.layer(from_fn_with_state(edge, finish)))
}

/// Errors: `bad_config`, with the origin.
pub(crate) fn check_origins(origins: &[String]) -> Result<(), ServerError> {
    cors(origins).map(|_| ())
}

fn cors(origins: &[String]) -> Result<CorsLayer, ServerError> {
    let read = |origin: &String| {
        let wrong = || {
            ServerError::config(format_args!(
                "`cors_origins`: `{origin}` is no origin: `https://app.example` is expected, \
                 without a path"
            ))
        };
        let uri: Uri = origin.parse().map_err(|_| wrong())?;
        let is_origin = matches!(uri.scheme_str(), Some("http" | "https"))
            && uri.authority().is_some_and(|host| !host.as_str().contains('@'))
            && !origin.trim_start_matches("https://").trim_start_matches("http://").contains('/');
        let value = HeaderValue::from_str(origin).map_err(|_| wrong())?;
        if is_origin { Ok(value) } else { Err(wrong()) }
    };
    let allowed: Vec<_> = origins.iter().map(read).collect::<Result<_, _>>()?;
    let asked = ["idempotency-key", "if-report-match"].map(HeaderName::from_static);
    let asked =
        [header::AUTHORIZATION, header::CONTENT_TYPE, header::ACCEPT].into_iter().chain(asked);
    Ok(CorsLayer::new()
        .allow_origin(AllowOrigin::list(allowed))
        .allow_methods([Method::GET, Method::POST, Method::PATCH, Method::DELETE])
        .allow_headers(asked.collect::<Vec<_>>())
        .expose_headers([header::RETRY_AFTER, header::WWW_AUTHENTICATE, REQUEST_ID])
        .max_age(ALLOWED_FOR))
}

/// Lets a request through, or refuses it before anything is changed.
async fn guard(State(edge): State<Arc<Edge>>, mut request: Request, next: Next) -> Response {
    let is_watch = WATCHES.contains(&request.uri().path());
    if !is_watch && let Err(wait) = edge.take(&request) {
        return answer::rate_limited(wait);
    }
    let room = if is_watch { &edge.watched } else { &edge.in_work };
    // Said before the body is read, so that much of this costs little.
    if room.is_full() {
        room.turn_away().await;
        return answer::overloaded();
    }
    if let Some(refusal) = edge.admit(&mut request) {
        return refusal;
    }
    let bounds = edge.bounds(request.uri());
    let (request, _memory) = match body::read(request, bounds, &edge.memory).await {
        Ok(read) => read,
        Err(fault) => return answer::bad_body(fault, bounds.most_bytes),
    };
    // Only now: a body that trickles in takes nobody's place.
    let Some(_place) = room.place().await else { return answer::overloaded() };
    next.run(request).await
}

/// Numbers a request, says what every answer says, and logs it.
async fn finish(State(edge): State<Arc<Edge>>, request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let number = edge.requests.fetch_add(1, Ordering::Relaxed);
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let mut response = match edge.screen(&request) {
        None => next.run(request).await,
        Some(refusal) => refusal,
    };
    let mut id = String::with_capacity(24);
    // Writing into a text does not fail.
    let _ = write!(id, "{:08x}-{number:x}", edge.process >> 32);
    let (status, took) = (response.status(), begun.elapsed());
    edge.measures.answered(status, took);
    // What was shed is counted, and not told one by one: there is much of it.
    let is_error =
        status.is_server_error() && !response.headers().contains_key(header::RETRY_AFTER);
    let is_logged = match edge.logged {
        LoggedRequests::None => false,
        LoggedRequests::Errors => is_error,
        LoggedRequests::All => true,
    };
    if is_logged {
        // The route, never the path: ids, chats and tokens stand in paths and queries.
        let route = route.as_ref().map_or("none", MatchedPath::as_str);
        let (status, ms) = (status.as_u16(), took.as_millis());
        if is_error {
            tracing::error!(%method, route, status, ms, id, "a request failed");
        } else {
            tracing::info!(%method, route, status, ms, id, "a request");
        }
    }
    let headers = response.headers_mut();
    answer::secure(headers, edge.is_over_tls);
    if let Ok(id) = HeaderValue::from_str(&id) {
        headers.insert(REQUEST_ID, id);
    }
    response
}

#[cfg(test)]
#[allow(clippy::panic, clippy::unwrap_used, reason = "tests")]
mod tests;
