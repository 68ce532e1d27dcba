//! The ends of attempts and of calls to connect, also of those whose runner is gone (Q7, Q10).

use tierwise_lanes::{Completed, Connection, Outcome, PeriodNumber, Settled};
use tierwise_transport::{Detail, Report};

use super::{
    desk::{Desk, Stop},
    edge::is_name,
};
use crate::{
    model::{AccountKey, Epoch, OutcomeRow, SettledRow, Status, status_of},
    request::Completion,
    store::Stored,
};

impl Desk<'_> {
    /// Takes the end of an attempt. One that names another attempt than the one that is out changes
    /// nothing.
    pub(super) fn complete(&mut self, completion: Completion) -> Result<(), Stop> {
        let Completion { account: key, fence, report } = completion;
        if !self.rows.contains_key(&key) {
            return Ok(());
        }
        let (now, retries) = (self.now, self.terms.retries);
        let row = self.row(key)?;
        let before = row.lane_row().used;
        let attempts = row.lane.out().map_or(0, |out| out.attempt);
        let Some(done) = row.lane.complete(fence, report.outcome, now, &retries) else {
            tracing::warn!(account = row.id, fence, "an outcome came for an attempt that is over");
            return Ok(());
        };
        row.owner = None;
        let (is_kept, after) = (row.is_active(), row.lane_row().used);
        if before.period != after.period && before.count > 0 {
            let count = i64::try_from(before.count).unwrap_or(i64::MAX);
            self.transaction.add_counted(key, before.period, count)?;
        }
        if let Some(period) = done.charged.filter(|period| *period < after.period) {
            self.transaction.add_counted(key, period, 1)?;
        }
        let outcome = word_of(report.outcome);
        self.outcomes.push(OutcomeRow { account: key, fence, outcome, at: now });
        // L7: what ended meanwhile is counted, and not stored.
        if is_kept && let Some(settled) = done.settled {
            self.settle(key, &done, settled, report, attempts);
        }
        Ok(())
    }

    fn settle(
        &mut self,
        account: AccountKey,
        done: &Completed,
        settled: Settled,
        report: Report,
        attempts: u32,
    ) {
        let status = status_of(settled);
        let is_error = status == Status::Error;
        let detail = report.detail.filter(|_| is_error);
        let code = match settled {
            Settled::Unknown => "outcome_unknown",
            Settled::GivenUp => "given_up",
            Settled::Delivered | Settled::Refused | Settled::PolicyRefused => "refused",
        };
        let error = if is_error { error_json(code, detail, attempts) } else { String::new() };
        self.settles(SettledRow {
            account,
            number: done.number,
            status,
            at: (status == Status::Sent).then_some(self.now),
            counted: done.charged,
            error,
            // What no store can hold is no name.
            network_id: report.network_id.filter(|id| is_name(id)).unwrap_or_default(),
        });
    }

    /// Settles a message that the policy refuses.
    pub(super) fn settle_refused(&mut self, account: AccountKey, number: u64, reason: &str) {
        self.settles(SettledRow {
            account,
            number,
            status: Status::Error,
            at: None,
            counted: None::<PeriodNumber>,
            error: error_json(reason, Some(Detail::new(403, "the policy refuses it")), 0),
            network_id: String::new(),
        });
    }

    /// Takes the end of a call to connect. One that is about another opening than the last, or that
    /// another runner has made again, changes nothing.
    pub(super) fn end_call(&mut self, account: &str, opening: u64) -> Result<(), Stop> {
        let Ok(key) = self.find(account, None) else { return Ok(()) };
        let epoch = self.epoch;
        let is = &mut self.row(key)?.opening;
        if is.number == opening && is.caller == Some(epoch) {
            is.caller = None;
        }
        Ok(())
    }

    /// Makes a call to connect again, whose runner is gone: in a new opening, so that what may come
    /// of the call before is not taken for its.
    fn call_again(&mut self, key: AccountKey, gone: Epoch) -> Result<(), Stop> {
        let (terms, epoch) = (self.terms, self.epoch);
        let row = self.row(key)?;
        if row.opening.caller != Some(gone) {
            return Ok(());
        }
        row.opening.caller = None;
        if row.lane_row().connection != Connection::Connecting || !row.is_active() {
            return Ok(());
        }
        if !terms.transports.contains(&row.transport) {
            // Nor can this runner: whoever comes after it may.
            tracing::warn!(account = row.id, "there is no transport to connect it again");
            row.opening.caller = Some(epoch);
            return Ok(());
        }
        self.open(key)
    }

    /// Makes the open attempts of runners that are gone unknown, and their calls to connect again;
    /// so many at most.
    pub(super) fn take_over(&mut self, most: u32) -> Stored<TakenOver> {
        let mut left = most;
        let mut taken = TakenOver::default();
        while let Some(gone) = self.transaction.gone()? {
            let rows = self.transaction.out_of(gone, left)?;
            let attempts = u32::try_from(rows.len()).unwrap_or(u32::MAX);
            for row in rows {
                let (account, out) = (row.key, row.lane.out());
                self.put(row);
                let Some(out) = out else { continue };
                let report = Report::unknown("the runner that sent it is gone");
                match self.complete(Completion { account, fence: out.fence, report }) {
                    Err(Stop::Store(error)) => return Err(error),
                    Ok(()) | Err(Stop::Refused(_)) => {}
                }
            }
            left = left.saturating_sub(attempts);
            let rows = self.transaction.opened_by(gone, left)?;
            let calls = u32::try_from(rows.len()).unwrap_or(u32::MAX);
            for row in rows {
                let key = row.key;
                self.put(row);
                match self.call_again(key, gone) {
                    Err(Stop::Store(error)) => return Err(error),
                    Ok(()) | Err(Stop::Refused(_)) => {}
                }
            }
            left = left.saturating_sub(calls);
            taken.any = true;
            if attempts > 0 || calls > 0 {
                let runner = gone.0;
                tracing::warn!(runner, attempts, calls, "took over from a runner that is gone");
            }
            if left == 0 {
                taken.has_more = true;
                break;
            }
            self.transaction.unregister(gone)?;
        }
        Ok(taken)
    }
}

/// What was taken over from runners that are gone.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct TakenOver {
    /// Whether there was one.
    pub(super) any: bool,
    /// Whether it may have more than one flush takes.
    pub(super) has_more: bool,
}

/// What an outcome is called.
pub(crate) fn word_of(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Delivered => "delivered",
        Outcome::Refused => "refused",
        Outcome::Later(_) => "later",
        Outcome::Unknown => "unknown",
    }
}

/// Why a message is an error, as everybody reads it.
pub(super) fn error_json(code: &str, detail: Option<Detail>, attempts: u32) -> String {
    let Detail { status_code, message } = detail.unwrap_or_else(|| Detail::new(0, ""));
    let data = serde_json::json!({ "code": code });
    let retries = attempts.saturating_sub(1);
    serde_json::json!({
        "statusCode": status_code, "message": message, "data": data, "retries": retries,
    })
    .to_string()
}
