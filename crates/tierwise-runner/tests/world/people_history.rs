//! A random history of teams, people and refresh tokens, and everything that a store has of them.

use oorandom::Rand64;
use tierwise_lanes::Span;
use tierwise_runner::*;

/// What is asked about people, at random.
pub(crate) struct PeopleHistory(Rand64);

impl PeopleHistory {
    pub(crate) fn new(seed: u64) -> Self {
        PeopleHistory(Rand64::new(u128::from(seed)))
    }

    pub(crate) fn pick(&mut self, count: usize) -> usize {
        self.0.rand_range(0..count as u64) as usize
    }

    pub(crate) fn next(&mut self) -> Request {
        match self.pick(2) {
            0 => Request::Trade(self.trade()),
            _ => Request::People(self.change_of_people()),
        }
    }

    fn trade(&mut self) -> Trade {
        let scopes = [None, Some(Scopes::of([1, 40])), Some(Scopes::of([7]))][self.pick(3)];
        let (token, idle) = (token(self.pick(4)), Span([10_000, 100_000_000][self.pick(2)]));
        Trade { token, team: self.name(), scopes, idle }
    }

    /// A team and a person may have the same.
    fn name(&mut self) -> String {
        format!("p{}", self.pick(3))
    }

    fn change_of_people(&mut self) -> PeopleChange {
        let (person, team, token) = (self.name(), self.name(), token(self.pick(4)));
        let id = person.clone();
        let name = ["", "Zoë \"Z\"", "Ann"][self.pick(3)].to_owned();
        let region = (self.pick(2) == 0).then(|| "DE".to_owned());
        let metadata = (self.pick(2) == 0).then(|| r#"{"a":"\u0000"}"#.to_owned());
        let known = TeamKnown { name: Some(name.clone()), region, metadata };
        match self.pick(11) {
            0 => PeopleChange::CreateTeam { id, known },
            1 => PeopleChange::SetTeam { id, known },
            2 => PeopleChange::CreatePerson { id, full_name: name },
            3 => PeopleChange::SetPerson { id, full_name: name },
            4..6 => {
                let scopes = [Scopes::of([1, 127]), Scopes::of([7]), Scopes::default()];
                PeopleChange::Join(Membership { person, team, scopes: scopes[self.pick(3)] })
            }
            6 => PeopleChange::Leave { person, team },
            7..9 => PeopleChange::CreateToken { person, token },
            9 => PeopleChange::Revoke(Revoked::OfPerson { person, token }),
            _ if self.pick(2) == 0 => PeopleChange::Revoke(Revoked::AllOf(person)),
            _ => PeopleChange::Revoke(Revoked::Number(self.pick(4) as i64)),
        }
    }
}

/// Everything of teams, people and tokens.
pub(crate) fn people_of(transaction: &mut dyn Transaction) -> Vec<String> {
    let mut said = Vec::new();
    for name in ["p0", "p1", "p2"] {
        said.push(format!("{:?}", transaction.person(name).unwrap()));
        said.push(format!("{:?}", transaction.team_profile(name).unwrap()));
        let mut live = transaction.tokens_to_revoke(&Revoked::AllOf(name.to_owned())).unwrap();
        live.sort();
        said.push(format!("{live:?}"));
    }
    let tokens: Vec<_> = (0..4).map(token).collect();
    let pairs = tokens.iter().flat_map(|token| ["p0", "p1", "p2"].map(|team| (token, team)));
    said.push(format!("{:?}", transaction.grants(&pairs.collect::<Vec<_>>()).unwrap()));
    said
}

fn token(place: usize) -> TokenHash {
    TokenHash::of(&format!("token {place}"))
}
