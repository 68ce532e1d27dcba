//! Section 4 of the contract: sending, reading, changing.

use axum::http::Method;
use serde_json::{Value, json};

use super::{Answer, FULL, LIMITED, PLAIN, World};

/// The ids of a list of messages.
pub(super) fn ids(answer: &Value) -> Vec<&str> {
    let messages = answer["messages"].as_array().unwrap().iter();
    messages.map(|message| message["id"].as_str().unwrap()).collect()
}

/// Sends something to the chat `c`.
pub(super) async fn send(world: &World, account: &str, body: Value) -> Answer {
    world.post(&format!("/im/messages/{account}/c"), body).await
}

/// The one message that an answer holds.
pub(super) fn only(answer: Answer) -> Value {
    let Value::Array(mut list) = answer.good() else { panic!("no list") };
    assert_eq!(list.len(), 1);
    list.remove(0)
}

#[tokio::test]
async fn a_sent_message_is_answered_as_it_is_stored() {
    let world = World::new().await;
    let account = world.account(PLAIN).await;
    let body = json!({
        "id": "m1", "text": "hi", "timestamp": "2026-04-01T12:00:00+02:00",
        "quoted": { "chatId": "c", "id": "m0" }, "miscOptions": { "more": 1 },
    });
    let sent = only(world.post(&format!("/im/messages/{account}/a%40b"), body).await);
    let expected = json!({
        "id": "m1", "accountId": account, "chatId": "a@b", "fromMe": true,
        "timestamp": "2026-04-01T10:00:00.000Z", "status": "pending", "text": "hi",
        "quoted": { "chatId": "c", "id": "m0" }, "miscOptions": { "more": 1 },
        "sender": { "userId": "somebody", "createdAt": "2026-04-01T09:00:00.000Z" },
        "error": null, "resolvedBy": null, "resolvedAt": null, "revision": 0, "editedAt": null,
    });
    assert_eq!(sent, expected);
    let read = world.get(&format!("/im/messages/{account}/a%40b")).await.good();
    assert_eq!(read, json!({ "messages": [expected] }));
    // In the past means now, and a note is written now.
    let past = json!({ "text": "a", "timestamp": "2026-01-01T00:00:00Z" });
    assert_eq!(only(send(&world, &account, past).await)["timestamp"], "2026-04-01T09:00:00.000Z");
    let note = only(send(&world, &account, json!({ "text": "a", "status": "note" })).await);
    assert_eq!(note["status"], "note");
}

#[tokio::test]
async fn the_same_id_again_is_the_same_message_whatever_became_of_it() {
    let world = World::new().await;
    let account = world.open_account(PLAIN).await;
    let body = json!({ "id": "m1", "text": "hi", "mentions": ["a"] });
    let first = only(send(&world, &account, body.clone()).await);
    assert_eq!(first["status"], "pending");
    world.until(&account, |now| now["queue"]["waiting"] == 0 && now["queue"]["out"] == 0).await;
    let again = only(send(&world, &account, body).await);
    assert_eq!((&again["status"], &again["revision"]), (&json!("sent"), &json!(1)));
    for other in [
        json!({ "id": "m1", "text": "other", "mentions": ["a"] }),
        json!({ "id": "m1", "text": "hi" }),
        json!({ "id": "m1", "text": "hi", "mentions": ["a"], "status": "note" }),
    ] {
        assert_eq!(send(&world, &account, other).await.code(), (409, "id_reused"));
    }
    let path = format!("/im/messages/{account}/other");
    let elsewhere = world.post(&path, json!({ "id": "m1", "text": "hi", "mentions": ["a"] })).await;
    assert_eq!(elsewhere.code(), (409, "id_reused"));
    let usage = world.get("/payments/usage").await.good();
    assert_eq!(usage["accounts"][0]["messagesSent"], 1);
}

