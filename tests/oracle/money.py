"""Prices (P), creation charges (C) and rounding (I3, M6, P6), on exact fractions."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from .catalog import Catalog, Rounding
from .reading import AMOUNT_MAX, Refusal
from .tiers import Band, Price, Tier

ONE_BY_ONE_MAX = 40


@dataclass(frozen=True)
class Line:
    """One line of a priced quantity: the units of a band, or a flat fee."""

    kind: str
    band: int
    first: int
    last: int | None
    quantity: Fraction
    unit_price: Fraction
    amount: Fraction


def days_price(catalog: Catalog, tier: Tier) -> Price | None:
    """The tier's price on the meter of kind `active_days`."""
    return tier.price_on(catalog.days_meter)


def bands_of(price: Price) -> tuple[Band, ...]:
    """The bands as shown; for `flat`, one band at price 0."""
    return price.bands or (Band(1, None, Fraction(0)),)


def band_place(price: Price, number: int) -> int:
    """P2: the place (from 0) of the band that the number lies in."""
    for place, band in enumerate(bands_of(price)):
        if band.last is None or number <= band.last:
            return place
    raise AssertionError("P1: the last band has no end")


def unit_price(price: Price, number: int) -> Fraction:
    """P2: what the number-th unit costs; for `flat` nothing."""
    return bands_of(price)[band_place(price, number)].unit_price


def lines_of(price: Price, quantity: Fraction) -> list[Line]:
    """P3, P5, M2: the lines of a quantity, flat fees after their bands."""
    if price.model == "flat":
        assert price.amount is not None
        if quantity == 0 and not price.fee_at_zero:
            return []
        return [Line("flat_fee", 1, 1, None, Fraction(1), price.amount, price.amount)]
    if quantity == 0:
        # M2: nothing is due at zero, unless the first band's fee is due at zero.
        return _fee_lines(price, 0) if price.fee_at_zero else []
    if quantity.denominator == 1 and quantity <= ONE_BY_ONE_MAX:
        amounts = amounts_one_by_one(price, int(quantity))
    else:
        amounts = amounts_by_band(price, quantity)
    lines: list[Line] = []
    for place, (part, amount) in sorted(amounts.items()):
        band = price.bands[place]
        lines.append(
            Line("units", place + 1, band.first, band.last, part, band.unit_price, amount)
        )
        lines += _fee_lines(price, place)
    return lines


def _fee_lines(price: Price, place: int) -> list[Line]:
    band = price.bands[place]
    if band.flat_fee == 0:
        return []
    fee = band.flat_fee
    return [Line("flat_fee", place + 1, band.first, band.last, Fraction(1), fee, fee)]


Parts = dict[int, tuple[Fraction, Fraction]]


def amounts_one_by_one(price: Price, quantity: int) -> Parts:
    """P3 to the letter: the sum of the prices of the 1st to the n-th."""
    parts: Parts = {}
    for number in range(1, quantity + 1):
        place = band_place(price, number)
        units, amount = parts.get(place, (Fraction(0), Fraction(0)))
        parts[place] = (units + 1, amount + price.bands[place].unit_price)
    return parts


def amounts_by_band(price: Price, quantity: Fraction) -> Parts:
    """The short cut: the part of the quantity in (previous bound, bound] of each band."""
    parts: Parts = {}
    for place, band in enumerate(price.bands):
        below = Fraction(band.first - 1)
        if quantity <= below:
            break
        end = quantity if band.last is None else min(quantity, Fraction(band.last))
        parts[place] = (end - below, (end - below) * band.unit_price)
    return parts


def creation_charge(catalog: Catalog, tier: Tier, pool_before: int) -> Fraction:
    """C1, C2: what the creation of one account costs; nothing without a `creationCharge`."""
    if tier.creation is None:
        return Fraction(0)
    if tier.creation.mode == "fixed":
        assert tier.creation.amount is not None
        return tier.creation.amount
    price = days_price(catalog, tier)
    assert price is not None, "day_rate needs a price on account-days"
    if catalog.rules["creationRate"] == "first_band":
        return unit_price(price, 1)
    return unit_price(price, pool_before + 1)


Charges = dict[Fraction, int]


def charges_one_by_one(catalog: Catalog, tier: Tier, pool_before: int, count: int) -> Charges:
    """Charge → how many: each new account takes its place in the pool before the next."""
    charges: Charges = {}
    for made in range(count):
        charge = creation_charge(catalog, tier, pool_before + made)
        charges[charge] = charges.get(charge, 0) + 1
    return charges


def charges_of(catalog: Catalog, tier: Tier, pool_before: int, count: int) -> Charges:
    """As `charges_one_by_one`; many creations are taken band by band."""
    if count <= ONE_BY_ONE_MAX:
        return charges_one_by_one(catalog, tier, pool_before, count)
    charges: Charges = {}
    made = 0
    while made < count:
        charge = creation_charge(catalog, tier, pool_before + made)
        run = count - made
        price = days_price(catalog, tier)
        if price is not None:
            number = pool_before + made + 1
            last = bands_of(price)[band_place(price, number)].last
            if last is not None:
                run = min(run, last - number + 1)
        charges[charge] = charges.get(charge, 0) + run
        made += run
    return charges


def rounded(number: Fraction, rounding: Rounding) -> Fraction:
    """M6, I3: to `places` decimals; `half_up` and `up` go away from zero."""
    scaled = number * 10**rounding.places
    below = scaled.numerator // scaled.denominator
    rest = scaled - below
    if rest == 0:
        return number
    half = Fraction(1, 2)
    away = below if number < 0 else below + 1
    toward = below + 1 if number < 0 else below
    nearest = below if rest < half else below + 1
    result = {
        "half_up": away if rest == half else nearest,
        "half_even": below + below % 2 if rest == half else nearest,
        "up": away,
        "down": toward,
        "ceil": below + 1,
        "floor": below,
    }[rounding.mode]
    return Fraction(result, 10**rounding.places)


def rounded_line(amount: Fraction, rounding: Rounding) -> Fraction:
    """M6, C3: what a creation pays of the usage (below 0) is rounded as the creation itself."""
    return -rounded(-amount, rounding) if amount < 0 else rounded(amount, rounding)


def month_price(catalog: Catalog, price_per_day: Fraction) -> tuple[Fraction, Fraction]:
    """P6: price × display.days, exact and as shown: the nearest step, a tie going up."""
    exact = price_per_day * catalog.display_days
    steps = exact / catalog.display_step + Fraction(1, 2)
    return exact, (steps.numerator // steps.denominator) * catalog.display_step


def check_amount(amount: Fraction, path: str) -> Fraction:
    """A sum beyond 10^16 is refused."""
    if abs(amount) > AMOUNT_MAX:
        raise Refusal("amount_too_large", path)
    return amount
