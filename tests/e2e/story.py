"""The whole story over HTTP, on a clock that it moves: two months of a team, to its final invoices.

    python3 e2e/story.py COMMAND        (from the folder `tests`)

The service is the command itself, below libfaketime; what it bills is compared with the independent
model, which is given what happened and nothing else.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from e2e.service import Service
from oracle.catalog import read_catalog
from oracle.invoices import invoice

LIBRARY = "/usr/$LIB/faketime/libfaketimeMT.so.1"
LIMITED = "limited_msg_no_chat_history"
PLAIN = "unlimited_msg_no_chat_history"
FULL = "unlimited_msg_chat_history"
PATIENCE_S = 60


class Clock:
    """The clock that the service goes by; the one that nobody sets is left alone."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "clock"
        self.offset_s = 0.0
        today = datetime.now(UTC)
        self.month = (today.replace(day=1) + timedelta(days=32)).strftime("%Y-%m")
        self.go_to(1, 9)

    def go_to(self, day: int, hour: int, months: int = 0) -> None:
        """It is then, and goes on from there."""
        year, month = map(int, self.month.split("-"))
        month += months
        year, month = (year, month) if month <= 12 else (year + 1, month - 12)
        wanted = datetime(year, month, day, hour, tzinfo=UTC)
        self.offset_s = round(wanted.timestamp() - time.time())
        new = self.file.with_suffix(".new")
        new.write_text(f"{self.offset_s:+d}\n")
        new.rename(self.file)

    def environment(self) -> dict[str, str]:
        """What has a program go by it."""
        return dict(
            os.environ,
            LD_PRELOAD=LIBRARY,
            FAKETIME_TIMESTAMP_FILE=str(self.file),
            FAKETIME_NO_CACHE="1",
            FAKETIME_DONT_FAKE_MONOTONIC="1",
            NO_FAKE_STAT="1",
        )


class Told(Service):
    """The service by that clock."""

    def __init__(self, command: str, folder: Path, clock: Clock) -> None:
        arguments = ["--demo", "--data", str(folder / "data")]
        super().__init__(command, *arguments, environment=clock.environment())
        self.clock = clock
        self.team = self.demo["teamId"]

    def account(self, account: str) -> Any:
        """An account as it is."""
        return self.ask("GET", f"/im/accounts/{account}")

    def until(self, account: str, what: str, holds: Any) -> Any:
        """Waits until an account is as it should be."""
        begun = time.monotonic()
        while not holds(now := self.account(account)):
            assert time.monotonic() - begun < PATIENCE_S, (what, now)
            time.sleep(0.01)
        return now


class Books:
    """What happened to each account: all that the model is told."""

    def __init__(self, service: Told) -> None:
        self.service = service
        self.events: dict[str, list[dict[str, str]]] = {}

    def note(self, account: str, do: str, tier: str | None = None) -> None:
        """Something happened on this day; at what time of it makes no difference."""
        at = datetime.fromtimestamp(time.time() + self.service.clock.offset_s, UTC)
        event = {"at": at.strftime("%Y-%m-%dT%H:%M:%SZ"), "do": do}
        self.events.setdefault(account, []).append(event | ({"tier": tier} if tier else {}))

    def create(self, tier: str, **mock: object) -> str:
        """A mock account, open."""
        settings = {"mock": {"delayMs": 0, **mock}}
        body = {"type": "mock", "tier": tier, "settings": settings}
        account = self.service.ask("POST", "/im/accounts", body)["accountId"]
        self.note(account, "create", tier)
        self.service.ask("POST", f"/im/accounts/{account}/open")
        self.service.until(account, "it opens", lambda now: now["state"] == "open")
        return str(account)

    def change(self, account: str, tier: str) -> list[str]:
        """A change of tier, by its report; what came with it."""
        path = f"/im/accounts/{account}"
        report = self.service.ask("POST", f"{path}/change-report", {"tier": tier})
        expected = report["reportHash"]
        done = self.service.ask("PATCH", path, {"tier": tier}, If_Report_Match=expected)
        assert done["effects"] == report["effects"], (done, report)
        self.note(account, "tier", tier)
        return list(done["effects"])

    def expected(self, catalog: Any, period: str) -> Any:
        """The model's bill."""
        groups = [{"count": 1, "events": events} for events in self.events.values()]
        return invoice(read_catalog(catalog), {"period": period, "groups": groups})


def send(service: Told, account: str, count: int) -> None:
    """So many messages, and waits until they are sent."""
    recipients = [{"chatId": f"chat-{number % 7}"} for number in range(count)]
    body = {"compose": {"text": "hello"}, "recipients": recipients}
    service.ask("POST", f"/im/messages?accountId={account}", body)
    idle = {"waiting": 0, "out": 0}
    service.until(account, "all are sent", lambda now: now["queue"] | idle == now["queue"])


def chat(service: Told, account: str, name: str) -> list[Any]:
    """A chat, newest first."""
    return list(service.ask("GET", f"/im/messages/{account}/{name}?count=100")["messages"])


