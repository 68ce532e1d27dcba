//! The layers of a configuration: defaults, a file, the environment, flags, each stronger than
//! those before it; and which of them each value comes from.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt, fs,
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
};

use serde_json::{Map, Value};

use super::{Config, SETTINGS, SecretConfig, Setting, StoreConfig, TransportConfig};
use crate::error::ServerError;

/// The file that is read from the data folder if nobody names another one.
const FILE: &str = "tierwise.toml";

/// The variable that names the file.
const FILE_VARIABLE: &str = "TIERWISE_CONFIG";

/// The port of the service, if nobody names another address.
const PORT: u16 = 8080;

/// What is started: two sets of defaults, and nothing else.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Purpose {
    /// `tierwise run`: the queue, with everything in the folder in which one works.
    #[default]
    Run,
    /// `tierwise serve`: the same, which answers on loopback and has a folder of its own.
    Serve,
}

/// A value that the command line gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flag {
    /// The flag, as errors name it.
    pub name: String,
    /// The key of the setting.
    pub key: String,
    /// The value in words.
    pub value: String,
}

/// Where values come from.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// The file that the command line names.
    pub file: Option<PathBuf>,
    /// Variables of the environment; only those count that begin with `TIERWISE_`.
    pub variables: Vec<(String, String)>,
    /// What flags say.
    pub flags: Vec<Flag>,
}

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Nobody named it.
    Default,
    /// This file.
    File(PathBuf),
    /// This variable of the environment.
    Variable(String),
    /// This flag.
    Flag(String),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Default => f.write_str("default"),
            Origin::File(path) => path.display().fmt(f),
            Origin::Variable(name) | Origin::Flag(name) => f.write_str(name),
        }
    }
}

/// A setting as it is in the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effective {
    /// Its key.
    pub key: String,
    /// Its value; null: none. Of a secret it says where it stands, never what it is.
    pub value: Value,
    /// Where it came from.
    pub origin: Origin,
}

/// A configuration, and where each part of it came from.
#[derive(Clone, Debug)]
pub struct Configured {
    /// The configuration.
    pub config: Config,
    /// Every setting.
    pub effective: Vec<Effective>,
    /// Variables that begin with `TIERWISE_` and mean nothing here: slips of the pen, perhaps.
    pub unknown_variables: Vec<String>,
}

/// A place in the document: its keys from the top.
type Place = Vec<String>;

/// Values by their places, with where they came from.
type Leaves = BTreeMap<Place, (Value, Origin)>;

impl Purpose {
    fn data(self) -> PathBuf {
        PathBuf::from(match self {
            Purpose::Run => ".",
            Purpose::Serve => "tierwise-data",
        })
    }

    fn defaults(self, data: &Path) -> Config {
        let config = Config::within(data);
        match self {
            Purpose::Run => config,
            Purpose::Serve => {
                let listen = Some(SocketAddr::from((Ipv4Addr::LOCALHOST, PORT)));
                Config { listen, ..config }
            }
        }
    }
}

impl Configured {
    /// Reads all sources. Errors: `bad_config`, with the place: a line of the file, a variable, a
    /// flag.
    pub fn read(purpose: Purpose, sources: Sources) -> Result<Self, ServerError> {
        let variables = read_variables(&sources.variables)?;
        let flags = read_flags(&sources.flags)?;
        let named = sources.file.or_else(|| file_of(&sources.variables));
        let is_named = named.is_some();
        let data_of =
            |leaves: &Leaves| Some(PathBuf::from(leaves.get(&place("data"))?.0.as_str()?));
        let data = data_of(&flags).or_else(|| data_of(&variables));
        let found = || {
            let data = data.clone().unwrap_or_else(|| purpose.data());
            Some(data.join(FILE)).filter(|file| purpose == Purpose::Serve && file.is_file())
        };
        let file = named.or_else(found);
        let in_file = file.as_deref().map(read_file).transpose()?.unwrap_or_default();
        if let (Some(file), Some(_), false) = (&file, data_of(&in_file), is_named) {
            return Err(ServerError::config(format_args!(
                "`{}` lies in the data folder, and cannot name another one: leave `data` out, or \
                 name the file by `--config`",
                file.display()
            )));
        }
        let data = data.or_else(|| data_of(&in_file)).unwrap_or_else(|| purpose.data());
        let defaults = leaves_of(&purpose.defaults(&data), &Origin::Default)?;
        let mut merged = Leaves::new();
        for layer in [defaults, in_file, variables, flags] {
            put_over(&mut merged, layer);
        }
        let config = read_leaves(&merged)
            .map_err(|error| ServerError::config(format_args!("the configuration: {error}")))?;
        config.check()?;
        // A store that takes the place of the usual one has defaults of its own.
        let of_store = |place: &Place| place.first().is_some_and(|first| first == "store");
        for (place, leaf) in leaves_of(&config, &Origin::Default)? {
            if of_store(&place) {
                merged.entry(place).or_insert(leaf);
            }
        }
        let unknown_variables = unknown(&sources.variables, &config);
        Ok(Configured { effective: effective(&merged), config, unknown_variables })
    }
}

