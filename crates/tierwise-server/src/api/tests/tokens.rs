//! Section 2 of the contract.

use axum::http::Method;
use serde_json::{Value, json};
use tierwise_runner::{Membership, PeopleChange, Revoked, TeamKnown, TokenHash};

use super::{Answer, Asked, DAY, START, World};
use crate::auth::{Scope, set_of};

pub(super) const TOKEN: &str = "twr_of-ann";
pub(super) const OF_BOB: &str = "twr_of-bob";

async fn change(world: &World, change: PeopleChange) {
    world.queue().change_people(change).await.unwrap();
}

async fn join(world: &World, person: &str, team: &str, scopes: &[Scope]) {
    let (person, team) = (person.to_owned(), team.to_owned());
    let scopes = set_of(scopes.iter().copied());
    change(world, PeopleChange::Join(Membership { person, team, scopes })).await;
}

/// Ann is in two of three teams, Bob in one.
pub(super) async fn peopled() -> World {
    let world = World::new().await;
    for id in ["acme", "beta", "gamma"] {
        let metadata = Some(r#"{"plan":{"a":[1.50]}}"#.to_owned());
        let known = TeamKnown { region: Some("DE".to_owned()), metadata, ..TeamKnown::default() };
        change(&world, PeopleChange::CreateTeam { id: id.to_owned(), known }).await;
    }
    for (id, token) in [("ann", TOKEN), ("bob", OF_BOB)] {
        let full_name = if id == "ann" { "Ann" } else { "" }.to_owned();
        change(&world, PeopleChange::CreatePerson { id: id.to_owned(), full_name }).await;
        let token = TokenHash::of(token);
        change(&world, PeopleChange::CreateToken { person: id.to_owned(), token }).await;
    }
    join(&world, "ann", "acme", &[Scope::AccountRead, Scope::TokensDelete]).await;
    join(&world, "ann", "beta", &[Scope::PaymentsRead]).await;
    join(&world, "bob", "acme", &[Scope::AccountRead, Scope::TokensDelete]).await;
    world
}

pub(super) async fn trade(world: &World, body: Value) -> Answer {
    let body = body.to_string().into_bytes();
    world.send(Method::POST, "/auth/token", Asked { token: "", headers: &[], body }).await
}

pub(super) fn asked(token: &str, team: &str) -> Value {
    json!({ "refreshToken": token, "teamId": team })
}

pub(super) async fn access(world: &World, token: &str, team: &str) -> String {
    let answer = trade(world, asked(token, team)).await.good();
    answer["access_token"].as_str().unwrap().to_owned()
}

/// What a token claims, without a look at its signature.
fn claims(token: &str) -> Value {
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
    let claims = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap()
}

#[tokio::test]
async fn a_refresh_token_is_traded_for_what_the_user_may_do() {
    let world = peopled().await;
    let metadata = json!({ "type": "crm", "objectId": "7", "objectName": "Crm", "more": [1] });
    let whole = json!({
        "refreshToken": TOKEN, "teamId": "acme", "force": true, "updateLastUsedTeam": false,
        "returnRefreshToken": true, "metadata": metadata, "unknown": {},
        "scopes": ["ACCOUNT_READ", "PAYMENTS_READ", "MESSAGES_SEARCH"],
    });
    let answer = trade(&world, whole).await;
    assert_eq!(answer.headers["cache-control"], "no-store");
    let answer = answer.good();
    assert_eq!(answer["refresh_token_expiry"], "2026-04-15T09:00:00.000Z");
    let names: Vec<_> = answer.as_object().unwrap().keys().collect();
    assert_eq!(names, ["access_token", "refresh_token_expiry"]);
    let token = answer["access_token"].as_str().unwrap();
    let expected = json!({
        "scope": "00000000000000000000000000000001", "iat": START / 1000,
        "exp": START / 1000 + 3600,
        "user": {
            "id": "ann", "teamId": "acme", "fullName": "Ann",
            "metadata": { "type": "crm", "objectId": "7", "objectName": "Crm" },
        },
    });
    assert_eq!(claims(token), expected);
    // It opens what it says: reading, and not creating.
    let list = world.ask_as(token, Method::GET, "/im/accounts", Value::Null).await;
    assert_eq!(list.good(), json!({ "accounts": [] }));
    let create = json!({ "type": "mock" });
    let refused = world.ask_as(token, Method::POST, "/im/accounts", create).await;
    assert_eq!(refused.code(), (403, "missing_scope"));
    // The same refresh token again: it is not replaced. Where no scope is named, all are asked for.
    let all = access(&world, TOKEN, "acme").await;
    assert_eq!(claims(&all)["scope"], "00000000000000000000000100000001");
    assert_eq!(claims(&all)["user"], json!({ "id": "ann", "teamId": "acme", "fullName": "Ann" }));
    assert_eq!(claims(&access(&world, OF_BOB, "acme").await)["user"].get("fullName"), None);
}

#[tokio::test]
async fn what_is_wrong_with_a_sign_in_is_named() {
    let world = peopled().await;
    let with = |key: &str, value: Value| {
        let mut body = asked(TOKEN, "acme");
        body[key] = value;
        body
    };
    let long = "x".repeat(513);
    let metadata = |part: &str| {
        let mut metadata = json!({ "type": "t", "objectId": "i" });
        metadata[part] = json!(long);
        with("metadata", metadata)
    };
    for (body, field) in [
        (json!({}), "refreshToken"),
        (json!([]), "body"),
        (json!({ "teamId": "acme" }), "refreshToken"),
        (json!({ "refreshToken": TOKEN }), "teamId"),
        (asked("", "acme"), "refreshToken"),
        (asked(TOKEN, ""), "teamId"),
        (with("refreshToken", json!(7)), "refreshToken"),
        (with("teamId", json!(["acme"])), "teamId"),
        (with("scopes", json!("ACCOUNT_READ")), "scopes"),
        (with("scopes", json!(["ACCOUNT_READ", 31])), "scopes[1]"),
        (with("metadata", json!("crm")), "metadata"),
        (with("metadata", json!({ "type": "crm" })), "metadata.objectId"),
        (with("metadata", json!({ "type": "crm", "objectId": 7 })), "metadata.objectId"),
        (metadata("type"), "metadata.type"),
        (metadata("objectId"), "metadata.objectId"),
        (metadata("objectName"), "metadata.objectName"),
        (with("force", json!("yes")), "force"),
    ] {
        let answer = trade(&world, body.clone()).await;
        assert_eq!(answer.code(), (400, "bad_request"), "{body}");
        assert_eq!(answer.body["data"]["field"], field, "{body}");
    }
    let unknown = trade(&world, with("scopes", json!(["ACCOUNT_READ", "NOPE"]))).await;
    assert_eq!(unknown.code(), (400, "unknown_scope"));
    assert_eq!(unknown.body["data"]["scope"], "NOPE");
    for other in [
        json!({ "phone": "+491234", "password": "secret" }),
        json!({ "phoneNumber": "+491234", "code": "123", "teamId": "acme" }),
        json!({ "email": "ann@example.com", "password": "secret" }),
    ] {
        assert_eq!(
            trade(&world, other.clone()).await.code(),
            (400, "unsupported_grant"),
            "{other}"
        );
    }
    for (body, status, code) in [
        (asked("twr_unknown", "acme"), 401, "bad_refresh_token"),
        (asked("twr_unknown", "none"), 401, "bad_refresh_token"),
        (asked(TOKEN, "gamma"), 403, "not_a_member"),
        (asked(TOKEN, "none\u{0}"), 403, "not_a_member"),
        (with("scopes", json!(["PAYMENTS_READ"])), 403, "no_scope_granted"),
        (with("scopes", json!([])), 403, "no_scope_granted"),
    ] {
        assert_eq!(trade(&world, body.clone()).await.code(), (status, code), "{body}");
    }
}

#[tokio::test]
async fn a_refresh_token_lapses_when_it_was_not_used_for_14_days() {
    let world = peopled().await;
    let at = |ms: i64| world.clock.store(ms, std::sync::atomic::Ordering::SeqCst);
    at(START + 14 * DAY);
    let answer = trade(&world, asked(TOKEN, "acme")).await.good();
    assert_eq!(answer["refresh_token_expiry"], "2026-04-29T09:00:00.000Z");
    at(START + 14 * DAY + 1);
    assert_eq!(trade(&world, asked(OF_BOB, "acme")).await.code(), (401, "bad_refresh_token"));
    at(START + 28 * DAY);
    assert!(trade(&world, asked(TOKEN, "acme")).await.status == 200);
    at(START + 42 * DAY + 1);
    assert_eq!(trade(&world, asked(TOKEN, "acme")).await.code(), (401, "bad_refresh_token"));
}

#[tokio::test]
async fn an_access_token_is_good_for_an_hour_and_bad_ones_are_all_alike() {
    let world = peopled().await;
    let token = access(&world, TOKEN, "acme").await;
    let list =
        async |token: &str| world.ask_as(token, Method::GET, "/auth/teams", Value::Null).await;
    assert_eq!(list(&token).await.status, 200);
    let cut = &token[..token.len() - 1];
    for bad in [cut, "x.y.z", &format!("{token}.x"), &token.replace('.', "..")] {
        let answer = list(bad).await;
        assert_eq!(answer.code(), (401, "bad_token"), "{bad}");
        assert_eq!(answer.headers["www-authenticate"], "Bearer");
    }
    let at = |ms: i64| world.clock.store(ms, std::sync::atomic::Ordering::SeqCst);
    at(START + 3_599_999);
    assert_eq!(list(&token).await.status, 200);
    at(START + 3_600_000);
    assert_eq!(list(&token).await.code(), (401, "bad_token"));
}

#[tokio::test]
async fn a_user_revokes_one_of_their_tokens_or_all_and_nobody_elses() {
    let world = peopled().await;
    let second = "twr_second+of ann";
    let create =
        PeopleChange::CreateToken { person: "ann".to_owned(), token: TokenHash::of(second) };
    change(&world, create).await;
    let token = access(&world, TOKEN, "acme").await;
    let revoke = async |token: &str, query: &str| {
        let path = format!("/auth/token{query}");
        world.ask_as(token, Method::DELETE, &path, Value::Null).await
    };
    let is_good = async |token: &str| trade(&world, asked(token, "acme")).await.status == 200;
    for nobodys in [format!("?token={OF_BOB}"), "?token=unknown".to_owned(), "?token=".to_owned()] {
        let answer = revoke(&token, &nobodys).await;
        assert_eq!((answer.status, &answer.body), (204, &Value::Null), "{nobodys}");
    }
    assert!(is_good(OF_BOB).await && is_good(TOKEN).await && is_good(second).await);
    assert_eq!(revoke(&token, "?token=twr_second%2Bof%20ann").await.status, 204);
    assert!(is_good(TOKEN).await && !is_good(second).await);
    // One that is named twice is not taken for all.
    let twice = format!("?token={TOKEN}&token={OF_BOB}");
    assert_eq!(revoke(&token, &twice).await.code(), (400, "bad_request"));
    let other = access(&world, TOKEN, "beta").await;
    let refused = revoke(&other, "").await;
    assert_eq!(refused.code(), (403, "missing_scope"));
    assert_eq!(refused.body["data"]["anyOf"], json!(["TOKENS_DELETE"]));
    assert_eq!(revoke("", "").await.code(), (401, "bad_token"));
    assert!(is_good(TOKEN).await);
    assert_eq!(revoke(&token, "").await.status, 204);
    assert!(!is_good(TOKEN).await && is_good(OF_BOB).await);
    // Access tokens that were made stay good.
    assert_eq!(world.ask_as(&token, Method::GET, "/auth/teams", Value::Null).await.status, 200);
    assert_eq!(revoke(&token, "").await.status, 204);
}

#[tokio::test]
async fn the_teams_of_a_user_are_listed_in_pages() {
    let world = peopled().await;
    let token = access(&world, TOKEN, "acme").await;
    let list = async |query: &str| {
        let path = format!("/auth/teams{query}");
        world.ask_as(&token, Method::GET, &path, Value::Null).await.good()
    };
    let all = list("").await;
    let acme = json!({
        "id": "acme", "name": "acme", "region": "DE", "metadata": { "plan": { "a": [1.50] } },
        "createdAt": "2026-04-01T09:00:00.000Z", "updatedAt": "2026-04-01T09:00:00.000Z",
        "scopes": ["TOKENS_DELETE", "ACCOUNT_READ"],
    });
    assert_eq!(all["teams"][0], acme);
    assert_eq!((all["teams"].as_array().unwrap().len(), all.get("total")), (2, None));
    let ids = async |query: &str| {
        let answer = list(query).await;
        let teams = answer["teams"].as_array().unwrap().iter();
        let ids: Vec<_> = teams.map(|team| team["id"].as_str().unwrap().to_owned()).collect();
        (ids.join(" "), answer["total"].clone())
    };
    let no_total = |ids: &str| (ids.to_owned(), Value::Null);
    assert_eq!(ids("?includeTotal=true&count=1").await, ("acme".to_owned(), json!(2)));
    assert_eq!(ids("?page=2&count=1").await, no_total("beta"));
    assert_eq!(ids("?page=3&count=1").await, no_total(""));
    assert_eq!(ids("?page=4294967295&count=100").await, no_total(""));
    assert_eq!(ids("?id[0]=beta&id[1]=gamma").await, no_total("beta"), "not in the third");
    assert_eq!(ids("?id%5B0%5D=acme&id%5B1%5D=beta").await, no_total("acme beta"));
    assert_eq!(ids("?id=none&includeTotal=true").await, (String::new(), json!(0)));
    for wrong in ["page=0", "count=101", "count=0", "includeTotal=1", "page=1&page=2", "id[0]=%ff"]
    {
        let path = format!("/auth/teams?{wrong}");
        let answer = world.ask_as(&token, Method::GET, &path, Value::Null).await;
        assert_eq!(answer.code(), (400, "bad_request"), "{wrong}");
    }
    // A token for another team lists the same: they are the user's.
    let other = access(&world, TOKEN, "beta").await;
    let answer = world.ask_as(&other, Method::GET, "/auth/teams", Value::Null).await.good();
    assert_eq!(answer, all);
    change(&world, PeopleChange::Revoke(Revoked::AllOf("ann".to_owned()))).await;
    let (person, team) = ("ann".to_owned(), "beta".to_owned());
    change(&world, PeopleChange::Leave { person, team }).await;
    assert_eq!(ids("").await, no_total("acme"));
}

#[tokio::test]
async fn public_keys_are_for_everybody_as_json_or_as_pem() {
    let world = World::new().await;
    let get = async |accept: &str| {
        let headers = [("Accept", accept)];
        let asked = Asked { token: "", headers: &headers, body: Vec::new() };
        world.send_raw(Method::GET, "/auth/public-key", asked).await
    };
    let json = world.ask_as("", Method::GET, "/auth/public-key", Value::Null).await.good();
    let key = &json["keys"][0];
    assert_eq!((&key["alg"], &key["active"]), (&json!("ES256"), &json!(true)));
    let pem = key["pem"].as_str().unwrap();
    assert!(pem.starts_with("-----BEGIN PUBLIC KEY-----\n"), "{pem}");
    for accept in ["application/x-pem-file", "text/html, Application/X-Pem-File;q=0.9, */*"] {
        let (_, headers, body) = get(accept).await;
        assert_eq!(headers["content-type"], "application/x-pem-file");
        assert_eq!(body, pem.as_bytes());
    }
    for accept in ["*/*", "application/json", "application/json, application/x-pem-file", ""] {
        let (_, headers, body) = get(accept).await;
        assert_eq!(headers["content-type"], "application/json", "{accept}");
        assert_eq!(serde_json::from_slice::<Value>(&body).unwrap(), json);
    }
}
