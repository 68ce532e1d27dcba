//! A catalog as the host keeps it: its text, from which each instance loads its own.

use std::{fmt, sync::Arc};

/// A catalog that a component loaded. Cheap to clone; instances let go of it when the last clone is
/// gone.
///
/// It is not tied to an instance: one that is fresh, after a trap, a swap, or for another thread,
/// loads it again before it answers.
#[derive(Clone)]
pub struct Catalog(pub(crate) Arc<Document>);

pub(crate) struct Document {
    pub(crate) text: String,
}

impl Catalog {
    pub(crate) fn new(text: &str) -> Self {
        Catalog(Arc::new(Document { text: text.to_owned() }))
    }

    /// The text that it was loaded from.
    pub fn text(&self) -> &str {
        &self.0.text
    }
}

impl fmt::Debug for Catalog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Catalog").finish_non_exhaustive()
    }
}
