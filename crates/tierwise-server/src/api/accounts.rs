//! Accounts: section 3 of the contract.

use std::sync::Arc;

use axum::{extract::State, http::HeaderMap};
use serde::{Deserialize, Deserializer};
use serde_json::{json, value::RawValue};
use tierwise_lanes::Connection;
use tierwise_runner::{
    AccountsAsked, Answer, Change, Failure, NewAccount, Planned, Request, Update,
};

use super::{
    Api,
    account::{MOCK, OTHER, Shown, shown},
    answer::{done, ok},
    body::Body,
    caller::Caller,
    compose::check_name,
    error::{Answered, ApiError},
    json::{Fields, Object, raw, read},
    path::Path,
    query::Query,
};
use crate::{auth::Scope, notation};

/// Characters of a nickname, and of an `Idempotency-Key`.
const MOST_TEXT: usize = 200;

/// Accounts of a page, and how many it has by default.
const MOST_COUNT: u32 = 100;
const COUNT: u32 = 20;

#[derive(Deserialize)]
struct Create {
    #[serde(rename = "type")]
    kind: String,
    tier: Option<String>,
    nickname: Option<String>,
    settings: Option<Object>,
}

/// `POST /im/accounts`
pub(crate) async fn create(
    State(api): State<Arc<Api>>,
    caller: Caller,
    headers: HeaderMap,
    body: Body,
) -> Answered {
    caller.need(&[Scope::AccountCreate])?;
    let Create { kind, tier, nickname, settings } = body.json().await?;
    if kind != MOCK && kind != OTHER {
        let what = format_args!("there is no type `{kind}`, there are `{OTHER}` and `{MOCK}`");
        return Err(ApiError::bad("type", what));
    }
    let nickname = nickname.unwrap_or_default();
    check_nickname(&nickname)?;
    let settings = settings.map(|settings| checked(&settings)).transpose()?;
    let new = NewAccount {
        tier,
        nickname,
        settings,
        created_by: caller.user,
        idempotency_key: header(&headers, "Idempotency-Key", MOST_TEXT)?,
        ..NewAccount::new(&caller.team, &kind)
    };
    match api.queue.create(new).await? {
        Answer::Created { account, .. } => {
            // It is booked: whoever hears that it may be repeated would pay twice.
            match api.queue.account_of(&caller.team, &account).await {
                Ok(created) => Ok(ok(&shown(&created))),
                // Somebody has deleted it meanwhile.
                Err(Failure::Refused(gone)) if gone.code == "not_found" => Err(gone.into()),
                Err(failure) => Err(ApiError::internal(failure)),
            }
        }
        other => Err(ApiError::internal(format_args!("a creation was answered by {other:?}"))),
    }
}

/// `GET /im/accounts`
pub(crate) async fn list(State(api): State<Arc<Api>>, caller: Caller, query: Query) -> Answered {
    caller.need(&[Scope::AccountRead])?;
    let count = query.number("count", 1..=MOST_COUNT, COUNT)?;
    let page = query.number("page", 1..=u32::MAX, 1)?;
    let mut asked = AccountsAsked::all(count);
    asked.skip = page.saturating_sub(1).saturating_mul(count);
    asked.archived = query.is("all")?;
    asked.transport = query.word("type", &[OTHER, MOCK])?.map(str::to_owned);
    asked.connection = query.word("state", &["open", "connecting", "close"])?.map(connection);
    if let Some(part) = query.text("q")? {
        asked = asked.named(part);
    }
    let counts_all = query.is("returnCount")?;
    // Another team's accounts do not exist.
    let is_other = query.text("teamId")?.is_some_and(|team| team != caller.team);
    let (accounts, total) = match is_other {
        true => (Vec::new(), counts_all.then_some(0)),
        false => api.queue.accounts_of(&caller.team, asked, counts_all).await?,
    };
    Ok(ok(&Page { accounts: accounts.iter().map(shown).collect(), total }))
}

