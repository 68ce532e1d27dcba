"""The client of the service: what it asks, what it repeats, and what it does not."""

from __future__ import annotations

import json
import pickle
import re
import socket
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from typing import Any

import pytest
from loopback import Asked, Reply, access_token, client_of, closed_port, listening, refused
from tierwise.client import Client, ServiceError, token_source

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
Call = Callable[[Client], object]

SAFE: dict[str, Call] = {
    "get": lambda client: client.accounts.get("a"),
    "list": lambda client: client.accounts.list().page(),
    "create": lambda client: client.accounts.create(type="mock"),
    "report": lambda client: client.accounts.report("a", end="delete"),
    "change of a name": lambda client: client.accounts.change("a", nickname="b"),
    "open": lambda client: client.accounts.open("a"),
    "close": lambda client: client.accounts.close("a", logout=True),
    "send": lambda client: client.messages.send("a", "c", text="x"),
    "send to many": lambda client: client.messages.send_to_many("a", [{"chatId": "c"}]),
    "remove": lambda client: client.messages.remove("a", "c", "m"),
    "revoke": lambda client: client.auth.revoke("r"),
    "usage": lambda client: client.payments.usage(),
    "health": lambda client: client.health(),
}
"""Calls that may be repeated when nobody knows whether they were carried out."""

UNSAFE: dict[str, Call] = {
    "change of a tier": lambda client: client.accounts.change("a", tier="t"),
    "archive": lambda client: client.accounts.archive("a"),
    "delete": lambda client: client.accounts.delete("a"),
    "edit": lambda client: client.messages.edit("a", "c", "m", text="x"),
    "retry": lambda client: client.messages.retry("error"),
    "clear": lambda client: client.messages.clear("error"),
}
"""Calls that may not."""

calls = pytest.mark.parametrize("call", [*SAFE.values(), *UNSAFE.values()], ids=[*SAFE, *UNSAFE])
safe_calls = pytest.mark.parametrize("call", SAFE.values(), ids=SAFE)
unsafe_calls = pytest.mark.parametrize("call", UNSAFE.values(), ids=UNSAFE)


def well(_: int, asked: Asked) -> Reply:
    """What any call takes for its answer."""
    if "/retry" in asked.path:
        return Reply(body={"changed": 1, "removed": 1})
    return Reply(body=[{}] if asked.path.startswith("/im/messages") else {})


