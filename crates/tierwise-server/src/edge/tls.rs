//! TLS: the certificate and its key, read at the start and whenever the service is told to.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
};

use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::ring,
        pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
    },
};

use crate::{config::TlsConfig, error::ServerError};

/// What clients may speak, the best first.
const PROTOCOLS: [&[u8]; 2] = [b"h2", b"http/1.1"];

/// The certificate that is shown.
#[derive(Debug)]
pub(crate) struct Tls {
    certificate: PathBuf,
    key: PathBuf,
    present: RwLock<Arc<ServerConfig>>,
}

impl Tls {
    /// That of a configuration; none: there is no TLS. Errors: `bad_certificate`.
    pub(super) fn of(config: &TlsConfig) -> Result<Option<Self>, ServerError> {
        let (Some(certificate), Some(key)) = (&config.certificate, &config.key) else {
            return Ok(None);
        };
        let present = RwLock::new(Arc::new(read(certificate, key)?));
        Ok(Some(Tls { certificate: certificate.clone(), key: key.clone(), present }))
    }

    /// Reads the files anew; connections that there are keep what they have. Errors:
    /// `bad_certificate`, and the old one stays.
    pub(crate) fn read_anew(&self) -> Result<(), ServerError> {
        let new = read(&self.certificate, &self.key).map_err(|mut error| {
            error.message = format!("{}; the certificate stays as it was", error.message);
            error
        })?;
        *self.present.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(new);
        Ok(())
    }

    pub(super) fn acceptor(&self) -> TlsAcceptor {
        let present = self.present.read().unwrap_or_else(PoisonError::into_inner);
        TlsAcceptor::from(present.clone())
    }
}

fn read(certificate: &Path, key: &Path) -> Result<ServerConfig, ServerError> {
    let bad = |path: &Path, what: &dyn std::fmt::Display| {
        ServerError::new("bad_certificate", format_args!("`{}`: {what}", path.display()))
    };
    let in_certificate = |error| bad(certificate, &error);
    let chain = CertificateDer::pem_file_iter(certificate).map_err(in_certificate)?;
    let chain: Vec<_> = chain.collect::<Result<_, _>>().map_err(in_certificate)?;
    if chain.is_empty() {
        return Err(bad(certificate, &"there is no certificate in it, PEM is expected"));
    }
    let secret = PrivateKeyDer::from_pem_file(key).map_err(|error| bad(key, &error))?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| bad(certificate, &error))?
        .with_no_client_auth()
        .with_single_cert(chain, secret)
        .map_err(|error| bad(certificate, &error))?;
    config.alpn_protocols = PROTOCOLS.map(<[u8]>::to_vec).to_vec();
    Ok(config)
}