def first_month(service: Told, books: Books) -> dict[str, str]:
    """Accounts to the limit and beyond, changed, archived, deleted."""
    write = "/im/messages/{}/chat-1"
    limited = books.create(LIMITED)
    send(service, limited, 1000)
    full = {"text": "one more"}
    assert service.refused("POST", write.format(limited), full) == (402, "quota_exhausted")
    service.ask("POST", write.format(limited), {"text": "a note", "status": "note"})

    moved = books.create(FULL, history={"chatId": "old", "count": 30})
    service.until(moved, "history", lambda now: now["stateInfo"].get("isSyncingHistory") is False)
    assert len(chat(service, moved, "old")) == 30
    send(service, moved, 1000)
    archived = books.create(PLAIN)
    service.ask("POST", write.format(archived), {"text": "kept", "status": "note"})

    service.clock.go_to(5, 12)
    service.sign_in()
    deleted = books.create(FULL)
    # D3, D5, D6: history goes, and the limit has been reached already.
    effects = books.change(moved, LIMITED)
    assert effects == ["history_removed", "limit_set", "sending_stopped"], effects
    assert chat(service, moved, "old") == []
    assert service.refused("POST", write.format(moved), full) == (402, "quota_exhausted")

    service.clock.go_to(10, 12)
    service.sign_in()
    effects = books.change(moved, FULL)
    assert effects == ["rescan_needed", "limit_lifted", "sending_resumed"], effects
    send(service, moved, 1)
    # D4: nothing arrives by itself; a new scan brings it.
    assert chat(service, moved, "old") == []
    service.ask("POST", f"/im/accounts/{moved}/close?logout=true")
    service.ask("POST", f"/im/accounts/{moved}/open")
    service.until(moved, "history", lambda now: now["stateInfo"].get("isSyncingHistory") is False)
    assert len(chat(service, moved, "old")) == 30
    done = service.ask("POST", f"/im/accounts/{archived}/archive")
    assert done["effects"] == ["subscription_ended", "logged_out", "synced_data_removed"], done
    books.note(archived, "archive")
    assert [one["status"] for one in chat(service, archived, "chat-1")] == ["note"]
    assert service.refused("POST", write.format(archived), full) == (409, "account_archived")

    service.clock.go_to(20, 12)
    service.sign_in()
    done = service.ask("DELETE", f"/im/accounts/{deleted}")
    assert done["effects"] == ["subscription_ended", "logged_out", "all_data_removed"], done
    books.note(deleted, "delete")
    assert service.refused("DELETE", f"/im/accounts/{deleted}") == (404, "not_found")
    return {"limited": limited, "moved": moved}


def compare(service: Told, books: Books, period: str) -> None:
    """A final invoice is the model's."""
    catalog = service.ask("GET", "/payments/catalog?form=file")["file"]
    expected = books.expected(catalog, period)
    found = service.ask("GET", f"/payments/invoices?period={period}")["invoices"]
    assert len(found) == 1 and found[0]["status"] == "final", found
    assert found[0]["lines"] == expected["lines"], (found[0]["lines"], expected["lines"])
    assert found[0]["total"] == expected["total"], (found, expected)
    assert found[0]["amountDue"] == expected["amount_due"], (found, expected)
    usage = service.ask("GET", f"/payments/usage?period={period}")
    assert usage["total"] == expected["total"], (usage, expected)
    days = {of["tier"]: of["accountDays"] for of in usage["tiers"] if of["accountDays"]}
    assert days == expected["account_days"], (days, expected)
    print(f"{period}: {found[0]['total']}, {len(found[0]['lines'])} lines, as the model has it")


def story(service: Told, clock: Clock) -> None:
    """Two months."""
    service.sign_in()
    books = Books(service)
    # The ten accounts of the demo are the team's, too.
    for one in service.ask("GET", "/im/accounts?count=100")["accounts"]:
        books.note(one["accountId"], "create", one["tier"])
    accounts = first_month(service, books)
    clock.go_to(28, 12)
    service.sign_in()
    # Q9: with a new period the count begins anew.
    clock.go_to(1, 10, months=1)
    service.sign_in()
    send(service, accounts["limited"], 3)
    path = f"/payments/team-detail/account-access/{accounts['limited']}"
    assert service.ask("GET", path)["usage"]["messages"] == 3
    compare(service, books, clock.month)
    kept = service.ask("GET", f"/payments/invoices?period={clock.month}")
    books.change(accounts["moved"], PLAIN)
    clock.go_to(10, 10, months=1)
    service.sign_in()
    clock.go_to(20, 10, months=1)
    service.sign_in()
    clock.go_to(1, 10, months=2)
    service.sign_in()
    # I4: a final invoice never changes.
    assert service.ask("GET", f"/payments/invoices?period={clock.month}") == kept
    ids = [one["id"] for one in service.ask("GET", "/payments/invoices")["invoices"]]
    assert len(ids) == 3, ids
    compare(service, books, ids[1].removeprefix(f"{service.team}-"))
    # A refresh token that was not used for 14 days has lapsed.
    clock.go_to(14, 9, months=2)
    service.sign_in()
    clock.go_to(28, 11, months=2)
    assert service.refused("POST", "/auth/token", service.demo) == (401, "bad_refresh_token")


def main() -> int:
    """The exit code."""
    with tempfile.TemporaryDirectory() as folder:
        clock = Clock(Path(folder))
        service = Told(str(Path(sys.argv[1]).resolve()), Path(folder), clock)
        try:
            story(service, clock)
        finally:
            service.end()
    print("story: told to its end")
    return 0


if __name__ == "__main__":
    sys.exit(main())
