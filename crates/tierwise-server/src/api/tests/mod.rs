//! The operations over HTTP on a real store; every answer is held to `docs/api/openapi.yaml`.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests"
)]

mod accounts;
mod at_once;
mod contract;
mod exact;
mod hostile;
mod lists;
mod messages;
mod pages;
mod payments;
mod reports;
mod tokens;

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, Instant},
};

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Method, Request},
};
use contract::Contract;
use serde_json::{Value, json};
use tempfile::TempDir;
use tierwise_runner::{Change, Handle, NewMessage, Policy, Runner, Scopes, Settings, Sqlite};
use tierwise_transport::{AnyTransport, Mock};
use tower::ServiceExt as _;

use super::{Api, caller::Caller, routes};
use crate::{
    auth::{Auth, REFRESH_TOKEN_IDLE_DAYS, Scope},
    config::Config,
    edge::{Door, Edge, Served, around},
    transports::Unplugged,
};

pub(super) const LIMITED: &str = "limited_msg_no_chat_history";
pub(super) const PLAIN: &str = "unlimited_msg_no_chat_history";
pub(super) const FULL: &str = "unlimited_msg_chat_history";

/// 2026-04-01T09:00:00Z.
pub(super) const START: i64 = 1_775_034_000_000;
pub(super) const DAY: i64 = 86_400_000;

/// A service whose clock tests can move.
pub(super) struct World {
    router: Router,
    api: Arc<Api>,
    pub(super) runner: Runner,
    pub(super) clock: Arc<AtomicI64>,
    folder: TempDir,
}

/// An answer that is as the contract has it.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    /// Null if there is none.
    pub(super) body: Value,
}

impl Answer {
    /// The code of a refusal.
    pub(super) fn code(&self) -> (u16, &str) {
        (self.status, self.body["data"]["code"].as_str().unwrap_or_default())
    }

    /// The body of a success.
    pub(super) fn good(self) -> Value {
        assert!(self.status < 300, "{self:?}");
        self.body
    }
}

/// A request by somebody of a team: `team` with every scope, `team+SCOPE+SCOPE` with some.
pub(super) struct Asked<'a> {
    pub(super) token: &'a str,
    pub(super) headers: &'a [(&'a str, &'a str)],
    pub(super) body: Vec<u8>,
}

fn caller_of(token: &str) -> Option<Caller> {
    // One of three parts is an access token, and no team.
    let token = Some(token).filter(|token| !token.contains('.'))?;
    let mut parts = token.split('+');
    let team = parts.next().filter(|team| !team.is_empty())?;
    let names: Vec<_> = parts.collect();
    let granted =
        Scope::ALL.iter().filter(|scope| names.is_empty() || names.contains(&scope.name()));
    let scopes = Scopes::of(granted.map(|scope| scope.number()));
    Some(Caller { user: "somebody".to_owned(), team: team.to_owned(), scopes })
}

