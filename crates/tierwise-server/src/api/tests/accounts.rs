//! Section 3 of the contract.

use axum::http::Method;
use serde_json::{Value, json};
use tierwise_runner::Request;
use tierwise_transport::{Event, Inbound, OldMessage, Received};

use super::{Asked, FULL, LIMITED, PLAIN, START, World, words};

async fn create(world: &World, body: Value) -> Value {
    world.post("/im/accounts", body).await.good()
}

#[tokio::test]
async fn a_new_account_is_closed_and_on_the_default_tier() {
    let world = World::new().await;
    let account = create(&world, json!({ "type": "mock", "unknown": [1] })).await;
    assert_eq!(account["tier"], LIMITED);
    assert_eq!(account["state"], "close");
    assert_eq!(account["ownerId"], "team");
    assert_eq!(account["createdBy"], "somebody");
    assert_eq!(account["createdAt"], "2026-04-01T09:00:00.000Z");
    assert_eq!(account["settings"], json!({}));
    assert_eq!(account["queue"], json!({ "waiting": 0, "out": 0, "heldBecause": null }));
    let id = account["accountId"].as_str().unwrap();
    assert_eq!(world.get(&format!("/im/accounts/{id}")).await.good(), account);
}

fn mock_history(chat: &str, count: u64) -> Value {
    json!({ "mock": { "history": { "chatId": chat, "count": count } } })
}

/// A list within lists, deeper than it can be read back.
fn deep() -> Value {
    (0..200).fold(json!([]), |inner, _| json!([inner]))
}

#[tokio::test]
async fn what_is_wrong_with_a_new_account_is_named() {
    let world = World::new().await;
    let long = "x".repeat(201);
    let cases = [
        (json!({}), "bad_request", "type"),
        (json!({ "type": "sms" }), "bad_request", "type"),
        (json!({ "type": 1 }), "bad_request", "type"),
        (json!({ "type": "mock", "nickname": long }), "bad_request", "nickname"),
        (json!({ "type": "mock", "settings": [] }), "bad_request", "settings"),
        (
            json!({ "type": "mock", "settings": { "maxMessageSync": null } }),
            "bad_request",
            "settings.maxMessageSync",
        ),
        (
            json!({ "type": "mock", "settings": { "enableHistorySync": null } }),
            "bad_request",
            "settings.enableHistorySync",
        ),
        (
            json!({ "type": "mock", "settings": { "mock": { "history": null } } }),
            "bad_request",
            "settings.mock.history",
        ),
        (
            json!({ "type": "mock", "settings": { "maxMessageSync": -1 } }),
            "bad_request",
            "settings.maxMessageSync",
        ),
        (
            json!({ "type": "mock", "settings": { "mock": { "history": { "count": 1 } } } }),
            "bad_request",
            "settings.mock.history.chatId",
        ),
        (
            json!({ "type": "mock", "settings": mock_history("c", 1_000_001) }),
            "bad_request",
            "settings.mock.history.count",
        ),
        (
            json!({ "type": "mock", "settings": mock_history("", 1) }),
            "bad_request",
            "settings.mock.history.chatId",
        ),
        // What is said of a mock is read on any network.
        (
            json!({ "type": "wa", "settings": mock_history("c", 1_000_001) }),
            "bad_request",
            "settings.mock.history.count",
        ),
        (
            json!({ "type": "wa", "settings": mock_history("", 1) }),
            "bad_request",
            "settings.mock.history.chatId",
        ),
        (json!({ "type": "mock", "tier": "gold" }), "unknown_tier", ""),
        (json!({ "type": "mock", "settings": { "a": deep() } }), "bad_request", "settings.a"),
    ];
    for (body, code, field) in cases {
        let answer = world.post("/im/accounts", body.clone()).await;
        assert_eq!(answer.code(), (400, code), "{body}");
        if code == "bad_request" {
            assert_eq!(answer.body["data"]["field"], field, "{body}");
        }
    }
    let list = world.get("/im/accounts?returnCount=true").await.good();
    assert_eq!(list["total"], 0);
}

