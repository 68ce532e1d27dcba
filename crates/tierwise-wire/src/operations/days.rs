//! Account-days of one account (section 5), and events in requests.

use alloc::vec::Vec;

use tierwise::{Action, Catalog, Code, Day, Error, Event, Instant, Result, Verb};

use super::pricing::find_tier;
use crate::{
    catalog::LoadedCatalog,
    kinds::{ByTier, OneOf, TierId},
    read::{Fields, Take, Value, request},
    shape::{Described, Field, ObjectShape, Shape},
    write::answer,
};

request! {
    /// What one account did, and the days that are asked about.
    struct AccountDaysRequest<'a> = "AccountDaysRequest" {
        /// The first day.
        from: Day,
        /// The last day, included.
        to: Day,
        /// What the account did, in order of time.
        events: Vec<EventRequest<'a>>,
        /// The moment asked about: later events have not happened, its day counts so far (A5).
        as_of: Option<Instant>,
    }
}

/// Account-days by tier.
pub(super) struct AccountDaysAnswer<'c>(Vec<(&'c str, u64)>);

answer! {
    /// The account-days of one account.
    AccountDaysAnswer<'_> = "AccountDaysAnswer", |it| {
        /// How many it has of each tier, tiers without any left out.
        "days": ByTier<&[(&str, u64)]> = ByTier(&it.0),
    }
}

pub(super) fn account_days<'c>(
    loaded: &'c LoadedCatalog,
    request: AccountDaysRequest<'_>,
) -> Result<AccountDaysAnswer<'c>> {
    let AccountDaysRequest { from, to, events, as_of } = request;
    if from > to {
        let message = format_args!("`from` {from} lies after `to` {to}");
        return Err(Error::new(Code::DateOrder, message).under("from"));
    }
    let catalog = loaded.catalog();
    let in_events = |error: Error| error.under("events");
    let events = read_events(catalog, &events).map_err(in_events)?;
    let days = tierwise::account_days(catalog, &events, from, to, as_of).map_err(in_events)?;
    Ok(AccountDaysAnswer(by_tier(catalog, &days)))
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
pub(super) struct EventRequest<'a> {
    at: Instant,
    verb: Verb,
    tier: TierId<'a>,
}

impl Described for EventRequest<'_> {
    const SHAPE: Shape = Shape::Object(
        &ObjectShape::new(
            "AccountEvent",
            "Something that an account did.",
            &[
                Field::of::<Instant>("at", "When."),
                Field::of::<OneOf<Verb>>(
                    "do",
                    "What: it was created, changed its tier, was \
                    archived or deleted.",
                ),
                Field::of::<TierId<'_>>("tier", "The tier that it is on from then.")
                    .required_for(&["create", "tier"]),
            ],
        )
        .tagged("do"),
    );
}

impl<'a> Take<'a> for EventRequest<'a> {
    fn take(value: &Value<'a>) -> Self {
        let mut fields = Fields::of(value);
        EventRequest { at: fields.next(), verb: fields.next::<OneOf<_>>().0, tier: fields.next() }
    }
}

/// The events with their tiers looked up. Errors: `unknown_tier`, below the event's number.
pub(super) fn read_events(catalog: &Catalog, events: &[EventRequest<'_>]) -> Result<Vec<Event>> {
    let mut found = Vec::with_capacity(events.len());
    for (i, event) in events.iter().enumerate() {
        let tier = || {
            let tier = find_tier(catalog, "tier", event.tier).map_err(|error| error.under(i))?;
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
