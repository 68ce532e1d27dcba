//! Connections: taken up to a number, bounded in their headers and in how long they rest, and ended
//! in order.

use std::{
    collections::HashMap,
    convert::Infallible,
    net::{IpAddr, SocketAddr},
    pin::pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{Router, body::Body, extract::Request, response::Response};
use hyper::{
    body::Incoming,
    server::conn::{http1, http2},
    service::service_fn,
};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::graceful::GracefulConnection,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore, watch},
    time::{Instant, interval_at, sleep, timeout},
};
use tokio_util::io::{InspectReader, InspectWriter};
use tower_service::Service as _;

use super::{
    address::{Network, Peer, counted, is_of},
    count,
    framing::{Framing, Twofold},
    millis,
    tls::Tls,
};
use crate::{config::Config, error::ServerError};

/// The longest head of a request, in bytes; hyper takes at most 100 headers.
const MOST_HEAD_BYTES: usize = 32 << 10;

/// What is read at a time at most, in bytes.
const BUFFER_BYTES: usize = 64 << 10;

/// Requests at once over one connection of HTTP/2.
const MOST_STREAMS: u32 = 128;

/// How many addresses are tried if nobody named one.
const PORTS_TRIED: u16 = 20;

/// Where it listens.
pub(crate) struct Door {
    listener: TcpListener,
    /// The address, with its port.
    pub(crate) address: SocketAddr,
    tls: Option<Arc<Tls>>,
    most: usize,
    of_each: OfEach,
    rest: Duration,
}

impl Door {
    /// Listens on the address of a configuration; if nobody named it, on the next port that is
    /// free. Errors: `bad_listen`, `bad_certificate`.
    pub(crate) async fn open(config: &Config, is_named: bool) -> Result<Option<Self>, ServerError> {
        let Some(wished) = config.listen else { return Ok(None) };
        let tls = Tls::of(&config.tls)?.map(Arc::new);
        let tries = if is_named { 1 } else { PORTS_TRIED };
        let mut refused = None;
        for further in 0..tries {
            let port = wished.port().saturating_add(further);
            let address = SocketAddr::new(wished.ip(), port);
            let listener = TcpListener::bind(address).await;
            match listener.and_then(|listener| Ok((listener.local_addr()?, listener))) {
                Ok((address, listener)) => {
                    if further > 0 {
                        tracing::warn!("{wished} is taken: {address} is listened on instead");
                    }
                    let limits = &config.limits;
                    let (most, rest) = (count(limits.connections), millis(limits.header_ms));
                    let of_each = OfEach::new(config);
                    return Ok(Some(Door { listener, address, tls, most, of_each, rest }));
                }
                Err(error) => refused = Some(error),
            }
        }
        let why = refused.map(|error| error.to_string()).unwrap_or_default();
        Err(ServerError::new("bad_listen", format_args!("`listen`: {wished}: {why}")))
    }

    /// The certificate, to be read anew.
    pub(crate) fn tls(&self) -> Option<Arc<Tls>> {
        self.tls.clone()
    }

    /// Serves routes from now on.
    pub(crate) fn serve(self, routes: Router) -> Served {
        let (end, ended) = watch::channel(false);
        let most = self.most.min(Semaphore::MAX_PERMITS);
        let places = Arc::new(Semaphore::new(most));
        tokio::spawn(self.take(routes, places.clone(), ended));
        Served { end, places, most }
    }

    async fn take(self, routes: Router, places: Arc<Semaphore>, mut ended: watch::Receiver<bool>) {
        loop {
            let accepted = tokio::select! {
                _ = ended.changed() => return,
                accepted = self.accept(&places) => accepted,
            };
            let Some((stream, peer, place)) = accepted else { continue };
            // Closed at once: those of others would have to wait for it.
            let Some(share) = self.of_each.take(peer.0) else { continue };
            let rest = self.rest;
            let known = Known { routes: routes.clone(), peer, rest, _place: place, _share: share };
            tokio::spawn(known.serve(stream, self.tls.clone(), ended.clone()));
        }
    }

    async fn accept(
        &self,
        places: &Arc<Semaphore>,
    ) -> Option<(TcpStream, Peer, OwnedSemaphorePermit)> {
        // Without a place nobody is taken: who comes waits in the system's queue.
        let place = places.clone().acquire_owned().await.ok()?;
        match self.listener.accept().await {
            Ok((stream, address)) => Some((stream, Peer(address.ip()), place)),
            Err(error) => {
                tracing::warn!("a connection could not be taken: {error}");
                sleep(Duration::from_millis(50)).await;
                None
            }
        }
    }
}

/// How many connections each address has.
struct OfEach {
    most: usize,
    proxies: Vec<Network>,
    held: Arc<Mutex<HashMap<IpAddr, usize>>>,
}

impl OfEach {
    fn new(config: &Config) -> Self {
        let most = count(config.limits.connections_per_address);
        OfEach { most, proxies: config.trusted_proxies.clone(), held: Arc::default() }
    }

    /// None if the address has as many as it may. A proxy that is trusted speaks for many.
    fn take(&self, peer: IpAddr) -> Option<Share> {
        let address = counted(peer.to_canonical());
        if is_of(peer, &self.proxies) {
            return Some(Share { held: None, address });
        }
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let of_it = held.entry(address).or_default();
        if *of_it >= self.most {
            return None;
        }
        *of_it += 1;
        Some(Share { held: Some(self.held.clone()), address })
    }
}

/// One of an address's connections, given back when it ends.
struct Share {
    held: Option<Arc<Mutex<HashMap<IpAddr, usize>>>>,
    address: IpAddr,
}

