//! A database server that belongs to one run: a folder and a port of its own, never the machine's.

use super::apt;
use crate::process::Call;
use crate::project::Project;
use anyhow::{Context as _, Result, bail};
use nix::errno::Errno;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::fs::{self, File, OpenOptions};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::{MetadataExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::Child;
use std::sync::{Arc, Mutex, Once, PoisonError};
use std::thread;
use std::time::{Duration, Instant};
use std::{env, process};

/// How long a server may take to answer, or to end.
const PATIENCE: Duration = Duration::from_secs(60);
const BETWEEN_LOOKS: Duration = Duration::from_millis(10);
/// A free port may be taken by somebody else before the server listens on it.
const TRIES: usize = 5;
/// So much of a server's log is shown when it fails.
const LAST_LINES: usize = 20;
const WANTED: &str = "servers need `setpriv` of util-linux, so that they do not run as root and \
                      end with the command that started them";

/// What is known about a kind of server.
pub(super) trait Server {
    /// The call that runs it in the foreground.
    fn call(&self, project: &Project, room: &Room, port: u16) -> Call;

    /// Whether it answers clients.
    fn is_ready(&self, project: &Project, port: u16) -> bool;
}

/// A running server; it stops, and its folder goes, when this is dropped.
pub(super) struct PrivateServer {
    running: Arc<Mutex<Option<Running>>>,
    port: u16,
}

impl PrivateServer {
    /// Starts a server on a free port and waits until it answers.
    pub(super) fn start(project: &Project, room: Room, server: &dyn Server) -> Result<Self> {
        stop_on_signals()?;
        let log = room.log()?;
        for _ in 0..TRIES {
            let port = free_port()?;
            let mut child = server.call(project, &room, port).log(&log)?.start_quietly()?;
            fs::write(room.path(PROCESS), child.id().to_string())?;
            if wait_until_ready(&mut child, || server.is_ready(project, port))? {
                let running = Arc::new(Mutex::new(Some(Running { child, _room: room })));
                locked(&RUNNING).push(Arc::clone(&running));
                return Ok(Self { running, port });
            }
        }
        bail!("the server did not start. {}", room.last_words());
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }
}

impl Drop for PrivateServer {
    fn drop(&mut self) {
        stop(&self.running);
    }
}

/// A server's process and the folder that it lives in.
struct Running {
    child: Child,
    _room: Room,
}

/// All servers of this program, for the day that it is told to end.
static RUNNING: Mutex<Vec<Arc<Mutex<Option<Running>>>>> = Mutex::new(Vec::new());
/// Processes that have nothing to do without the servers.
static CLIENTS: Mutex<Vec<u32>> = Mutex::new(Vec::new());

/// Ends a process together with the servers if this program is told to end.
pub(crate) fn stop_with_servers(process: u32) {
    locked(&CLIENTS).push(process);
}

/// On Ctrl-C and the like: the servers first, then this program.
fn stop_on_signals() -> Result<()> {
    static ONCE: Once = Once::new();
    let mut outcome = Ok(());
    ONCE.call_once(|| {
        outcome = ctrlc::set_handler(|| {
            for client in locked(&CLIENTS).drain(..) {
                // A process that has ended already is what is wanted.
                let _ended = signal(client, Signal::SIGTERM);
            }
            for running in locked(&RUNNING).drain(..) {
                stop(&running);
            }
            process::exit(130);
        });
    });
    outcome.context("listening for Ctrl-C")
}

/// Stops a server unless that was done; whoever comes second waits until it is done.
fn stop(running: &Mutex<Option<Running>>) {
    let mut running = locked(running);
    if let Some(Running { child, .. }) = running.as_mut()
        && let Err(error) = end(child)
    {
        eprintln!("a server was not stopped: {error:#}");
    }
    // The folder goes while the lock is held.
    *running = None;
}

/// PostgreSQL calls this its fast shutdown: it ends all connections. Redis knows the signal, too.
fn end(child: &mut Child) -> Result<()> {
    if child.try_wait()?.is_some() {
        return Ok(());
    }
    signal(child.id(), Signal::SIGINT)?;
    let start = Instant::now();
    while child.try_wait()?.is_none() {
        if start.elapsed() > PATIENCE {
            child.kill()?;
            child.wait()?;
            break;
        }
        thread::sleep(BETWEEN_LOOKS);
    }
    Ok(())
}

fn signal(process: u32, signal: Signal) -> Result<()> {
    match kill(Pid::from_raw(i32::try_from(process)?), signal) {
        Ok(()) | Err(Errno::ESRCH) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Waits for an answer; false if the process ended instead.
fn wait_until_ready(child: &mut Child, is_ready: impl Fn() -> bool) -> Result<bool> {
    let start = Instant::now();
    while child.try_wait()?.is_none() {
        // Not somebody else's answer: a server that cannot have its port ends.
        if is_ready() && child.try_wait()?.is_none() {
            return Ok(true);
        }
        if start.elapsed() > PATIENCE {
            child.kill()?;
            child.wait()?;
            break;
        }
        thread::sleep(BETWEEN_LOOKS);
    }
    Ok(false)
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    // A panic elsewhere is no reason to leave a server behind.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Files in a server's folder.
const LOCK: &str = "lock";
const LOG: &str = "log";
const DATA: &str = "data";
const PROCESS: &str = "process";

/// A server's folder: it is locked as long as it is used, and goes when this is dropped.
pub(super) struct Room {
    folder: PathBuf,
    user: Option<User>,
    _lock: File,
}

/// Whom a server runs as when root starts it: PostgreSQL refuses to be root.
#[derive(Clone, Copy)]
struct User {
    id: u32,
    group: u32,
}

impl Room {
    /// Makes an empty folder and removes those that killed runs left behind. `users` are the
    /// system's users to run as instead of root, the first that exists.
    pub(super) fn make(project: &Project, kind: &str, users: &[&str]) -> Result<Self> {
        if !Call::new(project, "setpriv").arg("--version").works() {
            bail!("{WANTED}");
        }
        let user = if apt::is_root(project) { Some(first_user(project, users)?) } else { None };
        let servers = place(project, user)?.canonicalize()?;
        // One run at a time looks and makes: none takes another's new folder for a stale one.
        let all = File::create(servers.join(LOCK))?;
        all.lock()?;
        remove_stale(&servers)?;
        let mut number = 0;
        let folder = loop {
            let folder = servers.join(format!("{kind}-{}-{number}", process::id()));
            if !folder.exists() {
                break folder;
            }
            number += 1;
        };
        fs::create_dir(&folder)?;
        let lock = File::create(folder.join(LOCK))?;
        lock.try_lock().context("a new folder is locked already")?;
        let room = Self { folder, user, _lock: lock };
        let data = room.data();
        fs::create_dir(&data)?;
        if let Some(User { id, group }) = user {
            chown(&data, Some(id), Some(group))?;
        }
        Ok(room)
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// The folder that the server may write to.
    pub(super) fn data(&self) -> PathBuf {
        self.path(DATA)
    }

    pub(super) fn log(&self) -> Result<File> {
        Ok(OpenOptions::new().create(true).append(true).open(self.path(LOG))?)
    }

    /// A call of a program as the user of this room, ending with this program.
    pub(super) fn call(&self, project: &Project, program: &Path) -> Call {
        as_user(project, self.user).arg("--").arg(program).dir(self.data())
    }

    /// The end of the log, to say why something failed.
    pub(super) fn last_words(&self) -> String {
        let text = fs::read_to_string(self.path(LOG)).unwrap_or_default();
        let lines: Vec<_> = text.lines().collect();
        let last = lines.get(lines.len().saturating_sub(LAST_LINES)..).unwrap_or_default();
        format!("its last words:\n{}", last.join("\n"))
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.folder) {
            eprintln!("`{}` was not removed: {error}", self.folder.display());
        }
    }
}

/// The signal comes when the thread ends that starts the program: servers are started by the
/// main one.
fn as_user(project: &Project, user: Option<User>) -> Call {
    let call = Call::new(project, "setpriv").arg("--pdeathsig=INT");
    match user {
        None => call,
        Some(User { id, group }) => {
            call.args([format!("--reuid={id}"), format!("--regid={group}")]).arg("--clear-groups")
        }
    }
}

fn first_user(project: &Project, users: &[&str]) -> Result<User> {
    let number = |what: &str, user: &str| -> Option<u32> {
        let exists = Call::new(project, "id").arg(user).works();
        exists
            .then(|| Call::new(project, "id").args([what, user]).output().ok())??
            .trim()
            .parse()
            .ok()
    };
    let found = users
        .iter()
        .find_map(|user| Some(User { id: number("-u", user)?, group: number("-g", user)? }));
    found.with_context(|| {
        let users = users.join("` or `");
        format!("root may not run this server, and there is no user `{users}` to run it as")
    })
}

/// The folder of all servers: below the target folder, if the user can get there.
fn place(project: &Project, user: Option<User>) -> Result<PathBuf> {
    let below_target = project.target("servers");
    fs::create_dir_all(&below_target)?;
    let reaches = |folder: &Path| {
        let look = as_user(project, user).args(["--", "sh", "-c", "cd \"$0\""]);
        look.arg(folder).dir("/").works()
    };
    if reaches(&below_target) {
        return Ok(below_target);
    }
    let own = fs::metadata(&below_target)?.uid();
    let elsewhere = env::temp_dir().join(format!("tierwise-servers-{own}"));
    fs::create_dir_all(&elsewhere)?;
    let found = fs::symlink_metadata(&elsewhere)?;
    if found.uid() != own || !found.is_dir() || !reaches(&elsewhere) {
        bail!(
            "neither `{}` nor `{}` can hold a server's data: put the target folder where every \
               user may pass",
            below_target.display(),
            elsewhere.display()
        );
    }
    Ok(elsewhere)
}

/// Folders whose lock nobody holds are those of runs that were killed.
fn remove_stale(servers: &Path) -> Result<()> {
    for entry in fs::read_dir(servers)? {
        let folder = entry?.path();
        let Ok(lock) = File::open(folder.join(LOCK)) else { continue };
        if lock.try_lock().is_err() {
            continue;
        }
        let start = Instant::now();
        while let Some(process) = left_behind(&folder) {
            signal(process, Signal::SIGINT)?;
            if start.elapsed() > PATIENCE {
                bail!("process {process} of `{}` does not end: end it", folder.display());
            }
            thread::sleep(BETWEEN_LOOKS);
        }
        println!("removing `{}`, left by a run that was killed", folder.display());
        fs::remove_dir_all(&folder)?;
    }
    Ok(())
}

/// The process of a stale folder, if it is still that server: numbers are used again.
fn left_behind(folder: &Path) -> Option<u32> {
    let process: u32 = fs::read_to_string(folder.join(PROCESS)).ok()?.trim().parse().ok()?;
    let runs_in = fs::read_link(format!("/proc/{process}/cwd")).ok()?;
    runs_in.starts_with(folder).then_some(process)
}
