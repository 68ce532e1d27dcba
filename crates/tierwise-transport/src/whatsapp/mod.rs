//! Sends through Meta's WhatsApp Cloud API, and reads the notifications that it posts.

mod answer;
mod codes;
mod message;
mod notification;

use std::{fmt, sync::Arc, time::Duration};

use http_body_util::Full;
use hyper::{
    Request, Uri,
    body::Bytes,
    header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue},
};
use ring::hmac::{HMAC_SHA256, Key};
use serde::Deserialize;
use serde_json::value::RawValue;

use self::answer::Verdict;
pub use self::notification::NOTIFICATION_MOST_BYTES;
use crate::{
    Connecting, Event, Http, Inbound, Inbox, OptionError, Outgoing, Report, Secret, Transport,
};

/// So long a message waits before it is tried again where an operator has to mend something, if
/// the account is opened again meanwhile.
const MENDED_WITHIN: Duration = Duration::from_secs(5 * 60);

/// What belongs to the operator's app at Meta.
#[derive(Clone, Debug)]
pub struct WhatsAppOptions {
    /// Where the Graph API is: `https://graph.facebook.com`.
    pub base_url: String,
    /// Its version, such as `v23.0`. Meta ends a version about two years after it came.
    pub version: String,
    /// The token that sends: that of a system user, as it does not expire.
    pub access_token: Secret,
    /// The app's secrets, by which notifications are signed: more than one only while it is
    /// changed.
    pub app_secrets: Vec<Secret>,
    /// What Meta says to prove itself when the address for notifications is set up.
    pub verify_token: Secret,
}

impl WhatsAppOptions {
    /// For an app, at Meta's own address.
    pub fn new(access_token: Secret, app_secret: Secret, verify_token: Secret) -> Self {
        WhatsAppOptions {
            base_url: "https://graph.facebook.com".to_owned(),
            version: "v23.0".to_owned(),
            access_token,
            app_secrets: vec![app_secret],
            verify_token,
        }
    }
}

/// The WhatsApp Cloud API. An account's settings hold which business phone number it is:
/// `{"whatsapp": {"phoneNumberId": "106540352242922"}}`. Cheap to clone.
///
/// A fault that only an operator can mend, such as a token that expired, is not the message's: it
/// stays in its place, to be tried again, and the inbox gets [`Event::Failed`] for the account, so
/// that those behind it do not fail one after the other.
///
/// ```
/// use tierwise_transport::{Http, HttpOptions, Inbox, Secret};
/// use tierwise_transport::whatsapp::{WhatsAppCloud, WhatsAppOptions};
///
/// let (inbox, _arrivals) = Inbox::new(100);
/// let options = WhatsAppOptions::new(
///     Secret::new("EAAGm0PX4ZCpsBA"),     // the access token
///     Secret::new("8f3a0c2d"),            // the app secret
///     Secret::new("a word of one's own"), // the verify token
/// );
/// let transport = WhatsAppCloud::new(Http::new(&HttpOptions::default())?, &options, inbox)?;
/// # let _ = transport;
/// # Ok::<(), tierwise_transport::OptionError>(())
/// ```
#[derive(Clone)]
pub struct WhatsAppCloud {
    http: Http,
    inbox: Inbox,
    operator: Arc<Operator>,
}

/// The options, read.
struct Operator {
    /// Up to the phone number's id.
    base: String,
    authorization: HeaderValue,
    app_keys: Vec<Key>,
    verify_token: Secret,
}

#[derive(Deserialize)]
struct Settings {
    whatsapp: NumberSettings,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct NumberSettings {
    phone_number_id: String,
}

/// The id of an account's phone number. Digits, so that it cannot reach any other address.
fn phone_number_id(settings: &RawValue) -> Result<String, &'static str> {
    let id = serde_json::from_str::<Settings>(settings.get())
        .map(|settings| settings.whatsapp.phone_number_id)
        .unwrap_or_default();
    let is_id = (1..=32).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_digit());
    let form = "`whatsapp.phoneNumberId` in the account's settings: digits in a text are expected";
    if is_id { Ok(id) } else { Err(form) }
}

