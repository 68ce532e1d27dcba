//! Bodies of requests: read here, whole, within bounds of length, time and memory, before a route
//! is asked. One that trickles in keeps its connection busy, and nothing else.

use std::{
    pin::Pin,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use axum::{
    body::{Body, Bytes, HttpBody as _},
    extract::Request,
    http::{HeaderMap, header},
};
use tokio::time::{Instant, timeout_at};

/// All bodies that are read or worked on have so many bytes together.
const MOST_TOGETHER: u64 = 64 << 20;

/// Why a request is not let through to its route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// Its body is longer than may be.
    TooLong,
    /// It did not come in time.
    TooSlow,
    /// It ended before its end.
    Broken,
    /// There is no memory for it at present.
    NoRoom,
}

/// How long a body may be, and how long it may take.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    pub(super) most_bytes: u64,
    pub(super) patience: Duration,
}

/// The memory that bodies may take.
#[derive(Debug)]
pub(super) struct Memory(AtomicU64);

impl Memory {
    pub(super) fn new() -> Self {
        Memory(AtomicU64::new(MOST_TOGETHER))
    }

    /// A place in it, for a body that begins.
    fn hold(&self) -> Held<'_> {
        Held { memory: self, bytes: 0 }
    }
}

/// What a body takes of the memory, until this is dropped.
#[derive(Debug)]
pub(super) struct Held<'a> {
    memory: &'a Memory,
    bytes: u64,
}

impl Held<'_> {
    fn grow(&mut self, bytes: u64) -> Result<(), Fault> {
        let take = |left: u64| left.checked_sub(bytes);
        let taken = self.memory.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take);
        taken.map_err(|_| Fault::NoRoom)?;
        self.bytes += bytes;
        Ok(())
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.memory.0.fetch_add(self.bytes, Ordering::Relaxed);
    }
}

/// Reads the body of a request. Errors: what is wrong with it.
pub(super) async fn read(
    request: Request,
    bounds: Bounds,
    memory: &Memory,
) -> Result<(Request, Held<'_>), Fault> {
    let mut held = memory.hold();
    if request.body().is_end_stream() {
        return Ok((request, held));
    }
    let until = Instant::now() + bounds.patience;
    let (head, mut body) = request.into_parts();
    // One who waits for a word before the body need not send it at all.
    let waits = head.headers.contains_key(header::EXPECT);
    let is_too_long = said_length(&head.headers).is_some_and(|length| length > bounds.most_bytes);
    let read = match timeout_at(until, whole(&mut body, bounds.most_bytes, &mut held)) {
        _ if is_too_long => Err(Fault::TooLong),
        reading => reading.await.unwrap_or(Err(Fault::TooSlow)),
    };
    if read == Err(Fault::TooLong) && !(is_too_long && waits) {
        // What is a little too long is read to its end: a client that is still writing when the
        // connection is closed would not see why. One that is slow is cut off.
        let _ = timeout_at(until, pass_over(&mut body, bounds.most_bytes)).await;
    }
    Ok((Request::from_parts(head, Body::from(read?)), held))
}

fn said_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// The next part of a body.
async fn part(body: &mut Body) -> Option<Result<Bytes, Fault>> {
    loop {
        let frame = std::future::poll_fn(|context| Pin::new(&mut *body).poll_frame(context)).await;
        match frame?.map(http_body::Frame::into_data) {
            Ok(Ok(data)) => return Some(Ok(data)),
            // Trailers say nothing here.
            Ok(Err(_)) => {}
            Err(_) => return Some(Err(Fault::Broken)),
        }
    }
}

async fn whole(body: &mut Body, most_bytes: u64, held: &mut Held<'_>) -> Result<Bytes, Fault> {
    let (mut first, mut all) = (Bytes::new(), Vec::new());
    while let Some(data) = part(body).await {
        let data = data?;
        let read = length(&data);
        if held.bytes.saturating_add(read) > most_bytes {
            return Err(Fault::TooLong);
        }
        held.grow(read)?;
        // Most bodies come in one part, which is not copied.
        if held.bytes == read {
            first = data;
        } else {
            if all.is_empty() {
                all.extend_from_slice(&first);
            }
            all.extend_from_slice(&data);
        }
    }
    Ok(if all.is_empty() { first } else { Bytes::from(all) })
}

async fn pass_over(body: &mut Body, most_bytes: u64) {
    let mut left = most_bytes;
    while let Some(Ok(data)) = part(body).await {
        let Some(rest) = left.checked_sub(length(&data)) else { break };
        left = rest;
    }
}

fn length(data: &Bytes) -> u64 {
    u64::try_from(data.len()).unwrap_or(u64::MAX)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn memory(bytes: u64) -> Memory {
        Memory(AtomicU64::new(bytes))
    }

    fn request(text: &'static str) -> Request {
        Request::new(Body::from(text))
    }

    const BOUNDS: Bounds = Bounds { most_bytes: 5, patience: Duration::from_secs(1) };

    #[tokio::test]
    async fn bodies_share_a_memory_and_give_it_back() {
        let memory = memory(8);
        let (one, held) = read(request("12345"), BOUNDS, &memory).await.unwrap();
        assert_eq!(axum::body::to_bytes(one.into_body(), 10).await.unwrap(), "12345");
        assert_eq!(read(request("1234"), BOUNDS, &memory).await.unwrap_err(), Fault::NoRoom);
        drop(held);
        assert!(read(request("1234"), BOUNDS, &memory).await.is_ok());
        assert_eq!(memory.0.load(Ordering::Relaxed), 8);
    }

    #[tokio::test]
    async fn a_byte_too_much_is_too_much() {
        let memory = memory(100);
        assert!(read(request("12345"), BOUNDS, &memory).await.is_ok());
        assert_eq!(read(request("123456"), BOUNDS, &memory).await.unwrap_err(), Fault::TooLong);
        assert_eq!(memory.0.load(Ordering::Relaxed), 100);
    }
}
