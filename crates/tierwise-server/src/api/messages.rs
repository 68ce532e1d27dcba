//! Messages and notes, one by one and in lists: section 4 of the contract.

use std::{collections::BTreeMap, sync::Arc};

use axum::extract::State;
use serde::Deserialize;
use serde_json::json;
use tierwise_runner::{
    Answer, AttachmentTypes, Change, ChatAsked, Edit, MessageRow, Request, Status,
    TeamMessagesAsked, Which,
};

use super::{
    Api,
    answer::ok,
    body::Body,
    caller::Caller,
    compose::{check_name, check_text, kinds_of, moment},
    error::{Answered, ApiError},
    json::{Object, raw},
    message::shown,
    path::Path,
    query::Query,
};
use crate::{
    auth::Scope,
    notation::{status_of, status_words},
};

/// Messages of a page, and how many it has by default.
pub(crate) const MOST_COUNT: u32 = 100;
pub(crate) const COUNT: u32 = 20;

/// `GET /im/messages/{accountId}/{chatId}`
pub(crate) async fn read(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Path((account, chat)): Path<(String, String)>,
    query: Query,
) -> Answered {
    api.read_chat(&caller, &account, chat, &query).await
}

impl Api {
    pub(crate) async fn read_chat(
        &self,
        caller: &Caller,
        account: &str,
        chat: String,
        query: &Query,
    ) -> Answered {
        caller.need(&[Scope::ChatsAccessAll])?;
        let asked = match asked_of_chat(chat, query) {
            Ok(asked) => asked,
            Err(error) => return Err(self.refuse_after_path(caller, account, error).await),
        };
        let page = self.queue.chat(&caller.team, account, asked).await?;
        let messages = page.messages.iter().map(|message| shown(account, message)).collect();
        Ok(ok(&Page { messages, next_page: page.next.as_deref() }))
    }
}

/// A page of messages as it is written.
#[derive(serde::Serialize)]
#[serde(rename_all = "camelCase")]
struct Page<'a> {
    messages: Vec<super::message::Shown<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_page: Option<&'a str>,
}

fn asked_of_chat(chat: String, query: &Query) -> Result<ChatAsked, ApiError> {
    check_name("chatId", &chat)?;
    if query.is("forceReload")? {
        return Err(ApiError::unsupported("forceReload"));
    }
    if !query.list("range")?.is_empty() {
        return Err(ApiError::bad("range", "`range[start]` and `range[end]` are expected"));
    }
    let mut kinds: Option<AttachmentTypes> = None;
    for name in query.list("attachmentType")? {
        let kind = AttachmentTypes::of_name(name).ok_or_else(|| {
            let known = AttachmentTypes::names().join("`, `");
            ApiError::bad("attachmentType", format_args!("one of `{known}` is expected"))
        })?;
        kinds = Some(kinds.unwrap_or_default().and(kind));
    }
    Ok(ChatAsked {
        chat,
        before: query.text("beforeId")?.map(str::to_owned),
        with_cursor: query.is("includeCursorMessage")?,
        status: query.word("status", &["note", "pending", "error"])?.and_then(status_of),
        is_from_me: query.truth("fromMe")?,
        from: query.time("range[start]")?,
        to: query.time("range[end]")?,
        attachments: kinds,
        most: query.number("count", 1..=MOST_COUNT, COUNT)?,
    })
}

/// `GET /im/messages`
pub(crate) async fn list(State(api): State<Arc<Api>>, caller: Caller, query: Query) -> Answered {
    caller.need(&[Scope::ChatsAccessAll])?;
    let mut statuses = Vec::new();
    for word in query.list("status")? {
        statuses.push(status_of(word).ok_or_else(|| {
            let known = status_words().join("`, `");
            ApiError::bad("status", format_args!("one of `{known}` is expected"))
        })?);
    }
    let asked = TeamMessagesAsked {
        account: query.text("accountId")?.map(str::to_owned),
        chat: None,
        statuses,
        before: query.text("before")?.map(str::to_owned),
        most: query.number("count", 1..=MOST_COUNT, COUNT)?,
        team: caller.team,
    };
    let page = api.queue.team_messages(asked).await?;
    let messages = page.messages.iter().map(|it| shown(&it.account, &it.message)).collect();
    Ok(ok(&Page { messages, next_page: page.next.as_deref() }))
}

