//! Accepted events, packed, in the order read: kept aside in case they must be put in order.
//!
//! 16 bytes an event; in memory while few, then in a file without a name that the system removes.

use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};

use tempfile::SpooledTempFile;
use tierwise::{Action, Catalog, Event, Instant, TierIndex};

use crate::accounts::AccountNumber;

/// Spools up to this size stay in memory, in bytes.
const MAX_IN_MEMORY_BYTES: usize = 1 << 22;
const PACKED_BYTES: usize = 16;

/// A queue of packed events.
pub(crate) struct Spool {
    file: BufWriter<SpooledTempFile>,
}

impl Spool {
    pub(crate) fn new() -> Self {
        Spool { file: BufWriter::with_capacity(1 << 16, SpooledTempFile::new(MAX_IN_MEMORY_BYTES)) }
    }

    /// Appends an event. Errors are those of the temporary file.
    #[inline]
    pub(crate) fn push(&mut self, account: AccountNumber, event: Event) -> io::Result<()> {
        let (verb, tier) = match event.action {
            Action::Create(tier) => (0, Some(tier)),
            Action::Change(tier) => (1, Some(tier)),
            Action::Archive => (2, None),
            Action::Delete => (3, None),
        };
        // INVARIANT: tiers are numbered in a byte; another number would be refused by `replay`.
        let tier = u8::try_from(tier.map_or(0, TierIndex::get)).unwrap_or(u8::MAX);
        let mut packed = [0; PACKED_BYTES];
        packed[..8].copy_from_slice(&event.at.unix_ms().to_le_bytes());
        packed[8..12].copy_from_slice(&account.0.to_le_bytes());
        packed[12] = verb;
        packed[13] = tier;
        self.file.write_all(&packed)
    }

    /// Gives every event back, in order.
    pub(crate) fn replay(
        self,
        catalog: &Catalog,
        take: &mut dyn FnMut(AccountNumber, Event),
    ) -> io::Result<()> {
        let mut file = self.file.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.seek(SeekFrom::Start(0))?;
        let mut file = BufReader::with_capacity(1 << 16, file);
        let mut packed = [0; PACKED_BYTES];
        loop {
            match file.read_exact(&mut packed) {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(()),
                Err(error) => return Err(error),
            }
            let [a, b, c, d, e, f, g, h, i, j, k, l, verb, tier, ..] = packed;
            let at = i64::from_le_bytes([a, b, c, d, e, f, g, h]);
            let account = AccountNumber(u32::from_le_bytes([i, j, k, l]));
            let at = Instant::from_unix_ms(at).map_err(io::Error::other)?;
            let tier = catalog
                .tiers()
                .get(usize::from(tier))
                .map(tierwise::Tier::index)
                .ok_or_else(|| io::Error::other("the temporary file was changed"))?;
            let action = match verb {
                0 => Action::Create(tier),
                1 => Action::Change(tier),
                2 => Action::Archive,
                _ => Action::Delete,
            };
            take(account, Event { at, action });
        }
    }
}
