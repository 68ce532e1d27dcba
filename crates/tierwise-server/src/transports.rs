//! The transports that a configuration names, and how each takes what its network posts.

use std::{
    collections::{BTreeMap, HashMap},
    fs,
    sync::{Arc, RwLock},
    time::SystemTime,
};

use serde::Deserialize;
use tierwise_runner::{AccountsAsked, Handle};
use tierwise_transport::{
    AnyTransport, Connecting, Http, HttpOptions, InboundCode, InboundError, Inbox, Mock, Outgoing,
    Report, Transport,
    webhook::{Webhook, WebhookKeys},
    whatsapp::{WhatsAppCloud, WhatsAppOptions},
};

use crate::{
    config::{Config, TransportConfig},
    error::ServerError,
};

/// Accounts that are read at a time.
const PART: u32 = 1000;

/// The transport of accounts whose type is `wa`: the operator plugs it in.
const WHATSAPP: &str = "wa";

/// Stands where nothing is plugged in: whoever is to be connected stays so.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Unplugged;

impl Transport for Unplugged {
    async fn send(&self, _: &Outgoing) -> Report {
        Report::later(None, 0, "no transport is plugged in")
    }

    async fn open(&self, _: &Connecting, _: &Inbox) {}
}

/// The transports by name: what sends, and what takes the posts of networks.
pub(crate) struct Transports {
    pub(crate) sending: Vec<(String, AnyTransport)>,
    pub(crate) taking: BTreeMap<String, Taking>,
}

/// A transport whose network posts what it brings.
#[derive(Clone)]
pub(crate) enum Taking {
    Webhook(Webhook),
    WhatsApp(WhatsAppCloud, Arc<Numbers>),
}

impl Transports {
    /// Those of a configuration. Errors: `bad_config`, `bad_option`.
    pub(crate) fn of(config: &Config, inbox: &Inbox) -> Result<Self, ServerError> {
        let mut all = Transports { sending: Vec::new(), taking: BTreeMap::new() };
        if config.transports.is_empty() {
            all.sending.push(("mock".to_owned(), AnyTransport::new(Mock::new())));
        }
        if !config.transports.contains_key(WHATSAPP) {
            all.sending.push((WHATSAPP.to_owned(), AnyTransport::new(Unplugged)));
        }
        for (name, transport) in &config.transports {
            let (sending, taking) = made(transport, &inbox.of(name)).map_err(|mut error| {
                error.message = format!("transport `{name}`: {}", error.message);
                error
            })?;
            all.sending.push((name.clone(), sending));
            all.taking.extend(taking.map(|taking| (name.clone(), taking)));
        }
        Ok(all)
    }
}

fn made(
    transport: &TransportConfig,
    inbox: &Inbox,
) -> Result<(AnyTransport, Option<Taking>), ServerError> {
    let bad = |error: tierwise_transport::OptionError| ServerError::new("bad_option", error);
    match transport {
        TransportConfig::Mock {} => Ok((AnyTransport::new(Mock::new()), None)),
        TransportConfig::Webhook { url, keys, extra_roots } => {
            let mut options = HttpOptions::default();
            if let Some(path) = extra_roots {
                options.extra_roots_pem = fs::read(path).map_err(|error| {
                    ServerError::config(format_args!("`{}`: {error}", path.display()))
                })?;
            }
            let keys = keys.keys()?;
            let keys = WebhookKeys::new(keys.iter().map(String::as_str)).map_err(bad)?;
            let http = Http::new(&options).map_err(bad)?;
            let webhook = Webhook::new(http, url, keys).map_err(bad)?;
            Ok((AnyTransport::new(webhook.clone()), Some(Taking::Webhook(webhook))))
        }
        TransportConfig::WhatsappCloud {
            access_token,
            app_secrets,
            verify_token,
            base_url,
            version,
        } => {
            let none = tierwise_transport::Secret::new("");
            let token = access_token.secret()?;
            let mut options = WhatsAppOptions::new(token, none, verify_token.secret()?);
            options.app_secrets = app_secrets.secrets()?;
            if let Some(url) = base_url {
                options.base_url.clone_from(url);
            }
            if let Some(version) = version {
                options.version.clone_from(version);
            }
            let http = Http::new(&HttpOptions::default()).map_err(bad)?;
            let cloud = WhatsAppCloud::new(http, &options, inbox.clone()).map_err(bad)?;
            let taking = Taking::WhatsApp(cloud.clone(), Arc::default());
            Ok((AnyTransport::new(cloud), Some(taking)))
        }
    }
}

impl Taking {
    /// Takes a post: when this returns, it is on disk. Errors: those of the transport, and
    /// `not_kept`.
    pub(crate) async fn take(
        &self,
        name: &str,
        queue: &Handle,
        header: impl Fn(&'static str) -> Option<String>,
        body: &[u8],
    ) -> Result<(), InboundError> {
        let names = ["webhook-id", "webhook-timestamp", "webhook-signature", "x-hub-signature-256"];
        let headers = names.map(|name| (name, header(name)));
        let header = |asked: &'static str| {
            let found = headers.iter().find(|(name, _)| *name == asked);
            found.and_then(|(_, value)| value.as_deref())
        };
        let inbox = queue.inbox().of(name);
        match self {
            Taking::Webhook(webhook) => {
                webhook.accept(header, body, SystemTime::now(), &inbox).await.map(drop)
            }
            Taking::WhatsApp(cloud, numbers) => {
                let read = || cloud.notification(header, body, |number| numbers.account(number));
                let mut events = read()?;
                // The signature is right; a number that nobody knew may be that of a new account.
                if numbers.has_missed() {
                    numbers.look(name, queue).await?;
                    events = read()?;
                }
                if inbox.put_all(events).await {
                    return Ok(());
                }
                let message = "an event could not be kept: bring it again".to_owned();
                Err(InboundError { code: InboundCode::NotKept, path: String::new(), message })
            }
        }
    }
}

/// Which account has which of Meta's phone numbers.
#[derive(Debug, Default)]
pub(crate) struct Numbers(RwLock<Known>);

#[derive(Debug, Default)]
struct Known {
    accounts: HashMap<String, String>,
    has_missed: bool,
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

impl Numbers {
    fn known(&self) -> std::sync::RwLockWriteGuard<'_, Known> {
        self.0.write().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn account(&self, number: &str) -> Option<String> {
        let mut known = self.known();
        let account = known.accounts.get(number).cloned();
        known.has_missed |= account.is_none();
        account
    }

    fn has_missed(&self) -> bool {
        std::mem::take(&mut self.known().has_missed)
    }

    /// Reads the numbers of all accounts of a transport. Of two accounts that claim one number, the
    /// first that was created has it.
    async fn look(&self, transport: &str, queue: &Handle) -> Result<(), InboundError> {
        let mut accounts = HashMap::new();
        let mut asked = AccountsAsked::all(PART);
        loop {
            let part = queue.accounts(asked.clone()).await.map_err(|failure| InboundError {
                code: InboundCode::NotKept,
                path: String::new(),
                message: failure.to_string(),
            })?;
            let Some(last) = part.last() else { break };
            asked.before = Some(last.row.key);
            let of_transport = part.iter().filter(|account| account.row.transport == transport);
            for account in of_transport {
                if let Ok(settings) = serde_json::from_str::<Settings>(&account.row.settings) {
                    accounts.insert(settings.whatsapp.phone_number_id, account.row.id.clone());
                }
            }
        }
        self.known().accounts = accounts;
        Ok(())
    }
}
