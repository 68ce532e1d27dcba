//! What makes an access token bad, and that a good one says what was asked for.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::{
    fs,
    sync::atomic::{AtomicI64, Ordering},
};

use ring::{
    hmac,
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair},
};
use rustls_pki_types::{PrivatePkcs8KeyDer, pem::PemObject as _};
use serde_json::json;

use super::{key::Key, *};

/// 1 April 2026, 09:00 in UTC, in seconds.
const NOW_S: i64 = 1_775_034_000;

/// A folder with a key, a clock that stands still until it is set, and what reads them.
struct Scene {
    folder: tempfile::TempDir,
    clock: Arc<AtomicI64>,
    auth: Auth,
}

impl Scene {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(AtomicI64::new(NOW_S * 1000));
        let time = clock.clone();
        let time: Clock = Arc::new(move || time.load(Ordering::SeqCst));
        let auth = Auth::with_clock(folder.path(), REFRESH_TOKEN_IDLE_DAYS, time).unwrap();
        Scene { folder, clock, auth }
    }

    fn at(&self, second: i64) {
        self.clock.store(second * 1000, Ordering::SeqCst);
    }

    fn kid(&self) -> String {
        self.auth.keys()[0].kid.clone()
    }

    fn private_pem(&self) -> Vec<u8> {
        fs::read(self.folder.path().join(format!("{}.pem", self.kid()))).unwrap()
    }

    fn token(&self) -> String {
        self.auth.sign(subject()).unwrap()
    }

    /// A token of any header and claims, signed by the key that signs.
    fn signed(&self, header: &Value, claims: &Value) -> String {
        let text = unsigned(header, claims);
        let signature = Key::of_pem(&self.private_pem()).unwrap().sign(text.as_bytes()).unwrap();
        format!("{text}.{}", base64(&signature))
    }

    fn header(&self) -> Value {
        json!({ "alg": "ES256", "typ": "JWT", "kid": self.kid() })
    }

    /// Whether a token of these claims is good.
    fn takes(&self, claims: &Value) -> bool {
        self.auth.verify(&self.signed(&self.header(), claims)).is_some()
    }
}

