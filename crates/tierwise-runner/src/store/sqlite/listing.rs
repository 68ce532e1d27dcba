//! Lists of messages and chats, and numbers of queues.

use rusqlite::{Row, ToSql, params};
use tierwise_lanes::{Connection, Moment};

use super::{reader::SqliteReader, rows};
use crate::{
    model::{AccountKey, AccountRow, MessageRow, Status, TeamMark},
    store::{
        ChatPart, ChatPlace, ChatsPart, CountedChat, Fitted, ListReader, ListedMessage,
        QueueNumbers, Stored, TeamPart, TeamPlace,
        numbers::{
            STATUSES, bits_of_statuses, number_of_connection, number_of_status, one_of, signed,
        },
        rows::sums_of_counts,
    },
};

/// Whether a message is there for everybody: `?1` is the account, `?2` its login, `?3` whether only
/// its notes are left.
const SHOWS: &str = "(login = 0 or login = ?2) and (not ?3 or status = 6)";

/// The same in a list of several accounts: `a` is the account, `m` the message.
const SHOWS_OF: &str = "a.ended <> 2 and (a.ended = 0 or m.status = 6) \
    and (m.login = 0 or m.login = a.login)";

fn place_of_chat(row: &Row<'_>) -> rusqlite::Result<ChatPlace> {
    Ok(ChatPlace { placed: Moment(row.get(0)?), number: row.get::<_, i64>(1)?.unsigned_abs() })
}

fn place_of_team(row: &Row<'_>) -> rusqlite::Result<TeamPlace> {
    let (accepted, account) = (Moment(row.get(0)?), AccountKey(row.get(1)?));
    Ok(TeamPlace { accepted, account, number: row.get::<_, i64>(2)?.unsigned_abs() })
}

fn count(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    Ok(row.get::<_, i64>(column)?.unsigned_abs())
}

fn status(row: &Row<'_>, column: usize) -> rusqlite::Result<Status> {
    let number = row.get(column)?;
    let unknown = rusqlite::Error::IntegralValueOutOfRange(column, number);
    one_of(&STATUSES, number).ok_or(unknown)
}

impl SqliteReader {
    /// Which messages a part has, newest first; the parameters are those of [`Self::in_part`].
    fn part_of_team(columns: &str, part: &TeamPart, and: &str) -> String {
        let (from, order) = match part.account {
            Some(_) => (
                "message m indexed by message_number cross join account a on a.key = m.account \
                 where m.account = ?11 and m.number < ?5 and m.number >= ?8",
                "m.number desc",
            ),
            None => (
                "message m indexed by message_team cross join account a on a.key = m.account \
                 where m.team = ?1 and m.accepted between ?6 and ?3 \
                 and (m.accepted, m.account, m.number) < (?3, ?4, ?5) \
                 and (m.accepted, m.account, m.number) >= (?6, ?7, ?8)",
                "m.accepted desc, m.account desc, m.number desc",
            ),
        };
        format!(
            "select {columns} from {from} and a.team = ?2 and {SHOWS_OF} \
             and (1 << m.status) & ?9 <> 0 and (?10 is null or m.chat = ?10) and {and} \
             order by {order} limit ?12"
        )
    }

    fn in_part<T>(
        &self,
        sql: &str,
        part: &TeamPart,
        ask: impl FnOnce(&Self, &str, &[&dyn ToSql]) -> Stored<T>,
    ) -> Stored<T> {
        let TeamPart { team, account, chat, statuses, before, to, room } = part;
        let of = params![
            TeamMark::of(team).0,
            team,
            before.accepted.0,
            before.account.0,
            signed(before.number),
            to.accepted.0,
            to.account.0,
            signed(to.number),
            bits_of_statuses(statuses),
            chat,
            account.map(|account| account.0),
            room.most.saturating_add(1),
        ];
        ask(self, sql, of)
    }
}

impl ListReader for SqliteReader {
    fn message(&mut self, account: AccountKey, id: &str) -> Stored<Option<MessageRow>> {
        let columns = rows::MESSAGE;
        let sql = format!("select {columns} from message where account = ?1 and id = ?2");
        Ok(self.all(&sql, params![account.0, id], rows::message)?.pop())
    }

