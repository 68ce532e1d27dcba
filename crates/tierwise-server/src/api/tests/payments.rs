//! Section 5 of the contract.

use std::sync::atomic::Ordering;

use axum::http::Method;
use serde_json::{Value, json};

use super::{DAY, FULL, LIMITED, START, World, fields};

#[tokio::test]
async fn the_rate_card_is_that_of_the_rules_and_needs_no_token() {
    let world = World::new().await;
    let card = world.ask_as("", Method::GET, "/payments/catalog", Value::Null).await.good();
    assert_eq!(card["defaultTier"], LIMITED);
    let bands = &card["tiers"][2]["bands"];
    assert_eq!(bands[0], json!({ "from": 1, "to": 3000, "price": "0.4", "monthPrice": "12" }));
    let file = world.get("/payments/catalog?form=file").await.good();
    let catalog = tierwise_wire::LoadedCatalog::load(file["file"].to_string().as_bytes()).unwrap();
    assert_eq!(file["fingerprint"], catalog.fingerprint());
    assert_eq!(world.get("/payments/catalog?form=view").await.good(), card);
}

#[tokio::test]
async fn usage_adds_up_and_is_told_by_account() {
    let world = World::new().await;
    let (kept, deleted) = (world.account(FULL).await, world.account(LIMITED).await);
    world.account_of_other_team().await;
    world.clock.store(START + 2 * DAY, Ordering::SeqCst);
    world.ask(Method::DELETE, &format!("/im/accounts/{deleted}"), Value::Null).await.good();
    let usage = world.get("/payments/usage").await.good();
    let period = json!({
        "id": "2026-04", "start": "2026-04-01T00:00:00.000Z", "end": "2026-05-01T00:00:00.000Z",
    });
    assert_eq!(usage["period"], period);
    assert_eq!(usage["asOf"], "2026-04-03T09:00:00.000Z");
    // Three days with history at 0.4, two limited ones at 0.034; 0.4 and 1 for the creations.
    let amounts = usage["tiers"].as_array().unwrap().iter();
    let amounts: Vec<_> =
        amounts.map(|of| (of["accountDays"].clone(), of["amount"].clone())).collect();
    let expected = [(json!(2), json!("0.068")), (json!(0), json!("0")), (json!(3), json!("1.2"))];
    assert_eq!(amounts, expected);
    assert_eq!((&usage["creationCharges"], &usage["total"]), (&json!("1.4"), &json!("2.668")));
    let accounts = usage["accounts"].as_array().unwrap();
    assert_eq!(accounts.len(), 2);
    assert_eq!(accounts[0]["accountId"], *kept);
    assert_eq!(accounts[0]["accountDays"], json!({ FULL: 3 }));
    assert_eq!(
        (&accounts[0]["firstDay"], &accounts[0]["lastDay"]),
        (&json!("2026-04-01"), &json!("2026-04-03"))
    );
    assert_eq!(
        (&accounts[1]["nickname"], &accounts[1]["lastDay"]),
        (&Value::Null, &json!("2026-04-02"))
    );
    let one = world.get(&format!("/payments/usage?accountId={kept}")).await.good();
    assert_eq!(one["accounts"], json!([accounts[0]]));
    assert_eq!(one["total"], usage["total"]);
    let past = world.get("/payments/usage?period=2026-03").await.good();
    assert_eq!((&past["total"], &past["accounts"]), (&json!("0"), &json!([])));
    assert_eq!(past["asOf"], "2026-04-01T00:00:00.000Z");
    assert_eq!(world.get("/payments/usage?period=2026-05").await.code(), (404, "not_found"));
    assert_eq!(world.get("/payments/usage?period=2026-13").await.code(), (400, "bad_request"));
    assert_eq!(world.get("/payments/usage?accountId=nobody").await.code(), (404, "not_found"));
}

#[tokio::test]
async fn team_detail_and_access_tell_what_counts() {
    let world = World::new().await;
    let account = world.open_account(LIMITED).await;
    world.sent(&account, 3).await;
    let full = world.account(FULL).await;
    let detail =
        world.ask_as("team+ACCOUNT_READ", Method::GET, "/payments/team-detail", Value::Null);
    let usage = fields(&detail.await.good()["usage"]);
    assert_eq!(usage["limitedMsgNoHistoryAccountDay"], 1);
    assert_eq!(usage["unlimitedMsgNoHistoryAccountDay"], 0);
    assert_eq!(usage["unlimitedMsgHistoryAccountDay"], 1);
    assert_eq!(usage["messages"], 3);
    let access = async |id: &str| {
        world.get(&format!("/payments/team-detail/account-access/{id}")).await.good()
    };
    let limited = json!({
        "access": { "features": ["team-inbox"], "limits": { "messages": 1000 } },
        "usage": { "messages": 3 },
    });
    assert_eq!(access(&account).await, limited);
    let unlimited = json!({
        "access": { "features": ["team-inbox", "chat-history-sync"], "limits": {} },
        "usage": { "messages": 0 },
    });
    assert_eq!(access(&full).await, unlimited);
    // A team without an account has used nothing.
    let none = world.ask_as("other", Method::GET, "/payments/team-detail", Value::Null).await;
    assert_eq!(none.good()["usage"]["messages"], 0);
}

