"""The client: one service, one team."""

from __future__ import annotations

import ssl
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ._accounts import Accounts
from ._auth import Auth
from ._connection import MOST_IDLE, Connection, Request
from ._messages import Messages
from ._payments import Payments
from ._tokens import TokenSource, token_source
from .types import Health, Scope

if TYPE_CHECKING:
    from typing_extensions import Self


class Client:
    """The service over HTTP: it renews its tokens and repeats what is safe to repeat.

    Threads may share it. `with` closes the connections that it keeps.
    """

    accounts: Accounts
    """Accounts: create, list, change, connect, archive, delete."""
    messages: Messages
    """Messages and notes: send, read, change, remove."""
    payments: Payments
    """The rate card, usage and invoices."""
    auth: Auth
    """The user's teams and refresh tokens."""

    def __init__(
        self,
        origin: str,
        *,
        refresh_token: str | None = None,
        team_id: str | None = None,
        scopes: Sequence[Scope] | None = None,
        metadata: Mapping[str, str] | None = None,
        token: TokenSource | str | None = None,
        timeout: float = 30.0,
        retries: int = 3,
        pause: float = 0.5,
        context: ssl.SSLContext | None = None,
    ) -> None:
        """Nothing is asked yet.

        Args:
            origin: where the service is, such as `https://tierwise.example`; it may have a path.
            refresh_token: what access tokens are traded for.
            team_id: the team that they are for.
            scopes: what they shall be good for; by default all that the membership has.
            metadata: copied into the tokens: `type`, `objectId` and perhaps `objectName`.
            token: instead of a refresh token: an access token, or what gives one.
            timeout: how many seconds the service may be silent.
            retries: how often a request is repeated at most.
            pause: about how many seconds the first pause before a repeat is.
            context: how TLS is spoken.

        Raises:
            ValueError: the origin is no address, or there are both kinds of tokens.
        """
        if (refresh_token is None) != (team_id is None):
            raise ValueError("`refresh_token` and `team_id` go together")
        if refresh_token is not None and team_id is not None:
            if token is not None:
                raise ValueError("either `refresh_token` or `token`")
            tokens: TokenSource | None = token_source(
                origin,
                refresh_token=refresh_token,
                team_id=team_id,
                scopes=scopes,
                metadata=metadata,
                timeout=timeout,
                retries=retries,
                pause=pause,
                context=context,
            )
        elif isinstance(token, str):
            access_token = token
            tokens = lambda spent: access_token  # noqa: E731
        else:
            tokens = token
        connection = Connection(
            origin,
            timeout=timeout,
            retries=retries,
            pause=pause,
            context=context,
            tokens=tokens,
            most_idle=MOST_IDLE,
        )
        self._connection = connection
        self.accounts = Accounts(connection)
        self.messages = Messages(connection)
        self.payments = Payments(connection)
        self.auth = Auth(connection)

    def health(self) -> Health:
        """Whether the service can work. It needs no token."""
        return self._connection.ask(Request[Health]("GET", "/health", is_open=True))

    def close(self) -> None:
        """Closes the connections that are kept for later; the client may be used on."""
        self._connection.close()

    def __enter__(self) -> Self:
        """The client itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Closes the connections that are kept."""
        self.close()

    def __repr__(self) -> str:
        """Where it goes; nothing secret."""
        return f"<tierwise.client.Client of {self._connection.origin}>"