#[tokio::test]
async fn a_repeat_with_the_same_key_is_the_same_account_of_the_same_team() {
    let world = World::new().await;
    let with_key = async |token: &str, key: &str| {
        let headers = [("Idempotency-Key", key)];
        let body = json!({ "type": "mock", "tier": FULL }).to_string().into_bytes();
        let asked = Asked { token, headers: &headers, body };
        world.send(Method::POST, "/im/accounts", asked).await
    };
    let first = with_key("team", "k").await.good();
    assert_eq!(with_key("team", "k").await.good(), first);
    assert_ne!(with_key("team", "l").await.good()["accountId"], first["accountId"]);
    assert_ne!(with_key("other", "k").await.good()["accountId"], first["accountId"]);
    assert_eq!(with_key("team", "").await.code(), (400, "bad_request"));
    // Another creation by the key is refused, and so is the same one once its account is gone.
    let other = async |body: Value| {
        let headers = [("Idempotency-Key", "k")];
        let body = body.to_string().into_bytes();
        let asked = Asked { token: "team", headers: &headers, body };
        world.send(Method::POST, "/im/accounts", asked).await
    };
    for body in [
        json!({ "type": "mock" }),
        json!({ "type": "wa", "tier": FULL }),
        json!({ "type": "mock", "tier": FULL, "nickname": "other" }),
        json!({ "type": "mock", "tier": FULL, "settings": { "a": 1 } }),
    ] {
        assert_eq!(other(body.clone()).await.code(), (409, "id_reused"), "{body}");
    }
    // In other words, it is the same.
    let same = json!({ "tier": FULL, "type": "mock", "nickname": "", "more": 1 });
    assert_eq!(other(same).await.good(), first);
    let spelled = json!({ "tier": FULL, "type": "mock", "nickname": null, "settings": {} });
    assert_eq!(other(spelled).await.good(), first);
    let path = format!("/im/accounts/{}", first["accountId"].as_str().unwrap());
    world.ask(Method::DELETE, &path, Value::Null).await.good();
    assert_eq!(with_key("team", "k").await.code(), (404, "not_found"));
    let list = world.get("/im/accounts?all=true&returnCount=true").await.good();
    assert_eq!(list["total"], 1);
    // A day later the key is nobody's.
    world.clock.fetch_add(super::DAY + 1, std::sync::atomic::Ordering::SeqCst);
    assert_ne!(with_key("team", "k").await.good()["accountId"], first["accountId"]);
    world.clock.fetch_sub(super::DAY + 1, std::sync::atomic::Ordering::SeqCst);
    let usage = world.get("/payments/usage").await.good();
    // Three creations, each at the day rate (C2).
    assert_eq!(usage["creationCharges"], "1.2");
}

