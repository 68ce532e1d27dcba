//! Lists of messages and chats, a page at a time, and the queues of a team in numbers.

use sha2::{Digest as _, Sha256};
use tierwise_lanes::Moment;

use super::{Failure, Handle};
use crate::{
    error::{Refusal, Refused},
    flush::edge::{check_name, is_name},
    model::{MessageRow, Removal},
    store::{
        ChatAsked, ChatPart, ChatPlace, ChatsPart, CountedChat, Fitted, ListedAccount, ListedChat,
        ListedMessage, QueueNumbers, Reader, Room, Stored, TeamMessagesAsked, TeamPart, TeamPlace,
    },
};

/// Rows that one page looks at. A page of what is seldom may end before it is full, and says where
/// the next one begins.
pub(super) const LOOKED_AT: u32 = 10_000;

/// Bytes of what the messages of a page say, together; one message may have more.
const MOST_BYTES: u64 = 8 << 20;

/// What divides a place that a list gives away from what vouches for it, and how many bytes do.
const SEAL: char = '~';
const SEAL_BYTES: usize = 6;

/// Messages of a chat, the newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChatPage {
    /// The messages.
    pub messages: Vec<MessageRow>,
    /// Where the next page begins, as `ChatAsked::before` takes it; none after the last.
    pub next: Option<String>,
}

/// Messages of a team, those first that were stored last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TeamPage {
    /// The messages.
    pub messages: Vec<ListedMessage>,
    /// Where the next page begins; none after the last.
    pub next: Option<String>,
}

/// Chats of an account, those with the latest message first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChatsPage {
    /// The chats.
    pub chats: Vec<ListedChat>,
    /// Where the next page begins; none after the last.
    pub next: Option<String>,
}

impl Handle {
    /// A message of a chat, whose account is the team's. Refused: `not_found`, `store_away`.
    pub async fn message_of(
        &self,
        team: &str,
        account: &str,
        chat: &str,
        message: &str,
    ) -> Result<MessageRow, Failure> {
        let [team, account, chat, message] = [team, account, chat, message].map(str::to_owned);
        let found = self.read(move |reader| {
            let found = match account_of(reader, &team, &account)? {
                Ok(found) => found,
                Err(refusal) => return Ok(Err(refusal)),
            };
            let stored = message_in(reader, &found, &chat, &message)?;
            Ok(stored.ok_or_else(|| Refusal::no_message(&message)))
        });
        Ok(found.await??)
    }

    /// A page of a chat. Refused: `not_found` if there is no such account of the team, or the
    /// message is not in the chat that the page is to begin behind; `bad_request`, `store_away`.
    pub async fn chat(
        &self,
        team: &str,
        account: &str,
        asked: ChatAsked,
    ) -> Result<ChatPage, Failure> {
        check_name("chat", &asked.chat)?;
        let (team, account) = (team.to_owned(), account.to_owned());
        Ok(self.read(move |reader| chat_page(reader, &team, &account, &asked)).await??)
    }

    /// A page of a team's messages. An account that is not the team's has none. Refused:
    /// `bad_request`, `store_away`.
    pub async fn team_messages(&self, asked: TeamMessagesAsked) -> Result<TeamPage, Failure> {
        check_name("chat", asked.chat.as_deref().unwrap_or_default())?;
        Ok(self.read(move |reader| team_page(reader, &asked)).await??)
    }

    /// A page of the chats of an account of a team. Refused: `not_found` if there is no such
    /// account, or no such chat that the page is to begin behind; `store_away`.
    pub async fn chats(
        &self,
        team: &str,
        account: &str,
        before: Option<String>,
        most: u32,
    ) -> Result<ChatsPage, Failure> {
        let (team, account) = (team.to_owned(), account.to_owned());
        let list = move |reader: &mut dyn Reader| {
            chats_page(reader, &team, &account, before.as_deref(), most)
        };
        Ok(self.count(list).await??)
    }

    /// The queues of a team in numbers. Refused: `store_away`.
    pub async fn queue_numbers(&self, team: &str) -> Result<QueueNumbers, Failure> {
        let team = team.to_owned();
        self.count(move |reader| reader.queue_of_team(&team)).await
    }
}

/// An account of a team. Refused: `not_found`.
fn account_of(reader: &mut dyn Reader, team: &str, id: &str) -> Stored<Refused<ListedAccount>> {
    let found = if is_name(id) { reader.account(id)? } else { None };
    let found = found.filter(|account| account.row.team == team);
    Ok(found.ok_or_else(|| Refusal::no_account(id)))
}

/// A message that stands in a chat for everybody to see.
fn message_in(
    reader: &mut dyn Reader,
    account: &ListedAccount,
    chat: &str,
    id: &str,
) -> Stored<Option<MessageRow>> {
    if !is_name(id) {
        return Ok(None);
    }
    let found = reader.message(account.row.key, id)?;
    Ok(found.filter(|message| message.chat == chat && account.row.shows(message)))
}

