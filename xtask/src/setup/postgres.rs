//! PostgreSQL, for the tests of the queue: a server of their own, gone with them.

use super::private_server::{PrivateServer, Room, Server};
use super::{apt, version};
use crate::process::Call;
use crate::project::Project;
use anyhow::{Context as _, Result};
use std::env;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

/// The variable in which tests find the address of the server.
pub(crate) const POSTGRES: &str = "TIERWISE_POSTGRES";

/// Where Debian keeps the programs of each major version; the server is not on its PATH.
const VERSIONS: &str = "/usr/lib/postgresql";
const OLDEST: (u32, u32) = (15, 0);
const WANTED: &str = "PostgreSQL 15 or newer is needed, with `initdb`, `postgres` and `pg_isready` \
                      in /usr/lib/postgresql/*/bin or on the PATH (on Debian: `apt-get install \
                      postgresql`)";
/// Who the tests are, and their database: no superuser, as in most people's production. They may
/// turn TLS on, with a certificate of theirs.
const NAME: &str = "tierwise";
const FIRST_STATEMENTS: &str = "create role tierwise login createdb;\n\
    grant alter system on parameter ssl, ssl_cert_file, ssl_key_file to tierwise;\n\
    grant execute on function pg_reload_conf() to tierwise;\n\
    create database tierwise owner tierwise;\n";
/// Nobody comes in but the tests: the superuser has no way in at all.
const ACCESS: &str = "host all tierwise 127.0.0.1/32 trust\n";
/// An answer is on disk before it is given, as a user has it; the rest is PostgreSQL's default.
const SETTINGS: [&str; 6] = [
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "max_connections=200",
    "fsync=on",
    "full_page_writes=on",
    "synchronous_commit=on",
];

/// A running PostgreSQL that nobody else uses; it stops, and its data go, when this is dropped.
pub(crate) struct Postgres(PrivateServer);

impl Postgres {
    /// Starts one with an empty database `tierwise`.
    pub(crate) fn start(project: &Project) -> Result<Self> {
        let programs = Self::programs(project)?;
        let room = Room::make(project, "postgres", &["postgres", "nobody"])?;
        let data = room.data();
        let log = room.log()?;
        let made = room
            .call(project, &programs.join("initdb"))
            .args(["--username=postgres", "--auth=reject", "--encoding=UTF8", "--no-locale"])
            // The data are worth nothing before the server runs, and it syncs for itself.
            .args(["--no-sync", "--pgdata"])
            .arg(&data)
            .log(&log)?
            .run_quietly();
        made.with_context(|| room.last_words())?;
        let statements = room.path("first.sql");
        fs::write(&statements, FIRST_STATEMENTS)?;
        let alone = room.call(project, &programs.join("postgres")).args(["--single", "-D"]);
        // What is granted there holds in every database that is made.
        let alone = alone.arg(&data).arg("template1").input(File::open(&statements)?);
        alone.log(&log)?.run_quietly().with_context(|| room.last_words())?;
        fs::write(data.join("pg_hba.conf"), ACCESS)?;
        let server = PrivateServer::start(project, room, &Programs(programs))?;
        Ok(Self(server))
    }

    /// Where a client connects to.
    pub(crate) fn url(&self) -> String {
        format!("postgres://{NAME}@127.0.0.1:{}/{NAME}", self.0.port())
    }

    /// The folder of PostgreSQL's programs; on Debian they are installed if they are missing.
    pub(crate) fn programs(project: &Project) -> Result<PathBuf> {
        if let Some(found) = newest(project) {
            return Ok(found);
        }
        apt::install(project, "postgresql", WANTED)?;
        newest(project).with_context(|| format!("it is still missing. {WANTED}"))
    }
}

struct Programs(PathBuf);

impl Server for Programs {
    fn call(&self, project: &Project, room: &Room, port: u16) -> Call {
        let settings = SETTINGS.into_iter().flat_map(|setting| ["-c", setting]);
        let call = room.call(project, &self.0.join("postgres")).arg("-D").arg(room.data());
        call.args(["-p", &port.to_string()]).args(settings)
    }

    fn is_ready(&self, project: &Project, port: u16) -> bool {
        let address = ["-h", "127.0.0.1", "-p", &port.to_string(), "-U", NAME, "-d", NAME];
        Call::new(project, self.0.join("pg_isready")).args(address).works()
    }
}

/// The folder with the newest programs that are new enough and complete.
fn newest(project: &Project) -> Option<PathBuf> {
    let of_debian = fs::read_dir(VERSIONS).into_iter().flatten().flatten();
    let of_debian = of_debian.map(|version| version.path().join("bin"));
    let path = env::var_os("PATH").unwrap_or_default();
    let found = of_debian.chain(env::split_paths(&path)).filter_map(|folder| {
        let is_complete = ["initdb", "postgres", "pg_isready"].iter().all(|program| {
            let program: &Path = &folder.join(program);
            program.is_file()
        });
        if !is_complete {
            return None;
        }
        let found = version::of(project, &folder.join("postgres"))?;
        (found >= OLDEST).then_some((found, folder))
    });
    found.max().map(|(_, folder)| folder)
}
