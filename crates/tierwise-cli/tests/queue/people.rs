//! Teams, users, refresh tokens and keys, as an operator makes them.

use std::{fs, os::unix::fs::PermissionsExt as _};

use serde_json::{Value, json};

use crate::{
    http::{exchange, start},
    service::Folder,
};

fn fill(folder: &Folder) {
    folder.ask(&["team", "create", "acme", "--name", "Acme", "--region", "DE"]);
    folder.ask(&["user", "create", "ann", "--name", "Ann"]);
    folder.ask(&["user", "join", "ann", "acme", "--scopes", "ACCOUNT_READ,PAYMENTS_READ"]);
}

#[test]
fn a_team_has_members_who_may_do_something() {
    let folder = Folder::new();
    let service = folder.start(&[]);
    fill(&folder);
    let team = folder.ask(&["team", "show", "acme"]);
    let members = json!([
        { "user": "ann", "name": "Ann", "scopes": ["ACCOUNT_READ", "PAYMENTS_READ"] }
    ]);
    assert_eq!((&team["name"], &team["region"]), (&json!("Acme"), &json!("DE")));
    assert_eq!((&team["metadata"], &team["members"]), (&json!({}), &members));
    folder.ask(&["team", "set", "acme", "--metadata", r#"{"plan": [1]}"#]);
    assert_eq!(folder.ask(&["team", "list"])[0]["metadata"], json!({ "plan": [1] }));
    folder.ask(&["user", "join", "ann", "acme", "--scopes", "all"]);
    let scopes = folder.ask(&["team", "show", "acme"])["members"][0]["scopes"].clone();
    assert_eq!(scopes.as_array().unwrap().len(), 19);
    folder.ask(&["user", "set", "ann", "--name", "Ann B."]);
    let user = folder.ask(&["user", "list", "--team", "acme"])[0].clone();
    assert_eq!((&user["name"], &user["teams"]), (&json!("Ann B."), &json!(["acme"])));
    let shown = folder.run(&["team", "show", "acme"]).out;
    assert!(shown.contains("Ann B.") && shown.contains("TOKENS_DELETE"), "{shown}");
    folder.ask(&["user", "leave", "ann", "acme"]);
    assert_eq!(folder.ask(&["team", "show", "acme"])["members"], json!([]));
    service.stop();
}

#[test]
fn what_is_wrong_about_people_is_refused_by_its_code() {
    let folder = Folder::new();
    let service = folder.start(&[]);
    fill(&folder);
    let refused = |args: &[&str]| folder.refused(args);
    let of = |code: &str| (code.to_owned(), Some(4));
    assert_eq!(refused(&["team", "create", "acme"]), of("already_exists"));
    assert_eq!(refused(&["user", "create", "ann"]), of("already_exists"));
    assert_eq!(refused(&["team", "show", "none"]), of("not_found"));
    assert_eq!(refused(&["team", "create", "b", "--region", "de"]), of("bad_request"));
    assert_eq!(refused(&["team", "create", "b", "--metadata", "[]"]), of("bad_request"));
    let join = |scope| refused(&["user", "join", "ann", "acme", "--scopes", scope]);
    assert_eq!(join("ACCOUNT_READ,NOPE"), of("unknown_scope"));
    assert_eq!(join("account_read"), of("unknown_scope"));
    assert_eq!(refused(&["user", "join", "ann", "none", "--scopes", "all"]), of("not_found"));
    assert_eq!(refused(&["user", "leave", "bob", "acme"]), of("not_found"));
    assert_eq!(refused(&["token", "create", "--user", "bob"]), of("not_found"));
    assert_eq!(refused(&["token", "revoke", "7"]), of("not_found"));
    service.stop();
}

#[test]
fn a_refresh_token_is_told_once_and_known_by_its_number() {
    let folder = Folder::new();
    let service = folder.start(&[]);
    fill(&folder);
    let made = folder.ask(&["token", "create", "--user", "ann"]);
    let token = made["token"].as_str().unwrap().to_owned();
    assert_eq!((token.len(), &made["number"], &made["user"]), (47, &json!(1), &json!("ann")));
    let in_words = folder.run(&["token", "create", "--user", "ann"]).out;
    assert!(in_words.contains("twr_"), "{in_words}");
    let listed = folder.ask(&["token", "list", "--user", "ann"]);
    assert_eq!((&listed[0]["number"], &listed[1]["number"]), (&json!(2), &json!(1)));
    assert_eq!((&listed[1]["used"], &listed[1]["revoked"]), (&Value::Null, &Value::Null));
    assert!(!listed.to_string().contains("twr_"), "{listed}");
    assert_eq!(folder.ask(&["token", "revoke", "1"]), json!({ "revoked": 1 }));
    assert_eq!(folder.ask(&["token", "revoke", "1"]), json!({ "revoked": 0 }));
    assert_ne!(folder.ask(&["token", "list"])[1]["revoked"], Value::Null);
    assert_eq!(folder.ask(&["token", "revoke", "--user", "ann"]), json!({ "revoked": 1 }));
    let said = serde_json::to_string(&service.said).unwrap();
    service.stop();
    // Neither what it logged nor what it keeps names a token.
    assert!(!said.contains("twr_"), "{said}");
    for name in ["tierwise.db", "tierwise.db-wal"] {
        let kept = fs::read(folder.path(name)).unwrap_or_default();
        assert!(!kept.windows(token.len()).any(|part| part == token.as_bytes()), "{name}");
    }
}

#[test]
fn keys_are_changed_while_a_service_runs() {
    let folder = Folder::new();
    let mut service = folder.start(&[]);
    let listed = folder.ask(&["key", "list"]);
    let old = listed[0]["key"].as_str().unwrap().to_owned();
    assert!(listed[0]["pem"].as_str().unwrap().starts_with("-----BEGIN PUBLIC KEY-----\n"));
    assert_eq!(folder.ask(&["swap"])["key"], json!(old));
    assert_eq!(service.until("loaded anew")["key"], json!(old));
    let new = folder.ask(&["key", "new"])["key"].as_str().unwrap().to_owned();
    assert_eq!(folder.ask(&["swap"])["key"], json!(old), "a new key does not sign by itself");
    assert_eq!(service.until("loaded anew")["key"], json!(old));
    folder.ask(&["key", "activate", &new]);
    service.signal("-HUP");
    assert_eq!(service.until("loaded anew")["key"], json!(new));
    assert_eq!(folder.refused(&["key", "retire", &new]), ("key_in_use".to_owned(), Some(4)));
    assert_eq!(folder.refused(&["key", "retire", &old]), ("key_in_use".to_owned(), Some(4)));
    folder.ask(&["key", "retire", &old, "--now"]);
    assert_eq!(folder.refused(&["key", "activate", &old]), ("not_found".to_owned(), Some(4)));
    assert_eq!(folder.ask(&["key", "list"]).as_array().unwrap().len(), 1);
    // What cannot be read leaves the keys as they were.
    let file = folder.path(&format!("tierwise.keys/{new}.pem"));
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    assert_eq!(folder.refused(&["swap"]), ("bad_keys".to_owned(), Some(1)));
    service.stop();
    let ended = folder.run(&["run"]);
    assert!(ended.code == Some(1) && ended.err.contains("mode 644"), "{ended:?}");
}

#[test]
fn a_token_of_the_command_line_opens_what_its_user_may_do() {
    let folder = Folder::new();
    let (service, address) = start(&folder);
    fill(&folder);
    let made = folder.ask(&["token", "create", "--user", "ann"]);
    let trade = || {
        let body = json!({ "refreshToken": made["token"], "teamId": "acme" }).to_string();
        let length = body.len();
        let head = "POST /auth/token HTTP/1.1\r\nhost: x\r\nconnection: close";
        exchange(address, &format!("{head}\r\ncontent-length: {length}\r\n\r\n{body}"))
    };
    let (status, body) = trade();
    assert_eq!(status, 200, "{body}");
    let traded: Value = serde_json::from_str(&body).unwrap();
    let access = traded["access_token"].as_str().unwrap().to_owned();
    let get = |path: &str| {
        let head = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close");
        exchange(address, &format!("{head}\r\nauthorization: Bearer {access}\r\n\r\n"))
    };
    assert_eq!(get("/im/accounts"), (200, json!({ "accounts": [] }).to_string()));
    assert_eq!(get("/auth/teams?id[0]=acme").0, 200);
    assert_ne!(folder.ask(&["token", "list"])[0]["used"], Value::Null);
    folder.ask(&["token", "revoke", "1"]);
    assert_eq!(trade().0, 401);
    assert_eq!(get("/im/accounts").0, 200, "it stays good until it expires");
    // The key is gone, and with it what it signed.
    let old = folder.ask(&["key", "list"])[0]["key"].as_str().unwrap().to_owned();
    let new = folder.ask(&["key", "new"])["key"].as_str().unwrap().to_owned();
    folder.ask(&["key", "activate", &new]);
    folder.ask(&["key", "retire", &old, "--now"]);
    folder.ask(&["swap"]);
    assert_eq!(get("/im/accounts").0, 401);
    let said = serde_json::to_string(&service.said).unwrap();
    assert!(!said.contains("twr_") && !said.contains(&access), "{said}");
    service.stop();
}
