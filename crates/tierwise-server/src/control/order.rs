//! What may be ordered, as it stands on the wire.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::PeopleOrder;

/// An order.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Order {
    /// Create an account.
    Create {
        /// The team that pays for it.
        team: String,
        /// The transport that carries its messages.
        transport: String,
        /// Its tier; none: the catalog's default.
        tier: Option<String>,
        /// Its name.
        nickname: Option<String>,
        /// Its settings, a JSON object.
        settings: Option<Box<RawValue>>,
        /// A key by which a repeat is known.
        key: Option<String>,
    },
    /// List accounts, the newest first.
    Accounts {
        /// Only this team's.
        team: Option<String>,
        /// Only those that this transport carries.
        #[serde(default)]
        transport: Option<String>,
        /// Archived ones, too.
        archived: bool,
        /// Only those created before this one.
        before: Option<i64>,
        /// So many at most.
        count: u32,
    },
    /// Do something to an account.
    Account {
        /// The account.
        account: String,
        /// What.
        #[serde(rename = "do")]
        change: AccountOrder,
    },
    /// Do something to all accounts of a team that are not archived.
    Team {
        /// The team.
        team: String,
        /// What.
        #[serde(rename = "do")]
        change: TeamOrder,
    },
    /// Send messages or keep notes, all or none.
    Send {
        /// The account.
        account: String,
        /// Them.
        messages: Vec<NewMessageOrder>,
    },
    /// List messages of an account, the newest first.
    Messages {
        /// The account.
        account: String,
        /// Only this chat's.
        chat: Option<String>,
        /// Only those of this status.
        status: Option<String>,
        /// Only those with lower numbers than this.
        before: Option<u64>,
        /// So many at most.
        count: u32,
    },
    /// Say why an account's queue stands as it does.
    Why {
        /// The account.
        account: String,
    },
    /// Say what a change would do.
    Report {
        /// The account.
        account: String,
        /// The change.
        planned: PlannedOrder,
    },
    /// The account-days and messages of a team.
    Usage {
        /// The team.
        team: String,
        /// `YYYY-MM`; none: the running one.
        period: Option<String>,
    },
    /// The invoice of a team.
    Invoice {
        /// The team.
        team: String,
        /// `YYYY-MM`; none: the running one.
        period: Option<String>,
    },
    /// Something about teams, people or refresh tokens.
    People(PeopleOrder),
    /// The queues in numbers.
    Overview,
    /// What Prometheus reads.
    Metrics,
    /// Load policy and catalog anew.
    Swap,
    /// Copy the store into a new file.
    Backup {
        /// The file, by its whole path.
        to: PathBuf,
    },
}

/// What may be done to an account.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum AccountOrder {
    /// Connect it.
    Open,
    /// Disconnect it.
    Close {
        /// Drop its login, too.
        logout: bool,
    },
    /// Change its name, tier or settings.
    Set {
        /// Its name.
        nickname: Option<String>,
        /// Its tier.
        tier: Option<String>,
        /// Settings; keys that are not named stay.
        settings: Option<Box<RawValue>>,
        /// Only if it does what this report says.
        if_report: Option<String>,
    },
    /// Archive it.
    Archive {
        /// Only if it does what this report says.
        if_report: Option<String>,
    },
    /// Delete it.
    Delete {
        /// Only if it does what this report says.
        if_report: Option<String>,
    },
    /// Nothing of it goes before it is resumed.
    Pause,
    /// What waits goes on.
    Resume,
    /// Cancel a waiting message.
    Skip {
        /// Its id.
        message: String,
    },
    /// Have a message wait again.
    Retry {
        /// Its id.
        message: String,
    },
    /// Have every message that is an error or cancelled wait again.
    RetryAll {
        /// `error` or `cancelled`.
        status: String,
    },
    /// Remove a message.
    Remove {
        /// Its id.
        message: String,
    },
    /// Say what became of a message whose outcome is unknown.
    Resolve {
        /// Its id.
        message: String,
        /// Whether the transport took it.
        taken: bool,
    },
}

/// What may be done to a team's accounts.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum TeamOrder {
    /// Nothing of them goes before they are resumed.
    Pause,
    /// What waits goes on.
    Resume,
    /// Have every message that is an error or cancelled wait again.
    RetryAll {
        /// `error` or `cancelled`.
        status: String,
    },
    /// Cancel the first waiting message of each.
    SkipFirst,
}

/// A change that is asked about beforehand.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum PlannedOrder {
    /// A move to a tier.
    Tier(String),
    /// An archive.
    Archive,
    /// A deletion.
    Delete,
}

/// A message or note.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub struct NewMessageOrder {
    /// Its id; none: a new one.
    #[serde(default)]
    pub id: Option<String>,
    /// The chat.
    pub chat: String,
    /// What it says, a JSON object.
    pub content: Box<RawValue>,
    /// Whether it is a note.
    #[serde(default)]
    pub note: bool,
    /// Not before this time, RFC 3339.
    #[serde(default)]
    pub due: Option<String>,
    /// Whether a reply in its chat withdraws it.
    #[serde(default)]
    pub cancel_on_reply: bool,
}
