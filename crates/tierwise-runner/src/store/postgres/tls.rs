//! How the connection is guarded: what a URL asks for by `sslmode` and `sslrootcert`, which mean
//! what they mean to libpq.

use std::{error::Error as _, fmt, io, path::Path, sync::Arc};

use percent_encoding::percent_decode_str;
use rustls::{
    ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme,
    client::{
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
        verify_server_cert_signed_by_trust_anchor,
    },
    crypto::{WebPkiSupportedAlgorithms, ring, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject},
    server::ParsedCertificate,
};
use tokio_postgres::{
    Config, Error,
    config::{Host, SslMode},
    tls::MakeTlsConnect,
};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::session::causes;
use crate::store::{StoreError, Stored};

/// What a URL asks of the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    /// No TLS.
    Disable,
    /// TLS where the server offers it.
    Prefer,
    /// TLS, whoever the server is.
    Require,
    /// TLS with a server whose certificate is of an authority that is named.
    VerifyCa,
    /// TLS with a server whose certificate is of a known authority, and for the URL's host.
    VerifyFull,
}

const MODES: [(&str, Mode); 5] = [
    ("disable", Mode::Disable),
    ("prefer", Mode::Prefer),
    ("require", Mode::Require),
    ("verify-ca", Mode::VerifyCa),
    ("verify-full", Mode::VerifyFull),
];

/// What stands for the machine's own authorities in the place of a file.
const SYSTEM: &str = "system";

/// Whose certificates are trusted.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Roots {
    /// Those of the machine.
    System,
    /// Those in a file.
    File(String),
}

/// What a URL says of TLS.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Asked {
    mode: Option<Mode>,
    roots: Option<Roots>,
}

/// What a URL names, and what makes the connection to it. Errors: `bad_url`.
pub(super) fn target(url: &str) -> Stored<(Config, Connector)> {
    let (url, asked) = take(url)?;
    let parsed = url.parse::<Config>();
    let mut config = parsed.map_err(|error| {
        // It does not say what the URL was: there may be a password in it.
        bad(format_args!("the URL of the database is none: {}", causes(&error)))
    })?;
    let mode = mode(&asked, config.get_ssl_mode())?;
    let is_local = |host: &Host| !matches!(host, Host::Tcp(_));
    let is_unguarded = !config.get_hosts().is_empty() && config.get_hosts().iter().all(is_local);
    config.ssl_mode(match mode {
        Mode::Disable => SslMode::Disable,
        // A socket of this machine needs no guard, and servers have none there.
        _ if is_unguarded => SslMode::Disable,
        Mode::Prefer => SslMode::Prefer,
        Mode::Require | Mode::VerifyCa | Mode::VerifyFull => SslMode::Require,
    });
    if config.get_hosts().is_empty() {
        // An address is its own name.
        for address in config.get_hostaddrs().to_vec() {
            config.host(address.to_string());
        }
    }
    Ok((config, Connector::new(mode, asked.roots)?))
}

/// The URL without what it says of TLS, and that.
fn take(url: &str) -> Stored<(String, Asked)> {
    let mut asked = Asked::default();
    let Some((before, parameters)) = parameters(url) else { return Ok((url.to_owned(), asked)) };
    let mut others = Vec::new();
    for parameter in parameters.split('&') {
        let Some((name, value)) = parameter.split_once('=') else {
            others.push(parameter);
            continue;
        };
        let decoded = || {
            let decoded = percent_decode_str(value).decode_utf8();
            decoded.map_err(|_| bad(format_args!("`{name}` is not UTF-8")))
        };
        match name {
            "sslmode" => asked.mode = Some(named(&decoded()?)?),
            "sslrootcert" => {
                let file = decoded()?.into_owned();
                let roots = if file == SYSTEM { Roots::System } else { Roots::File(file) };
                asked.roots = Some(roots);
            }
            _ => others.push(parameter),
        }
    }
    let mark = if others.is_empty() { "" } else { "?" };
    Ok((format!("{before}{mark}{}", others.join("&")), asked))
}

