//! What people send who mean no good: each is refused as the contract says, over HTTP, and nothing
//! comes of it.

use std::{fs, net::SocketAddr, time::Duration};

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::{
    hmac,
    rand::SystemRandom,
    signature::{
        ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair,
        EcdsaSigningAlgorithm,
    },
};
use rustls_pki_types::{PrivatePkcs8KeyDer, pem::PemObject as _};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

use super::{
    Answer, Asked, PLAIN, START, World,
    contract::Contract,
    messages::{ids, only},
    tokens::{OF_BOB, TOKEN, access, peopled},
};
use crate::config::Config;

const PATIENCE: Duration = Duration::from_secs(30);

/// Tokens that nobody of the service made.
struct Forger {
    kid: String,
    private: PrivatePkcs8KeyDer<'static>,
    public_pem: String,
}

impl Forger {
    async fn of(world: &World) -> Self {
        let keys = world.ask_as("", Method::GET, "/auth/public-key", Value::Null).await.good();
        let (kid, pem) = (keys["keys"][0]["kid"].as_str(), keys["keys"][0]["pem"].as_str());
        let kid = kid.unwrap().to_owned();
        let private = fs::read(world.folder.path().join(format!("keys/{kid}.pem"))).unwrap();
        let private = PrivatePkcs8KeyDer::from_pem_slice(&private).unwrap();
        Forger { kid, private, public_pem: pem.unwrap().to_owned() }
    }

    fn unsigned(&self, alg: &str, claims: &Value) -> String {
        let header = json!({ "alg": alg, "typ": "JWT", "kid": self.kid });
        let part = |part: &Value| URL_SAFE_NO_PAD.encode(part.to_string());
        format!("{}.{}", part(&header), part(claims))
    }

