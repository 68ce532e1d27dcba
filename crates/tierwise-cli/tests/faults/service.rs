//! The service: its configuration, and its process from start to end.

use std::{
    env,
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus},
    sync::atomic::{AtomicU32, Ordering},
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;
use tempfile::TempDir;
use tierwise_server::{AccountOrder, Order, ServerError, ask};

use crate::receiver::Receiver;

pub(crate) const TIER: &str = "unlimited_msg_no_chat_history";
pub(crate) const TEAM: &str = "team";

/// How long anything may take.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

const MISSING: &str = "this test needs a PostgreSQL: run it by `cargo xtask postgres -- cargo test \
    --workspace --test faults`, or name one in TIERWISE_POSTGRES";

/// Where the service keeps everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kept {
    Sqlite,
    Postgres,
}

/// A folder with what a service needs.
#[derive(Debug)]
pub(crate) struct Site {
    folder: TempDir,
    store: String,
    url: String,
}

/// The times that a service is given, in milliseconds: as short as may be.
pub(crate) const ATTEMPT_MS: u64 = 500;
pub(crate) const LEASE_MS: u64 = 2500;

impl Site {
    pub(crate) fn new(kept: Kept, receiver: &Receiver) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let key = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n";
        fs::write(folder.path().join("keys"), key).unwrap();
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let next = NEXT.fetch_add(1, Ordering::Relaxed);
        let store = match kept {
            Kept::Sqlite => {
                let file = folder.path().join("queue.db");
                format!("[store]\nsqlite = \"{}\"\n", file.display())
            }
            Kept::Postgres => {
                assert!(env::var_os("TIERWISE_POSTGRES").is_some(), "{MISSING}");
                // The server of the tests is gone with them; nobody drops the schema.
                let schema = format!("faults_{}_{next}", std::process::id());
                format!("[store.postgres]\nschema = \"{schema}\"\n")
            }
        };
        // Of its own: who builds while it runs would put another one in its place. By a program:
        // a file that this process has open to write is busy in whatever another thread starts.
        let mut copy = Command::new("cp");
        copy.arg(env!("CARGO_BIN_EXE_tierwise")).arg(folder.path().join("tierwise"));
        assert!(copy.status().unwrap().success());
        Site { folder, store, url: receiver.url.clone() }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The arguments of a service called so.
    fn arguments(&self, name: &str) -> Vec<String> {
        let config = self.path(&format!("{name}.toml"));
        let text = format!(
            "data = \"{}\"\ncontrol = \"{}\"\nattempt_ms = {ATTEMPT_MS}\nlease_ms = {LEASE_MS}\n{}\
             [transports.receiver]\nkind = \"webhook\"\nurl = \"{}\"\nkeys.file = \"{}\"\n",
            self.folder.path().display(),
            self.socket(name).display(),
            self.store,
            self.url,
            self.path("keys").display(),
        );
        fs::write(&config, text).unwrap();
        ["run", "--config"].map(str::to_owned).into_iter().chain([shown(&config)]).collect()
    }

    pub(crate) fn socket(&self, name: &str) -> PathBuf {
        self.path(&format!("{name}.sock"))
    }

    /// Starts a service, perhaps below another program.
    pub(crate) fn start(&self, name: &str, below: &[String]) -> Service {
        let log = self.path(&format!("{name}.log"));
        let file = File::options().create(true).append(true).open(&log).unwrap();
        let binary = shown(&self.path("tierwise"));
        let mut words = below.iter().cloned().chain([binary]).chain(self.arguments(name));
        let mut command = Command::new(words.next().unwrap());
        command.args(words).stdout(file.try_clone().unwrap()).stderr(file);
        let (log, begin) = (log.clone(), fs::metadata(log).unwrap().len());
        let child = command.spawn().unwrap();
        Service { child, socket: self.socket(name), log, begin, started: Instant::now() }
    }
}

pub(crate) fn shown(path: &Path) -> String {
    path.display().to_string()
}

/// A process.
#[derive(Debug)]
pub(crate) struct Service {
    child: Child,
    pub(crate) socket: PathBuf,
    log: PathBuf,
    /// Where its part of the log begins.
    begin: u64,
    started: Instant,
}

impl Service {
    /// Waits until it answers; how long that took since its start.
    pub(crate) fn ready(&mut self) -> Duration {
        loop {
            if ask(&self.socket, &Order::Overview).is_ok() {
                return self.started.elapsed();
            }
            if let Some(status) = self.child.try_wait().unwrap() {
                panic!("it ended instead, {status}: {}", self.said());
            }
            assert!(self.started.elapsed() < PATIENCE, "it does not start: {}", self.said());
            thread::sleep(Duration::from_millis(1));
        }
    }

    /// Ends it as a power cut would: nothing of it is run any more.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Ends it as an operator does.
    pub(crate) fn stop(mut self) {
        self.signal("TERM");
        let status = self.ended();
        assert!(status.success(), "{status}: {}", self.said());
    }

    pub(crate) fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        let status = Command::new("kill").args(["-s", name, &id]).status().unwrap();
        assert!(status.success());
    }

    /// Waits until it has ended.
    pub(crate) fn ended(&mut self) -> ExitStatus {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(begun.elapsed() < PATIENCE, "it does not end: {}", self.said());
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// What it wrote for people.
    pub(crate) fn said(&self) -> String {
        let text = fs::read_to_string(&self.log).unwrap();
        let begin = text.len().saturating_sub(4000).max(self.begin as usize);
        text[begin..].to_owned()
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // After a test that failed it must not stay; one that has ended already is gone.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Creates accounts that are connected.
pub(crate) fn accounts(socket: &Path, count: usize) -> Vec<String> {
    let ids: Vec<_> = (0..count).map(|_| create(socket).unwrap()).collect();
    for account in &ids {
        let order = Order::Account { account: account.clone(), change: AccountOrder::Open };
        ask(socket, &order).unwrap();
    }
    let asked = || Order::Accounts {
        team: None,
        transport: None,
        archived: false,
        before: None,
        count: 1000,
    };
    until("the accounts are open", || {
        let listed = ask(socket, &asked()).unwrap();
        listed.as_array().unwrap().iter().all(|account| account["state"] == "open")
    });
    ids
}

fn create(socket: &Path) -> Result<String, ServerError> {
    let order = Order::Create {
        team: TEAM.to_owned(),
        transport: "receiver".to_owned(),
        tier: Some(TIER.to_owned()),
        nickname: None,
        settings: None,
        key: None,
    };
    let created = ask(socket, &order)?;
    Ok(created["account"].as_str().map(str::to_owned).unwrap())
}

/// Every message of an account, by number.
pub(crate) fn messages(socket: &Path, account: &str) -> Vec<Value> {
    let (mut all, mut before) = (Vec::new(), None);
    loop {
        let (account, chat, status) = (account.to_owned(), None, None);
        let part = ask(socket, &Order::Messages { account, chat, status, before, count: 1000 });
        let part = part.unwrap().as_array().cloned().unwrap();
        let Some(last) = part.last() else { break };
        before = last["number"].as_u64();
        all.extend(part);
    }
    all.reverse();
    all
}

pub(crate) fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < PATIENCE, "{what}: it does not come");
        thread::sleep(Duration::from_millis(5));
    }
}
