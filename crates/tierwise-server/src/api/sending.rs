//! Messages and notes that are to be stored: section 4.1 of the contract.

use std::{collections::BTreeMap, sync::Arc};

use axum::extract::State;
use serde::Deserialize;
use serde_json::{Value, value::RawValue};
use tierwise_runner::{Answer, NewMessage, Request};

use super::{
    Api,
    answer::ok,
    body::Body,
    caller::Caller,
    compose::Compose,
    error::{Answered, ApiError},
    json::{raw, read},
    message::shown,
    path::Path,
    query::Query,
};
use crate::auth::Scope;

/// Recipients of one request.
const MOST_RECIPIENTS: usize = 1000;

/// Bytes of what all recipients of a request are to get, as JSON.
const MOST_COMPOSED: usize = 8 << 20;

/// Options that this server does not have.
const UNSUPPORTED: [&str; 2] = ["useRandomAccountIfAccountClosed", "includeMarketingMessage"];

/// `POST /im/messages/{accountId}/{chatId}`
pub(crate) async fn one(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Path((account, chat)): Path<(String, String)>,
    query: Query,
    body: Body,
) -> Answered {
    api.send_one(&caller, account, chat, &query, body).await
}

/// `POST /im/messages?accountId=…`
pub(crate) async fn several(
    State(api): State<Arc<Api>>,
    caller: Caller,
    query: Query,
    body: Body,
) -> Answered {
    caller.need(&[Scope::MessagesSendToAll, Scope::CreateNotes])?;
    let account = match query.text("accountId")? {
        Some(account) => account.to_owned(),
        None => return Err(ApiError::bad("accountId", "it is missing")),
    };
    let read = async || {
        let Several { compose, recipients } = body.json().await?;
        composed(compose.unwrap_or_default(), recipients)
    };
    let composed = match read().await {
        Ok(composed) => composed,
        Err(error) => return Err(api.refuse_after_path(&caller, &account, error).await),
    };
    need_for(&caller, composed.iter().map(|composed| composed.compose.is_note()))?;
    let message = |(place, Composed { chat, compose, shared }): (usize, Composed)| {
        let message = compose.message(chat, &caller.user);
        message.map_err(|error| within(error, place, &shared))
    };
    let messages = composed.into_iter().enumerate().map(message).collect();
    api.accept(&caller, account, &query, messages).await
}

#[derive(Deserialize)]
struct Several {
    compose: Option<Parts>,
    recipients: Vec<Parts>,
}

/// Fields that are read once it is known whose they are.
type Parts = BTreeMap<String, Box<RawValue>>;

/// What one recipient is to get.
struct Composed {
    chat: String,
    compose: Compose,
    /// The names of the fields that it has of all.
    shared: Vec<String>,
}

/// What each recipient is to get: its own fields, and those of all where it has none. Refused:
/// `bad_request`, `too_large`.
fn composed(compose: Parts, recipients: Vec<Parts>) -> Result<Vec<Composed>, ApiError> {
    if !(1..=MOST_RECIPIENTS).contains(&recipients.len()) {
        let what = format_args!("{} are not 1 to {MOST_RECIPIENTS}", recipients.len());
        return Err(ApiError::bad("recipients", what));
    }
    // Each gets it whole: a small body could come to more than there is room for.
    let of_all = raw(&compose)?;
    read::<Compose>(of_all.get().as_bytes()).map_err(|error| error.under("compose"))?;
    let of_one = of_all.get().len();
    let bytes = of_one.saturating_mul(recipients.len());
    if bytes > MOST_COMPOSED {
        let large = format_args!("all recipients get {bytes} bytes, at most {MOST_COMPOSED}");
        return Err(ApiError::new(413, "too_large", large));
    }
    let one = |(place, recipient): (usize, Parts)| {
        let mut fields = compose.clone();
        let is_shared = |name: &&String| !recipient.contains_key(*name);
        let shared: Vec<_> = compose.keys().filter(is_shared).cloned().collect();
        fields.extend(recipient);
        let bad = |what: &str| within(ApiError::bad("chatId", what), place, &shared);
        let chat = fields.remove("chatId").ok_or_else(|| bad("it is missing"))?;
        let chat = serde_json::from_str(chat.get()).map_err(|_| bad("a text is expected"))?;
        let compose = read(raw(&fields)?.get().as_bytes());
        let compose = compose.map_err(|error| within(error, place, &shared))?;
        Ok(Composed { chat, compose, shared })
    };
    recipients.into_iter().enumerate().map(one).collect()
}

