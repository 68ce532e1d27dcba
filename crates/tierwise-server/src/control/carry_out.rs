//! Carries orders out.

use serde_json::{Value, json};
use tierwise_runner::{
    AccountKey, AccountsAsked, Answer, AttachmentTypes, Change, Failure, Handle, MessagesAsked,
    NewAccount, NewMessage, OfAccounts, Planned, Status, Update,
};

use super::{AccountOrder, NewMessageOrder, Order, PlannedOrder, TeamOrder, people, shown};
use crate::{
    auth::Auth, edge::Measures, error::ServerError, metrics, notation, service::LoadPolicy,
};

/// Accounts and messages that are read at a time, and the longest list that an answer gives.
pub(super) const PART: u32 = 1000;

/// What carries orders out.
pub(crate) struct Service {
    pub(crate) queue: Handle,
    pub(crate) load_policy: LoadPolicy,
    /// The transports of the configuration.
    pub(crate) transports: Vec<String>,
    pub(crate) auth: Auth,
    /// What the edge counts.
    pub(crate) measures: Measures,
}

impl From<Failure> for ServerError {
    fn from(failure: Failure) -> Self {
        let message = failure.to_string();
        match failure {
            Failure::Refused(refusal) => {
                // A file in the way is no matter of policy.
                let is_of_files = ["file_exists", "not_supported"].contains(&refusal.code);
                let is_refusal = refusal.status < 500 && !is_of_files;
                ServerError { code: refusal.code.to_owned(), message, is_refusal }
            }
            Failure::Gone => ServerError::new("runner_gone", message),
        }
    }
}

fn bad(what: impl std::fmt::Display) -> ServerError {
    ServerError::refusal("bad_request", what)
}

impl Service {
    /// Carries an order out. Errors: those of the order.
    pub(crate) async fn carry_out(&self, order: Order) -> Result<Value, ServerError> {
        let queue = &self.queue;
        match order {
            Order::Create { team, transport, tier, nickname, settings, key } => {
                let nickname = nickname.unwrap_or_default();
                let of = NewAccount::new(&team, &transport);
                let new = NewAccount { tier, nickname, settings, idempotency_key: key, ..of };
                Ok(answered(&queue.create(new).await?))
            }
            Order::Account { account, change } => self.change(&account, change).await,
            Order::Team { team, change } => self.change_team(&team, &change).await,
            Order::Send { account, messages } => {
                let messages: Vec<_> =
                    messages.into_iter().map(new_message).collect::<Result<_, _>>()?;
                Ok(answered(&queue.send(account, messages).await?))
            }
            Order::Report { account, planned: change } => {
                Ok(notation::report(&queue.report(&account, None, planned(change)).await?))
            }
            Order::Swap => self.swap().await,
            Order::Backup { to } => {
                queue.back_up(to.clone()).await?;
                Ok(json!({ "file": to }))
            }
            Order::Accounts { team, transport, archived, before, count } => {
                let before = before.map(AccountKey);
                let of = AccountsAsked::all(count.min(PART));
                let asked = AccountsAsked { team, transport, archived, before, ..of };
                let found = queue.accounts(asked).await?;
                Ok(found.iter().map(shown::account).collect())
            }
            Order::Messages { account, chat, status, before, count } => {
                let status = status.as_deref().map(status_of).transpose()?;
                let asked = MessagesAsked { chat, status, before, most: count.min(PART) };
                let found = queue.messages(&account, asked).await?;
                Ok(found.iter().map(shown::message).collect())
            }
            Order::Why { account } => Ok(shown::why(&queue.why(&account).await?)),
            Order::Usage { team, period } => {
                let usage = queue.usage(&team, period.as_deref(), OfAccounts::Nobody).await?;
                // Nobody has to guess whether a name is wrong or nothing was used.
                let none = format_args!("the team `{team}` never had an account");
                let none = || ServerError::refusal("not_found", none);
                usage.is_known.then(|| shown::usage(&usage)).ok_or_else(none)
            }
            Order::Invoice { team, period } => {
                let invoice = queue.invoice(&team, period.as_deref()).await?;
                Ok(serde_json::from_str(&invoice).unwrap_or_default())
            }
            Order::People(order) => people::carry_out(queue, order).await,
            Order::Metrics => Ok(json!(metrics::text(queue, &self.measures).await?)),
            Order::Overview => Ok(shown::overview(&queue.overview().await?, &self.transports)),
        }
    }

    /// Loads keys, policy and catalog anew. What does not load, and a catalog that lacks tiers,
    /// leaves the old ones in place.
    pub(crate) async fn swap(&self) -> Result<Value, ServerError> {
        let auth = self.auth.clone();
        let read = tokio::task::spawn_blocking(move || auth.reload()).await;
        let broke = |_| ServerError::new("bad_keys", "the keys broke as they were read");
        read.map_err(broke)?.map_err(|mut error| {
            error.message = format!("{}; keys and policy stay as they were", error.message);
            error
        })?;
        let load = self.load_policy.clone();
        let loaded = tokio::task::spawn_blocking(move || load()).await;
        let broke = |_| ServerError::new("policy_broke", "the policy broke as it was loaded");
        let stays = |mut error: ServerError| {
            error.message = format!("{}; the policy stays as it was", error.message);
            error
        };
        let policy = loaded.map_err(broke)?.map_err(stays)?;
        let (component, catalog) =
            (policy.component_hash().to_owned(), policy.catalog().fingerprint().to_owned());
        self.queue.swap(policy).await.map_err(|failure| stays(failure.into()))?;
        let key = self.auth.keys().first().map(|key| key.kid.clone()).unwrap_or_default();
        tracing::info!(component, catalog, key, "policy and keys were loaded anew");
        Ok(json!({ "component": component, "catalog": catalog, "key": key }))
    }

