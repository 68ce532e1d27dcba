"""The user's own teams and refresh tokens, and the keys of the service."""

from __future__ import annotations

from collections.abc import Sequence

from ._address import query_of
from ._connection import Operations, Request
from ._pages import Pages, by_number
from .types import PublicKey, Team, TeamPage


class Auth(Operations):
    """What belongs to signing in. All of it raises `ServiceError`."""

    def teams(
        self,
        *,
        page: int | None = None,
        count: int | None = None,
        id: Sequence[str] | None = None,
        include_total: bool | None = None,
    ) -> Pages[TeamPage, Team]:
        """The teams that the user is in."""
        query = {"page": page, "count": count, "id": id, "includeTotal": include_total}
        return Pages(
            self._connection,
            "/auth/teams",
            query,
            key="teams",
            next=by_number("teams"),
            id_key="id",
        )

    def revoke(self, refresh_token: str | None = None) -> None:
        """Revokes a refresh token; without one, all of the user's.

        One that is revoked already stays so, so this is repeated. Access tokens made before stay
        good until their end.
        """
        path = f"/auth/token{query_of(token=refresh_token)}"
        self._connection.ask(Request[None]("DELETE", path))

    def public_keys(self) -> list[PublicKey]:
        """The keys that verify access tokens. It needs no token."""
        asked = Request[dict[str, list[PublicKey]]]("GET", "/auth/public-key", is_open=True)
        return self._connection.ask(asked)["keys"]
