"""A user's module: every kind of question, as type checkers see it."""

from __future__ import annotations

from datetime import date, datetime, timezone
from decimal import Decimal
from pathlib import Path

from tierwise import Catalog, Decimals, QuoteAnswer, QuoteRow, Refusal, TierChange, TierwiseError
from tierwise.types import AccountEvent, CatalogDocument

EVENTS: list[AccountEvent] = [
    {
        "at": datetime(2026, 4, 1, 9, tzinfo=timezone.utc),
        "do": "create",
        "tier": "unlimited_msg_chat_history",
    },
    {"at": "2026-04-20T09:00:00Z", "do": "delete"},
]

DOCUMENT: CatalogDocument = {
    "tierwise": 1,
    "id": "example",
    "version": "1",
    "currency": "USD",
    "meters": {"account_day": {"kind": "active_days"}},
    "tiers": [
        {
            "id": "basic",
            "rank": 1,
            "prices": [
                {
                    "id": "days",
                    "meter": "account_day",
                    "model": "per_unit",
                    "unitPrice": Decimal("0.10"),
                }
            ],
        }
    ],
}


def basket(catalog: Catalog) -> QuoteAnswer:
    """What 101 accounts cost for 30 days."""
    return catalog.quote(items=[{"tier": catalog.tiers[-1], "accounts": 101, "days": 30}])


def dearest(quote: QuoteAnswer) -> QuoteRow:
    """The row with the highest amount."""
    return max(quote.rows, key=lambda row: row.amount)


def days(catalog: Catalog) -> dict[str, int]:
    """Account-days of a month."""
    answer = catalog.account_days(from_=date(2026, 4, 1), to=date(2026, 4, 30), events=EVENTS)
    return dict(answer.days)


def effects(catalog: Catalog, tier: str) -> tuple[str, ...]:
    """What a change to a tier does; nothing where it is refused."""
    answer: TierChange | Refusal = catalog.tier_change(
        from_=catalog.tiers[-1], to=tier, sent=0, archived=False
    )
    return answer.effects if isinstance(answer, TierChange) else ()


def column(catalog: Catalog) -> Decimals:
    """Totals of a column."""
    return catalog.totals(catalog.tiers[-1], [1, Decimal("2.5"), None])


def code_of(source: str | bytes | Path) -> str | None:
    """What is wrong with a catalog, if anything."""
    try:
        Catalog.load(source)
    except TierwiseError as error:
        return error.code
    return None


def due(catalog: Catalog, amount: Decimal) -> Decimal:
    """An amount as it is due."""
    return catalog.round(total=amount).amount_due


def own_catalog() -> Catalog:
    """A catalog of one's own."""
    return Catalog.load(DOCUMENT)