/// A URL before its parameters, and these.
fn parameters(url: &str) -> Option<(&str, &str)> {
    let scheme = ["postgres://", "postgresql://"].into_iter().find(|it| url.starts_with(it))?;
    // A password may hold a question mark.
    let credentials = url.find('@').unwrap_or(scheme.len());
    let mark = url.get(credentials..)?.find('?')?.checked_add(credentials)?;
    Some((url.get(..mark)?, url.get(mark..)?.strip_prefix('?')?))
}

fn named(word: &str) -> Stored<Mode> {
    let found = MODES.iter().find(|(name, _)| *name == word);
    found.map(|(_, mode)| *mode).ok_or_else(|| {
        let names = MODES.map(|(name, _)| name).join("`, `");
        bad(format_args!("`sslmode` is `{word}`: one of `{names}` is expected"))
    })
}

/// The mode that a URL means, which says one by itself or says what the library understands.
fn mode(asked: &Asked, understood: SslMode) -> Stored<Mode> {
    let default = match understood {
        _ if asked.roots == Some(Roots::System) => Mode::VerifyFull,
        SslMode::Disable => Mode::Disable,
        SslMode::Require => Mode::Require,
        _ => Mode::Prefer,
    };
    let mode = asked.mode.unwrap_or(default);
    // Whoever has any name that a public authority vouches for could be the server.
    let weak = match asked.roots {
        None => mode == Mode::VerifyCa,
        Some(Roots::System) => mode != Mode::VerifyFull,
        Some(Roots::File(_)) => false,
    };
    if weak {
        let what = "without a host that is checked, this machine's authorities vouch for anybody: \
            name your own by `sslrootcert=FILE`, or say `sslmode=verify-full`";
        return Err(bad(what));
    }
    Ok(mode)
}

fn bad(message: impl fmt::Display) -> StoreError {
    StoreError::new("bad_url", message)
}

/// Makes guarded connections.
#[derive(Clone)]
pub(super) struct Connector(MakeRustlsConnect);

impl Connector {
    fn new(mode: Mode, roots: Option<Roots>) -> Stored<Self> {
        let provider = Arc::new(ring::default_provider());
        let algorithms = provider.signature_verification_algorithms;
        let builder = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| StoreError::new("store_failed", error))?;
        let roots = match (mode, roots) {
            (Mode::Disable, _) => None,
            (Mode::VerifyFull, None | Some(Roots::System)) => Some(of_system()?),
            (_, Some(Roots::File(file))) => Some(of_file(Path::new(&file))?),
            (_, None | Some(Roots::System)) => None,
        };
        let config = match roots {
            Some(roots) if mode == Mode::VerifyFull => builder.with_root_certificates(roots),
            roots => {
                let verifier = Arc::new(AnyHost { roots, algorithms });
                builder.dangerous().with_custom_certificate_verifier(verifier)
            }
        };
        let mut config = config.with_no_client_auth();
        config.alpn_protocols = vec![b"postgresql".to_vec()];
        Ok(Connector(MakeRustlsConnect::new(config)))
    }
}

impl<S> MakeTlsConnect<S> for Connector
where
    MakeRustlsConnect: MakeTlsConnect<S>,
{
    type Stream = <MakeRustlsConnect as MakeTlsConnect<S>>::Stream;
    type TlsConnect = <MakeRustlsConnect as MakeTlsConnect<S>>::TlsConnect;
    type Error = <MakeRustlsConnect as MakeTlsConnect<S>>::Error;

    fn make_tls_connect(&mut self, host: &str) -> Result<Self::TlsConnect, Self::Error> {
        // A socket of this machine has no name, and is not guarded.
        self.0.make_tls_connect(if host.is_empty() { "localhost" } else { host })
    }
}

fn of_file(path: &Path) -> Stored<RootCertStore> {
    let bad =
        |what: &dyn fmt::Display| bad(format_args!("`sslrootcert`: `{}`: {what}", path.display()));
    let pem = std::fs::read(path).map_err(|error| bad(&error))?;
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(&pem) {
        let certificate = certificate.map_err(|error| bad(&error))?;
        roots.add(certificate).map_err(|error| bad(&error))?;
    }
    if roots.is_empty() {
        return Err(bad(&"no certificate in it: `-----BEGIN CERTIFICATE-----` is expected"));
    }
    Ok(roots)
}

