//! `tierwise serve` as somebody meets it who has just installed it.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    os::unix::fs::PermissionsExt as _,
    process::{Child, Command, Stdio},
};

use serde_json::{Value, json};

use crate::service::Folder;

/// A service with the API that is ready.
struct Served {
    child: Child,
    /// What it said on standard output.
    said: Value,
    address: SocketAddr,
}

impl Served {
    fn start(folder: &Folder, args: &[&str]) -> Self {
        let args = [&["serve", "--json"], args].concat();
        let mut command = folder.command(&args);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let said: Value = serde_json::from_str(&line).unwrap_or_else(|_| panic!("{line:?}"));
        let origin = said["origin"].as_str().unwrap();
        let address = origin.strip_prefix("http://").unwrap().parse().unwrap();
        Served { child, said, address }
    }

    fn ask(&self, path: &str) -> (u16, String) {
        self.exchange(&format!("GET {path} HTTP/1.1"), "")
    }

    fn exchange(&self, head: &str, body: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(self.address).unwrap();
        let length = body.len();
        write!(
            stream,
            "{head}\r\nhost: x\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
    }

    fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args([name, &id]).status().unwrap().success());
    }

    /// Ends it as Ctrl-C does.
    fn stop(mut self) {
        self.signal("-INT");
        assert_eq!(self.child.wait().unwrap().code(), Some(0));
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // One that has ended cannot be killed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn without_arguments_it_has_a_folder_of_its_own_and_answers_on_this_machine() {
    let folder = Folder::new();
    let served = Served::start(&folder, &[]);
    assert!(served.address.ip().is_loopback());
    assert_eq!(served.ask("/health").0, 200);
    let mode = |name: &str| folder.path(name).metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode("tierwise-data"), 0o700);
    assert_eq!(mode("tierwise-data/tierwise.keys"), 0o700);
    assert_eq!(mode("tierwise-data/tierwise.sock"), 0o600);
    assert!(folder.path("tierwise-data/tierwise.db").is_file());
    assert_eq!(served.said["control"], "tierwise-data/tierwise.sock");
    assert!(served.said["readyMs"].as_u64().is_some(), "{}", served.said);
    assert_eq!(served.said["demo"], Value::Null);
    // Orders find its socket by themselves.
    assert_eq!(folder.ask(&["account", "list"]), json!([]));
    // The API is there, and takes nobody without a token.
    assert_eq!(served.ask("/im/accounts").0, 401);
    assert_eq!(served.ask("/payments/catalog").0, 200);
    assert_eq!(folder.ask(&["key", "list"]).as_array().unwrap().len(), 1);
    served.stop();
    assert!(!folder.path("tierwise-data/tierwise.sock").exists());
}

#[test]
fn a_port_that_is_taken_is_passed_over_unless_somebody_named_it() {
    let (folder, other) = (Folder::new(), Folder::new());
    let first = Served::start(&folder, &[]);
    let second = Served::start(&other, &[]);
    assert_ne!(second.address.port(), first.address.port());
    assert_eq!(second.ask("/health").0, 200);
    let third = Folder::new();
    let listen = first.address.to_string();
    let (code, exit) = third.refused(&["serve", "--listen", &listen]);
    assert_eq!((code.as_str(), exit), ("bad_listen", Some(1)));
    // Nothing was begun.
    assert!(!third.path("tierwise-data").exists());
    second.stop();
    first.stop();
}

#[test]
fn the_demo_has_accounts_on_all_tiers_that_send_and_is_made_once() {
    let folder = Folder::new();
    let mut served = Served::start(&folder, &["--demo"]);
    for round in 0..2 {
        assert_eq!(served.said["demo"]["teamId"], "demo");
        let accounts = folder.ask(&["account", "list", "--team", "demo"]);
        let accounts = accounts.as_array().unwrap();
        assert_eq!(accounts.len(), 10, "round {round}");
        let mut tiers: Vec<_> = accounts.iter().map(|account| account["tier"].as_str()).collect();
        tiers.sort_unstable();
        tiers.dedup();
        assert_eq!(tiers.len(), 3);
        let sent = || {
            let sent = |account: &Value| {
                let account = account["account"].as_str().unwrap();
                folder
                    .ask(&["message", "list", account, "--status", "sent"])
                    .as_array()
                    .unwrap()
                    .len()
            };
            accounts.iter().map(sent).sum::<usize>()
        };
        let trade =
            json!({ "refreshToken": served.said["demo"]["refreshToken"], "teamId": "demo" });
        let (status, traded) = served.exchange("POST /auth/token HTTP/1.1", &trade.to_string());
        assert_eq!(status, 200, "{traded}");
        let traded: Value = serde_json::from_str(&traded).unwrap();
        let token = traded["access_token"].as_str().unwrap();
        let list = format!("GET /im/accounts?count=100 HTTP/1.1\r\nauthorization: Bearer {token}");
        let (status, listed) = served.exchange(&list, "");
        assert_eq!(status, 200, "{listed}");
        let listed: Value = serde_json::from_str(&listed).unwrap();
        assert_eq!(listed["accounts"].as_array().unwrap().len(), 10);
        let before = sent();
        while sent() == before {}
        served.stop();
        served = Served::start(&folder, &["--demo"]);
    }
    served.stop();
}

#[test]
fn pages_are_offered_and_read_anew_when_it_is_told_to() {
    let folder = Folder::new();
    std::fs::create_dir(folder.path("dist")).unwrap();
    folder.write("dist/index.html", "one");
    let served = Served::start(&folder, &["--pages", "dist"]);
    assert_eq!(served.ask("/"), (200, "one".to_owned()));
    folder.write("dist/index.html", "two");
    assert_eq!(served.ask("/"), (200, "one".to_owned()));
    served.signal("-HUP");
    while served.ask("/").1 != "two" {}
    served.stop();
    assert_eq!(folder.refused(&["serve", "--pages", "none"]).0, "bad_pages");
}
