//! What is asked for in lists of messages and chats, a part at a time: no question looks at more
//! than so many rows.

use tierwise_lanes::Moment;

use super::Stored;
use crate::{
    content::AttachmentTypes,
    model::{AccountKey, AccountRow, MessageRow, Status},
};

/// The part of a reader that is about lists of messages and chats.
pub trait ListReader {
    /// A message of an account by its id.
    fn message(&mut self, account: AccountKey, id: &str) -> Stored<Option<MessageRow>>;

    /// Messages of a chat, the newest first; none that is to be removed.
    fn chat(&mut self, account: &AccountRow, part: &ChatPart<'_>) -> Stored<Fitted<MessageRow>>;

    /// Where the message of a chat stands, and its id, that comes so many behind a place; none if
    /// there are not so many.
    fn chat_place(
        &mut self,
        account: AccountKey,
        chat: &str,
        before: ChatPlace,
        behind: u32,
    ) -> Stored<Option<(ChatPlace, String)>>;

    /// Messages of a team, those first that were stored last; none that is to be removed.
    fn messages_of_team(&mut self, part: &TeamPart) -> Stored<Fitted<ListedMessage>>;

    /// Where those messages of it stand that were written here.
    fn places_of_team(&mut self, part: &TeamPart) -> Stored<Vec<TeamPlace>>;

    /// Where the message of such a part stands that comes so many behind its beginning; none if
    /// there are not so many. Those of other teams may be among them.
    fn team_place(&mut self, part: &TeamPart, behind: u32) -> Stored<Option<TeamPlace>>;

    /// Chats of an account, those with the latest message first, and the time with which that was
    /// stored.
    fn chats(&mut self, account: &AccountRow, part: &ChatsPart) -> Stored<Vec<(String, Moment)>>;

    /// The time of the last message of a chat; none if it has none.
    fn last_of_chat(&mut self, account: &AccountRow, chat: &str) -> Stored<Option<Moment>>;

    /// How many messages chats have, by what they are.
    fn count_chats(&mut self, account: &AccountRow, chats: &[String]) -> Stored<Vec<CountedChat>>;

    /// The queues of a team in numbers.
    fn queue_of_team(&mut self, team: &str) -> Stored<QueueNumbers>;
}

/// A place among the messages of a chat, of which the newest come first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ChatPlace {
    /// The time with which a message was stored.
    pub placed: Moment,
    /// Its number.
    pub number: u64,
}

impl ChatPlace {
    /// Before all messages.
    pub const START: Self = ChatPlace { placed: Moment::NEVER, number: u64::MAX };
    /// After all of them.
    pub const END: Self = ChatPlace { placed: Moment(i64::MIN), number: 0 };

    /// Where a message stands.
    pub fn of(message: &MessageRow) -> Self {
        ChatPlace { placed: message.placed, number: message.number }
    }
}

/// Which messages of a chat.
#[derive(Clone, Debug, Default)]
pub struct ChatAsked {
    /// The chat.
    pub chat: String,
    /// Only those that are older than the message with this id.
    pub before: Option<String>,
    /// That message, too, beside those that are asked for.
    pub with_cursor: bool,
    /// Only those that are this.
    pub status: Option<Status>,
    /// Only those that the account sent or is to send, or only those that it received.
    pub is_from_me: Option<bool>,
    /// Only those with this time or a later one.
    pub from: Option<Moment>,
    /// Only those with this time or an earlier one.
    pub to: Option<Moment>,
    /// Only those that have an attachment of one of these kinds.
    pub attachments: Option<AttachmentTypes>,
    /// So many at most.
    pub most: u32,
}

impl ChatAsked {
    /// Whether messages of the chat are passed over.
    pub(crate) fn is_narrow(&self) -> bool {
        let ChatAsked { status, is_from_me, from, to, attachments, .. } = self;
        let by_time = from.is_some() || to.is_some();
        status.is_some() || is_from_me.is_some() || by_time || attachments.is_some()
    }
}

/// The first rows of a list that a page has room for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fitted<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// Whether more follow.
    pub has_more: bool,
}

/// How much a page has room for.
#[derive(Clone, Copy, Debug)]
pub struct Room {
    /// So many messages.
    pub most: u32,
    /// So many bytes of what they say together; the first has its place however many it has.
    pub most_bytes: u64,
}

impl Room {
    /// As many bytes as there are.
    pub fn of(most: u32) -> Self {
        Room { most, most_bytes: u64::MAX }
    }

