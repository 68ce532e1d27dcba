//! What a reader lists and counts is what the plain store holds.

use oorandom::Rand64;
use tierwise_runner::*;

use crate::world::memory::State;

/// Ids of what networks bring are random, on each store: they say nothing.
fn masked(mut row: MessageRow) -> MessageRow {
    if row.origin != Origin::Here {
        row.id.clear();
    }
    row
}

fn masked_all(rows: Vec<MessageRow>) -> Vec<MessageRow> {
    rows.into_iter().map(masked).collect()
}

/// The first of a list that there is room for.
fn fitted<T>(mut all: Vec<T>, room: Room, size: fn(&T) -> usize) -> Fitted<T> {
    let mut bytes = 0;
    let fits = |row: &&T| {
        bytes += size(row) as u64;
        bytes <= room.most_bytes
    };
    let count = all.iter().take_while(fits).count().max(1).min(room.most as usize);
    let has_more = all.len() > count;
    all.truncate(count);
    Fitted { rows: all, has_more }
}

/// Asks at random.
pub(crate) struct Asking<'a> {
    pub(crate) random: &'a mut Rand64,
    pub(crate) state: &'a State,
    pub(crate) reader: &'a mut dyn Reader,
    /// The ids of accounts, by their numbers.
    pub(crate) ids: &'a [String],
}

