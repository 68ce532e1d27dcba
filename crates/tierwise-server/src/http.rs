//! What is offered over HTTP: the contract, signed events of transports, metrics. Orders are not.

use std::{collections::HashMap, sync::Arc};

use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, Path, Query, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use tierwise_runner::Handle;
use tierwise_transport::{InboundError, whatsapp::NOTIFICATION_MOST_BYTES};

use crate::{
    api::{self, Api},
    edge::Measures,
    metrics,
    transports::Taking,
};

/// What the routes know.
pub(crate) struct Known {
    pub(crate) queue: Handle,
    pub(crate) taking: std::collections::BTreeMap<String, Taking>,
    /// What the edge counts.
    pub(crate) measures: Measures,
}

/// The routes, with those of the contract or without.
pub(crate) fn routes(known: Known, api: Option<Arc<Api>>) -> Router {
    let routes = Router::new()
        .route("/metrics", get(measured))
        .route("/transports/{name}/events", get(challenge).post(events))
        // The longest that a network posts; each transport has its own bound below it.
        .layer(DefaultBodyLimit::max(NOTIFICATION_MOST_BYTES));
    let known = Arc::new(known);
    match api {
        Some(api) => routes.with_state(known).merge(api::routes(api)),
        None => routes.route("/health", get(health)).with_state(known),
    }
}

async fn health(State(known): State<Arc<Known>>) -> Response {
    match known.queue.overview().await {
        Ok(_) => json(StatusCode::OK, &serde_json::json!({ "status": "ok" })),
        Err(failure) => error(StatusCode::SERVICE_UNAVAILABLE, "store_away", &failure.to_string()),
    }
}

async fn measured(State(known): State<Arc<Known>>) -> Response {
    match metrics::text(&known.queue, &known.measures).await {
        Ok(text) => ([(header::CONTENT_TYPE, metrics::CONTENT_TYPE)], text).into_response(),
        Err(failure) => error(StatusCode::SERVICE_UNAVAILABLE, "store_away", &failure.to_string()),
    }
}

/// Meta's question whether the address is ours.
async fn challenge(
    State(known): State<Arc<Known>>,
    Path(name): Path<String>,
    Query(query): Query<HashMap<String, String>>,
) -> Response {
    let Some(Taking::WhatsApp(cloud, _)) = known.taking.get(&name) else { return no_transport() };
    match cloud.challenge(|key| query.get(key).map(String::as_str)) {
        Ok(answer) => answer.to_owned().into_response(),
        Err(wrong) => refused(&wrong),
    }
}

async fn events(
    State(known): State<Arc<Known>>,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let Some(taking) = known.taking.get(&name) else { return no_transport() };
    let header = |name| Some(headers.get(name)?.to_str().ok()?.to_owned());
    match taking.take(&name, &known.queue, header, &body).await {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(wrong) => {
            tracing::warn!(transport = name, code = wrong.code.as_str(), "an event was refused");
            refused(&wrong)
        }
    }
}

fn no_transport() -> Response {
    error(StatusCode::NOT_FOUND, "not_found", "no transport of this name takes events")
}

fn refused(wrong: &InboundError) -> Response {
    let status = StatusCode::from_u16(wrong.status()).unwrap_or(StatusCode::BAD_REQUEST);
    let message = match wrong.path.as_str() {
        "" => wrong.message.clone(),
        path => format!("`{path}`: {}", wrong.message),
    };
    error(status, wrong.code.as_str(), &message)
}

fn error(status: StatusCode, code: &str, message: &str) -> Response {
    let body = serde_json::json!({
        "statusCode": status.as_u16(), "message": message, "data": { "code": code },
    });
    json(status, &body)
}

fn json(status: StatusCode, body: &serde_json::Value) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}
