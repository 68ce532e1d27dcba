"""The client against the contract's own file: every operation has its call, every field its key."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from pathlib import Path
from typing import get_args

import pytest
from loopback import Asked, Reply, access_token, client_of
from tierwise.client import Client, types

CONTRACT = (Path(__file__).resolve().parents[3] / "docs" / "api" / "openapi.yaml").read_text(
    "utf-8"
)

CALLS: list[Callable[[Client], object]] = [
    lambda client: client.health(),
    lambda client: client.auth.public_keys(),
    lambda client: client.auth.revoke(),
    lambda client: client.auth.teams().page(),
    lambda client: client.accounts.create(type="mock"),
    lambda client: client.accounts.list().page(),
    lambda client: client.accounts.get("N"),
    lambda client: client.accounts.report("N", end="archive"),
    lambda client: client.accounts.change("N", nickname=""),
    lambda client: client.accounts.archive("N"),
    lambda client: client.accounts.delete("N"),
    lambda client: client.accounts.open("N"),
    lambda client: client.accounts.close("N"),
    lambda client: client.accounts.chats("N").page(),
    lambda client: client.accounts.queue(),
    lambda client: client.messages.send("N", "N"),
    lambda client: client.messages.send_to_many("N", []),
    lambda client: client.messages.read("N", "N").page(),
    lambda client: client.messages.all().page(),
    lambda client: client.messages.edit("N", "N", "N"),
    lambda client: client.messages.remove("N", "N", "N"),
    lambda client: client.messages.retry("error"),
    lambda client: client.messages.clear("error"),
    lambda client: client.payments.catalog(),
    lambda client: client.payments.team(),
    lambda client: client.payments.access("N"),
    lambda client: client.payments.usage(),
    lambda client: client.payments.invoices().page(),
]
"""Every call of the client; what the contract has in braces is called `N`."""


def test_every_operation_of_the_contract_has_a_call_and_there_is_no_other() -> None:
    operations: list[str] = []
    path = ""
    for line in CONTRACT.splitlines():
        if match := re.fullmatch(r" {2}(/\S*):", line):
            path = re.sub(r"\{\w+\}", "N", match[1]).replace("/N/retry", "/error/retry")
        elif match := re.fullmatch(r" {4}(get|post|patch|delete):", line):
            operations.append(f"{match[1].upper()} {path}")

    def answer(_: int, asked: Asked) -> Reply:
        if asked.method == "POST" and asked.path.startswith("/im/messages"):
            return Reply(body=[{}])
        token = access_token()
        return Reply(body={"access_token": token, "keys": [], "changed": 0, "removed": 0})

    signed = {"token": None, "refresh_token": "kept", "team_id": "acme"}
    with client_of(answer, **signed) as (client, server):
        for call in CALLS:
            call(client)
        asked = [f"{asked.method} {asked.path.partition('?')[0]}" for asked in server.asked]
    assert sorted(asked) == sorted(operations)


@pytest.mark.parametrize(
    "name",
    [
        *("Account", "Attachment", "ChangeReport", "Invoice", "InvoiceLine", "Message", "Period"),
        *("PublicKey", "QueueCounts", "Team", "TeamDetail", "AccountAccess", "Catalog", "Usage"),
    ],
)
def test_every_field_of_a_schema_has_its_key(name: str) -> None:
    schema = re.search(rf"^ {{4}}{name}:\n((?: {{5,}}.*\n)+)", CONTRACT, re.MULTILINE)
    assert schema
    required = re.search(r"required: \[([^\]]*)\]", schema[1])
    assert required
    keys = inspect.get_annotations(getattr(types, name)).keys()
    assert set(required[1].split(", ")) <= keys


def test_every_scope_has_its_word() -> None:
    numbers = CONTRACT[CONTRACT.index("x-numbers:") :]
    scopes = re.findall(r"^ {8}([A-Z_]+): \d+$", numbers, re.MULTILINE)
    assert len(scopes) == 19
    assert set(get_args(types.Scope)) == set(scopes)
