//! What a change would do, asked beforehand: by the same way as the change goes.

use super::{Engine, ending::said_of_ending, life::said_of_change};
use crate::{
    billing::LEDGER_DAMAGED,
    error::{Refusal, Refused},
    model::Ended,
    report::{Inquiry, Planned, Report},
    store::Stored,
};

impl Engine {
    /// What a change of an account would do, and nothing happens. Refused: those of the change, and
    /// `ledger_damaged`. Errors: those of the store.
    pub fn report(
        &mut self,
        account: &str,
        team: Option<&str>,
        planned: &Planned,
    ) -> Stored<Refused<Report>> {
        let policy = &*self.policy;
        let mut transaction = self.store.begin()?;
        let now = transaction.now()?;
        let found = transaction.accounts(&[account])?.pop();
        let Some(row) = found.filter(|row| team.is_none_or(|team| row.team == team)) else {
            return Ok(Err(Refusal::no_account(account)));
        };
        let running = policy.running(now);
        let held = transaction.held(&row)?;
        let (to, said) = match planned {
            Planned::Archive => (None, said_of_ending(policy, &row, Ended::Archived, held)),
            Planned::Delete => (None, said_of_ending(policy, &row, Ended::Deleted, held)),
            Planned::Tier(to) => (Some(to.as_str()), said_of_change(policy, &row, to, running)),
        };
        let said = match said {
            Ok(said) => said,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let inquiry = Inquiry { policy, running, now, row: &row, held, to, said: &said };
        match inquiry.report(&mut *transaction, &mut self.books) {
            Err(error) if error.code == LEDGER_DAMAGED => {
                Ok(Err(Refusal::new(LEDGER_DAMAGED, 500, error)))
            }
            report => report,
        }
    }
}