fn chat_page(
    reader: &mut dyn Reader,
    team: &str,
    account: &str,
    asked: &ChatAsked,
) -> Stored<Refused<ChatPage>> {
    let account = match account_of(reader, team, account)? {
        Ok(account) => account,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let row = &account.row;
    let (before, cursor) = match &asked.before {
        None => (ChatPlace::START, None),
        Some(text) => match behind(reader, &account, asked, text)? {
            Ok(found) => found,
            Err(refusal) => return Ok(Err(refusal)),
        },
    };
    let is_narrow = asked.is_narrow() || row.removal != Removal::Nothing;
    let end = match is_narrow {
        true => reader.chat_place(row.key, &asked.chat, before, LOOKED_AT)?.map(|(place, _)| place),
        false => None,
    };
    let to = end.unwrap_or(ChatPlace::END);
    let room = Room { most: asked.most, most_bytes: MOST_BYTES };
    let found = reader.chat(row, &ChatPart { asked, before, to, room })?;
    let mut messages = found.rows;
    let next = match found.has_more {
        true => messages.last().map(ChatPlace::of),
        false => end,
    };
    if let Some(cursor) = cursor.filter(|_| asked.with_cursor) {
        messages.insert(0, cursor);
    }
    let sealed = |place| text_of_chat_place(&row.id, &asked.chat, &place);
    Ok(Ok(ChatPage { messages, next: next.map(sealed) }))
}

/// Where a page of a chat begins: behind the message of an id, or at a place that a page before
/// gave, which stays one whatever becomes of the message there; and that message, if it is there
/// and asked for. Refused: `not_found`.
fn behind(
    reader: &mut dyn Reader,
    account: &ListedAccount,
    asked: &ChatAsked,
    text: &str,
) -> Stored<Refused<(ChatPlace, Option<MessageRow>)>> {
    let Some(place) = chat_place_of_text(&account.row.id, &asked.chat, text) else {
        let found = message_in(reader, account, &asked.chat, text)?;
        let found = found.map(|message| (ChatPlace::of(&message), Some(message)));
        return Ok(found.ok_or_else(|| Refusal::no_message(text)));
    };
    let just_before = ChatPlace { number: place.number.saturating_add(1), ..place };
    let all = ChatAsked { chat: asked.chat.clone(), ..ChatAsked::default() };
    let part = ChatPart { asked: &all, before: just_before, to: place, room: Room::of(1) };
    let there = if asked.with_cursor { reader.chat(&account.row, &part)?.rows.pop() } else { None };
    Ok(Ok((place, there)))
}

fn text_of_chat_place(account: &str, chat: &str, place: &ChatPlace) -> String {
    sealed(&[account, chat], &format!("{}.{}", place.placed.0, place.number))
}

/// None if it is no place.
fn chat_place_of_text(account: &str, chat: &str, text: &str) -> Option<ChatPlace> {
    let (placed, number) = unsealed(&[account, chat], text)?.split_once('.')?;
    Some(ChatPlace { placed: Moment(placed.parse().ok()?), number: number.parse().ok()? })
}

/// A place as lists give it away: no id or name that somebody made is taken for one, unless it was
/// made from one of the same list.
fn sealed(list: &[&str], place: &str) -> String {
    format!("{place}{SEAL}{}", seal(list, place))
}

/// None if no list like this gave it away.
fn unsealed<'a>(list: &[&str], text: &'a str) -> Option<&'a str> {
    let (place, said) = text.rsplit_once(SEAL)?;
    (seal(list, place) == said).then_some(place)
}

fn seal(list: &[&str], place: &str) -> String {
    let mut hash = Sha256::new();
    for part in list.iter().chain([&place]) {
        hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_le_bytes());
        hash.update(part);
    }
    hash.finalize().iter().take(SEAL_BYTES).map(|byte| format!("{byte:02x}")).collect()
}

/// Keeps so many of a list; whether there were more.
fn keep<T>(list: &mut Vec<T>, most: u32) -> bool {
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let has_more = list.len() > most;
    list.truncate(most);
    has_more
}

/// The part of a team's messages that a page looks at; none if nothing can be in it.
pub(super) fn part_of(
    reader: &mut dyn Reader,
    asked: &TeamMessagesAsked,
    before: TeamPlace,
) -> Stored<Option<TeamPart>> {
    let TeamMessagesAsked { team, account, chat, statuses, most, .. } = asked;
    let account = match account {
        None => None,
        Some(id) => match account_of(reader, team, id)? {
            Ok(account) => Some(account.row.key),
            Err(_) => return Ok(None),
        },
    };
    let (team, chat, statuses) = (team.clone(), chat.clone(), statuses.clone());
    let (to, room) = (TeamPlace::END, Room { most: *most, most_bytes: MOST_BYTES });
    Ok(Some(TeamPart { team, account, chat, statuses, before, to, room }))
}

