//! Pages go on where they ended, whatever becomes of what they ended with.

use std::sync::atomic::Ordering;

use axum::http::Method;
use serde_json::{Value, json};

use super::{
    FULL, PLAIN, World,
    messages::{ids, send},
};

/// The query of the page behind one.
fn behind(page: &Value, name: &str) -> String {
    format!("?count=2&{name}={}", page["nextPage"].as_str().unwrap())
}

#[tokio::test]
async fn the_next_page_of_a_chat_is_there_though_its_anchor_is_removed() {
    let world = World::new().await;
    let account = world.account(PLAIN).await;
    for id in ["m1", "m2", "m3", "m4", "m5"] {
        send(&world, &account, json!({ "id": id, "text": id })).await.good();
    }
    let path = format!("/im/messages/{account}/c");
    let first = world.get(&format!("{path}?count=2")).await.good();
    assert_eq!(ids(&first), ["m5", "m4"]);
    world.ask(Method::DELETE, &format!("{path}/m4"), Value::Null).await.good();
    let second = format!("{path}{}", behind(&first, "beforeId"));
    assert_eq!(ids(&world.get(&second).await.good()), ["m3", "m2"]);
    // What is not there any more is not shown either.
    let with = world.get(&format!("{second}&includeCursorMessage=true")).await.good();
    assert_eq!(ids(&with), ["m3", "m2"]);
    // An id is the id of a message, or of none.
    assert_eq!(world.get(&format!("{path}?beforeId=m4")).await.code(), (404, "not_found"));
    // A message that is called as a place is does not take it over.
    let place = first["nextPage"].as_str().unwrap();
    send(&world, &account, json!({ "id": place, "text": "a" })).await.good();
    let read = world.get(&format!("{path}?beforeId={place}")).await.good();
    assert_eq!(ids(&read), ["m3", "m2", "m1"]);
}

#[tokio::test]
async fn pages_of_a_chat_go_on_while_its_history_is_removed() {
    let world = World::new().await;
    let settings = json!({ "mock": { "delayMs": 0, "history": { "chatId": "c", "count": 30 } } });
    let body = json!({ "type": "mock", "tier": FULL, "settings": settings });
    let account = world.post("/im/accounts", body).await.good();
    let account = account["accountId"].as_str().unwrap();
    send(&world, account, json!({ "id": "note", "text": "a", "status": "note" })).await.good();
    world.post(&format!("/im/accounts/{account}/open"), Value::Null).await.good();
    world.until(account, |now| now["stateInfo"]["sync"]["messages"]["total"] == 30).await;
    let path = format!("/im/messages/{account}/c");
    let first = world.get(&format!("{path}?count=2")).await.good();
    assert_eq!(first["messages"][1]["text"], "history 30");
    // D3: what the page ended with goes, and everything behind it.
    let change = json!({ "tier": PLAIN });
    world.ask(Method::PATCH, &format!("/im/accounts/{account}"), change).await.good();
    let second = world.get(&format!("{path}{}", behind(&first, "beforeId"))).await.good();
    assert_eq!(second, json!({ "messages": [] }));
}

#[tokio::test]
async fn a_chat_that_is_written_to_between_pages_brings_none_twice() {
    let world = World::new().await;
    let account = world.account(PLAIN).await;
    let write = async |chat: &str| {
        let path = format!("/im/messages/{account}/{chat}");
        world.clock.fetch_add(1000, Ordering::SeqCst);
        world.post(&path, json!({ "id": format!("of {chat}"), "text": "a" })).await
    };
    for chat in ["a", "b.1", "3", "d"] {
        write(chat).await.good();
    }
    let names = |page: &Value| {
        let chats = page["chats"].as_array().unwrap().iter();
        chats.map(|chat| chat["chatId"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let path = format!("/im/accounts/{account}/chats");
    let first = world.get(&format!("{path}?count=2")).await.good();
    assert_eq!(names(&first), ["d", "3"]);
    let second = format!("{path}{}", behind(&first, "beforeId"));
    assert_eq!(names(&world.get(&second).await.good()), ["b.1", "a"]);
    // It is the latest now, and the page behind it is the same as before.
    let more = json!({ "text": "more", "timestamp": "2026-04-02T00:00:00Z" });
    world.post(&format!("/im/messages/{account}/3"), more).await.good();
    assert_eq!(names(&world.get(&second).await.good()), ["b.1", "a"]);
    for id in ["of%203", "of%20d"] {
        let chat = if id.ends_with('d') { "d" } else { "3" };
        let one = format!("/im/messages/{account}/{chat}/{id}");
        world.ask(Method::DELETE, &one, Value::Null).await.good();
    }
    assert_eq!(names(&world.get(&second).await.good()), ["b.1", "a"]);
    assert_eq!(names(&world.get(&format!("{path}?beforeId=3")).await.good()), ["b.1", "a"]);
}

#[tokio::test]
async fn a_place_in_the_list_of_a_team_tells_nothing_of_other_teams_and_outlives_its_account() {
    let world = World::new().await;
    // Another team's accounts, which the keys of ours would count.
    for _ in 0..3 {
        let body = json!({ "type": "mock" });
        world.ask_as("other", Method::POST, "/im/accounts", body).await.good();
    }
    let (one, two) = (world.account(PLAIN).await, world.account(PLAIN).await);
    for (account, id) in [(&one, "a"), (&one, "b"), (&two, "c"), (&two, "d")] {
        send(&world, account, json!({ "id": id, "text": id })).await.good();
    }
    let first = world.get("/im/messages?count=1").await.good();
    assert_eq!(ids(&first), ["d"]);
    let place = first["nextPage"].as_str().unwrap();
    assert!(place.ends_with(&format!(".{two}")), "{place}");
    let second = format!("/im/messages?before={place}");
    assert_eq!(ids(&world.get(&second).await.good()), ["c", "b", "a"]);
    world.ask(Method::DELETE, &format!("/im/accounts/{two}"), Value::Null).await.good();
    assert_eq!(ids(&world.get(&second).await.good()), ["b", "a"]);
    // One of another team is none.
    let theirs = world.ask_as("other", Method::GET, &second, Value::Null).await;
    assert_eq!(theirs.code(), (400, "bad_request"));
}