#[tokio::test]
async fn keys_in_another_order_are_the_same_content() {
    let world = World::new().await;
    let account = world.account(PLAIN).await;
    let path = format!("/im/messages/{account}/c");
    let with = async |attachment: &str| {
        let body = format!(r#"{{"id":"m","attachments":[{attachment}]}}"#).into_bytes();
        let asked = super::Asked { token: "team", headers: &[], body };
        world.send(Method::POST, &path, asked).await
    };
    let first = only(with(r#"{"type":"image","mimetype":"m","url":"u","a":1,"b":2}"#).await);
    let again = only(with(r#"{"b":2, "a":1, "url":"u","mimetype":"m","type":"image"}"#).await);
    assert_eq!(first, again);
    let other = with(r#"{"type":"image","mimetype":"m","url":"v","a":1,"b":2}"#).await;
    assert_eq!(other.code(), (409, "id_reused"));
}

#[tokio::test]
async fn q3_what_does_not_fit_in_the_limit_is_refused_as_a_whole() {
    let world = World::new().await;
    let account = world.account(LIMITED).await;
    let several = async |count: usize| {
        let recipients: Vec<_> = (0..count).map(|i| json!({ "chatId": format!("c{i}") })).collect();
        let body = json!({ "compose": { "text": "a" }, "recipients": recipients });
        world.post(&format!("/im/messages?accountId={account}"), body).await
    };
    assert_eq!(several(999).await.good().as_array().unwrap().len(), 999);
    let refused = several(2).await;
    assert_eq!(refused.code(), (402, "quota_exhausted"));
    let data = &refused.body["data"];
    assert_eq!((&data["limit"], &data["sent"]), (&json!(1000), &json!(0)));
    assert_eq!((&data["waiting"], &data["asked"]), (&json!(999), &json!(2)));
    assert_eq!(data["resetsAt"], "2026-05-01T00:00:00.000Z");
    assert_eq!(world.get("/im/queue").await.good()["waiting"], 999);
    several(1).await.good();
    assert_eq!(several(1).await.code(), (402, "quota_exhausted"));
    // The next period has its own.
    let later = json!({ "text": "a", "timestamp": "2026-05-01T00:00:00Z" });
    send(&world, &account, later).await.good();
    // Q8: a note fits always.
    send(&world, &account, json!({ "text": "a", "status": "note" })).await.good();
}

#[tokio::test]
async fn recipients_have_their_own_fields_before_those_of_all() {
    let world = World::new().await;
    let account = world.account(PLAIN).await;
    let path = format!("/im/messages?accountId={account}");
    let body = json!({
        "compose": { "text": "all", "mentions": ["a"], "timestamp": "2026-04-02T00:00:00Z" },
        "recipients": [
            { "chatId": "c1", "text": "own" },
            { "chatId": "c2", "mentions": [], "id": "m2" },
            { "chatId": "c3", "status": "note" },
        ],
    });
    let list = world.post(&path, body).await.good();
    let field = |name: &str| {
        let list = list.as_array().unwrap().iter();
        list.map(|message| message[name].clone()).collect::<Vec<_>>()
    };
    assert_eq!(field("chatId"), ["c1", "c2", "c3"]);
    assert_eq!(field("text"), ["own", "all", "all"]);
    assert_eq!(field("mentions"), [json!(["a"]), json!([]), json!(["a"])]);
    assert_eq!(field("status"), ["pending", "pending", "note"]);
    assert_eq!(list[1]["id"], "m2");
    assert_eq!(list[0]["timestamp"], "2026-04-02T00:00:00.000Z");
    let twice = json!({
        "compose": { "id": "m", "text": "a" },
        "recipients": vec![json!({ "chatId": "c", "text": "a" }); 2],
    });
    assert_eq!(world.post(&path, twice).await.code(), (409, "id_reused"));
    assert_eq!(world.get("/im/queue").await.good()["waiting"], 2);
}

#[tokio::test]
async fn messages_and_notes_need_their_own_scope_and_both_for_both() {
    let world = World::new().await;
    let account = world.account(PLAIN).await;
    let [sends, notes] = ["MESSAGES_SEND_TO_ALL", "CREATE_NOTES"];
    let one = async |scopes: &str, status: &str| {
        let (token, path) = (format!("team+{scopes}"), format!("/im/messages/{account}/c"));
        let body = json!({ "text": "a", "status": status });
        world.ask_as(&token, Method::POST, &path, body).await.status
    };
    let several = async |scopes: &str, statuses: &[&str]| {
        let (token, path) = (format!("team+{scopes}"), format!("/im/messages?accountId={account}"));
        let recipients: Vec<_> = statuses
            .iter()
            .map(|status| json!({ "chatId": "c", "text": "a", "status": status }))
            .collect();
        let body = json!({ "recipients": recipients });
        world.ask_as(&token, Method::POST, &path, body).await.status
    };
    let both = format!("{sends}+{notes}");
    assert_eq!([one(sends, "pending").await, one(notes, "pending").await], [200, 403]);
    assert_eq!([one(sends, "note").await, one(notes, "note").await], [403, 200]);
    assert_eq!([one("ACCOUNT_READ", "note").await, one(&both, "note").await], [403, 200]);
    assert_eq!(several(sends, &["pending"]).await, 200);
    assert_eq!(several(notes, &["note"]).await, 200);
    for scopes in [sends, notes] {
        assert_eq!(several(scopes, &["pending", "note"]).await, 403, "{scopes}");
    }
    assert_eq!(several(&both, &["pending", "note"]).await, 200);
    // A body that cannot be read says still what it is for.
    let path = format!("/im/messages/{account}/c");
    let bad = json!({ "text": 1, "status": "note" });
    let token = format!("team+{sends}");
    let answer = world.ask_as(&token, Method::POST, &path, bad).await;
    assert_eq!(answer.code(), (403, "missing_scope"));
    assert_eq!(answer.body["data"]["anyOf"], json!(["CREATE_NOTES"]));
}

#[tokio::test]
async fn checks_come_in_the_contracts_order() {
    let world = World::new().await;
    let account = world.account(PLAIN).await;
    let ask = async |token: &str, account: &str, body: Value| {
        let path = format!("/im/messages/{account}/c?requireOpenAccount=true");
        let answer = world.ask_as(token, Method::POST, &path, body).await;
        (answer.status, answer.body["data"]["code"].as_str().unwrap_or_default().to_owned())
    };
    let (good, bad) = (json!({ "text": "a" }), json!({ "text": 1 }));
    let is = |status, code: &str| (status, code.to_owned());
    assert_eq!(ask("", "none", bad.clone()).await, is(401, "bad_token"));
    assert_eq!(ask("team+ACCOUNT_READ", "none", bad.clone()).await, is(403, "missing_scope"));
    assert_eq!(ask("team", "none", bad.clone()).await, is(404, "not_found"));
    assert_eq!(ask("other", &account, bad.clone()).await, is(404, "not_found"));
    assert_eq!(ask("team", "random", good.clone()).await, is(404, "not_found"));
    assert_eq!(ask("team", &account, bad.clone()).await, is(400, "bad_request"));
    assert_eq!(ask("team", &account, json!({})).await, is(400, "empty_message"));
    assert_eq!(ask("team", &account, good.clone()).await, is(428, "account_not_open"));
    world.post(&format!("/im/accounts/{account}/archive"), Value::Null).await.good();
    assert_eq!(ask("team", &account, bad).await, is(400, "bad_request"));
    assert_eq!(ask("team", &account, good).await, is(409, "account_archived"));
    let missing = world.post("/im/messages", json!({ "recipients": [] })).await;
    assert_eq!(missing.code(), (400, "bad_request"));
    assert_eq!(missing.body["data"]["field"], "accountId");
}

#[tokio::test]
async fn a_closed_account_keeps_messages_unless_it_has_to_be_open() {
    let world = World::new().await;
    let account = world.account(LIMITED).await;
    let strictly = async |body: Value| {
        world.post(&format!("/im/messages/{account}/c?requireOpenAccount=true"), body).await
    };
    let message = json!({ "id": "m1", "text": "a" });
    assert_eq!(strictly(message.clone()).await.code(), (428, "account_not_open"));
    assert_eq!(world.get("/im/queue").await.good()["waiting"], 0);
    // It waits otherwise, and is then the same message.
    send(&world, &account, message.clone()).await.good();
    strictly(message.clone()).await.good();
    // Q8: a note needs no connection.
    strictly(json!({ "text": "a", "status": "note" })).await.good();
    // State is said in the contract's order: the limit, what is taken, then the connection.
    let other = json!({ "id": "m1", "text": "b" });
    assert_eq!(strictly(other).await.code(), (409, "id_reused"));
    world.waiting(&account, 999).await;
    assert_eq!(strictly(json!({ "text": "a" })).await.code(), (402, "quota_exhausted"));
}

#[tokio::test]
async fn options_that_are_not_there_are_refused_where_they_would_matter() {
    let world = World::new().await;
    let account = world.account(PLAIN).await;
    let refused = async |path: String, field: &str| {
        let body = json!({ "text": "a", "recipients": [{ "chatId": "c", "text": "a" }] });
        let answer = world.post(&path, body).await;
        assert_eq!(answer.code(), (400, "unsupported_option"), "{path}");
        assert_eq!(answer.body["data"]["field"], field);
    };
    for option in ["useRandomAccountIfAccountClosed", "includeMarketingMessage"] {
        refused(format!("/im/messages/{account}/c?{option}=true"), option).await;
        refused(format!("/im/messages?accountId={account}&{option}=true"), option).await;
        let off = format!("/im/messages/{account}/c?{option}=false&unknown=1");
        world.post(&off, json!({ "text": "a" })).await.good();
    }
    let reload = world.get(&format!("/im/messages/{account}/c?forceReload=true")).await;
    assert_eq!(reload.code(), (400, "unsupported_option"));
    assert_eq!(reload.body["data"]["field"], "forceReload");
    world.get(&format!("/im/messages/{account}/c?forceReload=false")).await.good();
}

#[tokio::test]
async fn a_name_of_a_chat_has_1_to_128_characters_compared_exactly() {
    let world = World::new().await;
    let account = world.account(PLAIN).await;
    let post = async |chat: &str| {
        world.post(&format!("/im/messages/{account}/{chat}"), json!({ "text": "a" })).await
    };
    post(&"%C3%A9".repeat(128)).await.good();
    let long = post(&"%C3%A9".repeat(129)).await;
    assert_eq!(long.code(), (400, "bad_request"));
    assert_eq!(long.body["data"]["field"], "chatId");
    let sent = only(post("A%2520b%2Fc%27--").await);
    assert_eq!(sent["chatId"], "A%20b/c'--");
    let read = world.get(&format!("/im/messages/{account}/a%2520b%2Fc%27--")).await.good();
    assert_eq!(read, json!({ "messages": [] }));
}

#[tokio::test]
async fn a_note_is_edited_and_resolved() {
    let world = World::new().await;
    let account = world.account(PLAIN).await;
    let note = json!({ "id": "n", "text": "a", "status": "note" });
    let before = only(send(&world, &account, note).await);
    world.clock.fetch_add(1000, std::sync::atomic::Ordering::SeqCst);
    let path = format!("/im/messages/{account}/c/n");
    let change = async |body: Value| world.ask(Method::PATCH, &path, body).await;
    let resolved = change(json!({ "resolved": true })).await.good();
    assert_eq!(resolved["resolvedBy"], "somebody");
    assert_eq!(resolved["resolvedAt"], "2026-04-01T09:00:01.000Z");
    assert_eq!((&resolved["editedAt"], &resolved["revision"]), (&Value::Null, &json!(1)));
    let edited = change(json!({ "resolved": false, "text": "b", "mentions": ["x"] })).await.good();
    assert_eq!((&edited["resolvedBy"], &edited["resolvedAt"]), (&Value::Null, &Value::Null));
    assert_eq!((&edited["text"], &edited["mentions"]), (&json!("b"), &json!(["x"])));
    assert_eq!(edited["editedAt"], "2026-04-01T09:00:01.000Z");
    assert_eq!(edited["timestamp"], before["timestamp"]);
    let read = world.get(&format!("/im/messages/{account}/c")).await.good();
    assert_eq!(read["messages"][0], edited);
    for (body, code) in [
        (json!({}), "nothing_to_change"),
        (json!({ "unknown": 1 }), "nothing_to_change"),
        (json!({ "text": "" }), "empty_message"),
        (json!({ "timestamp": "2026-04-02T00:00:00Z" }), "bad_request"),
        (json!({ "resolved": "yes" }), "bad_request"),
        (json!({ "attachments": [{ "type": "x" }] }), "bad_request"),
    ] {
        assert_eq!(change(body.clone()).await.code(), (400, code), "{body}");
    }
    let token = "team+MESSAGES_SEND_TO_ALL";
    let body = json!({ "text": "c" });
    let answer = world.ask_as(token, Method::PATCH, &path, body.clone()).await;
    assert_eq!(answer.code(), (403, "missing_scope"));
    for elsewhere in [format!("/im/messages/{account}/d/n"), format!("/im/messages/{account}/c/m")]
    {
        let answer = world.ask(Method::PATCH, &elsewhere, json!({})).await;
        assert_eq!(answer.code(), (404, "not_found"));
    }
    assert_eq!(world.ask_as("other", Method::PATCH, &path, body).await.status, 404);
}

#[tokio::test]
async fn a_waiting_message_is_changed_and_a_settled_one_is_not() {
    let world = World::new().await;
    let account = world.account(LIMITED).await;
    send(&world, &account, json!({ "id": "m", "text": "a", "mentions": ["x"] })).await.good();
    let path = format!("/im/messages/{account}/c/m");
    let change = async |body: Value| world.ask(Method::PATCH, &path, body).await;
    let image = json!([{ "type": "image", "mimetype": "m", "url": "u" }]);
    let body = json!({ "timestamp": "2026-04-01T10:00:00Z", "attachments": image, "text": "" });
    let edited = change(body).await.good();
    assert_eq!(edited["timestamp"], "2026-04-01T10:00:00.000Z");
    assert_eq!((&edited["text"], &edited["attachments"]), (&json!(""), &image));
    assert_eq!((&edited["mentions"], &edited["revision"]), (&json!(["x"]), &json!(1)));
    assert_eq!(edited["editedAt"], "2026-04-01T09:00:00.000Z");
    let found = world.get(&format!("/im/messages/{account}/c?attachmentType[0]=image")).await;
    assert_eq!(ids(&found.good()), ["m"]);
    assert_eq!(change(json!({ "resolved": true })).await.code(), (400, "bad_request"));
    assert_eq!(change(json!({ "attachments": [] })).await.code(), (400, "empty_message"));
    assert_eq!(change(json!({ "text": "a".repeat(65_537) })).await.code(), (400, "bad_request"));
    let token = "team+EDIT_NOTES";
    let answer = world.ask_as(token, Method::PATCH, &path, json!({ "text": "b" })).await;
    assert_eq!(answer.code(), (403, "missing_scope"));

    // In the past means now, so it goes; then it is settled.
    change(json!({ "timestamp": "2026-03-01T10:00:00Z" })).await.good();
    world.post(&format!("/im/accounts/{account}/open"), Value::Null).await.good();
    world
        .until(&account, |now| {
            now["state"] == "open" && now["queue"]["waiting"] == 0 && now["queue"]["out"] == 0
        })
        .await;
    assert_eq!(change(json!({ "text": "b" })).await.code(), (409, "message_settled"));
    assert_eq!(change(json!({ "resolved": true })).await.code(), (400, "bad_request"));
}

#[tokio::test]
async fn q3_a_message_moves_into_a_period_only_if_it_fits_there() {
    let world = World::new().await;
    let account = world.account(LIMITED).await;
    world.waiting(&account, 1000).await;
    let later = json!({ "id": "m", "text": "a", "timestamp": "2026-05-02T00:00:00Z" });
    send(&world, &account, later).await.good();
    let path = format!("/im/messages/{account}/c/m");
    let due = async |at: &str| world.ask(Method::PATCH, &path, json!({ "timestamp": at })).await;
    let refused = due("2026-04-30T23:59:59.999Z").await;
    assert_eq!(refused.code(), (402, "quota_exhausted"));
    assert_eq!(refused.body["data"]["waiting"], 1000);
    let read = world.get(&format!("/im/messages/{account}/c?beforeId=none")).await;
    assert_eq!(read.code(), (404, "not_found"));
    let kept = only_message(&world, &account).await;
    assert_eq!(
        (&kept["timestamp"], &kept["revision"]),
        (&json!("2026-05-02T00:00:00.000Z"), &json!(0))
    );
    // It does not stand in its own way, where it is one of a thousand.
    let recipients = vec![json!({ "chatId": "d" }); 999];
    let compose = json!({ "text": "a", "timestamp": "2026-05-03T00:00:00Z" });
    let body = json!({ "compose": compose, "recipients": recipients });
    world.post(&format!("/im/messages?accountId={account}"), body).await.good();
    due("2026-05-01T00:00:00Z").await.good();
    world.ask(Method::DELETE, "/im/messages/pending/retry?chatId=chat", Value::Null).await.good();
    due("2026-04-30T23:59:59.999Z").await.good();
}

async fn only_message(world: &World, account: &str) -> Value {
    let read = world.get(&format!("/im/messages/{account}/c")).await.good();
    assert_eq!(ids(&read), ["m"]);
    read["messages"][0].clone()
}

#[tokio::test]
async fn a_message_that_is_out_is_neither_changed_nor_removed() {
    let world = World::new().await;
    let settings = json!({ "mock": { "delayMs": 600_000 } });
    let body = json!({ "type": "mock", "tier": FULL, "settings": settings });
    let account = world.post("/im/accounts", body).await.good();
    let account = account["accountId"].as_str().unwrap();
    world.post(&format!("/im/accounts/{account}/open"), Value::Null).await.good();
    send(&world, account, json!({ "id": "m", "text": "a" })).await.good();
    world.until(account, |now| now["queue"]["out"] == 1).await;
    send(&world, account, json!({ "id": "n", "text": "a" })).await.good();
    let path = format!("/im/messages/{account}/c/m");
    let edit = world.ask(Method::PATCH, &path, json!({ "text": "b" })).await;
    assert_eq!(edit.code(), (409, "message_out"));
    let delete = world.ask(Method::DELETE, &path, Value::Null).await;
    assert_eq!(delete.code(), (409, "message_out"));
    // Those that are out are left alone.
    let queue = world.get("/im/queue").await.good();
    assert_eq!((&queue["out"], &queue["waiting"]), (&json!(1), &json!(1)));
    assert_eq!(queue["byStatus"], json!({ "pending": 2 }));
    let retried = world.ask(Method::PATCH, "/im/messages/pending/retry", Value::Null).await;
    assert_eq!(retried.good(), json!({ "success": true, "changed": 1 }));
    let cleared = world.ask(Method::DELETE, "/im/messages/pending/retry", Value::Null).await;
    assert_eq!(cleared.good(), json!({ "success": true, "removed": 1 }));
    let read = world.get(&format!("/im/messages/{account}/c")).await.good();
    assert_eq!(ids(&read), ["m"]);
}

#[tokio::test]
async fn a_removed_message_gives_back_its_place_and_a_sent_one_still_counts() {
    let world = World::new().await;
    let account = world.open_account(LIMITED).await;
    send(&world, &account, json!({ "id": "sent", "text": "a" })).await.good();
    world.until(&account, |now| now["queue"]["waiting"] == 0 && now["queue"]["out"] == 0).await;
    world.waiting(&account, 998).await;
    send(&world, &account, json!({ "id": "m", "text": "a" })).await.good();
    let message = json!({ "text": "a" });
    assert_eq!(send(&world, &account, message.clone()).await.status, 402);
    let delete = async |token: &str, id: &str| {
        let path = format!("/im/messages/{account}/c/{id}");
        world.ask_as(token, Method::DELETE, &path, Value::Null).await
    };
    assert_eq!(delete("team", "sent").await.good(), json!({ "success": true }));
    assert_eq!(delete("team", "sent").await.code(), (404, "not_found"));
    assert_eq!(send(&world, &account, message.clone()).await.status, 402);
    delete("team", "m").await.good();
    send(&world, &account, message).await.good();
    let usage = world.get("/payments/usage").await.good();
    assert_eq!(usage["accounts"][0]["messagesSent"], 1);

    send(&world, &account, json!({ "id": "n", "text": "a", "status": "note" })).await.good();
    assert_eq!(delete("team+MESSAGES_DELETE", "n").await.code(), (403, "missing_scope"));
    assert_eq!(delete("other", "n").await.code(), (404, "not_found"));
    delete("team+DELETE_NOTES", "n").await.good();
}

#[tokio::test]
async fn what_all_recipients_get_together_has_a_bound() {
    let world = World::new().await;
    let account = world.account(PLAIN).await;
    let text = "x".repeat(65_000);
    let to = |count: usize| {
        let recipients: Vec<_> = (0..count).map(|n| json!({ "chatId": format!("c{n}") })).collect();
        json!({ "compose": { "text": text }, "recipients": recipients })
    };
    let path = format!("/im/messages?accountId={account}");
    assert_eq!(world.post(&path, to(140)).await.code(), (413, "too_large"));
    assert_eq!(world.post(&path, to(120)).await.good().as_array().unwrap().len(), 120);
}

#[tokio::test]
async fn what_is_narrowed_is_narrow_however_it_is_written() {
    let world = World::new().await;
    let (one, other) = (world.account(PLAIN).await, world.account(PLAIN).await);
    world.waiting(&one, 2).await;
    world.waiting(&other, 3).await;
    let path = format!("/im/messages/pending/retry?accountId[0]={one}");
    let removed = world.ask(Method::DELETE, &path, Value::Null).await.good();
    assert_eq!(removed["removed"], 2);
    world.until(&other, |now| now["queue"]["waiting"] == 3).await;
}
