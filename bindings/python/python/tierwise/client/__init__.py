"""The service over HTTP, with the standard library alone: no engine, no other package.

>>> from tierwise.client import Client
>>> client = Client("https://tierwise.example", refresh_token="…", team_id="acme")
>>> client
<tierwise.client.Client of https://tierwise.example>

It renews its tokens and repeats what is safe to repeat. Answers are dictionaries with the keys of
the service's contract (`tierwise.client.types`), in which money stays text: `Decimal(text)` is it.
Threads may share a client.
"""

from ._client import Client
from ._errors import ServiceError
from ._pages import Pages
from ._tokens import TokenSource, token_source

__all__ = ["Client", "Pages", "ServiceError", "TokenSource", "token_source"]
