//! TLS: whom the client trusts, HTTP/2, and streams that the other side refuses.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use http_body_util::{BodyExt, Empty};
use hyper::{
    Request, Response, Version,
    body::{Bytes, Incoming},
    service::service_fn,
};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::{
    ServerConfig,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
};
use tierwise_lanes::Outcome;
use tierwise_transport::{
    Http, HttpOptions, Outgoing, Transport,
    webhook::{Webhook, WebhookKeys},
};
use tokio::{net::TcpListener, sync::mpsc, task::JoinSet};
use tokio_rustls::TlsAcceptor;

/// A server with a certificate that it made for itself.
struct Server {
    address: SocketAddr,
    certificate_pem: String,
    /// The version of each request.
    versions: mpsc::UnboundedReceiver<Version>,
    connections: Arc<AtomicUsize>,
}

impl Server {
    /// Speaks one protocol, and ends the first stream with a reason, if it has one.
    async fn start(protocol: &str, reset: Option<h2::Reason>) -> Self {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("made");
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key)
            .expect("a key that fits");
        config.alpn_protocols = vec![protocol.as_bytes().to_vec()];
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let (arrived, versions) = mpsc::unbounded_channel();
        let connections = Arc::new(AtomicUsize::new(0));
        let (is_h2, count) = (protocol == "h2", Arc::clone(&connections));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, arrived) = (acceptor.clone(), arrived.clone());
                let count = Arc::clone(&count);
                tokio::spawn(async move {
                    let Ok(stream) = acceptor.accept(stream).await else { return };
                    count.fetch_add(1, Ordering::SeqCst);
                    serve(TokioIo::new(stream), is_h2, reset, arrived).await;
                });
            }
        });
        Server { address, certificate_pem: made.cert.pem(), versions, connections }
    }

    fn webhook(&self, extra_roots_pem: &str) -> Webhook {
        let extra_roots_pem = extra_roots_pem.as_bytes().to_vec();
        let options = HttpOptions { extra_roots_pem, ..HttpOptions::default() };
        let keys = WebhookKeys::new(["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"]).expect("a key");
        let url = format!("https://localhost:{}/hook", self.address.port());
        Webhook::new(Http::new(&options).expect("a client"), &url, keys).expect("an address")
    }
}

async fn serve<S>(
    stream: TokioIo<S>,
    is_h2: bool,
    reset: Option<h2::Reason>,
    arrived: mpsc::UnboundedSender<Version>,
) where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
{
    let answer = move |request: Request<Incoming>| {
        let arrived = arrived.clone();
        async move {
            let version = request.version();
            let body = request.into_body().collect().await;
            let _ = arrived.send(version);
            match (body, reset) {
                (Err(_), _) => Err(h2::Error::from(h2::Reason::CANCEL)),
                (Ok(_), Some(reason)) => Err(h2::Error::from(reason)),
                (Ok(_), None) => Ok(Response::new(Empty::<Bytes>::new())),
            }
        }
    };
    let service = service_fn(answer);
    if is_h2 {
        let executor = TokioExecutor::new();
        let _ = hyper::server::conn::http2::Builder::new(executor)
            .serve_connection(stream, service)
            .await;
    } else {
        let _ = hyper::server::conn::http1::Builder::new().serve_connection(stream, service).await;
    }
}

#[tokio::test]
async fn many_messages_share_an_http_2_connection() {
    let mut server = Server::start("h2", None).await;
    let webhook = server.webhook(&server.certificate_pem);
    // The first finds out what the server speaks.
    assert_eq!(webhook.send(&Outgoing::of_text("a")).await.outcome, Outcome::Delivered);
    let mut sends = JoinSet::new();
    for number in 0..200 {
        let webhook = webhook.clone();
        let message = Outgoing { number, ..Outgoing::of_text("a") };
        sends.spawn(async move { webhook.send(&message).await.outcome });
    }
    assert!(sends.join_all().await.iter().all(|outcome| *outcome == Outcome::Delivered));
    assert_eq!(server.connections.load(Ordering::SeqCst), 1);
    for _ in 0..201 {
        assert_eq!(server.versions.recv().await, Some(Version::HTTP_2));
    }
}

#[tokio::test]
async fn http_1_is_spoken_where_the_server_wants_it() {
    let mut server = Server::start("http/1.1", None).await;
    let webhook = server.webhook(&server.certificate_pem);
    assert_eq!(webhook.send(&Outgoing::of_text("a")).await.outcome, Outcome::Delivered);
    assert_eq!(server.versions.recv().await, Some(Version::HTTP_11));
}

#[tokio::test]
async fn nothing_goes_to_a_server_that_nobody_vouches_for() {
    let mut server = Server::start("h2", None).await;
    let report = server.webhook("").send(&Outgoing::of_text("a")).await;
    assert_eq!(report.outcome, Outcome::Later(None));
    let why = report.detail.expect("why").message;
    assert!(why.contains("certificate"), "{why}");
    assert!(server.versions.try_recv().is_err());
}

#[tokio::test]
async fn a_refused_stream_is_tried_later_and_any_other_end_is_unknown() {
    for (reason, outcome) in [
        (h2::Reason::REFUSED_STREAM, Outcome::Later(None)),
        (h2::Reason::INTERNAL_ERROR, Outcome::Unknown),
        (h2::Reason::CANCEL, Outcome::Unknown),
        (h2::Reason::NO_ERROR, Outcome::Unknown),
    ] {
        let server = Server::start("h2", Some(reason)).await;
        let report = server.webhook(&server.certificate_pem).send(&Outgoing::of_text("a")).await;
        assert_eq!(report.outcome, outcome, "{reason}: {report:?}");
    }
}

#[test]
fn roots_that_are_none_are_refused() {
    for pem in [
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        "-----BEGIN CERTIFICATE-----\n?\n-----END CERTIFICATE-----\n",
        "no certificate at all",
    ] {
        let options =
            HttpOptions { extra_roots_pem: pem.as_bytes().to_vec(), ..HttpOptions::default() };
        let error = Http::new(&options).expect_err(pem);
        assert_eq!(error.path, "/extraRootsPem");
    }
}