fn base64(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn unsigned(header: &Value, claims: &Value) -> String {
    format!("{}.{}", base64(header.to_string().as_bytes()), base64(claims.to_string().as_bytes()))
}

fn claims() -> Value {
    json!({
        "scope": "00000000000000000000000000000001", "iat": NOW_S, "exp": NOW_S + 3600,
        "user": { "id": "ann", "teamId": "team" },
    })
}

/// The claims with one of them changed.
fn with(key: &str, value: Value) -> Value {
    let mut claims = claims();
    claims[key] = value;
    claims
}

fn with_user(key: &str, value: Value) -> Value {
    let mut claims = claims();
    claims["user"][key] = value;
    claims
}

fn without(key: &str) -> Value {
    let mut claims = claims();
    claims.as_object_mut().unwrap().remove(key);
    claims
}

fn subject() -> Subject {
    let metadata = json!({ "type": "crm", "objectId": "7" }).as_object().cloned();
    Subject {
        user: "ann".to_owned(),
        team: "team".to_owned(),
        full_name: "Ann".to_owned(),
        scopes: set_of([Scope::AccountRead]),
        metadata,
    }
}

/// The parts of a token as JSON.
fn parts(token: &str) -> (Value, Value) {
    let mut parts = token.split('.').map(|part| URL_SAFE_NO_PAD.decode(part).unwrap());
    let mut next = || serde_json::from_slice(&parts.next().unwrap()).unwrap();
    (next(), next())
}

#[test]
fn a_token_says_exactly_what_the_contract_names() {
    let scene = Scene::new();
    let token = scene.token();
    let (header, claims) = parts(&token);
    assert_eq!(header, json!({ "alg": "ES256", "typ": "JWT", "kid": scene.kid() }));
    let expected = json!({
        "scope": "00000000000000000000000000000001", "iat": NOW_S, "exp": NOW_S + 3600,
        "user": {
            "id": "ann", "teamId": "team", "fullName": "Ann",
            "metadata": { "type": "crm", "objectId": "7" },
        },
    });
    assert_eq!(claims, expected);
    let verified = scene.auth.verify(&token).unwrap();
    assert_eq!((verified.user.as_str(), verified.team.as_str()), ("ann", "team"));
    assert_eq!(names_of(verified.scopes), ["ACCOUNT_READ"]);
    // Nobody's name and no metadata are not said.
    let plain = Subject { full_name: String::new(), metadata: None, ..subject() };
    let (_, claims) = parts(&scene.auth.sign(plain).unwrap());
    assert_eq!(claims["user"], json!({ "id": "ann", "teamId": "team" }));
}

#[test]
fn a_token_is_good_for_an_hour_to_the_second_also_when_it_was_seen_before() {
    let scene = Scene::new();
    let token = scene.token();
    for second in [0, 1, 3599] {
        scene.at(NOW_S + second);
        assert!(scene.auth.verify(&token).is_some(), "{second}");
    }
    scene.at(NOW_S + 3600);
    assert!(scene.auth.verify(&token).is_none());
    // The clock of its maker may be a minute ahead, and no more.
    scene.at(NOW_S - 60);
    assert!(scene.auth.verify(&token).is_some());
    scene.at(NOW_S - 61);
    assert!(scene.auth.verify(&token).is_none());
}

#[test]
fn a_token_that_somebody_else_signed_or_changed_is_bad() {
    let (scene, other) = (Scene::new(), Scene::new());
    assert!(scene.takes(&claims()), "what is changed below is good");
    assert!(scene.auth.verify(&other.token()).is_none(), "a key that is not known");
    // Another key under the id of ours.
    assert!(scene.auth.verify(&other.signed(&scene.header(), &claims())).is_none());
    let token = scene.signed(&scene.header(), &claims());
    let parts: Vec<_> = token.split('.').collect();
    let (header, signature) = (parts[0], parts[2]);
    let more = base64(with("scope", json!("1")).to_string().as_bytes());
    assert!(scene.auth.verify(&format!("{header}.{more}.{signature}")).is_none());
    // Every byte of it counts.
    for place in 0..token.len() {
        let mut changed = token.clone().into_bytes();
        changed[place] = if changed[place] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(changed).unwrap();
        assert!(scene.auth.verify(&changed).is_none(), "{place}: {changed}");
    }
}

#[test]
fn nothing_but_es256_is_taken_whatever_the_header_says() {
    let scene = Scene::new();
    let (kid, claims) = (scene.kid(), claims());
    let none = unsigned(&json!({ "alg": "none", "typ": "JWT", "kid": kid }), &claims);
    let of_public_key = unsigned(&json!({ "alg": "HS256", "typ": "JWT", "kid": kid }), &claims);
    let pem = scene.auth.keys()[0].public_pem.clone();
    let tag =
        hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, pem.as_bytes()), of_public_key.as_bytes());
    let der = unsigned(&scene.header(), &claims);
    let private = PrivatePkcs8KeyDer::from_pem_slice(&scene.private_pem()).unwrap();
    let random = SystemRandom::new();
    let private = private.secret_pkcs8_der();
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, private, &random).unwrap();
    let in_der = pair.sign(&random, der.as_bytes()).unwrap();
    for token in [
        format!("{none}."),
        none,
        format!("{of_public_key}.{}", base64(tag.as_ref())),
        format!("{der}.{}", base64(in_der.as_ref())),
        format!("{der}.{}", base64(&[0; 64])),
        format!("{der}."),
        String::new(),
        "a.b.c".to_owned(),
        "..".to_owned(),
    ] {
        assert!(scene.auth.verify(&token).is_none(), "{token}");
    }
    // Signed as it should be, and called something else.
    let header = |key: &str, value: Value| {
        let mut header = scene.header();
        header[key] = value;
        scene.auth.verify(&scene.signed(&header, &claims)).is_some()
    };
    assert!(header("alg", json!("ES256")));
    for alg in ["none", "None", "HS256", "ES384", "es256", "RS256", ""] {
        assert!(!header("alg", json!(alg)), "{alg}");
    }
    assert!(!header("typ", json!("at+jwt")) && !header("typ", json!(null)));
    assert!(!header("kid", json!("")) && !header("kid", json!("another")));
    assert!(!header("crit", json!(["exp"])) && !header("jwk", json!({})));
}

