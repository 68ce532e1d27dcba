//! The configuration as the command has it: `tierwise config`, and what the service does with it.

use std::{fs, path::Path};

use serde_json::{Value, json};

use crate::service::Folder;

fn setting(folder: &Folder, args: &[&str], key: &str) -> Value {
    folder.ask(&[&["config"], args].concat())["settings"][key].clone()
}

#[test]
fn each_value_is_shown_with_where_it_comes_from() {
    let folder = Folder::new();
    folder.write("a.toml", "most_out = 1\n[limits]\nper_token = 5\n");
    let of = |args: &[&str], key: &str| setting(&folder, args, key);
    assert_eq!(of(&[], "most_out"), json!({ "value": 10_000, "from": "default" }));
    let file = ["--config", "a.toml"];
    assert_eq!(of(&file, "most_out"), json!({ "value": 1, "from": "a.toml" }));
    assert_eq!(of(&file, "limits.per_token"), json!({ "value": 5, "from": "a.toml" }));
    let variable = ("TIERWISE_MOST_OUT", "2");
    let read = |args: &[&str]| {
        let ended = folder.run_with(&[&["config", "--json"], args].concat(), variable);
        let read: Value = serde_json::from_str(&ended.out).unwrap();
        read["settings"]["most_out"].clone()
    };
    assert_eq!(read(&file), json!({ "value": 2, "from": "TIERWISE_MOST_OUT" }));
    let flag = [&file[..], &["--set", "most_out=3"]].concat();
    assert_eq!(read(&flag), json!({ "value": 3, "from": "--set most_out" }));
    // A flag of its own, and the two commands.
    let listen = of(&["--listen", "127.0.0.1:1"], "listen");
    assert_eq!(listen, json!({ "value": "127.0.0.1:1", "from": "--listen" }));
    assert_eq!(of(&["--for", "run"], "listen")["value"], Value::Null);
    assert_eq!(of(&["--for", "serve"], "listen")["value"], "127.0.0.1:8080");
    let words = folder.run(&["config", "--config", "a.toml"]).out;
    let line = words.lines().find(|line| line.starts_with("limits.per_token")).unwrap();
    assert_eq!(line.split_whitespace().collect::<Vec<_>>(), ["limits.per_token", "5", "a.toml"]);
    // Nothing was begun by looking.
    assert!(!folder.path("tierwise-data").exists());
}

#[test]
fn no_secret_is_shown() {
    let folder = Folder::new();
    folder.write(
        "a.toml",
        "[store.postgres]\nurl_env = \"THE_URL\"\n[transports.gateway]\nkind = \"webhook\"\n\
         url = \"https://user:SECRET@host.example/x\"\nkeys.env = \"THE_KEYS\"\n",
    );
    for variable in [("THE_URL", "postgresql://u:SECRET@h/d"), ("THE_KEYS", "whsec_SECRET")] {
        for form in [&[][..], &["--json"]] {
            let args = [&["config", "--config", "a.toml"], form].concat();
            let ended = folder.run_with(&args, variable);
            assert_eq!(ended.code, Some(0), "{ended:?}");
            assert!(ended.out.contains("THE_URL") && ended.out.contains("THE_KEYS"), "{ended:?}");
            assert!(!ended.out.contains("SECRET"), "{ended:?}");
        }
    }
}

#[test]
fn what_does_not_exist_or_cannot_be_is_refused_with_its_place() {
    let folder = Folder::new();
    folder.write("a.toml", "most_out = 5\n[limits]\nper_tokn = 1\n");
    let ended = folder.run(&["config", "--config", "a.toml"]);
    assert_eq!(ended.code, Some(1));
    assert!(ended.err.contains("`a.toml`") && ended.err.contains("3 | per_tokn = 1"), "{ended:?}");
    let ended = folder.run_with(&["config"], ("TIERWISE_MOST_OUT", "many"));
    assert!(ended.err.contains("the variable `TIERWISE_MOST_OUT`: `many`"), "{ended:?}");
    let ended = folder.run(&["serve", "--set", "most_ot=1"]);
    assert!(ended.err.contains("there is no setting `most_ot`"), "{ended:?}");
    assert_eq!(folder.run(&["serve", "--set", "most_out"]).code, Some(2));
    // A slip in the environment is told of; other programs have variables there, too.
    let ended = folder.run_with(&["config"], ("TIERWISE_MOST_OTU", "1"));
    assert_eq!(ended.code, Some(0));
    assert!(ended.out.contains("the variable TIERWISE_MOST_OTU sets nothing"), "{ended:?}");
}

/// A file of the repository.
fn of_repository(path: &str) -> String {
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    fs::read_to_string(top.join(path)).unwrap()
}

#[test]
fn the_guide_has_the_table_of_settings() {
    let guide = of_repository("docs/operating.md");
    for setting in tierwise_server::SETTINGS {
        let begins = format!("| `{}` |", setting.key);
        let ends = format!("| {} |", setting.about);
        let is_line = |line: &&str| line.starts_with(&begins) && line.ends_with(&ends);
        assert_eq!(guide.lines().filter(is_line).count(), 1, "{begins} … {ends}");
    }
}

#[test]
fn what_is_packaged_starts_the_service_with_settings_that_there_are() {
    let unit = of_repository("packaging/tierwise.service");
    let starts =
        unit.lines().find_map(|line| line.strip_prefix("ExecStart=/usr/bin/tierwise serve"));
    let folder = Folder::new();
    folder.write("empty.toml", "");
    let args = starts.unwrap().replace("/etc/tierwise/tierwise.toml", "empty.toml");
    let args: Vec<_> = args.split_whitespace().collect();
    assert_eq!(setting(&folder, &args, "data")["value"], "/var/lib/tierwise");

    let container = of_repository("packaging/Containerfile");
    let words = container.split_whitespace();
    let set: Vec<_> = words
        .filter_map(|word| word.strip_prefix("TIERWISE_")?.split_once('='))
        .filter(|(name, _)| *name != "PAGES")
        .collect();
    assert_eq!(set.len(), 3, "{set:?}");
    for (name, value) in set {
        let variable = format!("TIERWISE_{name}");
        let ended = folder.run_with(&["config", "--json"], (&variable, value));
        let read: Value = serde_json::from_str(&ended.out).unwrap();
        let shown = &read["settings"][name.to_lowercase()];
        assert_eq!(*shown, json!({ "value": value, "from": variable }));
    }
}
