//! Who asks: the access token of a request, and what it opens (section 1.3 of the contract).

use std::sync::Arc;

use axum::{
    extract::{FromRequestParts, MatchedPath},
    http::{HeaderMap, Method, header, request::Parts},
    response::IntoResponse,
};

use super::{Api, error::ApiError};
use tierwise_runner::Scopes;

use crate::{
    auth::{Auth, Scope},
    edge::Admission,
};

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
        // Whoever brings a body was looked at before that was read.
        match parts.extensions.remove::<Caller>() {
            Some(caller) => Ok(caller),
            None => api.caller(&parts.headers),
        }
    }
}

/// What needs no token, of that which begins as what needs one.
const OPEN: [(Method, &str); 3] = [
    (Method::POST, "/auth/token"),
    (Method::GET, "/auth/public-key"),
    (Method::GET, "/payments/catalog"),
];

/// What is asked with a token begins so.
const TOKENED: [&str; 3] = ["/auth/", "/im/", "/payments/"];

impl Api {
    /// Whoever a token in the head of a request is of. Refused: `bad_token`.
    fn caller(&self, headers: &HeaderMap) -> Result<Caller, ApiError> {
        let mut sent = headers.get_all(header::AUTHORIZATION).iter();
        let (Some(one), None) = (sent.next(), sent.next()) else {
            return Err(ApiError::bad_token());
        };
        let token = one.to_str().ok().and_then(|text| text.split_once(' '));
        let token = token.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
        let caller = token.and_then(|(_, token)| (self.verify)(token.trim()));
        caller.ok_or_else(ApiError::bad_token)
    }

    /// Looks at the token of a request before its body is read: 401 comes before what is wrong
    /// with a body.
    pub(crate) fn admission(self: Arc<Self>) -> Admission {
        Admission(Box::new(move |request| {
            let route = request.extensions().get::<MatchedPath>()?.as_str();
            let is_open =
                OPEN.iter().any(|(method, of)| method == request.method() && *of == route);
            if is_open || !TOKENED.iter().any(|beginning| route.starts_with(beginning)) {
                return None;
            }
            match self.caller(request.headers()) {
                Ok(caller) => {
                    request.extensions_mut().insert(caller);
                    None
                }
                Err(refusal) => Some(refusal.into_response()),
            }
        }))
    }
}
