//! Trades of refresh tokens, and changes of teams, people and what they may do.

use std::collections::{BTreeSet, HashMap};

use serde_json::{Map, Value};

use super::{
    desk::{Desk, Stop},
    edge,
};
use crate::{
    error::{Refusal, Refused},
    people::{
        Grant, Membership, PeopleChange, Person, Revoked, TeamKnown, TeamProfile, TokenHash, Trade,
        Traded,
    },
    request::{Answer, Request},
    store::Stored,
};

/// The longest name of a team or a person, in characters.
const MOST_NAME: usize = 200;

/// The longest metadata of a team, in bytes.
const MOST_METADATA: usize = 64 << 10;

/// The region of a team that is nowhere.
const NOWHERE: &str = "ZZ";

/// What a flush has on its desk about people.
#[derive(Default)]
pub(super) struct Affairs {
    /// What tokens are good for, by token and team, as the store had it last.
    grants: HashMap<(TokenHash, String), Option<Grant>>,
    /// Tokens that were used in this flush, and those that were revoked in it: written at its end,
    /// in one order for all runners.
    used: BTreeSet<TokenHash>,
    revoked: BTreeSet<TokenHash>,
}

impl Desk<'_> {
    /// Reads what all trades of this flush are about together, and keeps other runners from
    /// changing people if this one will.
    pub(super) fn fetch_people<'r>(
        &mut self,
        requests: impl Iterator<Item = &'r Request>,
    ) -> Stored<()> {
        let (mut asked, mut changes) = (BTreeSet::new(), false);
        for request in requests {
            match request {
                Request::Trade(trade) => {
                    asked.insert((&trade.token, trade.team.as_str()));
                }
                Request::People(_) => changes = true,
                _ => {}
            }
        }
        if changes {
            self.transaction.lock_people()?;
        }
        if asked.is_empty() {
            return Ok(());
        }
        let asked: Vec<_> = asked.into_iter().collect();
        let found = self.transaction.grants(&asked)?;
        let places = asked.into_iter().map(|(token, team)| (token.clone(), team.to_owned()));
        self.affairs.grants = places.zip(found).collect();
        Ok(())
    }

    /// Trades a refresh token. Only a trade that succeeds is a use of it.
    pub(super) fn trade(&mut self, trade: Trade) -> Result<Answer, Stop> {
        let Trade { token, team, scopes, idle } = trade;
        let now = self.now;
        let is_revoked = self.affairs.revoked.contains(&token);
        let is_good =
            |grant: &Grant| !is_revoked && !grant.is_revoked && now <= grant.last_used.after(idle);
        let place = (token, team);
        let Some(grant) = self.grant(&place)?.filter(is_good) else {
            let bad = "the refresh token is unknown, revoked or expired";
            return Err(Refusal::new("bad_refresh_token", 401, bad).into());
        };
        let Some(membership) = grant.scopes else {
            let what = "the user is not in this team";
            return Err(Refusal::new("not_a_member", 403, what).into());
        };
        let granted = scopes.map_or(membership, |asked| asked.and(membership));
        if granted.is_empty() {
            let none = "none of the scopes that are asked for is the user's to have";
            return Err(Refusal::new("no_scope_granted", 403, none).into());
        }
        self.affairs.used.insert(place.0);
        Ok(Answer::Traded(Traded {
            person: grant.person,
            full_name: grant.full_name,
            scopes: granted,
            // A use does not shorten the life of a token, though the clock was set back.
            expires: now.max(grant.last_used).after(idle),
        }))
    }

    /// What a token is good for in a team: as it was read together, or again after a change.
    fn grant(&mut self, place: &(TokenHash, String)) -> Stored<Option<Grant>> {
        if let Some(known) = self.affairs.grants.get(place) {
            return Ok(known.clone());
        }
        let found = self.transaction.grants(&[(&place.0, &place.1)])?.pop().flatten();
        self.affairs.grants.insert(place.clone(), found.clone());
        Ok(found)
    }

    /// Makes a change. Refused: what it names.
    pub(super) fn change_people(&mut self, change: PeopleChange) -> Result<Answer, Stop> {
        self.affairs.grants.clear();
        match change {
            PeopleChange::CreateTeam { id, known } => self.create_team(id, known)?,
            PeopleChange::SetTeam { id, known } => self.set_team(&id, known)?,
            PeopleChange::CreatePerson { id, full_name } => {
                if self.transaction.person(&id)?.is_some() {
                    return Err(there_already("user", &id).into());
                }
                let (created, updated) = (self.now, self.now);
                self.transaction.put_person(&Person { id, full_name, created, updated })?;
            }
            PeopleChange::SetPerson { id, full_name } => {
                let person = self.known_person(&id)?;
                let updated = self.now;
                self.transaction.put_person(&Person { full_name, updated, ..person })?;
            }
            PeopleChange::Join(membership) => self.join(&membership)?,
            PeopleChange::Leave { person, team } => {
                if !self.transaction.remove_membership(&person, &team)? {
                    let what = format_args!("the user `{person}` is not in the team `{team}`");
                    return Err(Refusal::new("not_found", 404, what).into());
                }
            }
            PeopleChange::CreateToken { person, token } => {
                self.known_person(&person)?;
                if self.transaction.grants(&[(&token, "")])?.pop().flatten().is_some() {
                    return Err(there_already("refresh token", "…").into());
                }
                let number = self.transaction.insert_token(&person, &token, self.now)?;
                return Ok(Answer::TokenCreated { number });
            }
            PeopleChange::Revoke(which) => return Ok(self.revoke(&which)?),
        }
        Ok(Answer::Kept)
    }

    fn create_team(&mut self, id: String, known: TeamKnown) -> Result<(), Stop> {
        if self.transaction.team_profile(&id)?.is_some() {
            return Err(there_already("team", &id).into());
        }
        let TeamKnown { name, region, metadata } = known;
        let row = TeamProfile {
            name: name.unwrap_or_else(|| id.clone()),
            id,
            region: region.unwrap_or_else(|| NOWHERE.to_owned()),
            metadata: metadata.unwrap_or_else(|| "{}".to_owned()),
            created: self.now,
            updated: self.now,
        };
        Ok(self.transaction.put_team_profile(&row)?)
    }

    fn set_team(&mut self, id: &str, known: TeamKnown) -> Result<(), Stop> {
        let team = self.known_team(id)?;
        let TeamKnown { name, region, metadata } = known;
        let row = TeamProfile {
            name: name.unwrap_or(team.name),
            region: region.unwrap_or(team.region),
            metadata: metadata.unwrap_or(team.metadata),
            updated: self.now,
            ..team
        };
        Ok(self.transaction.put_team_profile(&row)?)
    }

    fn join(&mut self, membership: &Membership) -> Result<(), Stop> {
        self.known_person(&membership.person)?;
        self.known_team(&membership.team)?;
        Ok(self.transaction.put_membership(membership)?)
    }

    fn revoke(&mut self, which: &Revoked) -> Stored<Answer> {
        let meant = self.transaction.tokens_to_revoke(which)?;
        // One that was revoked in this flush already is not written yet.
        let tokens = meant.into_iter().filter(|token| self.affairs.revoked.insert(token.clone()));
        Ok(Answer::Revoked { tokens: u64::try_from(tokens.count()).unwrap_or(u64::MAX) })
    }

    /// Refused: `not_found`.
    fn known_person(&mut self, id: &str) -> Result<Person, Stop> {
        let found = self.transaction.person(id)?;
        found.ok_or_else(|| {
            let what = format_args!("there is no user `{id}`: make one by `user create`");
            Refusal::new("not_found", 404, what).into()
        })
    }

    /// Refused: `not_found`.
    fn known_team(&mut self, id: &str) -> Result<TeamProfile, Stop> {
        let found = self.transaction.team_profile(id)?;
        found.ok_or_else(|| {
            let what = format_args!("there is no team `{id}`: make it known by `team create`");
            Refusal::new("not_found", 404, what).into()
        })
    }

    /// Writes which tokens were used and revoked: the last thing before a commit.
    pub(super) fn write_tokens(&mut self) -> Stored<()> {
        let Affairs { used, revoked, .. } = &self.affairs;
        if used.is_empty() && revoked.is_empty() {
            return Ok(());
        }
        let (used, revoked): (Vec<_>, Vec<_>) = (used.iter().collect(), revoked.iter().collect());
        self.transaction.write_tokens(&used, &revoked, self.now)
    }
}