/// A page of accounts as it is written.
#[derive(serde::Serialize)]
struct Page<'a> {
    accounts: Vec<Shown<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    total: Option<u64>,
}

fn connection(word: &str) -> Connection {
    match word {
        "open" => Connection::Open,
        "connecting" => Connection::Connecting,
        _ => Connection::Close,
    }
}

/// `GET /im/accounts/{accountId}`
pub(crate) async fn read_one(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Path(account): Path<String>,
) -> Answered {
    caller.need(&[Scope::AccountRead])?;
    Ok(ok(&shown(&api.queue.account_of(&caller.team, &account).await?)))
}

#[derive(Deserialize)]
struct Patch {
    nickname: Option<String>,
    tier: Option<String>,
    settings: Option<Object>,
}

/// `PATCH /im/accounts/{accountId}`
pub(crate) async fn change(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Path(account): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Answered {
    caller.need(&[Scope::AccountPatch])?;
    let update = match update(&headers, body).await {
        Ok(update) => update,
        Err(error) => return Err(api.refuse_after_path(&caller, &account, error).await),
    };
    api.change(&caller, account, Change::Update(update)).await
}

async fn update(headers: &HeaderMap, body: Body) -> Result<Update, ApiError> {
    let Patch { nickname, tier, settings } = body.json().await?;
    if nickname.is_none() && tier.is_none() && settings.is_none() {
        let message = "name at least one of `nickname`, `tier` and `settings`";
        return Err(ApiError::new(400, "nothing_to_change", message));
    }
    check_nickname(nickname.as_deref().unwrap_or_default())?;
    let settings = settings.map(|settings| checked(&settings)).transpose()?;
    Ok(Update { nickname, tier, settings, if_report: if_report(headers) })
}

/// `DELETE /im/accounts/{accountId}`: at once, whatever `deleteNow` says.
pub(crate) async fn delete(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Path(account): Path<String>,
    headers: HeaderMap,
) -> Answered {
    caller.need(&[Scope::AccountDelete])?;
    api.change(&caller, account, Change::Delete { if_report: if_report(&headers) }).await
}

/// `POST /im/accounts/{accountId}/archive`
pub(crate) async fn archive(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Path(account): Path<String>,
    headers: HeaderMap,
) -> Answered {
    caller.need(&[Scope::AccountDelete])?;
    api.change(&caller, account, Change::Archive { if_report: if_report(&headers) }).await
}

/// `POST /im/accounts/{accountId}/open`
pub(crate) async fn open(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Path(account): Path<String>,
) -> Answered {
    caller.need(&[Scope::AccountPatch])?;
    api.change(&caller, account, Change::Open).await?;
    Ok(done())
}

/// `POST /im/accounts/{accountId}/close`
pub(crate) async fn close(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Path(account): Path<String>,
    query: Query,
) -> Answered {
    caller.need(&[Scope::AccountPatch])?;
    let logout = match query.is("logout") {
        Ok(logout) => logout,
        Err(error) => return Err(api.refuse_after_path(&caller, &account, error).await),
    };
    api.change(&caller, account, Change::Close { logout }).await?;
    Ok(done())
}

#[derive(Deserialize)]
struct Plan {
    tier: Option<String>,
    end: Option<String>,
}

/// `POST /im/accounts/{accountId}/change-report`
pub(crate) async fn report(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Path(account): Path<String>,
    body: Body,
) -> Answered {
    caller.need(&[Scope::AccountRead])?;
    let planned = match body.json().await.and_then(planned) {
        Ok(planned) => planned,
        Err(error) => return Err(api.refuse_after_path(&caller, &account, error).await),
    };
    let report = api.queue.report(&account, Some(&caller.team), planned).await?;
    Ok(ok(&notation::report(&report)))
}

fn planned(plan: Plan) -> Result<Planned, ApiError> {
    match (plan.tier, plan.end.as_deref()) {
        (Some(tier), None) => Ok(Planned::Tier(tier)),
        (None, Some("archive")) => Ok(Planned::Archive),
        (None, Some("delete")) => Ok(Planned::Delete),
        (None, Some(_)) => Err(ApiError::bad("end", "it is neither `archive` nor `delete`")),
        (Some(_), Some(_)) | (None, None) => {
            Err(ApiError::bad("tier", "name exactly one of `tier` and `end`"))
        }
    }
}

impl Api {
    /// Changes an account of the caller's team, and says what came with it.
    async fn change(&self, caller: &Caller, account: String, change: Change) -> Answered {
        let team = Some(caller.team.clone());
        match self.queue.ask(Request::Change { account, team, change }).await? {
            Answer::Changed { effects } => Ok(ok(&json!({ "success": true, "effects": effects }))),
            other => Err(ApiError::internal(format_args!("a change was answered by {other:?}"))),
        }
    }
}

fn if_report(headers: &HeaderMap) -> Option<String> {
    let mut hashes = headers.get_all("if-report-match").iter();
    let hash = hashes.next()?;
    // What is no text, or is said twice, is the hash of no report.
    let said = hash.to_str().ok().filter(|_| hashes.next().is_none());
    Some(said.unwrap_or_default().to_owned())
}

/// A header of a caller's choice. Refused: `bad_request`.
fn header(headers: &HeaderMap, name: &str, most: usize) -> Result<Option<String>, ApiError> {
    let mut values = headers.get_all(name).iter();
    let Some(value) = values.next() else { return Ok(None) };
    let is_only = values.next().is_none();
    let text = value.to_str().ok();
    let text = text.filter(|text| is_only && (1..=most).contains(&text.chars().count()));
    let what = format_args!("one of 1 to {most} characters of ASCII is expected");
    text.map(|text| Some(text.to_owned())).ok_or_else(|| ApiError::bad(name, what))
}

fn check_nickname(nickname: &str) -> Result<(), ApiError> {
    match nickname.chars().nth(MOST_TEXT) {
        Some(_) => {
            Err(ApiError::bad("nickname", format_args!("it has more than {MOST_TEXT} characters")))
        }
        None => Ok(()),
    }
}

/// What is read of an account's settings; other keys are stored and given back unread.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "they are read to see whether they can be")]
struct Settings {
    #[serde(default, deserialize_with = "given")]
    enable_history_sync: Option<bool>,
    #[serde(default, deserialize_with = "given")]
    max_message_sync: Option<u64>,
    #[serde(default, deserialize_with = "given")]
    mock: Option<Fields<MockSettings>>,
}

/// What is given is not null.
fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(value: D) -> Result<Option<T>, D::Error> {
    T::deserialize(value).map(Some)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "they are read to see whether they can be")]
struct MockSettings {
    #[serde(default, deserialize_with = "given")]
    delay_ms: Option<u64>,
    #[serde(default, deserialize_with = "given")]
    history: Option<Fields<MockHistory>>,
    #[serde(default, deserialize_with = "given")]
    refuse: Option<Vec<String>>,
}

/// Messages that a mock login may find: ten times what any account keeps.
const MOST_MOCK_HISTORY: u64 = 1_000_000;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct MockHistory {
    chat_id: String,
    count: u64,
}

/// Settings for the store. Refused: `bad_request`.
fn checked(settings: &Object) -> Result<Box<RawValue>, ApiError> {
    let raw = raw(settings)?;
    let read = read::<Settings>(raw.get().as_bytes()).map_err(|error| error.under("settings"))?;
    match read.mock.and_then(|Fields(mock)| mock.history) {
        Some(Fields(history)) if history.count > MOST_MOCK_HISTORY => {
            let what = format_args!("it is more than {MOST_MOCK_HISTORY}");
            return Err(ApiError::bad("settings.mock.history.count", what));
        }
        Some(Fields(history)) => check_name("settings.mock.history.chatId", &history.chat_id)?,
        None => {}
    }
    Ok(raw)
}