def failure(call: Callable[[], object]) -> ServiceError:
    """The error of a call."""
    with pytest.raises(ServiceError) as caught:
        call()
    return caught.value


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses of the client, which take no time here."""
    asked: list[float] = []
    monkeypatch.setattr("tierwise.client._connection.time.sleep", asked.append)
    monkeypatch.setattr("tierwise.client._repeats.random.random", lambda: 0.0)
    return asked


@calls
def test_429_and_503_are_repeated_three_times_at_most(call: Call) -> None:
    def busy_first(before: int, asked: Asked) -> Reply:
        return refused([429, 503, 503][before], "busy") if before < 3 else well(before, asked)

    with client_of(busy_first) as (client, server):
        call(client)
        assert len(server.asked) == 4
        assert all(asked == server.asked[0] for asked in server.asked)
    with client_of(lambda *_: refused(503, "internal")) as (client, server):
        error = failure(lambda: call(client))
        assert (error.status_code, error.code, len(server.asked)) == (503, "internal", 4)


@safe_calls
@pytest.mark.parametrize("fault", [None, Reply(502, "<html>"), Reply(504, "")])
def test_a_broken_connection_is_repeated_where_twice_is_as_good_as_once(
    call: Call, fault: Reply | None
) -> None:
    with client_of(lambda n, asked: well(n, asked) if n else fault) as (client, server):
        call(client)
        assert len(server.asked) == 2
        assert server.asked[0] == server.asked[1]


@safe_calls
def test_no_answer_after_all_repeats_is_an_error(call: Call) -> None:
    with client_of(lambda *_: None, retries=1) as (client, server):
        error = failure(lambda: call(client))
        assert (error.status_code, error.code, len(server.asked)) == (0, "no_answer", 2)


@unsafe_calls
@pytest.mark.parametrize(("fault", "status"), [(None, 0), (Reply(502, "<html>"), 502)])
def test_elsewhere_the_outcome_is_unknown(call: Call, fault: Reply | None, status: int) -> None:
    with client_of(lambda *_: fault) as (client, server):
        error = failure(lambda: call(client))
        assert (error.status_code, error.code) == (status, "outcome_unknown")
        assert error.message.endswith(error.data["findOut"])
        assert len(server.asked) == 1


@calls
def test_without_a_connection_nothing_was_sent(call: Call, pauses: list[float]) -> None:
    client = Client(f"http://127.0.0.1:{closed_port()}", token="given")
    error = failure(lambda: call(client))
    assert (error.status_code, error.code) == (0, "no_answer")
    assert isinstance(error.__cause__, ConnectionRefusedError)
    assert pauses == [0.25, 0.5, 1.0]


GONE = refused(404, "not_found")


def test_a_removal_is_done_if_nothing_is_there_after_its_answer_was_lost() -> None:
    with client_of(lambda n, _: GONE if n else None) as (client, _):
        client.messages.remove("a", "c", "m")


@pytest.mark.parametrize("first", [GONE, refused(429, "rate_limited")])
def test_a_removal_of_nothing_is_an_error(first: Reply) -> None:
    with client_of(lambda n, _: GONE if n else first) as (client, _):
        assert failure(lambda: client.messages.remove("a", "c", "m")).code == "not_found"


def test_a_kept_connection_that_was_closed_is_no_fault(pauses: list[float]) -> None:
    closing = Reply(body={})
    with client_of(lambda n, _: None if n == 1 else closing) as (client, server):
        client.accounts.get("a")
        client.accounts.get("a")
        assert (len(server.asked), server.connections, pauses) == (3, 2, [])
        # What must not be repeated never goes over one that was kept.
        client.accounts.delete("a")
        assert server.connections == 3


def test_silence_on_a_kept_connection_counts_as_an_attempt(pauses: list[float]) -> None:
    is_over = threading.Event()

    def silent(before: int, _: Asked) -> Reply | None:
        if before > 0:
            is_over.wait()
        return Reply() if before == 0 else None

    with client_of(silent, timeout=0.05, retries=1) as (client, server):
        client.accounts.get("a")
        assert failure(lambda: client.accounts.get("a")).code == "no_answer"
        assert (len(server.asked), len(pauses)) == (3, 1)
        is_over.set()


def test_a_removal_over_a_closed_connection_may_be_done() -> None:
    replies = [Reply(), None, refused(404, "not_found")]
    with client_of(lambda n, _: replies[n]) as (client, _):
        client.accounts.get("a")
        client.messages.remove("a", "c", "m")


def test_an_answer_that_breaks_off_is_none() -> None:
    half = b'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"a":'
    with client_of(lambda *_: half, retries=1) as (client, server):
        assert failure(lambda: client.accounts.get("a")).code == "no_answer"
        assert failure(lambda: client.accounts.delete("a")).code == "outcome_unknown"
        assert len(server.asked) == 3


def test_an_answer_that_comes_before_the_body_was_read_is_the_answer() -> None:
    body = json.dumps(refused(413, "too_large").body)
    answer = f"HTTP/1.1 413 x\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n{body}"
    with socket.create_server(("127.0.0.1", 0)) as server:

        def refuse() -> None:
            with server.accept()[0] as taken:
                taken.recv(1024)
                taken.sendall(answer.encode())

        (thread := threading.Thread(target=refuse)).start()
        with Client(f"http://127.0.0.1:{server.getsockname()[1]}", token="t", retries=0) as client:
            error = failure(lambda: client.messages.send("a", "c", text="x" * 20_000_000))
        thread.join()
    assert (error.status_code, error.code) == (413, "too_large")


def test_a_service_that_is_silent_too_long_gives_no_answer() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        origin = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with Client(origin, token="given", timeout=0.05, retries=1, pause=0.001) as client:
            error = failure(lambda: client.accounts.get("a"))
            assert error.code == "no_answer"
            assert isinstance(error.__cause__, TimeoutError)
            assert failure(lambda: client.accounts.archive("a")).code == "outcome_unknown"


def test_pauses_grow(pauses: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    with client_of(lambda *_: refused(503, "internal"), pause=0.5) as (client, _):
        failure(client.health)
        assert pauses == [0.25, 0.5, 1.0]
        pauses.clear()
        monkeypatch.setattr("tierwise.client._repeats.random.random", lambda: 0.5)
        failure(client.health)
        assert pauses == [0.375, 0.75, 1.5]


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7.25),
        ("0", 0.25),
        ("60", 60.25),
        ("61", None),
        ("soon", 0.25),
        (format_datetime(datetime(2020, 1, 1, tzinfo=timezone.utc)), 0.25),
        ("Wed, 01 Jan 2020 00:00:00 -0000", 0.25),
        (format_datetime(datetime.now(timezone.utc) + timedelta(days=1)), None),
    ],
)
def test_retry_after_is_waited_for_but_not_for_ever(
    pauses: list[float], header: str, seconds: float | None
) -> None:
    busy = refused(429, "rate_limited", retry_after=header)
    with client_of(lambda *_: busy, retries=1, pause=0.5) as (client, server):
        assert failure(client.health).code == "rate_limited"
        assert pauses == ([] if seconds is None else [seconds])
        assert len(server.asked) == (1 if seconds is None else 2)


class Trading:
    """A service that trades and takes the tokens of a list, the last of them for good."""

    def __init__(self, *tokens: str, takes: Callable[[str], bool] = lambda _: True) -> None:
        """One that takes every token, or those that `takes` says."""
        self.tokens = tokens
        self.takes = takes
        self.trades: list[Asked] = []

    def __call__(self, _: int, asked: Asked) -> Reply:
        if asked.path == "/auth/token":
            self.trades.append(asked)
            token = self.tokens[min(len(self.trades), len(self.tokens)) - 1]
            return Reply(body={"access_token": token})
        if self.takes(asked.headers["authorization"].removeprefix("Bearer ")):
            return Reply()
        return refused(401, "bad_token")


SIGNED: dict[str, Any] = {"token": None, "refresh_token": "kept", "team_id": "acme"}


def test_however_many_threads_wait_there_is_one_trade() -> None:
    trading = Trading(access_token())
    with client_of(trading, **SIGNED, scopes=["ACCOUNT_READ"]) as (client, server):
        with ThreadPoolExecutor(10) as threads:
            list(threads.map(lambda _: client.accounts.get("a"), range(30)))
        (trade,) = trading.trades
        assert trade.body == {"refreshToken": "kept", "teamId": "acme", "scopes": ["ACCOUNT_READ"]}
        assert "authorization" not in trade.headers
        assert len(server.asked) == 31


def test_a_token_is_renewed_two_minutes_before_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 5_000.0
    monkeypatch.setattr("tierwise.client._tokens.time.time", lambda: now)
    trading = Trading(access_token(3600))
    with client_of(trading, **SIGNED) as (client, _):
        for passed, trades in ((0, 1), (3479, 1), (1, 2), (3479, 2), (1, 3)):
            now += passed
            client.accounts.get("a")
            assert len(trading.trades) == trades


@pytest.mark.parametrize("token", ["opaque", "a.b.c", "a.e30.c", "a.bnVsbA.c"])
def test_a_token_that_cannot_be_read_is_used_until_it_is_refused(token: str) -> None:
    trading = Trading(token)
    with client_of(trading, **SIGNED) as (client, _):
        client.accounts.get("a")
        client.accounts.get("a")
        assert len(trading.trades) == 1


def test_a_401_renews_the_token_once_for_all_and_repeats_every_call() -> None:
    old, new = access_token(id="old"), access_token(id="new")
    trading = Trading(old, new, takes=lambda token: token == new)
    with client_of(trading, **SIGNED) as (client, server):
        gate = threading.Barrier(8)

        def delete(_: int) -> None:
            gate.wait()
            client.accounts.delete("a")

        with ThreadPoolExecutor(8) as threads:
            list(threads.map(delete, range(8)))
        assert len(trading.trades) == 2
        # Those that came after the renewal were asked once.
        assert 9 <= len(server.asked) - 2 <= 16


def test_a_second_401_is_an_error() -> None:
    trading = Trading("1", "2", "3", takes=lambda _: False)
    with client_of(trading, **SIGNED) as (client, server):
        error = failure(lambda: client.accounts.get("a"))
        assert (error.status_code, error.code) == (401, "bad_token")
        assert len(server.asked) == 4
        with Client(server.origin, token="given") as constant:
            assert failure(lambda: constant.accounts.get("a")).status_code == 401
        assert len(server.asked) == 5


def test_a_refused_trade_is_the_error_of_the_call() -> None:
    with client_of(lambda *_: refused(401, "bad_refresh_token"), **SIGNED) as (client, server):
        assert failure(lambda: client.accounts.get("a")).code == "bad_refresh_token"
        assert len(server.asked) == 1


def test_clients_may_share_a_source() -> None:
    trading = Trading(access_token())
    with listening(trading) as server:
        source = token_source(server.origin, refresh_token="kept", team_id="acme")
        for _ in range(2):
            with Client(server.origin, token=source) as client:
                client.accounts.get("a")
        assert len(trading.trades) == 1


def test_what_needs_no_token_sends_none() -> None:
    with client_of(lambda *_: Reply(body={"keys": []}), token=None) as (client, server):
        client.health()
        client.payments.catalog()
        client.payments.catalog_file()
        client.auth.public_keys()
        assert all("authorization" not in asked.headers for asked in server.asked)
        with pytest.raises(ValueError, match="refresh_token"):
            client.accounts.get("a")


def test_addresses_and_bodies_are_those_of_the_contract() -> None:
    noon = datetime(2026, 4, 1, 12, tzinfo=timezone.utc)
    with client_of(well) as (client, server):
        client.messages.send("a", "me@x/ü?#%2F ", text="x", timestamp=noon)
        client.messages.remove("a", "..", "m:1")
        client.accounts.close("a", logout=True)
        client.messages.clear("error", chat_id="c d")
        recipients: Any = [{"chatId": "c"}, {"chatId": "d", "id": "own", "timestamp": noon}]
        client.messages.send_to_many("a", recipients, compose={"text": "x"})
        client.accounts.create(type="wa", idempotency_key="own")
        client.accounts.create(type="wa")
        paths = [asked.path for asked in server.asked[:4]]
        assert paths == [
            "/im/messages/a/me%40x%2F%C3%BC%3F%23%252F%20",
            "/im/messages/a/%2E%2E/m%3A1",
            "/im/accounts/a/close?logout=true",
            "/im/messages/error/retry?chatId=c%20d",
        ]
        first, many, named, created = (server.asked[n] for n in (0, 4, 5, 6))
        assert UUID.fullmatch(first.body.pop("id"))
        assert first.body == {"text": "x", "timestamp": "2026-04-01T12:00:00+00:00"}
        assert UUID.fullmatch(many.body["recipients"][0].pop("id"))
        assert many.body["recipients"][1]["timestamp"] == "2026-04-01T12:00:00+00:00"
        assert named.headers["idempotency-key"] == "own"
        assert UUID.fullmatch(created.headers["idempotency-key"])
        with pytest.raises(ValueError, match="aware"):
            client.messages.send("a", "c", text="x", timestamp=datetime(2026, 4, 1))
        with pytest.raises(ValueError, match="empty"):
            client.accounts.delete("")


def test_queries_have_lists_with_an_index_and_objects_with_names() -> None:
    with client_of(lambda *_: Reply(body={"messages": []})) as (client, server):
        noon = datetime(2026, 4, 1, 12, tzinfo=timezone.utc)
        client.messages.read(
            "a",
            "c",
            from_me=False,
            between=("2026-04-01T00:00:00Z", noon),
            attachment_type=["image", "video"],
        ).page()
        client.messages.all(status=["pending", "error"], before="a&b").page()
        assert [asked.path for asked in server.asked] == [
            "/im/messages/a/c?fromMe=false&range[start]=2026-04-01T00%3A00%3A00Z"
            "&range[end]=2026-04-01T12%3A00%3A00%2B00%3A00"
            "&attachmentType[0]=image&attachmentType[1]=video",
            "/im/messages?status[0]=pending&status[1]=error&before=a%26b",
        ]


def test_a_change_may_be_held_to_a_report() -> None:
    with client_of(lambda *_: Reply(body={"reportHash": "seen"})) as (client, server):
        report = client.accounts.report("a", tier="t")
        client.accounts.change("a", tier="t", expecting=report)
        client.accounts.archive("a", expecting=report)
        client.accounts.delete("a", expecting=report)
        client.accounts.delete("a")
        hashes = [asked.headers.get("if-report-match") for asked in server.asked]
        assert hashes == [None, "seen", "seen", "seen", None]


def test_the_origin_may_have_a_path_and_what_is_no_origin_is_refused() -> None:
    with listening(lambda *_: Reply()) as server:
        with Client(f"{server.origin}/behind/a/proxy/") as client:
            client.health()
        assert server.asked[0].path == "/behind/a/proxy/health"
    for wrong in ("", "tierwise", "ftp://x", "https://user:password@x"):
        with pytest.raises(ValueError, match="no origin"):
            Client(wrong)
    lone: dict[str, Any] = {"refresh_token": "r"}
    for mixed in (lone, {**lone, "team_id": "t", "token": "x"}):
        with pytest.raises(ValueError, match="refresh_token"):
            Client("http://x", **mixed)


def test_an_error_has_the_fields_of_the_envelope_and_can_be_pickled() -> None:
    data = {"code": "quota_exhausted", "limit": 1000}
    body = {"statusCode": 402, "message": "1000 of 1000", "data": data}
    with client_of(lambda *_: Reply(402, body)) as (client, _):
        error = failure(lambda: client.messages.send("a", "c", text="x"))
    for each in (error, pickle.loads(pickle.dumps(error))):
        assert (each.status_code, each.code, each.message) == (402, data["code"], "1000 of 1000")
        assert each.data == data
        assert str(each) == "1000 of 1000 [quota_exhausted]"


@pytest.mark.parametrize(
    "reply",
    [
        Reply(404, "<html>"),
        Reply(200, "<html>"),
        Reply(200, ""),
        Reply(500, {"a": 1}),
        Reply(400, []),
    ],
)
def test_what_is_no_answer_of_the_service_is_told_from_one(reply: Reply) -> None:
    with client_of(lambda *_: reply) as (client, server):
        error = failure(lambda: client.accounts.delete("a"))
        assert (error.status_code, error.code) == (reply.status, "not_an_answer")
        assert len(server.asked) == 1


def test_a_redirection_is_not_followed() -> None:
    with listening(lambda *_: Reply()) as other:
        moved = Reply(307, {}, {"location": other.origin})
        with client_of(lambda *_: moved) as (client, _):
            error = failure(lambda: client.accounts.delete("a"))
            assert (error.status_code, error.code) == (307, "not_an_answer")
        assert other.asked == []


def test_numbered_pages_are_read_to_the_end_and_each_item_once() -> None:
    lists = [["d", "c"], ["c", "b"], ["a"]]

    def answer(before: int, _: Asked) -> Reply:
        return Reply(body={"accounts": [{"accountId": id} for id in lists[before]]})

    with client_of(answer) as (client, server):
        pages = client.accounts.list(count=2, q="x")
        assert server.asked == []
        assert [account["accountId"] for account in pages] == ["d", "c", "b", "a"]
        queries = [asked.path.partition("?")[2] for asked in server.asked]
        assert queries == ["count=2&q=x", "count=2&q=x&page=2", "count=2&q=x&page=3"]


def test_linked_pages_are_read_to_the_end() -> None:
    replies = [
        {"messages": [{"id": "3"}, {"id": "2"}], "nextPage": "2"},
        {"messages": [], "nextPage": "1.5"},
        {"messages": [{"id": "1"}]},
    ]
    with client_of(lambda n, _: Reply(body=replies[n % 3])) as (client, server):
        pages = client.messages.read("a", "c", before_id="4", include_cursor_message=True)
        assert [message["id"] for message in pages] == ["3", "2", "1"]
        assert [asked.path.partition("?")[2] for asked in server.asked] == [
            "count=100&beforeId=4&includeCursorMessage=true",
            "count=100&beforeId=2",
            "count=100&beforeId=1.5",
        ]
        assert [json.dumps(page) for page in pages.pages()] == [
            json.dumps(page) for page in replies
        ]


def test_no_secret_is_shown() -> None:
    with client_of(lambda *_: refused(403, "missing_scope"), token="secret") as (client, _):
        error = failure(lambda: client.auth.revoke("secret"))
        assert "secret" not in f"{error} {error!r} {client!r}"
