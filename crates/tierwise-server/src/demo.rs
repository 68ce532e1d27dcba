//! A team to try things with: ten accounts on the tiers of the catalog, and messages going.

use std::time::Duration;

use serde_json::{Value, json, value::to_raw_value};
use tierwise_runner::{AccountsAsked, Answer, Change, Failure, Handle, NewAccount, NewMessage};
use tierwise_wire::LoadedCatalog;
use tokio::time::{MissedTickBehavior, interval};

use crate::{
    control::{Order, PeopleOrder, Service, TeamKnownOrder},
    error::ServerError,
};

/// The team.
const TEAM: &str = "demo";

/// Who may do everything in it.
const USER: &str = "demo";

/// The transport of its accounts.
pub(crate) const TRANSPORT: &str = "mock";

/// How many accounts it has.
const ACCOUNTS: usize = 10;

/// Between two messages.
const APART: Duration = Duration::from_millis(500);

/// Of an account with a limit, only one message in so many goes: else it were reached in an hour.
const SELDOM: u64 = 20;

/// What was made to try things with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Demo {
    /// The team.
    pub team: String,
    /// A new refresh token of a user with all scopes; shown once, as only its hash is kept.
    pub refresh_token: String,
}

/// An account that sends.
struct Sender {
    account: String,
    has_limit: bool,
}

/// Why there is nothing to try things with.
pub(crate) fn without_transport() -> ServerError {
    ServerError::config(format_args!(
        "`--demo` needs the transport `{TRANSPORT}`, and the configuration has others alone: add \
         `[transports.{TRANSPORT}]` with `kind = \"mock\"`, or leave `--demo` out"
    ))
}

/// Makes the team, unless it is there, and has its accounts send from now on. Errors: those of the
/// store.
pub(crate) async fn make(service: &Service, catalog: &LoadedCatalog) -> Result<Demo, ServerError> {
    let refresh_token = people(service).await?;
    let queue = &service.queue;
    // Those on the mock network alone: what goes out on others is nobody's to try things with.
    let transport = Some(TRANSPORT.to_owned());
    let asked =
        AccountsAsked { team: Some(TEAM.to_owned()), transport, ..AccountsAsked::all(1000) };
    let there = queue.accounts(asked).await?;
    let tiers: Vec<_> = catalog.catalog().tiers().iter().map(|tier| tier.id().to_owned()).collect();
    let limited = |tier: &str| {
        catalog.catalog().find_tier(tier).is_some_and(|tier| tier.limit("message").is_some())
    };
    let mut senders = Vec::new();
    for account in there {
        let account = account.row;
        senders.push(Sender { has_limit: limited(&account.tier), account: account.id });
    }
    if senders.is_empty() {
        for (number, tier) in (1..=ACCOUNTS).zip(tiers.iter().cycle()) {
            let account = create(queue, number, tier).await?;
            senders.push(Sender { account, has_limit: limited(tier) });
        }
    }
    tokio::spawn(send(queue.clone(), senders));
    Ok(Demo { team: TEAM.to_owned(), refresh_token })
}

/// Makes a user with all scopes, by the orders that everybody gives; a refresh token of theirs.
async fn people(service: &Service) -> Result<String, ServerError> {
    let (team, user) = (TEAM.to_owned(), USER.to_owned());
    let known = TeamKnownOrder { name: Some("Demo".to_owned()), region: None, metadata: None };
    let made = [
        PeopleOrder::CreateTeam { team: team.clone(), known },
        PeopleOrder::CreateUser { user: user.clone(), name: "Demo".to_owned() },
        PeopleOrder::Join { user: user.clone(), team, scopes: vec!["all".to_owned()] },
    ];
    for order in made {
        match service.carry_out(Order::People(order)).await {
            // It was made at a start before this one.
            Err(error) if error.code == "already_exists" => {}
            other => drop(other?),
        }
    }
    let made = service.carry_out(Order::People(PeopleOrder::CreateToken { user })).await?;
    Ok(made.get("token").and_then(Value::as_str).unwrap_or_default().to_owned())
}

async fn create(queue: &Handle, number: usize, tier: &str) -> Result<String, ServerError> {
    let settings = json!({ "mock": {
        "delayMs": 200, "history": { "chatId": "chat-1", "count": 50 },
    } });
    let new = NewAccount {
        tier: Some(tier.to_owned()),
        nickname: format!("Demo {number}"),
        settings: to_raw_value(&settings).ok(),
        ..NewAccount::new(TEAM, TRANSPORT)
    };
    match queue.create(new).await? {
        Answer::Created { account, .. } => {
            queue.change(&account, Change::Open).await?;
            Ok(account)
        }
        other => Err(ServerError::new("failed", format_args!("no account was made: {other:?}"))),
    }
}

/// Sends, until the runner ends.
async fn send(queue: Handle, senders: Vec<Sender>) {
    let mut turns = interval(APART);
    turns.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let mut round = 0_u64;
    loop {
        for sender in &senders {
            turns.tick().await;
            if sender.has_limit && !round.is_multiple_of(SELDOM) {
                continue;
            }
            let chat = format!("chat-{}", round % 5 + 1);
            let message = NewMessage::of_text(&chat, &format!("Hello {}", round + 1));
            // Refused: at its limit, archived or removed, as somebody tries things.
            if let Err(Failure::Gone) = queue.send(&sender.account, vec![message]).await {
                return;
            }
        }
        round += 1;
    }
}
