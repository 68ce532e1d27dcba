"""Lists that come in pages: item by item, page by page, or one page."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Generic, TypeAlias, TypeVar

from ._address import query_of
from ._connection import Connection, Request

_Page = TypeVar("_Page", bound=Mapping[str, Any])
_Item = TypeVar("_Item", bound=Mapping[str, Any])

MOST_COUNT = 100
"""The most that the service gives at once: what a whole list is read by."""

Next: TypeAlias = Callable[[Any, Mapping[str, Any]], "Mapping[str, Any] | None"]
"""The query of the page after one, of which this was the query; none after the last."""


class Pages(Generic[_Page, _Item]):
    """A list of the service. Nothing is asked before it is read, and each reading asks anew."""

    def __init__(
        self,
        connection: Connection,
        path: str,
        query: Mapping[str, Any],
        *,
        key: str,
        next: Next,
        id_key: str | None = None,
    ) -> None:
        """Clients make them."""
        self._connection = connection
        self._path = path
        self._query = {name: value for name, value in query.items() if value is not None}
        self._key = key
        self._next = next
        self._id_key = id_key

    def page(self) -> _Page:
        """The one page that the query names, as the service answers it."""
        return self._ask(self._query)

    def pages(self) -> Iterator[_Page]:
        """This page and all that follow."""
        query: Mapping[str, Any] | None = {"count": MOST_COUNT, **self._query}
        while query is not None:
            page = self._ask(query)
            yield page
            query = self._next(page, query)

    def __iter__(self) -> Iterator[_Item]:
        """All items, from this page on."""
        # Lists by number move while they are read: what was given already comes again.
        seen: set[str] = set()
        for page in self.pages():
            for item in page[self._key]:
                if self._id_key is not None:
                    if item[self._id_key] in seen:
                        continue
                    seen.add(item[self._id_key])
                yield item

    def _ask(self, query: Mapping[str, Any]) -> _Page:
        return self._connection.ask(Request[_Page]("GET", self._path + query_of(**query)))


def by_number(key: str) -> Next:
    """Pages with numbers: the last one is not full."""

    def next(page: Mapping[str, Any], query: Mapping[str, Any]) -> Mapping[str, Any] | None:
        if len(page[key]) < query["count"]:
            return None
        return {**query, "page": query.get("page", 1) + 1}

    return next


def by_link(name: str, *, once: str | None = None) -> Next:
    """Pages that name what comes after them; `once` is only asked of the first."""

    def next(page: Mapping[str, Any], query: Mapping[str, Any]) -> Mapping[str, Any] | None:
        if "nextPage" not in page:
            return None
        rest = {key: value for key, value in query.items() if key != once}
        return {**rest, name: page["nextPage"]}

    return next
