//! The words of a log: tiers of the built-in catalog, teams, accounts.

/// By rising rank.
pub(crate) const TIERS: [&str; 3] =
    ["limited_msg_no_chat_history", "unlimited_msg_no_chat_history", "unlimited_msg_chat_history"];
pub(crate) const TIER_COUNT: u8 = 3;

/// `team-0001`, `account-000001`: the number follows, with at least so many digits.
pub(crate) const TEAM: (&str, usize) = ("team-", 4);
pub(crate) const ACCOUNT: (&str, usize) = ("account-", 6);
