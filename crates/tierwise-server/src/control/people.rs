//! Orders about teams, people and refresh tokens, and how they are carried out.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json, value::RawValue};
use tierwise_runner::{
    Answer, Handle, ListedPerson, Membership, PeopleAsked, PeopleChange, RefreshToken, Revoked,
    Scopes, TeamKnown, TeamProfile, TokenHash,
};

use super::carry_out::PART;
use crate::{
    auth::{Scope, names_of, new_refresh_token, set_of, set_of_names},
    error::ServerError,
    notation::time,
};

/// The word that stands for every scope that opens something.
const ALL_SCOPES: &str = "all";

/// An order about teams, people or refresh tokens.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum PeopleOrder {
    /// Make a team known.
    CreateTeam {
        /// Its id.
        team: String,
        /// What is known of it.
        known: TeamKnownOrder,
    },
    /// Change what is known of a team.
    SetTeam {
        /// The team.
        team: String,
        /// What changes.
        known: TeamKnownOrder,
    },
    /// List teams.
    Teams {
        /// Only those whose id comes after this one.
        after: Option<String>,
        /// So many at most.
        count: u32,
    },
    /// Show a team and who is in it.
    Team {
        /// The team.
        team: String,
    },
    /// Make a user known.
    CreateUser {
        /// Their id.
        user: String,
        /// Their name.
        name: String,
    },
    /// Change a user's name.
    SetUser {
        /// The user.
        user: String,
        /// Their name.
        name: String,
    },
    /// List users.
    Users {
        /// Only those in this team.
        team: Option<String>,
        /// Only those whose id comes after this one.
        after: Option<String>,
        /// So many at most.
        count: u32,
    },
    /// Bring a user into a team, or change what they may do there.
    Join {
        /// The user.
        user: String,
        /// The team.
        team: String,
        /// The names of scopes; `all` stands for those that open something.
        scopes: Vec<String>,
    },
    /// Take a user out of a team.
    Leave {
        /// The user.
        user: String,
        /// The team.
        team: String,
    },
    /// Make a refresh token: it is told once.
    CreateToken {
        /// Whose.
        user: String,
    },
    /// List refresh tokens, the newest first.
    Tokens {
        /// Only this user's.
        user: Option<String>,
        /// Only those with lower numbers.
        before: Option<i64>,
        /// So many at most.
        count: u32,
    },
    /// Revoke a refresh token.
    RevokeToken {
        /// Its number.
        number: i64,
    },
    /// Revoke all refresh tokens of a user.
    RevokeTokens {
        /// The user.
        user: String,
    },
}

/// What is known of a team.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TeamKnownOrder {
    /// Its name.
    pub name: Option<String>,
    /// Two capital letters.
    pub region: Option<String>,
    /// A JSON object.
    pub metadata: Option<Box<RawValue>>,
}

impl From<TeamKnownOrder> for TeamKnown {
    fn from(order: TeamKnownOrder) -> Self {
        let TeamKnownOrder { name, region, metadata } = order;
        TeamKnown { name, region, metadata: metadata.map(|metadata| metadata.get().to_owned()) }
    }
}

/// Carries an order out. Errors: those of the order.
pub(super) async fn carry_out(queue: &Handle, order: PeopleOrder) -> Result<Value, ServerError> {
    let change = match order {
        PeopleOrder::Teams { after, count } => {
            let after = after.unwrap_or_default();
            let found = queue.team_profiles(&after, count.min(PART)).await?;
            return Ok(found.iter().map(shown_team).collect());
        }
        PeopleOrder::Team { team } => return show_team(queue, &team).await,
        PeopleOrder::Users { team, after, count } => {
            let (after, most) = (after.unwrap_or_default(), count.min(PART));
            let found = queue.people(PeopleAsked { team, after, most }).await?;
            return Ok(found.iter().map(shown_user).collect());
        }
        PeopleOrder::Tokens { user, before, count } => {
            let found = queue.refresh_tokens(user, before, count.min(PART)).await?;
            return Ok(found.iter().map(shown_token).collect());
        }
        PeopleOrder::CreateToken { user } => return create_token(queue, user).await,
        PeopleOrder::RevokeToken { number } => return revoke_token(queue, number).await,
        PeopleOrder::CreateTeam { team, known } => {
            PeopleChange::CreateTeam { id: team, known: known.into() }
        }
        PeopleOrder::SetTeam { team, known } => {
            PeopleChange::SetTeam { id: team, known: known.into() }
        }
        PeopleOrder::CreateUser { user, name } => {
            PeopleChange::CreatePerson { id: user, full_name: name }
        }
        PeopleOrder::SetUser { user, name } => {
            PeopleChange::SetPerson { id: user, full_name: name }
        }
        PeopleOrder::Join { user, team, scopes } => {
            let scopes = scopes_of(&scopes)?;
            PeopleChange::Join(Membership { person: user, team, scopes })
        }
        PeopleOrder::Leave { user, team } => PeopleChange::Leave { person: user, team },
        PeopleOrder::RevokeTokens { user } => PeopleChange::Revoke(Revoked::AllOf(user)),
    };
    Ok(answered(&queue.change_people(change).await?))
}

