//! What may be asked of single accounts and messages, and changes nothing.

use tierwise_lanes::{Moment, Standing};

use crate::{
    error::{Refusal, Refused},
    flush::{Engine, edge::check_name},
    model::{AccountRow, DecisionRow, HeadRow, MessageRow},
    report::{Planned, Report},
    runner::{Failure, Handle},
    store::Stored,
};

/// Why an account's queue stands as it does.
#[derive(Clone, Debug)]
pub struct Why {
    /// The account.
    pub account: AccountRow,
    /// The first waiting message, if none is out.
    pub head: Option<HeadRow>,
    /// Where its queue stands.
    pub standing: Standing,
    /// When it is looked at again, if nothing changes before.
    pub next_at: Moment,
    /// Messages that count in the running period.
    pub sent: u64,
    /// Messages that wait, without one that is out.
    pub waiting: u64,
    /// What the policy was asked last about it, and what it answered.
    pub decision: Option<DecisionRow>,
}

impl Handle {
    /// Why an account's queue stands as it does. Refused: `not_found`.
    pub async fn why(&self, account: &str) -> Result<Why, Failure> {
        check_name("account", account)?;
        let id = account.to_owned();
        Ok(self.look(move |engine| why(engine, &id)).await??)
    }

    /// A message by its id. Refused: `not_found`.
    pub async fn message(&self, account: &str, message: &str) -> Result<MessageRow, Failure> {
        check_name("account", account)?;
        check_name("message", message)?;
        let (account, message) = (account.to_owned(), message.to_owned());
        let find = move |engine: &mut Engine| {
            let mut transaction = engine.store().begin()?;
            let Some(row) = transaction.accounts(&[&account])?.pop() else {
                return Ok(Err(Refusal::no_account(&account)));
            };
            let found = transaction.messages(row.key, &[&message])?.pop().flatten();
            let found = found.filter(|message| row.shows(message));
            Ok(found.ok_or_else(|| Refusal::no_message(&message)))
        };
        Ok(self.look(find).await??)
    }

    /// What a change would do, and nothing happens; only if the account is the team's, if one is
    /// named. Refused: those of the change, and `ledger_damaged`.
    pub async fn report(
        &self,
        account: &str,
        team: Option<&str>,
        planned: Planned,
    ) -> Result<Report, Failure> {
        check_name("account", account)?;
        if let Planned::Tier(tier) = &planned {
            check_name("tier", tier)?;
        }
        if let Some(team) = team {
            self.read_ledger(team).await;
        }
        let (account, team) = (account.to_owned(), team.map(str::to_owned));
        let report = move |engine: &mut Engine| engine.report(&account, team.as_deref(), &planned);
        Ok(self.look(report).await??)
    }
}

fn why(engine: &mut Engine, id: &str) -> Stored<Refused<Why>> {
    let policy = engine.policy().clone();
    let mut transaction = engine.store().begin()?;
    let now = transaction.now()?;
    let Some(account) = transaction.accounts(&[id])?.pop() else {
        return Ok(Err(Refusal::no_account(id)));
    };
    let head = match account.lane.out() {
        Some(_) => None,
        None => transaction.heads(&[(account.key, account.lane.tried())])?.pop().flatten(),
    };
    let lane_head = head.as_ref().map(HeadRow::lane_head);
    Ok(Ok(Why {
        standing: account.lane.standing(lane_head, now),
        next_at: account.lane.next_at(lane_head, now),
        sent: account.lane.used(policy.running(now).number),
        waiting: account.waiting(),
        decision: transaction.last_decision(account.key)?,
        head,
        account,
    }))
}
