//! What a flush is going to ask for is read ahead, for all its accounts together: each question by
//! itself is a way to the server and back.

use std::collections::{HashMap, HashSet};

use super::{
    bulk::{text, texts},
    rows,
    session::parameters,
    sql,
    transaction::PostgresTransaction,
};
use crate::{
    model::{AccountKey, MessageRow, Origin, SettledRow, Status},
    store::{
        Ahead, Stored,
        numbers::{ORIGINS, STATUSES, number_of_status},
        rows::Columns as _,
    },
};

/// An account, and the name of something of it.
type Named = (AccountKey, String);

/// What was read ahead, as long as it is as it was read.
#[derive(Default)]
pub(super) struct ReadAhead {
    messages: HashMap<Named, Option<MessageRow>>,
    network_ids: HashMap<Named, bool>,
    receivers: HashMap<Named, Vec<Receiver>>,
}

/// A message that a receipt may change: its number, where it came from, and what it is.
type Receiver = (i64, Origin, Status);

impl ReadAhead {
    /// A message is new.
    pub(super) fn inserted(&mut self, row: &MessageRow) {
        self.messages.remove(&(row.account, row.id.clone()));
        self.is_called(row.account, &row.network_id);
    }

    /// Messages have become something else.
    pub(super) fn settled(&mut self, rows: &[SettledRow]) {
        let settled: HashSet<_> = rows.iter().map(|row| (row.account, row.number)).collect();
        self.messages.retain(|_, row| {
            row.as_ref().is_none_or(|row| !settled.contains(&(row.account, row.number)))
        });
        for row in rows {
            self.is_called(row.account, &row.network_id);
        }
    }

    fn is_called(&mut self, account: AccountKey, network_id: &str) {
        if network_id.is_empty() {
            return;
        }
        let named = (account, network_id.to_owned());
        if let Some(is_known) = self.network_ids.get_mut(&named) {
            *is_known = true;
        }
        self.receivers.remove(&named);
    }

    /// Messages may be something else, but for what receipts make of them.
    pub(super) fn forget_messages(&mut self) {
        self.messages.clear();
    }

    /// Anything may have changed.
    pub(super) fn forget(&mut self) {
        self.messages.clear();
        self.network_ids.clear();
        self.receivers.clear();
    }
}

fn owned((account, name): &(AccountKey, &str)) -> Named {
    (*account, (*name).to_owned())
}

impl PostgresTransaction<'_> {
    pub(super) fn read_ahead(&mut self, ahead: &Ahead<'_>) -> Stored<()> {
        let messages = self.read_messages(&ahead.messages)?;
        self.ahead.messages.extend(ahead.messages.iter().map(owned).zip(messages));
        let ids: Vec<_> = ahead.network_ids.iter().map(|(key, id)| (*key, id.as_str())).collect();
        let are_known = self.read_network_ids(&ids)?;
        self.ahead.network_ids.extend(ahead.network_ids.iter().cloned().zip(are_known));
        let receivers = self.read_receivers(&ahead.receipts)?;
        self.ahead.receivers.extend(ahead.receipts.iter().map(owned).zip(receivers));
        Ok(())
    }

    pub(super) fn receipt_of(
        &mut self,
        account: AccountKey,
        network_id: &str,
        status: Status,
        error: &str,
    ) -> Stored<Vec<(Origin, Status)>> {
        let named = (account, network_id.to_owned());
        let mut found = match self.ahead.receivers.remove(&named) {
            Some(known) => known,
            None => self.read_receivers(&[(account, network_id)])?.pop().unwrap_or_default(),
        };
        let (mut numbers, mut were) = (Vec::new(), Vec::new());
        for (number, origin, is) in &mut found {
            if *is >= Status::Sent && *is < status {
                numbers.push(*number);
                were.push((*origin, *is));
                *is = status;
            }
        }
        // Another receipt for it may follow.
        self.ahead.receivers.insert(named, found);
        if !numbers.is_empty() {
            self.ahead.forget_messages();
            let of = parameters![account.0, numbers, number_of_status(status), text(error)];
            self.session.later(sql::RECEIPT, of)?;
        }
        Ok(were)
    }

    fn read_receivers(&mut self, of: &[(AccountKey, &str)]) -> Stored<Vec<Vec<Receiver>>> {
        if of.is_empty() {
            return Ok(Vec::new());
        }
        let (accounts, ids): (Vec<_>, Vec<_>) = of.iter().map(|(key, id)| (key.0, *id)).unzip();
        let found = self.session.query(sql::RECEIVERS, &[&accounts, &texts(&ids)])?;
        let mut receivers = vec![Vec::new(); of.len()];
        for (place, receiver) in rows::all(&found, |c| {
            let (place, number) = (c.get::<i64>()?, c.get::<i64>()?);
            Ok((place, (number, c.one_of(&ORIGINS)?, c.one_of(&STATUSES)?)))
        })? {
            // Places count from 1.
            let place = usize::try_from(place.saturating_sub(1)).ok();
            if let Some(of_place) = place.and_then(|place| receivers.get_mut(place)) {
                of_place.push(receiver);
            }
        }
        Ok(receivers)
    }

    pub(super) fn messages_of(
        &mut self,
        account: AccountKey,
        ids: &[&str],
    ) -> Stored<Vec<Option<MessageRow>>> {
        let of: Vec<_> = ids.iter().map(|id| (account, *id)).collect();
        let known = |one: &(AccountKey, &str)| self.ahead.messages.get(&owned(one)).cloned();
        match of.iter().map(known).collect() {
            Some(known) => Ok(known),
            None => self.read_messages(&of),
        }
    }

    pub(super) fn is_network_id_known(&mut self, account: AccountKey, id: &str) -> Stored<bool> {
        if let Some(is_known) = self.ahead.network_ids.get(&(account, id.to_owned())) {
            return Ok(*is_known);
        }
        Ok(self.read_network_ids(&[(account, id)])?.pop().unwrap_or_default())
    }

    fn read_messages(&mut self, of: &[(AccountKey, &str)]) -> Stored<Vec<Option<MessageRow>>> {
        if of.is_empty() {
            return Ok(Vec::new());
        }
        let (accounts, ids): (Vec<_>, Vec<_>) = of.iter().map(|(key, id)| (key.0, *id)).unzip();
        let found = self.session.query(sql::MESSAGES, &[&accounts, &texts(&ids)])?;
        rows::by_place(&found, of.len(), rows::message)
    }

    fn read_network_ids(&mut self, of: &[(AccountKey, &str)]) -> Stored<Vec<bool>> {
        if of.is_empty() {
            return Ok(Vec::new());
        }
        let (accounts, ids): (Vec<_>, Vec<_>) = of.iter().map(|(key, id)| (key.0, *id)).unzip();
        let found = self.session.query(sql::NETWORK_IDS, &[&accounts, &texts(&ids)])?;
        let known = rows::by_place(&found, of.len(), |c| c.get::<bool>())?;
        Ok(known.into_iter().map(Option::unwrap_or_default).collect())
    }
}
