//! Teams, people and refresh tokens, in PostgreSQL's SQL.

use tierwise_lanes::Moment;
use tokio_postgres::types::ToSql;

use super::{
    bulk::{text, texts},
    reader::PostgresReader,
    rows,
    session::parameters,
    transaction::PostgresTransaction,
};
use crate::{
    people::{
        Grant, ListedPerson, Membership, PeopleAsked, Person, RefreshToken, Revoked, TeamProfile,
        TeamsAsked, TeamsFound, TokenHash,
    },
    store::{PeopleReader, PeopleStore, StoreError, Stored, people},
};

/// The row of the schema's version: locked by whoever is about to change people.
const LOCK_PEOPLE: &str = "select from tierwise_store for update";

const GRANTS: &str = "select n.place, p.id, p.full_name, t.last_used, t.revoked is not null, \
    m.scopes from unnest($1::text[], $2::text[]) with ordinality as n(hash, team, place) \
    join refresh_token t on t.hash = n.hash join person p on p.id = t.person \
    left join membership m on m.person = t.person and m.team = n.team";

/// All that one flush changes, in an order that is the same for every runner.
const LOCK_TOKENS: &str = "select from refresh_token where hash = any($1) order by hash for update";

const USE_TOKENS: &str = "update refresh_token set last_used = greatest(last_used, $2) \
    where hash = any($1) and revoked is null";

const REVOKE_TOKENS: &str =
    "update refresh_token set revoked = $2 where hash = any($1) and revoked is null";

const TOKEN_OF_PERSON: &str =
    "select hash from refresh_token where hash = $1 and person = $2 and revoked is null";

const TOKENS_OF_PERSON: &str =
    "select hash from refresh_token where person = $1 and revoked is null";

const TOKEN_OF_NUMBER: &str =
    "select hash from refresh_token where number = $1 and revoked is null";

const INSERT_TOKEN: &str = "insert into refresh_token (hash, person, created, last_used) \
    values ($1, $2, $3, $3) returning number";

const TEAM_PROFILE: &str =
    "select id, name, region, metadata, created, updated from team_profile where id = $1";

const PUT_TEAM_PROFILE: &str = "insert into team_profile \
    (id, name, region, metadata, created, updated) values ($1, $2, $3, $4, $5, $6) \
    on conflict (id) do update set name = $2, region = $3, metadata = $4, updated = $6";

const PERSON: &str = "select id, full_name, created, updated from person where id = $1";

const PUT_PERSON: &str = "insert into person (id, full_name, created, updated) \
    values ($1, $2, $3, $4) on conflict (id) do update set full_name = $2, updated = $4";

const PUT_MEMBERSHIP: &str = "insert into membership (person, team, scopes) values ($1, $2, $3) \
    on conflict (person, team) do update set scopes = $3";

const REMOVE_MEMBERSHIP: &str = "delete from membership where person = $1 and team = $2";

impl PeopleStore for PostgresTransaction<'_> {
    fn lock_people(&mut self) -> Stored<()> {
        self.session.later(LOCK_PEOPLE, Vec::new())
    }

    fn grants(&mut self, of: &[(&TokenHash, &str)]) -> Stored<Vec<Option<Grant>>> {
        let (tokens, teams): (Vec<_>, Vec<_>) =
            of.iter().map(|(token, team)| (token.as_str(), *team)).unzip();
        let found = self.session.query(GRANTS, &[&tokens, &texts(&teams)])?;
        rows::by_place(&found, of.len(), |c| people::grant(c))
    }

    fn write_tokens(
        &mut self,
        used: &[&TokenHash],
        revoked: &[&TokenHash],
        now: Moment,
    ) -> Stored<()> {
        let hashes = |tokens: &[&TokenHash]| -> Vec<String> {
            tokens.iter().map(|token| token.as_str().to_owned()).collect()
        };
        self.session.later(LOCK_TOKENS, parameters![hashes(&[used, revoked].concat())])?;
        if !used.is_empty() {
            self.session.later(USE_TOKENS, parameters![hashes(used), now.0])?;
        }
        if !revoked.is_empty() {
            self.session.later(REVOKE_TOKENS, parameters![hashes(revoked), now.0])?;
        }
        Ok(())
    }

    fn tokens_to_revoke(&mut self, which: &Revoked) -> Stored<Vec<TokenHash>> {
        let found = match which {
            Revoked::OfPerson { person, token } => {
                self.session.query(TOKEN_OF_PERSON, &[&token.as_str(), &text(person)])?
            }
            Revoked::AllOf(person) => self.session.query(TOKENS_OF_PERSON, &[&text(person)])?,
            Revoked::Number(number) => self.session.query(TOKEN_OF_NUMBER, &[number])?,
        };
        rows::all(&found, |c| c.get().map(TokenHash::kept))
    }

    fn insert_token(&mut self, person: &str, token: &TokenHash, now: Moment) -> Stored<i64> {
        let asked: [&(dyn ToSql + Sync); 3] = [&token.as_str(), &text(person), &now.0];
        let row = self.session.query_one(INSERT_TOKEN, &asked)?;
        let number = rows::first(row.as_ref())?;
        number.ok_or_else(|| StoreError::new("store_failed", "PostgreSQL gives no number"))
    }

    fn team_profile(&mut self, id: &str) -> Stored<Option<TeamProfile>> {
        let row = self.session.query_one(TEAM_PROFILE, &[&text(id)])?;
        rows::maybe(row, |c| people::team_profile(c))
    }

    fn put_team_profile(&mut self, row: &TeamProfile) -> Stored<()> {
        let TeamProfile { id, name, region, metadata, created, updated } = row;
        let (id, name, region) = (text(id), text(name), text(region));
        let of_row = parameters![id, name, region, text(metadata), created.0, updated.0];
        self.session.later(PUT_TEAM_PROFILE, of_row)
    }

    fn person(&mut self, id: &str) -> Stored<Option<Person>> {
        let row = self.session.query_one(PERSON, &[&text(id)])?;
        rows::maybe(row, |c| people::person(c))
    }

    fn put_person(&mut self, row: &Person) -> Stored<()> {
        let Person { id, full_name, created, updated } = row;
        let of_row = parameters![text(id), text(full_name), created.0, updated.0];
        self.session.later(PUT_PERSON, of_row)
    }

    fn put_membership(&mut self, row: &Membership) -> Stored<()> {
        let Membership { person, team, scopes } = row;
        let of_row = parameters![text(person), text(team), scopes.to_string()];
        self.session.later(PUT_MEMBERSHIP, of_row)
    }

    fn remove_membership(&mut self, person: &str, team: &str) -> Stored<bool> {
        Ok(self.session.execute(REMOVE_MEMBERSHIP, &[&text(person), &text(team)])? > 0)
    }
}

