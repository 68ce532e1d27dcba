//! Too much at once, too much from one client, too much in one request.

use std::time::{Duration, Instant};

use super::site::{Site, config, number};

const WAITS: &str = "GET /im/waits HTTP/1.1";

#[tokio::test]
async fn what_is_too_much_is_shed_quickly_and_nothing_of_it_is_begun() {
    let mut config = config();
    config.limits.requests = number(2);
    config.limits.waiting = number(1);
    config.limits.wait_ms = number(60_000);
    let mut site = Site::start(&config).await;
    let (mut one, mut other) = (site.connect().await, site.connect().await);
    for client in [&mut one, &mut other] {
        client.say(&format!("{WAITS}\r\nhost: x\r\nconnection: close\r\n\r\n")).await;
        site.begun().await;
    }
    // One stands in the line, and is served after all.
    let mut third = site.connect().await;
    third.say(&format!("{WAITS}\r\nhost: x\r\nconnection: close\r\n\r\n")).await;
    site.is_full().await;
    let begun = Instant::now();
    for _ in 0..5 {
        let shed = site.ask(WAITS).await;
        assert_eq!((shed.status, shed.code().as_str()), (503, "overloaded"));
        assert_eq!(shed.header("retry-after"), Some("1"));
    }
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
    assert!(!site.has_begun());
    // A body is not waited for where it could not be taken anyway.
    let shed = site.ask("POST /im/takes HTTP/1.1\r\ncontent-length: 5").await;
    assert_eq!(shed.status, 503);
    // Who watches it sees that it lives.
    assert_eq!(site.ask("GET /health HTTP/1.1").await.status, 200);
    site.go_on.add_permits(3);
    for mut client in [one, other, third] {
        assert_eq!(client.answer().await.body, "done");
    }
    site.begun().await;
    site.go_on.add_permits(1);
    assert_eq!(site.ask(WAITS).await.status, 200);
}

#[tokio::test]
async fn a_token_and_an_address_have_their_rates_and_the_refused_are_told_when() {
    let mut config = config();
    config.limits.per_token = number(2);
    config.limits.per_address = number(5);
    config.trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
    let mut site = Site::start(&config).await;
    let take = |token: &str, from: &str| {
        format!(
            "POST /im/takes HTTP/1.1\r\nauthorization: Bearer {token}\r\nx-forwarded-for: {from}\
             \r\ncontent-length: 0"
        )
    };
    for _ in 0..2 {
        assert_eq!(site.ask(&take("a", "192.0.2.1")).await.status, 200);
        site.begun().await;
    }
    let refused = site.ask(&take("a", "192.0.2.1")).await;
    assert_eq!((refused.status, refused.code().as_str()), (429, "rate_limited"));
    assert_eq!(refused.header("retry-after"), Some("1"));
    assert!(!site.has_begun());
    // The address goes on with another token, up to its own rate.
    let mut statuses = Vec::new();
    for token in ["b", "b", "c", "c", "d", "d"] {
        statuses.push(site.ask(&take(token, "192.0.2.1")).await.status);
    }
    assert_eq!(statuses, [200, 200, 200, 429, 429, 429]);
    assert_eq!(site.ask(&take("e", "192.0.2.2")).await.status, 200);
    // Who watches the service is not counted.
    for _ in 0..20 {
        assert_eq!(site.ask("GET /health HTTP/1.1").await.status, 200);
    }
}

#[tokio::test]
async fn a_mebibyte_is_taken_and_a_byte_more_is_not() {
    let mut site = Site::start(&config()).await;
    let mut body = vec![b'x'; 1 << 20];
    let head = |length: usize| format!("POST /im/takes HTTP/1.1\r\ncontent-length: {length}");
    let taken = site.ask_with(&head(body.len()), &body).await;
    assert_eq!((taken.status, taken.body.as_str()), (200, "1048576"));
    site.begun().await;
    body.push(b'x');
    let refused = site.ask_with(&head(body.len()), &body).await;
    assert_eq!((refused.status, refused.code().as_str()), (413, "too_large"));
    // One that does not say how long it is, is measured.
    let chunk = [format!("{:x}\r\n", body.len()).as_bytes(), &body, b"\r\n0\r\n\r\n"].concat();
    let chunked = "POST /im/takes HTTP/1.1\r\ntransfer-encoding: chunked";
    let refused = site.ask_with(chunked, &chunk).await;
    assert_eq!((refused.status, refused.code().as_str()), (413, "too_large"));
    // One who asks first is told before the body is sent.
    let asks = "POST /im/takes HTTP/1.1\r\nexpect: 100-continue\r\ncontent-length: 99999999";
    assert_eq!(site.ask(asks).await.status, 413);
    assert!(!site.has_begun());
    // What a network posts may be longer.
    let network = format!("POST /transports/x/events HTTP/1.1\r\ncontent-length: {}", body.len());
    assert_eq!(site.ask_with(&network, &body).await.status, 404);
}

#[tokio::test]
async fn a_body_that_trickles_in_takes_nobodys_place_and_is_cut_off() {
    let mut config = config();
    config.limits.requests = number(1);
    config.limits.body_ms = number(300);
    let mut site = Site::start(&config).await;
    let mut slow = site.connect().await;
    slow.say("POST /im/takes HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\nabc").await;
    // There is one place, and the slow one does not have it.
    let taken = site.ask_with("POST /im/takes HTTP/1.1\r\ncontent-length: 2", b"ab").await;
    assert_eq!((taken.status, taken.body.as_str()), (200, "2"));
    site.begun().await;
    slow.say("d").await;
    let refused = slow.answer().await;
    assert_eq!((refused.status, refused.code().as_str()), (408, "too_slow"));
    assert!(!site.has_begun());
}
