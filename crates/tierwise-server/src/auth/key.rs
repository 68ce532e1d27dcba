//! One key: P-256, which signs and verifies by ES256 and nothing else.
//!
//! Signatures are made and checked by ring, which the rest of the program uses for TLS and web
//! hooks already, in its form of fixed length alone: 64 bytes, `r` and `s`. There is one algorithm,
//! so there is nothing that the header of a token could choose.

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use ring::{
    digest,
    rand::SystemRandom,
    signature::{
        ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _,
        UnparsedPublicKey,
    },
};
use rustls_pki_types::{PrivatePkcs8KeyDer, pem::PemObject as _};

/// What stands before the point of a public key of P-256 in its SubjectPublicKeyInfo (RFC 5480).
const SPKI: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a,
    0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];

/// The bytes of a coordinate of a point.
const COORDINATE: usize = 32;

/// The bytes of base64 in a line of PEM.
const PEM_LINE: usize = 64;

/// A key pair, and what it is called.
pub(crate) struct Key {
    kid: String,
    pair: EcdsaKeyPair,
}

impl Key {
    /// A new private key as PEM text (PKCS#8), and its id. None if the system gives no random
    /// bytes.
    pub(crate) fn generate() -> Option<(String, String)> {
        loop {
            let random = SystemRandom::new();
            let made =
                EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).ok()?;
            let key = Self::of_pkcs8(made.as_ref())?;
            // One that begins with `-` would be taken for an option where it is named.
            if key.kid.starts_with(|first: char| first.is_ascii_alphanumeric()) {
                return Some((pem("PRIVATE KEY", made.as_ref()), key.kid));
            }
        }
    }

    /// Reads a private key: PEM text, PKCS#8. None if it is anything else.
    pub(crate) fn of_pem(text: &[u8]) -> Option<Self> {
        Self::of_pkcs8(PrivatePkcs8KeyDer::from_pem_slice(text).ok()?.secret_pkcs8_der())
    }

    fn of_pkcs8(der: &[u8]) -> Option<Self> {
        let random = SystemRandom::new();
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, der, &random).ok()?;
        let kid = thumbprint(pair.public_key().as_ref())?;
        Some(Key { kid, pair })
    }

    /// Its id: the thumbprint of its public key (RFC 7638), so that the same key has the same id
    /// everywhere.
    pub(crate) fn kid(&self) -> &str {
        &self.kid
    }

    /// The public key as PEM text (SubjectPublicKeyInfo).
    pub(crate) fn public_pem(&self) -> String {
        pem("PUBLIC KEY", &[&SPKI, self.pair.public_key().as_ref()].concat())
    }

    /// The signature of some bytes; none if the system gives no random bytes.
    pub(crate) fn sign(&self, bytes: &[u8]) -> Option<Vec<u8>> {
        let signature = self.pair.sign(&SystemRandom::new(), bytes).ok()?;
        Some(signature.as_ref().to_vec())
    }

    /// Whether a signature of 64 bytes is that of some bytes by this key.
    pub(crate) fn verifies(&self, bytes: &[u8], signature: &[u8]) -> bool {
        let public = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, self.pair.public_key());
        public.verify(bytes, signature).is_ok()
    }
}

/// The thumbprint of a point that is written as `04`, x, y.
fn thumbprint(point: &[u8]) -> Option<String> {
    let (x, y) = point.strip_prefix(&[4])?.split_at_checked(COORDINATE)?;
    let (x, y) = (URL_SAFE_NO_PAD.encode(x), URL_SAFE_NO_PAD.encode(y));
    let members = format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#);
    Some(URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, members.as_bytes())))
}

fn pem(label: &str, der: &[u8]) -> String {
    let base64 = STANDARD.encode(der);
    let mut text = format!("-----BEGIN {label}-----\n");
    for (place, character) in base64.chars().enumerate() {
        if place > 0 && place.is_multiple_of(PEM_LINE) {
            text.push('\n');
        }
        text.push(character);
    }
    text + &format!("\n-----END {label}-----\n")
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    /// Of tests alone. Made by `openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256`.
    const FROM_OPENSSL: &str = include_str!("test_key.pem");

    #[test]
    fn a_thumbprint_is_that_of_its_json_web_key() {
        // The point of RFC 7517, A.1; its thumbprint was computed by other means.
        let decode = |text| URL_SAFE_NO_PAD.decode(text).unwrap();
        let x = decode("MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4");
        let y = decode("4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM");
        let point = [vec![4], x, y].concat();
        let expected = "cn-I_WNMClehiVp51i_0VpOENW1upEerA8sEam5hn-s";
        assert_eq!(thumbprint(&point).as_deref(), Some(expected));
        assert_eq!(thumbprint(&point[1..]), None);
    }

    #[test]
    fn a_key_of_openssl_is_read_and_its_public_key_is_the_same() {
        let key = Key::of_pem(FROM_OPENSSL.as_bytes()).unwrap();
        assert_eq!(key.public_pem(), include_str!("test_key.public.pem"));
        let signature = key.sign(b"text").unwrap();
        assert_eq!(signature.len(), 64);
        assert!(key.verifies(b"text", &signature));
        assert!(!key.verifies(b"texT", &signature));
        assert!(!key.verifies(b"text", &signature[..63]));
    }

    #[test]
    fn a_new_key_is_read_as_it_was_written() {
        let (text, kid) = Key::generate().unwrap();
        assert!(text.starts_with("-----BEGIN PRIVATE KEY-----\n"), "{text}");
        assert!(text.lines().all(|line| line.len() <= PEM_LINE));
        assert_eq!(Key::of_pem(text.as_bytes()).unwrap().kid(), kid);
        assert_ne!(Key::generate().unwrap().1, kid);
        for other in
            ["", "x", FROM_OPENSSL.trim_start_matches('-'), include_str!("test_key.public.pem")]
        {
            assert!(Key::of_pem(other.as_bytes()).is_none(), "{other}");
        }
    }
}
