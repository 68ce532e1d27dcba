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

from . import _engine
from ._answers import *
from ._cards import *
from ._catalog import Catalog
from ._engine import MAX_DOCUMENT_BYTES, Decimals
from ._errors import TierwiseError
from ._operations import OPERATIONS
from ._records import Record

__version__ = _engine.VERSION

# Written out: type checkers and `stubtest` do not add lists up.
__all__ = [
    "MAX_DOCUMENT_BYTES",
    "OPERATIONS",
    "AccountDaysAnswer",
    "CanonicalAllowance",
    "CanonicalBandUpTo",
    "CanonicalCatalog",
    "CanonicalCreationCharge",
    "CanonicalDisplay",
    "CanonicalFeature",
    "CanonicalLimit",
    "CanonicalMeter",
    "CanonicalPeriod",
    "CanonicalPrice",
    "CanonicalRounding",
    "CanonicalRules",
    "CanonicalTier",
    "Catalog",
    "CatalogAnswer",
    "CatalogName",
    "CreationChargeAnswer",
    "Decimals",
    "DispatchAnswer",
    "EffectivePrice",
    "Ended",
    "HistoryAnswer",
    "InvoiceAnswer",
    "InvoiceLine",
    "Kept",
    "MonthPrice",
    "NextUnit",
    "PriceLine",
    "PriceOfAnswer",
    "PriceQuote",
    "QuotaAnswer",
    "QuoteAnswer",
    "QuoteRow",
    "RateCard",
    "RateCardBand",
    "RateCardRounding",
    "RateCardTier",
    "Record",
    "Refusal",
    "RoundAnswer",
    "TierChange",
    "TierQuote",
    "TierwiseError",
    "TotalAnswer",
    "__version__",
]