fn answered(answer: &Answer) -> Value {
    match answer {
        Answer::Revoked { tokens } => json!({ "revoked": tokens }),
        _ => json!({}),
    }
}

/// Refused: `unknown_scope`.
fn scopes_of(names: &[String]) -> Result<Scopes, ServerError> {
    if names.iter().any(|name| name == ALL_SCOPES) {
        return Ok(set_of(Scope::ALL.iter().copied()));
    }
    set_of_names(names).map_err(|unknown| ServerError::refusal("unknown_scope", unknown))
}

async fn create_token(queue: &Handle, user: String) -> Result<Value, ServerError> {
    let token = new_refresh_token()?;
    let hash = TokenHash::of(&token);
    let change = PeopleChange::CreateToken { person: user.clone(), token: hash };
    let Answer::TokenCreated { number } = queue.change_people(change).await? else {
        return Err(ServerError::new("failed", "the token has no number"));
    };
    Ok(json!({ "number": number, "user": user, "token": token }))
}

/// Refused: `not_found` if there never was one of this number.
async fn revoke_token(queue: &Handle, number: i64) -> Result<Value, ServerError> {
    let change = PeopleChange::Revoke(Revoked::Number(number));
    let answer = queue.change_people(change).await?;
    if answer == (Answer::Revoked { tokens: 0 }) {
        let before = number.checked_add(1);
        let found = queue.refresh_tokens(None, before, 1).await?;
        if found.first().is_none_or(|token| token.number != number) {
            return Err(not_found(format_args!("there is no refresh token {number}")));
        }
    }
    Ok(answered(&answer))
}

fn not_found(what: impl std::fmt::Display) -> ServerError {
    ServerError::refusal("not_found", what)
}

async fn show_team(queue: &Handle, team: &str) -> Result<Value, ServerError> {
    let Some(profile) = queue.team_profile(team).await? else {
        return Err(not_found(format_args!(
            "there is no team `{team}`: make it known by `team create`"
        )));
    };
    let asked = PeopleAsked { team: Some(team.to_owned()), most: PART, ..PeopleAsked::default() };
    let members = queue.people(asked).await?;
    let member = |listed: &ListedPerson| {
        let in_team = listed.memberships.iter().find(|membership| membership.team == team);
        json!({
            "user": listed.person.id,
            "name": listed.person.full_name,
            "scopes": in_team.map(|membership| names_of(membership.scopes)).unwrap_or_default(),
        })
    };
    let mut shown = shown_team(&profile);
    if let Some(shown) = shown.as_object_mut() {
        shown.insert("members".to_owned(), members.iter().map(member).collect());
    }
    Ok(shown)
}

fn shown_team(team: &TeamProfile) -> Value {
    json!({
        "team": team.id,
        "name": team.name,
        "region": team.region,
        "metadata": serde_json::from_str(&team.metadata).unwrap_or(Value::Null),
        "created": time(team.created),
        "updated": time(team.updated),
    })
}

fn shown_user(listed: &ListedPerson) -> Value {
    let teams = listed.memberships.iter().map(|membership| membership.team.as_str());
    json!({
        "user": listed.person.id,
        "name": listed.person.full_name,
        "teams": teams.collect::<Vec<_>>(),
        "created": time(listed.person.created),
    })
}

fn shown_token(token: &RefreshToken) -> Value {
    json!({
        "number": token.number,
        "user": token.person,
        "created": time(token.created),
        "used": Some(token.last_used).filter(|used| *used > token.created).and_then(time),
        "revoked": token.revoked.and_then(time),
    })
}
