//! A service with routes that tell what is begun, and a client that writes what it likes.

use std::{net::SocketAddr, num::NonZeroU32, path::PathBuf, sync::Arc, time::Duration};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    routing::{get, post},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    sync::{Semaphore, mpsc},
    time::timeout,
};

use super::super::{Door, Edge, Pages, around, connections::Served};
use crate::config::Config;

/// How long anything may take.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);

/// What routes tell and wait for.
#[derive(Clone)]
pub(super) struct Work {
    begun: mpsc::UnboundedSender<()>,
    go_on: Arc<Semaphore>,
}

/// A service.
pub(super) struct Site {
    pub(super) address: SocketAddr,
    pub(super) served: Served,
    pub(super) tls: Option<Arc<super::super::Tls>>,
    edge: Arc<Edge>,
    begun: mpsc::UnboundedReceiver<()>,
    /// Requests that wait go on with what is put in here.
    pub(super) go_on: Arc<Semaphore>,
}

pub(super) fn number(number: u32) -> NonZeroU32 {
    NonZeroU32::new(number).unwrap()
}

/// The configuration of a service on any port.
pub(super) fn config() -> Config {
    Config { listen: Some(SocketAddr::from(([127, 0, 0, 1], 0))), ..Config::default() }
}

impl Site {
    pub(super) async fn start(config: &Config) -> Self {
        let (tell, begun) = mpsc::unbounded_channel();
        let go_on = Arc::new(Semaphore::new(0));
        let work = Work { begun: tell, go_on: go_on.clone() };
        let routes = Router::new()
            .route("/health", get(|| async { "well" }))
            .route("/im/accounts/{account}", get(|| async { "account" }))
            .route("/im/fails", get(|| async { axum::http::StatusCode::INTERNAL_SERVER_ERROR }))
            .route("/im/waits", get(waits))
            .route("/im/takes", post(takes))
            .with_state(work);
        let door = Door::open(config, true).await.unwrap().unwrap();
        let (address, tls) = (door.address, door.tls());
        let pages = config.pages.as_deref().map(|folder| Arc::new(Pages::of(folder).unwrap()));
        let edge = Arc::new(Edge::of(config));
        let routes = around(routes, edge.clone(), pages, &config.cors_origins).unwrap();
        Site { address, served: door.serve(routes), tls, edge, begun, go_on }
    }

    /// Waits until a request is begun.
    pub(super) async fn begun(&mut self) {
        timeout(PATIENCE, self.begun.recv()).await.unwrap().unwrap();
    }

    /// Waits until there is neither a place nor room in the line.
    pub(super) async fn is_full(&self) {
        let full = async {
            while !self.edge.in_work.is_full() {
                tokio::task::yield_now().await;
            }
        };
        timeout(PATIENCE, full).await.unwrap();
    }

    /// Whether a request was begun that nobody has waited for.
    pub(super) fn has_begun(&mut self) -> bool {
        self.begun.try_recv().is_ok()
    }

    pub(super) async fn connect(&self) -> Client {
        Client(TcpStream::connect(self.address).await.unwrap())
    }

    /// Asks, and reads the whole answer.
    pub(super) async fn ask(&self, head: &str) -> Answer {
        self.ask_with(head, b"").await
    }

    pub(super) async fn ask_with(&self, head: &str, body: &[u8]) -> Answer {
        let mut client = self.connect().await;
        client.say(&format!("{head}\r\nhost: x\r\nconnection: close\r\n\r\n")).await;
        // One that is refused before its end may be cut off.
        let _ = client.0.write_all(body).await;
        client.answer().await
    }
}

async fn waits(State(work): State<Work>) -> &'static str {
    work.begun.send(()).unwrap();
    work.go_on.acquire().await.unwrap().forget();
    "done"
}

async fn takes(State(work): State<Work>, body: Bytes) -> String {
    work.begun.send(()).unwrap();
    body.len().to_string()
}

/// A client.
pub(super) struct Client(pub(super) TcpStream);

/// An answer.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    head: String,
    pub(super) body: String,
}

impl Client {
    pub(super) async fn say(&mut self, text: &str) {
        self.0.write_all(text.as_bytes()).await.unwrap();
    }

    /// All that comes until the connection ends.
    pub(super) async fn rest(&mut self) -> String {
        let mut text = Vec::new();
        // One that was cut off has said what it had to say.
        let _ = timeout(PATIENCE, self.0.read_to_end(&mut text)).await.unwrap();
        String::from_utf8(text).unwrap()
    }

    /// The answer, after which the connection ends.
    pub(super) async fn answer(&mut self) -> Answer {
        Answer::of(&self.rest().await)
    }
}

impl Answer {
    fn of(text: &str) -> Self {
        let (head, body) =
            text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {text:?}"));
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Answer { status, head: head.to_lowercase(), body: body.to_owned() }
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines();
        lines.find_map(|line| Some(line.strip_prefix(name)?.strip_prefix(": ")?.trim()))
    }

    /// The code of a refusal, which has the form of the contract.
    pub(super) fn code(&self) -> String {
        let body: serde_json::Value = serde_json::from_str(&self.body).unwrap();
        assert_eq!(body["statusCode"], self.status);
        assert!(body["message"].is_string());
        assert_eq!(self.header("content-type"), Some("application/json"));
        body["data"]["code"].as_str().unwrap().to_owned()
    }
}

/// A folder with pages.
pub(super) fn pages() -> (tempfile::TempDir, PathBuf) {
    let top = tempfile::tempdir().unwrap();
    let folder = top.path().join("dist");
    std::fs::create_dir_all(folder.join("assets")).unwrap();
    for (name, text) in [
        ("index.html", "<!doctype html>page"),
        ("assets/main-B1xC3dE5.js", "script"),
        ("../secret.txt", "secret"),
    ] {
        std::fs::write(folder.join(name), text).unwrap();
    }
    (top, folder)
}