impl Drop for Share {
    fn drop(&mut self) {
        let Some(held) = &self.held else { return };
        let mut held = held.lock().unwrap_or_else(PoisonError::into_inner);
        match held.get_mut(&self.address) {
            Some(of_it) if *of_it > 1 => *of_it -= 1,
            _ => drop(held.remove(&self.address)),
        }
    }
}

/// Routes that are served.
pub(crate) struct Served {
    end: watch::Sender<bool>,
    places: Arc<Semaphore>,
    most: usize,
}

impl Served {
    /// Takes no further connections and no further requests, and waits until those in work are
    /// answered, at most for so long.
    pub(crate) async fn end(self, patience: Duration) {
        self.end.send_replace(true);
        let all = u32::try_from(self.most).unwrap_or(u32::MAX);
        if timeout(patience, self.places.acquire_many(all)).await.is_err() {
            tracing::warn!("requests are cut off that were not answered in time");
        }
    }
}

/// What is known of a connection.
struct Known {
    routes: Router,
    peer: Peer,
    /// For how long nothing may move.
    rest: Duration,
    /// Both are given back when the connection ends.
    _place: OwnedSemaphorePermit,
    _share: Share,
}

impl Known {
    async fn serve(self, stream: TcpStream, tls: Option<Arc<Tls>>, ended: watch::Receiver<bool>) {
        // Answers are short, and written at once.
        let _ = stream.set_nodelay(true);
        let moved = Moved::default();
        let stream = moved.counting(stream);
        let Some(tls) = tls else { return self.http1(stream, moved, ended).await };
        // One who does not speak TLS, or speaks it slowly, is none that could be told.
        let Ok(Ok(stream)) = timeout(self.rest, tls.acceptor().accept(stream)).await else {
            return;
        };
        if stream.get_ref().1.alpn_protocol() == Some(b"h2") {
            self.http2(stream, moved, ended).await;
        } else {
            self.http1(stream, moved, ended).await;
        }
    }

    async fn http1<S>(self, stream: S, moved: Moved, ended: watch::Receiver<bool>)
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let (in_work, twofold) = (InWork::default(), Twofold::default());
        let mut framing = Framing::new(twofold.clone());
        let stream = InspectReader::new(stream, move |bytes: &[u8]| framing.see(bytes));
        let service = service_fn(|mut request: Request<Incoming>| {
            request.extensions_mut().insert(twofold.clone());
            in_work.answer(&self, request)
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(self.rest)
            .max_header_size(MOST_HEAD_BYTES)
            .max_buf_size(BUFFER_BYTES)
            .serve_connection(TokioIo::new(stream), service);
        drive(connection, &in_work, &moved, self.rest, ended).await;
    }

    async fn http2<S>(self, stream: S, moved: Moved, ended: watch::Receiver<bool>)
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let in_work = InWork::default();
        let known = Arc::new(self);
        let (rest, counted) = (known.rest, in_work.clone());
        let service = service_fn(move |request| {
            let (known, counted) = (known.clone(), counted.clone());
            async move { counted.answer(&known, request).await }
        });
        let connection = http2::Builder::new(TokioExecutor::new())
            .timer(TokioTimer::new())
            .max_concurrent_streams(MOST_STREAMS)
            .max_header_list_size(u32::try_from(MOST_HEAD_BYTES).unwrap_or(u32::MAX))
            .serve_connection(TokioIo::new(stream), service);
        drive(connection, &in_work, &moved, rest, ended).await;
    }
}

/// Counts the reads and writes of a connection that moved something, so that one over which nothing
/// moves can be told.
#[derive(Clone, Debug, Default)]
struct Moved(Arc<AtomicU64>);

impl Moved {
    fn counting<S>(&self, stream: S) -> impl AsyncRead + AsyncWrite + Send + Unpin + use<S>
    where
        S: AsyncRead + AsyncWrite + Send + Unpin,
    {
        let count = || {
            let moved = self.0.clone();
            move |bytes: &[u8]| {
                // The end of what comes moves nothing.
                moved.fetch_add(u64::from(!bytes.is_empty()), Ordering::Relaxed);
            }
        };
        InspectWriter::new(InspectReader::new(stream, count()), count())
    }

    fn so_far(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// How many requests of a connection are in work.
#[derive(Clone, Debug, Default)]
struct InWork(Arc<AtomicUsize>);

impl InWork {
    async fn answer(
        &self,
        known: &Known,
        request: Request<Incoming>,
    ) -> Result<Response, Infallible> {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(known.peer);
        let mut routes = known.routes.clone();
        self.0.fetch_add(1, Ordering::Relaxed);
        let _place = Place(&self.0);
        routes.call(request).await
    }

    fn is_none(&self) -> bool {
        self.0.load(Ordering::Relaxed) == 0
    }
}

struct Place<'a>(&'a AtomicUsize);

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Serves a connection to its end: its own, the service's, or because nothing moves on it.
async fn drive<C: GracefulConnection>(
    connection: C,
    in_work: &InWork,
    moved: &Moved,
    rest: Duration,
    mut ended: watch::Receiver<bool>,
) {
    let mut connection = pin!(connection);
    let mut looks = interval_at(Instant::now() + rest, rest);
    let (mut seen, mut is_ending) = (None, *ended.borrow());
    if is_ending {
        connection.as_mut().graceful_shutdown();
    }
    loop {
        tokio::select! {
            // However it ended, there is nobody left to be told.
            _ = connection.as_mut() => return,
            _ = ended.changed(), if !is_ending => {
                is_ending = true;
                connection.as_mut().graceful_shutdown();
            }
            _ = looks.tick() => {
                let now = Some(moved.so_far());
                if in_work.is_none() && seen == now {
                    return;
                }
                seen = now;
            }
        }
    }
}
