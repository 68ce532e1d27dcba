//! Makes connections: TCP, then TLS, both within one time.

use std::{
    error::Error,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use hyper::Uri;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use rustls::{
    ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, pem::PemObject},
};
use tokio::time::timeout;
use tower_service::Service;

use super::HttpOptions;
use crate::OptionError;

/// After how long a silence a connection is asked whether it still lives.
const KEEPALIVE: Duration = Duration::from_secs(30);

type Inner = HttpsConnector<HttpConnector>;
type BoxError = Box<dyn Error + Send + Sync>;

/// Makes connections, each within a time that covers name, TCP and TLS.
#[derive(Clone)]
pub(crate) struct Connector {
    inner: Inner,
    within: Duration,
}

impl Connector {
    pub(super) fn new(options: &HttpOptions) -> Result<Self, OptionError> {
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_keepalive(Some(KEEPALIVE));
        let inner = HttpsConnectorBuilder::new()
            .with_tls_config(tls(&options.extra_roots_pem)?)
            .https_or_http()
            .enable_http1()
            .enable_http2()
            .wrap_connector(tcp);
        Ok(Connector { inner, within: options.connect_timeout })
    }
}

fn tls(extra_roots_pem: &[u8]) -> Result<ClientConfig, OptionError> {
    let bad = |message: String| OptionError::new("/extraRootsPem", message);
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let known = roots.len();
    for certificate in CertificateDer::pem_slice_iter(extra_roots_pem) {
        let certificate = certificate.map_err(|error| bad(format!("not PEM: {error}")))?;
        roots.add(certificate).map_err(|error| bad(format!("not a root: {error}")))?;
    }
    if roots.len() == known && !extra_roots_pem.trim_ascii().is_empty() {
        return Err(bad("no certificate in it: `-----BEGIN CERTIFICATE-----` is expected".into()));
    }
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| bad(error.to_string()))?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}

impl Service<Uri> for Connector {
    type Response = <Inner as Service<Uri>>::Response;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let connecting = self.inner.call(uri);
        let within = self.within;
        Box::pin(async move {
            match timeout(within, connecting).await {
                Ok(connected) => connected,
                Err(_) => Err(format!("no connection within {within:?}").into()),
            }
        })
    }
}