    fn chat(&mut self, account: &AccountRow, part: &ChatPart<'_>) -> Stored<Fitted<MessageRow>> {
        let ChatPart { asked, before, to, room } = part;
        let sql = format!(
            "select {} from message indexed by message_chat where account = ?1 and chat = ?4 \
             and placed between ?7 and ?5 and (placed, number) < (?5, ?6) \
             and (placed, number) >= (?7, ?8) and {SHOWS} and (?9 is null or status = ?9) \
             and (?10 is null or (origin in (0, 3)) = ?10) and (?11 is null or at >= ?11) \
             and (?12 is null or at <= ?12) and (?13 is null or attachments & ?13 <> 0) \
             order by placed desc, number desc limit ?14",
            rows::MESSAGE
        );
        let of = params![
            account.key.0,
            signed(account.login),
            !account.is_active(),
            asked.chat,
            before.placed.0,
            signed(before.number),
            to.placed.0,
            signed(to.number),
            asked.status.map(number_of_status),
            asked.is_from_me,
            asked.from.map(|from| from.0),
            asked.to.map(|to| to.0),
            asked.attachments.map(|kinds| kinds.bits()),
            room.most.saturating_add(1),
        ];
        self.fitted(&sql, of, *room, rows::message)
    }

    fn chat_place(
        &mut self,
        account: AccountKey,
        chat: &str,
        before: ChatPlace,
        behind: u32,
    ) -> Stored<Option<(ChatPlace, String)>> {
        let sql = "select placed, number from message indexed by message_chat where account = ?1 \
            and chat = ?2 and placed <= ?3 and (placed, number) < (?3, ?4) \
            order by placed desc, number desc limit 1 offset ?5";
        let of = params![account.0, chat, before.placed.0, signed(before.number), behind];
        let Some(place) = self.all(sql, of, place_of_chat)?.pop() else { return Ok(None) };
        let sql = "select id from message where account = ?1 and number = ?2";
        let found = self.all(sql, [account.0, signed(place.number)], |row| row.get(0))?;
        Ok(found.into_iter().next().map(|id| (place, id)))
    }

