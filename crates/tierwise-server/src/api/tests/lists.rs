//! Section 4 of the contract: what is listed, retried and cleared.

use std::sync::atomic::Ordering;

use axum::http::Method;
use serde_json::{Value, json};

use super::{
    FULL, LIMITED, PLAIN, World,
    messages::{ids, only, send},
};

/// An account that refuses the text `no`, open.
async fn refusing(world: &World) -> String {
    let settings = json!({ "mock": { "delayMs": 0, "refuse": ["no"] } });
    let body = json!({ "type": "mock", "tier": PLAIN, "settings": settings });
    let account = world.post("/im/accounts", body).await.good();
    let account = account["accountId"].as_str().unwrap().to_owned();
    world.post(&format!("/im/accounts/{account}/open"), Value::Null).await.good();
    world.until(&account, |now| now["state"] == "open").await;
    account
}

async fn is_idle(world: &World, account: &str) {
    world.until(account, |now| now["queue"]["waiting"] == 0 && now["queue"]["out"] == 0).await;
}

#[tokio::test]
async fn an_id_that_looks_like_a_place_is_an_id() {
    let world = World::new().await;
    let account = world.account(PLAIN).await;
    let chat = format!("/im/messages/{account}/c");
    let note = async |id: &str| {
        world.post(&chat, json!({ "text": "x", "status": "note", "id": id })).await.good();
    };
    for number in 0..4 {
        note(&format!("1512085950.00021{number}")).await;
    }
    world.ask(Method::DELETE, &format!("{chat}/1512085950.000213"), Value::Null).await.good();
    for missing in ["1512085950.000213", "1.1", "1.1~0"] {
        let before = world.get(&format!("{chat}?beforeId={missing}")).await;
        assert_eq!(before.code(), (404, "not_found"), "{missing}");
    }
    let first = world.get(&format!("{chat}?count=1")).await.good();
    let next = first["nextPage"].as_str().unwrap().to_owned();
    // One that is made from a place does not take it over.
    note(&next).await;
    let rest = world.get(&format!("{chat}?beforeId={next}")).await.good();
    assert_eq!(ids(&rest), ["1512085950.000211", "1512085950.000210"]);
}

