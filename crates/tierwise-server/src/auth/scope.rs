//! The scopes: their numbers are part of the wire format and are never reused (section 2.3 of the
//! contract).

macro_rules! scopes {
    ($($scope:ident $number:literal $name:literal,)*) => {
        /// Something that a token may open.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Scope {
            $($scope,)*
        }

        impl Scope {
            /// All that there are, by rising number.
            pub(crate) const ALL: &[Scope] = &[$(Scope::$scope,)*];

            /// Its place in the text of a token.
            pub(crate) const fn number(self) -> u8 {
                match self { $(Scope::$scope => $number,)* }
            }

            pub(crate) const fn name(self) -> &'static str {
                match self { $(Scope::$scope => $name,)* }
            }
        }
    };
}

scopes! {
    TokensRead 22 "TOKENS_READ",
    TokensDelete 23 "TOKENS_DELETE",
    TeamUpdate 29 "TEAM_UPDATE",
    AccountCreate 30 "ACCOUNT_CREATE",
    AccountRead 31 "ACCOUNT_READ",
    AccountDelete 32 "ACCOUNT_DELETE",
    AccountPatch 34 "ACCOUNT_PATCH",
    TeamMembersRead 40 "TEAMMEMBERS_READ",
    ChatsAccessAll 55 "CHATS_ACCESS_ALL",
    ChatsAccessAssigned 56 "CHATS_ACCESS_ASSIGNED",
    MessagesSendToAssigned 58 "MESSAGES_SEND_TO_ASSIGNED",
    MessagesSendToAll 59 "MESSAGES_SEND_TO_ALL",
    EditNotes 60 "EDIT_NOTES",
    MessagesDelete 61 "MESSAGES_DELETE",
    CreateNotes 64 "CREATE_NOTES",
    DeleteNotes 70 "DELETE_NOTES",
    PaymentsRead 78 "PAYMENTS_READ",
    PaymentsUpdate 79 "PAYMENTS_UPDATE",
    MessagesSearch 93 "MESSAGES_SEARCH",
}
