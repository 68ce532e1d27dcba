//! What is asked is read exactly: objects are no lists, numbers keep their digits, and what is
//! wrong is named by its path.

use axum::http::Method;
use serde_json::{Value, json};

use super::{Asked, PLAIN, World, contract::Contract, messages::only};

/// Where a schema of the contract has objects, each as a body that has something else in its place:
/// its path, and the body.
fn objects(schema: &Value, path: &str, around: &dyn Fn(Value) -> Value, found: &mut Vec<Found>) {
    let schema = Contract::get().resolved(schema);
    for part in schema["allOf"].as_array().into_iter().flatten() {
        objects(part, path, around, found);
    }
    let types = &schema["type"];
    let is =
        |kind: &str| types == kind || types.as_array().is_some_and(|it| it.contains(&kind.into()));
    if is("array") {
        let within = |value: Value| around(json!([value]));
        return objects(&schema["items"], &format!("{path}[0]"), &within, found);
    }
    if !is("object") {
        return;
    }
    found.push((path.to_owned(), around(json!([]))));
    found.push((path.to_owned(), around(json!(["a", "b", "c", "d"]))));
    for (name, part) in schema["properties"].as_object().into_iter().flatten() {
        let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        let within = |value: Value| around(json!({ name: value }));
        objects(part, &path, &within, found);
    }
}

type Found = (String, Value);

#[tokio::test]
async fn a_list_is_taken_for_an_object_nowhere() {
    let world = World::new().await;
    let account = world.account(PLAIN).await;
    let path = format!("/im/messages/{account}/c");
    world.post(&path, json!({ "id": "m", "text": "a" })).await.good();
    let mut seen = 0;
    for (method, template, schema) in Contract::get().bodies() {
        let path = template
            .replace("{accountId}", &account)
            .replace("{chatId}", "c")
            .replace("{id}", "m")
            .replace("{status}", "error");
        let path =
            if path == "/im/messages" { format!("{path}?accountId={account}") } else { path };
        let mut found = Vec::new();
        objects(&schema, "", &|body| body, &mut found);
        assert!(found.len() >= 2, "{template} has no body");
        for (field, body) in found {
            let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
            let refused = world.ask(method, &path, body.clone()).await;
            assert_eq!(refused.code(), (400, "bad_request"), "{template}: {body}");
            let named = refused.body["data"]["field"].as_str().unwrap();
            let field = if field.is_empty() { "body" } else { &field };
            // Something that is missing beside it may be named before it.
            let is_missing = refused.body["message"].as_str().unwrap().contains("missing");
            assert!(named == field || is_missing, "{template}: {body}: {named}");
            seen += 1;
        }
    }
    assert!(seen > 30, "{seen}");
}

/// A request whose body is no value of serde's, as that would lose digits.
async fn say(world: &World, method: Method, path: &str, body: &str) -> super::Answer {
    let body = body.as_bytes().to_vec();
    world.send(method, path, Asked { token: "team", headers: &[], body }).await
}

/// An answer as it is written.
async fn text(world: &World, path: &str) -> String {
    let asked = Asked { token: "team", headers: &[], body: Vec::new() };
    let (status, _, bytes) = world.send_raw(Method::GET, path, asked).await;
    assert_eq!(status, 200);
    String::from_utf8(bytes).unwrap()
}

const NUMBERS: &str =
    r#"[1.10,12345678901234567890,-0.0,1E5,0.1000000000000000055511151231257827]"#;

