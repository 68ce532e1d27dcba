//! Redis, for the queues that ours is compared with: a server of their own, gone with them.

use super::private_server::{PrivateServer, Room, Server};
use super::{apt, version};
use crate::process::Call;
use crate::project::Project;
use anyhow::{Context as _, Result};
use std::env;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpStream};
use std::path::PathBuf;
use std::time::Duration;

const OLDEST: (u32, u32) = (6, 2);
const WANTED: &str = "Redis 6.2 or newer is needed, with `redis-server` on the PATH (on Debian: \
                      `apt-get install redis-server`)";
/// An answer is on disk before it is given; nothing else is written, no snapshots of all.
const SETTINGS: [&str; 10] = [
    "--bind",
    "127.0.0.1",
    "--appendonly",
    "yes",
    "--appendfsync",
    "always",
    "--save",
    "",
    "--daemonize",
    "no",
];

/// A running Redis that nobody else uses; it stops, and its data go, when this is dropped.
pub(crate) struct Redis(PrivateServer);

impl Redis {
    /// Starts an empty one.
    pub(crate) fn start(project: &Project) -> Result<Self> {
        let program = Self::program(project)?;
        let room = Room::make(project, "redis", &["redis", "nobody"])?;
        Ok(Self(PrivateServer::start(project, room, &Program(program))?))
    }

    /// Where a client connects to.
    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.0.port())
    }

    /// The server's executable; on Debian it is installed if it is missing.
    pub(crate) fn program(project: &Project) -> Result<PathBuf> {
        if let Some(found) = on_path(project) {
            return Ok(found);
        }
        apt::install(project, "redis-server", WANTED)?;
        on_path(project).with_context(|| format!("it is still missing. {WANTED}"))
    }
}

struct Program(PathBuf);

impl Server for Program {
    fn call(&self, project: &Project, room: &Room, port: u16) -> Call {
        let call = room.call(project, &self.0).args(["--port", &port.to_string(), "--dir"]);
        call.arg(room.data()).args(SETTINGS)
    }

    fn is_ready(&self, _: &Project, port: u16) -> bool {
        answers_ping(port).unwrap_or(false)
    }
}

fn answers_ping(port: u16) -> Result<bool> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    stream.set_read_timeout(Some(Duration::from_secs(1)))?;
    stream.write_all(b"PING\r\n")?;
    let mut answer = [0; 7];
    stream.read_exact(&mut answer)?;
    Ok(answer == *b"+PONG\r\n")
}

fn on_path(project: &Project) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let mut found = env::split_paths(&path).map(|folder| folder.join("redis-server"));
    found.find(|program| {
        program.is_file() && version::of(project, program).is_some_and(|found| found >= OLDEST)
    })
}
