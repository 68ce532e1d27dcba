//! Many rows at a time: one prepared statement, run for each.

use rusqlite::{CachedStatement, OptionalExtension as _, params};
use tierwise_lanes::Moment;

use super::{
    failed,
    known::Place,
    rows,
    transaction::{SqliteTransaction, prepared},
};
use crate::{
    model::{
        AccountKey, AccountRow, ChatGapRow, DecisionRow, Ended, HeadRow, MessageRow, OutcomeRow,
        SettledRow, Status,
    },
    store::{
        StoreError, Stored,
        numbers::{
            columns_of_answer, number_of_connection, number_of_ended, number_of_hold,
            number_of_origin, number_of_removal, number_of_status, signed,
        },
    },
};

/// All columns that change.
const WRITE_ACCOUNT: &str = "update account set tier = ?2, settings = ?3, ended = ?4, \
    has_login = ?5, login = ?6, history_kept = ?7, connection = ?8, is_paused = ?9, \
    next_number = ?10, fence = ?11, out_number = ?12, out_attempt = ?13, out_fence = ?14, \
    out_period = ?15, out_counted = ?16, owner = ?17, tried_number = ?18, tried_times = ?19, \
    tried_again = ?20, gap_until = ?21, turn = ?22, held_why = ?23, held_until = ?24, \
    held_reason = ?25, used_period = ?26, used_count = ?27, removal = ?28, \
    decision = coalesce(?29, decision), next_at = ?30, count_waiting = ?31, count_sent = ?32, \
    count_delivered = ?33, count_read = ?34, count_failed = ?35, count_cancelled = ?36, \
    count_notes = ?37, count_history = ?38, count_live = ?39, opening = ?40, \
    opening_over = ?41, brings_history = ?42, opening_by = ?43 where key = ?1";

/// Those that change as messages go out. An index is written whenever a statement names its column,
/// so the last one is named only if it changes.
const WRITE_LANE: &str = "update account set next_number = ?2, fence = ?3, out_number = ?4, \
    out_attempt = ?5, out_fence = ?6, out_period = ?7, out_counted = ?8, owner = ?9, \
    gap_until = ?10, turn = ?11, used_period = ?12, used_count = ?13, decision = ?14, \
    count_waiting = ?15, count_sent = ?16";

/// Runs [`WRITE_LANE`], or the same with when it is looked at again.
macro_rules! write_lane {
    ($statement:expr, $row:expr, $decision:expr $(, $next_at:expr)?) => {{
        let lane = $row.lane_row();
        let out = lane.out;
        $statement.execute(params![
            $row.key.0,
            signed(lane.next_number),
            signed(lane.fence),
            out.map(|out| signed(out.number)),
            out.map(|out| out.attempt),
            out.map(|out| signed(out.fence)),
            out.map(|out| out.period.0),
            out.map(|out| out.is_charged),
            $row.owner.map(|owner| owner.0),
            lane.gap_until.0,
            lane.turn.0,
            lane.used.period.0,
            signed(lane.used.count),
            $decision,
            signed($row.counts.waiting),
            signed($row.counts.sent),
            $($next_at)?
        ])
    }};
}
/// Messages that do not wait any more and are left before the head of a lane.
const MOST_LEFT: u32 = 64;

