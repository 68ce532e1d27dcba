//! Lines of a byte stream, each bounded: a line of any length costs bounded memory.

use std::io::{self, Read};

/// The longest line, in bytes. A longer one is skipped and reported.
pub(crate) const MAX_LINE_BYTES: usize = 1 << 20;
/// How much is read at once, in bytes.
const BLOCK_BYTES: usize = 1 << 18;

/// One line of a file.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Line<'a> {
    /// Its bytes, without the line end (`\n` or `\r\n`), and whether that was there.
    Text { bytes: &'a [u8], ended: bool },
    /// It was longer than [`MAX_LINE_BYTES`].
    TooLong,
}

/// Cuts a stream into lines.
pub(crate) struct Lines<R> {
    input: R,
    buffer: Vec<u8>,
    /// The part of the buffer that is read and not yet cut.
    start: usize,
    end: usize,
    at_end: bool,
    /// Whether the rest of a line that is too long is being skipped.
    skipping: bool,
    /// Bytes of the input that were taken so far.
    pub(crate) taken: u64,
}

impl<R: Read> Lines<R> {
    pub(crate) fn new(input: R) -> Self {
        let buffer = vec![0; BLOCK_BYTES];
        Lines { input, buffer, start: 0, end: 0, at_end: false, skipping: false, taken: 0 }
    }

    /// The next line; none at the end. Errors are those of the input.
    #[inline]
    pub(crate) fn next(&mut self) -> io::Result<Option<Line<'_>>> {
        let mut searched = self.start;
        loop {
            let unsearched = self.buffer.get(searched..self.end).unwrap_or_default();
            if let Some(length) = memchr::memchr(b'\n', unsearched) {
                let line = self.start..searched + length;
                self.start = line.end + 1;
                if std::mem::take(&mut self.skipping) || line.len() > MAX_LINE_BYTES {
                    return Ok(Some(Line::TooLong));
                }
                let bytes = self.buffer.get(line).unwrap_or_default();
                let bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
                return Ok(Some(Line::Text { bytes, ended: true }));
            }
            if self.end - self.start > MAX_LINE_BYTES {
                self.skipping = true;
                self.start = self.end;
            }
            if self.at_end {
                return Ok(self.last_line());
            }
            // What is left moves to the front; what was searched needs no second search.
            searched = self.end - self.start;
            self.fill()?;
        }
    }

    fn last_line(&mut self) -> Option<Line<'_>> {
        let rest = self.start..self.end;
        self.start = self.end;
        if std::mem::take(&mut self.skipping) {
            return Some(Line::TooLong);
        }
        let bytes = self.buffer.get(rest).unwrap_or_default();
        (!bytes.is_empty()).then_some(Line::Text { bytes, ended: false })
    }

    fn fill(&mut self) -> io::Result<()> {
        self.buffer.copy_within(self.start..self.end, 0);
        self.end -= self.start;
        self.start = 0;
        if self.buffer.len() - self.end < BLOCK_BYTES {
            self.buffer.resize(self.end + BLOCK_BYTES, 0);
        }
        loop {
            let free = self.buffer.get_mut(self.end..).unwrap_or_default();
            match self.input.read(free) {
                Ok(count) => {
                    self.end += count;
                    self.taken += count as u64;
                    self.at_end = count == 0;
                    return Ok(());
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives one byte at a time: every cut between blocks happens.
    struct Drip<'a>(&'a [u8]);

    impl Read for Drip<'_> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            match self.0.split_first() {
                Some((byte, rest)) => {
                    into[0] = *byte;
                    self.0 = rest;
                    Ok(1)
                }
                None => Ok(0),
            }
        }
    }

    fn all(input: impl Read) -> Vec<String> {
        let mut lines = Lines::new(input);
        let mut found = Vec::new();
        while let Some(line) = lines.next().unwrap() {
            found.push(match line {
                Line::TooLong => "too long".to_owned(),
                Line::Text { bytes, ended } => {
                    format!("{}{}", String::from_utf8_lossy(bytes), if ended { "." } else { "" })
                }
            });
        }
        found
    }

    #[test]
    fn lines_end_with_either_line_end_and_the_last_without() {
        for text in ["a\r\n\nbc\nd", "a\n\nbc\r\nd"] {
            assert_eq!(all(text.as_bytes()), ["a.", ".", "bc.", "d"]);
            assert_eq!(all(Drip(text.as_bytes())), ["a.", ".", "bc.", "d"]);
        }
        assert!(all(&b""[..]).is_empty());
    }

    #[test]
    fn a_line_of_any_length_is_skipped_in_bounded_memory() {
        let length = 100_000_000_u64;
        let long = io::repeat(b'x').take(length).chain(&b"\nnext\n"[..]);
        let mut lines = Lines::new(long);
        assert_eq!(lines.next().unwrap(), Some(Line::TooLong));
        assert_eq!(lines.next().unwrap(), Some(Line::Text { bytes: b"next", ended: true }));
        assert_eq!(lines.next().unwrap(), None);
        assert!(lines.buffer.len() <= MAX_LINE_BYTES + 2 * BLOCK_BYTES, "{}", lines.buffer.len());
    }
}
