//! The service itself: whether it can work, and what it does not have.

use std::sync::{Arc, LazyLock};

use axum::{extract::State, response::Response};
use serde_json::{Value, json};

use super::{
    Api,
    answer::ok,
    error::{Answered, ApiError},
};

/// `GET /health` (section 6).
pub(crate) async fn health(State(api): State<Arc<Api>>) -> Answered {
    // The store is asked for the time.
    let (policy, _) = api.queue.present().await.map_err(|_| ApiError::store_away())?;
    let version = policy.catalog().catalog().version();
    Ok(ok(&json!({
        "status": "ok",
        "version": env!("CARGO_PKG_VERSION"),
        "catalogVersion": version,
    })))
}

/// The contract, `docs/api/openapi.yaml`, as JSON.
pub(crate) fn document() -> &'static Value {
    static DOCUMENT: LazyLock<Value> = LazyLock::new(|| {
        let yaml = include_str!("../../../../docs/api/openapi.yaml");
        serde_saphyr::from_str(yaml).unwrap_or_default()
    });
    &DOCUMENT
}

/// `GET /openapi.json`
pub(crate) async fn openapi() -> Response {
    ok(document())
}

pub(crate) async fn not_found() -> ApiError {
    ApiError::not_found("there is no such path")
}

pub(crate) async fn method_not_allowed() -> ApiError {
    ApiError::new(405, "method_not_allowed", "the path is there, but not with this method")
}
