//! Many events on their way from the thread that reads to the one that counts.

use tierwise::{Error, Event};

use super::{
    event::{AccountName, NamedEvent},
    lines::MAX_LINE_BYTES,
};

/// A batch is handed over with so many lines …
const FULL_LINES: usize = 2048;
/// … or so many bytes of names.
const FULL_BYTES: usize = 1 << 18;

/// A line of a log: what it says, or what is wrong with it.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) line: u64,
    /// Whether the file ends inside the line.
    pub(crate) is_unfinished: bool,
    event: Result<PackedEvent, Error>,
}

/// An event whose names stand one after the other in the batch.
#[derive(Clone, Copy, Debug)]
struct PackedEvent {
    start: u32,
    team_length: u32,
    account_length: u32,
    event: Event,
}

// A batch holds less than it is full with, and then the names of one line.
const _: () = assert!(FULL_BYTES + MAX_LINE_BYTES <= u32::MAX as usize);

/// Lines of one log.
#[derive(Debug)]
pub(crate) struct Batch {
    /// Which of the logs.
    pub(crate) source: usize,
    /// How much of the log was read for them, in bytes.
    pub(crate) bytes: u64,
    pub(crate) entries: Vec<Entry>,
    names: String,
}

impl Batch {
    pub(super) fn of(source: usize) -> Self {
        let entries = Vec::with_capacity(FULL_LINES);
        Batch { source, bytes: 0, entries, names: String::new() }
    }

    pub(super) fn is_full(&self) -> bool {
        self.entries.len() >= FULL_LINES || self.names.len() >= FULL_BYTES
    }

    #[inline]
    pub(super) fn add(
        &mut self,
        line: u64,
        is_unfinished: bool,
        event: Result<NamedEvent<'_>, Error>,
    ) {
        let event = event.map(|NamedEvent { name: AccountName { team, account }, event }| {
            let start = self.names.len();
            self.names.push_str(team);
            self.names.push_str(account);
            let [start, team_length, account_length] = [start, team.len(), account.len()]
                // INVARIANT: asserted above.
                .map(|length| u32::try_from(length).unwrap_or(u32::MAX));
            PackedEvent { start, team_length, account_length, event }
        });
        self.entries.push(Entry { line, is_unfinished, event });
    }

    /// What an entry of this batch says.
    #[inline]
    pub(crate) fn event(&self, entry: &Entry) -> Result<NamedEvent<'_>, Error> {
        let packed = entry.event.as_ref().map_err(Error::clone)?;
        Ok(NamedEvent { name: self.name(packed), event: packed.event })
    }

    /// The accounts that some entries of this batch are about; no name for a broken line.
    #[inline]
    pub(crate) fn names<const N: usize>(&self, entries: &[Entry]) -> [AccountName<'_>; N] {
        let mut names = [AccountName::default(); N];
        for (name, entry) in names.iter_mut().zip(entries) {
            *name = entry.event.as_ref().map(|packed| self.name(packed)).unwrap_or_default();
        }
        names
    }

    #[inline]
    fn name(&self, packed: &PackedEvent) -> AccountName<'_> {
        let start = packed.start as usize;
        let middle = start + packed.team_length as usize;
        let end = middle + packed.account_length as usize;
        let part = |from: usize, to: usize| self.names.get(from..to).unwrap_or_default();
        AccountName { team: part(start, middle), account: part(middle, end) }
    }
}
