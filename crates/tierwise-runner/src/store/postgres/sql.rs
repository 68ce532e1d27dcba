//! What is said to PostgreSQL. Whatever is written in bulk is one statement over arrays.

use crate::store::rows::of_counts;

/// The columns of an account, in the order in which they are read.
macro_rules! of_account {
    () => {
        concat!(
            "key, id, team, tier, transport, settings, created, ended, has_login, login, \
             history_kept, opening, opening_over, brings_history, opening_by, connection, \
             is_paused, next_number, fence, out_number, out_attempt, out_fence, out_period, \
             out_counted, owner, \
             tried_number, tried_times, tried_again, gap_until, turn, held_why, \
             held_until, held_reason, used_period, used_count, \
             removal, ",
            of_counts!()
        )
    };
}

/// What the store keeps of an account for itself, in the order in which it is read.
macro_rules! of_place {
    () => {
        "decision, head_due, head_number, line_end, line_due"
    };
}

/// The columns of a message, in the order in which they are read.
macro_rules! of_message {
    () => {
        "account, number, id, chat, origin, status, at, content, sender, error, counted, \
         network_id, cancel_on_reply, revision, login, team, accepted, placed, attachments, \
         edited, resolved_by, resolved_at"
    };
}
pub(super) use of_message;

/// The columns of a decision, in the order in which they are read.
macro_rules! of_decision {
    () => {
        "account, fence, policy, tier, sent, counted, size, attempt, number, due, now, \
         period_end, created, answer, gap_or_until, chat_gap, reason, runner"
    };
}

/// What flushes say again and again.
pub(super) const OF_FLUSHES: [&str; 26] = [
    LOCK_OWN,
    CLOCK,
    BEAT,
    OTHERS,
    GONE,
    BURY,
    OUT_OF,
    OPENED_BY,
    UNREGISTER,
    ACCOUNTS,
    MESSAGES,
    NETWORK_IDS,
    RECEIVERS,
    INSERT_MESSAGES,
    WAITING,
    SETTLE,
    ADD_COUNTED,
    READY,
    IS_ANY_READY,
    NEXT_READY,
    HEADS,
    TIDY_WAITING,
    WRITE_LANES,
    WRITE_ACCOUNTS,
    LOG_DECISIONS,
    LOG_OUTCOMES,
];

pub(super) const CLOCK: &str = "select (extract(epoch from clock_timestamp()) * 1000)::bigint";

/// Whoever holds this row is not buried before its transaction ends. The time is read after the
/// wait for it.
pub(super) const LOCK_OWN: &str = "select is_live, \
    (extract(epoch from clock_timestamp()) * 1000)::bigint from (select not is_gone as is_live \
    from runner where epoch = $1 for update) as own";

pub(super) const REGISTER: &str =
    "insert into runner (beats, is_gone) values (0, false) returning epoch";

pub(super) const BEAT: &str =
    "update runner set beats = beats + 1 where epoch = $1 and not is_gone";

pub(super) const OTHERS: &str = "select epoch, beats from runner where epoch <> $1 and not is_gone";

/// One in the middle of a transaction lives.
pub(super) const BURY: &str = "update runner set is_gone = true where epoch = (select epoch \
    from runner where epoch = $1 and beats = $2 for update skip locked)";

pub(super) const LEAVE: &str = "update runner set is_gone = true where epoch = $1";

/// One that another runner takes over from at this moment is passed over.
pub(super) const GONE: &str = "select epoch from runner where is_gone and epoch <> all($1) \
    order by epoch limit 1 for update skip locked";

/// Accounts that another runner has in hand are passed over: waiting for them could go in a circle.
pub(super) const OUT_OF: &str = concat!(
    "select ",
    of_account!(),
    ", ",
    of_place!(),
    " from account where owner = $1 \
     order by key limit $2 for update skip locked"
);

/// The same of those that it was asking a transport to connect.
pub(super) const OPENED_BY: &str = concat!(
    "select ",
    of_account!(),
    ", ",
    of_place!(),
    " from account where opening_by = $1 \
     order by key limit $2 for update skip locked"
);

