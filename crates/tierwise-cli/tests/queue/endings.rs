//! What goes wrong while the service starts ends it in order, with a word about why.

use std::net::TcpListener;

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
