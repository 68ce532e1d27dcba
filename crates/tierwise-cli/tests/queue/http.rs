//! What the service offers over HTTP: signed events, health, metrics.

use std::{
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    time::SystemTime,
};

use serde_json::json;
use tierwise_transport::webhook::WebhookKeys;

use crate::service::{Folder, Service};

const KEY: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

const CONFIG: &str = r#"
listen = "127.0.0.1:0"
[transports.mock]
kind = "mock"
[transports.gateway]
kind = "webhook"
url = "http://127.0.0.1:9/"
keys.file = "keys"
[transports.meta]
kind = "whatsapp-cloud"
access_token.file = "token"
app_secrets.file = "token"
verify_token.file = "token"
"#;

pub(crate) fn start(folder: &Folder) -> (Service, SocketAddr) {
    folder.write("tierwise.toml", CONFIG);
    folder.write("keys", &format!("{KEY}\n"));
    folder.write("token", "a-token\n");
    let service = folder.start(&["--config", "tierwise.toml"]);
    let heard = service.said.iter().filter_map(|said| said["message"].as_str());
    let address = heard.filter_map(|said| said.strip_prefix("listening on http://")).next();
    let address = address.unwrap().parse().unwrap();
    (service, address)
}

pub(crate) fn exchange(address: SocketAddr, request: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
}

