//! Lists of messages and chats, and numbers of queues.

use tierwise_lanes::{Connection, Moment};
use tokio_postgres::types::ToSql;

use super::{
    reader::PostgresReader,
    rows::{self, Columns},
    sql::of_message,
};
use crate::{
    model::{AccountKey, AccountRow, MessageRow, TeamMark},
    store::{
        ChatPart, ChatPlace, ChatsPart, CountedChat, Fitted, ListReader, ListedMessage,
        QueueNumbers, Room, Stored, TeamPart, TeamPlace,
        numbers::{STATUSES, bits_of_statuses, number_of_connection, number_of_status, signed},
        rows::{Columns as _, counts, sums_of_counts},
    },
};

/// Whether a message is there for everybody: `$1` is the account, `$2` its login, `$3` whether only
/// its notes are left.
macro_rules! shows {
    () => {
        "(login = 0 or login = $2) and (not $3::boolean or status = 6)"
    };
}

/// The same in a list of several accounts: `a` is the account, `m` the message.
macro_rules! shows_of {
    () => {
        "a.ended <> 2 and (a.ended = 0 or m.status = 6) and (m.login = 0 or m.login = a.login)"
    };
}

/// What is asked of a part of a team's messages: `$4` and `$5` say the rest.
macro_rules! of_team {
    ($columns:expr, $and:expr) => {
        concat!(
            "select ",
            $columns,
            " from message m join account a on a.key = m.account where m.team = $1 \
             and (m.accepted, m.account, m.number) < ($6, $7, $8) \
             and (m.accepted, m.account, m.number) >= ($9, $10, $11) and a.team = $2 and ",
            shows_of!(),
            " and (1::bigint << m.status::int) & $4 <> 0 and ($5::text is null or m.chat = $5) ",
            $and,
            " order by m.accepted desc, m.account desc, m.number desc limit $3"
        )
    };
}

/// The same of one account.
macro_rules! of_one_account {
    ($columns:expr, $and:expr) => {
        concat!(
            "select ",
            $columns,
            " from message m join account a on a.key = m.account where m.account = $1 \
             and m.number < $6 and m.number >= $7 and a.team = $2 and ",
            shows_of!(),
            " and (1::bigint << m.status::int) & $4 <> 0 and ($5::text is null or m.chat = $5) ",
            $and,
            " order by m.number desc limit $3"
        )
    };
}

/// The columns of a message `m`, and the id of its account `a`.
macro_rules! of_listed {
    () => {
        "m.account, m.number, m.id, m.chat, m.origin, m.status, m.at, m.content, m.sender, \
         m.error, m.counted, m.network_id, m.cancel_on_reply, m.revision, m.login, m.team, \
         m.accepted, m.placed, m.attachments, m.edited, m.resolved_by, m.resolved_at, \
         a.id as account_id"
    };
}

const MESSAGE: &str =
    concat!("select ", of_message!(), " from message where account = $1 and id = $2");

/// The messages of a list up to the first that makes them more than so many bytes, the first two in
/// any case: what those behind them say is not read. The list is in the order that is named.
macro_rules! fitted {
    ($columns:expr, $list:expr, $order:expr, $room:expr) => {
        concat!(
            "select ",
            $columns,
            " from (",
            $list,
            ") as page where place <= 2 or bytes - octet_length(content) <= ",
            $room,
            " order by ",
            $order
        )
    };
}

/// The place of each message, and how many bytes those up to it have.
macro_rules! bytes {
    ($content:expr, $order:expr) => {
        concat!(
            ", sum(octet_length(",
            $content,
            ")) over (order by ",
            $order,
            " rows unbounded preceding) as bytes, row_number() over (order by ",
            $order,
            " rows unbounded preceding) as place"
        )
    };
}

const CHAT: &str = fitted!(
    of_message!(),
    concat!(
        "select ",
        of_message!(),
        bytes!("content", "placed desc, number desc"),
        " from message where account = $1 and chat = $4 and (placed, number) < ($5, $6) \
         and (placed, number) >= ($7, $8) and ",
        shows!(),
        " and ($9::smallint is null or status = $9) \
         and ($10::boolean is null or (origin in (0, 3)) = $10) \
         and ($11::bigint is null or at >= $11) and ($12::bigint is null or at <= $12) \
         and ($13::smallint is null or attachments & $13 <> 0) \
         order by placed desc, number desc limit $14"
    ),
    "placed desc, number desc",
    "$15"
);

/// The same of a team.
const OF_TEAM: &str = fitted!(
    concat!(of_message!(), ", account_id"),
    of_team!(
        concat!(
            of_listed!(),
            bytes!("m.content", "m.accepted desc, m.account desc, m.number desc")
        ),
        ""
    ),
    "accepted desc, account desc, number desc",
    "$12"
);

/// The same of one account of it.
const OF_ACCOUNT: &str = fitted!(
    concat!(of_message!(), ", account_id"),
    of_one_account!(concat!(of_listed!(), bytes!("m.content", "m.number desc")), ""),
    "number desc",
    "$8"
);

const PLACES_OF_TEAM: &str = of_team!("m.accepted, m.account, m.number", "and m.origin = 0");

