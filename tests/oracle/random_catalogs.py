"""Makes random valid catalogs of many shapes."""

from __future__ import annotations

from random import Random
from typing import Any

Document = dict[str, Any]

OFFSETS = (0, 0, 60, -300, 330, 345, -570, 840, -840, 1, -1)
_WORDS = ("rescan_needed", "data_removed", "seats_frozen", "tell.owner", "export-ready")
_FEATURES = ("chat_history", "export", "sso", "Voice", "a.b")
_COUNT_METERS = ("message", "sms", "gb", "Call-minutes")
_STEPS = ("0.5", "0.01", "1", "0.05", "0.25", "3", "0.000001", "0.10")


def money(random: Random, most_digits: int = 3) -> str:
    """Money with 0 to 6 places, now and then with trailing zeros, or 0."""
    places = random.choice((0, 1, 2, 2, 3, 6))
    whole = random.choice((0, 0, random.randrange(10), random.randrange(10**most_digits)))
    if places == 0:
        return str(whole)
    decimals = str(random.randrange(10**places)).rjust(places, "0")
    if random.random() < 0.15:
        decimals = decimals[:-1] + "0"
    return f"{whole}.{decimals}"


def _bounds(random: Random, count: int) -> list[int]:
    top = random.choice((12, 12, 40, 100, 5000, 200_000, 10**12))
    low = top - 40 if top == 10**12 and random.random() < 0.5 else 1
    return sorted(random.sample(range(low, top + 1), count))


def _bands(random: Random) -> list[Document]:
    count = random.choice((1, 2, 2, 3, 4, 6, 40 if random.random() < 0.1 else 3))
    bounds: list[int | None] = [*_bounds(random, min(count, 12) - 1), None]
    # The bound 10^12 cannot be followed in the from/to form: its next `from` is out of range.
    from_to_form = random.random() < 0.4 and 10**12 not in bounds
    bands: list[Document] = []
    first = 1
    for bound in bounds:
        if from_to_form:
            band: Document = {"from": first, "to": bound, "price": money(random)}
        else:
            band = {"upTo": bound, "unitPrice": money(random)}
        if random.random() < 0.2:
            band["flatFee"] = money(random, 2)
        bands.append(band)
        first = (bound or 0) + 1
    return bands


def _price(random: Random, name: str, meter: str) -> Document:
    model = random.choice(("graduated",) * 6 + ("per_unit", "per_unit", "flat"))
    price: Document = {"id": name, "meter": meter, "model": model}
    if model == "per_unit":
        price["unitPrice"] = money(random)
    elif model == "flat":
        price["amount"] = money(random)
    else:
        price["bands"] = _bands(random)
    if model != "per_unit" and random.random() < 0.3:
        price["feeAtZero"] = random.random() < 0.7
    return price


def _tier(random: Random, name: str, rank: int, document: Document) -> Document:
    meters, features = document["meters"], document["features"]
    tier: Document = {"id": name, "rank": rank}
    if random.random() < 0.2:
        tier["name"] = random.choice(("Größer", "Plan \"A\"", "x", "Líne\tbreak\\", "お得"))
    held = [feature for feature in features if random.random() < 0.5]
    if held or random.random() < 0.3:
        tier["features"] = {
            feature: {"max": random.choice((0, 1, 250, 10**5, 10**12))}
            if random.random() < 0.6 else {}
            for feature in held
        }
    limited = [meter for meter in meters if random.random() < 0.5]
    if limited:
        tier["limits"] = {
            meter: {"max": random.choice((0, 1, 10, 1000, 10**12))} for meter in limited
        }
        if random.random() < 0.3:
            tier["limits"][limited[0]]["kind"] = "hard"
    priced = [
        meter for meter in meters
        if random.random() < (0.93 if meters[meter]["kind"] == "active_days" else 0.5)
    ]
    prices = [_price(random, f"p{place}", meter) for place, meter in enumerate(priced)]
    random.shuffle(prices)
    tier["prices"] = prices
    by_day = any(meters[meter]["kind"] == "active_days" for meter in priced)
    chance = random.random()
    if chance < 0.55 and by_day:
        tier["creationCharge"] = {"mode": "day_rate"}
    elif chance < 0.8:
        tier["creationCharge"] = {"mode": "fixed", "amount": money(random)}
    return tier


def _maybe(random: Random, document: Document, key: str, value: Any, chance: float = 0.7) -> None:
    if random.random() < chance:
        document[key] = value


def _settings(random: Random, document: Document) -> None:
    period: Document = {}
    _maybe(random, period, "utcOffsetMinutes", random.choice(OFFSETS))
    if random.random() < 0.35:
        period["kind"] = "anchored_month"
        period["anchorDay"] = random.choice((1, 2, 15, 27, 28))
    elif random.random() < 0.5:
        period["kind"] = "calendar_month"
    _maybe(random, document, "period", period, 0.85)
    display: Document = {}
    _maybe(random, display, "days", random.choice((1, 28, 30, 31, 365, 366)))
    _maybe(random, display, "step", random.choice(_STEPS))
    _maybe(random, document, "display", display)
    rounding: Document = {}
    modes = ("half_up", "half_even", "up", "down", "ceil", "floor")
    _maybe(random, rounding, "mode", random.choice(modes))
    _maybe(random, rounding, "places", random.choice((0, 1, 2, 3, 6)), 0.4)
    _maybe(random, rounding, "apply", random.choice(("total", "line")))
    _maybe(random, document, "rounding", rounding)
    rules: Document = {}
    _maybe(random, rules, "endingDay", random.choice(("excluded", "included")))
    _maybe(random, rules, "mixedDay", random.choice(("highest", "first", "last")))
    _maybe(random, rules, "creationRelation", random.choice(("additional", "first_day")))
    _maybe(random, rules, "creationRate", random.choice(("marginal", "first_band")), 0.5)
    _maybe(random, document, "rules", rules, 0.85)


def random_catalog(random: Random) -> Document:
    document: Document = {
        "tierwise": 1,
        "id": f"c{random.randrange(1000)}",
        "version": random.choice(("1", "2026-04", "v2 β")),
        "currency": random.choice(("USD", "EUR", "JPY", "KWD")),
    }
    _maybe(random, document, "effectiveFrom", "2026-01-01", 0.2)
    _settings(random, document)
    days_meter = random.choice(("account_day", "account_day", "seat-days", "zz"))
    meters = {days_meter: {"kind": "active_days"}}
    if random.random() < 0.03:
        meters = {}
    for meter in _COUNT_METERS:
        if random.random() < (0.8 if meter == "message" else 0.3):
            meters[meter] = {"kind": "count"}
    document["meters"] = meters
    document["features"] = {}
    for feature in _FEATURES:
        if random.random() < (0.75 if feature == "chat_history" else 0.3):
            about: Document = {}
            _maybe(random, about, "unit", "message", 0.3)
            _maybe(random, about, "onLoss", random.sample(_WORDS, random.randrange(3)))
            _maybe(random, about, "onGain", random.sample(_WORDS, random.randrange(3)))
            document["features"][feature] = about
    names = random.sample(("free", "basic", "Pro", "team", "x-1", "z.2"), random.randint(1, 5))
    ranks = random.sample((1, 2, 3, 4, 5, 10, 999, 1000), len(names))
    document["tiers"] = [
        _tier(random, name, rank, document) for name, rank in zip(names, ranks)
    ]
    _maybe(random, document, "defaultTier", random.choice(names), 0.4)
    return document
