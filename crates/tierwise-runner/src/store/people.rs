//! What stores do about teams, people and refresh tokens.

use tierwise_lanes::Moment;

use super::{Stored, rows::Columns};
use crate::people::{
    Grant, ListedPerson, Membership, PeopleAsked, Person, RefreshToken, Revoked, Scopes,
    TeamProfile, TeamsAsked, TeamsFound, TokenHash,
};

/// The part of a transaction that is about people.
pub trait PeopleStore {
    /// Nobody else changes teams, people and memberships before the transaction ends. Asked once,
    /// after accounts and teams are locked, so that nobody waits in a circle.
    fn lock_people(&mut self) -> Stored<()> {
        Ok(())
    }

    /// What refresh tokens are good for, each in a team; none for one that is not known. They are
    /// not read for change: only [`write_tokens`](Self::write_tokens) changes them, which looks
    /// itself whether one is revoked.
    fn grants(&mut self, of: &[(&TokenHash, &str)]) -> Stored<Vec<Option<Grant>>>;

    /// Notes which tokens were used now, and which are revoked from now on; in this order, and the
    /// last thing that a transaction changes: others wait for as short as can be.
    fn write_tokens(
        &mut self,
        used: &[&TokenHash],
        revoked: &[&TokenHash],
        now: Moment,
    ) -> Stored<()>;

    /// The tokens that are meant and not revoked yet, in some order.
    fn tokens_to_revoke(&mut self, which: &Revoked) -> Stored<Vec<TokenHash>>;

    /// A new token; its number.
    fn insert_token(&mut self, person: &str, token: &TokenHash, now: Moment) -> Stored<i64>;

    /// What is kept of a team.
    fn team_profile(&mut self, id: &str) -> Stored<Option<TeamProfile>>;

    /// Keeps a team as it is now; a new one if it was not there.
    fn put_team_profile(&mut self, row: &TeamProfile) -> Stored<()>;

    /// A person.
    fn person(&mut self, id: &str) -> Stored<Option<Person>>;

    /// Keeps a person as they are now; a new one if they were not there.
    fn put_person(&mut self, row: &Person) -> Stored<()>;

    /// Keeps what a person may do in a team.
    fn put_membership(&mut self, row: &Membership) -> Stored<()>;

    /// A person is in a team no more: whether they were.
    fn remove_membership(&mut self, person: &str, team: &str) -> Stored<bool>;
}

/// The part of a reader that is about people.
pub trait PeopleReader {
    /// What is kept of a team.
    fn team_profile(&mut self, id: &str) -> Stored<Option<TeamProfile>>;

    /// Teams whose id comes after another, in the order of their ids.
    fn team_profiles(&mut self, after: &str, most: u32) -> Stored<Vec<TeamProfile>>;

    /// The teams of a person.
    fn teams_of(&mut self, asked: &TeamsAsked) -> Stored<TeamsFound>;

    /// People, in the order of their ids.
    fn people(&mut self, asked: &PeopleAsked) -> Stored<Vec<ListedPerson>>;

    /// Refresh tokens, those with the highest numbers first; only those with lower numbers.
    fn refresh_tokens(
        &mut self,
        person: Option<&str>,
        before: i64,
        most: u32,
    ) -> Stored<Vec<RefreshToken>>;
}

/// People and their memberships, from rows that are in the order of people: one for each
/// membership, and one for a person without any.
pub(super) fn listed(rows: Vec<(Person, Option<Membership>)>) -> Vec<ListedPerson> {
    let mut all: Vec<ListedPerson> = Vec::new();
    for (person, membership) in rows {
        match all.last_mut().filter(|last| last.person.id == person.id) {
            Some(last) => last.memberships.extend(membership),
            None => {
                let memberships = membership.into_iter().collect();
                all.push(ListedPerson { person, memberships });
            }
        }
    }
    all
}

/// `id, name, region, metadata, created, updated`.
pub(super) fn team_profile<C: Columns>(c: &mut C) -> Result<TeamProfile, C::Error> {
    Ok(TeamProfile {
        id: c.text()?,
        name: c.text()?,
        region: c.text()?,
        metadata: c.text()?,
        created: c.moment()?,
        updated: c.moment()?,
    })
}

/// The same, and `scopes` of a membership.
pub(super) fn team_and_scopes<C: Columns>(c: &mut C) -> Result<(TeamProfile, Scopes), C::Error> {
    Ok((team_profile(c)?, c.text().map(scopes)?))
}

/// `id, full_name, created, updated`.
pub(super) fn person<C: Columns>(c: &mut C) -> Result<Person, C::Error> {
    Ok(Person { id: c.text()?, full_name: c.text()?, created: c.moment()?, updated: c.moment()? })
}

/// The same, and `team, scopes` of a membership, both null without one.
pub(super) fn person_and_membership<C: Columns>(
    c: &mut C,
) -> Result<(Person, Option<Membership>), C::Error> {
    let person = person(c)?;
    let membership = c.maybe_text()?.zip(c.maybe_text()?).map(|(team, text)| Membership {
        person: person.id.clone(),
        team,
        scopes: scopes(text),
    });
    Ok((person, membership))
}

/// `number, person, created, last_used, revoked`.
pub(super) fn refresh_token<C: Columns>(c: &mut C) -> Result<RefreshToken, C::Error> {
    Ok(RefreshToken {
        number: c.integer()?,
        person: c.text()?,
        created: c.moment()?,
        last_used: c.moment()?,
        revoked: c.maybe_integer()?.map(Moment),
    })
}

/// `person, full_name, last_used, is_revoked, scopes`.
pub(super) fn grant<C: Columns>(c: &mut C) -> Result<Grant, C::Error> {
    Ok(Grant {
        person: c.text()?,
        full_name: c.text()?,
        last_used: c.moment()?,
        is_revoked: c.truth()?,
        scopes: c.maybe_text()?.map(scopes),
    })
}

/// A text that somebody else has spoilt lets nobody do anything.
fn scopes(text: String) -> Scopes {
    Scopes::parse(&text).unwrap_or_default()
}
