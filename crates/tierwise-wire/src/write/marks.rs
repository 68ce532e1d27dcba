//! Answers with marks, for hosts that build objects of their own from them without reading JSON.

use alloc::{vec, vec::Vec};
use core::{
    fmt::{Display, Write as _},
    mem,
};

use tierwise::{DecimalParts, DecimalText, QuoteRow};

use super::{Sink, room::Room};

/// A marked answer: the texts of its values, the first one last, and marks that say how long each
/// is and what there is, in the order of its shape.
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
    /// INVARIANT: the texts stand from `start` on, each before those that were written earlier, as
    /// digits are found from the last to the first.
    texts: Vec<u8>,
    start: usize,
    /// INVARIANT: those from `count` on are room for more.
    marks: Vec<u32>,
    count: usize,
    /// Where what prints becomes text.
    printed: Room,
}

/// How many bytes there is room for to begin with, and how many more at least whenever it is used
/// up.
const MORE_BYTES: usize = 1024;
/// The same of marks.
const MORE_MARKS: usize = 512;

impl Default for Marks {
    fn default() -> Self {
        Marks {
            texts: vec![0; MORE_BYTES],
            start: MORE_BYTES,
            marks: vec![0; MORE_MARKS],
            // The first mark is set at the end.
            count: 1,
            printed: Room::default(),
        }
    }
}

impl Marks {
    /// Makes it empty, its memory kept.
    pub fn clear(&mut self) {
        self.start = self.texts.len();
        self.count = 1;
    }

    /// Where the marks of the answer are. The first of them says where its texts end.
    pub fn place(&mut self) -> *const u32 {
        if let Some(first) = self.marks.first_mut() {
            *first = small(self.texts.as_ptr_range().end.addr());
        }
        self.marks.as_ptr()
    }

    /// Puts a text before the others.
    fn put(&mut self, text: &[u8]) {
        self.make_room(text.len());
        let end = self.start;
        self.start = end.saturating_sub(text.len());
        if let Some(place) = self.texts.get_mut(self.start..end) {
            place.copy_from_slice(text);
        }
    }

    #[inline(always)]
    fn make_room(&mut self, bytes: usize) {
        if self.start < bytes {
            self.grow_texts(bytes);
        }
    }

    #[cold]
    #[inline(never)]
    fn grow_texts(&mut self, bytes: usize) {
        let used = self.texts.len().saturating_sub(self.start);
        let more = bytes.max(self.texts.len()).max(MORE_BYTES);
        let mut texts = vec![0; self.texts.len().saturating_add(more)];
        let start = texts.len().saturating_sub(used);
        if let (Some(place), Some(text)) = (texts.get_mut(start..), self.texts.get(self.start..)) {
            place.copy_from_slice(text);
        }
        (self.texts, self.start) = (texts, start);
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

impl Sink for Marks {
    #[inline(never)]
    fn mark(&mut self, mark: usize) {
        self.push([small(mark)]);
    }

    fn json(&mut self, _: &'static str) {}

    fn key(&mut self, _: &'static str, _: bool) {}

    #[inline(never)]
    fn name(&mut self, text: &str) {
        self.push([small(text.as_ptr().addr()), small(text.len())]);
    }

    #[inline(never)]
    fn string(&mut self, text: &str) {
        self.put(text.as_bytes());
        self.push([small(text.len())]);
    }

    #[inline(never)]
    fn decimal(&mut self, decimal: DecimalParts) {
        self.make_room(DecimalText::MAX_BYTES);
        let end = self.start;
        self.start = decimal.write_before(&mut self.texts, end);
        self.push([small(end.wrapping_sub(self.start))]);
    }

    #[inline(never)]
    fn printed(&mut self, value: &dyn Display) {
        let mut printed = mem::take(&mut self.printed);
        // Writing there does not fail.
        let _ = write!(printed, "{value}");
        self.put(printed.text());
        self.push([small(printed.text().len())]);
        printed.clear();
        self.printed = printed;
    }

    #[inline(never)]
    fn kept(&mut self, text: &str) {
        self.name(text);
    }

    fn equation(&mut self, _: &QuoteRow<'_>) {}

    #[inline(never)]
    fn number(&mut self, value: i64) {
        let [a, b, c, d, e, f, g, h] = value.to_le_bytes();
        self.push([u32::from_le_bytes([a, b, c, d]), u32::from_le_bytes([e, f, g, h])]);
    }
}

/// INVARIANT: in a module of 32 bits nothing is larger.
fn small(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
