//! Sends messages as signed HTTP POSTs, and takes what comes back in the same way.

mod accept;
mod events;
mod keys;
mod outcome;
mod receive;
mod request;
mod seen;

use std::{
    fmt,
    sync::{Arc, Mutex},
    time::{Duration, SystemTime},
};

use hyper::Uri;
use tokio::time::timeout;

pub use self::{
    accept::Accepted,
    keys::WebhookKeys,
    receive::{BODY_MOST_BYTES, Delivery, WINDOW, receive},
};
use self::{request::Call, seen::Seen};
use crate::{
    Connecting, Event, Http, InboundError, Inbox, OptionError, Outgoing, Report, Transport,
};

/// So long an endpoint has to say that it takes over an account.
const ACCOUNT_CALL_WITHIN: Duration = Duration::from_secs(30);

/// The transport that gives each message to an endpoint of the operator's, as a signed POST.
/// `docs/transports.md` describes what goes over the wire.
///
/// The endpoint is the operator's to choose; nothing in an account can change where messages go.
/// Cheap to clone.
///
/// ```
/// use tierwise_transport::{AnyTransport, Http, HttpOptions, webhook::{Webhook, WebhookKeys}};
///
/// let keys = WebhookKeys::new(["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"])?;
/// let http = Http::new(&HttpOptions::default())?;
/// let transport = Webhook::new(http, "https://gateway.example/tierwise", keys)?;
/// let transport = AnyTransport::new(transport);
/// # let _ = transport;
/// # Ok::<(), tierwise_transport::OptionError>(())
/// ```
#[derive(Clone)]
pub struct Webhook {
    http: Http,
    endpoint: Uri,
    keys: WebhookKeys,
    seen: Arc<Mutex<Seen>>,
}

impl Webhook {
    /// To an endpoint, an absolute `https:` or `http:` address.
    ///
    /// # Errors
    ///
    /// If the address is not one, or holds a user or a password: what proves the sender is the
    /// signature.
    pub fn new(http: Http, endpoint: &str, keys: WebhookKeys) -> Result<Self, OptionError> {
        let endpoint = crate::http::address("/url", endpoint)?;
        Ok(Webhook { http, endpoint, keys, seen: Arc::default() })
    }

    /// Checks and reads what an endpoint brings, without remembering it: see [`receive()`].
    ///
    /// # Errors
    ///
    /// Those of [`receive()`].
    pub fn receive<'a>(
        &self,
        header: impl Fn(&'static str) -> Option<&'a str>,
        body: &[u8],
        now: SystemTime,
    ) -> Result<Delivery, InboundError> {
        receive(&self.keys, header, body, now)
    }

    async fn call(&self, call: Call) -> Result<crate::http::Answer, crate::http::Broken> {
        let request = call.request(&self.endpoint, &self.keys, SystemTime::now());
        self.http.exchange(request).await
    }

    /// Asks the endpoint to take over an account; what it says of that.
    async fn take_over(&self, account: &Connecting) -> Vec<Event> {
        let failed = |status_code, message: String| vec![Event::Failed { status_code, message }];
        let call = Call::open(account, SystemTime::now());
        let answer = match timeout(ACCOUNT_CALL_WITHIN, self.call(call)).await {
            Err(_) => return failed(504, format!("no answer within {ACCOUNT_CALL_WITHIN:?}")),
            Ok(Err(broken)) => return failed(503, broken.why().to_owned()),
            Ok(Ok(answer)) => answer,
        };
        if !answer.status.is_success() {
            return failed(answer.status.as_u16(), outcome::message_of(&answer));
        }
        match answer.json().map(|said| events::of_account(&said, account)) {
            None => Vec::new(),
            Some(Ok(events)) => events,
            Some(Err(error)) => failed(502, format!("the answer: {error}")),
        }
    }
}

impl Transport for Webhook {
    async fn send(&self, message: &Outgoing) -> Report {
        match self.call(Call::send(message)).await {
            Ok(answer) => outcome::report(&answer, SystemTime::now()),
            Err(broken) => broken.report(),
        }
    }

    async fn open(&self, account: &Connecting, inbox: &Inbox) {
        for event in self.take_over(account).await {
            if !inbox.put_of(account, event).await {
                return;
            }
        }
    }

    async fn close(&self, account: &Connecting, logout: bool) {
        // Whatever the endpoint answers, the account is closed here.
        let call = Call::close(account, logout, SystemTime::now());
        let _ = timeout(ACCOUNT_CALL_WITHIN, self.call(call)).await;
    }
}

impl fmt::Debug for Webhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not the whole address: its query may hold what is not for logs.
        f.debug_struct("Webhook").field("host", &self.endpoint.host()).finish_non_exhaustive()
    }
}
