"""Usage, invoices and the rate card."""

from __future__ import annotations

from ._address import path_of, query_of
from ._connection import Operations, Request
from ._pages import Pages, by_link
from .types import (
    AccountAccess,
    Catalog,
    CatalogFile,
    Invoice,
    InvoicePage,
    TeamDetail,
    Usage,
)


class Payments(Operations):
    """What is asked about money; nothing here changes anything. All of it raises `ServiceError`."""

    def catalog(self) -> Catalog:
        """The rate card in force. It needs no token."""
        return self._connection.ask(Request[Catalog]("GET", "/payments/catalog", is_open=True))

    def catalog_file(self) -> CatalogFile:
        """The rate card with the file that it is a view of. It needs no token.

        `tierwise.Catalog.load(answer["file"])` then gives the answers that the service gives.
        """
        path = "/payments/catalog?form=file"
        return self._connection.ask(Request[CatalogFile]("GET", path, is_open=True))

    def team(self) -> TeamDetail:
        """The team's account-days in the running period."""
        return self._connection.ask(Request[TeamDetail]("GET", "/payments/team-detail"))

    def access(self, account_id: str) -> AccountAccess:
        """An account's features, its limit, and what counts against it."""
        path = path_of("payments", "team-detail", "account-access", account_id)
        return self._connection.ask(Request[AccountAccess]("GET", path))

    def usage(self, *, period: str | None = None, account_id: str | None = None) -> Usage:
        """Account-days and messages of a period, by default the running one."""
        query = query_of(period=period, accountId=account_id)
        return self._connection.ask(Request[Usage]("GET", f"/payments/usage{query}"))

    def invoices(
        self,
        *,
        period: str | None = None,
        count: int | None = None,
        before_id: str | None = None,
    ) -> Pages[InvoicePage, Invoice]:
        """The team's invoices, newest first, that of the running period among them."""
        query = {"period": period, "count": count, "beforeId": before_id}
        return Pages(
            self._connection,
            "/payments/invoices",
            query,
            key="invoices",
            next=by_link("beforeId"),
        )