/// Not before nothing is left to take over.
pub(super) const UNREGISTER: &str = "delete from runner where epoch = $1 and is_gone \
    and not exists (select from account where owner = $1) \
    and not exists (select from account where opening_by = $1)";

pub(super) const INSERT_POLICY: &str =
    "insert into policy (component, catalog) values ($1, $2) on conflict do nothing";

pub(super) const POLICY: &str = "select policy from policy where component = $1 and catalog = $2";

/// In the order of keys, in every transaction: nobody waits in a circle.
pub(super) const ACCOUNTS: &str = concat!(
    "select ",
    of_account!(),
    ", ",
    of_place!(),
    " from account where key = any(array( \
     select unnest($1::bigint[]) union all select key from account where id = any($2) and \
     ended <> 2)) order by key for update"
);

pub(super) const INSERT_ACCOUNT: &str = "insert into account (id, team, tier, transport, settings, \
    created, ended, has_login, login, history_kept, opening, opening_over, brings_history, \
    connection, is_paused, next_number, fence, gap_until, turn, held_reason, used_period, \
    used_count, removal) values ($1, $2, $3, $4, $5, $6, 0, false, 0, 0, 0, false, false, 0, \
    false, $7, 0, 0, 0, '', $8, 0, 0) returning key";

pub(super) const INSERT_PROFILE: &str = "insert into profile (account, nickname, sought, \
    created_by, team, updated) values ($1, $2, $3, $4, $5, $6)";

/// Settings may be long and seldom change: those that are the same stay where they are stored.
pub(super) const WRITE_ACCOUNTS: &str = "update account set \
    tier = n.tier, \
    settings = case when account.settings = n.settings then account.settings else n.settings end, \
    ended = n.ended, has_login = n.has_login, login = n.login, history_kept = n.history_kept, \
    connection = n.connection, is_paused = n.is_paused, next_number = n.next_number, \
    fence = n.fence, out_number = n.out_number, out_attempt = n.out_attempt, \
    out_fence = n.out_fence, out_period = n.out_period, out_counted = n.out_counted, \
    owner = n.owner, tried_number = n.tried_number, tried_times = n.tried_times, \
    tried_again = n.tried_again, gap_until = n.gap_until, turn = n.turn, held_why = n.held_why, \
    held_until = n.held_until, held_reason = n.held_reason, used_period = n.used_period, \
    used_count = n.used_count, removal = n.removal, next_at = n.next_at, \
    count_waiting = n.count_waiting, count_sent = n.count_sent, \
    count_delivered = n.count_delivered, count_read = n.count_read, \
    count_failed = n.count_failed, count_cancelled = n.count_cancelled, \
    count_notes = n.count_notes, count_history = n.count_history, count_live = n.count_live, \
    opening = n.opening, opening_over = n.opening_over, brings_history = n.brings_history, \
    opening_by = n.opening_by, \
    decision = coalesce(n.decision, account.decision), \
    head_due = coalesce(n.head_due, account.head_due), \
    head_number = coalesce(n.head_number, account.head_number), \
    line_end = coalesce(n.line_end, account.line_end), \
    line_due = coalesce(n.line_due, account.line_due) \
    from unnest($1::bigint[], $2::text[], $3::text[], $4::smallint[], $5::boolean[], \
    $6::bigint[], $7::bigint[], $8::smallint[], $9::boolean[], $10::bigint[], $11::bigint[], \
    $12::bigint[], $13::bigint[], $14::bigint[], $15::bigint[], $16::boolean[], $17::bigint[], \
    $18::bigint[], $19::bigint[], $20::bigint[], $21::bigint[], $22::bigint[], $23::smallint[], \
    $24::bigint[], $25::text[], $26::bigint[], $27::bigint[], $28::smallint[], $29::bigint[], \
    $30::bigint[], $31::bigint[], $32::bigint[], $33::bigint[], $34::bigint[], \
    $35::bigint[], $36::bigint[], $37::bigint[], $38::bigint[], $39::bigint[], \
    $40::bigint[], $41::bigint[], $42::bigint[], $43::bigint[], $44::bigint[], \
    $45::boolean[], $46::boolean[], $47::bigint[]) \
    as n (key, tier, settings, ended, has_login, login, history_kept, connection, is_paused, \
    next_number, fence, out_number, out_attempt, out_fence, out_period, out_counted, owner, \
    tried_number, tried_times, tried_again, gap_until, turn, held_why, held_until, held_reason, \
    used_period, used_count, removal, next_at, decision, head_due, head_number, line_end, \
    line_due, count_waiting, count_sent, count_delivered, count_read, count_failed, \
    count_cancelled, count_notes, count_history, count_live, opening, opening_over, \
    brings_history, opening_by) \
    where account.key = n.key";

