//! TLS: a certificate made here, over both versions of HTTP, and another one in its place.

use std::{fs, path::Path, sync::Arc};

use axum::body::Body;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::{
    TlsConnector,
    client::TlsStream,
    rustls::{
        ClientConfig, RootCertStore,
        crypto::ring,
        pki_types::{CertificateDer, ServerName, pem::PemObject as _},
    },
};

use super::site::{PATIENCE, Site, config, number};
use crate::config::{Config, TlsConfig};

/// Writes a new certificate for `localhost` and its key; the certificate.
fn certificate(folder: &Path) -> CertificateDer<'static> {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    fs::write(folder.join("cert.pem"), made.cert.pem()).unwrap();
    fs::write(folder.join("key.pem"), made.signing_key.serialize_pem()).unwrap();
    CertificateDer::from_pem_slice(made.cert.pem().as_bytes()).unwrap()
}

fn over_tls(folder: &Path) -> Config {
    let (certificate, key) = (folder.join("cert.pem"), folder.join("key.pem"));
    Config { tls: TlsConfig { certificate: Some(certificate), key: Some(key) }, ..config() }
}

/// Connects, and trusts this certificate alone.
async fn connect(
    site: &Site,
    trusted: &CertificateDer<'static>,
    protocol: &[u8],
) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.clone()).unwrap();
    let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![protocol.to_vec()];
    let stream = TcpStream::connect(site.address).await?;
    let name = ServerName::try_from("localhost").unwrap();
    TlsConnector::from(Arc::new(config)).connect(name, stream).await
}

async fn ask(stream: &mut TlsStream<TcpStream>) -> String {
    let ask = b"GET /health HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
    stream.write_all(ask).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn both_versions_of_http_go_over_tls() {
    let folder = tempfile::tempdir().unwrap();
    let trusted = certificate(folder.path());
    let site = Site::start(&over_tls(folder.path())).await;
    let answer = ask(&mut connect(&site, &trusted, b"http/1.1").await.unwrap()).await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("well"), "{answer}");
    assert!(answer.contains("strict-transport-security: max-age=31536000"), "{answer}");

    let stream = connect(&site, &trusted, b"h2").await.unwrap();
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
    let handshake =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream));
    let (mut sender, connection) = handshake.await.unwrap();
    let connection = tokio::spawn(connection);
    let request = axum::http::Request::get("https://localhost/health").body(Body::empty()).unwrap();
    let answer = sender.send_request(request).await.unwrap();
    assert_eq!(answer.status(), 200);
    let body = axum::body::to_bytes(Body::new(answer.into_body()), 100).await.unwrap();
    assert_eq!(body, "well");
    // At the end of the service its connection is ended, too.
    site.served.end(PATIENCE).await;
    timeout(PATIENCE, connection).await.unwrap().unwrap().unwrap();
}

#[tokio::test]
async fn a_certificate_is_changed_while_it_runs_and_a_bad_one_is_not_taken() {
    let folder = tempfile::tempdir().unwrap();
    let old = certificate(folder.path());
    let site = Site::start(&over_tls(folder.path())).await;
    let mut before = connect(&site, &old, b"http/1.1").await.unwrap();
    let new = certificate(folder.path());
    assert!(connect(&site, &new, b"http/1.1").await.is_err());
    site.tls.as_ref().unwrap().read_anew().unwrap();
    assert!(connect(&site, &old, b"http/1.1").await.is_err());
    let answer = ask(&mut connect(&site, &new, b"http/1.1").await.unwrap()).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    // A connection that there was goes on.
    assert!(ask(&mut before).await.starts_with("HTTP/1.1 200"));

    for (name, text) in [("cert.pem", "no certificate"), ("key.pem", "no key")] {
        let good = fs::read(folder.path().join(name)).unwrap();
        fs::write(folder.path().join(name), text).unwrap();
        let error = site.tls.as_ref().unwrap().read_anew().unwrap_err();
        assert_eq!(error.code, "bad_certificate");
        assert!(error.message.contains(name) && error.message.contains("stays"), "{error}");
        fs::write(folder.path().join(name), good).unwrap();
    }
    // A key of another certificate.
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    fs::write(folder.path().join("key.pem"), made.signing_key.serialize_pem()).unwrap();
    assert!(site.tls.as_ref().unwrap().read_anew().is_err());
    assert!(connect(&site, &new, b"http/1.1").await.is_ok());
}

#[tokio::test]
async fn one_who_does_not_speak_tls_or_speaks_it_slowly_is_cut_off() {
    let folder = tempfile::tempdir().unwrap();
    certificate(folder.path());
    let mut config = over_tls(folder.path());
    config.limits.header_ms = number(200);
    let site = Site::start(&config).await;
    let mut nothing = site.connect().await;
    assert_eq!(nothing.rest().await, "");
    let mut plain = site.connect().await;
    plain.say("GET /health HTTP/1.1\r\nhost: x\r\n\r\n").await;
    let mut byte = [0; 1];
    // An alert of TLS, or nothing; no answer in any case.
    let read = timeout(PATIENCE, plain.0.read(&mut byte)).await.unwrap();
    assert!(!matches!(read, Ok(1) if byte == *b"H"), "{read:?}");
}

#[tokio::test]
async fn a_connection_of_http2_over_which_nothing_moves_is_ended() {
    let folder = tempfile::tempdir().unwrap();
    let trusted = certificate(folder.path());
    let mut config = over_tls(folder.path());
    config.limits.header_ms = number(200);
    let site = Site::start(&config).await;
    let stream = connect(&site, &trusted, b"h2").await.unwrap();
    let handshake =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream));
    let (sender, connection) = handshake.await.unwrap();
    let connection: hyper::client::conn::http2::Connection<_, Body, _> = connection;
    // However it ended.
    let _ = timeout(PATIENCE, connection).await.unwrap();
    assert!(sender.is_closed());
}