impl SqliteTransaction<'_> {
    pub(super) fn accounts_of_keys(&mut self, keys: &[AccountKey]) -> Stored<Vec<AccountRow>> {
        let (columns, beside) = (rows::ACCOUNT, rows::BESIDE);
        let sql = format!("select {columns}, {beside} from account where key = ?1");
        let mut statement = prepared(&self.inner, &sql)?;
        let mut found = Vec::with_capacity(keys.len());
        for key in keys {
            if let Some(known) = self.known.account(*key) {
                found.push(known.row.clone());
                continue;
            }
            let read = statement.query_row([key.0], rows::account_and_beside).optional();
            if let Some((row, next_at, decision)) = read.map_err(|error| failed(&error))? {
                found.push(self.known.remember(row, next_at, decision).clone());
            }
        }
        Ok(found)
    }

    pub(super) fn accounts_of_ids(&mut self, ids: &[&str]) -> Stored<Vec<AccountRow>> {
        let (columns, beside) = (rows::ACCOUNT, rows::BESIDE);
        let sql = format!("select {columns}, {beside} from account where id = ?1 and ended <> 2");
        let mut statement = prepared(&self.inner, &sql)?;
        let mut found = Vec::with_capacity(ids.len());
        for id in ids {
            if let Some(known) = self.known.account_of_id(id) {
                found.extend((known.row.ended != Some(Ended::Deleted)).then(|| known.row.clone()));
                continue;
            }
            let read = statement.query_row([id], rows::account_and_beside).optional();
            if let Some((row, next_at, decision)) = read.map_err(|error| failed(&error))? {
                found.push(self.known.remember(row, next_at, decision).clone());
            }
        }
        Ok(found)
    }

    pub(super) fn write_accounts_in_bulk(
        &mut self,
        accounts: &[(&AccountRow, Moment)],
    ) -> Stored<()> {
        let of_lane = format!("{WRITE_LANE} where key = ?1");
        let and_turn = format!("{WRITE_LANE}, next_at = ?17 where key = ?1");
        let mut whole = prepared(&self.inner, WRITE_ACCOUNT)?;
        let mut lane = prepared(&self.inner, &of_lane)?;
        let mut lane_and_turn = prepared(&self.inner, &and_turn)?;
        for (row, next_at) in accounts {
            let next_at = (*next_at != Moment::NEVER).then_some(next_at.0);
            let known = self.known.account(row.key);
            let decision = known.as_ref().and_then(|known| known.decision);
            let written = match &known {
                Some(known) if known.row == **row && known.next_at == next_at => Ok(1),
                Some(known) if known.row.is_same_but_for_traffic(row) => {
                    if known.next_at == next_at {
                        write_lane!(lane, row, decision)
                    } else {
                        write_lane!(lane_and_turn, row, decision, next_at)
                    }
                }
                _ => write_whole(&mut whole, row, decision, next_at),
            };
            written.map_err(|error| failed(&error))?;
            if let Some(known) = known {
                known.row.clone_from(row);
                known.next_at = next_at;
            }
        }
        Ok(())
    }

    pub(super) fn insert_messages_in_bulk(&mut self, messages: &[MessageRow]) -> Stored<()> {
        let sql = format!(
            "insert into message ({}) values \
             (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, \
             ?19, null, null, null)",
            rows::MESSAGE
        );
        let mut statement = prepared(&self.inner, &sql)?;
        let sql = "insert into waiting (account, due, number, place) values (?1, ?2, ?3, ?4)";
        let mut waits = prepared(&self.inner, sql)?;
        for row in messages {
            let (account, number, at) = (row.account.0, signed(row.number), row.at.0);
            let inserted = statement.insert(params![
                account,
                number,
                row.id,
                row.chat,
                number_of_origin(row.origin),
                number_of_status(row.status),
                at,
                row.content,
                row.sender,
                row.error,
                row.counted.map(|period| period.0),
                row.network_id,
                row.cancel_on_reply,
                signed(row.revision),
                signed(row.login),
                row.team.0,
                row.accepted.0,
                row.placed.0,
                row.attachments.bits(),
            ]);
            let place = inserted.map_err(|error| failed(&error))?;
            if row.status == Status::Pending {
                let waiting = waits.execute([account, at, number, place]);
                waiting.map_err(|error| failed(&error))?;
                self.known.waits(row.account, at, number);
            }
        }
        Ok(())
    }

    pub(super) fn settle_in_bulk(&self, messages: &[SettledRow]) -> Stored<()> {
        let mut statement = prepared(
            &self.inner,
            "update message set status = ?3, at = coalesce(?4, at), \
             counted = coalesce(?5, counted), error = ?6, \
             network_id = ?7, revision = revision + 1 where account = ?1 and number = ?2",
        )?;
        for row in messages {
            let settled = statement.execute(params![
                row.account.0,
                signed(row.number),
                number_of_status(row.status),
                row.at.map(|at| at.0),
                row.counted.map(|period| period.0),
                row.error,
                row.network_id,
            ]);
            settled.map_err(|error| failed(&error))?;
        }
        Ok(())
    }

    pub(super) fn log_decisions_in_bulk(&mut self, decisions: &[DecisionRow]) -> Stored<()> {
        let mut statement = prepared(
            &self.inner,
            "insert into decision (account, fence, policy, tier, sent, counted, size, attempt, \
             number, due, now, period_end, created, answer, gap_or_until, chat_gap, reason, \
             runner, previous) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, \
             ?14, ?15, ?16, ?17, ?18, ?19)",
        )?;
        for row in decisions {
            let question = &row.question;
            let columns = columns_of_answer(&row.answer);
            let Some(known) = self.known.account(row.account) else {
                return Err(StoreError::new("store_failed", "a decision about an unread account"));
            };
            let inserted = statement.insert(params![
                row.account.0,
                signed(row.fence),
                row.policy,
                question.tier,
                signed(question.sent),
                question.counted,
                signed(question.size),
                question.attempt,
                signed(question.number),
                question.due.0,
                question.now.0,
                question.period_end.0,
                question.created.0,
                columns.answer,
                columns.gap_or_until,
                columns.chat_gap,
                columns.reason,
                row.runner.0,
                known.decision,
            ]);
            known.decision = Some(inserted.map_err(|error| failed(&error))?);
            if !row.answer.has_it_wait() {
                self.known.goes(row.account, signed(question.number));
            }
        }
        Ok(())
    }

    pub(super) fn log_outcomes_in_bulk(&mut self, outcomes: &[OutcomeRow]) -> Stored<()> {
        let sql = "insert into outcome (decision, outcome, at) values (?1, ?2, ?3)";
        let mut statement = prepared(&self.inner, sql)?;
        for OutcomeRow { account, outcome, at, .. } in outcomes {
            // Nothing was decided since the attempt began: it was out.
            let Some(decision) = self.known.account(*account).and_then(|known| known.decision)
            else {
                return Err(StoreError::new("store_failed", "an outcome without a decision"));
            };
            let inserted = statement.execute(params![decision, outcome, at.0]);
            inserted.map_err(|error| failed(&error))?;
        }
        Ok(())
    }

    pub(super) fn heads_in_bulk(
        &mut self,
        of: &[(AccountKey, Option<u64>)],
    ) -> Stored<Vec<Option<HeadRow>>> {
        // Where nobody keeps gaps of chats, nothing is looked up.
        let gap = match self.has_chat_gaps()? {
            true => {
                "coalesce((select until from chat_gap where chat_gap.account = m.account \
                 and chat_gap.chat = m.chat), 0)"
            }
            false => "0",
        };
        let columns =
            format!("m.account, m.number, m.at, m.id, m.chat, m.content, m.counted, {gap}");
        let mut tried = prepared(
            &self.inner,
            &format!(
                "select {columns} from message m where account = ?1 and number = ?2 and status = 0"
            ),
        )?;
        let mut first = prepared(
            &self.inner,
            &format!(
                "select {columns} from waiting w cross join message m on m.place = w.place \
                 and m.account = w.account and m.number = w.number and m.at = w.due \
                 where w.account = ?1 and (w.due, w.number) > (?2, ?3) and m.status = 0 \
                 order by w.due, w.number limit 1"
            ),
        )?;
        let sql = "delete from waiting where account = ?1 and (due, number) <= (?2, ?3)";
        let mut tidy = prepared(&self.inner, sql)?;
        let mut heads = Vec::with_capacity(of.len());
        for (account, number) in of {
            if let Some(number) = number {
                let head = tried.query_row([account.0, signed(*number)], rows::head).optional();
                heads.push(head.map_err(|error| failed(&error))?);
                continue;
            }
            let from = self.known.head(*account);
            let head = first.query_row([account.0, from.due, from.number], rows::head).optional();
            let head = head.map_err(|error| failed(&error))?;
            let place = head.as_ref().map_or(from.moved_to_end(), |head| from.moved_to(head));
            if place.moves > MOST_LEFT {
                let removed = tidy.execute([account.0, place.due, place.number]);
                removed.map_err(|error| failed(&error))?;
                self.known.set_head(*account, Place { moves: 0, ..place });
            } else {
                self.known.set_head(*account, place);
            }
            heads.push(head);
        }
        Ok(heads)
    }

    fn has_chat_gaps(&mut self) -> Stored<bool> {
        if let Some(known) = self.known.has_chat_gaps {
            return Ok(known);
        }
        let found = self.count("select exists (select 1 from chat_gap)", [])? > 0;
        self.known.has_chat_gaps = Some(found);
        Ok(found)
    }

    pub(super) fn put_chat_gaps_in_bulk(&mut self, rows: &[ChatGapRow]) -> Stored<()> {
        self.known.has_chat_gaps = Some(true);
        let sql = "insert into chat_gap (account, chat, until) values (?1, ?2, ?3) \
            on conflict do update set until = ?3";
        let mut statement = prepared(&self.inner, sql)?;
        for ChatGapRow { account, chat, until } in rows {
            let put = statement.execute(params![account.0, chat, until.0]);
            put.map_err(|error| failed(&error))?;
        }
        Ok(())
    }
}