/// What changes as messages are accepted and sent.
pub(super) const WRITE_LANES: &str = "update account set \
    next_number = n.next_number, fence = n.fence, out_number = n.out_number, \
    out_attempt = n.out_attempt, out_fence = n.out_fence, out_period = n.out_period, \
    out_counted = n.out_counted, owner = n.owner, gap_until = n.gap_until, turn = n.turn, \
    used_period = n.used_period, used_count = n.used_count, next_at = n.next_at, \
    count_waiting = n.count_waiting, count_sent = n.count_sent, \
    decision = coalesce(n.decision, account.decision), \
    head_due = coalesce(n.head_due, account.head_due), \
    head_number = coalesce(n.head_number, account.head_number), \
    line_end = coalesce(n.line_end, account.line_end), \
    line_due = coalesce(n.line_due, account.line_due) \
    from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], \
    $6::bigint[], $7::bigint[], $8::boolean[], $9::bigint[], $10::bigint[], $11::bigint[], \
    $12::bigint[], $13::bigint[], $14::bigint[], $15::bigint[], $16::bigint[], \
    $17::bigint[], $18::bigint[], $19::bigint[], $20::bigint[], $21::bigint[]) \
    as n (key, next_number, fence, out_number, out_attempt, out_fence, out_period, out_counted, \
    owner, gap_until, turn, used_period, used_count, next_at, decision, head_due, head_number, \
    line_end, line_due, count_waiting, count_sent) \
    where account.key = n.key";

/// Those that another runner has in hand are its own.
pub(super) const READY: &str = concat!(
    "select ",
    of_account!(),
    ", ",
    of_place!(),
    ", next_at from account where next_at <= $1 order by next_at, key limit $2 \
     for update skip locked"
);

/// Asked outside of transactions, again and again.
pub(super) const IS_ANY_READY: &str = "select exists (select from account where next_at <= \
    coalesce($1, (extract(epoch from statement_timestamp()) * 1000)::bigint))";

pub(super) const NEXT_READY: &str =
    "select next_at from account where next_at is not null order by next_at, key limit 1";

pub(super) const RECONSIDER: &str = "update account set held_why = null, held_until = null, \
    held_reason = '', next_at = case when next_at is null then null else least(next_at, $1) end \
    where key = any(array(select key from account where held_why is not null \
    and (not $2::boolean or held_why = $3) order by key for update))";

/// Whoever has one in hand sees for itself.
pub(super) const BRING_BACK: &str = "update account set next_at = $1 where key = any(array(\
    select key from account where next_at > $2 and (gap_until > $2 or tried_again > $2 \
    or exists (select from chat_gap where chat_gap.account = key and until > $2)) \
    for update skip locked))";

