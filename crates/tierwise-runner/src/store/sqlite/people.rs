//! Teams, people and refresh tokens, in SQLite's SQL.

use rusqlite::params;
use tierwise_lanes::Moment;

use super::{reader::SqliteReader, rows::SqliteColumns, transaction::SqliteTransaction};
use crate::{
    people::{
        Grant, ListedPerson, Membership, PeopleAsked, Person, RefreshToken, Revoked, TeamProfile,
        TeamsAsked, TeamsFound, TokenHash,
    },
    store::{PeopleReader, PeopleStore, Stored, people as rows},
};

impl PeopleStore for SqliteTransaction<'_> {
    fn grants(&mut self, of: &[(&TokenHash, &str)]) -> Stored<Vec<Option<Grant>>> {
        let sql = "select p.id, p.full_name, t.last_used, t.revoked is not null, m.scopes \
            from refresh_token t join person p on p.id = t.person \
            left join membership m on m.person = t.person and m.team = ?2 where t.hash = ?1";
        let grant = |(token, team): &(&TokenHash, &str)| {
            self.one(sql, [token.as_str(), team], |row| rows::grant(&mut SqliteColumns::of(row)))
        };
        of.iter().map(grant).collect()
    }

    fn write_tokens(
        &mut self,
        used: &[&TokenHash],
        revoked: &[&TokenHash],
        now: Moment,
    ) -> Stored<()> {
        let sql = "update refresh_token set last_used = max(last_used, ?2) \
            where hash = ?1 and revoked is null";
        for token in used {
            self.run(sql, params![token.as_str(), now.0])?;
        }
        let sql = "update refresh_token set revoked = ?2 where hash = ?1 and revoked is null";
        for token in revoked {
            self.run(sql, params![token.as_str(), now.0])?;
        }
        Ok(())
    }

    fn tokens_to_revoke(&mut self, which: &Revoked) -> Stored<Vec<TokenHash>> {
        let hash = |row: &rusqlite::Row<'_>| row.get(0).map(TokenHash::kept);
        match which {
            Revoked::OfPerson { person, token } => {
                let sql = "select hash from refresh_token where hash = ?1 and person = ?2 \
                    and revoked is null";
                self.all(sql, [token.as_str(), person], hash)
            }
            Revoked::AllOf(person) => {
                let sql = "select hash from refresh_token where person = ?1 and revoked is null";
                self.all(sql, [person], hash)
            }
            Revoked::Number(number) => {
                let sql = "select hash from refresh_token where number = ?1 and revoked is null";
                self.all(sql, [number], hash)
            }
        }
    }

    fn insert_token(&mut self, person: &str, token: &TokenHash, now: Moment) -> Stored<i64> {
        let sql = "insert into refresh_token (hash, person, created, last_used) \
            values (?1, ?2, ?3, ?3)";
        self.run(sql, params![token.as_str(), person, now.0])?;
        Ok(self.inner.last_insert_rowid())
    }

    fn team_profile(&mut self, id: &str) -> Stored<Option<TeamProfile>> {
        self.one(TEAM_PROFILE, [id], |row| rows::team_profile(&mut SqliteColumns::of(row)))
    }

    fn put_team_profile(&mut self, row: &TeamProfile) -> Stored<()> {
        let TeamProfile { id, name, region, metadata, created, updated } = row;
        let sql = "insert into team_profile (id, name, region, metadata, created, updated) \
            values (?1, ?2, ?3, ?4, ?5, ?6) on conflict do update set name = ?2, region = ?3, \
            metadata = ?4, updated = ?6";
        self.run(sql, params![id, name, region, metadata, created.0, updated.0]).map(drop)
    }

    fn person(&mut self, id: &str) -> Stored<Option<Person>> {
        let sql = "select id, full_name, created, updated from person where id = ?1";
        self.one(sql, [id], |row| rows::person(&mut SqliteColumns::of(row)))
    }

    fn put_person(&mut self, row: &Person) -> Stored<()> {
        let Person { id, full_name, created, updated } = row;
        let sql = "insert into person (id, full_name, created, updated) values (?1, ?2, ?3, ?4) \
            on conflict do update set full_name = ?2, updated = ?4";
        self.run(sql, params![id, full_name, created.0, updated.0]).map(drop)
    }

    fn put_membership(&mut self, row: &Membership) -> Stored<()> {
        let Membership { person, team, scopes } = row;
        let sql = "insert into membership (person, team, scopes) values (?1, ?2, ?3) \
            on conflict do update set scopes = ?3";
        self.run(sql, params![person, team, scopes.to_string()]).map(drop)
    }

    fn remove_membership(&mut self, person: &str, team: &str) -> Stored<bool> {
        let sql = "delete from membership where person = ?1 and team = ?2";
        Ok(self.run(sql, [person, team])? > 0)
    }
}

