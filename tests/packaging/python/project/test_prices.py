"""A user's tests."""

from __future__ import annotations

from decimal import Decimal

import prices
import tierwise


def test_a_first_minute() -> None:
    catalog = tierwise.Catalog.messaging()
    quote = prices.basket(catalog)
    assert str(quote.amount_due) == "1209.90"
    assert prices.dearest(quote).amount == 1200
    assert prices.days(catalog) == {"unlimited_msg_chat_history": 19}
    assert prices.effects(catalog, "limited_msg_no_chat_history")[0] == "history_removed"
    assert prices.effects(catalog, "premium") == ()
    assert prices.due(catalog, Decimal("1.005")) == Decimal("1.01")


def test_a_column_needs_no_other_library() -> None:
    totals = prices.column(tierwise.Catalog.messaging())
    assert totals.to_list() == [Decimal("0.4"), Decimal(1), None]


def test_a_catalog_of_ones_own() -> None:
    assert prices.own_catalog().tiers == ("basic",)
    assert prices.code_of("{") == "bad_json"
