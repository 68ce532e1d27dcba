//! Orders to a service that runs: what the command line says, as the service reads it.

use std::path::{Path, absolute};

use serde_json::value::RawValue;
use tierwise_server::{
    AccountOrder, NewMessageOrder, Order, PeopleOrder, PlannedOrder, ServerError, TeamOrder, ask,
};

use super::{
    args::{
        AccountArgs, AccountCommand, BackupArgs, Control, MessageArgs, MessageCommand, TeamArgs,
        TeamCommand, WhyArgs,
    },
    people::known,
    show,
};
use crate::output::{Outcome, Printer};

/// Orders, and prints the answer.
pub(super) fn order(socket: &Path, order: &Order, printer: Printer) -> anyhow::Result<Outcome> {
    let answer = ask(socket, order)?;
    if printer.json {
        printer.print_json(&answer)?;
    } else {
        printer.print(&show::in_words(order, &answer, printer.columns()))?;
    }
    Ok(Outcome::Done)
}

/// An order without arguments.
pub(crate) fn control(
    control: &Control,
    what: &Order,
    printer: Printer,
) -> anyhow::Result<Outcome> {
    order(&control.control, what, printer)
}

pub(super) fn json(name: &str, text: Option<String>) -> Result<Option<Box<RawValue>>, ServerError> {
    let read = text.map(RawValue::from_string).transpose();
    read.map_err(|error| ServerError::new("bad_json", format_args!("`--{name}`: {error}")))
}

pub(crate) fn account(args: AccountArgs, printer: Printer) -> anyhow::Result<Outcome> {
    let of = |account, change| Order::Account { account, change };
    let what = match args.command {
        AccountCommand::Create { team, transport, tier, nickname, settings, key } => {
            let settings = json("settings", settings)?;
            Order::Create { team, transport, tier, nickname, settings, key }
        }
        AccountCommand::List { team, transport, archived, before, count } => {
            Order::Accounts { team, transport, archived, before, count }
        }
        AccountCommand::Open { account } => of(account, AccountOrder::Open),
        AccountCommand::Close { account, logout } => of(account, AccountOrder::Close { logout }),
        AccountCommand::Set { account, nickname, tier, settings, if_report } => {
            let settings = json("settings", settings)?;
            of(account, AccountOrder::Set { nickname, tier, settings, if_report })
        }
        AccountCommand::Report { account, tier, archive, .. } => {
            let planned = match tier {
                Some(tier) => PlannedOrder::Tier(tier),
                None if archive => PlannedOrder::Archive,
                None => PlannedOrder::Delete,
            };
            Order::Report { account, planned }
        }
        AccountCommand::Archive { account, if_report } => {
            of(account, AccountOrder::Archive { if_report })
        }
        AccountCommand::Delete { account, if_report } => {
            of(account, AccountOrder::Delete { if_report })
        }
        AccountCommand::Pause { account } => of(account, AccountOrder::Pause),
        AccountCommand::Resume { account } => of(account, AccountOrder::Resume),
    };
    order(&args.control.control, &what, printer)
}

pub(crate) fn message(args: MessageArgs, printer: Printer) -> anyhow::Result<Outcome> {
    let of = |account, change| Order::Account { account, change };
    let what = match args.command {
        MessageCommand::Send { account, chat, text, content, id, due, note, cancel_on_reply } => {
            let content = match json("content", content)? {
                Some(content) => content,
                None => serde_json::value::to_raw_value(&serde_json::json!({ "text": text }))?,
            };
            let new = NewMessageOrder { id, chat, content, note, due, cancel_on_reply };
            Order::Send { account, messages: vec![new] }
        }
        MessageCommand::List { account, chat, status, before, count } => {
            Order::Messages { account, chat, status, before, count }
        }
        MessageCommand::Skip { account, message } => of(account, AccountOrder::Skip { message }),
        MessageCommand::Retry { account, message: Some(message), .. } => {
            of(account, AccountOrder::Retry { message })
        }
        MessageCommand::Retry { account, all, .. } => {
            of(account, AccountOrder::RetryAll { status: all.unwrap_or_default() })
        }
        MessageCommand::Remove { account, message } => {
            of(account, AccountOrder::Remove { message })
        }
        MessageCommand::Resolve { account, message, taken } => {
            of(account, AccountOrder::Resolve { message, taken })
        }
    };
    order(&args.control.control, &what, printer)
}

pub(crate) fn team(args: TeamArgs, printer: Printer) -> anyhow::Result<Outcome> {
    let of = |team, change| Order::Team { team, change };
    let what = match args.command {
        TeamCommand::Create { team, known: args } => {
            Order::People(PeopleOrder::CreateTeam { team, known: known(args)? })
        }
        TeamCommand::List { after, count } => Order::People(PeopleOrder::Teams { after, count }),
        TeamCommand::Show { team } => Order::People(PeopleOrder::Team { team }),
        TeamCommand::Set { team, known: args } => {
            Order::People(PeopleOrder::SetTeam { team, known: known(args)? })
        }
        TeamCommand::Usage { team, period } => Order::Usage { team, period },
        TeamCommand::Invoice { team, period } => Order::Invoice { team, period },
        TeamCommand::Pause { team } => of(team, TeamOrder::Pause),
        TeamCommand::Resume { team } => of(team, TeamOrder::Resume),
        TeamCommand::Retry { team, status } => of(team, TeamOrder::RetryAll { status }),
        TeamCommand::Skip { team } => of(team, TeamOrder::SkipFirst),
    };
    order(&args.control.control, &what, printer)
}

pub(crate) fn why(args: WhyArgs, printer: Printer) -> anyhow::Result<Outcome> {
    order(&args.control.control, &Order::Why { account: args.account }, printer)
}

pub(crate) fn backup(args: &BackupArgs, printer: Printer) -> anyhow::Result<Outcome> {
    // The service may work in another folder.
    let to = absolute(&args.to)?;
    order(&args.control.control, &Order::Backup { to }, printer)
}
