//! Account-days of one account (section 5), and events in requests.

use alloc::{string::String, vec::Vec};

use tierwise::{Action, Catalog, Code, Day, Error, Event, Instant, Result, Verb};

use super::pricing::find_tier;
use crate::{
    catalog::LoadedCatalog,
    document::Document,
    fields::{Fields, Read, misplaced_key, missing_key},
    writer::{Answer, ObjectWriter, written},
};

struct AccountDaysAnswer<'a> {
    days: Vec<(&'a str, u64)>,
}

impl Answer for AccountDaysAnswer<'_> {
    fn write(&self, to: &mut ObjectWriter<'_>) {
        to.numbers("days", &self.days);
    }
}

pub(super) fn account_days(loaded: &LoadedCatalog, request: &Document) -> Result<String> {
    let mut fields = Fields::of(request, &["from", "to", "events", "as_of"]);
    let (from, to): (Day, Day) = (fields.required("from"), fields.required("to"));
    let events: Vec<EventRequest> = fields.required("events");
    let as_of = fields.optional("as_of");
    fields.done()?;
    if from > to {
        let message = format_args!("`from` {from} lies after `to` {to}");
        return Err(Error::new(Code::DateOrder, message).under("from"));
    }
    let catalog = loaded.catalog();
    let in_events = |error: Error| error.under("events");
    let events = read_events(catalog, &events).map_err(in_events)?;
    let days = tierwise::account_days(catalog, &events, from, to, as_of).map_err(in_events)?;
    Ok(written(&AccountDaysAnswer { days: by_tier(catalog, &days) }))
}

/// Numbers by tier id, ids rising, tiers without any left out.
pub(super) fn by_tier<'a>(catalog: &'a Catalog, numbers: &[u64]) -> Vec<(&'a str, u64)> {
    let mut named: Vec<(&str, u64)> = Vec::new();
    for (tier, number) in catalog.tiers().iter().zip(numbers).filter(|(_, number)| **number > 0) {
        // Few tiers: each goes to its place.
        let place = named.partition_point(|(id, _)| *id < tier.id());
        named.insert(place, (tier.id(), *number));
    }
    named
}

/// An event of an account as a request writes it.
pub(super) struct EventRequest {
    at: Instant,
    verb: Verb,
    tier: Option<String>,
}

impl Read for EventRequest {
    fn read(document: &Document) -> Result<Self> {
        let mut fields = Fields::of(document, &["at", "do", "tier"]);
        let (at, verb) = (fields.required("at"), fields.required_word("do"));
        let tier: Option<String> = fields.optional("tier");
        match (&tier, matches!(verb, Verb::Create | Verb::Tier)) {
            (None, true) => fields.refuse(missing_key("tier")),
            (Some(_), false) => {
                fields.refuse(misplaced_key("tier", &"an event that ends an account"));
            }
            _ => {}
        }
        fields.made(EventRequest { at, verb, tier })
    }
}

/// The events with their tiers looked up. Errors: `unknown_tier`, below the event's number.
pub(super) fn read_events(catalog: &Catalog, events: &[EventRequest]) -> Result<Vec<Event>> {
    let mut found = Vec::with_capacity(events.len());
    for (i, event) in events.iter().enumerate() {
        let tier = || {
            let id = event.tier.as_deref().unwrap_or_default();
            let tier = find_tier(catalog, "tier", id).map_err(|error| error.under(i))?;
            Ok::<_, Error>(tier.index())
        };
        let action = match event.verb {
            Verb::Create => Action::Create(tier()?),
            Verb::Tier => Action::Change(tier()?),
            Verb::Archive => Action::Archive,
            Verb::Delete => Action::Delete,
        };
        found.push(Event { at: event.at, action });
    }
    Ok(found)
}