#[cold]
fn there_already(what: &str, id: &str) -> Refusal {
    Refusal::new("already_exists", 409, format_args!("there is a {what} `{id}` already"))
}

/// Whether a change may come in at all. Refused: `bad_request`.
pub(super) fn check(change: &PeopleChange) -> Refused<()> {
    match change {
        PeopleChange::CreateTeam { id, known } => {
            check_new_id(id)?;
            check_known(known)
        }
        PeopleChange::SetTeam { id, known } => {
            edge::check_name("team", id)?;
            if *known == TeamKnown::default() {
                let what = "name what of the team changes: name, region or metadata";
                return Err(Refusal::new("nothing_to_change", 400, what));
            }
            check_known(known)
        }
        PeopleChange::CreatePerson { id, full_name } => {
            check_new_id(id)?;
            check_words("name", full_name)
        }
        PeopleChange::SetPerson { id, full_name } => {
            edge::check_name("user", id)?;
            check_words("name", full_name)
        }
        PeopleChange::Join(Membership { person, team, scopes }) => {
            check_pair(person, team)?;
            if scopes.is_empty() {
                return Err(Refusal::bad("scopes", "a member has at least one scope"));
            }
            Ok(())
        }
        PeopleChange::Leave { person, team } => check_pair(person, team),
        PeopleChange::CreateToken { person, .. } => edge::check_name("user", person),
        PeopleChange::Revoke(Revoked::OfPerson { person, .. } | Revoked::AllOf(person)) => {
            edge::check_name("user", person)
        }
        PeopleChange::Revoke(Revoked::Number(_)) => Ok(()),
    }
}

