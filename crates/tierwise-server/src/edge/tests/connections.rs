//! Connections: slow heads, large heads, many of them, idle ones, and their end.

use std::time::Duration;

use tokio::{io::AsyncReadExt as _, net::TcpStream, time::timeout};

use super::site::{PATIENCE, Site, config, number};

#[tokio::test]
async fn a_head_that_does_not_come_in_time_ends_the_connection() {
    let mut config = config();
    config.limits.header_ms = number(200);
    let site = Site::start(&config).await;
    let mut nothing = site.connect().await;
    let mut half = site.connect().await;
    half.say("GET /health HTTP/1.1\r\nhost: x\r\nx-slow: ").await;
    assert_eq!(half.rest().await, "");
    assert_eq!(nothing.rest().await, "");
    // So does one that rests after its answer.
    let mut rests = site.connect().await;
    rests.say("GET /health HTTP/1.1\r\nhost: x\r\n\r\n").await;
    assert!(rests.rest().await.ends_with("well"));
}

#[tokio::test]
async fn too_many_headers_and_too_long_ones_are_refused() {
    let site = Site::start(&config()).await;
    let many = |count: usize| {
        (0..count).fold("GET /health HTTP/1.1".to_owned(), |head, number| {
            head + &format!("\r\nx-{number}: y")
        })
    };
    // Two more come with every question here.
    assert_eq!(site.ask(&many(98)).await.status, 200);
    assert_eq!(site.ask(&many(99)).await.status, 431);
    let long = |bytes: usize| format!("GET /health HTTP/1.1\r\nx-long: {}", "y".repeat(bytes));
    assert_eq!(site.ask(&long(30_000)).await.status, 200);
    assert_eq!(site.ask(&long(33_000)).await.status, 431);
    let path = "p".repeat(33_000);
    assert!([414, 431].contains(&site.ask(&format!("GET /{path} HTTP/1.1")).await.status));
}

#[tokio::test]
async fn connections_beyond_the_most_wait_until_one_ends() {
    let mut config = config();
    config.limits.connections = number(1);
    let site = Site::start(&config).await;
    let mut first = site.connect().await;
    first.say("GET /health HTTP/1.1\r\nhost: x\r\n\r\n").await;
    let mut byte = [0];
    first.0.read_exact(&mut byte).await.unwrap();
    let mut second = site.connect().await;
    second.say("GET /health HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await;
    assert!(timeout(Duration::from_millis(200), second.0.peek(&mut byte)).await.is_err());
    drop(first);
    assert_eq!(second.answer().await.status, 200);
}

#[tokio::test]
async fn at_the_end_what_is_in_work_is_answered_and_nothing_new_is_taken() {
    let mut site = Site::start(&config()).await;
    let (mut works, mut rests) = (site.connect().await, site.connect().await);
    rests.say("GET /health HTTP/1.1\r\nhost: x\r\n\r\n").await;
    let mut byte = [0];
    rests.0.read_exact(&mut byte).await.unwrap();
    works.say("GET /im/waits HTTP/1.1\r\nhost: x\r\n\r\n").await;
    site.begun().await;
    let (address, go_on) = (site.address, site.go_on.clone());
    let ending = tokio::spawn(site.served.end(PATIENCE));
    // One that has nothing in work ends at once; the other one only once it is answered.
    assert!(rests.rest().await.ends_with("well"));
    assert!(TcpStream::connect(address).await.is_err());
    assert!(!ending.is_finished());
    go_on.add_permits(1);
    let answer = works.answer().await;
    assert_eq!((answer.status, answer.body.as_str()), (200, "done"));
    timeout(PATIENCE, ending).await.unwrap().unwrap();
}

#[tokio::test]
async fn the_end_waits_no_longer_than_it_may() {
    let mut site = Site::start(&config()).await;
    let mut works = site.connect().await;
    works.say("GET /im/waits HTTP/1.1\r\nhost: x\r\n\r\n").await;
    site.begun().await;
    timeout(PATIENCE, site.served.end(Duration::from_millis(100))).await.unwrap();
}
