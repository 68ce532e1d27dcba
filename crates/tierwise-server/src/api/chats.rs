//! The chats of an account, and the queues of a team in numbers: sections 4.4 and 3.6 of the
//! contract.

use std::sync::Arc;

use axum::extract::State;
use serde_json::{Map, Value, json};
use tierwise_runner::{ListedChat, QueueNumbers};

use super::{
    Api,
    answer::ok,
    caller::Caller,
    error::Answered,
    message::nearest_time,
    messages::{COUNT, MOST_COUNT},
    path::Path,
    query::Query,
};
use crate::{auth::Scope, notation::word_of};

/// `GET /im/accounts/{accountId}/chats`
pub(crate) async fn list(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Path(account): Path<String>,
    query: Query,
) -> Answered {
    caller.need(&[Scope::ChatsAccessAll])?;
    let asked = query.number("count", 1..=MOST_COUNT, COUNT).and_then(|count| {
        let before = query.text("beforeId")?;
        Ok((count, before.map(str::to_owned)))
    });
    let (count, before) = match asked {
        Ok(asked) => asked,
        Err(error) => return Err(api.refuse_after_path(&caller, &account, error).await),
    };
    let page = api.queue.chats(&caller.team, &account, before, count).await?;
    let chats: Vec<_> = page.chats.iter().map(shown_chat).collect();
    let mut answer = json!({ "chats": chats });
    if let Some(next) = page.next {
        answer["nextPage"] = next.into();
    }
    Ok(ok(&answer))
}

fn shown_chat(chat: &ListedChat) -> Value {
    let mut counts = Map::new();
    for (status, count) in &chat.counts {
        counts.insert(word_of(*status).to_owned(), (*count).into());
    }
    counts.insert("received".to_owned(), chat.received.into());
    json!({ "chatId": chat.chat, "lastAt": nearest_time(chat.last), "counts": counts })
}

/// `GET /im/queue`
pub(crate) async fn queue(State(api): State<Arc<Api>>, caller: Caller) -> Answered {
    caller.need(&[Scope::AccountRead])?;
    Ok(ok(&shown_queue(&api.queue.queue_numbers(&caller.team).await?)))
}

fn shown_queue(numbers: &QueueNumbers) -> Value {
    let by_status = numbers.by_status.iter().map(|(status, count)| (word_of(*status), count));
    let held = numbers.held.iter().map(|(reason, count)| (reason.as_str(), count));
    json!({
        "waiting": numbers.waiting,
        "out": numbers.out,
        "held": object(held),
        "byStatus": object(by_status),
        "oldestWaitingAt": numbers.oldest_waiting.map(nearest_time),
    })
}

fn object<'a>(counts: impl Iterator<Item = (&'a str, &'a u64)>) -> Value {
    let all = counts.map(|(name, count)| (name.to_owned(), Value::from(*count)));
    Value::Object(all.collect())
}