fn write_whole(
    statement: &mut CachedStatement<'_>,
    row: &AccountRow,
    decision: Option<i64>,
    next_at: Option<i64>,
) -> rusqlite::Result<usize> {
    let lane = row.lane_row();
    let (out, tried, held, counts) = (lane.out, lane.tried, lane.held, row.counts);
    statement.execute(params![
        row.key.0,
        row.tier,
        row.settings,
        number_of_ended(row.ended),
        row.has_login,
        signed(row.login),
        signed(row.history_kept),
        number_of_connection(lane.connection),
        lane.is_paused,
        signed(lane.next_number),
        signed(lane.fence),
        out.map(|out| signed(out.number)),
        out.map(|out| out.attempt),
        out.map(|out| signed(out.fence)),
        out.map(|out| out.period.0),
        out.map(|out| out.is_charged),
        row.owner.map(|owner| owner.0),
        tried.map(|tried| signed(tried.number)),
        tried.map(|tried| tried.times),
        tried.map(|tried| tried.again.0),
        lane.gap_until.0,
        lane.turn.0,
        held.map(|held| number_of_hold(held.why)),
        held.map(|held| held.until.0),
        row.held_reason,
        lane.used.period.0,
        signed(lane.used.count),
        number_of_removal(row.removal),
        decision,
        next_at,
        signed(counts.waiting),
        signed(counts.sent),
        signed(counts.delivered),
        signed(counts.read),
        signed(counts.failed),
        signed(counts.cancelled),
        signed(counts.notes),
        signed(counts.history),
        signed(counts.live),
        signed(row.opening.number),
        row.opening.is_over,
        row.opening.brings_history,
        row.opening.caller.map(|caller| caller.0),
    ])
}
