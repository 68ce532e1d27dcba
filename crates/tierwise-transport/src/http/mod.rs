//! The HTTP client under the transports: kept connections, HTTP/1.1 and 2, TLS by rustls.

mod answer;
mod connector;
mod wait;

use std::{error::Error as _, fmt, time::Duration};

use http_body_util::Full;
use hyper::{Request, Uri, body::Bytes};
use hyper_util::{
    client::legacy::{Client, Error},
    rt::{TokioExecutor, TokioTimer},
};

use self::connector::Connector;
pub(crate) use self::{answer::Answer, wait::bounded};
use crate::{OptionError, Report};

/// How long a connection that nobody uses is kept.
const KEPT_IDLE: Duration = Duration::from_secs(30);
/// After how long a silence an HTTP/2 connection is asked whether it still lives.
const ASKED_AFTER: Duration = Duration::from_secs(20);
/// How long it has for an answer to that.
const ANSWERED_WITHIN: Duration = Duration::from_secs(10);

/// How connections are made.
#[derive(Clone, Debug)]
pub struct HttpOptions {
    /// The longest that looking up a name, connecting and the TLS handshake may take together.
    /// After that a message is tried again later: none of it went out.
    pub connect_timeout: Duration,
    /// Certificates, PEM, that are trusted beside Mozilla's list: those of a company's own
    /// authority.
    pub extra_roots_pem: Vec<u8>,
}

impl Default for HttpOptions {
    fn default() -> Self {
        HttpOptions { connect_timeout: Duration::from_secs(5), extra_roots_pem: Vec::new() }
    }
}

/// An HTTP client with a pool of connections. Cheap to clone; clones share the pool, and
/// transports may, too.
///
/// Redirects are not followed, proxies of the environment not used, requests not repeated: only
/// one of which nothing was written, because its kept connection had ended, goes out on another.
///
/// ```
/// use tierwise_transport::{Http, HttpOptions};
///
/// let http = Http::new(&HttpOptions::default())?;
/// # let _ = http;
/// # Ok::<(), tierwise_transport::OptionError>(())
/// ```
#[derive(Clone)]
pub struct Http {
    client: Client<Connector, Full<Bytes>>,
}

impl Http {
    /// A client.
    ///
    /// # Errors
    ///
    /// If a certificate among the extra ones cannot be read.
    pub fn new(options: &HttpOptions) -> Result<Self, OptionError> {
        let connector = Connector::new(options)?;
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .timer(TokioTimer::new())
            .pool_idle_timeout(KEPT_IDLE)
            .http2_keep_alive_interval(ASKED_AFTER)
            .http2_keep_alive_timeout(ANSWERED_WITHIN)
            .http2_adaptive_window(true)
            .build(connector);
        Ok(Http { client })
    }

    /// Sends a request once and reads the answer, as far as it is read at all.
    pub(crate) async fn exchange(&self, request: Request<Full<Bytes>>) -> Result<Answer, Broken> {
        match self.client.request(request).await {
            Ok(answer) => Ok(Answer::read(answer).await),
            Err(error) => Err(Broken::from(&error)),
        }
    }
}

impl fmt::Debug for Http {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Http").finish_non_exhaustive()
    }
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Broken {
    /// The other side certainly did not act on the request.
    NotTaken(String),
    /// Nobody knows whether it did.
    Lost(String),
}

impl Broken {
    pub(crate) fn report(&self) -> Report {
        match self {
            Broken::NotTaken(why) => Report::later(None, 0, why),
            Broken::Lost(why) => Report::unknown(why),
        }
    }

    pub(crate) fn why(&self) -> &str {
        let (Broken::NotTaken(why) | Broken::Lost(why)) = self;
        why
    }
}

impl From<&Error> for Broken {
    fn from(error: &Error) -> Self {
        let mut why = error.to_string();
        let mut is_refused_stream = false;
        let mut source = error.source();
        while let Some(cause) = source {
            why = format!("{why}: {cause}");
            // RFC 9113, 8.7: a stream that is refused was not processed.
            is_refused_stream |= cause
                .downcast_ref::<h2::Error>()
                .is_some_and(|cause| cause.reason() == Some(h2::Reason::REFUSED_STREAM));
            source = cause.source();
        }
        let is_not_taken = error.is_connect() || is_refused_stream;
        if is_not_taken { Broken::NotTaken(why) } else { Broken::Lost(why) }
    }
}

/// Reads an address that requests go to.
pub(crate) fn address(option: &'static str, text: &str) -> Result<Uri, OptionError> {
    let bad = |what: &str| {
        let form = "an address such as `https://gateway.example/messages` is expected";
        OptionError::new(option, format!("{what}: {form}"))
    };
    let address: Uri = text.parse().map_err(|_| bad("not an address"))?;
    if !matches!(address.scheme_str(), Some("http" | "https")) {
        return Err(bad("neither `https:` nor `http:`"));
    }
    let authority = address.authority().ok_or_else(|| bad("it names no host"))?;
    if authority.as_str().contains('@') {
        return Err(bad("a user or password in it is not sent"));
    }
    Ok(address)
}
