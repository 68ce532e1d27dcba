//! What somebody asks of an account beside messages: connections, pauses, single messages.

use serde_json::value::RawValue;
use tierwise_lanes::{Connection, Moment};
use tierwise_transport::Connecting;

use super::desk::{Desk, Stop};
use crate::{
    error::Refusal,
    model::{AccountKey, AccountRow, Ended, MessageRow, Origin, SettledRow, Status},
    request::{Action, Answer, Change, Connect, Which},
    store::ProfileChange,
};

impl Desk<'_> {
    /// Does a change. Refused: `account_archived`, and what each change names.
    pub(super) fn change(&mut self, key: AccountKey, change: Change) -> Result<Answer, Stop> {
        let row = self.row(key)?;
        if row.ended == Some(Ended::Archived) && !matches!(change, Change::Delete { .. }) {
            // D9: an unknown tier is refused before that.
            if let Change::Update(update) = &change
                && let Some(tier) = update.tier.clone()
            {
                self.check_tier(&tier)?;
            }
            let id = self.row(key)?.id.clone();
            return Err(Refusal::archived(&id).into());
        }
        let none = Answer::Changed { effects: Vec::new() };
        match change {
            Change::Open => self.open(key)?,
            Change::Close { logout } => self.close(key, logout)?,
            Change::Update(update) => return self.update(key, update),
            Change::Archive { if_report } => return self.end(key, Ended::Archived, if_report),
            Change::Delete { if_report } => return self.end(key, Ended::Deleted, if_report),
            Change::Pause => row.lane.pause(true),
            Change::Resume => row.lane.pause(false),
            Change::Skip { message } => self.skip(key, &message)?,
            Change::Retry { message, due } => self.retry(key, &message, due)?,
            Change::Remove { message } => self.remove_message(key, &message)?,
            Change::Edit { message, edit } => return self.edit(key, &message, edit),
            Change::Resolve { message, taken } => self.resolve(key, &message, taken)?,
        }
        Ok(none)
    }

    pub(super) fn open(&mut self, key: AccountKey) -> Result<(), Stop> {
        let (terms, epoch) = (self.terms, self.epoch);
        let row = self.row(key)?;
        if row.lane_row().connection == Connection::Open {
            return Ok(());
        }
        if !terms.transports.contains(&row.transport) {
            let none = format_args!("this runner has no transport `{}`", row.transport);
            return Err(Refusal::new("no_transport", 409, none).into());
        }
        row.lane.connect(Connection::Connecting);
        row.opening.next(epoch);
        let connect = connect(row);
        self.actions.push(Action::Open(connect));
        let nothing = Some(String::new());
        let change = ProfileChange { qr: nothing.clone(), error: nothing, ..Default::default() };
        self.touch(key, change)
    }

    fn close(&mut self, key: AccountKey, logout: bool) -> Result<(), Stop> {
        let now = self.now;
        let row = self.row(key)?;
        let connect = connect(row);
        let change = closed(row, logout, now);
        row.lane.connect(Connection::Close);
        row.opening.end();
        row.log_out_if(logout);
        self.actions.push(Action::Close(connect, logout));
        self.touch(key, change)
    }

    /// A waiting message that may be changed now. Refused: `not_found`, `message_settled`,
    /// `message_out`.
    fn waiting_message(&mut self, key: AccountKey, id: &str) -> Result<MessageRow, Stop> {
        let message = self.message(key, id)?;
        if message.status != Status::Pending {
            let settled = format_args!("the message `{id}` does not wait any more");
            return Err(Refusal::new("message_settled", 409, settled).into());
        }
        self.start_over(key, id, message.number)?;
        Ok(message)
    }

    /// Refused: `message_out`.
    pub(super) fn may_change(
        &mut self,
        key: AccountKey,
        id: &str,
        number: u64,
    ) -> Result<(), Stop> {
        self.row(key)?.lane.may_change(number).map_err(|_| message_out(id).into())
    }

    /// Refused: `message_out`.
    pub(super) fn start_over(
        &mut self,
        key: AccountKey,
        id: &str,
        number: u64,
    ) -> Result<(), Stop> {
        self.row(key)?.lane.start_over(number).map_err(|_| message_out(id).into())
    }

    fn skip(&mut self, key: AccountKey, id: &str) -> Result<(), Stop> {
        let message = self.waiting_message(key, id)?;
        self.settles(SettledRow {
            account: key,
            number: message.number,
            status: Status::Cancelled,
            at: None,
            counted: None,
            error: String::new(),
            network_id: message.network_id,
        });
        Ok(())
    }

    fn retry(&mut self, key: AccountKey, id: &str, due: Option<Moment>) -> Result<(), Stop> {
        let message = self.message(key, id)?;
        match message.status {
            Status::Pending => self.start_over(key, id, message.number)?,
            Status::Error | Status::Cancelled if message.origin == Origin::Here => {}
            _ => {
                let settled = format_args!("the message `{id}` was sent, or never is");
                return Err(Refusal::new("message_settled", 409, settled).into());
            }
        }
        let due = due.map_or(self.now, |due| due.max(self.now));
        self.row(key)?.counts.change(message.origin, message.status, Status::Pending);
        Ok(self.transaction.requeue(key, message.number, due)?)
    }

    fn remove_message(&mut self, key: AccountKey, which: &Which) -> Result<(), Stop> {
        let message = self.meant(key, which)?;
        if message.status == Status::Pending {
            self.start_over(key, &which.id, message.number)?;
        }
        self.row(key)?.counts.take(message.origin, message.status);
        Ok(self.transaction.remove_message(key, message.number)?)
    }

    /// Notes what somebody knows of a message whose outcome nobody knew (Q7).
    fn resolve(&mut self, key: AccountKey, id: &str, taken: bool) -> Result<(), Stop> {
        let message = self.message(key, id)?;
        let is_unknown = message.status == Status::Error && message.error.contains(UNKNOWN);
        if !is_unknown {
            let known = format_args!("the outcome of the message `{id}` is known");
            return Err(Refusal::new("message_settled", 409, known).into());
        }
        if !taken && let Some(period) = message.counted {
            let row = self.row(key)?;
            let is_running = row.lane_row().used.period == period;
            row.lane.take_back(period);
            if !is_running {
                self.transaction.add_counted(key, period, -1)?;
            }
        }
        let status = if taken { Status::Sent } else { Status::Error };
        self.row(key)?.counts.change(message.origin, message.status, status);
        Ok(self.transaction.resolve(key, message.number, taken, self.now)?)
    }
}

/// What people see of an account that is not connected any more.
pub(super) fn closed(row: &AccountRow, logout: bool, now: Moment) -> ProfileChange {
    let was_connected = row.lane_row().connection != Connection::Close;
    ProfileChange {
        last_closed: was_connected.then_some(now),
        last_logout: (logout && row.has_login).then_some(now),
        qr: Some(String::new()),
        ..ProfileChange::default()
    }
}

fn message_out(id: &str) -> Refusal {
    let out = format_args!("the message `{id}` is with the transport at this moment");
    Refusal::new("message_out", 409, out)
}

/// How the error of a message says that its outcome is unknown.
const UNKNOWN: &str = r#""code":"outcome_unknown""#;

pub(super) fn connect(row: &AccountRow) -> Connect {
    let settings = RawValue::from_string(row.settings.clone()).unwrap_or_default();
    let (id, opening, has_login) = (row.id.clone(), row.opening.number, row.has_login);
    let account = Connecting { id, opening, has_login, settings };
    Connect { transport: row.transport.clone(), account }
}