fn team_page(reader: &mut dyn Reader, asked: &TeamMessagesAsked) -> Stored<Refused<TeamPage>> {
    let before = match &asked.before {
        None => TeamPlace::START,
        Some(text) => match place_of_text(reader, &asked.team, text)? {
            Some(place) => place,
            None => return Ok(Err(Refusal::bad("before", "no list ever gave this"))),
        },
    };
    let Some(part) = part_of(reader, asked, before)? else { return Ok(Ok(TeamPage::default())) };
    let end = reader.team_place(&part, LOOKED_AT)?;
    let to = end.unwrap_or(TeamPlace::END);
    let Fitted { rows: messages, has_more } = reader.messages_of_team(&TeamPart { to, ..part })?;
    let next = match (has_more, end) {
        (true, _) => messages.last().map(|last| (TeamPlace::of(&last.message), &*last.account)),
        (false, end) => end.map(|place| (place, "")),
    };
    let next = next.map(|(place, account)| text_of_place(reader, &asked.team, place, account));
    Ok(Ok(TeamPage { messages, next: next.transpose()? }))
}

/// A place as lists give it away, with the account's id where that is known already. It stays one,
/// whatever becomes of the message or its account. Keys of accounts are nobody's to see: they tell
/// how many accounts other teams have.
fn text_of_place(
    reader: &mut dyn Reader,
    team: &str,
    place: TeamPlace,
    account: &str,
) -> Stored<String> {
    let TeamPlace { accepted, account: key, number } = place;
    let mut account = account.to_owned();
    if account.is_empty() {
        account = reader.id_of(team, key)?.unwrap_or_default();
    }
    Ok(format!("{}.{number}.{account}", accepted.0))
}

/// None if it is no place.
fn place_of_text(reader: &mut dyn Reader, team: &str, text: &str) -> Stored<Option<TeamPlace>> {
    let mut parts = text.splitn(3, '.');
    let mut number = || parts.next()?.parse::<i64>().ok();
    let (Some(accepted), Some(number)) = (number().map(Moment), number()) else { return Ok(None) };
    let (Some(id), Ok(number)) = (parts.next(), u64::try_from(number)) else { return Ok(None) };
    // One that was deleted meanwhile has its place still.
    let account = if is_name(id) { reader.key_of(team, id)? } else { None };
    Ok(account.map(|account| TeamPlace { accepted, account, number }))
}

fn chats_page(
    reader: &mut dyn Reader,
    team: &str,
    account: &str,
    before: Option<&str>,
    most: u32,
) -> Stored<Refused<ChatsPage>> {
    let row = match account_of(reader, team, account)? {
        Ok(account) => account.row,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let before = match before {
        None => None,
        Some(text) => match place_of_chat(&row.id, text) {
            Some(place) => Some(place),
            None => {
                let last = if is_name(text) { reader.last_of_chat(&row, text)? } else { None };
                let Some(last) = last else { return Ok(Err(no_chat(text))) };
                Some((last, text.to_owned()))
            }
        },
    };
    let part = ChatsPart { before, most: most.saturating_add(1) };
    let mut chats = reader.chats(&row, &part)?;
    let next = keep(&mut chats, most).then(|| Some(text_of_chat(&row.id, chats.last()?)));
    let names: Vec<_> = chats.iter().map(|(chat, _)| chat.clone()).collect();
    let counts = reader.count_chats(&row, &names)?;
    let listed = chats.into_iter().map(|(chat, last)| counted(chat, last, &counts));
    Ok(Ok(ChatsPage { chats: listed.collect(), next: next.flatten() }))
}

/// A chat's place in the list, which stays one whatever is written in the chat or becomes of it.
fn text_of_chat(account: &str, (chat, last): &(String, Moment)) -> String {
    sealed(&[account], &format!("{}.{chat}", last.0))
}

/// None if it is no such place.
fn place_of_chat(account: &str, text: &str) -> Option<(Moment, String)> {
    let (last, chat) = unsealed(&[account], text)?.split_once('.')?;
    Some((Moment(last.parse().ok()?), chat.to_owned())).filter(|_| is_name(chat))
}

fn no_chat(chat: &str) -> Refusal {
    Refusal::new("not_found", 404, format_args!("there is no chat `{chat}`"))
}

fn counted(chat: String, last: Moment, counts: &[CountedChat]) -> ListedChat {
    let mut listed = ListedChat { chat, last, counts: Vec::new(), received: 0 };
    for part in counts.iter().filter(|part| part.chat == listed.chat) {
        if part.is_from_me {
            listed.counts.push((part.status, part.count));
        } else {
            listed.received += part.count;
        }
    }
    listed
}
