//! Sixteen at once on one account over HTTP: every answer is one that some order of what they do
//! explains, and what is left is what that order leaves (linearizability).

use std::collections::BTreeMap;

use axum::http::Method;
use serde_json::{Value, json};
use tierwise_runner::{Change, NewMessage};
use tokio::runtime::{Builder, Runtime};

use super::{Answer, Asked, World};

#[path = "../../../../tierwise-runner/tests/world/linear.rs"]
#[allow(
    clippy::cast_possible_truncation,
    clippy::unwrap_used,
    dead_code,
    reason = "a part of it is used here"
)]
mod linear;

use linear::{Account, Act, Plan, Said, TIERS};

const ROUNDS: u64 = 10;

/// Messages that wait from the beginning, so that the limit of 1000 is near.
const OTHERS: u64 = 997;

/// The one that is cancelled from the beginning.
const CANCELLED: u8 = 4;

/// An account of a team of its own.
struct Client<'a> {
    world: &'a World,
    team: &'a str,
    id: &'a str,
}

fn text(content: bool) -> &'static str {
    if content { "one" } else { "other" }
}

impl Client<'_> {
    async fn ask(&self, method: Method, path: &str, body: Value, report: Option<&str>) -> Answer {
        let headers: Vec<_> = report.map(|hash| ("If-Report-Match", hash)).into_iter().collect();
        let body = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
        let asked = Asked { token: self.team, headers: &headers, body };
        self.world.send(method, path, asked).await
    }

    async fn does(&self, act: &Act) -> Said {
        let id = self.id;
        let (account, chat) = (format!("/im/accounts/{id}"), format!("/im/messages/{id}/chat"));
        let (get, post, patch) = (Method::GET, Method::POST, Method::PATCH);
        let tier = |tier: &usize| json!({ "tier": TIERS[*tier] });
        let answer = match act {
            Act::Report(plan) => {
                let body = match plan {
                    Plan::To(to) => tier(to),
                    Plan::Archive => json!({ "end": "archive" }),
                    Plan::Delete => json!({ "end": "delete" }),
                };
                self.ask(post, &format!("{account}/change-report"), body, None).await
            }
            Act::Carry(plan, report) => {
                let (method, path, body) = match plan {
                    Plan::To(to) => (patch, account, tier(to)),
                    Plan::Archive => (post, format!("{account}/archive"), Value::Null),
                    Plan::Delete => (Method::DELETE, account, Value::Null),
                };
                self.ask(method, &path, body, report.as_deref()).await
            }
            Act::Send(number, content) => {
                let body = json!({ "id": format!("m{number}"), "text": text(*content) });
                self.ask(post, &chat, body, None).await
            }
            Act::Withdraw(number) => {
                self.ask(Method::DELETE, &format!("{chat}/m{number}"), Value::Null, None).await
            }
            Act::RetryAll => self.ask(patch, "/im/messages/cancelled/retry", json!({}), None).await,
            Act::Open | Act::Close => {
                let word = if *act == Act::Open { "open" } else { "close" };
                self.ask(post, &format!("{account}/{word}"), Value::Null, None).await
            }
            Act::Read => self.ask(get, &account, Value::Null, None).await,
            Act::List => self.ask(get, &format!("{chat}?count=100"), Value::Null, None).await,
            Act::Skip(_) | Act::Retry(_) => panic!("nobody asks for it over HTTP: {act:?}"),
        };
        said(act, answer)
    }
}

fn said(act: &Act, answer: Answer) -> Said {
    if answer.status >= 300 {
        return Said::Refused(answer.code().1.to_owned());
    }
    let body = answer.good();
    match act {
        Act::Report(_) => Said::Hash(body["reportHash"].as_str().unwrap().to_owned()),
        Act::Carry(..) => Said::Done(super::words(&body["effects"])),
        Act::RetryAll => Said::Counted(body["changed"].as_u64().unwrap()),
        Act::Read => Said::Seen {
            tier: body["tier"].as_str().unwrap().to_owned(),
            is_archived: !body["archivedAt"].is_null(),
            is_connecting: body["state"] == "connecting",
            // Counted apart from the rest; the list says what waits.
            waiting: None,
        },
        Act::List => {
            let messages = body["messages"].as_array().unwrap().iter();
            let numbered = messages.map(|message| {
                let number = message["id"].as_str().unwrap().strip_prefix('m').unwrap();
                (number.parse().unwrap(), message["status"] == "pending")
            });
            Said::Listed(numbered.collect::<BTreeMap<u8, bool>>())
        }
        _ => Said::Done(Vec::new()),
    }
}

/// An account that no network connects, near its limit.
async fn account(world: &World, team: &str) -> String {
    let body = json!({ "type": "wa", "tier": TIERS[0] });
    let made = world.ask_as(team, Method::POST, "/im/accounts", body).await.good();
    let id = made["accountId"].as_str().unwrap().to_owned();
    let message = format!("m{CANCELLED}");
    let cancelled = NewMessage {
        id: Some(message.clone()),
        // As the API writes what is sent.
        content: serde_json::value::to_raw_value(&json!({ "text": text(true) })).unwrap(),
        ..NewMessage::of_text("chat", "")
    };
    world.queue().send(&id, vec![cancelled]).await.unwrap();
    world.queue().change(&id, Change::Skip { message }).await.unwrap();
    let others = (0..OTHERS).map(|_| NewMessage::of_text("others", "hello")).collect();
    world.queue().send(&id, others).await.unwrap();
    id
}

#[test]
fn what_many_do_at_once_to_an_account_is_as_if_they_had_done_it_in_turn() {
    let runtime = Runtime::new().unwrap();
    let world = runtime.block_on(World::new());
    let mut codes = linear::Codes::new();
    for round in 0..ROUNDS {
        let team = format!("team{round}");
        let id = runtime.block_on(account(&world, &team));
        let calls = linear::at_once(round, false, &|act, _| {
            let own = Builder::new_current_thread().enable_all().build().unwrap();
            own.block_on(Client { world: &world, team: &team, id: &id }.does(act))
        });
        let account = Account::new(1000, OTHERS).with_cancelled(CANCELLED, true);
        assert!(linear::is_linearizable(&account, &calls), "round {round}: {calls:#?}");
        linear::count(&calls, &mut codes);
    }
    linear::assert_seen(&codes);
}
