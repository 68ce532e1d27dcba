//! The HTTP contract, `docs/api/README.md`: a file for each group of operations, beside what they
//! have in common.
//!
//! Checks come in the contract's order: token, scope, what the path names, body and parameters,
//! state. The runner finds the account of a team before anything else of it; so that a bad body is
//! not said of an account that is not there, such an error goes through
//! [`Api::refuse_after_path`].

mod account;
mod accounts;
mod answer;
mod body;
mod caller;
mod chats;
mod compose;
mod error;
mod json;
mod message;
mod messages;
mod path;
mod payments;
mod query;
mod retries;
mod sending;
mod service;
#[cfg(test)]
mod tests;
mod tokens;

use std::sync::Arc;

use axum::{
    Router,
    routing::{get, patch, post},
};
use tierwise_runner::{Failure, Handle};

use caller::Caller;
use error::ApiError;

use crate::auth::Auth;

/// Says who an access token is of.
pub(crate) type Verify = Box<dyn Fn(&str) -> Option<Caller> + Send + Sync>;

/// What every operation knows.
pub(crate) struct Api {
    pub(crate) queue: Handle,
    /// Who an access token is of, if it is a good one.
    pub(crate) verify: Verify,
    /// Trades refresh tokens, and has the keys.
    pub(crate) auth: Auth,
}

impl Api {
    /// What is asked of a queue by those whose tokens are good.
    pub(crate) fn new(queue: Handle, auth: Auth) -> Self {
        let verifier = auth.clone();
        let verify = Box::new(move |token: &str| Caller::of(&verifier, token));
        Api { queue, verify, auth }
    }

    /// An error of body or parameters, unless the account of the path is not there: that comes
    /// first.
    pub(crate) async fn refuse_after_path(
        &self,
        caller: &Caller,
        account: &str,
        error: ApiError,
    ) -> ApiError {
        match self.queue.account_of(&caller.team, account).await {
            Err(Failure::Refused(refusal)) if refusal.status == 404 => refusal.into(),
            _ => error,
        }
    }
}

/// The operations.
pub(crate) fn routes(api: Arc<Api>) -> Router {
    Router::new()
        .route("/im/accounts", post(accounts::create).get(accounts::list))
        .route(
            "/im/accounts/{account}",
            get(accounts::read_one).patch(accounts::change).delete(accounts::delete),
        )
        .route("/im/accounts/{account}/archive", post(accounts::archive))
        .route("/im/accounts/{account}/open", post(accounts::open))
        .route("/im/accounts/{account}/close", post(accounts::close))
        .route("/im/accounts/{account}/change-report", post(accounts::report))
        .route("/im/accounts/{account}/chats", get(chats::list))
        .route("/im/queue", get(chats::queue))
        .route("/im/messages", get(messages::list).post(sending::several))
        .route("/im/messages/{account}/{chat}", get(messages::read).post(sending::one))
        // The shape of a chat's path, and a status in the place of the account.
        .route(
            "/im/messages/{account}/retry",
            get(retries::read_chat)
                .post(retries::send)
                .patch(retries::retry)
                .delete(retries::clear),
        )
        .route(
            "/im/messages/{account}/{chat}/{message}",
            patch(messages::change).delete(messages::delete),
        )
        .route("/payments/team-detail", get(payments::team_detail))
        .route("/payments/team-detail/account-access/{account}", get(payments::account_access))
        .route("/payments/catalog", get(payments::catalog))
        .route("/payments/usage", get(payments::usage))
        .route("/payments/invoices", get(payments::invoices))
        .route("/auth/token", post(tokens::trade).delete(tokens::revoke))
        .route("/auth/teams", get(tokens::teams))
        .route("/auth/public-key", get(tokens::public_key))
        .route("/health", get(service::health))
        .route("/openapi.json", get(service::openapi))
        .fallback(service::not_found)
        .method_not_allowed_fallback(service::method_not_allowed)
        .with_state(api)
}
