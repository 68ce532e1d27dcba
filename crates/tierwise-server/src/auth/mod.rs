//! Who may do what: scopes, tokens, keys (section 2 of the contract).

mod scope;

pub(crate) use scope::Scope;
