//! Account-days of one account (section 5), and events in requests.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};
use tierwise::{Action, Catalog, Code, Day, Error, Event, Instant, Result, Tier};

use super::write;
use crate::{
    catalog::LoadedCatalog,
    document::{Document, Refused, coded},
    fields::{Parsed, Text, optional},
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
struct AccountDaysRequest {
    from: Parsed<Day>,
    to: Parsed<Day>,
    events: Vec<EventRequest>,
    #[serde(default, deserialize_with = "optional")]
    as_of: Option<Parsed<Instant>>,
}

#[derive(Serialize)]
struct AccountDaysAnswer<'a> {
    days: BTreeMap<&'a str, u64>,
}

pub(super) fn account_days(loaded: &LoadedCatalog, request: &Document) -> Result<String> {
    let request: AccountDaysRequest = request.typed()?;
    let catalog = loaded.catalog();
    let (from, to) = (request.from.0, request.to.0);
    if from > to {
        let message = format!("`from` {from} lies after `to` {to}");
        return Err(Error::new(Code::DateOrder, message).at("/from"));
    }
    let events = read_events(catalog, &request.events).map_err(|error| error.at("/events"))?;
    let as_of = request.as_of.map(|as_of| as_of.0);
    let days = tierwise::account_days(catalog, &events, from, to, as_of)
        .map_err(|error| error.at("/events"))?;
    write(&AccountDaysAnswer { days: by_tier(catalog, &days) })
}

/// Numbers by tier id, tiers without any left out.
pub(super) fn by_tier<'a>(catalog: &'a Catalog, numbers: &[u64]) -> BTreeMap<&'a str, u64> {
    let tiers = catalog.tiers().iter().map(Tier::id);
    tiers.zip(numbers.iter().copied()).filter(|(_, number)| *number > 0).collect()
}

/// An event of an account as a request writes it.
#[derive(Deserialize)]
#[serde(try_from = "EventFields")]
pub(super) struct EventRequest {
    at: Instant,
    what: What,
}

enum What {
    Create(String),
    Change(String),
    Archive,
    Delete,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
struct EventFields {
    at: Parsed<Instant>,
    r#do: Verb,
    #[serde(default, deserialize_with = "optional")]
    tier: Option<Text>,
}

#[derive(Clone, Copy)]
enum Verb {
    Create,
    Tier,
    Archive,
    Delete,
}

const VERBS: [(&str, Verb); 4] = [
    ("create", Verb::Create),
    ("tier", Verb::Tier),
    ("archive", Verb::Archive),
    ("delete", Verb::Delete),
];

impl<'de> Deserialize<'de> for Verb {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let word = Text::deserialize(deserializer)?.0;
        VERBS.iter().find(|(known, _)| *known == word).map(|(_, verb)| *verb).ok_or_else(|| {
            let message = format!("`{word}` is not what an account does");
            let known = VERBS.iter().map(|(known, _)| *known);
            coded(&Error::new(Code::UnknownValue, message).with_nearest(&word, known))
        })
    }
}

impl TryFrom<EventFields> for EventRequest {
    type Error = Refused;

    fn try_from(fields: EventFields) -> std::result::Result<Self, Refused> {
        let missing = || {
            let message = "the key `tier` is missing: the event puts the account on one";
            Error::new(Code::MissingKey, message).under("tier")
        };
        let needs_tier = matches!(fields.r#do, Verb::Create | Verb::Tier);
        if fields.tier.is_some() && !needs_tier {
            let message = "`tier` is not a key of an event that ends an account";
            return Err(Error::new(Code::UnknownKey, message).under("tier").into());
        }
        let tier = fields.tier.map(|tier| tier.0);
        let what = match fields.r#do {
            Verb::Create => What::Create(tier.ok_or_else(missing)?),
            Verb::Tier => What::Change(tier.ok_or_else(missing)?),
            Verb::Archive => What::Archive,
            Verb::Delete => What::Delete,
        };
        Ok(EventRequest { at: fields.at.0, what })
    }
}

/// The events with their tiers looked up. Errors: `unknown_tier`, below the event's number.
pub(super) fn read_events(catalog: &Catalog, events: &[EventRequest]) -> Result<Vec<Event>> {
    let read = |(i, event): (usize, &EventRequest)| {
        let tier = |id: &str| {
            let tier = catalog.tier(id).map_err(|error| error.under("tier").under(i))?;
            Ok::<_, Error>(tier.index())
        };
        let action = match &event.what {
            What::Create(id) => Action::Create(tier(id)?),
            What::Change(id) => Action::Change(tier(id)?),
            What::Archive => Action::Archive,
            What::Delete => Action::Delete,
        };
        Ok(Event { at: event.at, action })
    };
    events.iter().enumerate().map(read).collect()
}