    fn messages_of_team(&mut self, part: &TeamPart) -> Stored<Fitted<ListedMessage>> {
        let columns: Vec<_> = rows::MESSAGE.split(", ").map(|name| format!("m.{name}")).collect();
        let columns = format!("{}, a.id as account_id", columns.join(", "));
        let sql = Self::part_of_team(&columns, part, "true");
        let listed = |row: &Row<'_>| {
            Ok(ListedMessage { message: rows::message(row)?, account: row.get("account_id")? })
        };
        self.in_part(&sql, part, |reader, sql, of| reader.fitted(sql, of, part.room, listed))
    }

    fn places_of_team(&mut self, part: &TeamPart) -> Stored<Vec<TeamPlace>> {
        let columns = "m.accepted, m.account, m.number";
        let sql = Self::part_of_team(columns, part, "m.origin = 0");
        let mut places =
            self.in_part(&sql, part, |reader, sql, of| reader.all(sql, of, place_of_team))?;
        places.truncate(usize::try_from(part.room.most).unwrap_or(usize::MAX));
        Ok(places)
    }

    fn team_place(&mut self, part: &TeamPart, behind: u32) -> Stored<Option<TeamPlace>> {
        let TeamPart { team, account, before, .. } = part;
        let (accepted, number) = (before.accepted.0, signed(before.number));
        let found = match account {
            Some(account) => {
                let sql = "select accepted, account, number from message \
                    indexed by message_number where account = ?1 and number < ?2 \
                    order by number desc limit 1 offset ?3";
                self.all(sql, params![account.0, number, behind], place_of_team)?
            }
            None => {
                let sql = "select accepted, account, number from message \
                    indexed by message_team where team = ?1 and accepted <= ?2 \
                    and (accepted, account, number) < (?2, ?3, ?4) \
                    order by accepted desc, account desc, number desc limit 1 offset ?5";
                let mark = TeamMark::of(team).0;
                let of = params![mark, accepted, before.account.0, number, behind];
                self.all(sql, of, place_of_team)?
            }
        };
        Ok(found.into_iter().next())
    }

    /// A step in the index of chats for each of them, however many messages there are.
    fn chats(&mut self, account: &AccountRow, part: &ChatsPart) -> Stored<Vec<(String, Moment)>> {
        let sql = format!(
            "with recursive known (chat) as (\
             select min(chat) from message where account = ?1 union all \
             select (select min(chat) from message where account = ?1 and chat > known.chat) \
             from known where known.chat is not null), \
             listed (chat, last) as (select known.chat, (select placed from message \
             indexed by message_chat where account = ?1 and chat = known.chat and {SHOWS} \
             order by placed desc, number desc limit 1) from known where known.chat is not null) \
             select chat, last from listed where last is not null \
             and (?4 is null or (last, chat) < (?4, ?5)) order by last desc, chat desc limit ?6"
        );
        let before = part.before.as_ref();
        let (last, chat) = (before.map(|before| before.0.0), before.map(|before| &before.1));
        let (key, login) = (account.key.0, signed(account.login));
        let of = params![key, login, !account.is_active(), last, chat, part.most];
        self.all(&sql, of, |row| Ok((row.get(0)?, Moment(row.get(1)?))))
    }

    fn last_of_chat(&mut self, account: &AccountRow, chat: &str) -> Stored<Option<Moment>> {
        let sql = format!(
            "select placed from message indexed by message_chat where account = ?1 and chat = ?4 \
             and {SHOWS} order by placed desc, number desc limit 1"
        );
        let of = params![account.key.0, signed(account.login), !account.is_active(), chat];
        Ok(self.all(&sql, of, |row| row.get(0).map(Moment))?.pop())
    }

    fn count_chats(&mut self, account: &AccountRow, chats: &[String]) -> Stored<Vec<CountedChat>> {
        let sql = format!(
            "select status, origin in (0, 3), count(*) from message indexed by message_chat \
             where account = ?1 and chat = ?4 and {SHOWS} group by 1, 2 order by 1, 2"
        );
        let mut counted = Vec::new();
        for chat in chats {
            let of = params![account.key.0, signed(account.login), !account.is_active(), chat];
            counted.extend(self.all(&sql, of, |row| {
                Ok(CountedChat {
                    chat: chat.clone(),
                    status: status(row, 0)?,
                    is_from_me: row.get(1)?,
                    count: count(row, 2)?,
                })
            })?);
        }
        Ok(counted)
    }

    fn queue_of_team(&mut self, team: &str) -> Stored<QueueNumbers> {
        // The first that waits of each account that has one.
        let sql = "select case when is_paused then 'paused' when connection <> ?2 then \
            'account_not_open' when held_why is not null then held_reason else '' end, \
            sum(count_waiting - (out_number is not null)), min((select m.at from waiting w \
            cross join message m on m.place = w.place and m.account = w.account \
            and m.number = w.number and m.at = w.due where w.account = account.key \
            and m.status = 0 and m.number is not account.out_number \
            order by w.due, w.number limit 1)) from account where team = ?1 and ended = 0 \
            and count_waiting > (out_number is not null) group by 1 order by 1";
        let open = number_of_connection(Connection::Open);
        let waiting = self.all(sql, params![team, open], |row| {
            Ok((row.get(0)?, count(row, 1)?, Moment(row.get(2)?)))
        })?;
        let sql = concat!(
            "select coalesce(sum(ended = 0 and out_number is not null), 0), ",
            sums_of_counts!(),
            " from account where team = ?1 and ended <> 2"
        );
        let mut numbers = QueueNumbers::default();
        let sums = self.all(sql, [team], rows::number_and_counts)?;
        if let Some((out, counts)) = sums.into_iter().next() {
            (numbers.out, numbers.by_status) = (out, counts.by_status());
        }
        waiting.into_iter().for_each(|part| numbers.add_waiting(part));
        Ok(numbers)
    }
}
