//! A small server of files on this machine, to look at the page that was built.

use anyhow::{Context as _, Result, anyhow, bail};
use std::fs::File;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use tiny_http::{Header, Method, Request, Response, Server, StatusCode};

/// How many ports after the first wish are tried.
const PORT_TRIES: u16 = 100;

/// Serves one folder, to this machine only.
pub(crate) struct FileServer {
    server: Arc<Server>,
    address: SocketAddr,
    folder: PathBuf,
}

/// Ends a server from elsewhere.
pub(crate) struct Stop(Arc<Server>);

impl Stop {
    pub(crate) fn stop(&self) {
        self.0.unblock();
    }
}

impl FileServer {
    /// Listens on the port wished for, or on the next one that is free.
    pub(crate) fn listen(folder: &Path, port: u16) -> Result<Self> {
        if !folder.join("index.html").is_file() {
            bail!("`{}` has no index.html: build the page first", folder.display());
        }
        let last = port.saturating_add(PORT_TRIES);
        for candidate in port..=last {
            let address = SocketAddr::from((Ipv4Addr::LOCALHOST, candidate));
            match Server::http(address) {
                Ok(server) => {
                    let address = server.server_addr().to_ip().context("no address")?;
                    let server = Arc::new(server);
                    return Ok(Self { server, address, folder: folder.canonicalize()? });
                }
                Err(error) if is_taken(error.as_ref()) => {}
                Err(error) => return Err(anyhow!("listening on {address}: {error}")),
            }
        }
        bail!("no port from {port} to {last} is free: name another with --port")
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn stop_handle(&self) -> Stop {
        Stop(Arc::clone(&self.server))
    }

    /// Answers until it is stopped.
    pub(crate) fn run(&self) -> Result<()> {
        loop {
            match self.server.recv() {
                Ok(request) => {
                    let answered = answer(&self.folder, request);
                    // A browser that goes away while it is being answered is nothing to report.
                    if let Err(error) = answered
                        && !matches!(
                            error.kind(),
                            io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionReset
                        )
                    {
                        eprintln!("a request was not answered: {error}");
                    }
                }
                // This is how `unblock` makes itself known.
                Err(error) if error.kind() == io::ErrorKind::Other => return Ok(()),
                Err(error) => return Err(error).context("waiting for requests"),
            }
        }
    }
}

fn is_taken(error: &(dyn std::error::Error + 'static)) -> bool {
    let error = error.downcast_ref::<io::Error>();
    error.is_some_and(|error| {
        matches!(error.kind(), io::ErrorKind::AddrInUse | io::ErrorKind::PermissionDenied)
    })
}

fn answer(folder: &Path, request: Request) -> io::Result<()> {
    if !matches!(request.method(), Method::Get | Method::Head) {
        let refusal = text(405, "only GET and HEAD are answered\n");
        return request.respond(refusal.with_header(header("Allow", "GET, HEAD")?));
    }
    let file = file_for(folder, request.url());
    let Some((path, Ok(file))) = file.map(|path| (path.clone(), File::open(path))) else {
        return request.respond(text(404, "there is no such file\n"));
    };
    request.respond(
        Response::from_file(file)
            .with_header(header("Content-Type", content_type(&path))?)
            .with_header(header("Cache-Control", "no-cache")?)
            .with_header(header("X-Content-Type-Options", "nosniff")?),
    )
}

fn text(status: u16, text: &str) -> Response<io::Cursor<Vec<u8>>> {
    Response::from_string(text).with_status_code(StatusCode(status))
}

fn header(name: &str, value: &str) -> io::Result<Header> {
    Header::from_bytes(name, value)
        .map_err(|()| io::Error::new(io::ErrorKind::InvalidInput, format!("header `{name}`")))
}

/// The file that an address names, if it lies in the folder.
fn file_for(folder: &Path, url: &str) -> Option<PathBuf> {
    let path = url.split(['?', '#']).next()?.strip_prefix('/')?;
    // No file of the page has a name that would be escaped, so escapes are not read at all.
    if path.contains(['%', '\\', '\0']) {
        return None;
    }
    if !Path::new(path).components().all(|part| matches!(part, Component::Normal(_))) {
        return None;
    }
    let mut file = folder.join(path);
    if file.is_dir() {
        file.push("index.html");
    }
    // INVARIANT: nothing outside the folder is served, not through a link either.
    let file = file.canonicalize().ok()?;
    (file.starts_with(folder) && file.is_file()).then_some(file)
}

fn content_type(path: &Path) -> &'static str {
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("json" | "map") => "application/json",
        Some("wasm") => "application/wasm",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("ico") => "image/x-icon",
        Some("woff2") => "font/woff2",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::{FileServer, file_for};
    use anyhow::Result;
    use std::fs;
    use std::io::{Read as _, Write as _};
    use std::net::{SocketAddr, TcpStream};
    use std::path::PathBuf;
    use std::thread;

    /// A folder of its own for each test, with a page, a module and a neighbour to keep secret.
    fn folder(name: &str) -> Result<PathBuf> {
        let top = std::env::temp_dir().join(format!("tierwise-{name}-{}", std::process::id()));
        let folder = top.join("dist");
        fs::create_dir_all(folder.join("assets"))?;
        fs::write(folder.join("index.html"), "<!doctype html>page")?;
        fs::write(folder.join("assets/tierwise.wasm"), b"\0asm")?;
        fs::write(top.join("secret.txt"), "secret")?;
        Ok(folder.canonicalize()?)
    }

    fn ask(address: SocketAddr, line: &str) -> Result<String> {
        let mut stream = TcpStream::connect(address)?;
        write!(stream, "{line} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        Ok(String::from_utf8_lossy(&answer).into_owned())
    }

    #[test]
    fn only_files_of_the_folder_are_found() -> Result<()> {
        let folder = folder("found")?;
        assert_eq!(file_for(&folder, "/"), Some(folder.join("index.html")));
        assert_eq!(file_for(&folder, "/index.html?a=b"), Some(folder.join("index.html")));
        let outside = folder.with_file_name("secret.txt");
        assert!(outside.is_file());
        std::os::unix::fs::symlink(&outside, folder.join("link.txt"))?;
        let absolute = format!("/{}", outside.display());
        let refused = [
            "/../secret.txt",
            "/assets/../../secret.txt",
            "/%2e%2e/secret.txt",
            "/..%2fsecret.txt",
            "/..\\secret.txt",
            "/link.txt",
            "//etc/passwd",
            "/assets",
            "/missing.html",
            "secret.txt",
            &absolute,
        ];
        for url in refused {
            assert_eq!(file_for(&folder, url), None, "{url}");
        }
        Ok(())
    }

    #[test]
    fn the_page_and_the_module_come_over_loopback_until_it_is_stopped() -> Result<()> {
        let server = FileServer::listen(&folder("loopback")?, 18_080)?;
        let second = FileServer::listen(&folder("second")?, server.address().port())?;
        assert_ne!(second.address().port(), server.address().port());
        let (address, stop) = (server.address(), server.stop_handle());
        let serving = thread::spawn(move || server.run());
        let page = ask(address, "GET /")?;
        assert!(page.starts_with("HTTP/1.1 200"), "{page}");
        assert!(page.contains("text/html") && page.ends_with("<!doctype html>page"), "{page}");
        let module = ask(address, "GET /assets/tierwise.wasm")?;
        assert!(module.contains("application/wasm") && module.ends_with("\0asm"), "{module}");
        let head = ask(address, "HEAD /")?;
        assert!(head.starts_with("HTTP/1.1 200") && head.ends_with("\r\n\r\n"), "{head}");
        assert!(ask(address, "POST /")?.starts_with("HTTP/1.1 405"));
        assert!(ask(address, "GET /../secret.txt")?.starts_with("HTTP/1.1 404"));
        stop.stop();
        serving.join().expect("the server does not panic")
    }
}