#[tokio::test]
async fn a_chat_is_read_newest_first_in_pages() {
    let world = World::new().await;
    let account = world.account(PLAIN).await;
    for id in ["m1", "m2", "m3", "m4", "m5"] {
        send(&world, &account, json!({ "id": id, "text": id })).await.good();
        world.clock.fetch_add(1000, Ordering::SeqCst);
    }
    // One that is due later is newer than one that was stored later.
    let later = json!({ "id": "m6", "text": "a", "timestamp": "2026-04-01T09:00:03.500Z" });
    send(&world, &account, later).await.good();
    let read =
        async |query: &str| world.get(&format!("/im/messages/{account}/c{query}")).await.good();
    let all = read("").await;
    assert_eq!(ids(&all), ["m6", "m5", "m4", "m3", "m2", "m1"]);
    assert_eq!(all.get("nextPage"), None);
    let (mut seen, mut query) = (Vec::new(), "?count=2".to_owned());
    loop {
        let page = read(&query).await;
        seen.extend(ids(&page).into_iter().map(str::to_owned));
        let Some(next) = page["nextPage"].as_str() else { break };
        query = format!("?count=2&beforeId={next}");
    }
    assert_eq!(seen, ids(&all));
    let with_cursor = read("?count=2&beforeId=m4&includeCursorMessage=true").await;
    assert_eq!(ids(&with_cursor), ["m4", "m3", "m2"]);
    let next = with_cursor["nextPage"].as_str().unwrap();
    assert_eq!(ids(&read(&format!("?beforeId={next}")).await), ["m1"]);
    let next = format!("?beforeId={next}&includeCursorMessage=true");
    assert_eq!(ids(&read(&next).await), ["m2", "m1"]);
    assert_eq!(ids(&read("?beforeId=m2").await), ["m1"]);
    let end = read("?beforeId=m1").await;
    assert_eq!(end, json!({ "messages": [] }));

    let get = async |path: String| world.get(&path).await;
    let code = |answer: super::Answer| (answer.status, answer.body["data"]["field"].clone());
    assert_eq!(get(format!("/im/messages/{account}/d?beforeId=m1")).await.status, 404);
    assert_eq!(get(format!("/im/messages/{account}/c?beforeId=")).await.status, 404);
    for (query, field) in [
        ("count=0", "count"),
        ("count=101", "count"),
        ("status=sent", "status"),
        ("fromMe=1", "fromMe"),
        ("range[start]=x", "range[start]"),
        ("range=2026-04-01T00:00:00Z", "range"),
        ("range[0]=2026-04-01T00:00:00Z", "range"),
        ("range%5Bend%5D=2026-13-01T00:00:00Z", "range[end]"),
        ("range[end]=2199-12-31T23:59:59-01:00", "range[end]"),
        ("range[start]=1970-01-01T00:00:00%2B01:00", "range[start]"),
        ("attachmentType[0]=tune", "attachmentType"),
        ("beforeId=a&beforeId=b", "beforeId"),
    ] {
        let answer = get(format!("/im/messages/{account}/c?{query}")).await;
        assert_eq!(code(answer), (400, json!(field)), "{query}");
        let answer = get(format!("/im/messages/none/c?{query}")).await;
        assert_eq!(answer.code(), (404, "not_found"), "{query}");
    }
    let path = format!("/im/messages/{account}/c");
    assert_eq!(world.ask_as("other", Method::GET, &path, Value::Null).await.status, 404);
    let token = "team+ACCOUNT_READ";
    assert_eq!(world.ask_as(token, Method::GET, &path, Value::Null).await.status, 403);
}

#[tokio::test]
async fn a_chat_is_narrowed_by_what_its_messages_are() {
    let world = World::new().await;
    let account = refusing(&world).await;
    let file = |kind: &str| json!([{ "type": kind, "mimetype": "m", "url": "u" }]);
    send(&world, &account, json!({ "id": "image", "attachments": file("image") })).await.good();
    is_idle(&world, &account).await;
    world.clock.fetch_add(1000, Ordering::SeqCst);
    send(&world, &account, json!({ "id": "no", "text": "no" })).await.good();
    is_idle(&world, &account).await;
    world.clock.fetch_add(1000, Ordering::SeqCst);
    let note = json!({ "id": "note", "attachments": file("audio"), "status": "note" });
    send(&world, &account, note).await.good();
    let later = json!({ "id": "later", "text": "a", "timestamp": "2026-04-01T10:00:00Z" });
    send(&world, &account, later).await.good();
    let read = async |query: &str| {
        let answer = world.get(&format!("/im/messages/{account}/c?{query}")).await.good();
        ids(&answer).join(" ")
    };
    assert_eq!(read("").await, "later note no image");
    assert_eq!(read("status=note").await, "note");
    assert_eq!(read("status=pending").await, "later");
    assert_eq!(read("status=error").await, "no");
    assert_eq!(read("fromMe=true").await, "later note no image");
    assert_eq!(read("fromMe=false").await, "");
    assert_eq!(read("attachmentType[0]=image&attachmentType[1]=audio").await, "note image");
    assert_eq!(read("attachmentType=video&attachmentType=audio").await, "note");
    let both = "range[start]=2026-04-01T09:00:01Z&range[end]=2026-04-01T11:00:02%2B02:00";
    assert_eq!(read(both).await, "note no");
    assert_eq!(read("range[start]=2026-04-01T09:00:02.001Z").await, "later");
    assert_eq!(read("range[end]=2026-04-01T09:00:00Z&count=1").await, "image");
    let error = world.get(&format!("/im/messages/{account}/c?status=error")).await.good();
    let error = &error["messages"][0]["error"];
    assert_eq!(error["statusCode"], 400);
    assert_eq!((&error["data"]["code"], &error["retries"]), (&json!("refused"), &json!(0)));
}

