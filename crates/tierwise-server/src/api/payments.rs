//! Usage and money: section 5 of the contract. Every amount comes from the engine as text.

use std::sync::Arc;

use axum::extract::State;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value, json};
use tierwise::HISTORY_FEATURE;
use tierwise_lanes::Moment;
use tierwise_runner::{AccountUsage, Billed, OfAccounts, Usage};

use super::{
    Api,
    answer::ok,
    caller::Caller,
    error::{Answered, ApiError},
    path::Path,
    query::Query,
};
use crate::{auth::Scope, notation::time};

/// Invoices of a page, and how many it has by default.
const MOST_COUNT: u32 = 100;
const COUNT: u32 = 12;

/// The tiers of the messaging service, by the names that team details have for their account-days.
const DAYS_OF_TIERS: [(&str, &str); 3] = [
    ("limitedMsgNoHistoryAccountDay", "limited_msg_no_chat_history"),
    ("unlimitedMsgNoHistoryAccountDay", "unlimited_msg_no_chat_history"),
    ("unlimitedMsgHistoryAccountDay", "unlimited_msg_chat_history"),
];

/// What every team may use.
const TEAM_INBOX: &str = "team-inbox";

/// What a tier with history lets an account use.
const HISTORY_SYNC: &str = "chat-history-sync";

/// `GET /payments/team-detail`
pub(crate) async fn team_detail(State(api): State<Arc<Api>>, caller: Caller) -> Answered {
    let used = api.queue.usage(&caller.team, None, OfAccounts::Nobody).await?;
    let days_of = |tier: &str| {
        let of = used.tiers.iter().find(|of| of.tier == tier);
        Value::from(of.map_or(0, |of| of.account_days))
    };
    let mut usage: Map<_, _> =
        DAYS_OF_TIERS.iter().map(|(key, tier)| ((*key).to_owned(), days_of(tier))).collect();
    usage.insert("messages".to_owned(), used.messages.into());
    let now = time(used.as_of);
    let (created, updated) = api.times_of_team(&caller.team, used.as_of).await?;
    Ok(ok(&json!({
        "id": caller.team,
        "access": { "features": [TEAM_INBOX], "limits": {} },
        "usage": usage,
        "createdAt": time(created),
        "updatedAt": time(updated),
        "lastAccessComputedAt": now,
        "autoChargeItems": [],
    })))
}

/// `GET /payments/team-detail/account-access/{accountId}`
pub(crate) async fn account_access(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Path(account): Path<String>,
) -> Answered {
    let access = api.queue.access(&caller.team, &account).await?;
    let mut features = vec![TEAM_INBOX];
    if access.features.iter().any(|feature| feature == HISTORY_FEATURE) {
        features.push(HISTORY_SYNC);
    }
    let limits = access.limit.map_or_else(|| json!({}), |most| json!({ "messages": most }));
    Ok(ok(&json!({
        "access": { "features": features, "limits": limits },
        "usage": { "messages": access.sent },
    })))
}

/// `GET /payments/catalog`: the rate card; with `form=file` beside it the catalog itself and its
/// fingerprint, so that a client can load it into the engine.
pub(crate) async fn catalog(State(api): State<Arc<Api>>, query: Query) -> Answered {
    let with_file = query.word("form", &["view", "file"])? == Some("file");
    let (policy, _) = api.queue.present().await?;
    let answer = policy.catalog().ask("catalog", "{}").map_err(ApiError::internal)?;
    let answer: Value = serde_json::from_str(&answer).map_err(ApiError::internal)?;
    let mut card = answer["rateCard"].clone();
    if with_file {
        card["file"] = answer["catalog"].clone();
        card["fingerprint"] = answer["fingerprint"].clone();
    }
    Ok(ok(&card))
}

/// `GET /payments/usage`
pub(crate) async fn usage(State(api): State<Arc<Api>>, caller: Caller, query: Query) -> Answered {
    caller.need(&[Scope::PaymentsRead])?;
    let account = query.text("accountId")?;
    let of = account.map_or(OfAccounts::All, |id| OfAccounts::One(id.to_owned()));
    let usage = api.queue.usage(&caller.team, query.text("period")?, of).await?;
    if let Some(account) = account
        && usage.accounts.is_empty()
    {
        // It is there, and used nothing; or it is nobody's.
        api.queue.account_of(&caller.team, account).await?;
    }
    Ok(ok(&shown_usage(&usage)))
}

