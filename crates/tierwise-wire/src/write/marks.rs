//! Answers with marks, for hosts that build objects of their own from them without reading JSON.

use alloc::{vec, vec::Vec};
use core::fmt::{self, Display, Write as _};

use tierwise::DecimalParts;

use super::{Sink, room::Room};

/// A marked answer: the texts of its values, one after the other, and marks that say where each
/// ends and what there is, in the order of its shape.
///
/// A text has one mark: how many bytes it has. A name has two, where it lies in memory and how many
/// bytes it has: it lives as long as the catalog, so that a host need not read it twice. A whole
/// number has two: its lower and its upper 32 bits. `true`, what may be null and is not, and what
/// may be left out and is not, have the mark 1 (before their value); otherwise 0. A list, and an
/// object of names, begins with its length; the one or the other of two shapes with 0 or 1. An
/// equation has none: its row has what it says.
///
/// Made for modules of 32 bits: there a place in memory is a mark.
#[derive(Clone, Debug)]
pub struct Marks {
    text: Room,
    /// INVARIANT: those from `count` on are room for more.
    marks: Vec<u32>,
    count: usize,
}

/// How many marks there is room for to begin with, and how many more whenever it is used up.
const MORE_MARKS: usize = 512;

impl Default for Marks {
    fn default() -> Self {
        // The first mark is set at the end.
        Marks { text: Room::default(), marks: vec![0; MORE_MARKS], count: 1 }
    }
}

impl Marks {
    /// Makes it empty, its memory kept.
    pub fn clear(&mut self) {
        self.text.clear();
        self.count = 1;
    }

    /// Where the marks of the answer are. Before them stands where its texts begin, in UTF-8.
    pub fn place(&mut self) -> *const u32 {
        if let Some(first) = self.marks.first_mut() {
            *first = place(self.text.text());
        }
        self.marks.as_ptr()
    }

    #[inline(always)]
    fn push<const COUNT: usize>(&mut self, marks: [u32; COUNT]) {
        if self.marks.len().wrapping_sub(self.count) < COUNT {
            self.grow();
        }
        let rest = self.marks.get_mut(self.count..).unwrap_or_default();
        if let Some(places) = rest.first_chunk_mut() {
            *places = marks;
            self.count = self.count.wrapping_add(COUNT);
        }
    }

    #[cold]
    #[inline(never)]
    fn grow(&mut self) {
        self.marks.resize(self.marks.len().saturating_add(MORE_MARKS), 0);
    }
}

impl fmt::Write for Marks {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.text.push(text);
        Ok(())
    }
}

impl Sink for Marks {
    #[inline(never)]
    fn mark(&mut self, mark: usize) {
        self.push([small(mark)]);
    }

    fn json(&mut self, _: &'static str) {}

    fn key(&mut self, _: &'static str, _: bool) {}

    #[inline(never)]
    fn name(&mut self, text: &str) {
        self.push([place(text.as_bytes()), small(text.len())]);
    }

    #[inline(never)]
    fn string(&mut self, text: &str) {
        self.mark(text.len());
        self.text.push(text);
    }

    #[inline(never)]
    fn decimal(&mut self, decimal: DecimalParts) {
        let length = self.text.push_decimal(decimal);
        self.push([small(length)]);
    }

    #[inline(never)]
    fn printed(&mut self, value: &dyn Display) {
        let before = self.text.text().len();
        // Writing here does not fail.
        let _ = write!(self, "{value}");
        self.mark(self.text.text().len().saturating_sub(before));
    }

    #[inline(never)]
    fn kept(&mut self, text: &str) {
        self.name(text);
    }

    fn derived(&mut self, _: &dyn Display) {}

    #[inline(never)]
    fn number(&mut self, value: i64) {
        let [a, b, c, d, e, f, g, h] = value.to_le_bytes();
        self.push([u32::from_le_bytes([a, b, c, d]), u32::from_le_bytes([e, f, g, h])]);
    }
}

/// Where a text lies.
fn place(text: &[u8]) -> u32 {
    small(text.as_ptr().addr())
}

/// INVARIANT: in a module of 32 bits nothing is larger.
fn small(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