#[tokio::test]
async fn numbers_of_settings_and_attachments_are_given_back_as_they_were_written() {
    let world = World::new().await;
    let body = format!(r#"{{"type":"mock","settings":{{"kept":{NUMBERS},"other":1}}}}"#);
    let made = say(&world, Method::POST, "/im/accounts", &body).await.good();
    let account = made["accountId"].as_str().unwrap();
    let path = format!("/im/accounts/{account}");
    for list in [&path, "/im/accounts"] {
        assert!(text(&world, list).await.contains(NUMBERS), "{list}");
    }
    let change = r#"{"settings":{"more":[2.50],"other":2.0}}"#;
    say(&world, Method::PATCH, &path, change).await.good();
    let now = text(&world, &path).await;
    let settings = format!(r#""settings":{{"kept":{NUMBERS},"more":[2.50],"other":2.0}}"#);
    assert!(now.contains(&settings), "{now}");

    let chat = format!("/im/messages/{account}/c");
    let attachment = |n: &str| format!(r#"[{{"type":"image","mimetype":"m","url":"u","n":{n}}}]"#);
    let kept = format!(r#"{{"n":{NUMBERS}}}"#);
    let first = format!(
        r#"{{"id":"m","attachments":{},"quoted":{kept},"miscOptions":{kept}}}"#,
        attachment(NUMBERS)
    );
    only(say(&world, Method::POST, &chat, &first).await);
    only(say(&world, Method::POST, &chat, &first.replace(",", ", ")).await);
    let read = text(&world, &chat).await;
    assert_eq!(read.matches(NUMBERS).count(), 3, "{read}");
    // Another digit is another message, though both are the same to a machine's numbers.
    let other = first.replace("12345678901234567890", "12345678901234567891");
    let reused = say(&world, Method::POST, &chat, &other).await;
    assert_eq!(reused.code(), (409, "id_reused"));
    let change = format!(r#"{{"attachments":{}}}"#, attachment("[7.70]"));
    say(&world, Method::PATCH, &format!("{chat}/m"), &change).await.good();
    let read = text(&world, &chat).await;
    assert!(read.contains(r#""n":[7.70]"#) && read.matches(NUMBERS).count() == 2, "{read}");

    let several = format!(
        r#"{{"compose":{{"attachments":{}}},"recipients":[{{"chatId":"d"}}]}}"#,
        attachment(NUMBERS)
    );
    let path = format!("/im/messages?accountId={account}");
    say(&world, Method::POST, &path, &several).await.good();
    assert!(text(&world, &format!("/im/messages/{account}/d")).await.contains(NUMBERS));
}

#[tokio::test]
async fn what_is_wrong_is_named_by_its_path_and_nothing_of_it_is_done() {
    let world = World::new().await;
    let account = world.account(PLAIN).await;
    let deep = format!("{}1{}", "[".repeat(120), "]".repeat(120));
    let deeper = format!("{}1{}", "[".repeat(50_000), "]".repeat(50_000));
    let long = "9".repeat(65);
    let image = |more: &str| {
        format!(r#"{{"attachments":[{{"type":"image","mimetype":"m","url":"u","x":{more}}}]}}"#)
    };
    let recipient = |more: &str| {
        format!(r#"{{"compose":{{"text":"a"}},"recipients":[{{"chatId":"c"}},{more}]}}"#)
    };
    let send = format!("/im/messages/{account}/c");
    let several = format!("/im/messages?accountId={account}");
    let settings = |more: &str| format!(r#"{{"type":"mock","settings":{{"a":{{"b":{more}}}}}}}"#);
    let due = |at: &str| format!(r#"{{"text":"a","timestamp":"{at}"}}"#);
    let old = "1969-12-31T23:59:59.999Z";
    for (path, body, field) in [
        (&*send, image(&deep), "attachments[0].x"),
        (&send, image(&deeper), "attachments[0].x"),
        (&send, image(&long), "attachments[0].x"),
        (&send, image("1e400"), "attachments[0].x"),
        (&send, format!(r#"{{"text":"a","quoted":{{"q":{deep}}}}}"#), "quoted.q"),
        (&send, format!(r#"{{"text":"a","miscOptions":{{"q":{deep}}}}}"#), "miscOptions.q"),
        (&send, due(old), "timestamp"),
        (&send, due("0000-01-01T00:00:00Z"), "timestamp"),
        (&send, due("2199-12-31T23:30:00-01:00"), "timestamp"),
        (
            &several,
            recipient(&due(old).replacen('{', r#"{"chatId":"d","#, 1)),
            "recipients[1].timestamp",
        ),
        (&several, recipient(r#"{"chatId":7}"#), "recipients[1].chatId"),
        (&several, recipient(r#"{}"#), "recipients[1].chatId"),
        (&several, recipient("[]"), "recipients[1]"),
        (
            &several,
            recipient(&image(&deep).replacen('{', r#"{"chatId":"d","#, 1)),
            "recipients[1].attachments[0].x",
        ),
        ("/im/accounts", settings(&deep), "settings.a"),
        ("/im/accounts", settings(&long), "settings.a"),
        ("/im/accounts", settings(r#""\ud800""#), "settings.a.b"),
    ] {
        let refused = say(&world, Method::POST, path, &body).await;
        assert_eq!(refused.code(), (400, "bad_request"), "{path} {field}");
        assert_eq!(refused.body["data"]["field"], field, "{}", refused.body);
    }
    say(&world, Method::POST, &send, r#"{"id":"m","text":"a"}"#).await.good();
    for (path, body) in
        [(format!("{send}/m"), due(old)), ("/im/messages/error/retry".to_owned(), due(old))]
    {
        let refused = say(&world, Method::PATCH, &path, &body).await;
        assert_eq!(refused.body["data"]["field"], "timestamp", "{path}");
    }
    assert_eq!(world.get("/im/accounts?returnCount=true").await.good()["total"], 1);
    assert_eq!(world.get("/im/queue").await.good()["waiting"], 1);
}

#[tokio::test]
async fn what_is_wrong_with_several_is_named_where_the_request_has_it() {
    let world = World::new().await;
    let account = world.account(PLAIN).await;
    let path = format!("/im/messages?accountId={account}");
    let many = |count: usize| vec![json!({ "chatId": "c", "text": "a" }); count];
    for (body, code, field) in [
        (json!({ "recipients": [] }), "bad_request", "recipients"),
        (json!({ "recipients": many(1001) }), "bad_request", "recipients"),
        (json!({ "compose": { "text": "a" } }), "bad_request", "recipients"),
        (json!({ "compose": { "text": 1 }, "recipients": many(1) }), "bad_request", "compose.text"),
        (json!({ "recipients": [{ "text": "a" }] }), "bad_request", "recipients[0].chatId"),
        (
            json!({ "recipients": [{ "chatId": "c", "text": "a" }, { "chatId": "c", "text": 1 }] }),
            "bad_request",
            "recipients[1].text",
        ),
        (json!({ "recipients": [{ "chatId": "c" }] }), "empty_message", "recipients[0]"),
        (
            json!({ "recipients": [{ "chatId": "c", "text": "a", "parameters": { "a": 1 } }] }),
            "unsupported_option",
            "recipients[0].parameters",
        ),
        (
            json!({ "compose": { "text": "a", "timestamp": "x" }, "recipients": many(1) }),
            "bad_request",
            "compose.timestamp",
        ),
        (
            json!({ "compose": { "parameters": { "a": 1 } }, "recipients": many(1) }),
            "unsupported_option",
            "compose.parameters",
        ),
        (
            json!({ "compose": { "attachments": [{}] }, "recipients": many(1) }),
            "bad_request",
            "compose.attachments[0].type",
        ),
        (
            json!({ "compose": { "chatId": 7, "text": "a" }, "recipients": [{}] }),
            "bad_request",
            "compose.chatId",
        ),
        (
            json!({
                "compose": { "timestamp": "2026-04-02T00:00:00Z" },
                "recipients": [{ "chatId": "c", "text": "a", "timestamp": "x" }],
            }),
            "bad_request",
            "recipients[0].timestamp",
        ),
    ] {
        let answer = world.post(&path, body.clone()).await;
        assert_eq!(answer.code(), (400, code), "{body}");
        assert_eq!(answer.body["data"]["field"], field, "{body}");
    }
    assert_eq!(world.get("/im/queue").await.good()["waiting"], 0);
}

#[tokio::test]
async fn every_bad_parameter_is_refused_by_its_name() {
    let world = World::new().await;
    let account = world.account(PLAIN).await;
    let account = &*account;
    for (path, query, field) in [
        ("/payments/catalog", "form=bogus", "form"),
        ("/payments/catalog", "form=", "form"),
        ("/payments/catalog", "form=file&form=view", "form"),
        ("/payments/usage", "period=2026-13", "period"),
        ("/payments/usage", "period=2026-04&period=2026-04", "period"),
        ("/payments/usage", "accountId=a&accountId=b", "accountId"),
        ("/payments/invoices", "period=x", "period"),
        ("/payments/invoices", "count=0", "count"),
        ("/payments/invoices", "beforeId=a&beforeId=b", "beforeId"),
        ("/im/accounts", "page=0", "page"),
        ("/im/accounts", "count=101", "count"),
        ("/im/accounts", "type=sms", "type"),
        ("/im/accounts", "state=ajar", "state"),
        ("/im/accounts", "all=1", "all"),
        ("/im/accounts", "returnCount=yes", "returnCount"),
        ("/im/accounts", "q=%ff", "q"),
        ("/im/accounts", "teamId=a&teamId=b", "teamId"),
        ("/im/messages", "before=1.2.none", "before"),
        ("/im/messages", "status=x", "status"),
    ] {
        let refused = world.get(&format!("{path}?{query}")).await;
        assert_eq!(refused.code(), (400, "bad_request"), "{path} {query}");
        assert_eq!(refused.body["data"]["field"], field, "{path} {query}");
    }
    for id in ["none", "team-", "team-x", "team-2026-13", "other-2026-04"] {
        let missing = world.get(&format!("/payments/invoices?beforeId={id}")).await;
        assert_eq!(missing.code(), (404, "not_found"), "{id}");
    }
    for key in [&["a", "b"][..], &[""], &["\u{e9}"]] {
        let headers: Vec<_> = key.iter().map(|key| ("idempotency-key", *key)).collect();
        let body = br#"{"type":"mock"}"#.to_vec();
        let asked = Asked { token: "team", headers: &headers, body };
        let refused = world.send(Method::POST, "/im/accounts", asked).await;
        assert_eq!(refused.body["data"]["field"], "Idempotency-Key", "{key:?}");
    }
    // A report that is named twice is none.
    let headers = [("if-report-match", "a"), ("if-report-match", "b")];
    let asked = Asked { token: "team", headers: &headers, body: Vec::new() };
    let stale = world.send(Method::DELETE, &format!("/im/accounts/{account}"), asked).await;
    assert_eq!(stale.code(), (409, "report_stale"));
}