impl Configured {
    /// Where a setting came from.
    pub fn origin(&self, key: &str) -> Option<&Origin> {
        Some(&self.effective.iter().find(|shown| shown.key == key)?.origin)
    }
}

fn place(key: &str) -> Place {
    key.split('.').map(str::to_owned).collect()
}

fn file_of(variables: &[(String, String)]) -> Option<PathBuf> {
    let named = variables.iter().find(|(name, value)| name == FILE_VARIABLE && !value.is_empty());
    named.map(|(_, file)| PathBuf::from(file))
}

fn read_file(path: &Path) -> Result<Leaves, ServerError> {
    let wrong = |error: &dyn fmt::Display| {
        ServerError::config(format_args!("`{}`: {error}", path.display()))
    };
    let text = fs::read_to_string(path).map_err(|error| wrong(&error))?;
    // First as what it is to be: an error then names the line.
    toml::from_str::<Config>(&text).map_err(|error| wrong(&error))?;
    let document: Map<String, Value> = toml::from_str(&text).map_err(|error| wrong(&error))?;
    let mut leaves = Leaves::new();
    gather(&mut Vec::new(), Value::Object(document), &Origin::File(path.to_owned()), &mut leaves);
    Ok(leaves)
}

/// Of the environment. An empty variable is as one that is not set.
fn read_variables(variables: &[(String, String)]) -> Result<Leaves, ServerError> {
    let mut leaves = Leaves::new();
    for setting in SETTINGS {
        let name = setting.variable();
        let set = variables.iter().find(|(other, value)| *other == name && !value.is_empty());
        if let Some((_, text)) = set {
            let wrong = |what| ServerError::config(format_args!("the variable `{name}`: {what}"));
            let value = value_of(setting, text).map_err(wrong)?;
            leaves.insert(place(setting.key), (value, Origin::Variable(name.clone())));
        }
    }
    check_one_store(&leaves, "the environment")?;
    Ok(leaves)
}

fn read_flags(flags: &[Flag]) -> Result<Leaves, ServerError> {
    let mut leaves = Leaves::new();
    for Flag { name, key, value } in flags {
        let Some(setting) = SETTINGS.iter().find(|setting| setting.key == key) else {
            return Err(ServerError::config(format_args!(
                "`{name}`: there is no setting `{key}`; `tierwise config` lists them, and \
                 transports stand in the file alone"
            )));
        };
        let wrong = |what| ServerError::config(format_args!("`{name}`: {what}"));
        let value = value_of(setting, value).map_err(wrong)?;
        leaves.insert(place(key), (value, Origin::Flag(name.clone())));
    }
    check_one_store(&leaves, "the command line")?;
    Ok(leaves)
}

/// A value that stands in words, by the kind of its default.
fn value_of(setting: &Setting, text: &str) -> Result<Value, String> {
    let defaults = serde_json::to_value(Config::default()).map_err(|error| error.to_string())?;
    let pointer = format!("/{}", setting.key.replace('.', "/"));
    let value = match defaults.pointer(&pointer) {
        Some(Value::Number(_)) => {
            let number = text.parse::<u64>();
            Value::from(number.map_err(|_| format!("`{text}` is no whole number"))?)
        }
        Some(Value::Bool(_)) => match text {
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            _ => return Err(format!("`{text}` is neither `true` nor `false`")),
        },
        Some(Value::Array(_)) => {
            let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
            parts.map(Value::from).collect()
        }
        _ => Value::from(text),
    };
    let alone = Leaves::from([(place(setting.key), (value.clone(), Origin::Default))]);
    read_leaves(&alone).map(|_| value).map_err(|error| format!("`{text}`: {error}"))
}

