//! Orders, their answers and their refusals.

use serde_json::{Value, json};

use crate::service::Folder;

/// Messages of an account by status, once none waits any more.
fn settled(folder: &Folder, account: &str) -> Vec<Value> {
    loop {
        let why = folder.ask(&["why", account]);
        if why["state"] == "empty" {
            let messages = folder.ask(&["message", "list", account]);
            return messages.as_array().unwrap().clone();
        }
        // It is asked by a new process each time: that takes longer than a flush.
        assert!(["ready", "out", "waiting"].contains(&why["state"].as_str().unwrap()), "{why}");
    }
}

#[test]
fn a_message_goes_and_is_billed() {
    let folder = Folder::new();
    let service = folder.start(&[]);
    let account = folder.account(&[]);
    let sent = folder.ask(&["message", "send", &account, "chat", "hello", "--id", "m1"]);
    assert_eq!(sent[0]["number"], 1);
    // The same again is the same message.
    let again = folder.ask(&["message", "send", &account, "chat", "hello", "--id", "m1"]);
    assert_eq!((&again[0]["number"], &again[0]["repeat"]), (&json!(1), &json!(true)));
    let other = ["message", "send", &account, "chat", "bye", "--id", "m1"];
    assert_eq!(folder.refused(&other), ("id_reused".to_owned(), Some(4)));
    let messages = settled(&folder, &account);
    assert_eq!((messages.len(), &messages[0]["status"]), (1, &json!("sent")));
    let why = folder.ask(&["why", &account]);
    assert_eq!((&why["sent"], &why["decision"]["answer"]["answer"]), (&json!(1), &json!("send")));
    assert_eq!(why["decision"]["question"]["number"], 1);

    let usage = folder.ask(&["team", "usage", "team"]);
    assert_eq!((&usage["messages"], &usage["tiers"][0]["account_days"]), (&json!(1), &json!(1)));
    // C1: 1 for the creation; a day of the smallest tier.
    assert_eq!(folder.ask(&["team", "invoice", "team"])["total"], "1.034");
    service.stop();
}

