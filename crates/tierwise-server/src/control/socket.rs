//! The socket of orders: who listens on it, and how it is asked.

use std::{
    fs,
    io::{BufRead as _, BufReader, ErrorKind, Write as _},
    os::unix::{fs::PermissionsExt as _, net::UnixStream},
    path::{Path, PathBuf},
    sync::Arc,
};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _},
    net::{UnixListener, unix::OwnedReadHalf},
};

use super::{Order, Service};
use crate::error::ServerError;

/// The longest order, in bytes: a thousand messages of some size.
const MOST_BYTES: u64 = 16 << 20;

/// The longest path of a socket that all systems can reach, in bytes.
const MOST_PATH_BYTES: usize = 103;

/// A socket that is listened on; dropped, it is gone from the file system.
pub(crate) struct Socket {
    listener: UnixListener,
    path: PathBuf,
}

impl Socket {
    /// Listens on a path. One that nobody listens on any more is replaced. Errors: `control_taken`,
    /// `bad_control`.
    pub(crate) fn listen(path: &Path) -> Result<Self, ServerError> {
        let shown = path.display();
        let bad = |error: std::io::Error| {
            let what = format_args!("the socket `{shown}` cannot be made: {error}");
            ServerError::new("bad_control", what)
        };
        if path.as_os_str().len() > MOST_PATH_BYTES {
            let what = format_args!(
                "the socket `{shown}` has more than {MOST_PATH_BYTES} bytes: nobody could reach it"
            );
            return Err(ServerError::new("bad_control", what));
        }
        if UnixStream::connect(path).is_ok() {
            let what = format_args!("another service listens on `{shown}`: name another socket");
            return Err(ServerError::new("control_taken", what));
        }
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        // In a folder of its owner's alone until its own permissions are set.
        let made =
            tempfile::Builder::new().prefix(".tw").tempdir_in(folder.unwrap_or(Path::new(".")));
        let made = made.map_err(bad)?;
        let first = made.path().join("s");
        let listener = UnixListener::bind(&first).map_err(bad)?;
        fs::set_permissions(&first, fs::Permissions::from_mode(0o600)).map_err(bad)?;
        match fs::symlink_metadata(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(bad(error)),
            Ok(there) => {
                use std::os::unix::fs::FileTypeExt as _;
                if !there.file_type().is_socket() {
                    let what = format_args!("`{shown}` is no socket: it is left as it is");
                    return Err(ServerError::new("bad_control", what));
                }
            }
        }
        fs::rename(&first, path).map_err(bad)?;
        Ok(Socket { listener, path: path.to_owned() })
    }

    /// Takes orders, each connection's one after the other, until it is dropped.
    pub(crate) async fn serve(&self, service: Arc<Service>) {
        loop {
            match self.listener.accept().await {
                Ok((stream, _)) => {
                    let service = service.clone();
                    tokio::spawn(async move {
                        let (reader, writer) = stream.into_split();
                        // One that leaves in the middle needs no answer.
                        let _ = converse(reader, writer, &service).await;
                    });
                }
                Err(error) => {
                    tracing::warn!("an order could not be taken: {error}");
                    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
                }
            }
        }
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        // A socket that is left is replaced by the next one.
        let _ = fs::remove_file(&self.path);
    }
}

async fn converse(
    reader: OwnedReadHalf,
    mut writer: tokio::net::unix::OwnedWriteHalf,
    service: &Service,
) -> std::io::Result<()> {
    let mut reader = tokio::io::BufReader::new(reader);
    loop {
        let mut line = Vec::new();
        let read = (&mut reader).take(MOST_BYTES + 1).read_until(b'\n', &mut line).await?;
        if read == 0 {
            return Ok(());
        }
        let is_whole = fits(read);
        let answer = if is_whole { answer(&line, service).await } else { error(&too_large()) };
        writer.write_all(format!("{answer}\n").as_bytes()).await?;
        if !is_whole {
            return Ok(());
        }
    }
}

/// Whether an order of so many bytes is taken.
fn fits(bytes: usize) -> bool {
    u64::try_from(bytes).is_ok_and(|bytes| bytes <= MOST_BYTES)
}

fn too_large() -> ServerError {
    ServerError::refusal("too_large", format!("an order has at most {MOST_BYTES} bytes"))
}

async fn answer(line: &[u8], service: &Service) -> Value {
    let order = match serde_json::from_slice::<Order>(line) {
        Ok(order) => order,
        Err(wrong) => {
            let what = format!("the order cannot be read: {wrong}");
            return error(&ServerError::new("bad_request", what));
        }
    };
    match service.carry_out(order).await {
        Ok(answer) => json!({ "ok": answer }),
        Err(wrong) => error(&wrong),
    }
}

fn error(wrong: &ServerError) -> Value {
    let ServerError { code, message, is_refusal } = wrong;
    json!({ "error": { "code": code, "message": message, "refusal": is_refusal } })
}

/// Asks a service that runs, and waits for its answer. Errors: `too_large` before anybody is asked,
/// `not_running`, `bad_answer`, and those of the order.
pub fn ask(socket: &Path, order: &Order) -> Result<Value, ServerError> {
    let shown = socket.display();
    let line = serde_json::to_string(order).map_err(|error| ServerError::new("failed", error))?;
    let line = line + "\n";
    if !fits(line.len()) {
        return Err(too_large());
    }
    let mut stream = UnixStream::connect(socket).map_err(|error| {
        let what = format_args!(
            "no service listens on `{shown}` ({error}): start it by `tierwise serve` or `tierwise \
             run`, or name the socket of one that runs by `--control`"
        );
        ServerError::new("not_running", what)
    })?;
    let broke = |error: std::io::Error| {
        let what = format_args!(
            "the service on `{shown}` ended before it answered ({error}): whether it did what was \
             ordered, its store knows"
        );
        ServerError::new("bad_answer", what)
    };
    stream.write_all(line.as_bytes()).map_err(broke)?;
    let mut answer = String::new();
    BufReader::new(stream).read_line(&mut answer).map_err(broke)?;
    let mut answer: Value = serde_json::from_str(&answer).map_err(|error| broke(error.into()))?;
    if let Some(wrong) = answer.get("error") {
        let text = |key: &str| wrong.get(key).and_then(Value::as_str).unwrap_or_default();
        let is_refusal = wrong.get("refusal").and_then(Value::as_bool).unwrap_or_default();
        return Err(ServerError { is_refusal, ..ServerError::new(text("code"), text("message")) });
    }
    Ok(answer.get_mut("ok").map(Value::take).unwrap_or_default())
}
