//! Who asks, and what they may do: access tokens, made by trading refresh tokens, and the keys that
//! sign and verify them.

mod key;
mod keyring;
mod recent;
mod scope;
mod token;

use std::{
    fmt,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, SystemTime},
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::rand::{SecureRandom as _, SystemRandom};
use serde_json::{Map, Value};
use tierwise_lanes::{Moment, Span};
use tierwise_runner::{Failure, Handle, Refusal, Scopes, TokenHash, Trade, Traded};

use crate::error::ServerError;
use keyring::Keyring;
pub use keyring::{ListedKey, activate_key, list_keys, new_key, retire_key};
use recent::Recent;
pub(crate) use scope::{Scope, names_of, set_of, set_of_names};
use token::Subject;
pub(crate) use token::Verified;

/// For how many days a refresh token lives without being used, if nothing else is set.
pub(crate) const REFRESH_TOKEN_IDLE_DAYS: u32 = 14;

/// The most days that may be set: a hundred years.
pub(crate) const MOST_IDLE_DAYS: u32 = 36_525;

/// How every refresh token begins, so that one that lies about is known for what it is.
const REFRESH_TOKEN_PREFIX: &str = "twr_";

/// Random bytes of a refresh token.
const REFRESH_TOKEN_BYTES: usize = 32;

/// Where the time comes from that tokens are made and held against: milliseconds since 1970 in UTC.
pub(crate) type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// Makes and verifies tokens. Cheap to clone: all clones are the same.
#[derive(Clone)]
pub(crate) struct Auth(Arc<Inner>);

struct Inner {
    folder: PathBuf,
    idle: Span,
    clock: Clock,
    loaded: RwLock<Arc<Loaded>>,
}

/// The keys as they were read last, and the tokens that they were seen to have signed.
struct Loaded {
    keyring: Keyring,
    recent: Recent,
}

/// Who signs in, for what.
pub(crate) struct SignIn {
    /// The refresh token.
    pub(crate) refresh_token: String,
    /// For which team.
    pub(crate) team: String,
    /// What is asked for; none: all that the person may do there.
    pub(crate) scopes: Option<Scopes>,
    /// What is copied into the access token.
    pub(crate) metadata: Option<Map<String, Value>>,
}

/// What somebody has who signed in.
pub(crate) struct SignedIn {
    /// The access token.
    pub(crate) access_token: String,
    /// The last moment at which the refresh token is good if it is not used again.
    pub(crate) refresh_token_expiry: Moment,
}

impl Auth {
    /// Reads the keys of a folder; makes it, with a key, if there is none. Errors: `bad_keys`.
    pub(crate) fn open(folder: &Path, refresh_token_idle_days: u32) -> Result<Self, ServerError> {
        Self::with_clock(folder, refresh_token_idle_days, Arc::new(system_ms))
    }

    /// The same with another clock: for tests.
    pub(crate) fn with_clock(
        folder: &Path,
        refresh_token_idle_days: u32,
        clock: Clock,
    ) -> Result<Self, ServerError> {
        let idle_s = u64::from(refresh_token_idle_days).saturating_mul(86_400);
        let loaded = RwLock::new(Arc::new(Loaded::of(Keyring::open(folder)?)));
        let (folder, idle) = (folder.to_owned(), Span::seconds(idle_s));
        Ok(Auth(Arc::new(Inner { folder, idle, clock, loaded })))
    }

    /// Reads the keys anew, as `SIGHUP` has it: from now on those of the folder count alone.
    /// Errors: `bad_keys`; then the old ones stay.
    pub(crate) fn reload(&self) -> Result<(), ServerError> {
        let loaded = Arc::new(Loaded::of(Keyring::read(&self.0.folder)?));
        *self.0.loaded.write().unwrap_or_else(PoisonError::into_inner) = loaded;
        Ok(())
    }

    fn loaded(&self) -> Arc<Loaded> {
        self.0.loaded.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn now_s(&self) -> i64 {
        (self.0.clock)().div_euclid(1000)
    }

    /// What an access token says, if it is good: signed by one of the keys by ES256, made by now,
    /// not expired. Tokens that were seen lately are not computed again.
    pub(crate) fn verify(&self, token: &str) -> Option<Arc<Verified>> {
        if !token::is_short(token) {
            return None;
        }
        let loaded = self.loaded();
        let known = loaded.recent.find(token);
        let is_known = known.is_some();
        let verified = match known {
            Some(verified) => verified,
            None => Arc::new(token::read(&loaded.keyring, token)?),
        };
        if !verified.is_good_at(self.now_s()) {
            return None;
        }
        if !is_known {
            loaded.recent.keep(token, verified.clone());
        }
        Some(verified)
    }

    /// Trades a refresh token for an access token: its use is on disk when this answers. Refused:
    /// `bad_refresh_token`, `not_a_member`, `no_scope_granted`.
    pub(crate) async fn trade(&self, queue: &Handle, sign_in: SignIn) -> Result<SignedIn, Failure> {
        let SignIn { refresh_token, team, scopes, metadata } = sign_in;
        let token = TokenHash::of(&refresh_token);
        let trade = Trade { token, team: team.clone(), scopes, idle: self.0.idle };
        let Traded { person, full_name, scopes, expires } = queue.trade(trade).await?;
        let subject = Subject { user: person, team, full_name, scopes, metadata };
        let signed = self.sign(subject).ok_or_else(|| {
            let message = "the system gives no random bytes to sign with".to_owned();
            Failure::Refused(Refusal { code: "internal", status: 500, message, data: Map::new() })
        });
        Ok(SignedIn { access_token: signed?, refresh_token_expiry: expires })
    }

    fn sign(&self, subject: Subject) -> Option<String> {
        token::make(self.loaded().keyring.active()?, subject, self.now_s())
    }

    /// The keys that verify, the one that signs first.
    pub(crate) fn keys(&self) -> Vec<ListedKey> {
        self.loaded().keyring.listed()
    }
}

impl Loaded {
    fn of(keyring: Keyring) -> Self {
        Loaded { keyring, recent: Recent::default() }
    }
}

impl fmt::Debug for Auth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Auth").field("folder", &self.0.folder).finish_non_exhaustive()
    }
}

fn system_ms() -> i64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    i64::try_from(since.unwrap_or(Duration::ZERO).as_millis()).unwrap_or(i64::MAX)
}

/// A refresh token that nobody has: 256 random bits. Whoever makes one shows it once, and keeps its
/// hash alone. Errors: `failed` if the system gives no random bytes.
pub(crate) fn new_refresh_token() -> Result<String, ServerError> {
    let mut bytes = [0; REFRESH_TOKEN_BYTES];
    let filled = SystemRandom::new().fill(&mut bytes);
    filled.map_err(|_| ServerError::new("failed", "the system gives no random bytes"))?;
    Ok(format!("{REFRESH_TOKEN_PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes)))
}

#[cfg(test)]
mod tests;
