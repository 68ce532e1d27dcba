//! What browsers are told, the pages that they get, and what the log says of them.

use std::{
    io::Write,
    sync::{Arc, Mutex},
};

use super::site::{Site, config, pages};
use crate::config::LoggedRequests;

#[tokio::test]
async fn every_answer_says_what_a_browser_may_do_with_it() {
    let site = Site::start(&config()).await;
    for (head, status) in [
        ("GET /im/accounts/a HTTP/1.1", 200),
        ("GET /nothing HTTP/1.1", 404),
        ("DELETE /im/takes HTTP/1.1", 405),
        ("POST /im/takes HTTP/1.1\r\ncontent-length: 99999999\r\nexpect: 100-continue", 413),
    ] {
        let answer = site.ask(head).await;
        assert_eq!(answer.status, status, "{head}");
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("cache-control", "no-store"),
            ("referrer-policy", "no-referrer"),
            ("x-frame-options", "deny"),
            ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
        ] {
            assert_eq!(answer.header(name), Some(value), "{head}");
        }
        assert!(answer.header("x-request-id").is_some(), "{head}");
        // Only over TLS may it be asked for.
        assert_eq!(answer.header("strict-transport-security"), None, "{head}");
    }
}

fn preflight(origin: &str) -> String {
    format!(
        "OPTIONS /im/accounts/a HTTP/1.1\r\norigin: {origin}\r\n\
         access-control-request-method: PATCH\r\n\
         access-control-request-headers: authorization,content-type,idempotency-key"
    )
}

#[tokio::test]
async fn only_origins_that_are_named_may_ask_from_a_browser() {
    let mut config = config();
    config.cors_origins = vec!["https://app.example".to_owned()];
    config.limits.per_token = super::site::number(1);
    let site = Site::start(&config).await;
    let allowed = site.ask(&preflight("https://app.example")).await;
    assert_eq!(allowed.status, 200);
    assert_eq!(allowed.header("access-control-allow-origin"), Some("https://app.example"));
    assert_eq!(allowed.header("access-control-allow-methods"), Some("get,post,patch,delete"));
    let headers = allowed.header("access-control-allow-headers").unwrap();
    for name in ["authorization", "content-type", "idempotency-key", "if-report-match"] {
        assert!(headers.contains(name), "{headers}");
    }
    assert_eq!(allowed.header("access-control-allow-credentials"), None);
    let other = site.ask(&preflight("https://other.example")).await;
    assert_eq!(other.header("access-control-allow-origin"), None);
    let ask = "GET /im/accounts/a HTTP/1.1\r\norigin: https://app.example\r\nauthorization: t";
    let answer = site.ask(ask).await;
    assert_eq!(answer.header("access-control-allow-origin"), Some("https://app.example"));
    assert!(answer.header("vary").unwrap().contains("origin"));
    // A page sees why it was refused, too.
    let refused = site.ask(ask).await;
    assert_eq!(refused.status, 429);
    assert_eq!(refused.header("access-control-allow-origin"), Some("https://app.example"));
    assert!(refused.header("access-control-expose-headers").unwrap().contains("retry-after"));
}

#[tokio::test]
async fn questions_of_browsers_have_the_rate_of_their_address() {
    let mut config = config();
    config.cors_origins = vec!["https://app.example".to_owned()];
    config.limits.per_address = super::site::number(3);
    let site = Site::start(&config).await;
    let mut statuses = Vec::new();
    for _ in 0..5 {
        statuses.push(site.ask(&preflight("https://app.example")).await.status);
    }
    assert_eq!(statuses, [200, 200, 200, 429, 429]);
}

#[tokio::test]
async fn without_origins_no_page_of_elsewhere_may_ask() {
    let site = Site::start(&config()).await;
    let answer = site.ask(&preflight("https://app.example")).await;
    assert_eq!(answer.status, 405);
    assert_eq!(answer.header("access-control-allow-origin"), None);
    let ask = "GET /im/accounts/a HTTP/1.1\r\norigin: https://app.example";
    assert_eq!(site.ask(ask).await.header("access-control-allow-origin"), None);
}