fn check_pair(person: &str, team: &str) -> Refused<()> {
    edge::check_name("user", person)?;
    edge::check_name("team", team)
}

/// An id goes into tokens, paths and logs.
fn check_new_id(id: &str) -> Refused<()> {
    edge::check_name("id", id)?;
    if id.is_empty() || id.contains(char::is_control) {
        return Err(Refusal::bad("id", "1 to 512 bytes without control characters are expected"));
    }
    Ok(())
}

fn check_words(field: &str, words: &str) -> Refused<()> {
    if words.chars().count() > MOST_NAME || words.contains(char::is_control) {
        let what = format_args!("at most {MOST_NAME} characters, none for control, are expected");
        return Err(Refusal::bad(field, what));
    }
    Ok(())
}

fn check_known(known: &TeamKnown) -> Refused<()> {
    let TeamKnown { name, region, metadata } = known;
    if let Some(name) = name {
        check_words("name", name)?;
    }
    if let Some(region) = region
        && !(region.len() == 2 && region.bytes().all(|byte| byte.is_ascii_uppercase()))
    {
        return Err(Refusal::bad("region", "two capital letters are expected, like `DE`"));
    }
    match metadata {
        Some(metadata) if metadata.len() > MOST_METADATA => {
            let what = format_args!("at most {MOST_METADATA} bytes are expected");
            Err(Refusal::bad("metadata", what))
        }
        Some(metadata) if serde_json::from_str::<Map<String, Value>>(metadata).is_err() => {
            Err(Refusal::bad("metadata", "a JSON object is expected"))
        }
        _ => Ok(()),
    }
}