const TEAM_PROFILES: &str = "select id, name, region, metadata, created, updated \
    from team_profile where id > $1 order by id limit $2";

const TEAMS_OF: &str = "select t.id, t.name, t.region, t.metadata, t.created, t.updated, m.scopes \
    from membership m join team_profile t on t.id = m.team where m.person = $1 \
    and ($2::text[] is null or m.team = any($2)) order by m.team limit $3 offset $4";

const COUNT_TEAMS_OF: &str = "select count(*) from membership m join team_profile t \
    on t.id = m.team where m.person = $1 and ($2::text[] is null or m.team = any($2))";

const PEOPLE: &str = "select p.id, p.full_name, p.created, p.updated, m.team, m.scopes from \
    (select * from person o where o.id > $1 and ($2::text is null or exists (select from \
    membership i where i.person = o.id and i.team = $2)) order by o.id limit $3) p \
    left join membership m on m.person = p.id order by p.id, m.team";

const ALL_TOKENS: &str = "select number, person, created, last_used, revoked from refresh_token \
    where number < $1 order by number desc limit $2";

const LISTED_TOKENS_OF_PERSON: &str = "select number, person, created, last_used, revoked \
    from refresh_token where number < $1 and person = $3 order by number desc limit $2";

impl PeopleReader for PostgresReader {
    fn team_profile(&mut self, id: &str) -> Stored<Option<TeamProfile>> {
        let row = self.session.query_one(TEAM_PROFILE, &[&text(id)])?;
        rows::maybe(row, |c| people::team_profile(c))
    }

    fn team_profiles(&mut self, after: &str, most: u32) -> Stored<Vec<TeamProfile>> {
        let found = self.session.query(TEAM_PROFILES, &[&text(after), &i64::from(most)])?;
        rows::all(&found, |c| people::team_profile(c))
    }

    fn teams_of(&mut self, asked: &TeamsAsked) -> Stored<TeamsFound> {
        let TeamsAsked { person, ids, skip, most } = asked;
        let ids: Option<Vec<_>> = ids.as_ref().map(|ids| ids.iter().map(|id| text(id)).collect());
        let (person, most) = (text(person), i64::from(*most));
        let skip = i64::try_from(*skip).unwrap_or(i64::MAX);
        let found = self.session.query(TEAMS_OF, &[&person, &ids, &most, &skip])?;
        let total = self.session.query_one(COUNT_TEAMS_OF, &[&person, &ids])?;
        Ok(TeamsFound {
            teams: rows::all(&found, |c| people::team_and_scopes(c))?,
            total: rows::first::<i64>(total.as_ref())?.unwrap_or_default().unsigned_abs(),
        })
    }

    fn people(&mut self, asked: &PeopleAsked) -> Stored<Vec<ListedPerson>> {
        let PeopleAsked { team, after, most } = asked;
        let team = team.as_deref().map(text);
        let found = self.session.query(PEOPLE, &[&text(after), &team, &i64::from(*most)])?;
        Ok(people::listed(rows::all(&found, |c| people::person_and_membership(c))?))
    }

    fn refresh_tokens(
        &mut self,
        person: Option<&str>,
        before: i64,
        most: u32,
    ) -> Stored<Vec<RefreshToken>> {
        let most = i64::from(most);
        let found = match person {
            Some(person) => {
                self.session.query(LISTED_TOKENS_OF_PERSON, &[&before, &most, &text(person)])?
            }
            None => self.session.query(ALL_TOKENS, &[&before, &most])?,
        };
        rows::all(&found, |c| people::refresh_token(c))
    }
}
