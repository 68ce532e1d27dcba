//! Many messages of a team are retried or removed: a part of them in each flush, so that nobody
//! waits for the rest.

use super::desk::{Desk, Stop};
use crate::{
    model::{Origin, Status},
    request::{Answer, Many, ManyChange},
};

impl Desk<'_> {
    /// Changes those that still have the status; how many. Those that are out, and those of
    /// accounts that have ended or are another team's, are left as they are.
    pub(super) fn change_many(&mut self, many: &Many) -> Result<Answer, Stop> {
        self.write_messages()?;
        let may_change = |(key, number): &&(_, u64)| {
            self.rows.get(key).is_some_and(|working| {
                let row = &working.row;
                let may = row.lane.may_change(*number).is_ok();
                row.team == many.team && row.is_active() && may
            })
        };
        let of: Vec<_> = many.messages.iter().filter(may_change).copied().collect();
        let changed = match many.change {
            ManyChange::Retry { due } => {
                let due = due.map_or(self.now, |due| due.max(self.now));
                self.transaction.requeue_many(&of, many.status, due)?
            }
            ManyChange::Clear => self.transaction.remove_many(&of, many.status)?,
        };
        for (key, number) in &changed {
            let row = self.row(*key)?;
            // It is not out: that was looked at.
            let _ = row.lane.start_over(*number);
            match many.change {
                ManyChange::Retry { .. } => {
                    row.counts.change(Origin::Here, many.status, Status::Pending);
                }
                ManyChange::Clear => row.counts.take(Origin::Here, many.status),
            }
        }
        Ok(Answer::Counted(u64::try_from(changed.len()).unwrap_or(u64::MAX)))
    }
}
