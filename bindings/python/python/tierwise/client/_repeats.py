"""Repeats: what an attempt came to, and how long to wait before the next."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime

MOST_WAIT_SECONDS = 60.0
"""The longest that a service may ask to wait: beyond it, the caller decides."""


@dataclass(frozen=True)
class Outcome:
    """What an attempt came to."""

    status: int
    """0: no answer."""
    is_answer: bool
    """Whether what came back has the form of an answer of the service."""
    body: object = None
    retry_after: str | None = None
    cause: BaseException | None = None
    """Why there is no answer."""
    was_sent: bool = True
    """False: it is certain that the request never left."""
    is_stale: bool = False
    """The connection was one kept from before, and may have been closed at the other end since."""


def backoff(first: float, repeats: int) -> float:
    """A pause that doubles each time, of which a half is up to chance: so clients do not march."""
    return first * 2.0**repeats * (0.5 + random.random() / 2)


def retry_after(header: str | None, own: float) -> float | None:
    """The pause that the service asks for, and something on top; none if that is too long."""
    if not header:
        return own
    if header.isascii() and header.isdigit():
        asked = float(header)
    else:
        try:
            until = parsedate_to_datetime(header)
        except ValueError:
            return own
        # Such a date without a zone means UTC.
        until = until if until.tzinfo else until.replace(tzinfo=timezone.utc)
        asked = (until - datetime.now(timezone.utc)).total_seconds()
    return None if asked > MOST_WAIT_SECONDS else max(asked, 0.0) + own