/// The one that was tried is found by its number, and so is the next one where all that wait are
/// due in the order of their numbers: an index looks at all its entries in reach that lie on a
/// page, so the reach is short. Else the first due is found in `waiting`; `offset 0` has messages
/// looked up one after the other, in the order of the queue, until one waits.
pub(super) const HEADS: &str = "select o.place, head.*, coalesce((select until from chat_gap \
    where chat_gap.account = head.account and chat_gap.chat = head.chat), 0) \
    from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[]) \
    with ordinality as o (account, tried, due, number, line_end, place) \
    cross join lateral ((select account, number, at, id, chat, content, counted from message m \
    where o.tried is null and m.account = o.account and m.number > o.number \
    and m.number <= least(o.line_end, o.number + 8) and m.status = 0 order by m.number limit 1) \
    union all (select m.account, m.number, m.at, m.id, m.chat, m.content, m.counted \
    from waiting w cross join lateral (select * from message where account = w.account \
    and number = w.number and at = w.due and status = 0 offset 0) as m \
    where o.tried is null and (o.line_end < 0 or o.line_end > o.number) \
    and w.account = o.account and (w.due, w.number) > (o.due, o.number) \
    order by w.due, w.number limit 1) \
    union all (select account, number, at, id, chat, content, counted from message m \
    where m.account = o.account and m.number = o.tried and status = 0) limit 1) as head";

pub(super) const PUT_CHAT_GAPS: &str = "insert into chat_gap (account, chat, until) \
    select * from unnest($1::bigint[], $2::text[], $3::bigint[]) \
    on conflict (account, chat) do update set until = excluded.until";

pub(super) const FORGET_CHAT_GAPS: &str =
    "delete from chat_gap where account = any($1) and until < $2";

/// Those before the first message that waits.
pub(super) const TIDY_WAITING: &str = "delete from waiting using unnest($1::bigint[], \
    $2::bigint[], $3::bigint[]) as n (account, due, number) \
    where waiting.account = n.account and (waiting.due, waiting.number) <= (n.due, n.number)";

pub(super) const MESSAGES: &str = concat!(
    "select o.place, m.* from unnest($1::bigint[], $2::text[]) with ordinality \
     as o (account, id, place) cross join lateral (select ",
    of_message!(),
    " from message where message.account = o.account and message.id = o.id) as m"
);

pub(super) const INSERT_MESSAGES: &str = concat!(
    "with stored as (insert into message (",
    of_message!(),
    ") select *, null, null, null from unnest($1::bigint[], $2::bigint[], $3::text[], \
     $4::text[], $5::smallint[], $6::smallint[], $7::bigint[], $8::text[], $9::text[], \
     $10::text[], $11::bigint[], $12::text[], $13::boolean[], $14::bigint[], $15::bigint[], \
     $16::bigint[], $17::bigint[], $18::bigint[], $19::smallint[]) \
     returning account, at, number, status) \
     insert into waiting (account, due, number) select account, at, number from stored \
     where status = 0"
);

pub(super) const SETTLE: &str = "update message set status = n.status, \
    at = coalesce(n.at, message.at), counted = coalesce(n.counted, message.counted), \
    error = n.error, network_id = n.network_id, revision = message.revision + 1 \
    from unnest($1::bigint[], $2::bigint[], $3::smallint[], $4::bigint[], $5::bigint[], \
    $6::text[], $7::text[]) as n (account, number, status, at, counted, error, network_id) \
    where message.account = n.account and message.number = n.number";

/// For whom receipts come that may change something.
pub(super) const RECEIVERS: &str = "select o.place, m.number, m.origin, m.status \
    from unnest($1::bigint[], $2::text[]) with ordinality as o (account, id, place) \
    join message m on m.account = o.account and m.network_id = o.id and m.network_id <> '' \
    where m.status between 1 and 3";

pub(super) const RECEIPT: &str = "update message set status = $3::smallint, error = $4, \
    revision = revision + 1 where account = $1 and number = any($2::bigint[])";

pub(super) const CANCEL_ON_REPLY: &str = "update message set status = 5, revision = revision + 1 \
    where account = $1 and chat = $2 and status = 0 and cancel_on_reply \
    and number is distinct from $3";

pub(super) const NETWORK_IDS: &str = "select o.place, true \
    from unnest($1::bigint[], $2::text[]) with ordinality as o (account, id, place) \
    where exists (select from message where message.account = o.account \
    and network_id = o.id and network_id <> '')";