#[tokio::test]
async fn invoices_are_open_until_their_period_ends_and_never_change_after() {
    let world = World::new().await;
    let account = world.account(FULL).await;
    let list = async |query: &str| {
        let answer = world.get(&format!("/payments/invoices{query}")).await.good();
        let invoices = answer["invoices"].as_array().unwrap().clone();
        (invoices, answer["nextPage"].as_str().map(str::to_owned))
    };
    let (open, _) = list("").await;
    assert_eq!(open.len(), 1);
    assert_eq!((&open[0]["status"], &open[0]["issuedAt"]), (&json!("open"), &Value::Null));
    assert_eq!((&open[0]["total"], &open[0]["amountDue"]), (&json!("0.8"), &json!("0.80")));
    // Into June: April and May are over.
    world.clock.store(START + 61 * DAY, Ordering::SeqCst);
    let (all, next) = list("").await;
    let of = |name: &str| all.iter().map(|one| one[name].clone()).collect::<Vec<_>>();
    assert_eq!(of("id"), ["team-2026-06", "team-2026-05", "team-2026-04"]);
    assert_eq!(of("status"), ["open", "final", "final"]);
    assert_eq!(of("total"), ["0.4", "12.4", "12.4"]);
    assert_eq!(all[2]["issuedAt"], "2026-05-01T00:00:00.000Z");
    assert_eq!(next, None);
    let lines = all[2]["lines"].as_array().unwrap();
    assert_eq!(lines[0]["kind"], "account_days");
    assert_eq!((&lines[0]["bandFrom"], &lines[0]["bandTo"]), (&json!(1), &json!(3000)));
    assert_eq!((&lines[1]["kind"], &lines[1]["bandFrom"]), (&json!("creation"), &Value::Null));
    world.ask(Method::DELETE, &format!("/im/accounts/{account}"), Value::Null).await.good();
    assert_eq!(list("").await.0[1..], all[1..]);
    let (first, next) = list("?count=2").await;
    assert_eq!((first.len(), next.as_deref()), (2, Some("team-2026-05")));
    let (last, next) = list("?count=2&beforeId=team-2026-05").await;
    assert_eq!((last, next), (vec![all[2].clone()], None));
    assert_eq!(list("?period=2026-05").await.0, [all[1].clone()]);
    assert!(list("?period=2026-03").await.0.is_empty());
    // Months that have not begun are alike, to the last one that has a name.
    for period in ["2027-03", "2199-11", "2199-12"] {
        assert!(list(&format!("?period={period}")).await.0.is_empty(), "{period}");
    }
    assert!(list("?period=1970-01").await.0.is_empty());
    assert_eq!(world.get("/payments/invoices?beforeId=other-2026-05").await.status, 404);
    assert_eq!(world.get("/payments/invoices?period=x").await.code(), (400, "bad_request"));
    assert_eq!(world.get("/payments/invoices?count=101").await.status, 400);
    let none = world.ask_as("other", Method::GET, "/payments/invoices", Value::Null).await.good();
    assert_eq!(none["invoices"][0]["lines"], json!([]));
    assert_eq!(none["invoices"].as_array().unwrap().len(), 1);
    let scope = world.ask_as("team+ACCOUNT_READ", Method::GET, "/payments/invoices", Value::Null);
    assert_eq!(scope.await.code(), (403, "missing_scope"));
}

impl World {
    async fn account_of_other_team(&self) {
        let body = json!({ "type": "mock", "tier": FULL });
        self.ask_as("other", Method::POST, "/im/accounts", body).await.good();
    }
}

#[tokio::test]
async fn a_store_that_is_away_is_said_where_nothing_changes() {
    let mut world = World::new().await;
    let World { runner: spare, .. } = World::new().await;
    std::mem::replace(&mut world.runner, spare).stop().await.unwrap();
    for path in ["/health", "/payments/usage"] {
        let answer = world.get(path).await;
        assert_eq!(answer.code(), (503, "store_away"), "{path}");
        assert_eq!(answer.headers["retry-after"], "1", "{path}");
    }
    // Nobody knows whether this was done.
    let created = world.post("/im/accounts", json!({ "type": "mock" })).await;
    assert_eq!(created.code(), (500, "internal"));
}

#[tokio::test]
async fn health_says_what_runs_and_needs_no_token() {
    let world = World::new().await;
    let health = world.ask_as("", Method::GET, "/health", Value::Null).await.good();
    assert_eq!((&health["status"], &health["catalogVersion"]), (&json!("ok"), &json!("1")));
    let document = world.ask_as("", Method::GET, "/openapi.json", Value::Null).await;
    assert_eq!(document.body["paths"].as_object().unwrap().len(), 21);
}
