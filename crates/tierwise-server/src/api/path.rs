//! What the path of a request names, decoded once.

use axum::{
    extract::{FromRequestParts, Path as AxumPath},
    http::request::Parts,
};
use serde::de::DeserializeOwned;

use super::error::ApiError;

/// The names of a path. One that is not UTF-8 is nothing's name.
#[derive(Clone, Debug)]
pub(crate) struct Path<T>(pub(crate) T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let nothing = || ApiError::not_found("the path names nothing that there is");
        // No text that is stored has this character.
        if parts.uri.path().contains("%00") {
            return Err(nothing());
        }
        let AxumPath(names) =
            AxumPath::from_request_parts(parts, state).await.map_err(|_| nothing())?;
        Ok(Path(names))
    }
}
