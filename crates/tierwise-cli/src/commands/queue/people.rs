//! Users, refresh tokens and keys: what the command line says, as the service or the folder of keys
//! reads it.

use std::path::Path;

use tierwise_server::{
    Order, PeopleOrder, ServerError, TeamKnownOrder, activate_key, list_keys, new_key, retire_key,
};

use super::{
    orders::{json, order},
    people_args::{
        KeyArgs, KeyCommand, TeamKnownArgs, TokenArgs, TokenCommand, UserArgs, UserCommand,
    },
};
use crate::{
    output::{Outcome, Printer},
    table::{Table, pairs},
};

/// What is known of a team, as the service reads it.
pub(super) fn known(args: TeamKnownArgs) -> Result<TeamKnownOrder, ServerError> {
    let TeamKnownArgs { name, region, metadata } = args;
    Ok(TeamKnownOrder { name, region, metadata: json("metadata", metadata)? })
}

pub(crate) fn user(args: UserArgs, printer: Printer) -> anyhow::Result<Outcome> {
    let what = match args.command {
        UserCommand::Create { user, name } => PeopleOrder::CreateUser { user, name },
        UserCommand::List { team, after, count } => PeopleOrder::Users { team, after, count },
        UserCommand::Set { user, name } => PeopleOrder::SetUser { user, name },
        UserCommand::Join { user, team, scopes } => PeopleOrder::Join { user, team, scopes },
        UserCommand::Leave { user, team } => PeopleOrder::Leave { user, team },
    };
    order(&args.control.control, &Order::People(what), printer)
}

pub(crate) fn token(args: TokenArgs, printer: Printer) -> anyhow::Result<Outcome> {
    let what = match args.command {
        TokenCommand::Create { user } => PeopleOrder::CreateToken { user },
        TokenCommand::List { user, before, count } => PeopleOrder::Tokens { user, before, count },
        TokenCommand::Revoke { number: Some(number), .. } => PeopleOrder::RevokeToken { number },
        TokenCommand::Revoke { user, .. } => {
            PeopleOrder::RevokeTokens { user: user.unwrap_or_default() }
        }
    };
    order(&args.control.control, &Order::People(what), printer)
}

/// Works on the folder: no service needs to run.
pub(crate) fn key(args: &KeyArgs, printer: Printer) -> anyhow::Result<Outcome> {
    let KeyArgs { keys, command } = args;
    let kid = match command {
        KeyCommand::List => return list(keys, printer),
        KeyCommand::New => &new_key(keys)?,
        KeyCommand::Activate { kid } => {
            activate_key(keys, kid)?;
            kid
        }
        KeyCommand::Retire { kid, now } => {
            retire_key(keys, kid, *now)?;
            kid
        }
    };
    let json = serde_json::json!({ "key": kid, "folder": keys }).to_string();
    let text = pairs([("key", kid.clone()), ("folder", keys.display().to_string())]);
    printer.print_either(&json, &text)?;
    printer.note("services that run read the folder by `tierwise swap` or on SIGHUP\n");
    Ok(Outcome::Done)
}

fn list(folder: &Path, printer: Printer) -> anyhow::Result<Outcome> {
    let keys = list_keys(folder)?;
    let json = keys.iter().map(|key| {
        serde_json::json!({
            "key": key.kid, "active": key.is_active, "pem": key.public_pem,
        })
    });
    let json = serde_json::Value::from_iter(json).to_string();
    let row = |key: &tierwise_server::ListedKey| {
        vec![key.kid.clone(), if key.is_active { "yes" } else { "" }.to_owned()]
    };
    let text = match keys.is_empty() {
        true => "no key\n".to_owned(),
        false => Table::new(&["key", "active"]).rows(keys.iter().map(row)).in_words(),
    };
    printer.print_either(&json, &text)?;
    Ok(Outcome::Done)
}