#[test]
fn what_holds_an_account_is_said_and_undone() {
    let folder = Folder::new();
    let service = folder.start(&[]);
    let account = folder.account(&["--settings", r#"{"mock": {"refuse": ["no"], "delayMs": 0}}"#]);
    folder.ask(&["account", "pause", &account]);
    for text in ["one", "no", "three"] {
        folder.ask(&["message", "send", &account, "chat", text, "--id", text]);
    }
    let why = folder.ask(&["why", &account]);
    assert_eq!((&why["state"], &why["reason"]), (&json!("held"), &json!("paused")));
    assert_eq!((&why["waiting"], &why["head"]["id"]), (&json!(3), &json!("one")));
    let overview = folder.ask(&["overview"]);
    assert_eq!(overview["held"]["paused"], 1);
    folder.ask(&["message", "skip", &account, "one"]);
    folder.ask(&["team", "resume", "team"]);
    let messages = settled(&folder, &account);
    let is = |place: usize| messages[place]["status"].as_str().unwrap();
    assert_eq!((is(0), is(1), is(2)), ("sent", "error", "cancelled"));
    // Cancelled ones go when somebody asks for it.
    let retried = folder.ask(&["team", "retry", "team", "--status", "cancelled"]);
    assert_eq!(retried, json!({ "accounts": 1, "changed": 1 }));
    assert!(settled(&folder, &account).iter().all(|message| message["status"] != "cancelled"));
    service.stop();
}

#[test]
fn what_is_read_by_a_program_is_never_cut() {
    let folder = Folder::new();
    let service = folder.start(&[]);
    let name = "a name that is longer than the terminal of whoever asks for it";
    let account = folder.account(&["--nickname", name]);
    let listed = folder.run_with(&["account", "list"], ("COLUMNS", "40"));
    assert!(listed.out.contains(name) && listed.out.contains(&account), "{listed:?}");
    service.stop();
}

#[test]
fn a_change_is_reported_beforehand_and_held_to_its_report() {
    let folder = Folder::new();
    let service = folder.start(&[]);
    let history = r#"{"mock": {"history": {"chatId": "c", "count": 3}}}"#;
    let tier = ["--tier", "unlimited_msg_chat_history", "--settings", history];
    let account = folder.account(&tier);
    let to = "limited_msg_no_chat_history";
    let report = || folder.ask(&["account", "report", &account, "--tier", to]);
    let report = loop {
        let report = report();
        if report["removes"]["history"] == 3 {
            break report;
        }
    };
    let hash = report["reportHash"].as_str().unwrap();
    says_what_the_contract_names(&folder, &account, &report);
    folder.ask(&["message", "send", &account, "chat", "note", "--note"]);
    let change = ["account", "set", &account, "--tier", to, "--if-report", hash];
    assert_eq!(folder.ask(&change)["effects"], report["effects"]);
    let stale = ["account", "archive", &account, "--if-report", hash];
    assert_eq!(folder.refused(&stale), ("report_stale".to_owned(), Some(4)));
    folder.ask(&["account", "archive", &account]);
    assert_eq!(folder.ask(&["message", "list", &account]).as_array().unwrap().len(), 1);
    assert_eq!(folder.refused(&["account", "open", &account]).0, "account_archived");
    let retry = ["message", "retry", &account, "--all", "error"];
    assert_eq!(folder.refused(&retry), ("account_archived".to_owned(), Some(4)));
    folder.ask(&["account", "delete", &account]);
    assert_eq!(folder.refused(&["why", &account]), ("not_found".to_owned(), Some(4)));
    assert_eq!(folder.ask(&["account", "list", "--archived"]), json!([]));
    service.stop();
}

/// The report of a downgrade from the tier with history to the limited one, of the team's only
/// account, which was created today.
fn says_what_the_contract_names(folder: &Folder, account: &str, report: &Value) {
    let keys = |of: &Value| of.as_object().unwrap().keys().cloned().collect::<Vec<_>>().join(" ");
    let names = "accountId catalogFingerprint direction effects from keeps limit money removes \
        reportHash to undo";
    assert_eq!(keys(report), names);
    let money = &report["money"];
    assert_eq!(keys(money), "currency dayAfter dayBefore periodAfter periodBefore");
    let day = (&money["currency"], &money["dayBefore"], &money["dayAfter"]);
    assert_eq!(day, (&json!("USD"), &json!("0.4"), &json!("0.034")));
    assert_eq!(report["limit"], json!({ "used": 0, "max": 1000, "stoppedUntil": null }));
    let undo = json!([
        { "effect": "history_removed", "by": "change_back_and_scan" },
        { "effect": "limit_set", "by": "change_back" },
    ]);
    assert_eq!((&report["direction"], &report["undo"]), (&json!("downgrade"), &undo));
    // An ending has no tier to go to, and no way back.
    let ending = ["account", "report", account, "--archive"];
    let said = folder.ask(&ending);
    assert_eq!((&said["to"], &said["direction"]), (&json!(null), &json!("archive")));
    assert_eq!((&said["money"]["dayAfter"], &said["limit"]["max"]), (&json!("0"), &json!(null)));
    assert_eq!(said["undo"][0], json!({ "effect": "subscription_ended", "by": null }));
    let words = folder.run(&ending).out;
    let row = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    let rows: Vec<_> = words.lines().map(row).collect();
    for expected in ["dayBefore 0.4", "effect undone by", "subscription_ended nothing"] {
        assert!(rows.iter().any(|row| row == expected), "no `{expected}`: {words}");
    }
}

#[test]
fn wrong_orders_change_nothing_and_say_why() {
    let folder = Folder::new();
    let nobody = ["overview"];
    assert_eq!(folder.refused(&nobody), ("not_running".to_owned(), Some(1)));
    let service = folder.start(&[]);
    let create = ["account", "create", "--team", "t"];
    for (args, code) in [
        (&["--transport", "sms"][..], "bad_request"),
        (&["--tier", "gold"], "unknown_tier"),
        (&["--settings", "[1]"], "bad_request"),
        (&["--settings", "{"], "bad_json"),
    ] {
        assert_eq!(folder.refused(&[&create[..], args].concat()).0, code, "{args:?}");
    }
    let account = folder.account(&[]);
    let due = ["message", "send", &account, "c", "t", "--due", "tomorrow"];
    assert_eq!(folder.refused(&due).0, "bad_request");
    // It says how a time is written.
    let said = folder.run(&due).err;
    assert!(said.contains("`tomorrow`") && said.contains("`2026-04-01T09:00:00Z`"), "{said}");
    assert_eq!(folder.refused(&["message", "retry", &account, "none"]).0, "not_found");
    assert_eq!(folder.refused(&["message", "retry", "none", "--all", "error"]).0, "not_found");
    // A team that nobody knows owes nothing, or is a slip of the pen: nobody has to guess which.
    for question in ["invoice", "usage"] {
        let unknown = ["team", question, "taem", "--period", "2026-04"];
        assert_eq!(folder.refused(&unknown), ("not_found".to_owned(), Some(4)));
    }
    assert_eq!(folder.refused(&["team", "invoice", "team", "--period", "x"]).0, "bad_request");
    assert_eq!(folder.ask(&["account", "list"]).as_array().unwrap().len(), 1);

    // A second service finds the socket taken, and with another socket the store.
    let second = folder.run(&["run", "--json"]);
    assert!(second.err.contains("control_taken"), "{second:?}");
    let second = folder.run(&["run", "--control", "other.sock", "--json"]);
    assert!(second.err.contains("store_locked"), "{second:?}");
    assert_eq!(second.code, Some(1));
    // By another name it is the same file.
    for link in ["symbolic.db", "hard.db"] {
        let store = folder.path("tierwise.db");
        match link {
            "hard.db" => std::fs::hard_link(store, folder.path(link)).unwrap(),
            _ => std::os::unix::fs::symlink(store, folder.path(link)).unwrap(),
        }
        let args = ["run", "--control", "other.sock", "--sqlite", link, "--json"];
        assert!(folder.run(&args).err.contains("store_locked"), "{link}");
    }
    let long = "s".repeat(120);
    assert!(folder.run(&["run", "--control", &long, "--json"]).err.contains("bad_control"));
    let deep = format!(r#"{{"a":{}{}}}"#, "[".repeat(100), "]".repeat(100));
    let send = ["message", "send", &account, "c", "--content", &deep];
    assert_eq!(folder.refused(&send), ("bad_request".to_owned(), Some(4)));
    // Both left the first one alone.
    folder.ask(&["overview"]);
    service.stop();
    assert!(!folder.path("tierwise.sock").exists());
}

#[test]
fn what_somebody_may_not_read_is_the_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = Folder::new();
    let service = folder.start(&[]);
    folder.ask(&["backup", "copy.db"]);
    for name in ["tierwise.sock", "tierwise.db", "tierwise.db-wal", "copy.db"] {
        let mode = std::fs::metadata(folder.path(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    service.stop();
    // Something else of that name is left as it is.
    folder.write("tierwise.sock", "mine");
    let ended = folder.run(&["run", "--json"]);
    assert!(ended.err.contains("bad_control"), "{ended:?}");
    assert_eq!(std::fs::read_to_string(folder.path("tierwise.sock")).unwrap(), "mine");
}

#[test]
fn a_policy_is_loaded_anew_and_a_broken_one_leaves_the_old_in_place() {
    let folder = Folder::new();
    let catalog = folder.run(&["catalog", "show"]);
    assert_eq!(catalog.code, Some(0));
    let text = include_str!("../../../../catalogs/messaging.json");
    folder.write("catalog.json", text);
    let mut service = folder.start(&["--catalog", "catalog.json"]);
    let before = folder.ask(&["swap"]);
    folder.write("catalog.json", "{");
    service.signal("-HUP");
    let said = service.until("the policy stays as it was");
    assert_eq!(said["level"], "ERROR");
    // By order, too; and accounts go on as before.
    assert_eq!(folder.refused(&["swap"]), ("bad_catalog".to_owned(), Some(1)));
    let account = folder.account(&[]);
    folder.ask(&["message", "send", &account, "chat", "hello"]);
    assert_eq!(settled(&folder, &account)[0]["status"], "sent");
    let dearer = text.replace("\"0.034\"", "\"0.035\"");
    assert_ne!(dearer, text);
    folder.write("catalog.json", &dearer);
    service.signal("-HUP");
    let said = service.until("loaded anew");
    assert_ne!(said["catalog"], before["catalog"]);
    assert_eq!(folder.ask(&["team", "invoice", "team"])["total"], "1.035");
    service.stop();
}

#[test]
fn a_catalog_without_a_tier_that_accounts_have_is_refused_by_name() {
    let folder = Folder::new();
    let text = include_str!("../../../../catalogs/messaging.json");
    let without = text.replace("limited_msg_no_chat_history", "small");
    folder.write("catalog.json", text);
    let mut service = folder.start(&["--catalog", "catalog.json"]);
    let account = folder.account(&["--tier", "limited_msg_no_chat_history"]);
    folder.ask(&["account", "delete", &account]);
    // Its days are billed still.
    folder.write("catalog.json", &without);
    assert_eq!(folder.refused(&["swap"]), ("tiers_missing".to_owned(), Some(4)));
    let said = folder.run(&["swap"]).err;
    assert!(said.contains("`limited_msg_no_chat_history`"), "{said}");
    assert!(said.contains("the policy stays as it was"), "{said}");
    service.signal("-HUP");
    assert_eq!(service.until("the policy stays as it was")["code"], "tiers_missing");
    let invoice = folder.ask(&["team", "invoice", "team"]);
    assert_eq!(invoice["total"], "1.034");
    service.stop();

    let run = ["run", "--catalog", "catalog.json", "--json"];
    let ended = folder.run(&run);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.err.contains("tiers_missing"), "{ended:?}");
    assert!(ended.err.contains("`limited_msg_no_chat_history`"), "{ended:?}");
    folder.write("catalog.json", text);
    let service = folder.start(&["--catalog", "catalog.json"]);
    assert_eq!(folder.ask(&["team", "invoice", "team"])["tiers"], invoice["tiers"]);
    service.stop();
}
