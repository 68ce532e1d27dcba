//! What an operator configures: in a file, in the environment, by flags, each stronger than those
//! before it. Secrets stand in files or in the environment, never in it.

mod layers;
mod settings;

use std::{
    collections::BTreeMap,
    env, fs,
    net::SocketAddr,
    num::NonZeroU32,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use tierwise_transport::Secret;

use crate::{
    auth::{MOST_IDLE_DAYS, REFRESH_TOKEN_IDLE_DAYS},
    edge::Network,
    error::ServerError,
    logging::LogFormat,
};

pub use layers::{Configured, Effective, Flag, Origin, Purpose, Sources};
pub use settings::{SETTINGS, Setting};

/// What an operator configures. Every field has a default: the file may be empty. What each is for
/// stands in [`SETTINGS`], which has a line for every field.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub struct Config {
    /// The folder of what has no other place.
    pub data: PathBuf,
    /// Where everything is kept.
    pub store: StoreConfig,
    /// The folder of the keys that sign access tokens.
    pub keys: PathBuf,
    /// The socket for orders; whoever may open it may order anything.
    pub control: PathBuf,
    /// The address for HTTP; none: nothing is offered there.
    pub listen: Option<SocketAddr>,
    /// Whether accounts, messages, usage and invoices are offered over HTTP, beside signed events,
    /// `/health` and `/metrics`.
    pub api: bool,
    /// A folder of pages that are offered over HTTP.
    pub pages: Option<PathBuf>,
    /// The origins whose pages in browsers may ask.
    pub cors_origins: Vec<String>,
    /// The proxies whose word on a client's address is believed.
    pub trusted_proxies: Vec<Network>,
    /// TLS, if there is a certificate.
    pub tls: TlsConfig,
    /// What one client, and all of them, may ask for.
    pub limits: Limits,
    /// For how many days a refresh token is good without use.
    pub refresh_token_idle_days: u32,
    /// The catalog, instead of the built-in one.
    pub catalog: Option<PathBuf>,
    /// A policy component of one's own, instead of the built-in one.
    pub policy: Option<PathBuf>,
    /// How many messages may be out at once, over all accounts.
    pub most_out: usize,
    /// Accept, and send nothing: to look at what waits, as after a copy was put back.
    pub hold: bool,
    /// How long an attempt may take, in milliseconds.
    pub attempt_ms: u64,
    /// How long a runner may be silent before others take over, in milliseconds.
    pub lease_ms: u64,
    /// How log lines look.
    pub log: LogFormat,
    /// Which requests are logged.
    pub log_requests: LoggedRequests,
    /// The transports, by the name that accounts have them by. None named: `mock`.
    pub transports: BTreeMap<String, TransportConfig>,
}

/// TLS: both or neither. `SIGHUP` has the files read anew.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub struct TlsConfig {
    /// The server's certificate and those between it and an authority, PEM.
    pub certificate: Option<PathBuf>,
    /// Its private key, PEM.
    pub key: Option<PathBuf>,
}

/// What one client, and all of them, may ask for over HTTP.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub struct Limits {
    /// Requests a second of one access token; as many may come at once.
    pub per_token: NonZeroU32,
    /// Requests a second of one address; as many may come at once.
    pub per_address: NonZeroU32,
    /// Requests in work at once; others wait for a place.
    pub requests: NonZeroU32,
    /// Requests that wait for a place at once; what is beyond is answered 503.
    pub waiting: NonZeroU32,
    /// How long a request waits for a place before it is answered 503, in milliseconds.
    pub wait_ms: NonZeroU32,
    /// Connections at once; further ones wait.
    pub connections: NonZeroU32,
    /// Connections at once of one address, unless it is a trusted proxy; further ones are closed.
    pub connections_per_address: NonZeroU32,
    /// How long the headers of a request may take, and a connection rest, in milliseconds.
    pub header_ms: NonZeroU32,
    /// How long the body of a request may take, in milliseconds.
    pub body_ms: NonZeroU32,
}

/// Which requests are logged: method, route, status, time, number; never what was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LoggedRequests {
    /// None.
    None,
    /// Those that failed on this side: 500 and above, without those that were shed.
    Errors,
    /// All.
    All,
}

