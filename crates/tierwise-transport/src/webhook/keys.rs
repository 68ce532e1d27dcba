//! Signs and checks webhooks, after the Standard Webhooks specification (symmetric, `v1`).

use std::fmt;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ring::hmac::{Context, HMAC_SHA256, Key, Tag};
use subtle::ConstantTimeEq;

use crate::OptionError;

const SECRET_PREFIX: &str = "whsec_";
const VERSION_PREFIX: &str = "v1,";
/// How long a secret is, in bytes, by the specification.
const SECRET_BYTES: std::ops::RangeInclusive<usize> = 24..=64;
/// More signatures in one header are not looked at.
const SIGNATURES_MOST: usize = 16;

/// The keys that webhooks are signed with. Every one of them signs what goes out; any of them is
/// enough for what comes in. So keys are changed without a pause: add the new one on both sides,
/// then take the old one away.
///
/// ```
/// use tierwise_transport::webhook::WebhookKeys;
///
/// let keys = WebhookKeys::new(["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"])?;
/// let body = br#"{"test": 2432232314}"#;
/// let signature = keys.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body);
/// assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
/// assert!(keys.verify("msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body, &signature));
/// # Ok::<(), tierwise_transport::OptionError>(())
/// ```
#[derive(Clone)]
pub struct WebhookKeys(Vec<Key>);

impl WebhookKeys {
    /// So many keys at most.
    pub const MOST: usize = 8;

    /// Reads secrets: `whsec_` and 24 to 64 bytes in base64.
    ///
    /// # Errors
    ///
    /// If there is none or more than [`MOST`](Self::MOST), or one is not of that form.
    pub fn new<'a>(secrets: impl IntoIterator<Item = &'a str>) -> Result<Self, OptionError> {
        let bad = |message: String| OptionError::new("/keys", message);
        let key = |(place, secret): (usize, &str)| {
            let form = "a secret is `whsec_` and 24 to 64 bytes in base64";
            let bytes = secret
                .strip_prefix(SECRET_PREFIX)
                .and_then(|text| STANDARD.decode(text).ok())
                .ok_or_else(|| bad(format!("key {place} cannot be read: {form}")))?;
            if !SECRET_BYTES.contains(&bytes.len()) {
                return Err(bad(format!("key {place} has {} bytes: {form}", bytes.len())));
            }
            Ok(Key::new(HMAC_SHA256, &bytes))
        };
        let keys: Vec<_> = secrets.into_iter().enumerate().map(key).collect::<Result<_, _>>()?;
        if keys.is_empty() || keys.len() > Self::MOST {
            return Err(bad(format!("{} keys: 1 to {} are needed", keys.len(), Self::MOST)));
        }
        Ok(WebhookKeys(keys))
    }

    /// The header `webhook-signature`: a signature by every key, with spaces between them.
    pub fn sign(&self, id: &str, timestamp_s: u64, body: &[u8]) -> String {
        let sign =
            |key| format!("{VERSION_PREFIX}{}", STANDARD.encode(tag(key, id, timestamp_s, body)));
        self.0.iter().map(sign).collect::<Vec<_>>().join(" ")
    }

    /// Whether one of the signatures in a header is by one of the keys. Takes the same time
    /// wherever a signature differs. Signatures of other versions are passed over.
    pub fn verify(&self, id: &str, timestamp_s: u64, body: &[u8], header: &str) -> bool {
        let given: Vec<Vec<u8>> = header
            .split_ascii_whitespace()
            .take(SIGNATURES_MOST)
            .filter_map(|signature| STANDARD.decode(signature.strip_prefix(VERSION_PREFIX)?).ok())
            .collect();
        let mut fits = subtle::Choice::from(0);
        for key in &self.0 {
            let tag = tag(key, id, timestamp_s, body);
            for given in &given {
                fits |= tag.as_ref().ct_eq(given);
            }
        }
        fits.into()
    }
}

fn tag(key: &Key, id: &str, timestamp_s: u64, body: &[u8]) -> Tag {
    let mut context = Context::with_key(key);
    context.update(format!("{id}.{timestamp_s}.").as_bytes());
    context.update(body);
    context.sign()
}

impl fmt::Debug for WebhookKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WebhookKeys({} hidden)", self.0.len())
    }
}

#[cfg(test)]
#[allow(clippy::panic, reason = "tests")]
mod tests {
    use super::*;

    const OLD: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const NEW: &str = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";

    fn keys(secrets: &[&str]) -> WebhookKeys {
        WebhookKeys::new(secrets.iter().copied()).unwrap_or_else(|error| panic!("{error}"))
    }

    #[test]
    fn the_example_of_the_specification_is_signed_as_there() {
        let signed = keys(&[OLD]).sign(
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1_614_265_330,
            br#"{"test": 2432232314}"#,
        );
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn one_key_in_common_is_enough() {
        let signed = keys(&[OLD, NEW]).sign("a", 1, b"{}");
        assert_eq!(signed.split(' ').count(), 2);
        assert!(keys(&[OLD]).verify("a", 1, b"{}", &signed));
        assert!(keys(&[NEW]).verify("a", 1, b"{}", &signed));
        assert!(keys(&[OLD, NEW]).verify("a", 1, b"{}", &keys(&[NEW]).sign("a", 1, b"{}")));
        assert!(!keys(&[OLD]).verify("a", 1, b"{}", &keys(&[NEW]).sign("a", 1, b"{}")));
    }

    #[test]
    fn every_part_is_signed_and_nothing_else_passes() {
        let keys = keys(&[OLD]);
        let signed = keys.sign("a", 1, b"{}");
        assert!(keys.verify("a", 1, b"{}", &signed));
        assert!(!keys.verify("b", 1, b"{}", &signed));
        assert!(!keys.verify("a", 2, b"{}", &signed));
        assert!(!keys.verify("a", 1, b"{ }", &signed));
        // An asymmetric signature beside it is passed over, but is none by itself.
        assert!(keys.verify("a", 1, b"{}", &format!("v1a,AAAA {signed}")));
        let short = &signed[..signed.len() - 4];
        for forged in ["", "v1,", "v1", "v1,AAAA", "v1a,AAAA", "v2,x", short, &signed[3..]] {
            assert!(!keys.verify("a", 1, b"{}", forged), "{forged}");
        }
    }

    #[test]
    fn a_secret_that_is_none_is_refused_and_never_shown() {
        let long = format!("whsec_{}", STANDARD.encode([0; 65]));
        for bad in ["", "secret", "whsec_", "whsec_?", "whsec_AAAA", &long] {
            let Err(error) = WebhookKeys::new([bad]) else { panic!("`{bad}` was taken") };
            assert!(error.to_string().contains("24 to 64 bytes"), "{error}");
            assert!(!error.to_string().contains("AAAA"), "{error}");
        }
        assert!(WebhookKeys::new([]).is_err());
        assert!(WebhookKeys::new([OLD; 9]).is_err());
        assert_eq!(format!("{:?}", keys(&[OLD])), "WebhookKeys(1 hidden)");
    }
}
