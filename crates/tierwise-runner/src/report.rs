//! What a change would do, said beforehand, and the hash that holds somebody to it.

use sha2::{Digest as _, Sha256};

use crate::{
    error::{Refusal, Refused},
    model::{AccountRow, Ended, Held},
};

/// What a change of tier, an archive or a deletion does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The account.
    pub account: String,
    /// The tier that it has.
    pub from: String,
    /// The tier that it would have, or `archive` or `delete`.
    pub to: String,
    /// What the change would bring with it.
    pub effects: Vec<String>,
    /// What would be removed.
    pub removes: Held,
    /// What would be kept.
    pub keeps: Held,
}

impl Report {
    /// Of a change of tier.
    pub(crate) fn of_change(row: &AccountRow, to: &str, effects: Vec<String>, held: Held) -> Self {
        let removes_history = effects.iter().any(|effect| effect == "history_removed");
        let history = if removes_history { held.history } else { 0 };
        let removes = Held { history, ..Held::default() };
        Report::new(row, to, effects, removes, held)
    }

    /// Of an archive or a deletion.
    pub(crate) fn of_ending(
        row: &AccountRow,
        ended: Ended,
        effects: Vec<String>,
        held: Held,
    ) -> Self {
        let (to, removes) = match ended {
            Ended::Archived => ("archive", Held { notes: 0, contacts: 0, ..held }),
            Ended::Deleted => ("delete", held),
        };
        Report::new(row, to, effects, removes, held)
    }

    fn new(row: &AccountRow, to: &str, effects: Vec<String>, removes: Held, held: Held) -> Self {
        let keeps = Held {
            history: held.history - removes.history,
            live: held.live - removes.live,
            sent: held.sent - removes.sent,
            waiting: held.waiting - removes.waiting,
            notes: held.notes - removes.notes,
            contacts: held.contacts - removes.contacts,
        };
        let (account, from, to) = (row.id.clone(), row.tier.clone(), to.to_owned());
        Report { account, from, to, effects, removes, keeps }
    }

    /// What stands for the report: SHA-256, in lower-case hex, of what it says of the account's
    /// tier, effects and removals.
    pub fn hash(&self) -> String {
        let Held { history, live, sent, waiting, notes, contacts } = self.removes;
        let said = serde_json::json!([
            self.account,
            self.from,
            self.to,
            self.effects,
            [history, live, sent, waiting, notes, contacts],
        ]);
        let digest = Sha256::digest(said.to_string());
        digest.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Refused: `report_stale` if somebody was told something else.
    pub(crate) fn expect_hash(&self, expected: &str) -> Refused<()> {
        if self.hash() == expected {
            return Ok(());
        }
        let stale = "the change would not do any more what its report said: ask for a new report";
        Err(Refusal::new("report_stale", 409, stale))
    }
}
