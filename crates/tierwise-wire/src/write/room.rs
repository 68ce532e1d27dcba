//! Text that grows at its end.

use alloc::vec::Vec;
use core::fmt;

use tierwise::{DecimalParts, DecimalText};

/// How much room there is to begin with, in bytes.
const FIRST_ROOM: usize = 1024;
/// Up to here bytes are copied one by one: a call that copies takes as long to begin.
const FEW_BYTES: usize = 8;

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

    #[inline(never)]
    pub(super) fn push_decimal(&mut self, decimal: DecimalParts) {
        self.push(DecimalText::from(decimal).as_str());
    }

    /// The place of the next bytes, which must be filled.
    #[inline]
    fn take(&mut self, length: usize) -> &mut [u8] {
        let begin = self.length;
        self.length = begin.saturating_add(length);
        if self.length > self.bytes.len() {
            self.grow();
        }
        self.bytes.get_mut(begin..self.length).unwrap_or_default()
    }

    #[cold]
    fn grow(&mut self) {
        self.bytes.resize(self.length.saturating_mul(2).max(FIRST_ROOM), 0);
    }
}

impl fmt::Write for Room {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.push(text);
        Ok(())
    }
}

fn put(place: &mut [u8], text: &[u8]) {
    if text.len() > FEW_BYTES {
        place.copy_from_slice(text);
    } else {
        for (place, byte) in place.iter_mut().zip(text) {
            *place = *byte;
        }
    }
}
