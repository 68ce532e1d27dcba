//! Which layer wins, where a value came from, and what is refused.
#![allow(clippy::unwrap_used, reason = "tests")]

use super::*;

fn variables(set: &[(&str, &str)]) -> Vec<(String, String)> {
    set.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn flag(key: &str, value: &str) -> Flag {
    Flag { name: format!("--set {key}"), key: key.to_owned(), value: value.to_owned() }
}

fn with_file(text: &str) -> (tempfile::TempDir, Sources) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("any.toml");
    fs::write(&file, text).unwrap();
    (folder, Sources { file: Some(file), ..Sources::default() })
}

fn shown<'a>(read: &'a Configured, key: &str) -> &'a Effective {
    read.effective.iter().find(|shown| shown.key == key).unwrap()
}

#[test]
fn flags_are_stronger_than_the_environment_and_that_than_the_file() {
    let (_folder, mut sources) = with_file("most_out = 1\nattempt_ms = 1\nlease_ms = 9000\n");
    sources.variables = variables(&[("TIERWISE_MOST_OUT", "2"), ("TIERWISE_ATTEMPT_MS", "2")]);
    sources.flags = vec![flag("most_out", "3")];
    let file = sources.file.clone().unwrap();
    let read = Configured::read(Purpose::Run, sources).unwrap();
    let config = &read.config;
    assert_eq!((config.most_out, config.attempt_ms, config.lease_ms), (3, 2, 9000));
    for (key, origin) in [
        ("most_out", Origin::Flag("--set most_out".to_owned())),
        ("attempt_ms", Origin::Variable("TIERWISE_ATTEMPT_MS".to_owned())),
        ("lease_ms", Origin::File(file)),
        ("hold", Origin::Default),
    ] {
        assert_eq!(shown(&read, key).origin, origin, "{key}");
    }
}

#[test]
fn every_field_has_a_line_in_the_table_and_every_line_a_field() {
    let defaults = leaves_of(&Config::default(), &Origin::Default).unwrap();
    let mut fields: Vec<_> = defaults.into_keys().map(|place| place.join(".")).collect();
    fields.extend(["store.postgres.schema", "store.postgres.url_env"].map(str::to_owned));
    fields.sort_unstable();
    let mut lines: Vec<_> = SETTINGS.iter().map(|setting| setting.key.to_owned()).collect();
    lines.sort_unstable();
    assert_eq!(lines, fields);
    for setting in SETTINGS {
        let value = value_of(setting, "true").or_else(|_| value_of(setting, "7000"));
        let value = value.or_else(|_| value_of(setting, "127.0.0.1:1"));
        let value = value.or_else(|_| value_of(setting, "127.0.0.1"));
        let value =
            value.or_else(|_| value_of(setting, "none")).or_else(|_| value_of(setting, "text"));
        assert!(value.is_ok(), "{setting:?}: {value:?}");
    }
}

#[test]
fn a_stronger_store_takes_the_place_of_the_other_kind() {
    let (_folder, mut sources) = with_file("[store.postgres]\nurl_env = \"URL\"\n");
    let read = Configured::read(Purpose::Serve, sources.clone()).unwrap();
    let of = |schema: &str, url_env: &str| StoreConfig::Postgres {
        schema: schema.to_owned(),
        url_env: url_env.to_owned(),
    };
    assert_eq!(read.config.store, of("tierwise", "URL"));
    sources.variables = variables(&[("TIERWISE_STORE_POSTGRES_SCHEMA", "queue")]);
    let read = Configured::read(Purpose::Serve, sources.clone()).unwrap();
    assert_eq!(read.config.store, of("queue", "URL"));
    let flags = vec![flag("store.postgres.schema", "a")];
    let usual = Configured::read(Purpose::Serve, Sources { flags, ..Sources::default() }).unwrap();
    let url = shown(&usual, "store.postgres.url_env");
    assert_eq!((&url.value, &url.origin), (&Value::from("TIERWISE_POSTGRES"), &Origin::Default));
    sources.flags = vec![flag("store.sqlite", "a.db")];
    let read = Configured::read(Purpose::Serve, sources.clone()).unwrap();
    assert_eq!(read.config.store, StoreConfig::Sqlite(PathBuf::from("a.db")));
    assert!(read.effective.iter().all(|shown| !shown.key.starts_with("store.postgres")));
    sources.flags.push(flag("store.postgres.schema", "a"));
    let error = Configured::read(Purpose::Serve, sources).unwrap_err();
    assert!(error.message.contains("the command line names two stores"), "{error}");
}