const TEAM_PROFILE: &str =
    "select id, name, region, metadata, created, updated from team_profile where id = ?1";

impl PeopleReader for SqliteReader {
    fn team_profile(&mut self, id: &str) -> Stored<Option<TeamProfile>> {
        let mut found =
            self.all(TEAM_PROFILE, [id], |row| rows::team_profile(&mut SqliteColumns::of(row)))?;
        Ok(found.pop())
    }

    fn team_profiles(&mut self, after: &str, most: u32) -> Stored<Vec<TeamProfile>> {
        let sql = "select id, name, region, metadata, created, updated from team_profile \
            where id > ?1 order by id limit ?2";
        self.all(sql, params![after, most], |row| rows::team_profile(&mut SqliteColumns::of(row)))
    }

    fn teams_of(&mut self, asked: &TeamsAsked) -> Stored<TeamsFound> {
        let TeamsAsked { person, ids, skip, most } = asked;
        let ids = ids.as_ref().map(|ids| serde_json::Value::from(ids.as_slice()).to_string());
        let which = "from membership m join team_profile t on t.id = m.team where m.person = ?1 \
            and (?2 is null or m.team in (select value from json_each(?2)))";
        let sql = format!(
            "select t.id, t.name, t.region, t.metadata, t.created, t.updated, m.scopes {which} \
             order by m.team limit ?3 offset ?4"
        );
        let skip = i64::try_from(*skip).unwrap_or(i64::MAX);
        let teams = self.all(&sql, params![person, ids, most, skip], |row| {
            rows::team_and_scopes(&mut SqliteColumns::of(row))
        })?;
        let total = self.all(&format!("select count(*) {which}"), params![person, ids], |row| {
            row.get::<_, i64>(0).map(i64::unsigned_abs)
        })?;
        Ok(TeamsFound { teams, total: total.first().copied().unwrap_or_default() })
    }

    fn people(&mut self, asked: &PeopleAsked) -> Stored<Vec<ListedPerson>> {
        let PeopleAsked { team, after, most } = asked;
        let sql = "select p.id, p.full_name, p.created, p.updated, m.team, m.scopes from \
            (select * from person o where o.id > ?1 and (?2 is null or exists (select 1 from \
            membership i where i.person = o.id and i.team = ?2)) order by o.id limit ?3) p \
            left join membership m on m.person = p.id order by p.id, m.team";
        let found = self.all(sql, params![after, team, most], |row| {
            rows::person_and_membership(&mut SqliteColumns::of(row))
        })?;
        Ok(rows::listed(found))
    }

    fn refresh_tokens(
        &mut self,
        person: Option<&str>,
        before: i64,
        most: u32,
    ) -> Stored<Vec<RefreshToken>> {
        let of_person = if person.is_some() { "person = ?1" } else { "?1 is null" };
        let sql = format!(
            "select number, person, created, last_used, revoked from refresh_token \
             where {of_person} and number < ?2 order by number desc limit ?3"
        );
        self.all(&sql, params![person, before, most], |row| {
            rows::refresh_token(&mut SqliteColumns::of(row))
        })
    }
}
