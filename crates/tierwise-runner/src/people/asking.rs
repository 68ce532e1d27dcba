//! How people's affairs are asked of a runner: trades and changes by the next flush, lists beside
//! the flushes.

use super::{
    ListedPerson, PeopleAsked, PeopleChange, RefreshToken, TeamProfile, TeamsAsked, TeamsFound,
    Trade, Traded,
};
use crate::{
    error::Refusal,
    request::{Answer, Request},
    runner::{Failure, Handle},
};

impl Handle {
    /// Trades a refresh token: when this answers, its use is on disk. Many that trade at once share
    /// a flush. Refused: what [`Trade`] names.
    pub async fn trade(&self, trade: Trade) -> Result<Traded, Failure> {
        match self.ask(Request::Trade(trade)).await? {
            Answer::Traded(traded) => Ok(traded),
            other => Err(strange(&other)),
        }
    }

    /// Changes teams, people or tokens. Refused: what each change names.
    pub async fn change_people(&self, change: PeopleChange) -> Result<Answer, Failure> {
        self.ask(Request::People(change)).await
    }

    /// What is kept of a team for people. Refused: `store_away`.
    pub async fn team_profile(&self, id: &str) -> Result<Option<TeamProfile>, Failure> {
        let id = id.to_owned();
        self.read(move |reader| reader.team_profile(&id)).await
    }

    /// Teams whose id comes after another, in the order of their ids. Refused: `store_away`.
    pub async fn team_profiles(&self, after: &str, most: u32) -> Result<Vec<TeamProfile>, Failure> {
        let after = after.to_owned();
        self.read(move |reader| reader.team_profiles(&after, most)).await
    }

    /// The teams of a person. Refused: `store_away`.
    pub async fn teams_of(&self, asked: TeamsAsked) -> Result<TeamsFound, Failure> {
        self.read(move |reader| reader.teams_of(&asked)).await
    }

    /// People, in the order of their ids. Refused: `store_away`.
    pub async fn people(&self, asked: PeopleAsked) -> Result<Vec<ListedPerson>, Failure> {
        self.read(move |reader| reader.people(&asked)).await
    }

    /// Refresh tokens, of a person or of all, those with the highest numbers first; only those with
    /// lower numbers than another. Refused: `store_away`.
    pub async fn refresh_tokens(
        &self,
        person: Option<String>,
        before: Option<i64>,
        most: u32,
    ) -> Result<Vec<RefreshToken>, Failure> {
        let before = before.unwrap_or(i64::MAX);
        self.read(move |reader| reader.refresh_tokens(person.as_deref(), before, most)).await
    }
}

/// An answer that no trade has.
fn strange(answer: &Answer) -> Failure {
    let what = format_args!("a trade was answered with {answer:?}");
    Failure::Refused(Refusal::new("internal", 500, what))
}
