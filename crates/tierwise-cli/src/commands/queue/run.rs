//! `tierwise serve` and `tierwise run`: the service in the foreground; `tierwise config`: how.

use std::{
    env, fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::Instant,
};

use serde_json::{Map, Value, json};
use tierwise_runner::Policy;
use tierwise_server::{
    Configured, Flag, LoadPolicy, Purpose, Ready, ServerError, Sources, Start, StoreConfig,
};

use super::args::{ConfigArgs, LogForm, PurposeForm, ServeArgs, ServiceArgs};
use crate::{
    catalog_file,
    output::{Outcome, Printer},
    table::{Table, pairs},
};

/// Runs the service with a folder and an address of its own until a signal ends it.
pub(crate) fn serve(
    catalog: Option<PathBuf>,
    args: ServeArgs,
    begun: Instant,
    printer: Printer,
) -> anyhow::Result<Outcome> {
    let configured = read(Purpose::Serve, catalog, args.service)?;
    let tell = |ready: &Ready| {
        // Whoever does not read it finds the same in the log.
        let _ = printer.print_either(&ready_as_json(ready).to_string(), &ready_in_words(ready));
    };
    start(configured, args.demo, begun, tell)
}

/// Runs the service with the defaults of a queue alone until a signal ends it.
pub(crate) fn run(
    catalog: Option<PathBuf>,
    args: ServiceArgs,
    begun: Instant,
) -> anyhow::Result<Outcome> {
    start(read(Purpose::Run, catalog, args)?, false, begun, |_| {})
}

/// Shows every setting, and where it comes from.
pub(crate) fn config(
    catalog: Option<PathBuf>,
    args: ConfigArgs,
    printer: Printer,
) -> anyhow::Result<Outcome> {
    let purpose = match args.purpose {
        PurposeForm::Serve => Purpose::Serve,
        PurposeForm::Run => Purpose::Run,
    };
    let configured = read(purpose, catalog, args.service)?;
    let settings = configured.effective.iter().map(|shown| {
        (shown.key.clone(), json!({ "from": shown.origin.to_string(), "value": shown.value }))
    });
    let json = json!({
        "settings": settings.collect::<Map<_, _>>(),
        "unknownVariables": configured.unknown_variables,
    });
    let rows = configured
        .effective
        .iter()
        .map(|shown| vec![shown.key.clone(), in_words(&shown.value), shown.origin.to_string()]);
    let mut text = Table::new(&["setting", "value", "from"]).rows(rows).in_words();
    for variable in &configured.unknown_variables {
        text += &format!("the variable {variable} sets nothing\n");
    }
    printer.print_either(&json.to_string(), &text)?;
    Ok(Outcome::Done)
}

fn in_words(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts.iter().map(in_words).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

/// All sources of a configuration.
fn read(
    purpose: Purpose,
    catalog: Option<PathBuf>,
    args: ServiceArgs,
) -> Result<Configured, ServerError> {
    let variables = env::vars_os().filter_map(|(name, value)| {
        // What is no text is none of ours.
        Some((name.into_string().ok()?, value.into_string().ok()?))
    });
    let (file, flags) = (args.config.clone(), flags(catalog, args));
    Configured::read(purpose, Sources { file, variables: variables.collect(), flags })
}

fn flags(catalog: Option<PathBuf>, args: ServiceArgs) -> Vec<Flag> {
    let shown = |path: PathBuf| path.display().to_string();
    let log = args.log.map(|form| match form {
        LogForm::Text => "text".to_owned(),
        LogForm::Json => "json".to_owned(),
    });
    let named = [
        ("--catalog", "catalog", catalog.map(shown)),
        ("--data", "data", args.data.map(shown)),
        ("--sqlite", "store.sqlite", args.sqlite.map(shown)),
        ("--postgres", "store.postgres.schema", args.postgres),
        ("--listen", "listen", args.listen.map(|address| address.to_string())),
        ("--pages", "pages", args.pages.map(shown)),
        ("--policy", "policy", args.policy.map(shown)),
        ("--control", "control", args.control.map(shown)),
        ("--hold", "hold", args.hold.then(|| "true".to_owned())),
        ("--log", "log", log),
    ];
    let named = named.into_iter().filter_map(|(name, key, value)| {
        Some(Flag { name: name.to_owned(), key: key.to_owned(), value: value? })
    });
    let set = args.set.into_iter();
    let set = set.map(|(key, value)| Flag { name: format!("--set {key}"), key, value });
    named.chain(set).collect()
}

fn start(
    configured: Configured,
    demo: bool,
    begun: Instant,
    tell: impl FnOnce(&Ready),
) -> anyhow::Result<Outcome> {
    let config = &configured.config;
    tierwise_server::log_to_standard_error(config.log);
    let (component, catalog) = (config.policy.clone(), config.catalog.clone());
    let load_policy: LoadPolicy =
        Arc::new(move || load_policy(component.as_deref(), catalog.as_deref()));
    tierwise_server::serve(Start { configured, load_policy, demo, begun }, tell)?;
    Ok(Outcome::Done)
}

fn ready_as_json(ready: &Ready) -> Value {
    let demo = ready
        .demo
        .as_ref()
        .map(|demo| json!({ "refreshToken": demo.refresh_token, "teamId": demo.team }));
    json!({
        "control": ready.config.control, "demo": demo, "origin": ready.origin,
        "readyMs": u64::try_from(ready.took.as_millis()).unwrap_or(u64::MAX),
    })
}

/// Where to go from here.
fn ready_in_words(ready: &Ready) -> String {
    let config = &ready.config;
    let store = match &config.store {
        StoreConfig::Sqlite(file) => file.display().to_string(),
        StoreConfig::Postgres { schema, .. } => format!("PostgreSQL, schema {schema}"),
    };
    let origin = ready.origin.clone().unwrap_or_default();
    let offered = |is_offered: bool| if is_offered { origin.clone() } else { String::new() };
    let mut lines = vec![
        ("API", offered(config.api)),
        ("pages", offered(config.pages.is_some())),
        ("store", store),
        ("orders", config.control.display().to_string()),
    ];
    let mut curl = format!("curl -s {origin}/health");
    if let Some(demo) = &ready.demo {
        lines.push(("team", demo.team.clone()));
        lines.push(("refresh token", format!("{} (shown once)", demo.refresh_token)));
        let body = json!({ "refreshToken": demo.refresh_token, "teamId": demo.team });
        curl =
            format!("curl -s {origin}/auth/token -H 'content-type: application/json' -d '{body}'");
    }
    let shown = pairs(lines.into_iter().filter(|(_, value)| !value.is_empty()));
    let curl = if origin.is_empty() { String::new() } else { format!("\n{curl}\n") };
    format!("{shown}{curl}\nready in {} ms\n", ready.took.as_millis())
}

/// The policy and the catalog as their files are now.
fn load_policy(
    component: Option<&Path>,
    catalog: Option<&Path>,
) -> Result<Arc<Policy>, ServerError> {
    let catalog = catalog_file::choose(catalog)
        .map_err(|error| ServerError::new("bad_catalog", format_args!("{error:#}")))?;
    let bytes = match component {
        None => None,
        Some(file) => Some(fs::read(file).map_err(|error| {
            let what = format_args!("the policy `{}`: {error}", file.display());
            ServerError::new("bad_policy", what)
        })?),
    };
    let policy = Policy::new(bytes.as_deref(), catalog)
        .map_err(|error| ServerError::new(&error.code, format_args!("the policy: {error}")))?;
    Ok(Arc::new(policy))
}
