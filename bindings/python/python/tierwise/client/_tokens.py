"""Access tokens: traded for a refresh token, used until two minutes before their end."""

from __future__ import annotations

import base64
import json
import math
import ssl
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from ._address import given
from ._connection import Connection, Request
from .types import Scope

TokenSource: TypeAlias = Callable[["str | None"], str]
"""Gives an access token. What it is given is a token that the service did not take any more, or
`None`: a source that can gives another one for it."""

EARLY_SECONDS = 120.0
"""How long before its end a token counts as spent."""


def token_source(
    origin: str,
    *,
    refresh_token: str,
    team_id: str,
    scopes: Sequence[Scope] | None = None,
    metadata: Mapping[str, str] | None = None,
    timeout: float = 30.0,
    retries: int = 3,
    pause: float = 0.5,
    context: ssl.SSLContext | None = None,
) -> TokenSource:
    """A source that trades a refresh token, for one client or for several.

    However many threads wait, there is one trade at a time.
    """
    connection = Connection(origin, timeout=timeout, retries=retries, pause=pause, context=context)
    body = given(refreshToken=refresh_token, teamId=team_id, scopes=scopes, metadata=metadata)
    request = Request[dict[str, str]]("POST", "/auth/token", body, is_open=True)
    lock = threading.Lock()
    current: tuple[str, float] | None = None

    def token(spent: str | None) -> str:
        nonlocal current
        with lock:
            if current is not None and current[0] != spent and time.time() < current[1]:
                return current[0]
            text = connection.ask(request)["access_token"]
            current = (text, time.time() + _life(text) - EARLY_SECONDS)
            return text

    return token


def _life(token: str) -> float:
    """How long a new token lasts, in seconds.

    By its own two times: the clock here may be another than that of the service. One that cannot
    be read lasts until the service refuses it.
    """
    try:
        part = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
        return float(claims["exp"]) - float(claims["iat"])
    except (IndexError, KeyError, TypeError, ValueError):
        return math.inf
