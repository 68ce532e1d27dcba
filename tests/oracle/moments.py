"""G1: moments, days at a fixed distance from UTC, and the periods that days make up."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

from .reading import Refusal, read_text

MINUTE_MS = 60_000
DAY_MS = 24 * 60 * MINUTE_MS
_EPOCH = date(1970, 1, 1).toordinal()

_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_PERIOD = re.compile(r"([0-9]{4})-([0-9]{2})")
_TIME = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,9}))?"
    r"(?:Z|([+-])([0-9]{2}):([0-9]{2}))"
)


def day_number(year: int, month: int, day: int) -> int:
    """Days since 1 January 1970; ValueError for a day that is none."""
    return date(year, month, day).toordinal() - _EPOCH


def date_text(day: int) -> str:
    return date.fromordinal(day + _EPOCH).isoformat()


def _checked_date(text: str) -> int | None:
    parts = _DATE.fullmatch(text)
    if parts is None or not 1970 <= int(parts.group(1)) <= 2199:
        return None
    try:
        return day_number(*(int(part) for part in parts.groups()))
    except ValueError:
        return None


def read_date(value: Any, path: str) -> int:
    day = _checked_date(read_text(value, path))
    if day is None:
        raise Refusal("bad_date", path)
    return day


def read_time(value: Any, path: str) -> int:
    """Milliseconds since 1970 UTC; finer decimals are cut off."""
    parts = _TIME.fullmatch(read_text(value, path))
    day = None if parts is None else _checked_date(parts.group(1))
    if parts is None or day is None:
        raise Refusal("bad_time", path)
    hour, minute, second = (int(parts.group(place)) for place in (2, 3, 4))
    away_hours, away_minutes = int(parts.group(7) or 0), int(parts.group(8) or 0)
    if hour > 23 or minute > 59 or second > 59 or away_hours > 23 or away_minutes > 59:
        raise Refusal("bad_time", path)
    millisecond = int((parts.group(5) or "").ljust(3, "0")[:3])
    away = (away_hours * 60 + away_minutes) * MINUTE_MS
    local = day * DAY_MS + (hour * 60 + minute) * MINUTE_MS + second * 1000 + millisecond
    return local + away if parts.group(6) == "-" else local - away


@dataclass(frozen=True)
class Calendar:
    """The period rules of a catalog."""

    kind: str = "calendar_month"
    utc_offset_minutes: int = 0
    anchor_day: int | None = None

    def day_of(self, moment: int) -> int:
        """G1: a moment exactly at midnight belongs to the day that begins."""
        return (moment + self.utc_offset_minutes * MINUTE_MS) // DAY_MS

    def start_of(self, day: int) -> int:
        return day * DAY_MS - self.utc_offset_minutes * MINUTE_MS

    def read_period(self, value: Any, path: str) -> tuple[int, int]:
        """The first and the last day of the period `YYYY-MM`."""
        parts = _PERIOD.fullmatch(read_text(value, path))
        if parts is None:
            raise Refusal("bad_period", path)
        year, month = int(parts.group(1)), int(parts.group(2))
        if not 1970 <= year <= 2199 or not 1 <= month <= 12:
            raise Refusal("bad_period", path)
        # G1: an anchored period is named after the month in which it starts.
        first_day_of_month = self.anchor_day or 1
        next_year, next_month = (year + 1, 1) if month == 12 else (year, month + 1)
        first = day_number(year, month, first_day_of_month)
        return first, day_number(next_year, next_month, first_day_of_month) - 1
