//! Scopes: the number and the name of each. Numbers are part of what goes over the wire, and never
//! used again for another.

use std::fmt;

use tierwise_runner::Scopes;

macro_rules! scopes {
    ($($scope:ident $number:literal $name:literal $opens:literal,)*) => {
        /// What a token may open.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Scope {
            $(#[doc = $opens] $scope,)*
        }

        impl Scope {
            /// Every scope, by rising number.
            pub(crate) const ALL: &'static [Scope] = &[$(Scope::$scope),*];

            /// Its number: its place in the claim `scope`.
            pub(crate) fn number(self) -> u8 {
                match self {
                    $(Scope::$scope => $number,)*
                }
            }

            /// Its name.
            pub(crate) fn name(self) -> &'static str {
                match self {
                    $(Scope::$scope => $name,)*
                }
            }
        }
    };
}

scopes! {
    TokensRead 22 "TOKENS_READ" "Nothing here.",
    TokensDelete 23 "TOKENS_DELETE" "Revoking refresh tokens.",
    TeamUpdate 29 "TEAM_UPDATE" "Nothing here.",
    AccountCreate 30 "ACCOUNT_CREATE" "Creating accounts.",
    AccountRead 31 "ACCOUNT_READ" "Listing and reading accounts.",
    AccountDelete 32 "ACCOUNT_DELETE" "Archiving and deleting accounts.",
    AccountPatch 34 "ACCOUNT_PATCH" "Changing tier, name or settings; opening and closing.",
    TeamMembersRead 40 "TEAMMEMBERS_READ" "Nothing here.",
    ChatsAccessAll 55 "CHATS_ACCESS_ALL" "Reading messages and notes.",
    ChatsAccessAssigned 56 "CHATS_ACCESS_ASSIGNED" "Nothing here: no chat is assigned to anybody.",
    MessagesSendToAssigned 58 "MESSAGES_SEND_TO_ASSIGNED" "Nothing here: as above.",
    MessagesSendToAll 59 "MESSAGES_SEND_TO_ALL" "Sending, rescheduling and retrying messages.",
    EditNotes 60 "EDIT_NOTES" "Editing and resolving notes.",
    MessagesDelete 61 "MESSAGES_DELETE" "Removing messages.",
    CreateNotes 64 "CREATE_NOTES" "Writing notes.",
    DeleteNotes 70 "DELETE_NOTES" "Removing notes.",
    PaymentsRead 78 "PAYMENTS_READ" "Usage and invoices.",
    PaymentsUpdate 79 "PAYMENTS_UPDATE" "Nothing here.",
    MessagesSearch 93 "MESSAGES_SEARCH" "Nothing here.",
}

impl Scope {
    /// The scope of a name.
    pub(crate) fn of_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|scope| scope.name() == name)
    }

    /// Whether a set has it.
    pub(crate) fn is_in(self, scopes: Scopes) -> bool {
        scopes.contains(self.number())
    }
}

/// The set of some scopes.
pub(crate) fn set_of(scopes: impl IntoIterator<Item = Scope>) -> Scopes {
    Scopes::of(scopes.into_iter().map(Scope::number))
}

/// The set of some names. Errors: the first name that no scope has.
pub(crate) fn set_of_names<S: AsRef<str>>(names: &[S]) -> Result<Scopes, UnknownScope> {
    let scope = |name: &S| {
        let name = name.as_ref();
        // What is told of a long one is its beginning.
        let unknown = || UnknownScope(name.chars().take(MOST_SHOWN).collect());
        Scope::of_name(name).ok_or_else(unknown)
    };
    Ok(set_of(names.iter().map(scope).collect::<Result<Vec<_>, _>>()?))
}

/// The names of a set, by rising number; numbers without a name are left out.
pub(crate) fn names_of(scopes: Scopes) -> Vec<&'static str> {
    let in_set = Scope::ALL.iter().filter(|scope| scope.is_in(scopes));
    in_set.map(|scope| scope.name()).collect()
}

/// Characters of an unknown name that are told.
const MOST_SHOWN: usize = 64;

/// A name that no scope has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct UnknownScope(pub(crate) String);

impl fmt::Display for UnknownScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known: Vec<_> = Scope::ALL.iter().map(|scope| scope.name()).collect();
        write!(f, "there is no scope `{}`; there are: `{}`", self.0, known.join("`, `"))
    }
}

impl std::error::Error for UnknownScope {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_names_are_those_of_the_contract() {
        let all: Vec<_> =
            Scope::ALL.iter().map(|it| format!("{} {}", it.number(), it.name())).collect();
        assert_eq!(
            all.join(", "),
            "22 TOKENS_READ, 23 TOKENS_DELETE, 29 TEAM_UPDATE, 30 ACCOUNT_CREATE, \
             31 ACCOUNT_READ, 32 ACCOUNT_DELETE, 34 ACCOUNT_PATCH, 40 TEAMMEMBERS_READ, \
             55 CHATS_ACCESS_ALL, 56 CHATS_ACCESS_ASSIGNED, 58 MESSAGES_SEND_TO_ASSIGNED, \
             59 MESSAGES_SEND_TO_ALL, 60 EDIT_NOTES, 61 MESSAGES_DELETE, 64 CREATE_NOTES, \
             70 DELETE_NOTES, 78 PAYMENTS_READ, 79 PAYMENTS_UPDATE, 93 MESSAGES_SEARCH"
        );
    }

    #[test]
    fn sets_have_the_golden_texts() {
        let text = |names: &[&str]| set_of_names(names).unwrap().to_string();
        assert_eq!(text(&["ACCOUNT_READ"]), "00000000000000000000000000000001");
        assert_eq!(text(&["ACCOUNT_READ", "TOKENS_DELETE"]), "00000000000000000000000100000001");
        let all: Vec<_> = Scope::ALL.iter().map(|scope| scope.name()).collect();
        assert_eq!(
            text(&all),
            "0000000000000000000000110000011110100000100000000000000110111100100000100000001100\
             000000000001"
        );
        assert_eq!(text(&[]), "");
    }

    #[test]
    fn names_come_back_by_number_and_unknown_ones_are_named() {
        let set = set_of_names(&["PAYMENTS_READ", "ACCOUNT_READ"]).unwrap();
        assert_eq!(names_of(set), ["ACCOUNT_READ", "PAYMENTS_READ"]);
        // A number that has no name opens nothing, and is not shown.
        assert_eq!(names_of(Scopes::of([31, 100])), ["ACCOUNT_READ"]);
        for name in ["account_read", "ACCOUNT_READ ", "", "31"] {
            assert_eq!(set_of_names(&[name]), Err(UnknownScope(name.to_owned())));
        }
    }
}
