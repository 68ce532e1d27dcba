//! Teams, people and refresh tokens in the plain store.

use std::collections::BTreeMap;

use tierwise_lanes::Moment;
use tierwise_runner::*;

use super::memory::MemoryTransaction;

/// What the plain store keeps of people.
#[derive(Clone, Debug, Default)]
pub(crate) struct PeopleState {
    teams: BTreeMap<String, TeamProfile>,
    people: BTreeMap<String, Person>,
    memberships: BTreeMap<(String, String), Scopes>,
    tokens: Vec<(TokenHash, RefreshToken)>,
}

impl PeopleState {
    fn grant(&self, token: &TokenHash, team: &str) -> Option<Grant> {
        let (_, token) = self.tokens.iter().find(|(hash, _)| hash == token)?;
        let person = self.people.get(&token.person)?;
        Some(Grant {
            person: person.id.clone(),
            full_name: person.full_name.clone(),
            last_used: token.last_used,
            is_revoked: token.revoked.is_some(),
            scopes: self.memberships.get(&(person.id.clone(), team.to_owned())).copied(),
        })
    }

    fn live<'a>(
        &'a mut self,
        which: &'a [&TokenHash],
    ) -> impl Iterator<Item = &'a mut RefreshToken> {
        let tokens = self.tokens.iter_mut();
        let live = tokens.filter(|(hash, it)| which.contains(&hash) && it.revoked.is_none());
        live.map(|(_, token)| token)
    }
}

impl PeopleStore for MemoryTransaction<'_> {
    fn grants(&mut self, of: &[(&TokenHash, &str)]) -> Stored<Vec<Option<Grant>>> {
        let people = &self.state.people;
        Ok(of.iter().map(|(token, team)| people.grant(token, team)).collect())
    }

    fn write_tokens(
        &mut self,
        used: &[&TokenHash],
        revoked: &[&TokenHash],
        now: Moment,
    ) -> Stored<()> {
        let people = &mut self.state.people;
        people.live(used).for_each(|token| token.last_used = token.last_used.max(now));
        people.live(revoked).for_each(|token| token.revoked = Some(now));
        Ok(())
    }

    fn tokens_to_revoke(&mut self, which: &Revoked) -> Stored<Vec<TokenHash>> {
        let is_meant = |(hash, it): &&(TokenHash, RefreshToken)| match which {
            _ if it.revoked.is_some() => false,
            Revoked::OfPerson { person, token } => hash == token && it.person == *person,
            Revoked::AllOf(person) => it.person == *person,
            Revoked::Number(number) => it.number == *number,
        };
        let meant = self.state.people.tokens.iter().filter(is_meant);
        Ok(meant.map(|(hash, _)| hash.clone()).collect())
    }

    fn insert_token(&mut self, person: &str, token: &TokenHash, now: Moment) -> Stored<i64> {
        let tokens = &mut self.state.people.tokens;
        assert!(tokens.iter().all(|(hash, _)| hash != token), "a hash is kept once");
        let (number, person) = (tokens.len() as i64 + 1, person.to_owned());
        let row = RefreshToken { number, person, created: now, last_used: now, revoked: None };
        tokens.push((token.clone(), row));
        Ok(number)
    }

    fn team_profile(&mut self, id: &str) -> Stored<Option<TeamProfile>> {
        Ok(self.state.people.teams.get(id).cloned())
    }

    fn put_team_profile(&mut self, row: &TeamProfile) -> Stored<()> {
        self.state.people.teams.insert(row.id.clone(), row.clone());
        Ok(())
    }

    fn person(&mut self, id: &str) -> Stored<Option<Person>> {
        Ok(self.state.people.people.get(id).cloned())
    }

    fn put_person(&mut self, row: &Person) -> Stored<()> {
        self.state.people.people.insert(row.id.clone(), row.clone());
        Ok(())
    }

    fn put_membership(&mut self, row: &Membership) -> Stored<()> {
        let place = (row.person.clone(), row.team.clone());
        self.state.people.memberships.insert(place, row.scopes);
        Ok(())
    }

    fn remove_membership(&mut self, person: &str, team: &str) -> Stored<bool> {
        let place = (person.to_owned(), team.to_owned());
        Ok(self.state.people.memberships.remove(&place).is_some())
    }
}