fn get(address: SocketAddr, path: &str) -> (u16, String) {
    exchange(address, &format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"))
}

/// Events of the gateway, signed so many seconds ago.
fn bring(address: SocketAddr, id: &str, ago_s: u64, body: &str) -> (u16, String) {
    let now = SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs() - ago_s;
    let signature = WebhookKeys::new([KEY]).unwrap().sign(id, now, body.as_bytes());
    exchange(
        address,
        &format!(
            "POST /transports/gateway/events HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\
             webhook-id: {id}\r\nwebhook-timestamp: {now}\r\nwebhook-signature: {signature}\r\n\
             content-length: {}\r\n\r\n{body}",
            body.len()
        ),
    )
}

#[test]
fn a_signed_event_is_kept_and_one_of_another_transports_account_is_not() {
    let folder = Folder::new();
    let (service, address) = start(&folder);
    let create = |transport: &str| {
        let args = ["account", "create", "--team", "team", "--transport", transport];
        folder.ask(&args)["account"].as_str().unwrap().to_owned()
    };
    let (ours, other) = (create("gateway"), create("mock"));
    let received = |account: &str, id: &str| {
        json!({ "events": [
            { "type": "open", "account": account, "login": true },
            { "type": "received", "account": account, "id": id, "chatId": "c", "atMs": 1,
              "text": "hi" },
        ] })
        .to_string()
    };
    assert_eq!(bring(address, "e1", 0, &received(&ours, "m1")), (204, String::new()));
    assert_eq!(folder.ask(&["message", "list", &ours])[0]["content"]["text"], "hi");
    // The same delivery once more is taken, and kept once.
    assert_eq!(bring(address, "e1", 0, &received(&ours, "m1")).0, 204);
    assert_eq!(folder.ask(&["message", "list", &ours]).as_array().unwrap().len(), 1);
    // Whoever speaks for one transport does not speak for the accounts of another.
    assert_eq!(bring(address, "e2", 0, &received(&other, "m2")).0, 204);
    assert_eq!(folder.ask(&["message", "list", &other]), json!([]));
    assert_eq!(folder.ask(&["account", "list"])[0]["state"], "close");

    let (status, body) = bring(address, "e3", 301, &received(&ours, "m3"));
    assert_eq!(status, 401);
    assert!(body.contains("too_old"), "{body}");
    let long = " ".repeat((1 << 20) + 1);
    let (status, body) = bring(address, "e4", 0, &long);
    assert_eq!(status, 413);
    assert!(body.contains("too_large"), "{body}");
    service.stop();
}

#[test]
fn health_metrics_and_metas_challenge_are_answered() {
    let folder = Folder::new();
    let (service, address) = start(&folder);
    let account = folder.account(&[]);
    folder.ask(&["message", "send", &account, "chat", "hello"]);
    while folder.ask(&["message", "list", &account, "--status", "sent"]) == json!([]) {}
    let (status, health) = get(address, "/health");
    assert_eq!(status, 200);
    assert!(health.contains(r#""status":"ok""#), "{health}");
    let (status, metrics) = get(address, "/metrics");
    assert_eq!(status, 200);
    for line in [
        "tierwise_attempts_total{outcome=\"delivered\"} 1",
        "tierwise_policy_answers_total{answer=\"send\"} 1",
        "tierwise_policy_call_fuel_count 1",
        "tierwise_accounts 1",
        "tierwise_messages_out 0",
        "tierwise_lane_age_seconds{quantile=\"0.99\"} 0.000",
    ] {
        assert!(metrics.lines().any(|found| found == line), "{line} in {metrics}");
    }
    assert!(metrics.ends_with("# EOF\n"), "{metrics}");
    let challenge = "/transports/meta/events?hub.mode=subscribe&hub.challenge=77&hub.verify_token=";
    assert_eq!(get(address, &format!("{challenge}a-token")), (200, "77".to_owned()));
    assert_eq!(get(address, &format!("{challenge}other")).0, 403);
    assert_eq!(get(address, "/transports/none/events").0, 404);
    service.stop();
}

#[test]
fn what_is_wrong_in_a_configuration_is_said_before_anything_begins() {
    let folder = Folder::new();
    let say = |config: &str| {
        folder.write("wrong.toml", config);
        let ended = folder.run(&["run", "--config", "wrong.toml"]);
        assert_eq!(ended.code, Some(1), "{ended:?}");
        assert!(!folder.path("tierwise.db").exists(), "{ended:?}");
        ended.err
    };
    let lines = say("most_out = 5\nlisen = 1");
    // As it was written, with the place below it.
    assert!(lines.contains("\n  2 | lisen = 1\n    | ^^^^^\n"), "{lines}");
    assert!(!lines.contains("\\n") && lines.ends_with("\n  code: bad_config\n"), "{lines}");
    let gateway =
        "[transports.gateway]\nkind = \"webhook\"\nurl = \"ftp://x\"\nkeys.env = \"NO_KEYS\"";
    assert!(say(gateway).contains("NO_KEYS"));
    folder.write("keys", KEY);
    let gateway = gateway.replace("keys.env = \"NO_KEYS\"", "keys.file = \"keys\"");
    assert!(say(&gateway).contains("transport `gateway`"));
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let listen = format!("listen = \"{}\"", taken.local_addr().unwrap());
    assert!(say(&listen).contains("bad_listen"));
    assert!(say("policy = \"none.wasm\"").contains("none.wasm"));
    assert!(say("[store.postgres]\nurl_env = \"NO_URL\"").contains("NO_URL"));
}

#[test]
fn an_account_of_a_transport_that_is_gone_is_not_opened() {
    let folder = Folder::new();
    let (service, _) = start(&folder);
    let args = ["account", "create", "--team", "team", "--transport", "gateway"];
    let account = folder.ask(&args)["account"].as_str().unwrap().to_owned();
    let of_mock = folder.account(&[]);
    assert_eq!(folder.ask(&["overview"])["without_transport"], json!({}));
    service.stop();
    let mut service = folder.start(&[]);
    let refused = folder.refused(&["account", "open", &account]);
    assert_eq!(refused, ("no_transport".to_owned(), Some(4)));
    folder.ask(&["account", "archive", &of_mock]);
    // It is told of, without being asked and when somebody asks.
    let words = "accounts have a transport that the configuration does not have";
    let told = service.said.iter().find(|said| said["message"].to_string().contains(words));
    let told = told.cloned().unwrap_or_else(|| service.until(words));
    let (transport, accounts) = (&told["transport"], &told["accounts"]);
    assert_eq!((transport, accounts), (&json!("gateway"), &json!(1)));
    assert_eq!(told["newest"], json!(account));
    assert_eq!(folder.ask(&["overview"])["without_transport"], json!({ "gateway": 1 }));
    let shown = folder.run(&["overview"]).out;
    assert!(shown.contains("without_transport") && shown.contains("gateway  1"), "{shown}");
    let listed = |transport| folder.ask(&["account", "list", "--transport", transport]);
    assert_eq!(listed("gateway")[0]["account"], json!(account));
    assert_eq!(listed("mock"), json!([]));
    assert_eq!(folder.ask(&["account", "list"])[0]["state"], "close");
    // A team that nobody knows is a slip of the pen.
    assert_eq!(folder.refused(&["team", "pause", "taem"]), ("not_found".to_owned(), Some(4)));
    service.stop();
}
