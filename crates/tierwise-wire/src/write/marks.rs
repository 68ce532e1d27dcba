//! Answers with marks, for hosts that build objects of their own from them without reading JSON.

use alloc::vec::Vec;
use core::fmt::{self, Display, Write as _};

use tierwise::DecimalParts;

use super::{Sink, room::Room};

/// A marked answer: the texts of its values, one after the other, and marks that say where each
/// ends and what there is, in the order of its shape.
///
/// A text has one mark: its length in UTF-16 units. A name has two, where it lies in memory and its
/// length: it lives as long as the catalog, so that a host need not read it twice. A whole number
/// has two: its lower and its upper 32 bits. `true`, what may be null and is not, and what may be
/// left out and is not, have the mark 1 (before their value); otherwise 0. A list, and an object of
/// names, begins with its length; the one or the other of two shapes with 0 or 1. An equation has
/// none: its row has what it says.
#[derive(Clone, Debug, Default)]
pub struct Marks {
    text: Room,
    /// INVARIANT: those from `count` on are room for more.
    marks: Vec<u32>,
    count: usize,
}

/// How many marks there is room for to begin with, and how many more whenever it is used up.
const MORE_MARKS: usize = 512;

impl Marks {
    /// The texts of the values, one after the other, in UTF-8.
    pub fn text(&self) -> &[u8] {
        self.text.text()
    }

    /// The marks.
    pub fn marks(&self) -> &[u32] {
        self.marks.get(..self.count).unwrap_or_default()
    }

    /// Makes it empty again, its memory kept.
    pub fn clear(&mut self) {
        self.text.clear();
        self.count = 0;
    }

    #[inline(never)]
    fn push(&mut self, mark: u32) {
        if self.count >= self.marks.len() {
            self.marks.resize(self.count.saturating_add(MORE_MARKS), 0);
        }
        if let Some(place) = self.marks.get_mut(self.count) {
            *place = mark;
            self.count = self.count.wrapping_add(1);
        }
    }
}

impl fmt::Write for Marks {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.text.push(text);
        Ok(())
    }
}

impl Sink for Marks {
    fn mark(&mut self, mark: usize) {
        // INVARIANT: an answer is far below 4 GiB.
        self.push(u32::try_from(mark).unwrap_or(u32::MAX));
    }

    fn json(&mut self, _: &'static str) {}

    fn key(&mut self, _: &'static str, _: bool) {}

    #[inline(never)]
    fn name(&mut self, text: &str) {
        self.mark(text.as_ptr().addr());
        self.mark(text.len());
    }

    #[inline(never)]
    fn string(&mut self, text: &str) {
        self.mark(utf16_length(text.as_bytes()));
        self.text.push(text);
    }

    #[inline(never)]
    fn decimal(&mut self, decimal: DecimalParts) {
        let length = self.text.push_decimal(decimal);
        self.mark(length);
    }

    #[inline(never)]
    fn printed(&mut self, value: &dyn Display) {
        let before = self.text.text().len();
        // Writing here does not fail.
        let _ = write!(self, "{value}");
        let length = utf16_length(self.text.text().get(before..).unwrap_or_default());
        self.mark(length);
    }

    fn derived(&mut self, _: &dyn Display) {}

    #[inline(never)]
    fn number(&mut self, value: i64) {
        let [a, b, c, d, e, f, g, h] = value.to_le_bytes();
        self.push(u32::from_le_bytes([a, b, c, d]));
        self.push(u32::from_le_bytes([e, f, g, h]));
    }
}

/// How long a text is in UTF-16: a unit for each character, two for those of four bytes.
fn utf16_length(text: &[u8]) -> usize {
    let units = |byte: &u8| usize::from(byte & 0xc0 != 0x80) + usize::from(*byte >= 0xf0);
    text.iter().map(units).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_those_of_utf_16() {
        for text in ["", "a", "×", "€", "😀", "a×€😀z"] {
            assert_eq!(utf16_length(text.as_bytes()), text.encode_utf16().count(), "{text}");
        }
    }
}
