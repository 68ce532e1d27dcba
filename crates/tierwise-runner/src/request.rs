//! What may be asked of the runner, and what it answers.

use std::{collections::BTreeMap, sync::Arc};

use serde_json::value::RawValue;
use tierwise_lanes::Moment;
use tierwise_transport::{Connecting, Inbound, Outgoing, Report};

use crate::{
    content::AttachmentTypes,
    model::{AccountKey, MessageRow, Status},
    people::{PeopleChange, Trade, Traded},
};

/// Something that changes what is kept. All of it happens, or nothing.
#[derive(Clone, Debug)]
pub enum Request {
    /// A new account.
    Create(NewAccount),
    /// Messages or notes for an account.
    Send {
        /// The account.
        account: String,
        /// Only if the account is this team's.
        team: Option<String>,
        /// Only if the account is open, or nothing of it is to be sent.
        require_open: bool,
        /// 1 to 1,000 of them, accepted together or not at all.
        messages: Vec<NewMessage>,
    },
    /// A change of many messages of a team.
    Many(Many),
    /// A change of an account.
    Change {
        /// The account.
        account: String,
        /// Only if the account is this team's.
        team: Option<String>,
        /// What changes.
        change: Change,
    },
    /// What a network brought.
    Arrived(Inbound),
    /// The same by one transport: what it says of another's account is passed over.
    ArrivedBy {
        /// The transport.
        transport: Arc<str>,
        /// What it brought.
        inbound: Inbound,
    },
    /// The end of an attempt.
    Completed(Completion),
    /// The call in which this runner asked a transport to connect an account has ended, and what
    /// the transport said in it is kept: nobody has to make it again.
    Called {
        /// The account.
        account: String,
        /// The opening that the call was about.
        opening: u64,
    },
    /// A refresh token is traded.
    Trade(Trade),
    /// A change of teams, people or tokens.
    People(PeopleChange),
}

impl Request {
    /// The team whose ledger has to be read for it, beside its end.
    pub(crate) fn asks_for_ledger(&self) -> Option<&str> {
        match self {
            Request::Create(account) => Some(&account.team),
            Request::Change { team, change, .. } if change.has_report() => team.as_deref(),
            _ => None,
        }
    }
}

/// A change of many messages of a team's accounts. Those that are out at that moment, of accounts
/// that have ended, or that have another status by then, are left as they are.
#[derive(Clone, Debug)]
pub struct Many {
    /// The team.
    pub team: String,
    /// What they are: pending, an error or cancelled.
    pub status: Status,
    /// Their accounts and numbers.
    pub messages: Vec<(AccountKey, u64)>,
    /// What becomes of them.
    pub change: ManyChange,
}

/// What becomes of many messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ManyChange {
    /// They wait, and are due at a moment, or now.
    Retry {
        /// Not before this moment, of the years 1970 to 2199.
        due: Option<Moment>,
    },
    /// They are removed.
    Clear,
}

/// The end of an attempt.
#[derive(Clone, Debug)]
pub struct Completion {
    /// The account.
    pub account: AccountKey,
    /// The fence of the attempt.
    pub fence: u64,
    /// What became of it.
    pub report: Report,
}

/// An account that is to be created (C1).
#[derive(Clone, Debug)]
pub struct NewAccount {
    /// The team that pays for it.
    pub team: String,
    /// The transport that carries its messages.
    pub transport: String,
    /// Its tier; none: the catalog's default.
    pub tier: Option<String>,
    /// Its name, at most 200 characters.
    pub nickname: String,
    /// Its settings, a JSON object.
    pub settings: Option<Box<RawValue>>,
    /// Who asks for it.
    pub created_by: String,
    /// A repeat with the same key within 24 hours gives the same account; at most 200 characters.
    /// By then the account may be deleted, which is refused (`not_found`), and so is the key of
    /// another creation (`id_reused`).
    pub idempotency_key: Option<String>,
}

impl NewAccount {
    /// An account of a team on the catalog's default tier.
    pub fn new(team: &str, transport: &str) -> Self {
        NewAccount {
            team: team.to_owned(),
            transport: transport.to_owned(),
            tier: None,
            nickname: String::new(),
            settings: None,
            created_by: String::new(),
            idempotency_key: None,
        }
    }
}

/// A message or note that is to be stored.
#[derive(Clone, Debug)]
pub struct NewMessage {
    /// Its id, 1 to 128 characters; none: a new one. The same id again with the same chat and
    /// content is the same message.
    pub id: Option<String>,
    /// The chat, 1 to 128 characters.
    pub chat: String,
    /// Whether it is a note: kept, never sent (Q8).
    pub is_note: bool,
    /// Not before this moment, of the years 1970 to 2199.
    pub due: Option<Moment>,
    /// What it says, a JSON object of at most a mebibyte.
    pub content: Box<RawValue>,
    /// Whether a reply in its chat withdraws it.
    pub cancel_on_reply: bool,
    /// The kinds of attachments in the content.
    pub attachments: AttachmentTypes,
    /// Who asks for it; empty if nobody is named.
    pub sender: String,
}

impl NewMessage {
    /// A text, due at once.
    pub fn of_text(chat: &str, text: &str) -> Self {
        let content = serde_json::json!({ "text": text });
        NewMessage {
            id: None,
            chat: chat.to_owned(),
            is_note: false,
            due: None,
            content: serde_json::value::to_raw_value(&content).unwrap_or_default(),
            cancel_on_reply: false,
            attachments: AttachmentTypes::default(),
            sender: String::new(),
        }
    }
}