/// A usage as it is written: of a team with many accounts it is long, and is nowhere twice.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ShownUsage<'a> {
    period: Value,
    as_of: Option<String>,
    currency: &'a str,
    tiers: Vec<Value>,
    creation_charges: &'a str,
    total: &'a str,
    accounts: Accounts<'a>,
}

struct Accounts<'a>(&'a [AccountUsage]);

impl Serialize for Accounts<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(self.0.iter().map(shown_account))
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ShownAccount<'a> {
    account_id: &'a str,
    nickname: Option<&'a str>,
    account_days: Days<'a>,
    messages_sent: u64,
    first_day: Option<String>,
    last_day: Option<String>,
}

struct Days<'a>(&'a [(Arc<str>, u64)]);

impl Serialize for Days<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_map(self.0.iter().map(|(tier, days)| (&**tier, days)))
    }
}

fn shown_usage(usage: &Usage) -> ShownUsage<'_> {
    let tiers = usage
        .tiers
        .iter()
        .map(|of| json!({ "tier": of.tier, "accountDays": of.account_days, "amount": of.amount }));
    ShownUsage {
        period: period(&usage.period, usage.start, usage.end),
        as_of: time(usage.as_of),
        currency: &usage.currency,
        tiers: tiers.collect(),
        creation_charges: &usage.creations,
        total: &usage.total,
        accounts: Accounts(&usage.accounts),
    }
}

fn shown_account(used: &AccountUsage) -> ShownAccount<'_> {
    ShownAccount {
        account_id: &used.account,
        nickname: used.nickname.as_deref(),
        account_days: Days(&used.account_days),
        messages_sent: used.messages,
        first_day: used.days.map(|(first, _)| first.to_string()),
        last_day: used.days.map(|(_, last)| last.to_string()),
    }
}

fn period(id: &str, start: Moment, end: Moment) -> Value {
    json!({ "id": id, "start": time(start), "end": time(end) })
}

/// `GET /payments/invoices`
pub(crate) async fn invoices(
    State(api): State<Arc<Api>>,
    caller: Caller,
    query: Query,
) -> Answered {
    caller.need(&[Scope::PaymentsRead])?;
    let count = query.number("count", 1..=MOST_COUNT, COUNT)?;
    let most = usize::try_from(count).unwrap_or(usize::MAX);
    let before = query.text("beforeId")?;
    let (policy, _) = api.queue.present().await?;
    let catalog = policy.catalog().catalog();
    let before = before.map(|id| {
        let period = id.strip_prefix(&caller.team).and_then(|rest| rest.strip_prefix('-'));
        let period = period.filter(|period| catalog.calendar().parse_period(period).is_ok());
        period.ok_or_else(|| ApiError::not_found(format_args!("there is no invoice `{id}`")))
    });
    let before = before.transpose()?;
    let mut bills = match query.text("period")? {
        Some(asked) => {
            let bill = api.queue.billed(&caller.team, asked).await?;
            let is_before = |bill: &Billed| before.is_none_or(|before| *bill.period < *before);
            bill.into_iter().filter(is_before).collect()
        }
        // One more says whether there is another page.
        None => api.queue.invoices(&caller.team, before, most.saturating_add(1)).await?,
    };
    let has_more = bills.len() > most;
    bills.truncate(most);
    let shown = bills.iter().map(|bill| shown_bill(bill, &caller.team, catalog.currency()));
    let mut answer = json!({ "invoices": shown.collect::<Vec<_>>() });
    if let Some(last) = bills.last().filter(|_| has_more) {
        answer["nextPage"] = id(&caller.team, last).into();
    }
    Ok(ok(&answer))
}

fn id(team: &str, bill: &Billed) -> String {
    format!("{team}-{}", bill.period)
}

fn shown_bill(billed: &Billed, team: &str, currency: &str) -> Value {
    let bill = &billed.bill;
    let is_final = bill["status"] == "final";
    json!({
        "id": id(team, billed),
        "teamId": team,
        "period": period(&billed.period, billed.start, billed.end),
        "status": bill["status"],
        "currency": currency,
        "lines": bill["lines"],
        "total": bill["total"],
        "amountDue": bill["amount_due"],
        // It is issued as the period ends, whenever it is asked for first.
        "issuedAt": if is_final { time(billed.end) } else { None },
    })
}

impl Api {
    /// When a team was made and changed.
    async fn times_of_team(&self, team: &str, now: Moment) -> Result<(Moment, Moment), ApiError> {
        let known = self.queue.team_profile(team).await?;
        // One that nobody made known has no such times.
        Ok(known.map_or((now, now), |team| (team.created, team.updated)))
    }
}
