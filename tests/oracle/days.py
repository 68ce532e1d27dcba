"""Account-days (A): reads an account's events and walks day by day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Iterable

from .catalog import Catalog
from .moments import read_time
from .reading import Refusal, join, read_list, read_object, read_word
from .tiers import Tier

ENDINGS = ("archive", "delete")


@dataclass(frozen=True)
class Event:
    """What happened to an account; `tier` is None for an ending."""

    at: int
    day: int
    at_midnight: bool
    do: str
    tier: Tier | None


def read_events(catalog: Catalog, value: Any, path: str) -> list[Event]:
    """The events of one account, each possible after those before it."""
    items = read_list(value, path)
    events = [_read_event(catalog, item, join(path, at)) for at, item in enumerate(items)]
    for place, event in enumerate(events):
        _check_possible(event, events[:place], join(path, place))
    return events


def _read_event(catalog: Catalog, value: Any, path: str) -> Event:
    read_object(value, path, ("at", "do"), ("tier",))
    at = read_time(value["at"], join(path, "at"))
    do = read_word(value["do"], join(path, "do"), ("create", "tier", *ENDINGS))
    tier = None
    if do in ENDINGS:
        if "tier" in value:
            raise Refusal("unknown_key", join(path, "tier"))
    elif "tier" not in value:
        raise Refusal("missing_key", join(path, "tier"))
    else:
        tier = catalog.read_tier(value["tier"], join(path, "tier"))
    day = catalog.calendar.day_of(at)
    return Event(at, day, at == catalog.calendar.start_of(day), do, tier)


def _check_possible(event: Event, before: list[Event], path: str) -> None:
    """FORMAT.md, Events: the six checks, in their order."""
    done = [earlier.do for earlier in before]
    if before and event.at < before[-1].at:
        raise Refusal("event_out_of_order", path)
    if "delete" in done:
        raise Refusal("event_after_end", path)
    if not before and event.do != "create":
        raise Refusal("event_before_creation", path)
    if before and event.do == "create":
        raise Refusal("already_created", path)
    if "archive" in done and event.do != "delete":
        raise Refusal("account_archived", path)
    if event.do == "tier" and event.tier is tier_after(before):
        raise Refusal("same_tier", path)


def tier_after(events: Iterable[Event]) -> Tier | None:
    """The tier of the account after these events; None if it is not active."""
    tier = None
    for event in events:
        tier = event.tier
    return tier


def tier_of_day(catalog: Catalog, events: list[Event], day: int) -> Tier | None:
    """A1, A2, A4: the tier that the day is counted for, None if it does not count."""
    tier = tier_after(event for event in events if event.day < day)
    today = [event for event in events if event.day == day]
    held: list[Tier] = []
    # A4, G1: a change exactly at midnight leaves no moment of the day to the tier before it.
    changed_at_midnight = (
        bool(today) and today[0].at_midnight and today[0].do not in ENDINGS
    )
    if tier is not None and not changed_at_midnight:
        held.append(tier)
    counts = False
    for event in today:
        if event.do == "create":
            counts = True  # A2: created during the day
        elif event.do == "tier":
            assert event.tier is not None and tier is not None
            if event.tier.rank > tier.rank:
                counts = True  # A2: moved to a higher tier during the day
        elif tier is not None and catalog.rules["endingDay"] == "included":
            counts = True  # X4
        if event.tier is not None:
            held.append(event.tier)
        tier = event.tier
    if tier is not None:
        counts = True  # A2: active when the day ends
    if not counts:
        return None
    return _tier_by_mixed_day(catalog, held)


def _tier_by_mixed_day(catalog: Catalog, held: list[Tier]) -> Tier:
    """A4: which of the tiers held on a day, in the order held, the day is counted for."""
    mixed_day = catalog.rules["mixedDay"]
    if mixed_day == "first":
        return held[0]
    if mixed_day == "last":
        return held[-1]
    return max(held, key=lambda tier: tier.rank)


def happened_by(events: list[Event], as_of: int | None) -> list[Event]:
    """A5: events after `as_of` have not happened yet."""
    return [event for event in events if as_of is None or event.at <= as_of]


def last_day_by(catalog: Catalog, last: int, as_of: int | None) -> int:
    """A5: the day of `as_of` counts, later ones do not."""
    return last if as_of is None else min(last, catalog.calendar.day_of(as_of))


def account_days(
    catalog: Catalog, events: list[Event], first: int, last: int
) -> dict[str, int]:
    """Tier → days from `first` to `last`, both included; tiers without any left out."""
    days: dict[str, int] = {}
    for day in range(first, last + 1):
        tier = tier_of_day(catalog, events, day)
        if tier is not None:
            days[tier.id] = days.get(tier.id, 0) + 1
    return days
