//! Connections: slow heads, large heads, many of them, idle ones, and their end.

use std::time::Duration;

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

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

#[tokio::test]
async fn an_address_has_so_many_connections_and_a_trusted_proxy_as_many_as_it_likes() {
    let mut config = config();
    config.limits.connections_per_address = super::site::number(2);
    let site = Site::start(&config).await;
    let ask = "GET /health HTTP/1.1\r\nhost: x\r\n\r\n";
    let mut held = Vec::new();
    for _ in 0..2 {
        let mut client = site.connect().await;
        client.say(ask).await;
        let mut byte = [0];
        client.0.read_exact(&mut byte).await.unwrap();
        held.push(client);
    }
    let mut third = site.connect().await;
    // It may be closed before this is written.
    let _ = third.0.write_all(ask.as_bytes()).await;
    assert_eq!(third.rest().await, "");
    // Whoever goes makes room for another one.
    drop(held.pop());
    let answered = async || {
        let mut client = site.connect().await;
        let _ = client.0.write_all(ask.as_bytes()).await;
        let mut byte = [0];
        client.0.read_exact(&mut byte).await.is_ok()
    };
    let begun = std::time::Instant::now();
    while !answered().await {
        assert!(begun.elapsed() < PATIENCE);
    }
    config.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
    let site = Site::start(&config).await;
    let mut held = Vec::new();
    for _ in 0..5 {
        let mut client = site.connect().await;
        client.say(ask).await;
        let mut byte = [0];
        client.0.read_exact(&mut byte).await.unwrap();
        held.push(client);
    }
}

#[tokio::test]
async fn a_request_that_says_its_length_twice_is_refused_and_nothing_behind_it_is_read() {
    let mut site = Site::start(&config()).await;
    let hidden = "POST /im/takes HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n";
    let (length, chunked) = ("content-length: 6\r\n", "transfer-encoding: chunked\r\n");
    for lengths in [format!("{length}{chunked}"), format!("{chunked}{length}")] {
        let mut client = site.connect().await;
        let head = format!("POST /im/takes HTTP/1.1\r\nhost: x\r\n{lengths}\r\n");
        client.say(&format!("{head}0\r\n\r\n{hidden}")).await;
        let answer = client.answer().await;
        assert_eq!((answer.status, answer.code().as_str()), (400, "bad_request"));
        assert_eq!(answer.header("connection"), Some("close"));
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        assert!(!answer.body.contains("HTTP/1.1"), "{}", answer.body);
        assert!(!site.has_begun());
    }
    // A coding that nobody undoes would leave a body that is none.
    for coding in ["gzip, chunked", "chunked, chunked", "identity, chunked"] {
        let mut client = site.connect().await;
        let head = format!("POST /im/takes HTTP/1.1\r\nhost: x\r\ntransfer-encoding: {coding}\r\n");
        client.say(&format!("{head}\r\n2\r\nab\r\n0\r\n\r\n{hidden}")).await;
        let answer = client.answer().await;
        assert_eq!((answer.status, answer.code().as_str()), (400, "bad_request"), "{coding}");
        assert_eq!(answer.header("connection"), Some("close"));
        assert!(!site.has_begun());
    }
    // One of the two is enough, and both may come over one connection.
    let mut client = site.connect().await;
    let post = "POST /im/takes HTTP/1.1\r\nhost: x\r\n";
    let last = format!("{post}connection: close\r\n{chunked}\r\n2\r\nab\r\n0\r\n\r\n");
    client.say(&format!("{post}{length}\r\nabcdef{post}{chunked}\r\n0\r\n\r\n{last}")).await;
    assert_eq!(client.rest().await.matches("HTTP/1.1 200").count(), 3);
}

#[tokio::test]
async fn a_connection_that_is_used_rests_never_however_long_it_lasts() {
    let mut config = config();
    config.limits.header_ms = number(500);
    let site = Site::start(&config).await;
    let mut client = site.connect().await;
    let begun = std::time::Instant::now();
    // It is looked whether something moves each time that it may rest for.
    while begun.elapsed() < Duration::from_millis(1600) {
        client.say("GET /health HTTP/1.1\r\nhost: x\r\n\r\n").await;
        let mut answer = Vec::new();
        while !answer.ends_with(b"well") {
            let read = timeout(PATIENCE, client.0.read_buf(&mut answer)).await.unwrap();
            assert_ne!(read.unwrap(), 0, "it ended after {:?}", begun.elapsed());
        }
    }
}

#[tokio::test]
async fn a_request_in_work_is_waited_for_though_nothing_moves() {
    let mut config = config();
    config.limits.header_ms = number(100);
    let mut site = Site::start(&config).await;
    let mut works = site.connect().await;
    works.say("GET /im/waits HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await;
    site.begun().await;
    // Each of these may rest for as long as one that has nothing in work.
    for _ in 0..5 {
        assert_eq!(site.connect().await.rest().await, "");
    }
    site.go_on.add_permits(1);
    assert_eq!(works.answer().await.body, "done");
}
