//! `tierwise run`: the service in the foreground.

use std::{fs, path::PathBuf, sync::Arc};

use tierwise_runner::Policy;
use tierwise_server::{Config, LoadPolicy, LogFormat, ServerError, StoreConfig};

use super::args::{LogForm, RunArgs};
use crate::{catalog_file, output::Outcome};

/// Runs the service until a signal ends it.
pub(crate) fn run(catalog: Option<PathBuf>, args: RunArgs) -> anyhow::Result<Outcome> {
    let RunArgs { config, sqlite, postgres, listen, policy, control, hold, log } = args;
    let mut config = match config {
        Some(file) => Config::read(&file)?,
        None => Config::default(),
    };
    if let Some(file) = sqlite {
        config.store = StoreConfig::Sqlite(file);
    }
    if let Some(schema) = postgres {
        config.store = StoreConfig::postgres(schema);
    }
    config.hold |= hold;
    config.listen = listen.or(config.listen);
    config.policy = policy.or(config.policy);
    config.control = control.unwrap_or(config.control);
    tierwise_server::log_to_standard_error(match log {
        LogForm::Text => LogFormat::Text,
        LogForm::Json => LogFormat::Json,
    });
    let component = config.policy.clone();
    let load: LoadPolicy = Arc::new(move || load_policy(component.as_deref(), catalog.as_deref()));
    tierwise_server::serve(&config, load)?;
    Ok(Outcome::Done)
}

/// The policy and the catalog as their files are now.
fn load_policy(
    component: Option<&std::path::Path>,
    catalog: Option<&std::path::Path>,
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