#[tokio::test]
async fn received_messages_and_history_are_read_and_go_with_their_login() {
    let world = World::new().await;
    let settings = json!({ "mock": { "delayMs": 0, "history": { "chatId": "old", "count": 3 } } });
    let body = json!({ "type": "mock", "tier": FULL, "settings": settings });
    let account = world.post("/im/accounts", body).await.good();
    let account = account["accountId"].as_str().unwrap();
    world.post(&format!("/im/accounts/{account}/open"), Value::Null).await.good();
    world.until(account, |now| now["stateInfo"]["sync"]["messages"]["total"] == 3).await;
    let path = format!("/im/messages/{account}/old");
    let read = world.get(&path).await.good();
    let texts: Vec<_> = read["messages"].as_array().unwrap().iter().map(|it| &it["text"]).collect();
    assert_eq!(texts, ["history 3", "history 2", "history 1"]);
    assert_eq!(read["messages"][0]["fromMe"], false);
    assert_eq!(read["messages"][0]["sender"], json!({ "userId": "old" }));
    assert_eq!(read["messages"][0]["timestamp"], "2026-04-01T08:00:00.000Z");
    let chats = world.get(&format!("/im/accounts/{account}/chats")).await.good();
    let old = json!({
        "chatId": "old", "lastAt": "2026-04-01T08:00:00.000Z", "counts": { "received": 3 },
    });
    assert_eq!(chats, json!({ "chats": [old] }));
    assert_eq!(world.get("/im/messages").await.good()["messages"].as_array().unwrap().len(), 3);
    let id = read["messages"][0]["id"].as_str().unwrap();
    let one = format!("{path}/{id}");
    let edit = world.ask(Method::PATCH, &one, json!({ "text": "a" })).await;
    assert_eq!(edit.code(), (409, "message_settled"));

    // D3: at once, though rows are removed in parts.
    let change = format!("/im/accounts/{account}");
    world.ask(Method::PATCH, &change, json!({ "tier": PLAIN })).await.good();
    assert_eq!(world.get(&path).await.good(), json!({ "messages": [] }));
    assert_eq!(world.get("/im/messages").await.good(), json!({ "messages": [] }));
    let chats = world.get(&format!("/im/accounts/{account}/chats")).await.good();
    assert_eq!(chats, json!({ "chats": [] }));
    let gone = world.ask(Method::DELETE, &one, Value::Null).await;
    assert_eq!(gone.code(), (404, "not_found"));
    // L2: of an archived account its notes are read.
    send(&world, account, json!({ "id": "n", "text": "a", "status": "note" })).await.good();
    send(&world, account, json!({ "id": "m", "text": "a" })).await.good();
    world.post(&format!("/im/accounts/{account}/archive"), Value::Null).await.good();
    let read = world.get(&format!("/im/messages/{account}/c")).await.good();
    assert_eq!(ids(&read), ["n"]);
    let note = format!("/im/messages/{account}/c/n");
    for (method, body) in [(Method::PATCH, json!({ "text": "b" })), (Method::DELETE, Value::Null)] {
        let refused = world.ask(method, &note, body).await;
        assert_eq!(refused.code(), (409, "account_archived"));
    }
}

