"""One request to the service: its token, its time-out, and when it is repeated."""

from __future__ import annotations

import json
import ssl
import time
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any, Generic, TypeVar
from urllib.parse import urlsplit

from ._errors import ServiceError, refusal_of
from ._repeats import Outcome, backoff, retry_after

NOTHING_CHANGED = frozenset({429, 503})
"""Statuses that are answered before anything was changed."""
NO_ANSWER = frozenset({502, 504})
"""Statuses by which a proxy says that the service gave it no answer."""
MOST_IDLE = 8
"""How many connections a client keeps for later."""


_Answer = TypeVar("_Answer")


@dataclass(frozen=True)
class Request(Generic[_Answer]):
    """A request as an operation describes it, by the type of what it is answered."""

    method: str
    path: str
    """From the origin on, with its query."""
    body: object = None
    headers: Mapping[str, str] = field(default_factory=dict)
    is_open: bool = False
    """No token is sent."""
    find_out: str | None = None
    """For a request that must not be repeated while nobody knows whether it was carried out: how to
    find that out. Without it, doing it twice is as good as once."""
    names: Mapping[str, object] = field(default_factory=dict)
    """Names that it has, by which a repeat of the caller's own is done once, too."""
    is_removal: bool = False
    """It removes something: that this is gone at a repeat is what was asked for."""


class Connection:
    """The way to one service, with its manners."""

    def __init__(
        self,
        origin: str,
        *,
        timeout: float,
        retries: int,
        pause: float,
        context: ssl.SSLContext | None,
        tokens: Callable[[str | None], str] | None = None,
        most_idle: int = 0,
    ) -> None:
        """Nothing is asked yet."""
        parts = urlsplit(origin)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username:
            raise ValueError(f"`{origin}` is no origin of a service")
        self.origin = origin.rstrip("/")
        self._host, self._port = parts.hostname, parts.port
        self._prefix = parts.path.rstrip("/")
        self._is_secure = parts.scheme == "https"
        self._context = context
        self._timeout, self._retries, self._pause = timeout, retries, pause
        self._tokens = tokens
        self._most_idle = most_idle
        # Its two ends are safe to use from many threads.
        self._idle: deque[HTTPConnection] = deque()

    def ask(self, request: Request[_Answer]) -> _Answer:
        """The body of the answer, as JSON; `None` where it has none."""
        answer: _Answer = self._answer(request)
        return answer

    def _answer(self, request: Request[Any]) -> Any:
        token = self._token(request, None)
        is_renewed = may_be_done = False
        repeats = 0
        while True:
            outcome = self._attempt(request, token)
            status = outcome.status
            if outcome.is_stale:
                # Nobody's fault, and there are few of them: at once, on the next.
                may_be_done = True
                continue
            if outcome.is_answer and 200 <= status < 300:
                return outcome.body
            # A removal whose answer was lost: that there is nothing any more is its success.
            if status == 404 and request.is_removal and may_be_done:
                return {"success": True}
            if status == 401 and token is not None and not is_renewed:
                is_renewed = True
                spent, token = token, self._token(request, token)
                if token != spent:
                    continue
            is_unknown = outcome.was_sent if status == 0 else status in NO_ANSWER
            may_be_done = may_be_done or is_unknown
            wait = self._wait(request, outcome, is_unknown, repeats)
            if wait is None:
                raise _failure(request, outcome, is_unknown) from outcome.cause
            repeats += 1
            time.sleep(wait)

    def close(self) -> None:
        """Closes the connections that are kept for later."""
        while connection := self._kept():
            connection.close()

    def _wait(
        self, request: Request[Any], outcome: Outcome, is_unknown: bool, repeats: int
    ) -> float | None:
        """How long to wait before a repeat; none if there must be no repeat."""
        if is_unknown:
            may_repeat = request.find_out is None
        else:
            may_repeat = outcome.status == 0 or outcome.status in NOTHING_CHANGED
        if not may_repeat or repeats >= self._retries:
            return None
        return retry_after(outcome.retry_after, backoff(self._pause, repeats))

    def _token(self, request: Request[Any], spent: str | None) -> str | None:
        if request.is_open:
            return None
        if self._tokens is None:
            raise ValueError("this needs `refresh_token` and `team_id`, or `token`, of the client")
        return self._tokens(spent)

    def _attempt(self, request: Request[Any], token: str | None) -> Outcome:
        headers = {"accept": "application/json", **request.headers}
        if token is not None:
            headers["authorization"] = f"Bearer {token}"
        body = None
        if request.body is not None:
            headers["content-type"] = "application/json"
            body = json.dumps(request.body, ensure_ascii=False, allow_nan=False).encode()
        # One that was kept may have been closed at the other end by now, which is only found out by
        # using it: what must not be repeated takes a new one.
        kept = self._kept() if request.find_out is None else None
        connection = kept or self._new()
        try:
            if kept is None:
                connection.connect()
        except OSError as error:
            connection.close()
            return Outcome(status=0, is_answer=False, cause=error, was_sent=False)
        try:
            return self._over(connection, request, headers, body)
        except (OSError, HTTPException) as error:
            is_stale = kept is not None and not isinstance(error, TimeoutError)
            return Outcome(status=0, is_answer=False, cause=error, is_stale=is_stale)

    def _kept(self) -> HTTPConnection | None:
        try:
            return self._idle.pop()
        except IndexError:
            return None

    def _new(self) -> HTTPConnection:
        if self._is_secure:
            return HTTPSConnection(
                self._host, self._port, timeout=self._timeout, context=self._context
            )
        return HTTPConnection(self._host, self._port, timeout=self._timeout)

    def _over(
        self,
        connection: HTTPConnection,
        request: Request[Any],
        headers: Mapping[str, str],
        body: bytes | None,
    ) -> Outcome:
        is_whole = was_taken = False
        try:
            # Whoever refuses a request need not read its body: the answer may be there already when
            # writing fails.
            with suppress(BrokenPipeError, ConnectionResetError):
                connection.request(request.method, self._prefix + request.path, body, dict(headers))
                was_taken = True
            response = connection.getresponse()
            text = response.read()
            is_whole = was_taken and not response.will_close
        finally:
            if is_whole and len(self._idle) < self._most_idle:
                self._idle.append(connection)
            else:
                connection.close()
        later = response.headers.get("retry-after")
        if response.status == 204:
            return Outcome(status=204, is_answer=True, retry_after=later)
        try:
            answer = json.loads(text)
        except ValueError:
            return Outcome(status=response.status, is_answer=False, retry_after=later)
        return Outcome(status=response.status, is_answer=True, body=answer, retry_after=later)


def _failure(request: Request[Any], outcome: Outcome, is_unknown: bool) -> ServiceError:
    place = f"{request.method} {request.path.partition('?')[0]}"
    if not is_unknown and outcome.status != 0:
        return refusal_of(outcome.status, outcome.body, place)
    why = f": {outcome.cause}" if outcome.cause is not None else ""
    if not is_unknown or request.find_out is None:
        data = {**request.names, "code": "no_answer"}
        return ServiceError(outcome.status, data, f"{place} got no answer{why}")
    return ServiceError(
        outcome.status,
        {"code": "outcome_unknown", "findOut": request.find_out},
        f"{place} was sent and got no answer, so it may have been done or not{why}; "
        f"{request.find_out}",
    )


class Operations:
    """A group of operations. All of them raise `ServiceError`."""

    def __init__(self, connection: Connection) -> None:
        """Clients have one."""
        self._connection = connection
