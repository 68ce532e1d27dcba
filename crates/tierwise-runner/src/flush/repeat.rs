//! Creations that carry a key: a repeat creates nothing.

use std::fmt::Write as _;

use serde_json::{json, value::RawValue};
use sha2::{Digest as _, Sha256};
use tierwise_lanes::{Moment, Span};

use super::desk::{Desk, Stop};
use crate::{content, error::Refusal, model::Ended, request::NewAccount, store::Creation};

/// How long a key of a creation is remembered.
const KEY_REMEMBERED: Span = Span::seconds(86_400);

/// A creation that carries a key, as it is kept.
pub(super) struct Keyed {
    team: String,
    /// The hash of the key.
    key: String,
    /// The hash of what is asked for.
    asked: String,
}

impl Keyed {
    /// None for a creation without a key.
    pub(super) fn of(new: &NewAccount) -> Option<Self> {
        let key = new.idempotency_key.as_deref().filter(|key| !key.is_empty())?;
        let NewAccount { team, transport, tier, nickname, settings, .. } = new;
        // As it was asked for: a default that changes meanwhile makes no other request of it.
        let exact = |raw: &RawValue| content::exact(raw.get()).unwrap_or_else(|| raw.get().into());
        // Settings that say nothing are none, as an empty name is.
        let settings = settings.as_deref().map(exact).filter(|settings| *settings != json!({}));
        let asked = json!([transport, tier, nickname, settings]).to_string();
        Some(Keyed { team: team.clone(), key: hash(key), asked: hash(&asked) })
    }
}

impl Desk<'_> {
    /// The account that a creation with the same key has created. Refused: `id_reused` if it asked
    /// for something else; `not_found` if the account was deleted since, as whoever repeats it does
    /// not ask for another one.
    pub(super) fn created_before(&mut self, keyed: &Keyed) -> Result<Option<String>, Stop> {
        let Keyed { team, key, asked } = keyed;
        let since = self.remembered_since();
        let Some(creation) = self.transaction.creation(team, key, since)? else { return Ok(None) };
        if creation.asked != *asked {
            let reused = "the Idempotency-Key is taken by a creation that asked for something else";
            return Err(Refusal::new("id_reused", 409, reused).into());
        }
        let on_desk = self.rows.values().find(|working| working.row.id == creation.account);
        let is_there = match on_desk {
            Some(working) => working.row.ended != Some(Ended::Deleted),
            None => self.transaction.is_account(&creation.account)?,
        };
        if !is_there {
            return Err(Refusal::no_account(&creation.account).into());
        }
        Ok(Some(creation.account))
    }

    /// Remembers what a creation with a key has created.
    pub(super) fn remember_creation(&mut self, keyed: Keyed, account: &str) -> Result<(), Stop> {
        let Keyed { team, key, asked } = keyed;
        let creation = Creation { account: account.to_owned(), asked, at: self.now };
        let before = self.remembered_since();
        Ok(self.transaction.keep_creation(&team, &key, &creation, before)?)
    }

    fn remembered_since(&self) -> Moment {
        let ms = i64::try_from(KEY_REMEMBERED.0).unwrap_or(i64::MAX);
        Moment(self.now.0.saturating_sub(ms))
    }
}

fn hash(text: &str) -> String {
    let mut hex = String::with_capacity(64);
    for byte in Sha256::digest(text) {
        // Writing into a text does not fail.
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}