impl Asking<'_> {
    fn pick(&mut self, count: usize) -> usize {
        self.random.rand_range(0..count.max(1) as u64) as usize
    }

    fn chance(&mut self, one_in: usize) -> bool {
        self.pick(one_in) == 0
    }

    fn one_of<T: Clone>(&mut self, all: &[T]) -> Option<T> {
        let place = self.pick(all.len());
        all.get(place).cloned()
    }

    /// Some messages say about thirty bytes, others twice as many.
    fn room(&mut self) -> Room {
        let most_bytes = [u64::MAX, 0, 40, 100][self.pick(4)];
        Room { most: 1 + self.pick(5) as u32, most_bytes }
    }

    /// Compares one question of each kind.
    pub(crate) fn compare(&mut self, place: &str) {
        let rows = self.state.accounts.values().map(|(row, _)| row.clone());
        let rows: Vec<_> = rows.filter(|row| row.ended != Some(Ended::Deleted)).collect();
        if let Some(account) = self.one_of(&rows) {
            self.chat(&account, place);
            self.chats(&account, place);
        }
        self.team(&rows, place);
        rows.iter().for_each(|account| self.counts(account, place));
        for team in ["team", "other"] {
            let numbers = self.reader.queue_of_team(team).unwrap();
            assert_eq!(numbers, self.state.queue_of_team(team), "{place}");
        }
    }

    /// What is kept with an account is what a count of its rows says.
    fn counts(&mut self, account: &AccountRow, place: &str) {
        let listed = self.reader.account(&self.ids[account.key.0 as usize - 1]).unwrap().unwrap();
        let all = MessagesAsked { most: u32::MAX, ..MessagesAsked::default() };
        let mut counts = Counts::default();
        for row in self.reader.messages(account.key, &all).unwrap() {
            if account.shows(&row) {
                counts.add(row.origin, row.status);
            }
        }
        assert_eq!(listed.row.counts, counts, "{place}, {account:?}");
    }

    fn chat(&mut self, account: &AccountRow, place: &str) {
        let chat = self.one_of(&self.state.all_chats()).unwrap_or_else(|| "none".to_owned());
        let all: Vec<_> =
            self.state.of_account(account.key).filter(|row| row.chat == chat).cloned().collect();
        let some = self.one_of(&all);
        let at = some.as_ref().map(|row| row.at);
        let statuses = [Status::Note, Status::Pending, Status::Error];
        let kinds = ["image", "video"].map(|kind| AttachmentTypes::of_name(kind).unwrap());
        let is_mine = self.chance(2);
        let asked = ChatAsked {
            chat: chat.clone(),
            status: self.one_of(&statuses).filter(|_| self.chance(4)),
            is_from_me: Some(is_mine).filter(|_| self.chance(4)),
            from: at.filter(|_| self.chance(4)),
            to: at.filter(|_| self.chance(4)),
            attachments: self.one_of(&kinds).filter(|_| self.chance(4)),
            ..ChatAsked::default()
        };
        let found = some.as_ref().map(ChatPlace::of);
        let before = found.filter(|_| self.chance(2)).unwrap_or(ChatPlace::START);
        let to = found.filter(|_| self.chance(3)).unwrap_or(ChatPlace::END);
        let room = self.room();
        let part = ChatPart { asked: &asked, before, to, room };
        let listed = self.reader.chat(account, &part).unwrap();
        let expected = fitted(self.state.chat(account, &part), room, |row| row.content.len());
        assert_eq!(listed.has_more, expected.has_more, "{place}, {part:?}");
        assert_eq!(masked_all(listed.rows), masked_all(expected.rows), "{place}, {part:?}");

        let behind = self.pick(4);
        let mut rows: Vec<_> = all.into_iter().filter(|row| ChatPlace::of(row) < before).collect();
        rows.sort_by_key(|row| std::cmp::Reverse(ChatPlace::of(row)));
        let end = self.reader.chat_place(account.key, &chat, before, behind as u32).unwrap();
        let expected = rows.get(behind);
        let places = (end.as_ref().map(|end| end.0), expected.map(ChatPlace::of));
        assert_eq!(places.0, places.1, "{place}, {part:?}");

        for row in rows.into_iter().filter(|row| row.origin == Origin::Here).take(3) {
            let found = self.reader.message(account.key, &row.id).unwrap();
            assert_eq!(found.as_ref(), Some(&row), "{place}");
            if let Some((end, id)) = &end
                && *end == ChatPlace::of(&row)
            {
                assert_eq!(*id, row.id, "{place}");
            }
        }
        assert_eq!(self.reader.message(account.key, "none").unwrap(), None);
    }

    fn chats(&mut self, account: &AccountRow, place: &str) {
        let all = self.state.chats(account);
        let before = self.one_of(&all).filter(|_| self.chance(2));
        let from = before.as_ref().map_or(0, |it| all.iter().position(|o| o == it).unwrap() + 1);
        let most = 1 + self.pick(3);
        let before = before.map(|(chat, last)| (last, chat));
        let part = ChatsPart { before, most: most as u32 };
        let listed = self.reader.chats(account, &part).unwrap();
        let expected: Vec<_> = all[from..].iter().take(most).cloned().collect();
        assert_eq!(listed, expected, "{place}, {part:?}");
        let names: Vec<_> = listed.into_iter().map(|(chat, _)| chat).collect();
        let counts = self.state.counts_of_chats(account, &names);
        let mut counted = self.reader.count_chats(account, &names).unwrap();
        counted.sort_by(|one, other| {
            (&one.chat, one.status, one.is_from_me).cmp(&(
                &other.chat,
                other.status,
                other.is_from_me,
            ))
        });
        assert_eq!(counted, counts, "{place}");
        for (chat, last) in &all {
            let found = self.reader.last_of_chat(account, chat).unwrap();
            assert_eq!(found, Some(*last), "{place}, {chat}");
        }
        assert_eq!(self.reader.last_of_chat(account, "none").unwrap(), None);
    }

    fn team(&mut self, accounts: &[AccountRow], place: &str) {
        let all: Vec<_> = self.state.messages.values().cloned().collect();
        let found = self.one_of(&all).as_ref().map(TeamPlace::of);
        let account = self.one_of(accounts).filter(|_| self.chance(3));
        let team = ["team", "other"][self.pick(2)].to_owned();
        // Whoever asks for an account has seen that it is the team's.
        let account = account.filter(|account| account.team == team).map(|account| account.key);
        let chat = self.one_of(&self.state.all_chats()).filter(|_| self.chance(4));
        let statuses = [Status::Pending, Status::Error, Status::Sent, Status::Note];
        let statuses = (0..self.pick(3)).filter_map(|_| self.one_of(&statuses)).collect();
        let before = found.filter(|_| self.chance(2)).unwrap_or(TeamPlace::START);
        let to = found.filter(|_| self.chance(3)).unwrap_or(TeamPlace::END);
        let room = self.room();
        let part = TeamPart { team, account, chat, statuses, before, to, room };
        let all = self.state.of_team(&part);
        let expected = fitted(all.clone(), room, |it| it.message.content.len());
        let listed = self.reader.messages_of_team(&part).unwrap();
        for ListedMessage { account, message } in &listed.rows {
            let found = self.reader.account(account).unwrap().unwrap();
            assert_eq!(found.row.key, message.account, "{place}, {part:?}");
        }
        let rows = |list: Vec<ListedMessage>| {
            list.into_iter().map(|it| masked(it.message)).collect::<Vec<_>>()
        };
        assert_eq!(listed.has_more, expected.has_more, "{place}, {part:?}");
        assert_eq!(rows(listed.rows), rows(expected.rows), "{place}, {part:?}");
        let here = all.iter().filter(|it| it.message.origin == Origin::Here);
        let places: Vec<_> =
            here.map(|it| TeamPlace::of(&it.message)).take(room.most as usize).collect();
        assert_eq!(self.reader.places_of_team(&part).unwrap(), places, "{place}, {part:?}");

        let is_of = |row: &&MessageRow| match part.account {
            Some(key) => row.account == key && row.number < before.number,
            None => {
                let (account, _) = &self.state.accounts[&row.account];
                account.team == part.team && TeamPlace::of(row) < before
            }
        };
        let rows = self.state.messages.values().filter(is_of);
        let mut places: Vec<_> = rows.map(TeamPlace::of).collect();
        match part.account {
            Some(_) => places.sort_by_key(|place| std::cmp::Reverse(place.number)),
            None => places.sort_by_key(|place| std::cmp::Reverse(*place)),
        }
        let behind = self.pick(4);
        let end = self.reader.team_place(&part, behind as u32).unwrap();
        assert_eq!(end, places.get(behind).copied(), "{place}, {part:?}");
    }
}
