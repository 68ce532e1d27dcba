//! Signing in: section 2 of the contract.

use std::sync::Arc;

use axum::{
    extract::State,
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize, de::IgnoredAny};
use serde_json::{Map, Value, json};
use tierwise_runner::{PeopleChange, Revoked, Scopes, TeamProfile, TeamsAsked, TokenHash};

use super::{
    Api,
    answer::{done, ok},
    body::Body,
    caller::Caller,
    error::{Answered, ApiError},
    json::Fields,
    query::Query,
};
use crate::{
    auth::{Scope, SignIn, names_of, set_of_names},
    notation::{raw, time},
};

/// Teams of a page, and how many it has by default.
const MOST_COUNT: u32 = 100;
const COUNT: u32 = 20;

/// Bytes of each part of the metadata of a sign-in: it goes into a token, which goes into a header.
const MOST_METADATA: usize = 512;

/// What asks for a public key as it is in files.
const PEM: &str = "application/x-pem-file";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TokenAsked {
    refresh_token: Option<String>,
    team_id: Option<String>,
    scopes: Option<Vec<String>>,
    metadata: Option<Fields<Metadata>>,
    // Read for their type alone.
    #[serde(rename = "force")]
    _force: Option<bool>,
    #[serde(rename = "updateLastUsedTeam")]
    _update_last_used_team: Option<bool>,
    #[serde(rename = "returnRefreshToken")]
    _return_refresh_token: Option<bool>,
    // What other ways of signing in bring.
    password: Option<IgnoredAny>,
    phone: Option<IgnoredAny>,
    phone_number: Option<IgnoredAny>,
    email: Option<IgnoredAny>,
    code: Option<IgnoredAny>,
}

/// Where somebody signs in from: what else is said is left out.
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct Metadata {
    #[serde(rename = "type")]
    kind: String,
    object_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    object_name: Option<String>,
}

impl TokenAsked {
    /// Refused: `unsupported_grant`, `bad_request`, `unknown_scope`.
    fn sign_in(self) -> Result<SignIn, ApiError> {
        let is_other_grant = self.is_other_grant();
        let TokenAsked { refresh_token, team_id, scopes, metadata, .. } = self;
        if refresh_token.is_none() && is_other_grant {
            let what = "here somebody signs in with a refresh token, `refreshToken`, alone";
            return Err(ApiError::new(400, "unsupported_grant", what));
        }
        let needed = |field: &str, text: Option<String>| {
            let missing = || ApiError::bad(field, "it is missing or empty");
            text.filter(|text| !text.is_empty()).ok_or_else(missing)
        };
        Ok(SignIn {
            refresh_token: needed("refreshToken", refresh_token)?,
            team: needed("teamId", team_id)?,
            scopes: scopes.map(|names| scopes_of(&names)).transpose()?,
            metadata: metadata.map(|Fields(metadata)| metadata.checked()).transpose()?,
        })
    }

    fn is_other_grant(&self) -> bool {
        let TokenAsked { password, phone, phone_number, email, code, .. } = self;
        [password, phone, phone_number, email, code].into_iter().any(Option::is_some)
    }
}

impl Metadata {
    /// Refused: `bad_request`.
    fn checked(self) -> Result<Map<String, Value>, ApiError> {
        let name = self.object_name.as_deref().unwrap_or_default();
        let parts = [("type", &*self.kind), ("objectId", &*self.object_id), ("objectName", name)];
        for (part, text) in parts {
            if text.len() > MOST_METADATA {
                let what = format_args!("it has more than {MOST_METADATA} bytes");
                return Err(ApiError::bad(&format!("metadata.{part}"), what));
            }
        }
        match serde_json::to_value(self) {
            Ok(Value::Object(metadata)) => Ok(metadata),
            _ => Err(ApiError::internal("metadata of texts is no object")),
        }
    }
}

/// Refused: `unknown_scope`.
fn scopes_of(names: &[String]) -> Result<Scopes, ApiError> {
    set_of_names(names).map_err(|unknown| {
        let error = ApiError::new(400, "unknown_scope", &unknown);
        error.with("scope", unknown.0)
    })
}

/// `POST /auth/token`. The token stands in the body, so the whole of that is read first.
pub(crate) async fn trade(State(api): State<Arc<Api>>, body: Body) -> Answered {
    let sign_in = body.json::<TokenAsked>().await?.sign_in()?;
    let signed_in = api.auth.trade(&api.queue, sign_in).await?;
    let answer = ok(&json!({
        "access_token": signed_in.access_token,
        "refresh_token_expiry": time(signed_in.refresh_token_expiry),
    }));
    Ok(kept_by_nobody(answer))
}

/// Says that nobody on the way keeps an answer: a secret stands in it.
fn kept_by_nobody(mut answer: Response) -> Response {
    answer.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}

/// `DELETE /auth/token`
pub(crate) async fn revoke(State(api): State<Arc<Api>>, caller: Caller, query: Query) -> Answered {
    caller.need(&[Scope::TokensDelete])?;
    let person = caller.user;
    let which = match query.text("token")? {
        // One that is empty is nobody's: it does not stand for all.
        Some(token) => Revoked::OfPerson { person, token: TokenHash::of(token) },
        None => Revoked::AllOf(person),
    };
    api.queue.change_people(PeopleChange::Revoke(which)).await?;
    Ok(done())
}

/// `GET /auth/teams`
pub(crate) async fn teams(State(api): State<Arc<Api>>, caller: Caller, query: Query) -> Answered {
    let page = query.number("page", 1..=u32::MAX, 1)?;
    let most = query.number("count", 1..=MOST_COUNT, COUNT)?;
    let ids: Vec<_> = query.list("id")?.into_iter().map(str::to_owned).collect();
    let with_total = query.is("includeTotal")?;
    let asked = TeamsAsked {
        person: caller.user,
        ids: Some(ids).filter(|ids| !ids.is_empty()),
        skip: u64::from(page.saturating_sub(1)).saturating_mul(u64::from(most)),
        most,
    };
    let found = api.queue.teams_of(asked).await?;
    let teams: Vec<_> = found.teams.iter().map(|(team, scopes)| shown(team, *scopes)).collect();
    let mut answer = json!({ "teams": teams });
    if with_total {
        answer["total"] = found.total.into();
    }
    Ok(ok(&answer))
}

fn shown(team: &TeamProfile, scopes: Scopes) -> Value {
    json!({
        "id": team.id,
        "name": team.name,
        "createdAt": time(team.created),
        "updatedAt": time(team.updated),
        "region": team.region,
        "scopes": names_of(scopes),
        "metadata": raw(&team.metadata),
    })
}

/// `GET /auth/public-key`
pub(crate) async fn public_key(State(api): State<Arc<Api>>, headers: HeaderMap) -> Response {
    let keys = api.auth.keys();
    if asks_for_pem(&headers)
        && let Some(active) = keys.first()
    {
        let pem = HeaderValue::from_static(PEM);
        return ([(header::CONTENT_TYPE, pem)], active.public_pem.clone()).into_response();
    }
    let keys = keys.iter().map(|key| {
        json!({
            "kid": key.kid, "alg": "ES256", "pem": key.public_pem, "active": key.is_active,
        })
    });
    ok(&json!({ "keys": keys.collect::<Vec<_>>() }))
}

/// Whether `Accept` names PEM, and not JSON before it.
fn asks_for_pem(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let mut kinds = accepted
        .flat_map(|value| value.split(','))
        .map(|kind| kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase());
    kinds.find(|kind| kind == PEM || kind == "application/json").is_some_and(|kind| kind == PEM)
}
