//! Where requests of HTTP/1 begin and end, followed beside hyper, which does not tell whether one
//! said its length twice: in `Content-Length`, and by `Transfer-Encoding`. A proxy before this
//! service may believe the other one, and take for a body what is a request here, or the reverse.
//! Nor does it tell which codings a body has beside `chunked`: nobody here undoes them.

use std::{
    mem,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

/// Bytes of a line that are kept: more than any that says something about a body. A longer one is
/// as bad as a second length.
const MOST_LINE: usize = 8 << 10;

const LENGTH: &[u8] = b"content-length";
const ENCODING: &[u8] = b"transfer-encoding";

/// Whether a request of a connection said its length twice, or by another coding than `chunked`
/// alone. It stays so.
#[derive(Clone, Debug, Default)]
pub(super) struct Twofold(Arc<AtomicBool>);

impl Twofold {
    pub(super) fn is_seen(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

/// What comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    /// The first line of a request.
    Request,
    /// A header, or the end of the head.
    Header,
    /// So many bytes, and then the first line of a request.
    Body(u64),
    /// The length of a chunk.
    Length,
    /// So many bytes, and then the length of a chunk.
    Chunk(u64),
    /// A trailer, or the end of the body.
    Trailer,
}

/// Follows what comes over a connection.
#[derive(Debug)]
pub(super) struct Framing {
    next: Next,
    line: Vec<u8>,
    length: Option<u64>,
    is_chunked: bool,
    twofold: Twofold,
}

impl Framing {
    pub(super) fn new(twofold: Twofold) -> Self {
        Framing { next: Next::Request, line: Vec::new(), length: None, is_chunked: false, twofold }
    }

    /// What came next.
    pub(super) fn see(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            bytes = match self.next {
                Next::Body(left) => self.pass(bytes, left, Next::Body, Next::Request),
                Next::Chunk(left) => self.pass(bytes, left, Next::Chunk, Next::Length),
                _ => self.read_line(bytes),
            };
        }
    }

    fn pass<'a>(
        &mut self,
        bytes: &'a [u8],
        left: u64,
        more: fn(u64) -> Next,
        then: Next,
    ) -> &'a [u8] {
        let here = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        let rest = left.saturating_sub(here);
        self.next = if rest == 0 { then } else { more(rest) };
        let passed = usize::try_from(left.min(here)).unwrap_or(bytes.len());
        bytes.get(passed..).unwrap_or_default()
    }

    fn read_line<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        let end = bytes.iter().position(|byte| *byte == b'\n');
        let (part, rest) = match end.and_then(|end| bytes.split_at_checked(end + 1)) {
            Some((line, rest)) => (line, rest),
            None => (bytes, &bytes[..0]),
        };
        self.line.extend_from_slice(part);
        if self.line.len() > MOST_LINE {
            let is_long = |name: &[u8]| {
                self.line.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name))
            };
            if self.next == Next::Header && (is_long(LENGTH) || is_long(ENCODING)) {
                self.twofold.0.store(true, Ordering::Release);
            }
            // Others may be long, and say nothing of a body.
            self.line.truncate(ENCODING.len());
        }
        if end.is_some() {
            let line = mem::take(&mut self.line);
            self.next = self.after(line.trim_ascii());
            self.line = line;
            self.line.clear();
        }
        rest
    }

    fn after(&mut self, line: &[u8]) -> Next {
        match self.next {
            // Empty lines before a request are passed over.
            Next::Request if line.is_empty() => Next::Request,
            Next::Request => {
                (self.length, self.is_chunked) = (None, false);
                Next::Header
            }
            Next::Header if !line.is_empty() => {
                self.header(line);
                Next::Header
            }
            Next::Header if self.is_chunked => Next::Length,
            Next::Header => match self.length {
                Some(length) if length > 0 => Next::Body(length),
                _ => Next::Request,
            },
            Next::Length => match length_of_chunk(line) {
                0 => Next::Trailer,
                length => Next::Chunk(length.saturating_add(2)),
            },
            Next::Trailer if !line.is_empty() => Next::Trailer,
            _ => Next::Request,
        }
    }

    fn header(&mut self, line: &[u8]) {
        let mut parts = line.splitn(2, |byte| *byte == b':');
        let (name, value) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        if name.eq_ignore_ascii_case(LENGTH) {
            let text = str::from_utf8(value.trim_ascii()).unwrap_or_default();
            self.length = Some(text.parse().unwrap_or_default());
        } else if name.eq_ignore_ascii_case(ENCODING) {
            // Said in two headers it is two codings.
            if self.is_chunked || !value.trim_ascii().eq_ignore_ascii_case(b"chunked") {
                self.twofold.0.store(true, Ordering::Release);
            }
            self.is_chunked = true;
        }
        if self.is_chunked && self.length.is_some() {
            self.twofold.0.store(true, Ordering::Release);
        }
    }
}

