//! Who asks: the access token of a request, and what it opens (section 1.3 of the contract).

use std::sync::Arc;

use axum::{
    extract::FromRequestParts,
    http::{header, request::Parts},
};

use super::{Api, error::ApiError};
use tierwise_runner::Scopes;

use crate::auth::{Auth, Scope};

/// Somebody with a good access token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Caller {
    pub(crate) user: String,
    /// The team that the token is for: everything outside of it does not exist.
    pub(crate) team: String,
    pub(crate) scopes: Scopes,
}

impl Caller {
    /// Whoever a token is of, if it is good.
    pub(crate) fn of(auth: &Auth, token: &str) -> Option<Self> {
        let verified = auth.verify(token)?;
        let (user, team) = (verified.user.clone(), verified.team.clone());
        Some(Caller { user, team, scopes: verified.scopes })
    }

    /// Refused: `missing_scope` unless the token has one of these.
    pub(crate) fn need(&self, any_of: &[Scope]) -> Result<(), ApiError> {
        if any_of.iter().any(|scope| self.scopes.contains(scope.number())) {
            return Ok(());
        }
        let names: Vec<_> = any_of.iter().map(|scope| scope.name()).collect();
        let message = format_args!("the token needs the scope `{}`", names.join("` or `"));
        Err(ApiError::new(403, "missing_scope", message).with("anyOf", names))
    }
}

impl FromRequestParts<Arc<Api>> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, api: &Arc<Api>) -> Result<Self, ApiError> {
        let mut sent = parts.headers.get_all(header::AUTHORIZATION).iter();
        let (Some(one), None) = (sent.next(), sent.next()) else {
            return Err(ApiError::bad_token());
        };
        let token = one.to_str().ok().and_then(|text| text.split_once(' '));
        let token = token.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
        let caller = token.and_then(|(_, token)| (api.verify)(token.trim()));
        caller.ok_or_else(ApiError::bad_token)
    }
}
