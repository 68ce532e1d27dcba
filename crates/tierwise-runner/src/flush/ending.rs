//! Archives and deletions (L1 to L7).

use tierwise_host::{EndingAnswer, EndingKind, EndingQuestion, Holdings};
use tierwise_lanes::Connection;

use super::{
    admin::connect,
    desk::{Desk, Stop},
};
use crate::{
    counts::Counts,
    error::Refusal,
    model::{AccountKey, AccountRow, Ended, Held, LifeStep, Removal},
    policy::{self, Policy},
    report::{Direction, Said},
    request::{Action, Answer},
    store::{HistorySync, ProfileChange},
};

impl Desk<'_> {
    /// Ends an account. Refused: `account_archived`, `report_stale`, `policy_error`.
    pub(super) fn end(
        &mut self,
        key: AccountKey,
        ended: Ended,
        if_report: Option<String>,
    ) -> Result<Answer, Stop> {
        let row = self.row(key)?.clone();
        let held = self.transaction.held(&row)?;
        let said = said_of_ending(self.policy, &row, ended, held)?;
        if let Some(expected) = if_report {
            self.expect_report(&row, held, None, &said, &expected)?;
        }
        // L5: an archived account has no subscription that could end.
        let step = match ended {
            Ended::Archived => LifeStep::Archive,
            Ended::Deleted => LifeStep::Delete,
        };
        self.live(&row, step)?;
        if row.has_login || row.lane_row().connection != Connection::Close {
            self.actions.push(Action::Close(connect(&row), true));
        }
        let is_closed = row.lane_row().connection != Connection::Close;
        self.touch(
            key,
            ProfileChange {
                archived: Some(self.now),
                last_logout: row.has_login.then_some(self.now),
                last_closed: is_closed.then_some(self.now),
                qr: Some(String::new()),
                error: Some(String::new()),
                sync: Some(HistorySync::default()),
                ..ProfileChange::default()
            },
        )?;
        let row = self.row(key)?;
        row.ended = Some(ended);
        row.lane.archive();
        row.opening.end();
        row.log_out_if(true);
        row.held_reason = String::new();
        if ended == Ended::Archived {
            row.removal = row.removal.max(Removal::Messages);
            row.counts = row.counts.only_notes();
        } else {
            row.removal = Removal::All;
            row.counts = Counts::default();
            // L6: what stays is the billing record.
            "{}".clone_into(&mut row.settings);
            let id = row.id.clone();
            self.keys.remove(&id);
        }
        Ok(Answer::Changed { effects: said.effects })
    }
}

/// What an archive or a deletion does, by the policy. Refused: `account_archived`,
/// `policy_error`.
pub(super) fn said_of_ending(
    policy: &Policy,
    row: &AccountRow,
    ended: Ended,
    held: Held,
) -> Result<Said, Refusal> {
    let Held { history, live, sent, waiting, notes, contacts } = held;
    let question = EndingQuestion {
        kind: match ended {
            Ended::Archived => EndingKind::Archive,
            Ended::Deleted => EndingKind::Delete,
        },
        archived: !row.is_active(),
        logged_in: row.has_login,
        has: Holdings { history, live, sent, waiting, notes, contacts },
    };
    let (host, guest) = policy.host();
    let answer = host.ending(guest, &question).answer;
    match answer.map_err(|error| policy::failed(&error))? {
        EndingAnswer::Done(done) => {
            Ok(Said { direction: Direction::of_ending(ended), effects: done.effects })
        }
        EndingAnswer::Refused(_) => Err(Refusal::archived(&row.id)),
    }
}