/// Where everything is kept.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
pub enum StoreConfig {
    /// A file of SQLite.
    Sqlite(PathBuf),
    /// A PostgreSQL. Its URL may hold a password: it stands in a variable of the environment.
    Postgres {
        /// The variable that holds the URL.
        #[serde(default = "StoreConfig::url_env")]
        url_env: String,
        /// The schema.
        #[serde(default = "StoreConfig::schema")]
        schema: String,
    },
}

impl StoreConfig {
    fn url_env() -> String {
        "TIERWISE_POSTGRES".to_owned()
    }

    fn schema() -> String {
        "tierwise".to_owned()
    }

    /// A schema of the PostgreSQL that the variable `TIERWISE_POSTGRES` names.
    pub fn postgres(schema: String) -> Self {
        StoreConfig::Postgres { url_env: Self::url_env(), schema }
    }
}

/// A transport: see `docs/transports.md`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, tag = "kind", rename_all = "kebab-case")]
pub enum TransportConfig {
    /// For trials: every login succeeds, every message is taken.
    Mock {},
    /// Signed POSTs to an endpoint.
    Webhook {
        /// The endpoint.
        url: String,
        /// Its keys, one in a line: `whsec_…`.
        keys: SecretConfig,
        /// Certificates, PEM, that are trusted beside Mozilla's.
        #[serde(default)]
        extra_roots: Option<PathBuf>,
    },
    /// Meta's Cloud API.
    WhatsappCloud {
        /// The token that sends.
        access_token: SecretConfig,
        /// The app's secrets, one in a line.
        app_secrets: SecretConfig,
        /// What Meta says to prove itself.
        verify_token: SecretConfig,
        /// Where the Graph API is.
        #[serde(default)]
        base_url: Option<String>,
        /// Its version.
        #[serde(default)]
        version: Option<String>,
    },
}

/// Where a secret stands.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
pub enum SecretConfig {
    /// In a file.
    File(PathBuf),
    /// In a variable of the environment.
    Env(String),
}

impl SecretConfig {
    /// The lines of it, without empty ones. Errors: `bad_config`.
    fn lines(&self) -> Result<Vec<String>, ServerError> {
        let text = match self {
            SecretConfig::File(path) => fs::read_to_string(path).map_err(|error| {
                ServerError::config(format_args!("the secret in `{}`: {error}", path.display()))
            })?,
            SecretConfig::Env(name) => env::var(name).map_err(|_| {
                let what = format_args!("the variable `{name}` with a secret is not set");
                ServerError::config(what)
            })?,
        };
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        Ok(lines.map(str::to_owned).collect())
    }

    pub(crate) fn secrets(&self) -> Result<Vec<Secret>, ServerError> {
        Ok(self.lines()?.into_iter().map(Secret::new).collect())
    }

    pub(crate) fn keys(&self) -> Result<Vec<String>, ServerError> {
        self.lines()
    }

    /// The only secret of it. Errors: `bad_config`.
    pub(crate) fn secret(&self) -> Result<Secret, ServerError> {
        match <[String; 1]>::try_from(self.lines()?) {
            Ok([line]) => Ok(Secret::new(line)),
            Err(lines) => Err(ServerError::config(format_args!(
                "{self:?} has {} lines, one is expected",
                lines.len()
            ))),
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        let of = |number| NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN);
        Limits {
            // Far above what a client of good will asks for, and what one machine can answer: a
            // limit that hinders nobody unawares.
            per_token: of(50_000),
            per_address: of(50_000),
            requests: of(512),
            waiting: of(4096),
            wait_ms: of(250),
            connections: of(4096),
            connections_per_address: of(2048),
            header_ms: of(15_000),
            body_ms: of(15_000),
        }
    }
}

impl Default for Config {
    fn default() -> Self {
        Config::within(Path::new("."))
    }
}

impl Config {
    /// The defaults, with what is kept in a folder.
    fn within(data: &Path) -> Self {
        let place = |name: &str| match data.to_str() {
            Some(".") => PathBuf::from(name),
            _ => data.join(name),
        };
        Config {
            data: data.to_owned(),
            store: StoreConfig::Sqlite(place("tierwise.db")),
            keys: place("tierwise.keys"),
            control: place("tierwise.sock"),
            listen: None,
            api: true,
            pages: None,
            cors_origins: Vec::new(),
            trusted_proxies: Vec::new(),
            tls: TlsConfig::default(),
            limits: Limits::default(),
            refresh_token_idle_days: REFRESH_TOKEN_IDLE_DAYS,
            catalog: None,
            policy: None,
            most_out: 10_000,
            hold: false,
            attempt_ms: 5000,
            lease_ms: 8000,
            log: LogFormat::Text,
            log_requests: LoggedRequests::Errors,
            transports: BTreeMap::new(),
        }
    }