    fn signed(&self, how: &'static EcdsaSigningAlgorithm, claims: &Value) -> String {
        let (text, random) = (self.unsigned("ES256", claims), SystemRandom::new());
        let key = self.private.secret_pkcs8_der();
        let key = EcdsaKeyPair::from_pkcs8(how, key, &random).unwrap();
        let signature = key.sign(&random, text.as_bytes()).unwrap();
        format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

fn claims(scope: &str, seconds: i64) -> Value {
    let made = START / 1000 + seconds;
    let user = json!({ "id": "ann", "teamId": "acme" });
    json!({ "scope": scope, "iat": made, "exp": made + 3600, "user": user })
}

/// `ACCOUNT_READ` alone.
const READS: &str = "00000000000000000000000000000001";

#[tokio::test]
async fn a_token_that_somebody_forged_or_that_ran_out_opens_nothing() {
    let world = peopled().await;
    let forger = Forger::of(&world).await;
    let list =
        async |token: &str| world.ask_as(token, Method::GET, "/im/accounts", Value::Null).await;
    let signed = |claims: &Value| forger.signed(&ECDSA_P256_SHA256_FIXED_SIGNING, claims);
    // What is spoilt below is good.
    assert_eq!(list(&signed(&claims(READS, 0))).await.status, 200);
    let none = forger.unsigned("none", &claims(READS, 0));
    let of_public = forger.unsigned("HS256", &claims(READS, 0));
    let key = hmac::Key::new(hmac::HMAC_SHA256, forger.public_pem.as_bytes());
    let tag = hmac::sign(&key, of_public.as_bytes());
    let no_team = json!({ "id": "ann" });
    let mut teamless = claims(READS, 0);
    teamless["user"] = no_team;
    let mut bad = vec![
        format!("{none}."),
        none,
        format!("{of_public}.{}", URL_SAFE_NO_PAD.encode(tag)),
        forger.signed(&ECDSA_P256_SHA256_ASN1_SIGNING, &claims(READS, 0)),
        signed(&claims(READS, -3600)),
        signed(&claims(READS, 3600)),
        signed(&teamless),
    ];
    for other in ["2", "0 1", "true", "-1", "１", "0x1", "1e31", "0,1"] {
        bad.push(signed(&claims(&format!("{READS}{other}"), 0)));
    }
    for token in bad {
        let refused = list(&token).await;
        assert_eq!(refused.code(), (401, "bad_token"), "{token}");
        assert_eq!(refused.headers["www-authenticate"], "Bearer");
    }
    // Numbers beyond its end are not granted, and those that nobody knows open nothing.
    for scope in ["", "0", &READS.replace('1', "0"), &format!("{}1", "0".repeat(500))] {
        assert_eq!(list(&signed(&claims(scope, 0))).await.code(), (403, "missing_scope"));
    }
    // The header is one, and says `Bearer`.
    let good = signed(&claims(READS, 0));
    let (bearer, basic) = (format!("Bearer {good}"), format!("Basic {good}"));
    for values in [&[&*basic][..], &[&good], &[&bearer, &bearer], &["Bearer"], &["Bearer "], &[""]]
    {
        let headers: Vec<_> = values.iter().map(|value| ("authorization", *value)).collect();
        let asked = Asked { token: "", headers: &headers, body: Vec::new() };
        let refused = world.send(Method::GET, "/im/accounts", asked).await;
        assert_eq!(refused.code(), (401, "bad_token"), "{values:?}");
    }
}

#[tokio::test]
async fn a_token_opens_its_own_team_and_what_its_scopes_name() {
    let world = peopled().await;
    let (ann, bob) = (access(&world, TOKEN, "acme").await, access(&world, OF_BOB, "acme").await);
    let of_beta = access(&world, TOKEN, "beta").await;
    let made = json!({ "type": "mock", "tier": PLAIN });
    let account = world.ask_as("acme", Method::POST, "/im/accounts", made).await.good();
    let path = format!("/im/accounts/{}", account["accountId"].as_str().unwrap());
    for token in [&ann, &bob] {
        assert_eq!(world.ask_as(token, Method::GET, &path, Value::Null).await.status, 200);
        let refused = world.ask_as(token, Method::DELETE, &path, Value::Null).await;
        assert_eq!(refused.code(), (403, "missing_scope"));
    }
    // Of another team, with a scope that would do.
    let other = world.ask_as("beta+ACCOUNT_DELETE", Method::DELETE, &path, Value::Null).await;
    assert_eq!(other.code(), (404, "not_found"));
    let usage = world.ask_as(&of_beta, Method::GET, "/payments/usage", Value::Null).await.good();
    assert_eq!(usage["accounts"], json!([]));
    assert_eq!(world.ask_as(&ann, Method::GET, &path, Value::Null).await.status, 200);
}

/// What would do harm if it were more than text.
const TEXTS: [&str; 9] = [
    "'; drop table account; --",
    "' or '1'='1",
    "\" or 1=1 --",
    "%",
    "_",
    "\\",
    "$1",
    "?1",
    "a\r\nSet-Cookie: x=y\r\n\r\n",
];

fn encoded(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

#[tokio::test]
async fn sql_and_line_ends_are_text_like_any_other() {
    let world = World::new().await;
    let plain = world.account(PLAIN).await;
    for (number, text) in TEXTS.iter().enumerate() {
        let made = json!({ "type": "mock", "tier": PLAIN, "nickname": text });
        let made = world.post("/im/accounts", made).await;
        assert!(!made.headers.contains_key("set-cookie"));
        let account = made.good();
        assert_eq!(account["nickname"], *text);
        let (account, sought) = (account["accountId"].as_str().unwrap(), encoded(text));
        // Only what has it: a sign for anything would find all.
        let found = world.get(&format!("/im/accounts?q={sought}&returnCount=true")).await.good();
        let expected = TEXTS[..=number].iter().filter(|other| other.contains(text)).count();
        assert_eq!(found["total"], expected, "{text}");

        let chat = format!("/im/messages/{account}/{sought}");
        let sent = only(world.post(&chat, json!({ "id": text, "text": text })).await);
        assert_eq!((&sent["chatId"], &sent["text"]), (&json!(text), &json!(text)));
        assert_eq!(ids(&world.get(&chat).await.good()), [*text]);
        assert_eq!(ids(&world.get(&format!("{chat}?beforeId={sought}")).await.good()), [""; 0]);
        let one = format!("{chat}/{sought}");
        world.ask(Method::PATCH, &one, json!({ "text": "b" })).await.good();
        let cleared = format!("/im/messages/pending/retry?accountId={sought}&chatId={sought}");
        let cleared = world.ask(Method::DELETE, &cleared, Value::Null).await.good();
        assert_eq!(cleared["removed"], 0, "{text}");
        world.ask(Method::DELETE, &one, Value::Null).await.good();

        for missing in [
            format!("/im/accounts/{sought}"),
            format!("/im/accounts/{sought}/chats"),
            format!("/payments/usage?accountId={sought}"),
            format!("/payments/invoices?beforeId={sought}"),
            format!("/payments/team-detail/account-access/{sought}"),
        ] {
            assert_eq!(world.get(&missing).await.code(), (404, "not_found"), "{missing}");
        }
        for nothing in [
            format!("/im/messages?accountId={sought}"),
            format!("/im/accounts?teamId={sought}"),
            format!("/auth/teams?id={sought}"),
        ] {
            let answer = world.get(&nothing).await.good();
            let lists = answer.as_object().unwrap().values();
            assert!(lists.into_iter().all(|list| *list == json!([])), "{nothing}: {answer}");
        }
        for (path, body, code) in [
            ("/im/accounts", json!({ "type": "mock", "tier": text }), "unknown_tier"),
            ("/im/accounts", json!({ "type": text }), "bad_request"),
            ("/auth/token", json!({ "refreshToken": text, "teamId": text }), "bad_refresh_token"),
        ] {
            assert_eq!(world.post(path, body).await.code().1, code, "{text}");
        }
    }
    assert_eq!(world.get("/im/accounts?returnCount=true").await.good()["total"], TEXTS.len() + 1);
    assert_eq!(world.get(&format!("/im/accounts/{plain}")).await.status, 200);
}

fn config() -> Config {
    Config { listen: Some(SocketAddr::from(([127, 0, 0, 1], 0))), ..Config::default() }
}

/// Asks over a network, and holds the answer to the contract.
async fn ask(to: SocketAddr, method: &str, path: &str, head: &str, body: &[u8]) -> Answer {
    let mut client = TcpStream::connect(to).await.unwrap();
    let head = format!("{method} {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{head}\r\n");
    client.write_all(head.as_bytes()).await.unwrap();
    // One that is refused before its end may be cut off.
    let _ = client.write_all(body).await;
    let mut answer = Vec::new();
    let _ = timeout(PATIENCE, client.read_to_end(&mut answer)).await.unwrap();
    let answer = String::from_utf8(answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let status = head.split(' ').nth(1).unwrap_or_else(|| panic!("{path}: {answer:?}"));
    let mut headers = HeaderMap::new();
    for (name, value) in head.lines().skip(1).filter_map(|line| line.split_once(": ")) {
        let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
        headers.append(name, HeaderValue::from_str(value).unwrap());
    }
    let (status, body) = (status.parse().unwrap(), serde_json::from_str(body).unwrap_or_default());
    // What is malformed below HTTP is answered below it, without a body.
    if headers.contains_key("content-type") {
        Contract::get().check(method, path, status, &headers, &body);
    }
    Answer { status, headers, body }
}

fn bearer(length: usize) -> String {
    format!("authorization: Bearer team\r\ncontent-length: {length}\r\n")
}

#[tokio::test]
async fn a_path_that_is_another_by_a_trick_is_none() {
    let world = World::new().await;
    let (to, _served) = world.served(&config()).await;
    let account = world.account(PLAIN).await;
    let token = bearer(0);
    for path in [
        "/im/accounts/../accounts",
        "/im/./accounts",
        "/im//accounts",
        "//im/accounts",
        "/im/accounts/",
        "/IM/accounts",
        "/im/accounts;a=b",
        "/im/accounts%2F",
        "/im%2Faccounts",
        "/im/accounts/%2e%2e",
        "/im/accounts/..",
        "/im/accounts/%00",
        "/im/accounts/%ff",
        "/im/accounts/%25",
        "/im/accounts/none%2Fopen",
        &format!("/im/accounts/{account}%2Fchats"),
        &format!("/im/accounts/{account}%00"),
        &format!("/im/accounts/{account}/"),
        &format!("/im/accounts/{account}%20"),
        &format!("/im/accounts/%2525{account}"),
        "/auth/../im/accounts",
        "/metrics/../im/accounts",
        "/payments/..%2f..%2fetc%2fpasswd",
    ] {
        let refused = ask(to, "GET", path, &token, b"").await;
        assert!([400, 404].contains(&refused.status), "{path}: {refused:?}");
        assert!(refused.body["data"]["code"].is_string(), "{path}: {refused:?}");
    }
    // Its letters may be encoded, each once.
    let first = format!("%{:x}", account.as_bytes()[0]);
    let same = format!("/im/accounts/{first}{}", &account[1..]);
    assert_eq!(ask(to, "GET", &same, &token, b"").await.status, 200);
    for head in ["x: a\rb\r\n", "x: a\0b\r\n", "x y: a\r\n", "x : a\r\n", ": a\r\n"] {
        assert_eq!(ask(to, "GET", "/im/accounts", head, b"").await.status, 400, "{head:?}");
    }
}

#[tokio::test]
async fn a_body_is_json_in_utf8_of_a_mebibyte_that_comes_in_time() {
    let world = World::new().await;
    let mut config = config();
    config.limits.body_ms = 300.try_into().unwrap();
    let (to, _served) = world.served(&config).await;
    let made = |bytes: usize| {
        let mut body = br#"{"type":"mock"}"#.to_vec();
        body.resize(bytes, b' ');
        body
    };
    let post =
        async |body: Vec<u8>| ask(to, "POST", "/im/accounts", &bearer(body.len()), &body).await;
    assert_eq!(post(made(1 << 20)).await.status, 200);
    assert_eq!(post(made((1 << 20) + 1)).await.code(), (413, "too_large"));
    let long = made((1 << 20) + 1);
    let chunk = [format!("{:x}\r\n", long.len()).as_bytes(), &long, b"\r\n0\r\n\r\n"].concat();
    let chunked = "authorization: Bearer team\r\ntransfer-encoding: chunked\r\n";
    let refused = ask(to, "POST", "/im/accounts", chunked, &chunk).await;
    assert_eq!(refused.code(), (413, "too_large"));
    // It says more than it brings.
    let refused = ask(to, "POST", "/im/accounts", &bearer(20), br#"{"type":"mock"}"#).await;
    assert_eq!(refused.code(), (408, "too_slow"));
    for bad in [
        &b"{\"type\":\"mock\",\"nickname\":\"\xff\"}"[..],
        b"{\"type\":\"mock\",\"nickname\":\"\xed\xa0\x80\"}",
        b"{\"type\":\"mock\",\"\xc0\xaf\":1}",
        b"\xff\xfe{\0}\0",
        b"\xef\xbb\xbf{\"type\":\"mock\"}",
        br#"{"type":"mock","nickname":"\ud800"}"#,
        br#"{"type":"mock"}{}"#,
        br#"{"type":"mock",}"#,
        br#"type=mock"#,
    ] {
        let refused = post(bad.to_vec()).await;
        assert_eq!(refused.code(), (400, "bad_request"), "{bad:?}");
    }
    let deep = format!(r#"{{"type":"mock","x":{}}}"#, "[".repeat(500_000));
    assert_eq!(post(deep.into_bytes()).await.code(), (400, "bad_request"));
    let settings = |n: &str| format!(r#"{{"type":"mock","settings":{{"maxMessageSync":{n}}}}}"#);
    for number in ["18446744073709551616", "1e30", "-1", "1.5", &"9".repeat(100_000)] {
        let refused = post(settings(number).into_bytes()).await;
        assert_eq!(refused.code(), (400, "bad_request"), "{number}");
    }
    assert_eq!(world.get("/im/accounts?returnCount=true").await.good()["total"], 1);
}

#[tokio::test]
async fn who_has_no_token_is_told_so_before_a_body_is_read() {
    let world = World::new().await;
    let mut config = config();
    config.limits.body_ms = 2_000_000_000.try_into().unwrap();
    let (to, _served) = world.served(&config).await;
    for (path, method, operation) in Contract::get().operations() {
        let is_open = operation["security"] == json!([]);
        let concrete = path.replace(['{', '}'], "");
        let method = method.to_uppercase();
        // One that waits for a word gets it before any of its body is there.
        let long = "content-length: 2000000\r\nexpect: 100-continue\r\n";
        let answer = ask(to, &method, &concrete, long, b"").await;
        let expected = if is_open { (413, "too_large") } else { (401, "bad_token") };
        assert_eq!(answer.code(), expected, "{method} {path}");
        if !is_open {
            // One that never comes is not waited for.
            let slow = ask(to, &method, &concrete, "content-length: 9\r\n", b"{").await;
            assert_eq!(slow.code(), (401, "bad_token"), "{method} {path}");
            let head = format!("authorization: Bearer team\r\n{long}");
            let answer = ask(to, &method, &concrete, &head, b"").await;
            assert_eq!(answer.code(), (413, "too_large"), "{method} {path}");
        }
    }
}

#[test]
fn the_contract_names_what_the_edge_may_answer_to_every_operation() {
    for (path, method, operation) in Contract::get().operations() {
        for status in ["400", "408", "413", "429", "500", "503"] {
            let is_counted = path != "/health";
            let is_named = !operation["responses"][status].is_null();
            assert_eq!(is_named, is_counted || status != "429", "{method} {path} {status}");
        }
    }
}