fn of_system() -> Stored<RootCertStore> {
    let found = rustls_native_certs::load_native_certs();
    let mut roots = RootCertStore::empty();
    // One that cannot be read vouches for nobody; the others do.
    roots.add_parsable_certificates(found.certs);
    if roots.is_empty() {
        let what = "this machine knows no authorities of certificates: install `ca-certificates`, \
            or name one by `sslrootcert=FILE`";
        return Err(bad(what));
    }
    Ok(roots)
}

/// Whoever has the key of the certificate that is shown, whatever its host; and only if an
/// authority vouches for it, where there are authorities.
#[derive(Debug)]
struct AnyHost {
    roots: Option<RootCertStore>,
    algorithms: WebPkiSupportedAlgorithms,
}

impl ServerCertVerifier for AnyHost {
    fn verify_server_cert(
        &self,
        shown: &CertificateDer<'_>,
        between: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        if let Some(roots) = &self.roots {
            let shown = ParsedCertificate::try_from(shown)?;
            let algorithms = self.algorithms.all;
            verify_server_cert_signed_by_trust_anchor(&shown, roots, between, now, algorithms)?;
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        shown: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, shown, signed, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        shown: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, shown, signed, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

/// Whether a connection did not come about because the server is not whom the URL asks for.
pub(super) fn is_untrusted(error: &Error) -> bool {
    if !error.to_string().starts_with("error performing TLS handshake") {
        return false;
    }
    let cause = error.source().and_then(|cause| cause.downcast_ref::<io::Error>());
    // One without a cause of its own is the network's.
    cause.is_none_or(|cause| cause.get_ref().is_some_and(|inner| inner.is::<rustls::Error>()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn taken(url: &str) -> (String, Asked) {
        take(url).unwrap()
    }

    #[test]
    fn what_a_url_says_of_tls_is_taken_out_of_it() {
        let (url, asked) = taken("postgresql://a:b?c@host/d?x=1&sslmode=verify-full&y=2");
        assert_eq!(url, "postgresql://a:b?c@host/d?x=1&y=2");
        assert_eq!(asked, Asked { mode: Some(Mode::VerifyFull), roots: None });
        let (url, asked) = taken("postgres://host?sslrootcert=%2Fetc%2Fa%20b.pem");
        assert_eq!(url, "postgres://host");
        assert_eq!(asked.roots, Some(Roots::File("/etc/a b.pem".to_owned())));
        let words = "host=host sslmode=require";
        assert_eq!(taken(words), (words.to_owned(), Asked::default()));
    }

    #[test]
    fn modes_are_libpqs_and_those_that_guard_nothing_are_refused() {
        let guarded = |query: &str| {
            let (config, _) = target(&format!("postgresql://host/d{query}"))?;
            Ok::<_, StoreError>(config.get_ssl_mode())
        };
        assert_eq!(guarded("").unwrap(), SslMode::Prefer);
        assert_eq!(guarded("?sslmode=prefer").unwrap(), SslMode::Prefer);
        assert_eq!(guarded("?sslmode=disable").unwrap(), SslMode::Disable);
        assert_eq!(guarded("?sslmode=require").unwrap(), SslMode::Require);
        for (query, said) in [
            ("?sslmode=allow", "`sslmode` is `allow`"),
            ("?sslmode=verify-ca", "sslrootcert=FILE"),
            ("?sslmode=require&sslrootcert=system", "sslmode=verify-full"),
            ("?sslmode=require&sslrootcert=%FF", "`sslrootcert` is not UTF-8"),
            ("?sslrootcert=no/such.pem", "`no/such.pem`"),
            ("?sslcert=client.pem", "`sslcert`"),
        ] {
            let error = guarded(query).unwrap_err();
            assert_eq!(error.code, "bad_url", "{query}");
            assert!(error.message.contains(said), "{query}: {error}");
        }
        let (config, _) = target("postgresql:///d?host=/run/postgresql&sslmode=require").unwrap();
        assert_eq!(config.get_ssl_mode(), SslMode::Disable, "a socket needs no guard");
    }
}