pub(super) const RESOLVE: &str = "update message set status = case when $3 then 1 else 4 end, \
    at = case when $3 then $4 else at end, counted = case when $3 then counted end, \
    error = case when $3 then '' else replace(error, 'outcome_unknown', 'not_taken') end, \
    revision = revision + 1 where account = $1 and number = $2";

pub(super) const WAITING: &str = "select count(*) from (select from waiting w join message m \
    on m.account = w.account and m.number = w.number and m.at = w.due where w.account = $1 \
    and w.due >= $2 and w.due < $3 and m.status = 0 and m.counted is null limit $4) as waiting";

pub(super) const CONTACTS: &str = "select count(*) from contact where account = $1";

pub(super) const ADD_COUNTED: &str = "insert into counted (account, period, count) \
    values ($1, $2, $3) on conflict (account, period) do update set count = counted.count + $3";

pub(super) const LOG_DECISIONS: &str = concat!(
    "insert into decision (",
    of_decision!(),
    ", entry, previous) select * from unnest($1::bigint[], $2::bigint[], $3::bigint[], \
     $4::text[], $5::bigint[], $6::boolean[], $7::bigint[], $8::bigint[], $9::bigint[], \
     $10::bigint[], $11::bigint[], $12::bigint[], $13::bigint[], $14::smallint[], \
     $15::bigint[], $16::bigint[], $17::text[], $18::bigint[], $19::bigint[], $20::bigint[])"
);

pub(super) const LOG_OUTCOMES: &str = "insert into outcome (decision, outcome, at) \
    select * from unnest($1::bigint[], $2::text[], $3::bigint[])";

/// In the order of ids, like the next one.
pub(super) const INSERT_TEAMS: &str = "insert into team (id, entries, last_at) \
    select id, 0, 0 from unnest($1::text[]) as id order by id collate \"C\" on conflict do nothing";

pub(super) const TEAMS: &str = "select id, entries, last_at from team where id = any($1) \
    order by id for update";

pub(super) const TEAM: &str = "select id, entries, last_at from team where id = $1";

pub(super) const WRITE_TEAM: &str = "update team set entries = $2, last_at = $3 where id = $1";

pub(super) const APPEND_LIFE: &str = "insert into life (team, entry, account, at, step, tier) \
    values ($1, $2, $3, $4, $5, $6)";

pub(super) const LIFE: &str = "select team, entry, account, at, step, tier from life \
    where team = $1 and entry > $2 order by entry limit $3";

pub(super) const INVOICE: &str = "select invoice from invoice where team = $1 and period = $2";

pub(super) const PUT_INVOICE: &str =
    "insert into invoice (team, period, invoice) values ($1, $2, $3)";

pub(super) const LAST_DECISION: &str = concat!(
    "select ",
    of_decision!(),
    " from decision where entry = (select decision from account where key = $1)"
);

pub(super) const PUT_CONTACT: &str = "insert into contact (account, id, name) values ($1, $2, $3) \
    on conflict (account, id) do update set name = $3";

pub(super) const TOUCH: &str = "update profile set nickname = coalesce($2, nickname), \
    sought = coalesce($3, sought), updated = $4, archived = coalesce($5, archived), \
    last_login = coalesce($6, last_login), last_logout = coalesce($7, last_logout), \
    last_closed = coalesce($8, last_closed), qr = coalesce($9, qr), \
    error = coalesce($10, error), sync_expected = coalesce($11, sync_expected), \
    sync_last = case when $11 is null then sync_last else $12 end where account = $1";

pub(super) const TO_REMOVE: &str = concat!(
    "select ",
    of_account!(),
    " from account where removal <> 0 order by key limit 1 for update skip locked"
);

pub(super) const REMOVE_HISTORY: &str = "delete from message where account = $1 and number = \
    any(array(select number from message where account = $1 and origin in (2, 3) \
    and login <> $3 limit $2))";

