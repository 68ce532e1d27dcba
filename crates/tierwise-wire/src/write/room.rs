//! Text that grows at its end.

use alloc::{vec, vec::Vec};
use core::fmt;

use tierwise::{DecimalParts, DecimalText};

/// How much room there is to begin with, in bytes.
const FIRST_ROOM: usize = 1024;
/// Up to here bytes are copied in place: a call that copies takes as long to begin.
const FEW_BYTES: usize = 8;
/// From here on in two halves, which overlap where there are fewer than all.
const HALF: usize = FEW_BYTES / 2;

/// Text being written.
#[derive(Clone, Debug, Default)]
pub(super) struct Room {
    /// INVARIANT: UTF-8 up to `length`, as everything that is put there; then room for more.
    bytes: Vec<u8>,
    length: usize,
}

impl Room {
    /// The text in UTF-8.
    #[cfg(feature = "marks")]
    pub(super) fn text(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }

    pub(super) fn into_text(self) -> Vec<u8> {
        let Room { mut bytes, length } = self;
        bytes.truncate(length);
        bytes
    }

    /// Forgets the text; the room stays.
    #[cfg(feature = "marks")]
    pub(super) fn clear(&mut self) {
        self.length = 0;
    }

    /// Its functions stay calls: written out in each of the places that write, they would be a
    /// tenth of the module.
    #[inline(never)]
    pub(super) fn push(&mut self, text: &str) {
        put(self.take(text.len()), text.as_bytes());
    }

    /// A text between quotes.
    #[inline(never)]
    pub(super) fn push_quoted(&mut self, text: &str) {
        put_quoted(self.take(text.len().saturating_add(2)), text.as_bytes());
    }

    /// A decimal between quotes.
    #[inline(never)]
    pub(super) fn push_quoted_decimal(&mut self, decimal: DecimalParts) {
        let text = DecimalText::from(decimal);
        let text = text.as_bytes();
        put_quoted(self.take(text.len().saturating_add(2)), text);
    }

    #[inline(never)]
    pub(super) fn push_decimal(&mut self, decimal: DecimalParts) {
        let text = DecimalText::from(decimal);
        let text = text.as_bytes();
        put(self.take(text.len()), text);
    }

    /// The place of the next bytes, which must be filled.
    #[inline(always)]
    fn take(&mut self, length: usize) -> &mut [u8] {
        let begin = self.length;
        self.length = begin.saturating_add(length);
        if self.length > self.bytes.len() {
            self.grow();
        }
        self.bytes.get_mut(begin..self.length).unwrap_or_default()
    }

    #[cold]
    #[inline(never)]
    fn grow(&mut self) {
        // In one piece: `resize` would put the zeros one by one on WebAssembly.
        let mut more = vec![0; self.length.saturating_mul(2).max(FIRST_ROOM)];
        if let Some(place) = more.get_mut(..self.bytes.len()) {
            place.copy_from_slice(&self.bytes);
        }
        self.bytes = more;
    }
}

impl fmt::Write for Room {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.push(text);
        Ok(())
    }
}

#[inline(always)]
fn put_quoted(place: &mut [u8], text: &[u8]) {
    if let [open, place @ .., close] = place {
        *open = b'"';
        put(place, text);
        *close = b'"';
    }
}

#[inline(always)]
fn put(place: &mut [u8], text: &[u8]) {
    let end = text.len().wrapping_sub(HALF);
    if text.len() > FEW_BYTES {
        place.copy_from_slice(text);
    } else if put_half(place, text) {
        if let (Some(place), Some(text)) = (place.get_mut(end..), text.get(end..)) {
            put_half(place, text);
        }
    } else {
        for (place, byte) in place.iter_mut().zip(text) {
            *place = *byte;
        }
    }
}

/// Copies the first half, if there is one.
#[inline(always)]
fn put_half(place: &mut [u8], text: &[u8]) -> bool {
    match (place.first_chunk_mut::<HALF>(), text.first_chunk()) {
        (Some(place), Some(text)) => {
            *place = *text;
            true
        }
        _ => false,
    }
}
