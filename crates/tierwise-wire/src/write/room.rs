//! Room for text that grows at its end.

use alloc::vec::Vec;

use tierwise::DecimalDigits;

/// How much room there is to begin with, in bytes.
const FIRST_ROOM: usize = 1024;

/// Text, and room beyond it.
#[derive(Clone, Debug, Default)]
pub(super) struct Room {
    /// INVARIANT: UTF-8 up to `end`, as everything that is put here.
    bytes: Vec<u8>,
    end: usize,
}

impl Room {
    /// The text in UTF-8.
    pub(super) fn text(&self) -> &[u8] {
        self.bytes.get(..self.end).unwrap_or_default()
    }

    pub(super) fn into_text(mut self) -> Vec<u8> {
        self.bytes.truncate(self.end);
        self.bytes
    }

    /// Forgets the text; the room stays.
    #[cfg(feature = "marks")]
    pub(super) fn clear(&mut self) {
        self.end = 0;
    }

    /// Room for so many more bytes.
    fn more(&mut self, bytes: usize) -> &mut [u8] {
        let begin = self.end;
        let end = begin.saturating_add(bytes);
        if end > self.bytes.len() {
            self.bytes.resize(end.max(self.bytes.len().saturating_mul(2)).max(FIRST_ROOM), 0);
        }
        self.end = end;
        self.bytes.get_mut(begin..end).unwrap_or_default()
    }

    /// Its functions stay calls: written out in each of the places that write, they would be a
    /// tenth of the module.
    #[inline(never)]
    pub(super) fn push(&mut self, text: &str) {
        // Not `copy_from_slice`, which would bring the text of its panic into the module.
        for (place, byte) in self.more(text.len()).iter_mut().zip(text.as_bytes()) {
            *place = *byte;
        }
    }

    #[inline(never)]
    pub(super) fn push_digits(&mut self, digits: DecimalDigits) -> usize {
        let length = digits.length();
        digits.fill(self.more(length));
        length
    }
}