    async fn change(&self, account: &str, order: AccountOrder) -> Result<Value, ServerError> {
        let change = match order {
            AccountOrder::Open => Change::Open,
            AccountOrder::Close { logout } => Change::Close { logout },
            AccountOrder::Set { nickname, tier, settings, if_report } => {
                Change::Update(Update { nickname, tier, settings, if_report })
            }
            AccountOrder::Archive { if_report } => Change::Archive { if_report },
            AccountOrder::Delete { if_report } => Change::Delete { if_report },
            AccountOrder::Pause => Change::Pause,
            AccountOrder::Resume => Change::Resume,
            AccountOrder::Skip { message } => Change::Skip { message },
            AccountOrder::Retry { message } => Change::Retry { message, due: None },
            AccountOrder::RetryAll { status } => {
                if !self.queue.account(account).await?.row.is_active() {
                    // The same as for one message: nothing of it goes any more (L4).
                    let what = format_args!("the account `{account}` is archived");
                    return Err(ServerError::refusal("account_archived", what));
                }
                let retried = self.retry_all(account, retryable(&status)?).await?;
                return Ok(json!({ "changed": retried }));
            }
            AccountOrder::Remove { message } => Change::Remove { message: message.into() },
            AccountOrder::Resolve { message, taken } => Change::Resolve { message, taken },
        };
        Ok(answered(&self.queue.change(account, change).await?))
    }

    /// Has every message of a status wait again, the oldest last; how many.
    async fn retry_all(&self, account: &str, status: Status) -> Result<u64, ServerError> {
        let (mut changed, mut before) = (0, None);
        loop {
            let asked = MessagesAsked { chat: None, status: Some(status), before, most: PART };
            let part = self.queue.messages(account, asked).await?;
            let Some(last) = part.last() else { return Ok(changed) };
            before = Some(last.number);
            for message in &part {
                let retry = Change::Retry { message: message.id.clone(), due: None };
                match self.queue.change(account, retry).await {
                    Ok(_) => changed += 1,
                    // Somebody else was quicker, or it is one that was received.
                    Err(Failure::Refused(refusal))
                        if ["not_found", "message_settled"].contains(&refusal.code) => {}
                    Err(failure) => return Err(failure.into()),
                }
            }
        }
    }

    async fn change_team(&self, team: &str, order: &TeamOrder) -> Result<Value, ServerError> {
        let mut asked = AccountsAsked { team: Some(team.to_owned()), ..AccountsAsked::all(PART) };
        let (mut accounts, mut changed) = (0_u64, 0);
        loop {
            let part = self.queue.accounts(asked.clone()).await?;
            let Some(last) = part.last() else { break };
            asked.before = Some(last.row.key);
            for account in &part {
                match self.change_of_team(&account.row.id, order).await {
                    Ok(count) => {
                        accounts += 1;
                        changed += count;
                    }
                    // It ended meanwhile.
                    Err(error)
                        if ["not_found", "account_archived"].contains(&error.code.as_str()) => {}
                    Err(error) => return Err(error),
                }
            }
        }
        if accounts == 0 {
            let none = format_args!("the team `{team}` has no account that is not archived");
            return Err(ServerError::refusal("not_found", none));
        }
        Ok(json!({ "accounts": accounts, "changed": changed }))
    }

    async fn change_of_team(&self, account: &str, order: &TeamOrder) -> Result<u64, ServerError> {
        let change = match order {
            TeamOrder::Pause => Change::Pause,
            TeamOrder::Resume => Change::Resume,
            TeamOrder::RetryAll { status } => {
                return self.retry_all(account, retryable(status)?).await;
            }
            TeamOrder::SkipFirst => match self.queue.why(account).await?.head {
                Some(head) => Change::Skip { message: head.id },
                None => return Ok(0),
            },
        };
        self.queue.change(account, change).await?;
        Ok(1)
    }
}

fn planned(order: PlannedOrder) -> Planned {
    match order {
        PlannedOrder::Tier(tier) => Planned::Tier(tier),
        PlannedOrder::Archive => Planned::Archive,
        PlannedOrder::Delete => Planned::Delete,
    }
}

fn answered(answer: &Answer) -> Value {
    match answer {
        Answer::Created { account, charge } => json!({ "account": account, "charge": charge }),
        Answer::Accepted(accepted) => accepted.iter().map(shown::accepted).collect(),
        Answer::Changed { effects } => json!({ "effects": effects }),
        Answer::Edited(message) => shown::message(message),
        Answer::Counted(count) => json!({ "changed": count }),
        Answer::Kept | Answer::Traded(_) | Answer::TokenCreated { .. } | Answer::Revoked { .. } => {
            json!({})
        }
    }
}

fn status_of(word: &str) -> Result<Status, ServerError> {
    notation::status_of(word).ok_or_else(|| {
        let known = notation::status_words().join("`, `");
        bad(format_args!("no message has the status `{word}`, they have: `{known}`"))
    })
}

fn retryable(word: &str) -> Result<Status, ServerError> {
    match status_of(word)? {
        status @ (Status::Error | Status::Cancelled) => Ok(status),
        _ => Err(bad("only messages that are `error` or `cancelled` can wait again")),
    }
}

fn new_message(order: NewMessageOrder) -> Result<NewMessage, ServerError> {
    let NewMessageOrder { id, chat, content, note, due, cancel_on_reply } = order;
    let due = due.as_deref().map(notation::moment).transpose();
    let due = due.map_err(|wrong| bad(format_args!("`due`: {wrong}")))?;
    let (attachments, sender) = (AttachmentTypes::of_content(content.get()), String::new());
    let is_note = note;
    Ok(NewMessage { id, chat, is_note, due, content, cancel_on_reply, attachments, sender })
}
