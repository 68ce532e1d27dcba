//! A text that is never shown.

use std::fmt;

use subtle::ConstantTimeEq;

/// A token or password. Shows as `Secret(hidden)`, so that no log can tell it.
///
/// ```
/// use tierwise_transport::Secret;
///
/// assert_eq!(format!("{:?}", Secret::new("EAAG")), "Secret(hidden)");
/// ```
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// A secret of this text.
    pub fn new(text: impl Into<String>) -> Self {
        Secret(text.into())
    }

    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }

    /// Whether a text is this one, in a time that does not depend on where they differ.
    pub(crate) fn is(&self, text: &str) -> bool {
        self.0.as_bytes().ct_eq(text.as_bytes()).into()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(hidden)")
    }
}
