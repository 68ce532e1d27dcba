//! Many rows at a time: one prepared statement, run for each.

use rusqlite::{OptionalExtension as _, Row, params};
use tierwise_lanes::{Moment, PeriodNumber};

use super::{failed, rows, transaction::SqliteTransaction};
use crate::{
    model::{
        AccountKey, AccountRow, DecisionRow, HeadRow, Held, MessageRow, OutcomeRow, Removal,
        SettledRow,
    },
    store::{
        Stored,
        numbers::{
            columns_of_answer, number_of_connection, number_of_ended, number_of_hold,
            number_of_origin, number_of_removal, number_of_status, signed,
        },
    },
};

impl SqliteTransaction<'_> {
    pub(super) fn write_accounts_in_bulk(&self, rows: &[(&AccountRow, Moment)]) -> Stored<()> {
        let mut statement = self.statement(
            "update account set tier = ?2, settings = ?3, ended = ?4, has_login = ?5, login = ?6, \
             history_kept = ?7, connection = ?8, is_paused = ?9, next_number = ?10, fence = ?11, \
             out_number = ?12, out_attempt = ?13, out_fence = ?14, out_period = ?15, \
             out_counted = ?16, owner = ?17, tried_number = ?18, tried_times = ?19, \
             tried_again = ?20, gap_until = ?21, turn = ?22, held_why = ?23, held_until = ?24, \
             held_reason = ?25, used_period = ?26, used_count = ?27, removal = ?28, next_at = ?29 \
             where key = ?1",
        )?;
        for (row, next_at) in rows {
            let lane = row.lane_row();
            let (out, tried, held) = (lane.out, lane.tried, lane.held);
            let written = statement.execute(params![
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
                (*next_at != Moment::NEVER).then_some(next_at.0),
            ]);
            written.map_err(|error| failed(&error))?;
        }
        Ok(())
    }

    pub(super) fn insert_messages_in_bulk(&self, messages: &[MessageRow]) -> Stored<()> {
        let mut statement = self.statement(&format!(
            "insert into message ({}) values \
             (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
            rows::MESSAGE
        ))?;
        for row in messages {
            let inserted = statement.execute(params![
                row.account.0,
                signed(row.number),
                row.id,
                row.chat,
                number_of_origin(row.origin),
                number_of_status(row.status),
                row.at.0,
                row.content,
                row.sender,
                row.error,
                row.counted.map(|period| period.0),
                row.network_id,
                row.cancel_on_reply,
                signed(row.revision),
                signed(row.login),
            ]);
            inserted.map_err(|error| failed(&error))?;
        }
        Ok(())
    }

    pub(super) fn settle_in_bulk(&self, messages: &[SettledRow]) -> Stored<()> {
        let mut statement = self.statement(
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

    pub(super) fn log_decisions_in_bulk(&self, decisions: &[DecisionRow]) -> Stored<()> {
        let mut statement = self.statement(
            "insert into decision (account, fence, policy, tier, sent, counted, size, attempt, \
             number, now, period_end, created, answer, gap_or_until, reason, runner) values \
             (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)",
        )?;
        for row in decisions {
            let question = &row.question;
            let (answer, gap_or_until, reason) = columns_of_answer(&row.answer);
            let inserted = statement.execute(params![
                row.account.0,
                signed(row.fence),
                row.policy,
                question.tier,
                signed(question.sent),
                question.counted,
                signed(question.size),
                question.attempt,
                signed(question.number),
                question.now.0,
                question.period_end.0,
                question.created.0,
                answer,
                gap_or_until,
                reason,
                row.runner.0,
            ]);
            inserted.map_err(|error| failed(&error))?;
        }
        Ok(())
    }

    pub(super) fn log_outcomes_in_bulk(&self, outcomes: &[OutcomeRow]) -> Stored<()> {
        let sql = "insert into outcome (account, fence, outcome, at) values (?1, ?2, ?3, ?4)";
        let mut statement = self.statement(sql)?;
        for OutcomeRow { account, fence, outcome, at } in outcomes {
            let inserted = statement.execute(params![account.0, signed(*fence), outcome, at.0]);
            inserted.map_err(|error| failed(&error))?;
        }
        Ok(())
    }

    pub(super) fn heads_in_bulk(
        &self,
        of: &[(AccountKey, Option<u64>)],
    ) -> Stored<Vec<Option<HeadRow>>> {
        let columns = "select account, number, at, id, chat, content, counted from message";
        let mut tried = self
            .statement(&format!("{columns} where account = ?1 and number = ?2 and status = 0"))?;
        let mut first = self.statement(&format!(
            "{columns} where account = ?1 and status = 0 order by at, number limit 1"
        ))?;
        let read = |row: &Row<'_>| {
            Ok(HeadRow {
                account: AccountKey(row.get(0)?),
                number: row.get::<_, i64>(1)?.unsigned_abs(),
                due: Moment(row.get(2)?),
                id: row.get(3)?,
                chat: row.get(4)?,
                content: row.get(5)?,
                counted: row.get::<_, Option<i64>>(6)?.map(PeriodNumber),
            })
        };
        let head = |(account, number): &(AccountKey, Option<u64>)| {
            let head = match number {
                Some(number) => tried.query_row([account.0, signed(*number)], read),
                None => first.query_row([account.0], read),
            };
            head.optional().map_err(|error| failed(&error))
        };
        of.iter().map(head).collect()
    }

    pub(super) fn held_in_bulk(&self, row: &AccountRow) -> Stored<Held> {
        let key = row.key.0;
        let mut held = Held {
            contacts: self.count("select count(*) from contact where account = ?1", [key])?,
            ..Held::default()
        };
        let sql = "select case when status = 6 then 0 when origin > 1 then 1 when origin = 1 \
            then 2 when status = 0 then 3 else 4 end, count(*) from message \
            where account = ?1 and (login = 0 or login = ?2) group by 1";
        let login = signed(row.login);
        let counts = self.all(sql, [key, login], |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?.unsigned_abs()))
        })?;
        for (kind, count) in counts {
            match kind {
                0 => held.notes = count,
                _ if row.removal >= Removal::Messages => {}
                1 => held.history = count,
                2 => held.live = count,
                3 => held.waiting = count,
                _ => held.sent = count,
            }
        }
        Ok(held)
    }
}
