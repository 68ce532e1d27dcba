//! Text that grows at its end.

use alloc::vec::Vec;

use tierwise::DecimalDigits;

/// How much room there is to begin with, in bytes.
const FIRST_ROOM: usize = 1024;

/// Text being written. INVARIANT: UTF-8, as everything that is put here.
#[derive(Clone, Debug, Default)]
pub(super) struct Room(Vec<u8>);

impl Room {
    /// The text in UTF-8.
    #[cfg(feature = "marks")]
    pub(super) fn text(&self) -> &[u8] {
        &self.0
    }

    pub(super) fn into_text(self) -> Vec<u8> {
        self.0
    }

    /// Forgets the text; the room stays.
    #[cfg(feature = "marks")]
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// Its functions stay calls: written out in each of the places that write, they would be a
    /// tenth of the module.
    #[inline(never)]
    pub(super) fn push(&mut self, text: &str) {
        if self.0.capacity() == 0 {
            self.0.reserve(FIRST_ROOM);
        }
        self.0.extend_from_slice(text.as_bytes());
    }

    /// Gives the length of the text of a decimal.
    #[inline(never)]
    pub(super) fn push_digits(&mut self, digits: DecimalDigits) -> usize {
        let (begin, length) = (self.0.len(), digits.length());
        self.0.resize(begin.saturating_add(length), 0);
        digits.fill(self.0.get_mut(begin..).unwrap_or_default());
        length
    }
}
