"""Pricing and policy for products sold in tiers: exact, explained, the same everywhere.

A catalog holds the tiers of a product. It is loaded once and answers questions; money is
`Decimal`, and every amount comes with the rows that it is the sum of.

>>> from tierwise import Catalog
>>> catalog = Catalog.messaging()
>>> quote = catalog.quote(
...     items=[{"tier": "unlimited_msg_chat_history", "accounts": 101, "days": 30}]
... )
>>> quote.amount_due
Decimal('1209.90')
>>> [row.text for row in quote.rows]
['3000 × 0.4 = 1200', '30 × 0.33 = 9.9']
"""

from . import _answers, _cards
from ._answers import *
from ._cards import *
from ._catalog import Catalog
from ._engine import MAX_DOCUMENT_BYTES, Decimals
from ._errors import TierwiseError
from ._operations import OPERATIONS
from ._records import Record

__all__ = [
    "MAX_DOCUMENT_BYTES",
    "OPERATIONS",
    "Catalog",
    "Decimals",
    "Record",
    "TierwiseError",
]
__all__ += _answers.__all__
__all__ += _cards.__all__