pub(super) const REMOVE_MESSAGES: &str = "delete from message where account = $1 and number = \
    any(array(select number from message where account = $1 and status <> 6 limit $2))";

pub(super) const REMOVE_ALL_MESSAGES: &str = "delete from message where account = $1 and number = \
    any(array(select number from message where account = $1 limit $2))";

pub(super) const REMOVE_WAITING: &str = "delete from waiting where ctid = \
    any(array(select ctid from waiting where account = $1 limit $2))";

pub(super) const REMOVE_CHAT_GAPS: &str = "delete from chat_gap where account = $1 and chat = \
    any(array(select chat from chat_gap where account = $1 limit $2))";

pub(super) const REMOVE_CONTACTS: &str = "delete from contact where account = $1 and id = \
    any(array(select id from contact where account = $1 limit $2))";

pub(super) const REMOVE_PROFILE: &str = "delete from profile where account = $1";

pub(super) const END_REMOVAL: &str = "update account set removal = 0 where key = $1";

/// An account's columns and those of its profile, from both.
macro_rules! of_listed {
    () => {
        concat!(
            of_account!(),
            ", nickname, created_by, updated, archived, last_login, last_logout, last_closed, \
             qr, error, sync_expected, sync_last from account join (select account as of_account, \
             nickname, sought, created_by, updated, archived, last_login, last_logout, \
             last_closed, qr, error, sync_expected, sync_last from profile) as profile \
             on of_account = key "
        )
    };
}

/// See [`Overview::held`](crate::store::Overview::held).
pub(super) const HELD_BY_REASON: &str = "select case when is_paused then 'paused' \
    when connection <> $1 then 'account_not_open' else held_reason end as reason, count(*) \
    from account where ended = 0 and out_number is null and (is_paused or connection <> $1 or \
    held_why is not null) and count_waiting > 0 group by 1 order by 1";

pub(super) const BY_TRANSPORT: &str = "select transport, count(*) from account where ended = 0 \
    group by 1 order by 1";

pub(super) const READY_SINCE: &str =
    "select next_at from account where next_at <= $1 order by next_at limit $2";

/// Which accounts: by connection, ending, age, transport and name.
macro_rules! of_asked {
    () => {
        "where ($1::smallint is null or connection = $1) and ended <= $2 and key < $3 \
         and ($4::text is null or transport = $4) \
         and ($5::text is null or strpos(sought, $5) > 0) "
    };
}

pub(super) const ALL_ACCOUNTS: &str =
    concat!("select ", of_listed!(), of_asked!(), "order by key desc limit $6 offset $7");

pub(super) const ACCOUNTS_OF_TEAM: &str = concat!(
    "select ",
    of_listed!(),
    of_asked!(),
    "and team = $8 order by key desc limit $6 offset $7"
);

pub(super) const COUNT_ACCOUNTS_OF_TEAM: &str = concat!(
    "select count(*) from account join (select account as of_account, sought from profile) as \
     profile on of_account = key ",
    of_asked!(),
    "and team = $6"
);

pub(super) const LISTED_ACCOUNT: &str =
    concat!("select ", of_listed!(), "where id = $1 and ended <> 2");

pub(super) const LISTED_MESSAGES: &str = concat!(
    "select ",
    of_message!(),
    " from message where account = $1 and number < $2 and ($3::text is null or chat = $3) \
     and ($4::smallint is null or status = $4) order by number desc limit $5"
);

/// How many messages of an account count in the period `$2`.
macro_rules! counted {
    () => {
        "(case used_period when $2 then used_count else 0 end) + coalesce((select count \
         from counted where account = key and period = $2), 0)"
    };
}

pub(super) const COUNTED_OF: &str =
    concat!("select coalesce(sum(", counted!(), "), 0)::bigint from account where team = $1");

pub(super) const NAMED: &str = concat!(
    "select key, id, case when ended = 2 then null else (select nickname from profile \
     where profile.account = key) end, ",
    counted!(),
    " from account where team = $1 and key > $3 order by key limit $4"
);
