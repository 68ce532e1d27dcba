//! Pages: the files of a folder, read at the start and whenever the service is told to. What is
//! asked for is looked up among those that were read, so that no path leads anywhere else.

use std::{
    collections::HashMap,
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
};

use axum::{
    body::{Body, Bytes},
    extract::{Request, State},
    http::{HeaderName, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use sha2::{Digest as _, Sha256};

use crate::error::ServerError;

/// All files of a folder have so many bytes together.
const MOST_BYTES: u64 = 64 << 20;

/// And are so many.
const MOST_FILES: usize = 10_000;

/// Below these, routes answer, whatever files there are.
const OF_ROUTES: [&str; 7] =
    ["auth", "health", "im", "metrics", "openapi.json", "payments", "transports"];

/// What a bundler puts in here has the hash of its content in its name.
const OF_BUNDLER: &str = "/assets/";

/// How long such a hash is, in letters.
const HASH_LETTERS: usize = 8;

/// Not in frames of others; what else a page may do, it says itself.
const NOT_FRAMED: HeaderValue = HeaderValue::from_static("frame-ancestors 'none'");

/// For good: another content has another name.
const FOR_GOOD: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

/// To be asked about again each time.
const ASKED_ABOUT: HeaderValue = HeaderValue::from_static("no-cache");

/// The files, by the path under which each is offered.
#[derive(Debug)]
pub(crate) struct Pages {
    folder: PathBuf,
    present: RwLock<Arc<Files>>,
}

type Files = HashMap<String, Page>;

#[derive(Clone, Debug)]
struct Page {
    content: Bytes,
    kind: &'static str,
    tag: HeaderValue,
    caching: HeaderValue,
}

impl Pages {
    /// Those of a folder. Errors: `bad_pages`.
    pub(crate) fn of(folder: &Path) -> Result<Self, ServerError> {
        let present = RwLock::new(Arc::new(read(folder)?));
        Ok(Pages { folder: folder.to_owned(), present })
    }

    /// Reads the folder anew. Errors: `bad_pages`, and the old files stay.
    pub(crate) fn read_anew(&self) -> Result<(), ServerError> {
        let new = Arc::new(read(&self.folder)?);
        *self.present.write().unwrap_or_else(PoisonError::into_inner) = new;
        Ok(())
    }

    fn find(&self, path: &str) -> Option<Page> {
        let present = self.present.read().unwrap_or_else(PoisonError::into_inner);
        present.get(path).cloned()
    }
}

/// Answers with a file, where one is asked for.
pub(super) async fn offer(
    State(pages): State<Arc<Pages>>,
    request: Request,
    next: Next,
) -> Response {
    let (method, path) = (request.method(), request.uri().path());
    let first = path.trim_start_matches('/').split('/').next().unwrap_or_default();
    if !matches!(*method, Method::GET | Method::HEAD) || OF_ROUTES.contains(&first) {
        return next.run(request).await;
    }
    let Some(page) = pages.find(path) else { return next.run(request).await };
    let known = request.headers().get_all(header::IF_NONE_MATCH).iter();
    let is_known = known.filter_map(|tags| tags.to_str().ok()).any(|tags| {
        let plain =
            |tag: &str| tag.trim().trim_start_matches("W/").as_bytes() == page.tag.as_bytes();
        tags.split(',').any(plain)
    });
    answer(page, *method == Method::HEAD, is_known)
}

fn answer(page: Page, is_head: bool, is_known: bool) -> Response {
    let length = page.content.len();
    let always = [
        (header::ETAG, page.tag),
        (header::CACHE_CONTROL, page.caching),
        (header::CONTENT_SECURITY_POLICY, NOT_FRAMED),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            HeaderValue::from_static("same-origin"),
        ),
    ];
    if is_known {
        return (StatusCode::NOT_MODIFIED, always).into_response();
    }
    let body = if is_head { Body::empty() } else { Body::from(page.content) };
    let own = [
        (header::CONTENT_TYPE, HeaderValue::from_static(page.kind)),
        (header::CONTENT_LENGTH, HeaderValue::from(length)),
    ];
    (always, own, body).into_response()
}

fn read(folder: &Path) -> Result<Files, ServerError> {
    let bad = |path: &Path, what: &dyn std::fmt::Display| {
        ServerError::new("bad_pages", format_args!("`pages`: `{}`: {what}", path.display()))
    };
    let mut reading = Reading { top: PathBuf::new(), files: Files::new(), bytes: 0 };
    reading.top = folder.canonicalize().map_err(|error| bad(folder, &error))?;
    let top = reading.top.clone();
    reading.folder(&top, "/").map_err(|error| bad(folder, &error))?;
    if !reading.files.contains_key("/") {
        return Err(bad(folder, &"there is no index.html in it"));
    }
    Ok(reading.files)
}

struct Reading {
    top: PathBuf,
    files: Files,
    bytes: u64,
}

impl Reading {
    /// Reads a folder and those in it. What has a name that begins with a point is left out, as is
    /// what lies elsewhere and is only linked to.
    fn folder(&mut self, folder: &Path, path: &str) -> io::Result<()> {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let Ok(name) = entry.file_name().into_string() else { continue };
            if name.starts_with('.') || !name.bytes().all(is_plain) {
                continue;
            }
            // INVARIANT: nothing outside the folder is offered, not through a link either.
            let Ok(place) = entry.path().canonicalize() else { continue };
            if !place.starts_with(&self.top) {
                tracing::warn!("`{}` leads out of the pages: left out", entry.path().display());
                continue;
            }
            // A link to a folder might lead in a circle.
            if entry.file_type()?.is_dir() {
                self.folder(&entry.path(), &format!("{path}{name}/"))?;
            } else if place.is_file() {
                self.file(&place, &format!("{path}{name}"))?;
            }
        }
        Ok(())
    }

    fn file(&mut self, place: &Path, path: &str) -> io::Result<()> {
        let content = fs::read(place)?;
        self.bytes = self.bytes.saturating_add(u64::try_from(content.len()).unwrap_or(u64::MAX));
        if self.bytes > MOST_BYTES || self.files.len() >= MOST_FILES {
            let what = format!("more than {MOST_FILES} files or {MOST_BYTES} bytes");
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, what));
        }
        let hash = Sha256::digest(&content);
        let letters: String = hash.iter().take(12).map(|byte| format!("{byte:02x}")).collect();
        let tag = HeaderValue::from_str(&format!("\"{letters}\"")).map_err(io::Error::other)?;
        let page = Page {
            content: Bytes::from(content),
            kind: kind(path),
            tag,
            caching: if is_hashed(path) { FOR_GOOD } else { ASKED_ABOUT },
        };
        if let Some(folder) = path.strip_suffix("index.html") {
            self.files.insert(folder.to_owned(), page.clone());
        }
        self.files.insert(path.to_owned(), page);
        Ok(())
    }
}