/// An error of what a recipient is to get: by its place among the recipients, or in what all of
/// them have, as the request has it there alone.
fn within(error: ApiError, place: usize, shared: &[String]) -> ApiError {
    let field = error.data.get("field").and_then(Value::as_str);
    let Some(name) = field.and_then(|field| field.split(['.', '[']).next()) else {
        return error.with("field", format!("recipients[{place}]"));
    };
    match shared.iter().any(|shared| shared == name) {
        true => error.under("compose"),
        false => error.under(&format!("recipients[{place}]")),
    }
}

/// Refused: `missing_scope`. Messages need one scope, notes another, and both are needed for both.
fn need_for(
    caller: &Caller,
    mut are_notes: impl Iterator<Item = bool> + Clone,
) -> Result<(), ApiError> {
    if are_notes.clone().any(|is_note| !is_note) {
        caller.need(&[Scope::MessagesSendToAll])?;
    }
    if are_notes.any(|is_note| is_note) {
        caller.need(&[Scope::CreateNotes])?;
    }
    Ok(())
}

/// Whether a body that cannot be read as a whole asks for a note.
#[derive(Default, Deserialize)]
struct Kind {
    status: Option<Value>,
}

impl Api {
    pub(crate) async fn send_one(
        &self,
        caller: &Caller,
        account: String,
        chat: String,
        query: &Query,
        body: Body,
    ) -> Answered {
        caller.need(&[Scope::MessagesSendToAll, Scope::CreateNotes])?;
        let bytes = match body.bytes().await {
            Ok(bytes) => bytes,
            Err(error) => return Err(self.refuse_after_path(caller, &account, error).await),
        };
        let composed = read::<Compose>(&bytes);
        let is_note = composed.as_ref().map_or_else(
            |_| read::<Kind>(&bytes).is_ok_and(|kind| kind.status == Some("note".into())),
            Compose::is_note,
        );
        need_for(caller, std::iter::once(is_note))?;
        let message = composed.and_then(|compose| compose.message(chat, &caller.user));
        self.accept(caller, account, query, message.map(|message| vec![message])).await
    }

    /// Stores messages, all or none, and shows them.
    async fn accept(
        &self,
        caller: &Caller,
        account: String,
        query: &Query,
        messages: Result<Vec<NewMessage>, ApiError>,
    ) -> Answered {
        let both = requires_open(query).and_then(|require_open| Ok((require_open, messages?)));
        let (require_open, messages) = match both {
            Ok(both) => both,
            Err(error) => return Err(self.refuse_after_path(caller, &account, error).await),
        };
        let (team, of) = (Some(caller.team.clone()), account.clone());
        match self.queue.ask(Request::Send { account: of, team, require_open, messages }).await? {
            Answer::Accepted(accepted) => {
                let all = accepted.iter().map(|accepted| shown(&account, &accepted.message));
                Ok(ok(&all.collect::<Vec<_>>()))
            }
            other => Err(ApiError::internal(format_args!("messages were answered by {other:?}"))),
        }
    }
}

/// Refused: `bad_request`, `unsupported_option`.
fn requires_open(query: &Query) -> Result<bool, ApiError> {
    for option in UNSUPPORTED {
        if query.is(option)? {
            return Err(ApiError::unsupported(option));
        }
    }
    query.is("requireOpenAccount")
}