#[tokio::test]
async fn lists_are_narrowed_and_paged_newest_first() {
    let world = World::new().await;
    let mut ids = Vec::new();
    for (kind, nickname) in [("mock", "Ärger"), ("wa", "shop ONE"), ("mock", "Shop two")] {
        let body = json!({ "type": kind, "nickname": nickname });
        ids.push(create(&world, body).await["accountId"].as_str().unwrap().to_owned());
    }
    ids.reverse();
    world.post(&format!("/im/accounts/{}/open", ids[1]), Value::Null).await.good();
    let list = async |query: &str| {
        let answer = world.get(&format!("/im/accounts{query}")).await.good();
        let accounts = answer["accounts"].as_array().unwrap().iter();
        accounts.map(|one| one["accountId"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(list("").await, ids);
    assert_eq!(list("?count=2").await, ids[..2]);
    assert_eq!(list("?count=2&page=2").await, ids[2..]);
    assert!(list("?count=2&page=3").await.is_empty());
    assert!(list("?page=4294967295&count=100").await.is_empty());
    assert_eq!(list("?q=SHOP").await, ids[..2]);
    assert_eq!(list("?q=%C3%A4rg").await, ids[2..]);
    assert!(list("?q=%25").await.is_empty());
    assert_eq!(list("?type=wa").await, ids[1..2]);
    assert_eq!(list("?state=connecting").await, ids[1..2]);
    assert_eq!(list("?teamId=team").await, ids);
    assert!(list("?teamId=other").await.is_empty());
    world.post(&format!("/im/accounts/{}/archive", ids[0]), Value::Null).await.good();
    assert_eq!(list("").await, ids[1..]);
    assert_eq!(list("?all=true").await, ids);
    let counted = world.get("/im/accounts?returnCount=true&count=1&all=true").await.good();
    assert_eq!(counted["total"], 3);
    for wrong in ["count=0", "count=101", "page=0", "type=x", "state=x", "all=1", "q=1&q=2"] {
        let answer = world.get(&format!("/im/accounts?{wrong}")).await;
        assert_eq!(answer.code(), (400, "bad_request"), "{wrong}");
    }
}

#[tokio::test]
async fn a_change_is_all_or_nothing() {
    let world = World::new().await;
    let account = world.account(LIMITED).await;
    let path = format!("/im/accounts/{account}");
    let patch = async |body: Value| world.ask(Method::PATCH, &path, body).await;
    let same = patch(json!({ "nickname": "new", "tier": LIMITED })).await;
    assert_eq!(same.code(), (400, "same_tier"));
    assert_eq!(same.body["data"]["tier"], LIMITED);
    assert_eq!(world.get(&path).await.good()["nickname"], "");
    for empty in [json!({}), json!({ "unknown": 1 })] {
        assert_eq!(patch(empty).await.code(), (400, "nothing_to_change"));
    }
    world.clock.fetch_add(5, std::sync::atomic::Ordering::SeqCst);
    let settings = json!({ "enableHistorySync": false, "mine": { "a": [1.50] } });
    let done = patch(json!({ "nickname": "new", "tier": FULL, "settings": settings })).await.good();
    assert_eq!(words(&done["effects"]), ["rescan_needed", "limit_lifted"]);
    let now = world.get(&path).await.good();
    assert_eq!((&now["nickname"], &now["tier"]), (&json!("new"), &json!(FULL)));
    // Given keys are merged, the others stay.
    let merged =
        json!({ "mock": { "delayMs": 0 }, "enableHistorySync": false, "mine": { "a": [1.50] } });
    assert_eq!(now["settings"], merged);
    assert_eq!(now["updatedAt"], "2026-04-01T09:00:00.005Z");
}

#[tokio::test]
async fn checks_come_in_the_order_of_the_contract() {
    let world = World::new().await;
    let account = world.account(LIMITED).await;
    let bad = || b"{".to_vec();
    let ask = async |token: &str, account: &str, body: Vec<u8>| {
        let path = format!("/im/accounts/{account}");
        let answer = world.send(Method::PATCH, &path, Asked { token, headers: &[], body }).await;
        (answer.status, answer.body["data"]["code"].as_str().unwrap_or_default().to_owned())
    };
    let is = |status, code: &str| (status, code.to_owned());
    assert_eq!(ask("", "nobody", bad()).await, is(401, "bad_token"));
    assert_eq!(ask("team+ACCOUNT_READ", "nobody", bad()).await, is(403, "missing_scope"));
    assert_eq!(ask("team", "nobody", bad()).await, is(404, "not_found"));
    assert_eq!(ask("other", &account, bad()).await, is(404, "not_found"));
    assert_eq!(ask("team", &account, bad()).await, is(400, "bad_request"));
    world.post(&format!("/im/accounts/{account}/archive"), Value::Null).await.good();
    assert_eq!(ask("team", &account, b"{}".to_vec()).await, is(400, "nothing_to_change"));
    let change = |tier: &str| json!({ "tier": tier }).to_string().into_bytes();
    // D9: unknown tier, archived, same tier.
    assert_eq!(ask("team", &account, change("gold")).await, is(400, "unknown_tier"));
    assert_eq!(ask("team", &account, change(LIMITED)).await, is(409, "account_archived"));
    let answer = world.get("/im/nothing").await;
    assert_eq!(answer.code(), (404, "not_found"));
    assert_eq!(world.ask(Method::PUT, "/im/accounts", Value::Null).await.code().0, 405);
    let missing =
        world.ask_as("team+ACCOUNT_READ", Method::POST, "/im/accounts", Value::Null).await;
    assert_eq!(missing.body["data"]["anyOf"], json!(["ACCOUNT_CREATE"]));
}

#[tokio::test]
async fn every_operation_on_another_teams_account_finds_nothing() {
    let world = World::new().await;
    let account = world.account(FULL).await;
    let path = format!("/im/accounts/{account}");
    let asked = [
        (Method::GET, "", Value::Null),
        (Method::PATCH, "", json!({ "nickname": "mine" })),
        (Method::DELETE, "", Value::Null),
        (Method::POST, "/archive", Value::Null),
        (Method::POST, "/open", Value::Null),
        (Method::POST, "/close", Value::Null),
        (Method::POST, "/change-report", json!({ "end": "delete" })),
    ];
    for (method, rest, body) in asked {
        let answer = world.ask_as("other", method, &format!("{path}{rest}"), body).await;
        assert_eq!(answer.code(), (404, "not_found"), "{rest}");
    }
    let access = format!("/payments/team-detail/account-access/{account}");
    assert_eq!(world.ask_as("other", Method::GET, &access, Value::Null).await.status, 404);
    let usage = format!("/payments/usage?accountId={account}");
    assert_eq!(world.ask_as("other", Method::GET, &usage, Value::Null).await.status, 404);
    assert_eq!(world.get(&path).await.good()["nickname"], "");
}

#[tokio::test]
async fn what_is_missing_of_a_history_is_not_waited_for_after_the_login_was_dropped() {
    let world = World::new().await;
    let account =
        create(&world, json!({ "type": "mock", "tier": FULL })).await["accountId"].clone();
    let account = account.as_str().unwrap();
    let path = format!("/im/accounts/{account}");
    let happens = async |event| {
        let inbound = Inbound::new(account, event);
        world.runner.handle().ask(Request::Arrived(inbound)).await.unwrap();
        world.get(&path).await.good()["stateInfo"]["isSyncingHistory"].clone()
    };
    let old = OldMessage {
        message: Received {
            id: "old".to_owned(),
            chat_id: "chat".to_owned(),
            sender: String::new(),
            at_ms: START,
            text: "hello".to_owned(),
        },
        from_me: false,
    };
    world.post(&format!("{path}/open"), Value::Null).await.good();
    world.until(account, |now| now["state"] == "open").await;
    happens(Event::Open { login: true }).await;
    let part = Event::History { offered: 2, messages: vec![old] };
    assert_eq!(happens(part).await, true, "one of two has come");
    // The rest may come over the next connection.
    assert_eq!(happens(Event::Closed { logout: false }).await, true);
    assert_eq!(happens(Event::Open { login: false }).await, true);
    assert_eq!(happens(Event::Closed { logout: true }).await, false);
}

#[tokio::test]
async fn a_mock_account_logs_in_with_its_history_and_a_reconnection_brings_none() {
    let world = World::new().await;
    let history = json!({ "mock": { "history": { "chatId": "c", "count": 501 } } });
    let body = json!({ "type": "mock", "tier": FULL, "settings": history });
    let account = create(&world, body).await["accountId"].as_str().unwrap().to_owned();
    let path = format!("/im/accounts/{account}");
    world.post(&format!("{path}/open"), Value::Null).await.good();
    let open = world.until(&account, |now| now["stateInfo"]["isSyncingHistory"] == false).await;
    assert_eq!(open["state"], "open");
    assert_eq!(open["stateInfo"]["sync"]["messages"]["total"], 501);
    assert_eq!(open["lastLoginAt"], "2026-04-01T09:00:00.000Z");
    // Open already: nothing changes.
    world.post(&format!("{path}/open"), Value::Null).await.good();
    world.clock.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
    world.post(&format!("{path}/close"), Value::Null).await.good();
    let closed = world.get(&path).await.good();
    assert_eq!(closed["state"], "close");
    assert_eq!(closed["lastClosedAt"], "2026-04-01T09:00:00.001Z");
    assert_eq!(closed["lastLogoutAt"], Value::Null);
    world.post(&format!("{path}/open"), Value::Null).await.good();
    let again = world.until(&account, |now| now["state"] == "open").await;
    assert_eq!(again["lastLoginAt"], open["lastLoginAt"]);
    world.post(&format!("{path}/close?logout=true"), Value::Null).await.good();
    assert_eq!(world.get(&path).await.good()["lastLogoutAt"], "2026-04-01T09:00:00.001Z");
    // D3: what came with the login goes, and nothing is said of it any more.
    let done = world.ask(Method::PATCH, &path, json!({ "tier": PLAIN })).await.good();
    assert_eq!(words(&done["effects"]), ["history_removed"]);
    assert_eq!(world.get(&path).await.good()["stateInfo"], json!({}));
}

#[tokio::test]
async fn without_a_transport_an_account_stays_connecting_and_its_messages_wait() {
    let world = World::new().await;
    let account = create(&world, json!({ "type": "wa" })).await;
    let account = account["accountId"].as_str().unwrap().to_owned();
    let path = format!("/im/accounts/{account}");
    // Clients send a type and no body.
    let headers = [("content-type", "application/x-www-form-urlencoded"), ("content-length", "0")];
    let asked = Asked { token: "team", headers: &headers, body: Vec::new() };
    world.send(Method::POST, &format!("{path}/open"), asked).await.good();
    world.waiting(&account, 2).await;
    let now = world.get(&path).await.good();
    assert_eq!(now["state"], "connecting");
    let queue = json!({ "waiting": 2, "out": 0, "heldBecause": "account_not_open" });
    assert_eq!(now["queue"], queue);
}

#[tokio::test]
async fn an_archived_account_is_read_and_deleted_and_a_deleted_one_is_gone() {
    let world = World::new().await;
    let account = world.open_account(FULL).await;
    world.waiting(&account, 2).await;
    let path = format!("/im/accounts/{account}");
    let done = world.post(&format!("{path}/archive"), Value::Null).await.good();
    let effects = ["subscription_ended", "logged_out", "queue_dropped", "synced_data_removed"];
    assert_eq!(words(&done["effects"]), effects);
    let now = world.get(&path).await.good();
    assert_eq!((&now["canLogin"], &now["state"]), (&json!(false), &json!("close")));
    assert_eq!(now["archivedAt"], "2026-04-01T09:00:00.000Z");
    assert_eq!(now["queue"]["waiting"], 0);
    for (method, rest) in [(Method::POST, "/archive"), (Method::POST, "/open")] {
        let answer = world.ask(method, &format!("{path}{rest}"), Value::Null).await;
        assert_eq!(answer.code(), (409, "account_archived"), "{rest}");
    }
    let done = world.ask(Method::DELETE, &format!("{path}?deleteNow=true"), Value::Null).await;
    assert_eq!(words(&done.good()["effects"]), ["all_data_removed"]);
    for method in [Method::GET, Method::DELETE] {
        assert_eq!(world.ask(method, &path, Value::Null).await.code(), (404, "not_found"));
    }
}

#[tokio::test]
async fn percent_encoded_names_are_decoded_once() {
    let world = World::new().await;
    let account = world.account(LIMITED).await;
    let encoded: String = account.bytes().map(|byte| format!("%{byte:02x}")).collect();
    assert_eq!(world.get(&format!("/im/accounts/{encoded}")).await.good()["accountId"], *account);
    assert_eq!(world.get("/im/accounts/%2561").await.status, 404);
    assert_eq!(world.get("/im/accounts/..%2f..%2fetc").await.status, 404);
}
