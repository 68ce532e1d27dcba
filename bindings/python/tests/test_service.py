"""The client against the real service, `tierwise serve --demo`: the guide's story and its calls."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest
from tierwise import Catalog
from tierwise.client import Client, ServiceError
from tierwise.client.types import Account

EXAMPLE = Path(__file__).resolve().parents[3] / "docs" / "examples" / "lifecycle.py"
WITH_HISTORY = "unlimited_msg_chat_history"
WITHOUT = "unlimited_msg_no_chat_history"
LIMITED = "limited_msg_no_chat_history"


@dataclass(frozen=True)
class Service:
    """A service that runs, and who may ask it."""

    origin: str
    team: str
    refresh_token: str


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The service, on a port and in a folder of its own."""
    command = os.environ.get("TIERWISE_COMMAND")
    assert command, "TIERWISE_COMMAND names the command: `cargo xtask test python` sets it"
    data = tmp_path_factory.mktemp("service")
    words = ["serve", "--demo", "--json", "--listen", "127.0.0.1:0", "--data", str(data)]
    with (data / "log").open("w") as log:
        running = subprocess.Popen([command, *words], stdout=subprocess.PIPE, stderr=log, text=True)
    try:
        assert running.stdout
        line = running.stdout.readline()
        assert line, (data / "log").read_text()
        ready = json.loads(line)
        demo = ready["demo"]
        yield Service(ready["origin"], demo["teamId"], demo["refreshToken"])
    finally:
        running.terminate()
        running.communicate()


@pytest.fixture(scope="module")
def client(service: Service) -> Iterator[Client]:
    """A client of it."""
    token = service.refresh_token
    with Client(service.origin, refresh_token=token, team_id=service.team) as client:
        yield client


def failure(call: Callable[[], object]) -> tuple[int, str]:
    """The status and the code of a refusal."""
    with pytest.raises(ServiceError) as caught:
        call()
    return caught.value.status_code, caught.value.code


def waiting(client: Client, tier: str = LIMITED) -> Account:
    """A new account without a login, so that its messages wait."""
    return client.accounts.create(type="mock", tier=tier, nickname="of a test")


def test_the_example_says_what_happens(service: Service) -> None:
    environment = {
        **os.environ,
        "PYTHONIOENCODING": "utf-8",
        "TIERWISE_ORIGIN": service.origin,
        "TIERWISE_TEAM": service.team,
        "TIERWISE_REFRESH_TOKEN": service.refresh_token,
    }
    done = subprocess.run(
        [sys.executable, EXAMPLE],
        env=environment,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.stderr == ""
    assert done.stdout.splitlines() == [
        "open",
        "note: knows us",
        "sent: Hello",
        "delivered: history 3",
        "delivered: history 2",
        "delivered: history 1",
        f"account-days: {{'{WITH_HISTORY}': 1}}",
        "open: True",
        "a day: 0.4 → 0.034",
        "removes: 3 of history",
        "downgrade: history_removed, limit_set",
        "archive: subscription_ended, logged_out, synced_data_removed",
        "delete: all_data_removed",
        "404 not_found",
    ]


def test_health_keys_and_teams(client: Client, service: Service) -> None:
    assert client.health()["status"] == "ok"
    assert [key["alg"] for key in client.auth.public_keys() if key["active"]] == ["ES256"]
    assert [team["id"] for team in client.auth.teams()] == [service.team]


def test_the_catalog_of_the_service_gives_its_answers_in_the_engine(client: Client) -> None:
    answer = client.payments.catalog_file()
    assert Catalog.load(answer["file"]).fingerprint == answer["fingerprint"]
    assert client.payments.catalog()["tiers"] == answer["tiers"]


def test_accounts_are_listed_whole_each_once(client: Client) -> None:
    account = waiting(client)
    listed = [each["accountId"] for each in client.accounts.list(count=4)]
    assert listed[0] == account["accountId"]
    assert len(set(listed)) == len(listed) > 10
    page = client.accounts.list(count=3, page=2, return_count=True).page()
    assert (len(page["accounts"]), page["total"]) == (3, len(listed))


def test_a_change_is_held_to_its_report(client: Client) -> None:
    account_id = waiting(client, WITH_HISTORY)["accountId"]
    report = client.accounts.report(account_id, tier=LIMITED)
    client.accounts.change(account_id, tier=WITHOUT)
    stale = failure(lambda: client.accounts.change(account_id, tier=LIMITED, expecting=report))
    assert stale == (409, "report_stale")
    ending = client.accounts.report(account_id, end="delete")
    assert client.accounts.delete(account_id, expecting=ending)["effects"] == ending["effects"]
    assert failure(lambda: client.accounts.get(account_id)) == (404, "not_found")


def test_messages_are_sent_once_listed_and_withdrawn(client: Client) -> None:
    account_id = waiting(client)["accountId"]
    for _ in range(2):
        client.messages.send(account_id, "c/1", id="once", text="Hello")
    sent = client.messages.send_to_many(
        account_id, [{"chatId": "c/1"}, {"chatId": "d"}], compose={"text": "Hello"}
    )
    assert [message["chatId"] for message in sent] == ["c/1", "d"]
    pages = client.messages.all(account_id=account_id, status=["pending"], count=2)
    assert len(list(pages)) == 3
    assert sorted(chat["chatId"] for chat in client.accounts.chats(account_id)) == ["c/1", "d"]
    client.messages.remove(account_id, "c/1", "once")
    gone = failure(lambda: client.messages.remove(account_id, "c/1", "once"))
    assert gone == (404, "not_found")
    assert client.messages.clear("pending", account_id=account_id) == 2
    assert client.accounts.queue()["out"] >= 0


def test_money_stays_text(client: Client) -> None:
    account_id = waiting(client, WITH_HISTORY)["accountId"]
    usage = client.payments.usage(account_id=account_id)
    assert usage["accounts"][0]["accountDays"] == {WITH_HISTORY: 1}
    (invoice,) = client.payments.invoices(period=usage["period"]["id"])
    assert Decimal(invoice["total"]) == sum(Decimal(line["amount"]) for line in invoice["lines"])
    features = client.payments.access(account_id)["access"]["features"]
    assert "chat-history-sync" in features


def test_what_was_refused_is_sent_again(client: Client) -> None:
    settings = {"mock": {"delayMs": 1, "refuse": ["no"]}}
    account_id = client.accounts.create(type="mock", settings=settings)["accountId"]
    client.accounts.open(account_id)
    client.messages.send(account_id, "c", text="no")
    for _ in range(200):
        if list(client.messages.read(account_id, "c", status="error")):
            break
        time.sleep(0.025)
    assert client.messages.retry("error") >= 1
    client.accounts.close(account_id, logout=True)
