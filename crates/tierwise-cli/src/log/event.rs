//! From what a line says to an event of an account.

use tierwise::{Action, Catalog, Code, Error, Event, Instant, TierIndex, Verb, Word};

use super::record::Record;

/// The team of records that name none.
const DEFAULT_TEAM: &str = "default";

/// Which account of a log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct AccountName<'a> {
    pub(crate) team: &'a str,
    pub(crate) account: &'a str,
}

/// An event, and the account that it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NamedEvent<'a> {
    pub(crate) name: AccountName<'a>,
    pub(crate) event: Event,
}

impl<'a> NamedEvent<'a> {
    /// Reads a record. Errors: those of the event, `bad_id`.
    #[inline]
    pub(super) fn of(catalog: &Catalog, record: &Record<'a>) -> Result<Self, Error> {
        let event = event(catalog, record)?;
        if record.account.is_empty() {
            return Err(Error::new(Code::BadId, "the account has no name")
                .with_help("write its name in the column or key `account`")
                .under("account"));
        }
        for (key, name) in [("team", record.team), ("account", record.account)] {
            if name.trim() != name {
                let message = format!("`{name}` begins or ends with white space");
                return Err(Error::new(Code::BadId, message)
                    .with_help("remove it: with it, this would be another one")
                    .under(key));
            }
        }
        let team = if record.team.is_empty() { DEFAULT_TEAM } else { record.team };
        Ok(NamedEvent { name: AccountName { team, account: record.account }, event })
    }
}

/// A record as an event. Errors: `bad_time`, `unknown_value`, `missing_key`, `unknown_key`,
/// `unknown_tier`.
#[inline]
fn event(catalog: &Catalog, record: &Record<'_>) -> Result<Event, Error> {
    let at = Instant::parse(record.at).map_err(|error| error.under("at"))?;
    let verb = Verb::from_word(record.r#do).map_err(|error| error.under("do"))?;
    let action = match verb {
        Verb::Create => Action::Create(tier(catalog, record)?),
        Verb::Tier => Action::Change(tier(catalog, record)?),
        Verb::Archive => no_tier(record, Action::Archive)?,
        Verb::Delete => no_tier(record, Action::Delete)?,
    };
    Ok(Event { at, action })
}

#[inline]
fn tier(catalog: &Catalog, record: &Record<'_>) -> Result<TierIndex, Error> {
    if record.tier.is_empty() {
        let message = format!("`{}` puts the account on a tier, but names none", record.r#do);
        let help = "write the tier's id in the column or key `tier`";
        return Err(Error::new(Code::MissingKey, message).with_help(help).under("tier"));
    }
    Ok(catalog.tier(record.tier).map_err(|error| error.under("tier"))?.index())
}

#[inline]
fn no_tier(record: &Record<'_>, action: Action) -> Result<Action, Error> {
    if record.tier.is_empty() {
        return Ok(action);
    }
    let message = format!("`{}` ends an account and names no tier", record.r#do);
    let help = "leave `tier` empty";
    Err(Error::new(Code::UnknownKey, message).with_help(help).under("tier"))
}