/// A change of an account.
#[derive(Clone, Debug)]
pub enum Change {
    /// It is to be connected.
    Open,
    /// It is to be disconnected; its messages wait (Q11).
    Close {
        /// Whether its login is dropped, too.
        logout: bool,
    },
    /// Its name, tier or settings.
    Update(Update),
    /// It ends, and is kept (L1 to L4).
    Archive {
        /// Only if it does what this report says.
        if_report: Option<String>,
    },
    /// It ends, and its data go (L5).
    Delete {
        /// Only if it does what this report says.
        if_report: Option<String>,
    },
    /// Nothing of it goes before it is resumed.
    Pause,
    /// What waits goes on.
    Resume,
    /// A waiting message will not go: it is cancelled, and the next one's turn comes.
    Skip {
        /// The message's id.
        message: String,
    },
    /// A message that is an error or cancelled waits again; one that waits is tried at once.
    Retry {
        /// The message's id.
        message: String,
        /// Not before this moment, of the years 1970 to 2199.
        due: Option<Moment>,
    },
    /// A waiting message is withdrawn, a settled one or a note removed here.
    Remove {
        /// Which.
        message: Which,
    },
    /// What a waiting message or a note says is changed, or when it is due; or a note is resolved.
    Edit {
        /// Which.
        message: Which,
        /// What changes.
        edit: Edit,
    },
    /// Somebody knows what became of a message whose outcome is unknown (Q7).
    Resolve {
        /// The message's id.
        message: String,
        /// Whether the transport took it.
        taken: bool,
    },
}

impl Change {
    /// Whether it is held to what a report said.
    fn has_report(&self) -> bool {
        match self {
            Change::Update(Update { if_report, .. })
            | Change::Archive { if_report }
            | Change::Delete { if_report } => if_report.is_some(),
            _ => false,
        }
    }

    /// Whether it is a step in the life of an account, which stands in its team's ledger.
    pub(crate) fn is_of_life(&self) -> bool {
        match self {
            Change::Update(update) => update.tier.is_some(),
            Change::Archive { .. } | Change::Delete { .. } => true,
            Change::Open
            | Change::Close { .. }
            | Change::Pause
            | Change::Resume
            | Change::Skip { .. }
            | Change::Retry { .. }
            | Change::Remove { .. }
            | Change::Edit { .. }
            | Change::Resolve { .. } => false,
        }
    }
}

/// A message, and what whoever names it takes it for: another one is not meant, and not found.
#[derive(Clone, Debug)]
pub struct Which {
    /// Its id.
    pub id: String,
    /// Its chat, if that is known.
    pub chat: Option<String>,
    /// Whether it is a note, if that is known.
    pub is_note: Option<bool>,
}

impl From<String> for Which {
    fn from(id: String) -> Self {
        Which { id, chat: None, is_note: None }
    }
}

/// What changes of a message or note; what is none stays.
#[derive(Clone, Debug, Default)]
pub struct Edit {
    /// Whether a note is resolved.
    pub resolved: Option<bool>,
    /// Not before this moment, of the years 1970 to 2199; of messages.
    pub due: Option<Moment>,
    /// Parts of the content, by their names.
    pub content: BTreeMap<String, Box<RawValue>>,
    /// Who asks for it; empty if nobody is named.
    pub by: String,
}

/// New values; what is none stays.
#[derive(Clone, Debug, Default)]
pub struct Update {
    /// Its name.
    pub nickname: Option<String>,
    /// Its tier (section 8).
    pub tier: Option<String>,
    /// Settings; keys that are not named stay.
    pub settings: Option<Box<RawValue>>,
    /// Only if it does what this report says.
    pub if_report: Option<String>,
}

/// What was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// An account was created, or had been by the same key.
    Created {
        /// Its id.
        account: String,
        /// What its creation costs, a decimal (C1, C2); none if it had been created before.
        charge: Option<String>,
    },
    /// Messages were stored, or had been.
    Accepted(Vec<Accepted>),
    /// An account was changed.
    Changed {
        /// What it brought with it (sections 8 and 10).
        effects: Vec<String>,
    },
    /// A message was edited: as it is now.
    Edited(Box<MessageRow>),
    /// So many messages were changed.
    Counted(u64),
    /// What was brought or changed is kept; what a network brought may be nobody's.
    Kept,
    /// A refresh token was traded.
    Traded(Traded),
    /// A refresh token is kept.
    TokenCreated {
        /// Its number.
        number: i64,
    },
    /// Refresh tokens are revoked.
    Revoked {
        /// How many were not before.
        tokens: u64,
    },
}

/// A stored message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// As it is stored now.
    pub message: MessageRow,
    /// Whether it had been stored before.
    pub is_repeat: bool,
}

/// What is to be done outside once a change is stored.
#[derive(Clone, Debug)]
pub enum Action {
    /// Give a message to a transport.
    Send(Box<Sending>),
    /// Connect an account.
    Open(Connect),
    /// Disconnect an account.
    Close(Connect, bool),
}

/// A message that is out.
#[derive(Clone, Debug)]
pub struct Sending {
    /// The account.
    pub account: AccountKey,
    /// The transport.
    pub transport: String,
    /// The attempt.
    pub message: Outgoing,
}

/// An account that is to be connected or disconnected.
#[derive(Clone, Debug)]
pub struct Connect {
    /// The transport.
    pub transport: String,
    /// The account.
    pub account: Connecting,
}
