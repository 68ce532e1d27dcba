//! What a report says is what the change then does: for all pairs of tiers and all endings, with
//! 0, 999 and 1000 messages sent and 0 and 3 waiting (section 3.5).

use axum::http::Method;
use serde_json::{Value, json};

use super::{Asked, FULL, LIMITED, PLAIN, World};

const TIERS: [&str; 3] = [LIMITED, PLAIN, FULL];

/// A change, as a report and as the request itself name it.
#[derive(Clone, Copy, Debug)]
enum Plan {
    To(&'static str),
    Archive,
    Delete,
}

impl Plan {
    fn report(self) -> Value {
        match self {
            Plan::To(tier) => json!({ "tier": tier }),
            Plan::Archive => json!({ "end": "archive" }),
            Plan::Delete => json!({ "end": "delete" }),
        }
    }

    fn is_to(self, tier: &str) -> bool {
        matches!(self, Plan::To(to) if to == tier)
    }

    async fn carry_out(self, world: &World, account: &str, hash: &str) -> super::Answer {
        let path = format!("/im/accounts/{account}");
        let (method, path, body) = match self {
            Plan::To(tier) => (Method::PATCH, path, json!({ "tier": tier }).to_string()),
            Plan::Archive => (Method::POST, format!("{path}/archive"), String::new()),
            Plan::Delete => (Method::DELETE, path, String::new()),
        };
        let headers = [("If-Report-Match", hash)];
        let asked = Asked { token: "team", headers: &headers, body: body.into_bytes() };
        world.send(method, &path, asked).await
    }
}

/// What the team's bill for the period comes to if all goes on, by the report of another account.
async fn bill(world: &World, watcher: &str) -> Value {
    let path = format!("/im/accounts/{watcher}/change-report");
    let report = world.post(&path, json!({ "end": "delete" })).await.good();
    report["money"]["periodBefore"].clone()
}

/// An account, and what is to be done with it.
#[derive(Debug)]
struct Case {
    from: &'static str,
    plan: Plan,
    sent: u64,
    waiting: usize,
    account: String,
}

async fn check(world: &World, watcher: &str, it: &Case) {
    let Case { from, plan, account, .. } = it;
    let case = format!("{it:?}");
    let path = format!("/im/accounts/{account}/change-report");
    let report = world.post(&path, plan.report()).await;
    if plan.is_to(from) {
        assert_eq!(report.code(), (400, "same_tier"), "{case}");
        return;
    }
    let report = report.good();
    assert_eq!(world.post(&path, plan.report()).await.good(), report, "{case}");
    let hash = report["reportHash"].as_str().unwrap();
    assert_eq!(plan.carry_out(world, account, "x").await.code(), (409, "report_stale"), "{case}");
    let done = plan.carry_out(world, account, hash).await.good();
    assert_eq!(done["effects"], report["effects"], "{case}");
    assert_eq!(bill(world, watcher).await, report["money"]["periodAfter"], "{case}");
    let after = world.get(&format!("/im/accounts/{account}")).await;
    match plan {
        Plan::Delete => assert_eq!(after.status, 404, "{case}"),
        Plan::Archive => assert_eq!(after.good()["queue"]["waiting"], 0, "{case}"),
        Plan::To(tier) => {
            let after = after.good();
            assert_eq!(after["tier"], *tier, "{case}");
            assert_eq!(after["queue"]["waiting"], report["keeps"]["waiting"], "{case}");
        }
    }
}

/// How many messages may still be accepted.
fn room(tier: &str, sent: u64) -> usize {
    if tier == LIMITED { usize::try_from(1000 - sent).unwrap() } else { usize::MAX }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_does_what_its_report_said() {
    let world = World::new().await;
    let watcher = world.account(PLAIN).await;
    let mut cases = Vec::new();
    for from in TIERS {
        for plan in TIERS.map(Plan::To).into_iter().chain([Plan::Archive, Plan::Delete]) {
            for (sent, waiting) in [(0, 0), (0, 3), (999, 0), (999, 3), (1000, 0), (1000, 3)] {
                let account = world.open_account(from).await;
                world.send_texts(&account, sent).await;
                cases.push(Case { from, plan, sent, waiting, account });
            }
        }
    }
    // All of them send at the same time.
    for Case { from, sent, waiting, account, .. } in &cases {
        world.is_sent(account).await;
        // What the limit leaves room for (Q3).
        world.waiting(account, (*waiting).min(room(from, *sent))).await;
    }
    for case in &cases {
        check(&world, &watcher, case).await;
    }
}

#[tokio::test]
async fn a_report_that_is_named_twice_is_none() {
    let world = World::new().await;
    let path = format!("/im/accounts/{}", world.account(FULL).await);
    let plan = json!({ "end": "archive" });
    let report = world.post(&format!("{path}/change-report"), plan).await.good();
    let named = ("if-report-match", report["reportHash"].as_str().unwrap());
    let archive = async |headers: &[(&str, &str)]| {
        let asked = Asked { token: "team", headers, body: Vec::new() };
        world.send(Method::POST, &format!("{path}/archive"), asked).await
    };
    assert_eq!(archive(&[named, named]).await.code().1, "report_stale");
    archive(&[named]).await.good();
}