impl WhatsAppCloud {
    /// For an operator's app. Faults that the operator has to mend go to the inbox.
    ///
    /// # Errors
    ///
    /// If the address or the version cannot be one, or the token cannot be sent, or there is no
    /// app secret.
    pub fn new(http: Http, options: &WhatsAppOptions, inbox: Inbox) -> Result<Self, OptionError> {
        let WhatsAppOptions { base_url, version, access_token, app_secrets, verify_token } =
            options;
        crate::http::address("/baseUrl", base_url)?;
        let is_version = version.strip_prefix('v').is_some_and(|number| {
            !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
        });
        if !is_version || base_url.contains(['?', '#']) {
            let message = format!("`{version}` of `{base_url}`: such as `v23.0` is expected");
            return Err(OptionError::new("/version", message));
        }
        let mut authorization = HeaderValue::try_from(format!("Bearer {}", access_token.reveal()))
            .map_err(|_| OptionError::new("/accessToken", "it holds what no header can"))?;
        authorization.set_sensitive(true);
        for (path, is_empty) in [
            ("/accessToken", access_token.reveal().is_empty()),
            ("/verifyToken", verify_token.reveal().is_empty()),
            ("/appSecrets", app_secrets.is_empty()),
            ("/appSecrets", app_secrets.iter().any(|secret| secret.reveal().is_empty())),
        ] {
            if is_empty {
                return Err(OptionError::new(path, "it is empty"));
            }
        }
        let key = |secret: &Secret| Key::new(HMAC_SHA256, secret.reveal().as_bytes());
        let operator = Operator {
            base: format!("{}/{version}", base_url.trim_end_matches('/')),
            authorization,
            app_keys: app_secrets.iter().map(key).collect(),
            verify_token: verify_token.clone(),
        };
        Ok(WhatsAppCloud { http, inbox, operator: Arc::new(operator) })
    }

    fn request(&self, number: &str, body: Vec<u8>) -> Option<Request<Full<Bytes>>> {
        let address: Uri = format!("{}/{number}/messages", self.operator.base).parse().ok()?;
        Request::post(address)
            .header(AUTHORIZATION, self.operator.authorization.clone())
            .header(CONTENT_TYPE, "application/json")
            .body(Full::new(Bytes::from(body)))
            .ok()
    }

    /// A fault that an operator has to mend: the account waits, and the message in its place.
    fn hold(&self, of: &Outgoing, status_code: u16, why: &str) -> Report {
        let event = Event::Failed { status_code, message: why.to_owned() };
        // If the account was opened anew meanwhile, the fault may be mended.
        let failed = Inbound { opening: Some(of.opening), ..Inbound::new(&of.account, event) };
        let inbox = self.inbox.clone();
        // Not waited for: whoever keeps the event may be waiting for this report.
        tokio::spawn(async move { inbox.put_all(vec![failed]).await });
        Report::later(Some(MENDED_WITHIN), status_code, why)
    }
}

impl Transport for WhatsAppCloud {
    async fn send(&self, message: &Outgoing) -> Report {
        let number = match phone_number_id(&message.settings) {
            Ok(number) => number,
            Err(why) => return self.hold(message, 400, why),
        };
        let body = match message::body(message) {
            Ok(body) => body,
            Err(why) => return Report::refused(400, &why),
        };
        let Some(request) = self.request(&number, body) else {
            return self.hold(message, 400, "the address of the Graph API is none");
        };
        let answer = match self.http.exchange(request).await {
            Ok(answer) => answer,
            Err(broken) => return broken.report(),
        };
        let status = answer.status.as_u16();
        match answer::verdict(&answer, message.attempt) {
            Verdict::Delivered(id) => Report::delivered_as(id),
            Verdict::Refused(why) => Report::refused(status, &why),
            Verdict::Later(wait, why) => Report::later(wait, status, &why),
            Verdict::Unknown(why) => Report::unknown_after(status, &why),
            Verdict::Operator(why) => self.hold(message, status, &why),
        }
    }

    async fn open(&self, account: &Connecting, inbox: &Inbox) {
        let event = match phone_number_id(&account.settings) {
            Ok(_) => Event::Open { login: !account.has_login },
            Err(why) => Event::Failed { status_code: 400, message: why.to_owned() },
        };
        inbox.put_of(account, event).await;
    }
}

impl fmt::Debug for WhatsAppCloud {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WhatsAppCloud").field("base", &self.operator.base).finish_non_exhaustive()
    }
}
