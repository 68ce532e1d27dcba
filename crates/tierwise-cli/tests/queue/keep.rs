//! Copies, and the move to PostgreSQL.

use serde_json::json;

use crate::service::Folder;

/// A store with an account, messages that went and one that waits.
fn worked(folder: &Folder) -> String {
    let account = folder.account(&["--nickname", "größe"]);
    folder.ask(&["message", "send", &account, "chat", "hello\u{1}\"", "--id", "m1"]);
    folder.ask(&["message", "send", &account, "chat", "later", "--due", "2100-01-01T00:00:00Z"]);
    while folder.ask(&["message", "list", &account, "--status", "sent"]) == json!([]) {}
    account
}

#[test]
fn a_copy_made_while_it_runs_is_put_back() {
    let folder = Folder::new();
    let service = folder.start(&[]);
    let account = worked(&folder);
    let before = folder.ask(&["message", "list", &account]);
    folder.ask(&["backup", "copy.db"]);
    assert_eq!(folder.refused(&["backup", "copy.db"]), ("file_exists".to_owned(), Some(1)));
    folder.ask(&["account", "delete", &account]);
    service.stop();

    assert_eq!(folder.refused(&["restore", "copy.db", "tierwise.db"]).0, "file_exists");
    folder.write("text.db", &"no store at all\n".repeat(100));
    assert_eq!(folder.refused(&["restore", "text.db", "new.db"]).0, "store_foreign");
    assert_eq!(folder.refused(&["restore", "none.db", "new.db"]).0, "store_missing");
    // A store that did not end in order is no copy: a part of it is beside it.
    std::fs::copy(folder.path("copy.db"), folder.path("open.db")).unwrap();
    folder.write("open.db-wal", "what was written last");
    assert_eq!(folder.refused(&["restore", "open.db", "new.db"]).0, "store_open");
    let whole = std::fs::read(folder.path("copy.db")).unwrap();
    std::fs::write(folder.path("cut.db"), &whole[..whole.len() / 2]).unwrap();
    assert_eq!(folder.refused(&["restore", "cut.db", "new.db"]).0, "store_damaged");
    assert!(!folder.path("new.db").exists());
    // The log of another store would be played into the copy.
    folder.write("new.db-wal", "what another store wrote last");
    assert_eq!(folder.refused(&["restore", "copy.db", "new.db"]).0, "file_exists");
    assert!(!folder.path("new.db").exists());
    std::fs::remove_file(folder.path("new.db-wal")).unwrap();
    folder.ask(&["restore", "copy.db", "new.db"]);
    // All of it is in the one file.
    assert!(["new.db-wal", "new.db-journal"].iter().all(|name| !folder.path(name).exists()));
    let service = folder.start(&["--sqlite", "new.db", "--hold"]);
    assert_eq!(folder.ask(&["message", "list", &account]), before);
    folder.ask(&["message", "send", &account, "chat", "held"]);
    let why = folder.ask(&["why", &account]);
    // What was decided stays as it was.
    assert_eq!((&why["state"], &why["decision"]["fence"]), (&json!("ready"), &json!(1)));
    service.stop();
    let service = folder.start(&["--sqlite", "new.db"]);
    let sent = ["message", "list", &account, "--status", "sent"];
    while folder.ask(&sent).as_array().unwrap().len() < 2 {}
    let fence = folder.ask(&["why", &account])["decision"]["fence"].as_u64().unwrap();
    assert!((1 << 40..1 << 53).contains(&fence), "{fence}");
    service.stop();
}

#[test]
fn a_store_is_moved_to_postgresql_as_it_is_and_goes_on_there() {
    let folder = Folder::new();
    let service = folder.start(&[]);
    let account = worked(&folder);
    let messages = folder.ask(&["message", "list", &account]);
    let invoice = folder.ask(&["team", "invoice", "team"]);
    // Nobody moves what somebody works on.
    let schema = format!("moved_{}", std::process::id());
    assert_eq!(folder.refused(&["move", "tierwise.db", &schema]).0, "store_locked");
    service.stop();
    assert_eq!(folder.refused(&["move", "none.db", &schema]).0, "store_missing");

    let moved = folder.ask(&["move", "tierwise.db", &schema]);
    let rows = |name: &str| {
        let tables = moved["tables"].as_array().unwrap().iter();
        tables.clone().find(|table| table["table"] == name).unwrap()["rows"].clone()
    };
    assert_eq!(
        (rows("account"), rows("message"), rows("decision")),
        (json!(1), json!(2), json!(1))
    );
    // Not twice into the same.
    assert_eq!(folder.refused(&["move", "tierwise.db", &schema]).0, "store_not_empty");

    let service = folder.start(&["--postgres", &schema]);
    assert_eq!(folder.ask(&["message", "list", &account]), messages);
    assert_eq!(folder.ask(&["team", "invoice", "team"]), invoice);
    assert_eq!(folder.refused(&["backup", "copy2.db"]).0, "not_supported");
    // Numbers go on behind the last one.
    let sent = folder.ask(&["message", "send", &account, "chat", "third"]);
    assert_eq!(sent[0]["number"], 3);
    let second = folder.account(&[]);
    let listed = folder.ask(&["account", "list"]);
    assert_eq!((&listed[0]["account"], &listed[0]["key"]), (&json!(second), &json!(2)));
    while folder.ask(&["message", "list", &account, "--status", "sent"]).as_array().unwrap().len()
        < 2
    {}
    let why = folder.ask(&["why", &account]);
    assert_eq!(why["sent"], 2, "{why}");
    service.stop();
}
