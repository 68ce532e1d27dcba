//! Whom the messages go to: a webhook on loopback that takes a moment for each, and a log of every
//! request. What cannot be is written down at once.

use std::{
    collections::HashMap,
    io::{BufRead as _, BufReader, ErrorKind, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

use oorandom::Rand64;
use serde_json::Value;

/// How long the receiver takes for a message at most, in milliseconds.
const LONGEST_MS: u64 = 12;

/// A request that was seen.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) account: String,
    pub(crate) id: String,
    pub(crate) number: u64,
    pub(crate) fence: u64,
    /// Its sender was gone before anybody read it, and a later attempt had come: it was not taken.
    pub(crate) is_late: bool,
}

/// What the receiver knows.
#[derive(Debug, Default)]
pub(crate) struct Log {
    pub(crate) seen: Vec<Seen>,
    pub(crate) wrong: Vec<String>,
    highest: HashMap<String, u64>,
    /// The attempt of each account that is open, and its connection.
    open: HashMap<String, (u64, TcpStream)>,
}

/// A receiver that runs until the test ends.
#[derive(Clone, Debug)]
pub(crate) struct Receiver {
    pub(crate) url: String,
    log: Arc<Mutex<Log>>,
}

impl Receiver {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let log = Arc::new(Mutex::new(Log::default()));
        let kept = log.clone();
        thread::spawn(move || {
            for (seed, stream) in listener.incoming().enumerate() {
                let (stream, log) = (stream.unwrap(), kept.clone());
                // A connection that breaks is a runner that was killed.
                thread::spawn(move || drop(serve(stream, &log, seed as u64)));
            }
        });
        Receiver { url, log }
    }

    pub(crate) fn with<T>(&self, work: impl FnOnce(&mut Log) -> T) -> T {
        work(&mut self.log.lock().unwrap())
    }
}

/// Whether the other side of a connection is gone.
fn is_gone(stream: &TcpStream) -> bool {
    if stream.set_nonblocking(true).is_err() {
        return true;
    }
    let peeked = stream.peek(&mut [0]);
    let is_usable = stream.set_nonblocking(false).is_ok();
    match peeked {
        Ok(count) => count == 0,
        Err(error) => error.kind() != ErrorKind::WouldBlock || !is_usable,
    }
}

/// Answers the requests of a connection, one after the other.
fn serve(stream: TcpStream, log: &Mutex<Log>, seed: u64) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut random = Rand64::new(u128::from(seed));
    let mut reader = BufReader::new(stream.try_clone()?);
    loop {
        let Some(body) = read(&mut reader)? else { return Ok(()) };
        let asked: Value = serde_json::from_slice(&body)?;
        let text = |key: &str| asked[key].as_str().unwrap_or_default().to_owned();
        if text("type") != "message.send" {
            let events = r#"{"events":[{"type":"open","login":true}]}"#;
            answer(&stream, "200 OK", events)?;
            continue;
        }
        let (number, fence) = (asked["number"].as_u64(), asked["fence"].as_u64());
        let (number, fence) = (number.unwrap_or_default(), fence.unwrap_or_default());
        let (account, id) = (text("account"), text("id"));
        let seen = Seen { account, id, number, fence, is_late: false };
        if !log.lock().unwrap().begin(&seen, &stream) {
            answer(&stream, "409 Conflict", "{}")?;
            continue;
        }
        let milliseconds = random.rand_range(0..LONGEST_MS);
        for _ in 0..milliseconds {
            if is_gone(&stream) {
                break;
            }
            thread::sleep(Duration::from_millis(1));
        }
        // It is over for the receiver before anybody can know so.
        log.lock().unwrap().end(&seen);
        answer(&stream, "200 OK", "{}")?;
    }
}

impl Log {
    /// Takes a request, unless it is one of the past.
    fn begin(&mut self, seen: &Seen, stream: &TcpStream) -> bool {
        let highest = self.highest.get(&seen.account).copied().unwrap_or_default();
        let is_late = seen.fence <= highest;
        self.seen.push(Seen { is_late, ..seen.clone() });
        if is_late {
            if !is_gone(stream) {
                self.wrong.push(format!("{seen:?} begins, and fence {highest} was seen before"));
            }
            return false;
        }
        self.highest.insert(seen.account.clone(), seen.fence);
        let stream = stream.try_clone().unwrap();
        let before = self.open.insert(seen.account.clone(), (seen.fence, stream));
        if let Some((fence, stream)) = before
            && !is_gone(&stream)
        {
            self.wrong.push(format!("{seen:?} begins beside the open attempt {fence}"));
        }
        true
    }

    fn end(&mut self, seen: &Seen) {
        let is_open = |(fence, _): &(u64, TcpStream)| *fence == seen.fence;
        if self.open.get(&seen.account).is_some_and(is_open) {
            self.open.remove(&seen.account);
        }
    }
}

/// The body of the next request; none at the end of the connection.
fn read(reader: &mut BufReader<TcpStream>) -> std::io::Result<Option<Vec<u8>>> {
    let mut length = 0;
    let mut line = String::new();
    if reader.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    loop {
        line.clear();
        if reader.read_line(&mut line)? == 0 {
            return Ok(None);
        }
        match line.trim_end().split_once(": ") {
            Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                length = value.parse().map_err(std::io::Error::other)?;
            }
            Some(_) => {}
            None => break,
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    Ok(Some(body))
}

fn answer(mut stream: &TcpStream, status: &str, body: &str) -> std::io::Result<()> {
    let length = body.len();
    let text = format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n\
         {body}"
    );
    stream.write_all(text.as_bytes())
}