#[tokio::test]
async fn all_messages_of_a_status_are_retried_or_cleared() {
    let world = World::new().await;
    let (one, two) = (refusing(&world).await, refusing(&world).await);
    for account in [&one, &two] {
        for id in ["a", "b"] {
            send(&world, account, json!({ "id": id, "text": "no" })).await.good();
        }
        send(&world, account, json!({ "id": "note", "text": "no", "status": "note" })).await.good();
        is_idle(&world, account).await;
    }
    world.post(&format!("/im/messages/{two}/d"), json!({ "text": "no" })).await.good();
    is_idle(&world, &two).await;
    world.queue().change(&two, tierwise_runner::Change::Pause).await.unwrap();
    let retry = async |token: &str, status: &str, body: Value| {
        let path = format!("/im/messages/{status}/retry");
        world.ask_as(token, Method::PATCH, &path, body).await
    };
    let clear = async |token: &str, status: &str, query: &str| {
        let path = format!("/im/messages/{status}/retry{query}");
        world.ask_as(token, Method::DELETE, &path, Value::Null).await
    };
    let changed = |answer: super::Answer| answer.good()["changed"].as_u64().unwrap();
    let removed = |answer: super::Answer| answer.good()["removed"].as_u64().unwrap();
    assert_eq!(changed(retry("other", "error", Value::Null).await), 0);
    for status in ["sent", "note", "read", "x"] {
        assert_eq!(retry("team", status, Value::Null).await.code(), (404, "not_found"));
        assert_eq!(clear("team", status, "").await.code(), (404, "not_found"));
    }
    assert_eq!(
        retry("team", "error", json!({ "timestamp": 1 })).await.code(),
        (400, "bad_request")
    );
    assert_eq!(retry("team+MESSAGES_DELETE", "x", Value::Null).await.status, 403);
    assert_eq!(clear("team+MESSAGES_SEND_TO_ALL", "x", "").await.status, 403);

    let later = json!({ "timestamp": "2026-04-01T10:00:00Z" });
    assert_eq!(changed(retry("team", "error", later).await), 5);
    assert_eq!(changed(retry("team", "error", Value::Null).await), 0);
    let read = world.get(&format!("/im/messages/{one}/c?status=pending")).await.good();
    assert_eq!(read["messages"][0]["timestamp"], "2026-04-01T10:00:00.000Z");
    assert_eq!(read["messages"][0]["error"], Value::Null);
    assert_eq!(read["messages"][0]["revision"], 2);
    // They are due at once now, and refused once more; those of the paused account wait.
    assert_eq!(changed(retry("team", "pending", Value::Null).await), 5);
    is_idle(&world, &one).await;
    assert_eq!(removed(clear("team", "pending", &format!("?accountId={one}")).await), 0);
    assert_eq!(removed(clear("team", "pending", "?accountId=none").await), 0);
    assert_eq!(removed(clear("team", "error", &format!("?accountId={one}&chatId=d")).await), 0);
    assert_eq!(removed(clear("team", "pending", "?chatId=d").await), 1);
    assert_eq!(clear("team", "error", "?chatId=c&chatId=d").await.code(), (400, "bad_request"));
    assert_eq!(removed(clear("team", "pending", &format!("?accountId={two}&chatId=c")).await), 2);
    assert_eq!(removed(clear("team", "error", "").await), 2);
    let left = world.get("/im/messages").await.good();
    assert_eq!(ids(&left), ["note", "note"]);
}

#[tokio::test]
async fn messages_of_an_archived_account_are_left_alone() {
    let world = World::new().await;
    let account = world.account(PLAIN).await;
    send(&world, &account, json!({ "id": "m", "text": "a" })).await.good();
    world.post(&format!("/im/accounts/{account}/archive"), Value::Null).await.good();
    let path = "/im/messages/pending/retry";
    let retried = world.ask(Method::PATCH, path, Value::Null).await.good();
    assert_eq!(retried["changed"], 0);
    let cleared = world.ask(Method::DELETE, path, Value::Null).await.good();
    assert_eq!(cleared["removed"], 0);
}

#[tokio::test]
async fn many_are_changed_though_a_flush_takes_a_part() {
    let world = World::new().await;
    let account = world.account(PLAIN).await;
    for _ in 0..3 {
        world.waiting(&account, 700).await;
    }
    let body = json!({ "timestamp": "2026-04-01T10:00:00Z" });
    let path = "/im/messages/pending/retry";
    assert_eq!(world.ask(Method::PATCH, path, body).await.good()["changed"], 2100);
    assert_eq!(world.get("/im/queue").await.good()["oldestWaitingAt"], "2026-04-01T10:00:00.000Z");
    assert_eq!(world.ask(Method::DELETE, path, Value::Null).await.good()["removed"], 2100);
    let queue = world.get("/im/queue").await.good();
    assert_eq!((&queue["waiting"], &queue["oldestWaitingAt"]), (&json!(0), &Value::Null));
}