#[test]
fn serving_has_a_folder_and_an_address_and_running_has_none() {
    let read = Configured::read(Purpose::Serve, Sources::default()).unwrap().config;
    assert_eq!(read.listen, Some(SocketAddr::from((Ipv4Addr::LOCALHOST, 8080))));
    assert_eq!(read.control, PathBuf::from("tierwise-data/tierwise.sock"));
    let flags = vec![flag("data", "elsewhere")];
    let read = Configured::read(Purpose::Serve, Sources { flags, ..Sources::default() }).unwrap();
    let store = StoreConfig::Sqlite(PathBuf::from("elsewhere/tierwise.db"));
    assert_eq!(
        (read.config.store, read.config.keys),
        (store, PathBuf::from("elsewhere/tierwise.keys"))
    );
    let read = Configured::read(Purpose::Run, Sources::default()).unwrap().config;
    assert_eq!((read.listen, read.control), (None, PathBuf::from("tierwise.sock")));
}

#[test]
fn the_file_of_the_data_folder_is_read_unless_another_is_named() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(FILE), "most_out = 5\n").unwrap();
    let data = vec![flag("data", folder.path().to_str().unwrap())];
    let sources = Sources { flags: data, ..Sources::default() };
    let read = |sources| Configured::read(Purpose::Serve, sources);
    assert_eq!(read(sources.clone()).unwrap().config.most_out, 5);
    let (_other, named) = with_file("most_out = 6\n");
    let file = named.file.unwrap();
    let by_name = Sources { file: Some(file.clone()), ..sources.clone() };
    assert_eq!(read(by_name).unwrap().config.most_out, 6);
    let by_variable = variables(&[(FILE_VARIABLE, file.to_str().unwrap())]);
    let by_variable = Sources { variables: by_variable, ..sources.clone() };
    assert_eq!(read(by_variable).unwrap().config.most_out, 6);
    fs::write(folder.path().join(FILE), "data = \"other\"\n").unwrap();
    let error = read(sources).unwrap_err();
    assert!(error.message.contains("cannot name another one"), "{error}");
}

#[test]
fn a_bad_value_is_refused_with_its_place() {
    let say = |set: &[(&str, &str)], flags: Vec<Flag>| {
        let sources = Sources { file: None, variables: variables(set), flags };
        Configured::read(Purpose::Serve, sources).unwrap_err().message
    };
    for (variable, value, what) in [
        ("TIERWISE_MOST_OUT", "many", "`many` is no whole number"),
        ("TIERWISE_MOST_OUT", "-1", "`-1` is no whole number"),
        ("TIERWISE_HOLD", "yes", "`yes` is neither `true` nor `false`"),
        ("TIERWISE_LISTEN", "here", "invalid socket address"),
        ("TIERWISE_LIMITS_PER_TOKEN", "0", "nonzero"),
        ("TIERWISE_LIMITS_BODY_MS", "4294967296", "u32"),
        ("TIERWISE_LOG_REQUESTS", "some", "unknown variant `some`"),
        ("TIERWISE_TRUSTED_PROXIES", "10.0.0.0/33", "10.0.0.0/33"),
    ] {
        let said = say(&[(variable, value)], Vec::new());
        assert!(said.contains(&format!("`{variable}`")) && said.contains(what), "{said}");
    }
    let said = say(&[], vec![flag("lisen", "1")]);
    assert!(said.contains("`--set lisen`: there is no setting `lisen`"), "{said}");
    let said = say(&[("TIERWISE_TLS_KEY", "key.pem")], Vec::new());
    assert!(said.contains("`tls.certificate` and `tls.key` go together"), "{said}");
    let said = say(&[("TIERWISE_CORS_ORIGINS", "https://a.example/path")], Vec::new());
    assert!(said.contains("https://a.example/path"), "{said}");
}

#[test]
fn a_variable_that_nothing_reads_is_told_of_and_an_empty_one_is_not_set() {
    let (_folder, mut sources) = with_file(
        "[transports.gateway]\nkind = \"webhook\"\nurl = \"https://a:b@host.example/x\"\n\
         keys.env = \"TIERWISE_KEYS_OF_GATEWAY\"\n",
    );
    sources.variables = variables(&[
        ("TIERWISE_LISTN", "127.0.0.1:1"),
        ("TIERWISE_LISTEN", ""),
        ("TIERWISE_NONE", ""),
        ("TIERWISE_KEYS_OF_GATEWAY", "whsec_secret"),
        ("TIERWISE_POSTGRES", "postgresql://user:secret@host/database"),
        ("PATH", "x"),
    ]);
    let read = Configured::read(Purpose::Serve, sources).unwrap();
    assert_eq!(read.unknown_variables, ["TIERWISE_LISTN"]);
    assert_eq!(shown(&read, "listen").origin, Origin::Default);
    // No secret is shown, wherever it stands.
    assert_eq!(shown(&read, "transports.gateway.url").value, "https://…@host.example/x");
    assert!(!format!("{:?}", read.effective).contains("secret"));
}
