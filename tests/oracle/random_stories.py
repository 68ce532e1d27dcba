"""Makes random stories of accounts: events biased to midnight, month edges and leap days."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from random import Random
from typing import Any

from .catalog import Catalog
from .moments import DAY_MS, MINUTE_MS

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_PERIODS = (
    (2026, 4), (2026, 3), (2024, 2), (2025, 2), (2000, 2), (2100, 2), (2023, 12), (2024, 1),
    (2028, 2), (1970, 3), (2199, 10), (1999, 12), (2026, 10),
)
# Milliseconds into a day: edges, and the odd hour.
_TIMES = (0, 0, 0, 1, DAY_MS - 1, DAY_MS - 1000, DAY_MS // 2, 9 * 60 * MINUTE_MS)


def random_period(random: Random, catalog: Catalog) -> tuple[str, int, int]:
    """A period's name, first day and last day."""
    year, month = random.choice(_PERIODS)
    if random.random() < 0.2:
        year, month = random.randint(1971, 2198), random.randint(1, 12)
    name = f"{year:04}-{month:02}"
    return name, *catalog.calendar.read_period(name, "")


def time_text(random: Random, moment: int) -> str:
    """RFC 3339, at one of several distances from UTC."""
    away = random.choice((None, None, None, 0, 60, -210, 840, -720, 345))
    local = _EPOCH + timedelta(milliseconds=moment + (away or 0) * MINUTE_MS)
    text = local.strftime("%Y-%m-%dT%H:%M:%S").rjust(19, "0")
    if moment % 1000 or random.random() < 0.05:
        text += f".{moment % 1000:03}" + random.choice(("", "", "9", "999999"))
    if away is None:
        return text + "Z"
    sign = "-" if away < 0 else "+"
    return f"{text}{sign}{abs(away) // 60:02}:{abs(away) % 60:02}"


def _random_moment(random: Random, catalog: Catalog, first: int, last: int) -> int:
    """Mostly inside the days, often at their edges."""
    day = random.choice((
        first, last, last + 1, first - 1, random.randint(first, last),
        random.randint(first, last), random.randint(first - 40, last + 3),
    ))
    within = random.choice((*_TIMES, random.randrange(DAY_MS)))
    start = day * DAY_MS if random.random() < 0.1 else catalog.calendar.start_of(day)
    return start + within


def _moments(random: Random, catalog: Catalog, first: int, last: int, count: int) -> list[int]:
    moments: list[int] = []
    for _ in range(count):
        moment = _random_moment(random, catalog, first, last)
        if moments and random.random() < 0.45:
            near = random.choice(moments)
            day_start = catalog.calendar.start_of(catalog.calendar.day_of(near))
            moment = random.choice((near, day_start + random.choice(_TIMES)))
        moments.append(moment)
    return sorted(moments)


def random_story(
    random: Random, catalog: Catalog, first: int, last: int, moment: int | None = None
) -> list[dict[str, Any]]:
    """The events of one account; `moment` is when it is created, if that is settled."""
    count = random.choice((0, 1, 2, 2, 3, 3, 4, 5, 6))
    moments = _moments(random, catalog, first, last, count)
    if moment is not None:
        day = catalog.calendar.day_of(moment)
        later = _moments(random, catalog, day, max(day, last), count)
        moments = [moment, *(at for at in later if at >= moment)]
    events: list[dict[str, Any]] = []
    tier: str | None = None
    archived = False
    for at in moments:
        others = [other.id for other in catalog.tiers if other.id != tier]
        ending = random.random() < 0.3 or not others
        event: dict[str, Any] = {"at": time_text(random, at), "do": "create"}
        if tier is not None:
            event["do"] = "tier"
            if archived or ending:
                event["do"] = "delete" if archived else random.choice(("archive", "delete"))
        if event["do"] in ("create", "tier"):
            tier = event["tier"] = random.choice(others)
        events.append(event)
        archived = archived or event["do"] == "archive"
        if event["do"] == "delete":
            break
    return events


def random_groups(
    random: Random, catalog: Catalog, first: int, last: int
) -> list[dict[str, Any]]:
    """Groups, often created at the same moment; few accounts, now and then very many."""
    shared = _random_moment(random, catalog, first, last)
    small = random.random() < 0.6
    groups: list[dict[str, Any]] = []
    for _ in range(random.choice((1, 2, 2, 3, 4))):
        inside = catalog.calendar.start_of(random.randint(first, last)) + random.choice(_TIMES)
        moment = random.choice((shared, shared, inside, inside, None))
        count = random.randint(1, 2)
        if not small:
            count = random.choice((1, 5, 40, 101, 1000, random.randrange(1, 10**6)))
        events = random_story(random, catalog, first, last, moment)
        groups.append({"count": count, "events": events})
    return groups


def as_of_text(
    random: Random, catalog: Catalog, first: int, last: int, stories: list[list[dict[str, Any]]]
) -> str:
    """A moment, often that of an event."""
    written = [event["at"] for story in stories for event in story]
    if written and random.random() < 0.4:
        return random.choice(written)
    return time_text(random, _random_moment(random, catalog, first, last))