    /// Takes rows, each with its bytes, until there is no room for one.
    pub(super) fn fit<T, E>(
        self,
        mut next: impl FnMut() -> Result<Option<(usize, T)>, E>,
    ) -> Result<Fitted<T>, E> {
        let (mut fitted, mut bytes) = (Fitted { rows: Vec::new(), has_more: false }, 0_u64);
        while let Some((size, row)) = next()? {
            bytes = bytes.saturating_add(u64::try_from(size).unwrap_or(u64::MAX));
            let is_full = u32::try_from(fitted.rows.len()).is_ok_and(|count| count >= self.most);
            if is_full || (bytes > self.most_bytes && !fitted.rows.is_empty()) {
                fitted.has_more = true;
                break;
            }
            fitted.rows.push(row);
        }
        Ok(fitted)
    }
}

/// A part of the messages of a chat.
#[derive(Clone, Copy, Debug)]
pub struct ChatPart<'a> {
    /// Which messages.
    pub asked: &'a ChatAsked,
    /// Only those behind this place.
    pub before: ChatPlace,
    /// Only those up to this place, the one there included.
    pub to: ChatPlace,
    /// As many as there is room for.
    pub room: Room,
}

/// A place among the messages of a team, of which those that were stored last come first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TeamPlace {
    /// When a message was stored.
    pub accepted: Moment,
    /// Its account.
    pub account: AccountKey,
    /// Its number.
    pub number: u64,
}

impl TeamPlace {
    /// Before all messages.
    pub const START: Self =
        TeamPlace { accepted: Moment::NEVER, account: AccountKey(i64::MAX), number: u64::MAX };
    /// After all of them.
    pub const END: Self =
        TeamPlace { accepted: Moment(i64::MIN), account: AccountKey(i64::MIN), number: 0 };

    /// Where a message stands.
    pub fn of(message: &MessageRow) -> Self {
        let MessageRow { accepted, account, number, .. } = message;
        TeamPlace { accepted: *accepted, account: *account, number: *number }
    }
}

/// Which messages of a team.
#[derive(Clone, Debug, Default)]
pub struct TeamMessagesAsked {
    /// The team.
    pub team: String,
    /// Only those of this account.
    pub account: Option<String>,
    /// Only those of this chat.
    pub chat: Option<String>,
    /// Only those that are one of these; none named: all.
    pub statuses: Vec<Status>,
    /// Only those behind this place, as a list before gave it.
    pub before: Option<String>,
    /// So many at most.
    pub most: u32,
}

/// A part of the messages of a team.
#[derive(Clone, Debug)]
pub struct TeamPart {
    /// The team.
    pub team: String,
    /// Only those of this account: then they stand in the order of their numbers.
    pub account: Option<AccountKey>,
    /// Only those of this chat.
    pub chat: Option<String>,
    /// Only those that are one of these; none named: all.
    pub statuses: Vec<Status>,
    /// Only those behind this place.
    pub before: TeamPlace,
    /// Only those up to this place, the one there included.
    pub to: TeamPlace,
    /// As many as there is room for; places have no bytes.
    pub room: Room,
}

/// A message in a list of several accounts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedMessage {
    /// The account's id.
    pub account: String,
    /// The message.
    pub message: MessageRow,
}

/// A part of the chats of an account, those with the latest message first.
#[derive(Clone, Debug)]
pub struct ChatsPart {
    /// Only those behind a chat, and the time of its last message.
    pub before: Option<(Moment, String)>,
    /// So many at most.
    pub most: u32,
}

/// A chat in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedChat {
    /// The chat.
    pub chat: String,
    /// The time with which its last message was stored.
    pub last: Moment,
    /// How many messages it has of each status: those that the account sent or is to send, notes
    /// among them.
    pub counts: Vec<(Status, u64)>,
    /// How many messages it has that were received.
    pub received: u64,
}

/// How many messages of a kind a chat has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CountedChat {
    /// The chat.
    pub chat: String,
    /// Their status.
    pub status: Status,
    /// Whether the account sent them or is to send them.
    pub is_from_me: bool,
    /// How many.
    pub count: u64,
}

/// The queues of a team in numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QueueNumbers {
    /// Messages that wait, without those that are out.
    pub waiting: u64,
    /// Messages that are out.
    pub out: u64,
    /// Those waiting messages whose account is held, by reason: `account_not_open`, `paused`, or
    /// the policy's word.
    pub held: Vec<(String, u64)>,
    /// Messages and notes that were written here, by what they are.
    pub by_status: Vec<(Status, u64)>,
    /// When the first of those that wait is or was due.
    pub oldest_waiting: Option<Moment>,
}

impl QueueNumbers {
    /// Adds waiting messages of accounts that are held for a reason; an empty one: that are not.
    pub(super) fn add_waiting(&mut self, (reason, count, oldest): (String, u64, Moment)) {
        self.waiting += count;
        self.oldest_waiting = Some(self.oldest_waiting.map_or(oldest, |other| other.min(oldest)));
        if !reason.is_empty() {
            self.held.push((reason, count));
        }
    }
}
