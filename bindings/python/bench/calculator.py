"""What a team writes for itself: the messaging service's price list with `decimal`, by hand."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

Band = tuple[int, int | None, Decimal]

CENT = Decimal("0.01")
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


def quote(bands: list[Band], accounts: int, days: int) -> dict[str, object]:
    """The rows of a basket, its total, and what is due."""
    quantity = accounts * days
    rows = []
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
                "from": below + 1,
                "to": last,
                "quantity": units,
                "unit_price": price,
                "amount": row,
                "text": f"{units} × {plain(price)} = {plain(row)}",
            }
        )
    due = amount.quantize(CENT, rounding=ROUND_HALF_UP)
    return {"rows": rows, "total": amount, "amount_due": due}