#[tokio::test]
async fn pages_are_offered_and_no_path_leads_out_of_them() {
    let (_top, folder) = pages();
    std::fs::create_dir_all(folder.join("im/accounts")).unwrap();
    std::fs::write(folder.join("im/accounts/a"), "a file in the place of a route").unwrap();
    std::os::unix::fs::symlink("../secret.txt", folder.join("link.txt")).unwrap();
    let mut config = config();
    config.pages = Some(folder.clone());
    let site = Site::start(&config).await;
    let page = site.ask("GET / HTTP/1.1").await;
    assert_eq!((page.status, page.body.as_str()), (200, "<!doctype html>page"));
    assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
    assert_eq!(page.header("cache-control"), Some("no-cache"));
    assert_eq!(page.header("content-security-policy"), Some("frame-ancestors 'none'"));
    assert_eq!(page.header("x-content-type-options"), Some("nosniff"));
    let tag = page.header("etag").unwrap();
    let known = site.ask(&format!("GET /index.html HTTP/1.1\r\nif-none-match: {tag}")).await;
    assert_eq!((known.status, known.body.as_str()), (304, ""));
    let script = site.ask("GET /assets/main-B1xC3dE5.js HTTP/1.1").await;
    let for_good = "public, max-age=31536000, immutable";
    assert_eq!((script.status, script.header("cache-control")), (200, Some(for_good)));
    let head = site.ask("HEAD /?tier=a HTTP/1.1").await;
    assert_eq!((head.status, head.body.as_str()), (200, ""));
    assert_eq!(head.header("content-length"), Some("19"));
    assert_eq!(site.ask("GET /im/accounts/a HTTP/1.1").await.body, "account");
    let absolute = format!("/{}", folder.with_file_name("secret.txt").display());
    for path in [
        "/../secret.txt",
        "/assets/../../secret.txt",
        "/%2e%2e/secret.txt",
        "/..%2fsecret.txt",
        "/..\\secret.txt",
        "/.%00./secret.txt",
        "/link.txt",
        "//etc/passwd",
        "/./index.html",
        "/assets",
        "/assets/",
        &absolute,
    ] {
        let answer = site.ask(&format!("GET {path} HTTP/1.1")).await;
        assert!([400, 404].contains(&answer.status), "{path}: {answer:?}");
        assert!(!answer.body.contains("secret"), "{path}: {answer:?}");
    }
    assert_eq!(site.ask("POST /index.html HTTP/1.1\r\ncontent-length: 0").await.status, 404);
}

/// What is logged, gathered.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn the_log_names_routes_and_never_what_was_asked() {
    let log = Log::default();
    let gathered = log.clone();
    let subscriber = tracing_subscriber::fmt().json().with_writer(move || gathered.clone());
    let _guard = tracing::subscriber::set_default(subscriber.finish());
    let asks = [
        "GET /im/accounts/SECRET?q=SECRET HTTP/1.1\r\nauthorization: Bearer SECRET",
        "GET /SECRET HTTP/1.1",
        "GET /im/fails HTTP/1.1\r\nuser-agent: SECRET",
    ];
    let said = || String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    for (logged, lines) in [(LoggedRequests::All, 3), (LoggedRequests::Errors, 4)] {
        let site = Site::start(&crate::Config { log_requests: logged, ..config() }).await;
        for ask in asks {
            site.ask(ask).await;
        }
        assert_eq!(said().lines().count(), lines, "{}", said());
    }
    let said = said();
    assert!(!said.contains("SECRET"), "{said}");
    for words in ["/im/accounts/{account}", "\"status\":200", "\"method\":\"GET\"", "\"id\":"] {
        assert!(said.contains(words), "{words} in {said}");
    }
    assert!(said.lines().last().unwrap().contains("a request failed"), "{said}");
}
