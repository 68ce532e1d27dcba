//! Who may ask, and for what.

mod scopes;

pub use scopes::Scopes;