#[tokio::test]
async fn a_chat_called_retry_is_a_chat() {
    let world = World::new().await;
    let account = world.account(PLAIN).await;
    let path = format!("/im/messages/{account}/retry");
    let sent = only(world.post(&path, json!({ "text": "a" })).await);
    assert_eq!(sent["chatId"], "retry");
    assert_eq!(world.get(&path).await.good()["messages"][0], sent);
    let one = format!("{path}/{}", sent["id"].as_str().unwrap());
    world.ask(Method::PATCH, &one, json!({ "text": "b" })).await.good();
    for method in [Method::PATCH, Method::DELETE] {
        assert_eq!(world.ask(method.clone(), &path, Value::Null).await.code(), (404, "not_found"));
        let other = format!("/im/messages/{account}/other");
        let refused = world.ask(method, &other, Value::Null).await;
        assert_eq!(refused.code(), (405, "method_not_allowed"));
    }
}

#[tokio::test]
async fn messages_of_a_team_are_listed_in_the_order_in_which_they_were_stored() {
    let world = World::new().await;
    let (one, two) = (world.account(PLAIN).await, world.account(LIMITED).await);
    for (account, id) in [(&one, "a"), (&two, "b"), (&one, "c"), (&two, "d"), (&one, "e")] {
        let timestamp = "2026-04-01T10:00:00Z";
        let status = if id == "c" { "note" } else { "pending" };
        let body = json!({ "id": id, "text": id, "timestamp": timestamp, "status": status });
        send(&world, account, body).await.good();
        world.clock.fetch_add(1, Ordering::SeqCst);
    }
    let list = async |query: &str| world.get(&format!("/im/messages{query}")).await.good();
    let all = list("").await;
    assert_eq!(ids(&all), ["e", "d", "c", "b", "a"]);
    assert_eq!((&all["messages"][1]["accountId"], all.get("nextPage")), (&json!(two), None));
    for narrow in ["", &format!("&accountId={one}"), "&status=pending", "&status[0]=note"] {
        let whole = list(&format!("?{narrow}")).await;
        let (mut seen, mut query) = (Vec::new(), format!("?count=1{narrow}"));
        loop {
            let page = list(&query).await;
            seen.extend(ids(&page).into_iter().map(str::to_owned));
            let Some(next) = page["nextPage"].as_str() else { break };
            query = format!("?count=1{narrow}&before={next}");
        }
        assert_eq!(seen, ids(&whole), "{narrow}");
    }
    assert_eq!(ids(&list(&format!("?accountId={one}")).await), ["e", "c", "a"]);
    assert_eq!(ids(&list("?status[0]=note&status[1]=error").await), ["c"]);
    assert!(ids(&list("?accountId=none").await).is_empty());
    let other = world.ask_as("other", Method::GET, "/im/messages", Value::Null).await.good();
    assert!(ids(&other).is_empty());
    for wrong in
        ["count=x", "status=x", "before=x", "before=1.2", "before=1..x", "accountId=a&accountId=b"]
    {
        let answer = world.get(&format!("/im/messages?{wrong}")).await;
        assert_eq!(answer.code(), (400, "bad_request"), "{wrong}");
    }
    let token = "team+ACCOUNT_READ";
    let path = "/im/messages";
    assert_eq!(world.ask_as(token, Method::GET, path, Value::Null).await.status, 403);
}