#[derive(Deserialize)]
struct Patch {
    resolved: Option<bool>,
    timestamp: Option<String>,
    text: Option<String>,
    attachments: Option<Vec<Object>>,
    mentions: Option<Vec<String>>,
}

/// `PATCH /im/messages/{accountId}/{chatId}/{id}`
pub(crate) async fn change(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Path((account, chat, id)): Path<(String, String, String)>,
    body: Body,
) -> Answered {
    let scopes = (Scope::EditNotes, Scope::MessagesSendToAll);
    let which = api.which(&caller, &account, (chat, id), scopes).await?;
    let edit = edit_of(body.json().await?, which.is_note == Some(true), caller.user)?;
    let (team, change) = (Some(caller.team), Change::Edit { message: which, edit });
    let of = account.clone();
    match api.queue.ask(Request::Change { account: of, team, change }).await? {
        Answer::Edited(message) => Ok(ok(&shown(&account, &message))),
        other => Err(ApiError::internal(format_args!("an edit was answered by {other:?}"))),
    }
}

/// Refused: `bad_request`, `nothing_to_change`.
fn edit_of(patch: Patch, is_note: bool, by: String) -> Result<Edit, ApiError> {
    let Patch { resolved, timestamp, text, attachments, mentions } = patch;
    if is_note && timestamp.is_some() {
        return Err(ApiError::bad("timestamp", "a note is never due"));
    }
    if !is_note && resolved.is_some() {
        return Err(ApiError::bad("resolved", "only notes are resolved"));
    }
    let due = timestamp.as_deref().map(moment).transpose()?;
    check_text(text.as_deref())?;
    kinds_of(attachments.as_deref().unwrap_or_default())?;
    let mut content = BTreeMap::new();
    let parts = [
        ("text", text.as_ref().map(raw)),
        ("attachments", attachments.as_ref().map(raw)),
        ("mentions", mentions.as_ref().map(raw)),
    ];
    for (name, value) in parts {
        content.extend(value.transpose()?.map(|value| (name.to_owned(), value)));
    }
    if resolved.is_none() && due.is_none() && content.is_empty() {
        let message = "name at least one thing that changes";
        return Err(ApiError::new(400, "nothing_to_change", message));
    }
    Ok(Edit { resolved, due, content, by })
}

/// `DELETE /im/messages/{accountId}/{chatId}/{id}`
pub(crate) async fn delete(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Path((account, chat, id)): Path<(String, String, String)>,
) -> Answered {
    let scopes = (Scope::DeleteNotes, Scope::MessagesDelete);
    let message = api.which(&caller, &account, (chat, id), scopes).await?;
    let (team, change) = (Some(caller.team), Change::Remove { message });
    api.queue.ask(Request::Change { account, team, change }).await?;
    Ok(ok(&json!({ "success": true })))
}

impl Api {
    /// The message that a path names, if the token opens what may be done to one of its kind.
    /// Refused: `missing_scope`, `not_found`.
    async fn which(
        &self,
        caller: &Caller,
        account: &str,
        (chat, id): (String, String),
        (of_notes, of_messages): (Scope, Scope),
    ) -> Result<Which, ApiError> {
        caller.need(&[of_notes, of_messages])?;
        let MessageRow { status, .. } =
            self.queue.message_of(&caller.team, account, &chat, &id).await?;
        let is_note = status == Status::Note;
        caller.need(&[if is_note { of_notes } else { of_messages }])?;
        Ok(Which { id, chat: Some(chat), is_note: Some(is_note) })
    }
}
