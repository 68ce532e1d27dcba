//! What goes wrong while the service starts ends it in order, with a word about why.

use std::{
    io::Write as _,
    net::{TcpListener, TcpStream},
};

use serde_json::json;

use crate::service::Folder;

/// How it ended: its exit code, and what it said on standard error.
fn ended(folder: &Folder, args: &[&str]) -> (Option<i32>, String) {
    let output = folder.command(&[&["serve"], args].concat()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!said.contains("panicked"), "{said}");
    // Nothing is left that keeps the next one from starting.
    assert!(!folder.path("tierwise.sock").exists());
    (output.status.code(), said)
}

#[test]
fn a_demo_without_its_transport_is_refused_with_what_to_add() {
    let folder = Folder::new();
    let keys = folder.path("gateway.keys");
    std::fs::write(&keys, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n").unwrap();
    let config = format!(
        "[transports.gateway]\nkind = \"webhook\"\nurl = \"http://127.0.0.1:9/\"\n\
         keys.file = {keys:?}\n"
    );
    let path = folder.path("demo.toml");
    std::fs::write(&path, config).unwrap();
    let path = path.to_str().unwrap();
    let (code, said) = ended(&folder, &["--demo", "--config", path]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("`[transports.mock]`"), "{said}");
    assert!(!folder.path("tierwise-data").exists());
}

#[test]
fn a_store_without_its_url_is_refused_before_anything_is_made() {
    let folder = Folder::new();
    let (code, said) =
        ended(&folder, &["--set", "store.postgres.url_env=NOT_SET", "--postgres", "x"]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("`NOT_SET` is not set"), "{said}");
    assert!(!folder.path("tierwise-data").exists());
}

#[test]
fn no_message_begins_while_requests_in_work_are_answered() {
    let folder = Folder::new();
    let args = ["--listen", "127.0.0.1:0", "--set", "attempt_ms=4000", "--set", "lease_ms=7000"];
    let service = folder.start(&args);
    let said = service.said.iter().filter_map(|line| line["message"].as_str());
    let address = said.filter_map(|line| line.strip_prefix("listening on http://")).next().unwrap();
    // The service waits for the rest of this one: for longer than two messages would be out.
    let mut half = TcpStream::connect(address).unwrap();
    half.write_all(b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\nhalf").unwrap();
    let account = folder.account(&["--settings", r#"{"mock": {"delayMs": 1500}}"#]);
    for id in ["first", "second"] {
        folder.ask(&["message", "send", &account, "chat", "hello", "--id", id]);
    }
    while folder.ask(&["why", &account])["state"] != "out" {}
    service.stop();
    let service = folder.start(&["--hold"]);
    let of = |status: &str| {
        let list = folder.ask(&["message", "list", &account, "--status", status]);
        let ids = list.as_array().unwrap().iter().map(|message| message["id"].clone());
        ids.collect::<Vec<_>>()
    };
    assert_eq!((of("sent"), of("pending")), (vec![json!("first")], vec![json!("second")]));
    service.stop();
}

#[test]
fn an_address_that_is_taken_is_named() {
    let folder = Folder::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let (code, said) = ended(&folder, &["--listen", &address]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains(&address), "{said}");
}