    /// Errors: `bad_config`.
    pub(crate) fn check(&self) -> Result<(), ServerError> {
        let (attempt, lease) = (self.attempt_ms, self.lease_ms);
        if attempt == 0 || lease < attempt.saturating_add(2000) || lease > 600_000 {
            return Err(ServerError::config(format_args!(
                "`attempt_ms` is {attempt} and `lease_ms` {lease}: an attempt takes at least a \
                 millisecond, and a lease lasts at least two seconds longer, 600,000 ms at most"
            )));
        }
        if !(1..=MOST_IDLE_DAYS).contains(&self.refresh_token_idle_days) {
            return Err(ServerError::config(format_args!(
                "`refresh_token_idle_days` is {}: 1 to {MOST_IDLE_DAYS} are expected",
                self.refresh_token_idle_days
            )));
        }
        if self.most_out == 0 {
            return Err(ServerError::config("`most_out` is 0: nothing could ever be sent"));
        }
        if self.tls.certificate.is_some() != self.tls.key.is_some() {
            return Err(ServerError::config(
                "`tls.certificate` and `tls.key` go together: name both files, or neither",
            ));
        }
        crate::edge::check_origins(&self.cors_origins)?;
        let is_name = |name: &String| {
            let is_of_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
            (1..=64).contains(&name.len()) && name.bytes().all(is_of_name)
        };
        match self.transports.keys().find(|name| !is_name(name)) {
            Some(name) => Err(ServerError::config(format_args!(
                "a transport cannot be called `{name}`: letters, digits, `-` and `_` are expected, \
                 64 at most"
            ))),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Config, ServerError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tierwise.toml");
        fs::write(&path, text).unwrap();
        let sources = Sources { file: Some(path), ..Sources::default() };
        Configured::read(Purpose::Run, sources).map(|read| read.config)
    }

    #[test]
    fn an_empty_file_is_a_file_of_defaults() {
        let config = read("").unwrap();
        assert_eq!(config.store, StoreConfig::Sqlite(PathBuf::from("tierwise.db")));
        assert_eq!((config.attempt_ms, config.lease_ms), (5000, 8000));
    }

    #[test]
    fn stores_and_transports_are_named() {
        let config = read(
            r#"
            listen = "127.0.0.1:8750"
            [store.postgres]
            schema = "queue"
            [transports.gateway]
            kind = "webhook"
            url = "https://gateway.example/"
            keys.env = "GATEWAY_KEYS"
            "#,
        )
        .unwrap();
        let schema = "queue".to_owned();
        let url_env = "TIERWISE_POSTGRES".to_owned();
        assert_eq!(config.store, StoreConfig::Postgres { url_env, schema });
        assert!(matches!(config.transports["gateway"], TransportConfig::Webhook { .. }));
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        let say = |text| read(text).unwrap_err().message;
        assert!(say("lisen = 1").contains("lisen"), "{}", say("lisen = 1"));
        assert!(say("lease_ms = 5500").contains("two seconds longer"));
        assert!(say("most_out = 0").contains("nothing could ever be sent"));
        assert!(say("refresh_token_idle_days = 0").contains("1 to 36525 are expected"));
        assert!(say("refresh_token_idle_days = 36526").contains("1 to 36525 are expected"));
        assert!(say("[transports.\"a b\"]\nkind = \"mock\"").contains("cannot be called `a b`"));
        let no_kind = say("[transports.a]\nurl = \"x\"");
        assert!(no_kind.contains("kind"), "{no_kind}");
        assert_eq!(read("x").unwrap_err().code, "bad_config");
    }

    #[test]
    fn a_secret_is_one_line_of_a_file_or_a_variable() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        fs::write(&path, "one\n\n two \n").unwrap();
        let file = SecretConfig::File(path);
        assert_eq!(file.keys().unwrap(), ["one", "two"]);
        assert!(file.secret().unwrap_err().message.contains("2 lines"));
        let unset = SecretConfig::Env("TIERWISE_NO_SUCH_VARIABLE".to_owned());
        assert!(unset.secret().unwrap_err().message.contains("TIERWISE_NO_SUCH_VARIABLE"));
    }
}