fn check_one_store(leaves: &Leaves, whose: &str) -> Result<(), ServerError> {
    let names = |kind| leaves.keys().any(|place| is_of_store(place, kind));
    if names("sqlite") && names("postgres") {
        return Err(ServerError::config(format_args!(
            "{whose} names two stores, `store.sqlite` and `store.postgres`: leave one out"
        )));
    }
    Ok(())
}

fn is_of_store(place: &Place, kind: &str) -> bool {
    matches!(place.as_slice(), [first, second, ..] if first == "store" && second == kind)
}

/// Puts a stronger layer over what there is. A store takes the place of one of the other kind.
fn put_over(merged: &mut Leaves, layer: Leaves) {
    for (kind, other) in [("sqlite", "postgres"), ("postgres", "sqlite")] {
        if layer.keys().any(|place| is_of_store(place, kind)) {
            merged.retain(|place, _| !is_of_store(place, other));
        }
    }
    merged.extend(layer);
}

fn leaves_of(config: &Config, origin: &Origin) -> Result<Leaves, ServerError> {
    let document = serde_json::to_value(config).map_err(ServerError::config)?;
    let mut leaves = Leaves::new();
    gather(&mut Vec::new(), document, origin, &mut leaves);
    Ok(leaves)
}

fn gather(at: &mut Place, value: Value, origin: &Origin, leaves: &mut Leaves) {
    let Value::Object(parts) = value else {
        leaves.insert(at.clone(), (value, origin.clone()));
        return;
    };
    for (key, part) in parts {
        at.push(key);
        gather(at, part, origin, leaves);
        at.pop();
    }
}

fn read_leaves(leaves: &Leaves) -> Result<Config, serde_json::Error> {
    let mut document = Value::Object(Map::new());
    for (place, (value, _)) in leaves {
        let mut at = &mut document;
        for key in place {
            at = &mut at[key.as_str()];
        }
        *at = value.clone();
    }
    serde_json::from_value(document)
}

fn effective(merged: &Leaves) -> Vec<Effective> {
    let of_table = SETTINGS.iter().filter_map(|setting| merged.get_key_value(&place(setting.key)));
    let is_transport = |(at, _): &(&Place, _)| at.first().is_some_and(|key| key == "transports");
    let all = of_table.chain(merged.iter().filter(is_transport));
    let shown = all.map(|(place, (value, origin))| Effective {
        key: place.join("."),
        value: without_password(value.clone()),
        origin: origin.clone(),
    });
    shown.collect()
}

/// A value that may be shown: somebody may have written a password into an address.
fn without_password(value: Value) -> Value {
    let hidden = value.as_str().and_then(|text| {
        let (scheme, rest) = text.split_once("://")?;
        let (_, host) = rest.split(['/', '?', '#']).next()?.rsplit_once('@')?;
        let tail = rest.get(rest.find(['/', '?', '#']).unwrap_or(rest.len())..)?;
        Some(format!("{scheme}://…@{host}{tail}"))
    });
    hidden.map_or(value, Value::from)
}

/// The variables that begin as ours do, and that nothing here reads.
fn unknown(variables: &[(String, String)], config: &Config) -> Vec<String> {
    let mut known: BTreeSet<String> = SETTINGS.iter().map(Setting::variable).collect();
    known.extend([FILE_VARIABLE.to_owned(), "TIERWISE_POSTGRES".to_owned()]);
    if let StoreConfig::Postgres { url_env, .. } = &config.store {
        known.insert(url_env.clone());
    }
    let secrets = config.transports.values().flat_map(|transport| match transport {
        TransportConfig::Mock {} => Vec::new(),
        TransportConfig::Webhook { keys, .. } => vec![keys],
        TransportConfig::WhatsappCloud { access_token, app_secrets, verify_token, .. } => {
            vec![access_token, app_secrets, verify_token]
        }
    });
    known.extend(secrets.filter_map(|secret| match secret {
        SecretConfig::Env(name) => Some(name.clone()),
        SecretConfig::File(_) => None,
    }));
    let set = variables.iter().filter(|(_, value)| !value.is_empty()).map(|(name, _)| name);
    let ours = set.filter(|name| name.starts_with("TIERWISE_"));
    ours.filter(|name| !known.contains(*name)).cloned().collect()
}

#[cfg(test)]
#[path = "layers_tests.rs"]
mod tests;
