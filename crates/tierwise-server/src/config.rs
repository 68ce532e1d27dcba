//! The configuration file: TOML. Secrets stand in files or in the environment, never in it.

use std::{
    collections::BTreeMap,
    env, fs,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use serde::Deserialize;
use tierwise_transport::Secret;

use crate::{
    auth::{MOST_IDLE_DAYS, REFRESH_TOKEN_IDLE_DAYS},
    error::ServerError,
};

/// What an operator configures. Every field has a default: the file may be empty.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub struct Config {
    /// Where everything is kept.
    pub store: StoreConfig,
    /// The socket for orders; whoever may open it may order anything.
    pub control: PathBuf,
    /// The address for signed events, `/health` and `/metrics`; none: they are not offered.
    pub listen: Option<SocketAddr>,
    /// The folder of the keys that sign and verify access tokens.
    pub keys: PathBuf,
    /// For how many days a refresh token lives without being used.
    pub refresh_token_idle_days: u32,
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
    /// The transports, by the name that accounts have them by. None named: `mock`.
    pub transports: BTreeMap<String, TransportConfig>,
}

/// Where everything is kept.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
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
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
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
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
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

impl Default for Config {
    fn default() -> Self {
        Config {
            store: StoreConfig::Sqlite(PathBuf::from("tierwise.db")),
            control: PathBuf::from("tierwise.sock"),
            listen: None,
            keys: PathBuf::from("tierwise.keys"),
            refresh_token_idle_days: REFRESH_TOKEN_IDLE_DAYS,
            policy: None,
            most_out: 10_000,
            hold: false,
            attempt_ms: 5000,
            lease_ms: 8000,
            transports: BTreeMap::new(),
        }
    }
}

impl Config {
    /// Reads a file. Errors: `bad_config`, with the line.
    pub fn read(path: &Path) -> Result<Self, ServerError> {
        let shown = path.display();
        let text = fs::read_to_string(path)
            .map_err(|error| ServerError::config(format_args!("`{shown}`: {error}")))?;
        let config: Config = toml::from_str(&text)
            .map_err(|error| ServerError::config(format_args!("`{shown}`: {error}")))?;
        config.check()?;
        Ok(config)
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
        Config::read(&path)
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
