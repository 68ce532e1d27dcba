//! Access tokens: how one is written, and what a good one is.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tierwise_runner::Scopes;

use super::{key::Key, keyring::Keyring};

/// For how long a token is good, in seconds.
pub(crate) const LIFE_S: i64 = 3600;

/// By how much the clock of whoever made a token may be ahead, in seconds.
const AHEAD_S: i64 = 60;

/// The longest token that is looked at, in bytes: more than the longest that is made.
const MOST_BYTES: usize = 8192;

const ALGORITHM: &str = "ES256";
const KIND: &str = "JWT";

/// The bytes of a signature: `r` and `s`.
const SIGNATURE_BYTES: usize = 64;

/// Exactly what a token's header says: one that says more asks for what is not done here.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header<'a> {
    alg: &'a str,
    typ: &'a str,
    kid: &'a str,
}

#[derive(Serialize, Deserialize)]
struct Claims {
    scope: String,
    iat: i64,
    exp: i64,
    user: User,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct User {
    id: String,
    team_id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    full_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    metadata: Option<Map<String, Value>>,
}

/// For whom a token is made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Subject {
    /// The person.
    pub(crate) user: String,
    /// The team.
    pub(crate) team: String,
    /// The person's name; empty: it is not said.
    pub(crate) full_name: String,
    /// What may be done.
    pub(crate) scopes: Scopes,
    /// What the person who signs in says of where.
    pub(crate) metadata: Option<Map<String, Value>>,
}

/// What a good token says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Verified {
    /// The person.
    pub(crate) user: String,
    /// The one team that it is for.
    pub(crate) team: String,
    /// What may be done.
    pub(crate) scopes: Scopes,
    /// When it was made, in seconds since 1970.
    made_s: i64,
    /// From when on it is good no more, in seconds since 1970.
    expires_s: i64,
}

impl Verified {
    /// Whether it is good at a time, in seconds since 1970.
    pub(crate) fn is_good_at(&self, now_s: i64) -> bool {
        now_s < self.expires_s && self.made_s <= now_s.saturating_add(AHEAD_S)
    }
}

/// A token that is good from now on for an hour. None if the system gives no random bytes.
pub(crate) fn make(key: &Key, subject: Subject, now_s: i64) -> Option<String> {
    let header = Header { alg: ALGORITHM, typ: KIND, kid: key.kid() };
    let Subject { user, team, full_name, scopes, metadata } = subject;
    let full_name = Some(full_name).filter(|name| !name.is_empty());
    let claims = Claims {
        scope: scopes.to_string(),
        iat: now_s,
        exp: now_s.saturating_add(LIFE_S),
        user: User { id: user, team_id: team, full_name, metadata },
    };
    let mut token = URL_SAFE_NO_PAD.encode(serde_json::to_vec(&header).ok()?);
    token.push('.');
    URL_SAFE_NO_PAD.encode_string(serde_json::to_vec(&claims).ok()?, &mut token);
    let signature = key.sign(token.as_bytes())?;
    token.push('.');
    URL_SAFE_NO_PAD.encode_string(signature, &mut token);
    Some(token)
}

/// What a token says, if one of the keys signed it by ES256. Whether it is good now, what is given
/// says. The signature comes before the claims: nothing is read that somebody else wrote.
pub(crate) fn read(keyring: &Keyring, token: &str) -> Option<Verified> {
    if !is_short(token) {
        return None;
    }
    let (signed, signature) = token.rsplit_once('.')?;
    let (header, claims) = signed.split_once('.')?;
    let header = URL_SAFE_NO_PAD.decode(header).ok()?;
    let header: Header<'_> = serde_json::from_slice(&header).ok()?;
    if header.alg != ALGORITHM || header.typ != KIND {
        return None;
    }
    let key = keyring.find(header.kid)?;
    let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
    if signature.len() != SIGNATURE_BYTES || !key.verifies(signed.as_bytes(), &signature) {
        return None;
    }
    let claims: Claims = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()?;
    let Claims { scope, iat, exp, user } = claims;
    let life = exp.checked_sub(iat)?;
    if !(1..=LIFE_S).contains(&life) || user.id.is_empty() || user.team_id.is_empty() {
        return None;
    }
    Some(Verified {
        user: user.id,
        team: user.team_id,
        scopes: Scopes::parse(&scope)?,
        made_s: iat,
        expires_s: exp,
    })
}

/// Whether a token is worth looking at.
pub(crate) fn is_short(token: &str) -> bool {
    token.len() <= MOST_BYTES
}

#[cfg(test)]
impl Verified {
    /// One without scopes, of no time.
    pub(crate) fn of(user: &str, team: &str) -> Self {
        let (user, team) = (user.to_owned(), team.to_owned());
        Verified { user, team, scopes: Scopes::default(), made_s: 0, expires_s: 0 }
    }
}
