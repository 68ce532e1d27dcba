//! All messages of a status are retried or cleared: section 4.4 of the contract. The paths have the
//! shape of a chat's, so a chat called `retry` is read and written to here.

use std::sync::Arc;

use axum::extract::State;
use serde::Deserialize;
use serde_json::json;
use tierwise_runner::{Narrowed, Status};

use super::{
    Api,
    answer::ok,
    body::Body,
    caller::Caller,
    compose::moment,
    error::{Answered, ApiError},
    path::Path,
    query::Query,
};
use crate::{auth::Scope, notation::status_of};

/// The chat that the paths could mean as well.
const CHAT: &str = "retry";

/// `GET /im/messages/{accountId}/retry`
pub(crate) async fn read_chat(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Path(account): Path<String>,
    query: Query,
) -> Answered {
    api.read_chat(&caller, &account, CHAT.to_owned(), &query).await
}

/// `POST /im/messages/{accountId}/retry`
pub(crate) async fn send(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Path(account): Path<String>,
    query: Query,
    body: Body,
) -> Answered {
    api.send_one(&caller, account, CHAT.to_owned(), &query, body).await
}

#[derive(Default, Deserialize)]
struct Retry {
    timestamp: Option<String>,
}

/// `PATCH /im/messages/{status}/retry`
pub(crate) async fn retry(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Path(status): Path<String>,
    body: Body,
) -> Answered {
    caller.need(&[Scope::MessagesSendToAll])?;
    let status = may_wait(&status)?;
    let Retry { timestamp } = body.json_or_default().await?;
    let due = timestamp.as_deref().map(moment).transpose()?;
    let changed = api.queue.retry_many(&caller.team, status, due).await?;
    Ok(ok(&json!({ "success": true, "changed": changed })))
}

/// `DELETE /im/messages/{status}/retry`
pub(crate) async fn clear(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Path(status): Path<String>,
    query: Query,
) -> Answered {
    caller.need(&[Scope::MessagesDelete])?;
    let status = may_wait(&status)?;
    let narrow = |name: &str| Ok::<_, ApiError>(query.text(name)?.map(str::to_owned));
    let narrowed = Narrowed { account: narrow("accountId")?, chat: narrow("chatId")? };
    let removed = api.queue.clear_many(&caller.team, status, &narrowed).await?;
    Ok(ok(&json!({ "success": true, "removed": removed })))
}

/// Refused: `not_found`, unless messages that are so can be retried.
fn may_wait(word: &str) -> Result<Status, ApiError> {
    let may =
        |status: &Status| matches!(status, Status::Pending | Status::Error | Status::Cancelled);
    let none = || ApiError::not_found(format_args!("`{word}` is no status to be retried"));
    status_of(word).filter(may).ok_or_else(none)
}