const PLACES_OF_ACCOUNT: &str =
    of_one_account!("m.accepted, m.account, m.number", "and m.origin = 0");

const CHAT_PLACE: &str = "select placed, number, id from message where account = $1 \
    and chat = $2 and (placed, number) < ($3, $4) order by placed desc, number desc \
    limit 1 offset $5";

const TEAM_PLACE: &str = "select accepted, account, number from message where team = $1 \
    and (accepted, account, number) < ($2, $3, $4) \
    order by accepted desc, account desc, number desc limit 1 offset $5";

const ACCOUNT_PLACE: &str = "select accepted, account, number from message where account = $1 \
    and number < $2 order by number desc limit 1 offset $3";

/// A step in the index of chats for each of them, however many messages there are.
const CHATS: &str = concat!(
    "with recursive known (chat) as (\
     (select chat from message where account = $1 order by chat limit 1) union all \
     select (select chat from message where account = $1 and chat > known.chat \
     order by chat limit 1) from known where known.chat is not null), \
     listed (chat, last) as (select known.chat, (select placed from message \
     where account = $1 and chat = known.chat and ",
    shows!(),
    " order by placed desc, number desc limit 1) from known where known.chat is not null) \
     select chat, last from listed where last is not null \
     and ($4::bigint is null or (last, chat) < ($4, $5::text)) \
     order by last desc, chat desc limit $6"
);

const LAST_OF_CHAT: &str = concat!(
    "select placed from message where account = $1 and chat = $4 and ",
    shows!(),
    " order by placed desc, number desc limit 1"
);

const COUNT_CHATS: &str = concat!(
    "select chat, status, origin in (0, 3), count(*) from message where account = $1 \
     and chat = any($4) and ",
    shows!(),
    " group by 1, 2, 3 order by 1, 2, 3"
);

/// The first that waits of each account that has one, by reason.
const QUEUE_OF_TEAM: &str = "select case when is_paused then 'paused' \
    when connection <> $2 then 'account_not_open' \
    when held_why is not null then held_reason else '' end, \
    sum(count_waiting - (out_number is not null)::int)::bigint, min((select m.at from waiting w \
    cross join lateral (select at from message where account = w.account and number = w.number \
    and at = w.due and status = 0 and number is distinct from account.out_number offset 0) as m \
    where w.account = account.key order by w.due, w.number limit 1)) from account \
    where team = $1 and ended = 0 and count_waiting > (out_number is not null)::int \
    group by 1 order by 1";

const COUNTS_OF_TEAM: &str = concat!(
    "select count(*) filter (where ended = 0 and out_number is not null), ",
    sums_of_counts!(),
    " from account where team = $1 and ended <> 2"
);

fn place_of_team(c: &mut Columns<'_>) -> Stored<TeamPlace> {
    Ok(TeamPlace { accepted: c.moment()?, account: AccountKey(c.get()?), number: c.count()? })
}

fn listed(c: &mut Columns<'_>) -> Stored<ListedMessage> {
    Ok(ListedMessage { message: rows::message(c)?, account: c.get()? })
}

/// The first of these that there is room for.
fn fit<T>(room: Room, found: Vec<T>, size: fn(&T) -> usize) -> Stored<Fitted<T>> {
    let mut found = found.into_iter();
    room.fit(|| Ok(found.next().map(|row| (size(&row), row))))
}

impl PostgresReader {
    /// The rows of a part; `is_fitted` says whether they have to fit in so many bytes.
    fn part_of_team<T>(
        &mut self,
        (of_team, of_account): (&'static str, &'static str),
        (part, is_fitted): (&TeamPart, bool),
        read: fn(&mut Columns<'_>) -> Stored<T>,
    ) -> Stored<Vec<T>> {
        let TeamPart { team, account, chat, statuses, before, to, room } = part;
        let (most, bits) = (i64::from(room.most), bits_of_statuses(statuses));
        // One more says whether there are more.
        let (most, most_bytes) = (most + i64::from(is_fitted), signed(room.most_bytes));
        let [from, end] = [before, to].map(|place| signed(place.number));
        let mark = TeamMark::of(team).0;
        let (sql, mut of): (_, Vec<&(dyn ToSql + Sync)>) = match account {
            Some(account) => (of_account, vec![&account.0, team, &most, &bits, chat, &from, &end]),
            None => {
                let places: [&(dyn ToSql + Sync); 6] = [
                    &before.accepted.0,
                    &before.account.0,
                    &from,
                    &to.accepted.0,
                    &to.account.0,
                    &end,
                ];
                let mut of: Vec<&(dyn ToSql + Sync)> = vec![&mark, team, &most, &bits, chat];
                of.extend(places);
                (of_team, of)
            }
        };
        if is_fitted {
            of.push(&most_bytes);
        }
        rows::all(&self.session.query(sql, &of)?, read)
    }
}

impl ListReader for PostgresReader {
    fn message(&mut self, account: AccountKey, id: &str) -> Stored<Option<MessageRow>> {
        rows::maybe(self.session.query_one(MESSAGE, &[&account.0, &id])?, rows::message)
    }