/// Letters that stand for themselves in an address.
fn is_plain(letter: u8) -> bool {
    letter.is_ascii_alphanumeric() || b"._-~".contains(&letter)
}

/// Whether the name of a file holds the hash of its content: `assets/index-B1xC3dE5.js`.
fn is_hashed(path: &str) -> bool {
    let Some(name) = path.strip_prefix(OF_BUNDLER) else { return false };
    let stem = name.split('.').next().unwrap_or_default();
    let start = stem.len().checked_sub(HASH_LETTERS + 1);
    let hash = start.and_then(|start| stem.get(start..)?.strip_prefix('-'));
    hash.is_some_and(|hash| hash.bytes().all(|letter| is_plain(letter) && letter != b'~'))
}

fn kind(path: &str) -> &'static str {
    match path.rsplit('.').next() {
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
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn files_of_the_folder_are_offered_and_nothing_else() {
        let top = tempfile::tempdir().unwrap();
        let folder = top.path().join("dist");
        fs::create_dir_all(folder.join("assets")).unwrap();
        fs::create_dir_all(folder.join("console")).unwrap();
        for (name, text) in [
            ("index.html", "page"),
            ("console/index.html", "console"),
            ("assets/main-B1xC3dE5.js", "script"),
            ("assets/tierwise.wasm", "module"),
            (".env", "secret"),
            ("../secret.txt", "secret"),
        ] {
            fs::write(folder.join(name), text).unwrap();
        }
        std::os::unix::fs::symlink("../secret.txt", folder.join("link.txt")).unwrap();
        std::os::unix::fs::symlink("..", folder.join("up")).unwrap();
        std::os::unix::fs::symlink("index.html", folder.join("inside.html")).unwrap();
        let pages = Pages::of(&folder).unwrap();
        let mut offered: Vec<_> = pages.present.read().unwrap().keys().cloned().collect();
        offered.sort_unstable();
        let expected = [
            "/",
            "/assets/main-B1xC3dE5.js",
            "/assets/tierwise.wasm",
            "/console/",
            "/console/index.html",
            "/index.html",
            "/inside.html",
        ];
        assert_eq!(offered, expected);
        let caching = |path| pages.find(path).unwrap().caching;
        assert_eq!(caching("/assets/main-B1xC3dE5.js"), FOR_GOOD);
        assert_eq!(caching("/assets/tierwise.wasm"), ASKED_ABOUT);
        assert_eq!(caching("/"), ASKED_ABOUT);

        // What was read stays until it is read anew, and stays if that fails.
        fs::write(folder.join("index.html"), "new page").unwrap();
        assert_eq!(pages.find("/").unwrap().content, "page");
        pages.read_anew().unwrap();
        assert_eq!(pages.find("/").unwrap().content, "new page");
        fs::remove_file(folder.join("index.html")).unwrap();
        fs::remove_file(folder.join("inside.html")).unwrap();
        assert_eq!(pages.read_anew().unwrap_err().code, "bad_pages");
        assert_eq!(pages.find("/").unwrap().content, "new page");
    }
}
