//! Who may ask: teams, people, what each person may do in a team, and the refresh tokens by which
//! they sign in.

mod asking;
mod scopes;

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};
use tierwise_lanes::{Moment, Span};

pub use scopes::Scopes;

/// What is kept of a team for people. It may be there before its first account, and a team with
/// accounts may have none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TeamProfile {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Two capital letters; `ZZ` is nowhere.
    pub region: String,
    /// What others keep with it, a JSON object.
    pub metadata: String,
    /// When it was made.
    pub created: Moment,
    /// When it was changed last.
    pub updated: Moment,
}

/// Somebody who may sign in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Their id.
    pub id: String,
    /// Their name; may be empty.
    pub full_name: String,
    /// When they were made known.
    pub created: Moment,
    /// When they were changed last.
    pub updated: Moment,
}

/// What a person may do in a team.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Membership {
    /// The person.
    pub person: String,
    /// The team.
    pub team: String,
    /// What they may do.
    pub scopes: Scopes,
}

/// What is kept of a refresh token: all but the token itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefreshToken {
    /// Its number: by it, those who must not know the token speak of it.
    pub number: i64,
    /// Whose it is.
    pub person: String,
    /// When it was made.
    pub created: Moment,
    /// When it was traded last, or made.
    pub last_used: Moment,
    /// Since when it is of no use.
    pub revoked: Option<Moment>,
}

/// The SHA-256 of a refresh token in lower-case hex: what a store keeps of it, and finds it by.
/// Nothing secret is compared with it: whoever guesses at tokens cannot choose hashes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TokenHash(String);

impl TokenHash {
    /// That of a token.
    pub fn of(token: &str) -> Self {
        let mut text = String::with_capacity(64);
        for byte in Sha256::digest(token) {
            // Writing into a text does not fail.
            let _ = write!(text, "{byte:02x}");
        }
        TokenHash(text)
    }

    /// One that a store has kept.
    pub(crate) fn kept(text: String) -> Self {
        TokenHash(text)
    }

    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What a refresh token is good for in one team.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// Whose the token is.
    pub person: String,
    /// Their name.
    pub full_name: String,
    /// When it was traded last, or made.
    pub last_used: Moment,
    /// Whether it is of no use any more.
    pub is_revoked: bool,
    /// What they may do in the team; none if they are not in it.
    pub scopes: Option<Scopes>,
}

/// A refresh token that is to be traded. Refused: `bad_refresh_token` if it is unknown, revoked or
/// was not used for too long; `not_a_member`; `no_scope_granted`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trade {
    /// The token.
    pub token: TokenHash,
    /// For which team.
    pub team: String,
    /// What is asked for; none: all that the person may do there.
    pub scopes: Option<Scopes>,
    /// For how long a token lives without being used.
    pub idle: Span,
}

/// What a trade gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Traded {
    /// Who trades.
    pub person: String,
    /// Their name; may be empty.
    pub full_name: String,
    /// What they may do, narrowed to what was asked for.
    pub scopes: Scopes,
    /// The last moment at which the refresh token is good if it is not used again.
    pub expires: Moment,
}

/// A change of teams, people and tokens. All of it happens, or nothing.
#[derive(Clone, Debug)]
pub enum PeopleChange {
    /// A new team. Refused: `bad_request`, `already_exists`.
    CreateTeam {
        /// Its id: 1 to 512 bytes without control characters.
        id: String,
        /// What is known of it; its name is its id if none is given.
        known: TeamKnown,
    },
    /// What is known of a team changes; what is none stays. Refused: `bad_request`,
    /// `nothing_to_change`, `not_found`.
    SetTeam {
        /// The team.
        id: String,
        /// What changes.
        known: TeamKnown,
    },
    /// A new person. Refused: `bad_request`, `already_exists`.
    CreatePerson {
        /// Their id: 1 to 512 bytes without control characters.
        id: String,
        /// Their name, at most 200 characters; may be empty.
        full_name: String,
    },
    /// A person has another name. Refused: `bad_request`, `not_found`.
    SetPerson {
        /// The person.
        id: String,
        /// Their name, at most 200 characters; may be empty.
        full_name: String,
    },
    /// A person comes into a team, or may do something else there from now on: access tokens that
    /// were made before say what they said. Refused: `not_found`, `bad_request` without a scope.
    Join(Membership),
    /// A person leaves a team. Refused: `not_found` if they are not in it.
    Leave {
        /// The person.
        person: String,
        /// The team.
        team: String,
    },
    /// A new refresh token of a person. Refused: `not_found`, `already_exists`.
    CreateToken {
        /// The person.
        person: String,
        /// The token.
        token: TokenHash,
    },
    /// Refresh tokens are of no use any more; where there are none, nothing happens.
    Revoke(Revoked),
}

/// What is known of a team.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TeamKnown {
    /// Its name, at most 200 characters.
    pub name: Option<String>,
    /// Two capital letters.
    pub region: Option<String>,
    /// A JSON object of at most 64 KiB.
    pub metadata: Option<String>,
}

/// Which refresh tokens are revoked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Revoked {
    /// This one, if it is this person's.
    OfPerson {
        /// The person.
        person: String,
        /// The token.
        token: TokenHash,
    },
    /// All of a person.
    AllOf(String),
    /// The one with this number.
    Number(i64),
}

/// Which teams of a person.
#[derive(Clone, Debug)]
pub struct TeamsAsked {
    /// The person.
    pub person: String,
    /// Only these; none: all.
    pub ids: Option<Vec<String>>,
    /// So many are passed over.
    pub skip: u64,
    /// So many at most.
    pub most: u32,
}

/// Teams of a person, and what they may do in each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TeamsFound {
    /// Them, in the order of their ids.
    pub teams: Vec<(TeamProfile, Scopes)>,
    /// How many there are, those that were passed over and those behind the last one included.
    pub total: u64,
}

/// Which people.
#[derive(Clone, Debug, Default)]
pub struct PeopleAsked {
    /// Only those in this team.
    pub team: Option<String>,
    /// Only those whose id comes after this one.
    pub after: String,
    /// So many at most.
    pub most: u32,
}

/// A person in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedPerson {
    /// The person.
    pub person: Person,
    /// The teams that they are in, in the order of their ids.
    pub memberships: Vec<Membership>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_sha_256_in_hex() {
        // FIPS 180-2, appendix B.1.
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(TokenHash::of("abc").as_str(), abc);
        assert_ne!(TokenHash::of("abc"), TokenHash::of("abd"));
    }
}