    fn chat(&mut self, account: &AccountRow, part: &ChatPart<'_>) -> Stored<Fitted<MessageRow>> {
        let ChatPart { asked, before, to, room } = part;
        let of: [&(dyn ToSql + Sync); 15] = [
            &account.key.0,
            &signed(account.login),
            &!account.is_active(),
            &asked.chat,
            &before.placed.0,
            &signed(before.number),
            &to.placed.0,
            &signed(to.number),
            &asked.status.map(number_of_status),
            &asked.is_from_me,
            &asked.from.map(|from| from.0),
            &asked.to.map(|to| to.0),
            &asked.attachments.map(|kinds| i16::from(kinds.bits())),
            &i64::from(room.most.saturating_add(1)),
            &signed(room.most_bytes),
        ];
        let found = rows::all(&self.session.query(CHAT, &of)?, rows::message)?;
        fit(*room, found, |message| message.content.len())
    }

    fn chat_place(
        &mut self,
        account: AccountKey,
        chat: &str,
        before: ChatPlace,
        behind: u32,
    ) -> Stored<Option<(ChatPlace, String)>> {
        let (placed, number) = (before.placed.0, signed(before.number));
        let behind = i64::from(behind);
        let found =
            self.session.query_one(CHAT_PLACE, &[&account.0, &chat, &placed, &number, &behind])?;
        rows::maybe(found, |c| {
            Ok((ChatPlace { placed: c.moment()?, number: c.count()? }, c.get()?))
        })
    }

    fn messages_of_team(&mut self, part: &TeamPart) -> Stored<Fitted<ListedMessage>> {
        let found = self.part_of_team((OF_TEAM, OF_ACCOUNT), (part, true), listed)?;
        fit(part.room, found, |it| it.message.content.len())
    }

    fn places_of_team(&mut self, part: &TeamPart) -> Stored<Vec<TeamPlace>> {
        self.part_of_team((PLACES_OF_TEAM, PLACES_OF_ACCOUNT), (part, false), place_of_team)
    }

    fn team_place(&mut self, part: &TeamPart, behind: u32) -> Stored<Option<TeamPlace>> {
        let TeamPart { team, account, before, .. } = part;
        let (number, behind) = (signed(before.number), i64::from(behind));
        let found = match account {
            Some(account) => {
                self.session.query_one(ACCOUNT_PLACE, &[&account.0, &number, &behind])?
            }
            None => {
                let (mark, accepted) = (TeamMark::of(team).0, before.accepted.0);
                let of: [&(dyn ToSql + Sync); 5] =
                    [&mark, &accepted, &before.account.0, &number, &behind];
                self.session.query_one(TEAM_PLACE, &of)?
            }
        };
        rows::maybe(found, place_of_team)
    }

    fn chats(&mut self, account: &AccountRow, part: &ChatsPart) -> Stored<Vec<(String, Moment)>> {
        let before = part.before.as_ref();
        let (last, chat) = (before.map(|before| before.0.0), before.map(|before| &before.1));
        let (key, login) = (account.key.0, signed(account.login));
        let (notes, most) = (!account.is_active(), i64::from(part.most));
        let of: [&(dyn ToSql + Sync); 6] = [&key, &login, &notes, &last, &chat, &most];
        rows::all(&self.session.query(CHATS, &of)?, |c| Ok((c.get()?, c.moment()?)))
    }

    fn last_of_chat(&mut self, account: &AccountRow, chat: &str) -> Stored<Option<Moment>> {
        let (key, login, notes) = (account.key.0, signed(account.login), !account.is_active());
        let of: [&(dyn ToSql + Sync); 4] = [&key, &login, &notes, &chat];
        Ok(rows::first(self.session.query_one(LAST_OF_CHAT, &of)?.as_ref())?.map(Moment))
    }

    fn count_chats(&mut self, account: &AccountRow, chats: &[String]) -> Stored<Vec<CountedChat>> {
        let (key, login, notes) = (account.key.0, signed(account.login), !account.is_active());
        let of: [&(dyn ToSql + Sync); 4] = [&key, &login, &notes, &chats];
        rows::all(&self.session.query(COUNT_CHATS, &of)?, |c| {
            let (chat, status) = (c.get()?, c.one_of(&STATUSES)?);
            Ok(CountedChat { chat, status, is_from_me: c.get()?, count: c.count()? })
        })
    }

    fn queue_of_team(&mut self, team: &str) -> Stored<QueueNumbers> {
        let open = number_of_connection(Connection::Open);
        let waiting = self.session.query(QUEUE_OF_TEAM, &[&team, &open])?;
        let sums = self.session.query_one(COUNTS_OF_TEAM, &[&team])?;
        let sums = rows::maybe(sums, |c| Ok((c.count()?, counts(c)?)))?;
        let mut numbers = QueueNumbers::default();
        if let Some((out, counts)) = sums {
            (numbers.out, numbers.by_status) = (out, counts.by_status());
        }
        for part in rows::all(&waiting, |c| Ok((c.get()?, c.count()?, c.moment()?)))? {
            numbers.add_waiting(part);
        }
        Ok(numbers)
    }
}