/// What is no number ends the connection in hyper.
fn length_of_chunk(line: &[u8]) -> u64 {
    let size = line.split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii();
    let size = str::from_utf8(size).unwrap_or_default();
    u64::from_str_radix(size, 16).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether a length that was said twice is seen, read in parts of so many bytes.
    fn is_twofold(text: &str, bytes: usize) -> bool {
        let mut framing = Framing::new(Twofold::default());
        text.as_bytes().chunks(bytes).for_each(|part| framing.see(part));
        framing.twofold.is_seen()
    }

    const BOTH: &str = "content-length: 3\r\ntransfer-encoding: chunked\r\n";

    #[test]
    fn a_length_that_is_said_twice_is_seen_in_whatever_request_it_stands() {
        let long = format!("x: {}\r\n", "y".repeat(4000));
        let before = [
            String::new(),
            "\r\n\r\nGET / HTTP/1.1\r\nhost: x\r\n\r\n".to_owned(),
            format!("POST / HTTP/1.1\r\n{long}Content-Length: 12\r\n\r\n\n\nabcdefghi\n"),
            "POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n".to_owned(),
            "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n4;a=b\r\nab\r\n\r\nA\r\n0\r\n\r\n\
             12345\r\n0\r\nTrailer: x\r\n\r\n"
                .to_owned(),
        ];
        for before in before {
            for bytes in [1, 2, 3, 7, 100, 10_000] {
                let one = format!("{before}POST / HTTP/1.1\r\n{BOTH}\r\n");
                assert!(is_twofold(&one, bytes), "{one}");
                let turned = "Transfer-Encoding: gzip\nX: y\nCONTENT-LENGTH:\t3";
                let other = format!("{before}POST / HTTP/1.1\n{turned}\n\n");
                assert!(is_twofold(&other, bytes), "{other}");
            }
        }
        let long = format!("GET / HTTP/1.1\r\nContent-Length:{}3\r\n\r\n", " ".repeat(9000));
        assert!(is_twofold(&long, 100) && is_twofold(&long, 10_000));
    }

    #[test]
    fn a_coding_that_is_not_chunked_alone_is_seen() {
        let post = |codings: &str| format!("POST / HTTP/1.1\r\n{codings}\r\nHost: x\r\n\r\n");
        for codings in [
            "Transfer-Encoding: gzip, chunked",
            "Transfer-Encoding: chunked, chunked",
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
            "Transfer-Encoding: gzip\r\ntransfer-encoding: chunked",
            "Transfer-Encoding: chunked;q=1",
            "Transfer-Encoding: xchunked",
            "Transfer-Encoding: identity",
            "Transfer-Encoding:",
        ] {
            assert!(is_twofold(&post(codings), 7), "{codings}");
        }
        for codings in ["Transfer-Encoding: chunked", "transfer-encoding:\tCHUNKED ", "TE: gzip"] {
            assert!(!is_twofold(&post(codings), 7), "{codings}");
        }
    }

    #[test]
    fn what_stands_in_a_body_or_in_two_requests_is_no_second_length() {
        let body = format!("GET / HTTP/1.1\r\n{BOTH}\r\n");
        let length = body.len();
        let chunk = format!("{length:X}\r\n{body}\r\n0\r\n\r\n");
        let plain = format!("POST / HTTP/1.1\r\nContent-Length: {length}\r\n\r\n{body}");
        let chunked = format!("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n{chunk}");
        let long = "y".repeat(9000);
        let path = format!("GET /{long} HTTP/1.1\r\nhost: {long}\r\n\r\n");
        let named = "GET / HTTP/1.1\r\nx: content-length: 3\r\ntransfer-encoding-x: y\r\n\r\n";
        let all = [&*plain, &chunked, &path, named, &chunked, &plain].concat();
        for bytes in [1, 2, 3, 7, 100, 10_000] {
            assert!(!is_twofold(&all, bytes), "{bytes}");
        }
    }
}
