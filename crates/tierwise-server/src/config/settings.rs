//! The table of settings: every key of the configuration, once, with what it is for.

/// A setting. In the environment it is called `TIERWISE_` and its key in capitals, with `_` for `.`
/// (`TIERWISE_LIMITS_PER_TOKEN`); on the command line it is `--set KEY=VALUE`.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// Its key in the file.
    pub key: &'static str,
    /// What it is for.
    pub about: &'static str,
}

impl Setting {
    /// The variable of the environment that sets it.
    pub fn variable(&self) -> String {
        format!("TIERWISE_{}", self.key.to_uppercase().replace('.', "_"))
    }
}

const fn setting(key: &'static str, about: &'static str) -> Setting {
    Setting { key, about }
}

/// All settings, in the order in which they are shown. Transports, which have names of their own,
/// stand in the file alone.
pub const SETTINGS: &[Setting] = &[
    setting("data", "the folder of store, keys and socket, and of `tierwise.toml`"),
    setting("store.sqlite", "a file of SQLite that keeps everything"),
    setting("store.postgres.schema", "or a schema of a PostgreSQL"),
    setting("store.postgres.url_env", "the variable that holds its URL"),
    setting("keys", "the folder of the keys that sign access tokens"),
    setting("control", "the socket for orders"),
    setting("listen", "the address for HTTP"),
    setting("api", "whether the API is offered, beside events, `/health` and `/metrics`"),
    setting("pages", "a folder of pages that are offered at `/`"),
    setting("cors_origins", "origins whose pages in browsers may ask"),
    setting("trusted_proxies", "addresses or networks of proxies, believed in X-Forwarded-For"),
    setting("tls.certificate", "the certificate and its chain, PEM"),
    setting("tls.key", "its private key, PEM"),
    setting("limits.per_token", "requests a second of one access token"),
    setting("limits.per_address", "requests a second of one address"),
    setting("limits.requests", "requests in work at once; more wait for a place"),
    setting("limits.waiting", "requests that wait for a place; more are answered 503"),
    setting("limits.wait_ms", "milliseconds of waiting after which one is answered 503"),
    setting("limits.connections", "connections at once; more wait"),
    setting("limits.connections_per_address", "of one address; more are closed"),
    setting("limits.header_ms", "milliseconds for the headers of a request, and to rest"),
    setting("limits.body_ms", "milliseconds for the body of a request"),
    setting("refresh_token_idle_days", "days without use after which a refresh token lapses"),
    setting("catalog", "a catalog of one's own: JSON, YAML or TOML"),
    setting("policy", "a policy component of one's own"),
    setting("most_out", "messages out at once, over all accounts"),
    setting("hold", "accept, and send nothing"),
    setting("attempt_ms", "milliseconds that an attempt may take"),
    setting("lease_ms", "milliseconds of silence after which other runners take over"),
    setting("log", "how log lines look: `text` or `json`"),
    setting("log_requests", "which requests are logged: `none`, `errors` or `all`"),
];