#[tokio::test]
async fn chats_are_listed_the_latest_first_with_their_counts() {
    let world = World::new().await;
    let account = refusing(&world).await;
    for (chat, text) in [("a", "x"), ("b", "no"), ("c", "x"), ("a", "no")] {
        world.post(&format!("/im/messages/{account}/{chat}"), json!({ "text": text })).await.good();
        is_idle(&world, &account).await;
        world.clock.fetch_add(1000, Ordering::SeqCst);
    }
    world
        .post(&format!("/im/messages/{account}/c"), json!({ "text": "x", "status": "note" }))
        .await
        .good();
    let list = async |query: &str| world.get(&format!("/im/accounts/{account}/chats{query}")).await;
    let chat = |id: &str, last: &str, counts: Value| {
        let last = format!("2026-04-01T09:00:0{last}.000Z");
        json!({ "chatId": id, "lastAt": last, "counts": counts })
    };
    let all = [
        chat("c", "4", json!({ "sent": 1, "note": 1, "received": 0 })),
        chat("a", "3", json!({ "sent": 1, "error": 1, "received": 0 })),
        chat("b", "1", json!({ "error": 1, "received": 0 })),
    ];
    assert_eq!(list("").await.good(), json!({ "chats": all }));
    let page = list("?count=2").await.good();
    assert_eq!(page["chats"], json!(all[..2]));
    let next = format!("?count=2&beforeId={}", page["nextPage"].as_str().unwrap());
    assert_eq!(list(&next).await.good(), json!({ "chats": all[2..] }));
    assert_eq!(list("?count=2&beforeId=a").await.good(), json!({ "chats": all[2..] }));
    for missing in ["?beforeId=d", "?beforeId="] {
        assert_eq!(list(missing).await.code(), (404, "not_found"), "{missing}");
    }
    for wrong in ["?count=0", "?count=x", "?count=101", "?count=", "?beforeId=a&beforeId=b"] {
        assert_eq!(list(wrong).await.code(), (400, "bad_request"), "{wrong}");
        let answer = world.get(&format!("/im/accounts/none/chats{wrong}")).await;
        assert_eq!(answer.code(), (404, "not_found"), "{wrong}");
    }
    let path = format!("/im/accounts/{account}/chats");
    assert_eq!(world.ask_as("other", Method::GET, &path, Value::Null).await.status, 404);
    let token = "team+ACCOUNT_READ";
    assert_eq!(world.ask_as(token, Method::GET, &path, Value::Null).await.status, 403);
}

#[tokio::test]
async fn the_queues_of_a_team_are_told_in_numbers() {
    let world = World::new().await;
    let nothing = json!({
        "waiting": 0, "out": 0, "held": {}, "byStatus": {}, "oldestWaitingAt": null,
    });
    assert_eq!(world.get("/im/queue").await.good(), nothing);
    let (closed, open) = (world.account(PLAIN).await, refusing(&world).await);
    for timestamp in ["2026-04-01T09:30:00Z", "2026-04-01T10:00:00Z"] {
        let body = json!({ "text": "a", "timestamp": timestamp });
        send(&world, &closed, body.clone()).await.good();
        send(&world, &open, body).await.good();
    }
    send(&world, &open, json!({ "text": "no" })).await.good();
    send(&world, &open, json!({ "text": "x" })).await.good();
    send(&world, &open, json!({ "text": "x", "status": "note" })).await.good();
    let is_sent = |now: &Value| now["queue"]["waiting"] == 2 && now["queue"]["out"] == 0;
    world.until(&open, is_sent).await;
    let expected = json!({
        "waiting": 4, "out": 0, "held": { "account_not_open": 2 },
        "byStatus": { "pending": 4, "error": 1, "sent": 1, "note": 1 },
        "oldestWaitingAt": "2026-04-01T09:30:00.000Z",
    });
    assert_eq!(world.get("/im/queue").await.good(), expected);
    let other = world.ask_as("other", Method::GET, "/im/queue", Value::Null).await.good();
    assert_eq!(other, nothing);
    let token = "team+CHATS_ACCESS_ALL";
    assert_eq!(world.ask_as(token, Method::GET, "/im/queue", Value::Null).await.status, 403);
}
