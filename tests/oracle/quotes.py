"""Quotes (FORMAT.md, `quote`): a basket of tiers, quantities and creations, with its rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from . import reading as read
from .catalog import Catalog, Rounding
from .catalog_view import fingerprint
from .invoices import amount_due, charges_paid_by_first_day
from .money import (
    Charges,
    band_place,
    bands_of,
    charges_of,
    check_amount,
    lines_of,
    month_price,
    rounded,
    rounded_line,
)
from .reading import WHOLE_MAX, Refusal, join
from .tiers import Price, Tier
from .writing import decimal_text, ratio_text

_SIX_PLACES = Rounding("half_up", 6, "total")


@dataclass
class Basket:
    """P4: what the items of one tier add up to."""

    quantities: dict[str, Fraction] = field(default_factory=dict)
    creations: int = 0


@dataclass(frozen=True)
class Row:
    """One row of the explanation; `counted` is what sums take: the rounded amount by line."""

    shown: dict[str, Any]
    counted: Fraction


def quote(catalog: Catalog, request: dict[str, Any]) -> dict[str, Any]:
    baskets: dict[str, Basket] = {}
    for place, item in enumerate(read.read_list(request["items"], "/items", 1, 100)):
        _add_item(catalog, item, join("/items", place), baskets)
    tiers: list[dict[str, Any]] = []
    rows: list[Row] = []
    for tier in catalog.by_rank:
        if tier.id in baskets:
            tiers.append(_quote_tier(catalog, tier, baskets[tier.id], rows))
    total = check_amount(_sum(rows), "/items")
    return {
        "catalog": {
            "fingerprint": fingerprint(catalog),
            "id": catalog.id,
            "version": catalog.version,
        },
        "currency": catalog.currency,
        "tiers": tiers,
        "rows": [row.shown for row in rows],
        "total": decimal_text(total),
        "amountDue": amount_due(catalog, total),
    }


def _sum(rows: list[Row]) -> Fraction:
    return sum((row.counted for row in rows), Fraction(0))


def _add_item(catalog: Catalog, value: Any, path: str, baskets: dict[str, Basket]) -> None:
    optional = ("accounts", "days", "accountDays", "usage", "creations")
    item = read.read_object(value, path, ("tier",), optional)
    tier = catalog.read_tier(item["tier"], join(path, "tier"))
    basket = baskets.setdefault(tier.id, Basket())
    forms = [
        "accounts" in item or "days" in item, "accountDays" in item, "usage" in item,
    ]
    if sum(forms) != 1:
        raise Refusal("wrong_form", path)
    for meter, quantity in _read_quantities(catalog, tier, item, path).items():
        basket.quantities[meter] = basket.quantities.get(meter, Fraction(0)) + quantity
        if basket.quantities[meter] > WHOLE_MAX:
            raise Refusal("quantity_too_large", path)
    if "creations" in item:
        basket.creations += read.read_whole(
            item["creations"], join(path, "creations"), 0, 10**9
        )


def _read_quantities(
    catalog: Catalog, tier: Tier, item: dict[str, Any], path: str
) -> dict[str, Fraction]:
    """Meter → quantity, in one of the three forms."""
    if "usage" in item:
        return _read_usage(catalog, tier, item["usage"], join(path, "usage"))
    if "accountDays" in item:
        days = read.read_whole(item["accountDays"], join(path, "accountDays"))
    else:
        read.read_object(item, path, ("accounts", "days"), ("tier", "creations"))
        accounts = read.read_whole(item["accounts"], join(path, "accounts"))
        days = accounts * read.read_whole(item["days"], join(path, "days"))
    meter = catalog.days_meter
    if meter is None or tier.price_on(meter) is None:
        raise Refusal("missing_price", join(path, "tier"))
    return {meter: Fraction(days)}


def _read_usage(catalog: Catalog, tier: Tier, value: Any, path: str) -> dict[str, Fraction]:
    quantities: dict[str, Fraction] = {}
    for meter, item in read.read_table(value, path).items():
        here = join(path, meter)
        if meter not in catalog.meters:
            raise Refusal("unknown_meter", here)
        if tier.price_on(meter) is None:
            raise Refusal("missing_price", here)
        if isinstance(item, int) or (isinstance(item, float) and item.is_integer()):
            quantities[meter] = Fraction(read.read_whole(item, here))
            continue
        quantities[meter] = read.read_decimal(item, here)
        if quantities[meter] > WHOLE_MAX:
            raise Refusal("out_of_range", here)
    return quantities


def _quote_tier(
    catalog: Catalog, tier: Tier, basket: Basket, all_rows: list[Row]
) -> dict[str, Any]:
    rows: list[Row] = []
    prices: list[dict[str, Any]] = []
    for price in tier.prices:
        if price.meter in basket.quantities:
            quantity = basket.quantities[price.meter]
            price_rows = _price_rows(catalog, tier, price, quantity)
            prices.append(_quote_price(catalog, price, quantity, _sum(price_rows)))
            rows += price_rows
    charges = charges_of(catalog, tier, 0, basket.creations)
    first_day: list[Row] = []
    if charges_paid_by_first_day(catalog, tier):
        first_day = _charge_rows(catalog, tier, charges, "first_day")
    creation = _charge_rows(catalog, tier, charges, "creation")
    rows += first_day + creation
    all_rows += rows
    return {
        "tier": tier.id,
        "prices": prices,
        "creations": decimal_text(_sum(creation)),
        "total": decimal_text(_sum(rows)),
    }


def _row(catalog: Catalog, shown: dict[str, Any], amount: Fraction, text: str) -> Row:
    check_amount(amount, "/items")
    shown = {**shown, "amount": decimal_text(amount), "text": text}
    if catalog.rounding.apply == "total":
        return Row(shown, amount)
    counted = rounded_line(amount, catalog.rounding)
    shown["rounded"] = decimal_text(counted)
    return Row(shown, counted)


def _price_rows(catalog: Catalog, tier: Tier, price: Price, quantity: Fraction) -> list[Row]:
    rows: list[Row] = []
    for line in lines_of(price, quantity):
        units, unit_price = decimal_text(line.quantity), decimal_text(line.unit_price)
        shown = {
            "rule": "P5" if line.kind == "units" else "M2",
            "tier": tier.id,
            "price": price.id,
            "kind": line.kind,
            "band": line.band,
            "from": str(line.first),
            "to": None if line.last is None else str(line.last),
            "quantity": units,
            "unitPrice": unit_price,
        }
        text = f"{units} × {unit_price} = {decimal_text(line.amount)}"
        rows.append(_row(catalog, shown, line.amount, text))
    return rows


def _charge_rows(catalog: Catalog, tier: Tier, charges: Charges, kind: str) -> list[Row]:
    """C1, C2: the higher charge first, charges of 0 left out; C3: negative."""
    rows: list[Row] = []
    for charge in sorted(charges, reverse=True):
        if charge == 0:
            continue
        assert tier.creation is not None
        count, unit_price = str(charges[charge]), decimal_text(charge)
        amount = charge * charges[charge]
        text = f"{count} × {unit_price} = {decimal_text(amount)}"
        rule = "C1" if tier.creation.mode == "fixed" else "C2"
        if kind == "first_day":
            rule, amount = "C3", -amount
            text = f"-({count} × {unit_price}) = {decimal_text(amount)}"
        shown = {
            "rule": rule, "tier": tier.id, "price": None, "kind": kind,
            "band": None, "from": None, "to": None,
            "quantity": count, "unitPrice": unit_price,
        }
        rows.append(_row(catalog, shown, amount, text))
    return rows


def _quote_price(
    catalog: Catalog, price: Price, quantity: Fraction, total: Fraction
) -> dict[str, Any]:
    effective = None
    if quantity != 0:
        exact = total / quantity
        effective = {
            "exact": ratio_text(exact),
            "rounded": decimal_text(rounded(exact, _SIX_PLACES)),
        }
    return {
        "price": price.id,
        "meter": price.meter,
        "quantity": decimal_text(quantity),
        "total": decimal_text(total),
        "effectiveUnitPrice": effective,
        "next": _next_unit(catalog, price, quantity),
    }


def _next_unit(catalog: Catalog, price: Price, quantity: Fraction) -> dict[str, Any] | None:
    """The next whole unit: number floor(quantity) + 1."""
    if price.model == "flat":
        return None
    number = quantity.numerator // quantity.denominator + 1
    place = band_place(price, number)
    bands = bands_of(price)
    band = bands[place]
    month = None
    if price.meter == catalog.days_meter:
        exact, shown = month_price(catalog, band.unit_price)
        month = {"exact": decimal_text(exact), "shown": decimal_text(shown)}
    is_last = band.last is None
    return {
        "unitPrice": decimal_text(band.unit_price),
        "monthPrice": month,
        "band": place + 1,
        "unitsToNextBand": None if is_last else decimal_text(band.last - quantity),
        "nextBandUnitPrice": None if is_last else decimal_text(bands[place + 1].unit_price),
    }
