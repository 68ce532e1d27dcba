"""Accounts: created, changed, connected, ended; and what such a change would do."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any, Literal

from ._address import given, path_of, query_of
from ._connection import Operations, Request
from ._pages import Pages, by_link, by_number
from .types import (
    Account,
    AccountPage,
    AccountState,
    AccountType,
    Changed,
    ChangeReport,
    Chat,
    ChatPage,
    QueueCounts,
)


class Accounts(Operations):
    """What is done with accounts. All of it raises `ServiceError`."""

    def create(
        self,
        *,
        type: AccountType,
        tier: str | None = None,
        nickname: str | None = None,
        settings: Mapping[str, Any] | None = None,
        idempotency_key: str | None = None,
    ) -> Account:
        """Creates an account, which is closed at first. It costs its creation charge and today.

        The service makes one account of all requests with the same `idempotency_key` within a day.
        By default it is a UUID, so that the client can repeat its own.
        """
        key = idempotency_key or str(uuid.uuid4())
        return self._connection.ask(
            Request[Account](
                "POST",
                "/im/accounts",
                given(type=type, tier=tier, nickname=nickname, settings=settings),
                headers={"idempotency-key": key},
                names={"idempotencyKey": key},
            )
        )

    def list(
        self,
        *,
        page: int | None = None,
        count: int | None = None,
        q: str | None = None,
        type: AccountType | None = None,
        state: AccountState | None = None,
        all: bool | None = None,
        return_count: bool | None = None,
    ) -> Pages[AccountPage, Account]:
        """The team's accounts, newest first.

        The list goes by numbers of pages: one that is created while you read it is not shown, and
        one that is deleted meanwhile may hide another.
        """
        query = {
            "page": page,
            "count": count,
            "q": q,
            "type": type,
            "state": state,
            "all": all,
            "returnCount": return_count,
        }
        return Pages(
            self._connection,
            "/im/accounts",
            query,
            key="accounts",
            next=by_number("accounts"),
            id_key="accountId",
        )

    def get(self, account_id: str) -> Account:
        """One account, archived or not."""
        return self._connection.ask(Request[Account]("GET", path_of("im", "accounts", account_id)))

    def report(
        self,
        account_id: str,
        *,
        tier: str | None = None,
        end: Literal["archive", "delete"] | None = None,
    ) -> ChangeReport:
        """What a tier change, an archive or a deletion would do; it changes nothing.

        Give it to the change itself as `expecting`: that is refused if it would do anything else.
        """
        path = path_of("im", "accounts", account_id, "change-report")
        return self._connection.ask(Request[ChangeReport]("POST", path, given(tier=tier, end=end)))

    def change(
        self,
        account_id: str,
        *,
        tier: str | None = None,
        nickname: str | None = None,
        settings: Mapping[str, Any] | None = None,
        expecting: ChangeReport | None = None,
    ) -> Changed:
        """Changes tier, nickname or settings, all or nothing.

        A change of the tier is not repeated after a broken connection: `outcome_unknown`. Names
        and settings are, as setting them twice is as good as once.
        """
        is_of_tier = tier is not None or expecting is not None
        return self._connection.ask(
            Request[Changed](
                "PATCH",
                path_of("im", "accounts", account_id),
                given(tier=tier, nickname=nickname, settings=settings),
                headers=_expected(expecting),
                find_out="read the account: its `tier` says" if is_of_tier else None,
            )
        )

    def archive(self, account_id: str, *, expecting: ChangeReport | None = None) -> Changed:
        """Archives an account for good.

        Not repeated after a broken connection: `outcome_unknown`.
        """
        return self._connection.ask(
            Request[Changed](
                "POST",
                path_of("im", "accounts", account_id, "archive"),
                headers=_expected(expecting),
                find_out="read the account: its `archivedAt` says",
            )
        )

    def delete(self, account_id: str, *, expecting: ChangeReport | None = None) -> Changed:
        """Deletes an account and all its data, at once.

        Not repeated after a broken connection: `outcome_unknown`.
        """
        return self._connection.ask(
            Request[Changed](
                "DELETE",
                path_of("im", "accounts", account_id),
                headers=_expected(expecting),
                find_out="read the account: it is `not_found` if it was deleted",
            )
        )

    def open(self, account_id: str) -> None:
        """Connects an account. An open one stays as it is, so this is repeated."""
        self._connection.ask(Request[None]("POST", path_of("im", "accounts", account_id, "open")))

    def close(self, account_id: str, *, logout: bool | None = None) -> None:
        """Disconnects an account; with `logout` its login is dropped, too.

        A closed one stays as it is, so this is repeated.
        """
        path = path_of("im", "accounts", account_id, "close") + query_of(logout=logout)
        self._connection.ask(Request[None]("POST", path))

    def chats(
        self, account_id: str, *, count: int | None = None, before_id: str | None = None
    ) -> Pages[ChatPage, Chat]:
        """The chats of an account, the latest first."""
        return Pages(
            self._connection,
            path_of("im", "accounts", account_id, "chats"),
            {"count": count, "beforeId": before_id},
            key="chats",
            next=by_link("beforeId"),
        )

    def queue(self) -> QueueCounts:
        """The queue in numbers, over all accounts of the team."""
        return self._connection.ask(Request[QueueCounts]("GET", "/im/queue"))


def _expected(report: ChangeReport | None) -> dict[str, str]:
    return {} if report is None else {"if-report-match": report["reportHash"]}