impl World {
    pub(super) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("queue.db");
        let clock = Arc::new(AtomicI64::new(START));
        let now = clock.clone();
        let open = move || Ok(Sqlite::open(&path)?.with_clock(move || now.load(Ordering::SeqCst)));
        let transports = [
            ("mock".to_owned(), AnyTransport::new(Mock::at(START))),
            ("wa".to_owned(), AnyTransport::new(Unplugged)),
            // One of the operator's, which is no type.
            ("sms".to_owned(), AnyTransport::new(Unplugged)),
        ];
        let policy = Arc::new(Policy::messaging().unwrap());
        let runner = Runner::start(open, policy, Settings::new(transports)).await.unwrap();
        let queue = runner.handle().clone();
        let now = clock.clone();
        let now = Arc::new(move || now.load(Ordering::SeqCst));
        let keys = folder.path().join("keys");
        let auth = Auth::with_clock(&keys, REFRESH_TOKEN_IDLE_DAYS, now).unwrap();
        let mut api = Api::new(queue, auth);
        let verify = api.verify;
        api.verify = Box::new(move |token| verify(token).or_else(|| caller_of(token)));
        let api = Arc::new(api);
        World { router: routes(api.clone()), api, runner, clock, folder }
    }

    /// The same over a network, behind the edge of a configuration; where it is.
    pub(super) async fn served(&self, config: &Config) -> (SocketAddr, Served) {
        let door = Door::open(config, true).await.unwrap().unwrap();
        let edge = Edge::of(config).admitting(Some(self.api.clone().admission()));
        let routes = around(self.router.clone(), Arc::new(edge), None, &config.cors_origins);
        (door.address, door.serve(routes.unwrap()))
    }

    pub(super) fn queue(&self) -> &Handle {
        self.runner.handle()
    }

    /// Asks, and takes the answer as it is.
    pub(super) async fn send_raw(
        &self,
        method: Method,
        path: &str,
        asked: Asked<'_>,
    ) -> (u16, HeaderMap, Vec<u8>) {
        let mut request = Request::builder().method(method).uri(path);
        if !asked.token.is_empty() {
            request = request.header("authorization", format!("Bearer {}", asked.token));
        }
        for (name, value) in asked.headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::from(asked.body)).unwrap();
        let answer = self.router.clone().oneshot(request).await.unwrap();
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let bytes = to_bytes(answer.into_body(), usize::MAX).await.unwrap();
        (status, headers, bytes.to_vec())
    }

    /// Asks, and holds the answer to the contract.
    pub(super) async fn send(&self, method: Method, path: &str, asked: Asked<'_>) -> Answer {
        let (status, headers, bytes) = self.send_raw(method.clone(), path, asked).await;
        let body = match bytes.is_empty() {
            true => Value::Null,
            false => serde_json::from_slice(&bytes).expect("an answer is JSON"),
        };
        Contract::get().check(method.as_str(), path, status, &headers, &body);
        Answer { status, headers, body }
    }

    /// The same as the team `team`.
    pub(super) async fn ask(&self, method: Method, path: &str, body: Value) -> Answer {
        self.ask_as("team", method, path, body).await
    }

    pub(super) async fn ask_as(
        &self,
        token: &str,
        method: Method,
        path: &str,
        body: Value,
    ) -> Answer {
        let body = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
        self.send(method, path, Asked { token, headers: &[], body }).await
    }

    pub(super) async fn get(&self, path: &str) -> Answer {
        self.ask(Method::GET, path, Value::Null).await
    }

    pub(super) async fn post(&self, path: &str, body: Value) -> Answer {
        self.ask(Method::POST, path, body).await
    }

    /// A mock account of a tier; its id.
    pub(super) async fn account(&self, tier: &str) -> String {
        let settings = json!({ "mock": { "delayMs": 0 } });
        let body = json!({ "type": "mock", "tier": tier, "settings": settings });
        let account = self.post("/im/accounts", body).await.good();
        account["accountId"].as_str().unwrap().to_owned()
    }

    /// The same, open.
    pub(super) async fn open_account(&self, tier: &str) -> String {
        let account = self.account(tier).await;
        self.post(&format!("/im/accounts/{account}/open"), Value::Null).await.good();
        self.until(&account, |account| account["state"] == "open").await;
        account
    }

    /// Waits until an account is as it should be.
    pub(super) async fn until(&self, account: &str, holds: impl Fn(&Value) -> bool) -> Value {
        let begun = Instant::now();
        loop {
            let now = self.get(&format!("/im/accounts/{account}")).await.good();
            if holds(&now) {
                return now;
            }
            assert!(begun.elapsed() < Duration::from_secs(20), "{now}");
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    /// Has an account send so many messages, and waits until they are sent.
    pub(super) async fn sent(&self, account: &str, count: u64) {
        self.send_texts(account, count).await;
        self.is_sent(account).await;
    }

    /// Has an account send so many messages.
    pub(super) async fn send_texts(&self, account: &str, count: u64) {
        if count > 0 {
            let messages = (0..count).map(|_| NewMessage::of_text("chat", "text")).collect();
            self.queue().send(account, messages).await.unwrap();
        }
    }

    /// Waits until an account has sent what it had.
    pub(super) async fn is_sent(&self, account: &str) {
        self.until(account, |now| now["queue"]["waiting"] == 0 && now["queue"]["out"] == 0).await;
    }

    /// Has so many messages wait, as the account is closed first.
    pub(super) async fn waiting(&self, account: &str, count: usize) {
        self.queue().change(account, Change::Pause).await.unwrap();
        if count > 0 {
            let messages = (0..count).map(|_| NewMessage::of_text("chat", "text")).collect();
            self.queue().send(account, messages).await.unwrap();
        }
    }
}

/// The words of a list.
pub(super) fn words(list: &Value) -> Vec<String> {
    let list = list.as_array().unwrap().iter();
    list.map(|word| word.as_str().unwrap().to_owned()).collect()
}

/// What stands in an object, by name.
pub(super) fn fields(object: &Value) -> HashMap<String, Value> {
    object.as_object().unwrap().clone().into_iter().collect()
}
