"""What a team writes for itself: the messaging service's price list with `decimal`, by hand."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

Band = tuple[int, int | None, Decimal]

CENT = Decimal("0.01")
MILLIONTH = Decimal("0.000001")
DISPLAY_DAYS = 30
DISPLAY_STEP = Decimal("0.5")
TIER = "unlimited_msg_chat_history"


def bands_of(rate_card: list[tuple[int, int | None, Decimal]]) -> list[Band]:
    """The bands as the loops below want them: units below, last unit, price."""
    return [(first - 1, last, price) for first, last, price in rate_card]


def total(bands: list[Band], quantity: int) -> Decimal:
    """The exact price of a quantity."""
    amount = Decimal(0)
    for below, last, price in bands:
        if quantity <= below:
            break
        upper = quantity if last is None or quantity < last else last
        amount += (upper - below) * price
    return amount


def plain(number: Decimal) -> str:
    """A decimal without an exponent and without zeros at its end."""
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def quote(bands: list[Band], quantity: int) -> dict[str, Any]:
    """The rows of a basket, its total, and what is due."""
    rows: list[dict[str, Any]] = []
    amount = Decimal(0)
    for number, (below, last, price) in enumerate(bands, 1):
        if quantity <= below:
            break
        upper = quantity if last is None or quantity < last else last
        units = upper - below
        row = units * price
        amount += row
        rows.append(
            {
                "rule": "P5",
                "tier": TIER,
                "price": "account_days",
                "kind": "units",
                "band": number,
                "from_": below + 1,
                "to": last,
                "quantity": units,
                "unit_price": price,
                "amount": row,
                "text": f"{units} × {plain(price)} = {plain(row)}",
            }
        )
    due = amount.quantize(CENT, rounding=ROUND_HALF_UP)
    return {"rows": rows, "total": amount, "amount_due": due}


def next_unit(bands: list[Band], quantity: int) -> dict[str, Any]:
    """What the next account-day costs, and how far the next band is."""
    number = next(n for n, (_, last, _) in enumerate(bands, 1) if last is None or quantity < last)
    _, last, price = bands[number - 1]
    exact = price * DISPLAY_DAYS
    following = None if last is None else bands[number]
    return {
        "band": number,
        "month_price": {
            "exact": exact,
            "shown": (exact / DISPLAY_STEP).quantize(Decimal(1), ROUND_HALF_UP) * DISPLAY_STEP,
        },
        "next_band_unit_price": following[2] if following else None,
        "unit_price": price,
        "units_to_next_band": None if last is None else Decimal(last - quantity),
    }


def explained_quote(bands: list[Band], quantity: int, fingerprint: str) -> dict[str, Any]:
    """All that the engine says of a basket of one tier."""
    basket = quote(bands, quantity)
    amount = basket["total"]
    ratio = Fraction(amount) / quantity
    price = {
        "price": "account_days",
        "meter": "account_day",
        "quantity": Decimal(quantity),
        "total": amount,
        "effective_unit_price": {
            "exact": f"{ratio.numerator}/{ratio.denominator}",
            "rounded": (amount / quantity).quantize(MILLIONTH, ROUND_HALF_UP),
        },
        "next": next_unit(bands, quantity),
    }
    tier = {"tier": TIER, "prices": [price], "creations": Decimal(0), "total": amount}
    catalog = {"id": "messaging-accounts", "version": "1", "fingerprint": fingerprint}
    return {**basket, "catalog": catalog, "currency": "USD", "tiers": [tier]}