#[test]
fn claims_of_another_kind_make_a_token_bad() {
    let scene = Scene::new();
    for missing in ["scope", "iat", "exp", "user"] {
        assert!(!scene.takes(&without(missing)), "{missing}");
    }
    let text = |text: &str| json!(text);
    for scope in
        [text("2"), text("01 "), text("true"), text("0b1"), text("１"), json!(1), json!(null)]
    {
        assert!(!scene.takes(&with("scope", scope.clone())), "{scope}");
    }
    for time in [json!("1775034000"), json!(1_775_034_000.0), json!(true), json!(null), json!([])] {
        assert!(!scene.takes(&with("iat", time.clone())), "{time}");
        assert!(!scene.takes(&with("exp", time.clone())), "{time}");
    }
    for user in
        [json!(null), json!("ann"), json!({}), json!({ "id": "ann" }), json!({ "teamId": "t" })]
    {
        assert!(!scene.takes(&with("user", user.clone())), "{user}");
    }
    for id in [json!(7), json!(null), json!(""), json!(["ann"])] {
        assert!(!scene.takes(&with_user("id", id.clone())), "{id}");
        assert!(!scene.takes(&with_user("teamId", id.clone())), "{id}");
    }
    assert!(!scene.takes(&with_user("fullName", json!(7))));
    assert!(!scene.takes(&with_user("metadata", json!("text"))));
    // Nobody makes tokens for longer than an hour, for no time, or for times that there are not.
    for exp in [NOW_S + 3601, i64::MAX, NOW_S, NOW_S - 1, i64::MIN] {
        assert!(!scene.takes(&with("exp", json!(exp))), "{exp}");
    }
    assert!(!scene.takes(&with("iat", json!(i64::MIN))));
    // What nobody knows is passed over, and what may stand there may.
    assert!(scene.takes(&with("jti", json!("7"))));
    assert!(scene.takes(&with("scope", json!(""))) && scene.takes(&with("scope", json!("010"))));
    assert!(scene.takes(&with_user("metadata", json!({ "a": { "b": [1] } }))));
}

#[test]
fn a_token_longer_than_any_that_is_made_is_not_looked_at() {
    let scene = Scene::new();
    let long = |bytes| scene.takes(&with("more", json!("x".repeat(bytes))));
    assert!(long(5000) && !long(7000));
}

#[test]
fn once_its_key_is_retired_a_token_is_bad_though_it_was_seen() {
    let scene = Scene::new();
    let (folder, old) = (scene.folder.path(), scene.kid());
    let token = scene.token();
    assert!(scene.auth.verify(&token).is_some());
    activate_key(folder, &new_key(folder).unwrap()).unwrap();
    scene.auth.reload().unwrap();
    assert_ne!(scene.kid(), old);
    assert!(scene.auth.verify(&token).is_some(), "an old key verifies");
    assert!(scene.auth.verify(&scene.token()).is_some());
    retire_key(folder, &old, true).unwrap();
    assert!(scene.auth.verify(&token).is_some(), "until the folder is read");
    scene.auth.reload().unwrap();
    assert!(scene.auth.verify(&token).is_none());
    // What cannot be read changes nothing.
    fs::write(folder.join("active"), "none").unwrap();
    assert_eq!(scene.auth.reload().unwrap_err().code, "bad_keys");
    assert!(scene.auth.verify(&scene.token()).is_some());
}

#[test]
fn refresh_tokens_are_long_and_no_two_are_alike() {
    let token = new_refresh_token().unwrap();
    assert_eq!((token.len(), token.starts_with("twr_")), (47, true));
    assert_ne!(new_refresh_token().unwrap(), token);
}
