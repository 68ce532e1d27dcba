//! What a report says is what the change then does: for all pairs of tiers and all endings, with
//! 0, 999 and 1000 messages sent and 0 and 3 waiting (section 3.5).

use axum::http::Method;
use serde_json::{Value, json};

use super::{Asked, FULL, LIMITED, PLAIN, World};

const TIERS: [&str; 3] = [LIMITED, PLAIN, FULL];

/// A change, as a report and as the request itself name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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

async fn bill(world: &World) -> Value {
    world.get("/payments/invoices").await.good()["invoices"][0]["total"].clone()
}

async fn check(world: &World, from: &str, plan: Plan, sent: u64, waiting: usize) {
    let case = format!("{from} {plan:?} sent {sent} waiting {waiting}");
    let account = world.open_account(from).await;
    world.sent(&account, sent).await;
    let fits = from != LIMITED || sent < 1000;
    world.waiting(&account, if fits { waiting.min(room(from, sent)) } else { 0 }).await;
    let path = format!("/im/accounts/{account}/change-report");
    let report = world.post(&path, plan.report()).await;
    if plan == Plan::To(TIERS.iter().copied().find(|tier| *tier == from).unwrap_or_default()) {
        assert_eq!(report.code(), (400, "same_tier"), "{case}");
        return;
    }
    let report = report.good();
    assert_eq!(world.post(&path, plan.report()).await.good(), report, "{case}");
    let hash = report["reportHash"].as_str().unwrap();
    assert_eq!(plan.carry_out(world, &account, "x").await.code(), (409, "report_stale"), "{case}");
    let done = plan.carry_out(world, &account, hash).await.good();
    assert_eq!(done["effects"], report["effects"], "{case}");
    assert_eq!(bill(world).await, report["money"]["periodAfter"].clone(), "{case}");
    let after = world.get(&format!("/im/accounts/{account}")).await;
    match plan {
        Plan::Delete => assert_eq!(after.status, 404, "{case}"),
        Plan::Archive => assert_eq!(after.good()["queue"]["waiting"], 0, "{case}"),
        Plan::To(tier) => {
            let after = after.good();
            assert_eq!(after["tier"], tier, "{case}");
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
    for from in TIERS {
        let tiers = TIERS.map(Plan::To).into_iter();
        for plan in tiers.chain([Plan::Archive, Plan::Delete]) {
            for sent in [0, 999, 1000] {
                for waiting in [0, 3] {
                    check(&world, from, plan, sent, waiting).await;
                }
            }
        }
    }
}
