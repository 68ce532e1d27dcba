//! Tokens that were verified lately: each request brings one, and to verify one takes longer than
//! most of what is asked.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use ring::digest;

use super::Verified;

/// Tokens of a generation. There are two, so at most twice as many are kept: a few megabytes.
const MOST: usize = 8192;

/// A token's SHA-256: tokens themselves are not kept.
type Hash = [u8; 32];

/// Two generations of tokens: when the younger one is full, the older one is forgotten. What is
/// used stays.
#[derive(Default)]
pub(super) struct Recent(Mutex<Generations>);

#[derive(Default)]
struct Generations {
    young: HashMap<Hash, Arc<Verified>>,
    old: HashMap<Hash, Arc<Verified>>,
}

impl Recent {
    /// What a token says that was verified before; whether it is good still, its times say.
    pub(super) fn find(&self, token: &str) -> Option<Arc<Verified>> {
        let hash = hash(token)?;
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(verified) = all.young.get(&hash) {
            return Some(verified.clone());
        }
        let verified = all.old.remove(&hash)?;
        all.keep(hash, verified.clone());
        Some(verified)
    }

    /// Keeps what a token says.
    pub(super) fn keep(&self, token: &str, verified: Arc<Verified>) {
        let Some(hash) = hash(token) else { return };
        self.0.lock().unwrap_or_else(PoisonError::into_inner).keep(hash, verified);
    }
}

impl Generations {
    fn keep(&mut self, hash: Hash, verified: Arc<Verified>) {
        if self.young.len() >= MOST {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(hash, verified);
    }
}

fn hash(token: &str) -> Option<Hash> {
    digest::digest(&digest::SHA256, token.as_bytes()).as_ref().try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_are_kept_as_two_generations_hold_and_what_is_used_stays() {
        let recent = Recent::default();
        let verified = Arc::new(Verified::of("user", "team"));
        recent.keep("used", verified.clone());
        for number in 0..5 * MOST {
            recent.keep(&number.to_string(), verified.clone());
            assert!(recent.find("used").is_some(), "{number}");
        }
        let all = recent.0.lock().unwrap();
        assert!(all.young.len() + all.old.len() <= 2 * MOST);
        drop(all);
        assert!(recent.find("0").is_none());
        let last = (5 * MOST - 1).to_string();
        assert!(recent.find(&last).is_some());
    }
}
