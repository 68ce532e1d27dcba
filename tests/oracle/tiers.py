"""Reads and checks a tier of a catalog: features, limits, prices and their bands (P1)."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from . import reading as read
from .reading import Refusal, join

_LATER_MODELS = (
    "volume", "stairstep", "package", "percentage", "graduated_percentage", "capacity", "dynamic",
)
_LATER_PRICE_KEYS = ("convert", "included", "discounts", "maximum", "minimum", "credits")
_LATER_LIMIT_KEYS = ("graceUpTo", "graceDays", "per", "warnAt")
_MODEL_KEY = {"per_unit": "unitPrice", "flat": "amount", "graduated": "bands"}


@dataclass(frozen=True)
class Band:
    """P1: both limits are included; `last` is None in the last band."""

    first: int
    last: int | None
    unit_price: Fraction
    flat_fee: Fraction = Fraction(0)


@dataclass(frozen=True)
class Price:
    """`bands` is the one open band for `per_unit` and empty for `flat`."""

    id: str
    meter: str
    model: str
    fee_at_zero: bool
    bands: tuple[Band, ...]
    amount: Fraction | None


@dataclass(frozen=True)
class CreationCharge:
    """C1: `fixed` with its amount, or `day_rate`."""

    mode: str
    amount: Fraction | None


@dataclass(frozen=True)
class Tier:
    id: str
    name: str | None
    rank: int
    features: dict[str, int | None]
    limits: dict[str, int]
    creation: CreationCharge | None
    prices: tuple[Price, ...]

    def price_on(self, meter: str | None) -> Price | None:
        for price in self.prices:
            if price.meter == meter:
                return price
        return None


def read_tier(value: Any, path: str, meters: dict[str, str], features: set[str]) -> Tier:
    optional = ("name", "features", "limits", "creationCharge", "prices")
    tier = read.read_object(value, path, ("id", "rank"), optional)
    read.read_id(tier["id"], join(path, "id"))
    if "name" in tier:
        read.read_text(tier["name"], join(path, "name"), 1, 128)
    prices = _read_prices(tier.get("prices", []), join(path, "prices"), meters)
    creation = None
    if "creationCharge" in tier:
        paid_by_day = any(meters[price.meter] == "active_days" for price in prices)
        creation = _read_creation(
            tier["creationCharge"], join(path, "creationCharge"), paid_by_day
        )
    return Tier(
        tier["id"],
        tier.get("name"),
        read.read_whole(tier["rank"], join(path, "rank"), 1, 1000),
        _read_features(tier.get("features", {}), join(path, "features"), features),
        _read_limits(tier.get("limits", {}), join(path, "limits"), meters),
        creation,
        prices,
    )


def _read_features(value: Any, path: str, known: set[str]) -> dict[str, int | None]:
    features: dict[str, int | None] = {}
    for name, item in read.read_table(value, path).items():
        if name not in known:
            raise Refusal("unknown_feature", join(path, name))
        feature = read.read_object(item, join(path, name), (), ("max",))
        features[name] = None
        if "max" in feature:
            features[name] = read.read_whole(feature["max"], join(path, name, "max"))
    return features


def _read_limits(value: Any, path: str, meters: dict[str, str]) -> dict[str, int]:
    limits: dict[str, int] = {}
    for meter, item in read.read_table(value, path).items():
        if meter not in meters:
            raise Refusal("unknown_meter", join(path, meter))
        limit = read.read_object(item, join(path, meter), ("max",), ("kind",), _LATER_LIMIT_KEYS)
        limits[meter] = read.read_whole(limit["max"], join(path, meter, "max"))
        read.read_word(
            limit.get("kind", "hard"), join(path, meter, "kind"), ("hard",), ("soft", "grace")
        )
    return limits


def _read_creation(value: Any, path: str, paid_by_day: bool) -> CreationCharge:
    charge = read.read_object(value, path, ("mode",), ("amount",))
    mode = read.read_word(charge["mode"], join(path, "mode"), ("fixed", "day_rate"))
    if mode == "fixed":
        if "amount" not in charge:
            raise Refusal("missing_key", join(path, "amount"))
        return CreationCharge(mode, read.read_money(charge["amount"], join(path, "amount")))
    if "amount" in charge:
        raise Refusal("unknown_key", join(path, "amount"))
    if not paid_by_day:
        raise Refusal("missing_price", join(path, "mode"))
    return CreationCharge(mode, None)


def _read_prices(value: Any, path: str, meters: dict[str, str]) -> tuple[Price, ...]:
    prices: list[Price] = []
    for place, item in enumerate(read.read_list(value, path, 0, 32)):
        price = _read_price(item, join(path, place), meters)
        if price.id in [other.id for other in prices]:
            raise Refusal("duplicate_id", join(path, place, "id"))
        if price.meter in [other.meter for other in prices]:
            raise Refusal("duplicate_price", join(path, place, "meter"))
        prices.append(price)
    return tuple(prices)


def _read_price(value: Any, path: str, meters: dict[str, str]) -> Price:
    every_key = ("feeAtZero", *_MODEL_KEY.values())
    price = read.read_object(value, path, ("id", "meter", "model"), every_key, _LATER_PRICE_KEYS)
    read.read_id(price["id"], join(path, "id"))
    if read.read_text(price["meter"], join(path, "meter")) not in meters:
        raise Refusal("unknown_meter", join(path, "meter"))
    model = read.read_text(price["model"], join(path, "model"))
    if model in _LATER_MODELS:
        raise Refusal("not_supported", join(path, "model"))
    if model not in _MODEL_KEY:
        raise Refusal("unknown_model", join(path, "model"))
    for key in every_key:
        foreign = model == "per_unit" if key == "feeAtZero" else key != _MODEL_KEY[model]
        if key in price and foreign:
            raise Refusal("unknown_key", join(path, key))
    if _MODEL_KEY[model] not in price:
        raise Refusal("missing_key", join(path, _MODEL_KEY[model]))
    fee_at_zero = read.read_boolean(price.get("feeAtZero", False), join(path, "feeAtZero"))
    bands: tuple[Band, ...] = ()
    amount = None
    if model == "flat":
        amount = read.read_money(price["amount"], join(path, "amount"))
    elif model == "per_unit":
        unit_price = read.read_money(price["unitPrice"], join(path, "unitPrice"))
        bands = (Band(1, None, unit_price),)
    else:
        bands = _read_bands(price["bands"], join(path, "bands"))
    return Price(price["id"], price["meter"], model, fee_at_zero, bands, amount)


def _read_bands(value: Any, path: str) -> tuple[Band, ...]:
    items = read.read_list(value, path, 1, 256)
    forms = [_form_of(item, join(path, place)) for place, item in enumerate(items)]
    for place, form in enumerate(forms):
        if form != forms[0]:
            raise Refusal("mixed_forms", join(path, place))
    if forms[0] == "upTo":
        return _read_up_to_form(items, path)
    return _read_from_to_form(items, path)


def _form_of(item: Any, path: str) -> str:
    """F1: which of the two forms the keys of a band belong to."""
    known = ("upTo", "unitPrice", "from", "to", "price", "flatFee")
    read.read_object(item, path, (), known, ("size", "cap"))
    up_to = "upTo" in item or "unitPrice" in item
    from_to = "from" in item or "to" in item or "price" in item
    if up_to == from_to:
        raise Refusal("mixed_forms", path)
    return "upTo" if up_to else "from"


def _read_bound(value: Any, path: str) -> int | None:
    return None if value is None else read.read_whole(value, path, 1)


def _read_up_to_form(items: list[Any], path: str) -> tuple[Band, ...]:
    bands: list[Band] = []
    before = 0
    for place, item in enumerate(items):
        here = join(path, place)
        read.read_object(item, here, ("upTo", "unitPrice"), ("flatFee",))
        up_to = _read_bound(item["upTo"], join(here, "upTo"))
        # P1: bounds rise, and only the last band has no end.
        is_last = place == len(items) - 1
        if up_to is None and not is_last:
            raise Refusal("open_band_not_last", join(here, "upTo"))
        if up_to is not None and up_to <= before:
            raise Refusal("band_order", join(here, "upTo"))
        if up_to is not None and is_last:
            raise Refusal("no_open_band", join(here, "upTo"))
        unit_price = read.read_money(item["unitPrice"], join(here, "unitPrice"))
        fee = read.read_money(item.get("flatFee", "0"), join(here, "flatFee"))
        bands.append(Band(before + 1, up_to, unit_price, fee))
        before = up_to or before
    return tuple(bands)


def _read_from_to_form(items: list[Any], path: str) -> tuple[Band, ...]:
    bands: list[Band] = []
    for place, item in enumerate(items):
        here = join(path, place)
        read.read_object(item, here, ("from", "to", "price"), ("flatFee",))
        first = read.read_whole(item["from"], join(here, "from"), 1)
        last = _read_bound(item["to"], join(here, "to"))
        # P1: in the order that docs/catalog.md gives.
        _check_first(first, bands[-1] if bands else None, join(here, "from"))
        if last is None and place < len(items) - 1:
            raise Refusal("open_band_not_last", join(here, "to"))
        if last is not None and last < first:
            raise Refusal("band_order", join(here, "to"))
        unit_price = read.read_money(item["price"], join(here, "price"))
        fee = read.read_money(item.get("flatFee", "0"), join(here, "flatFee"))
        bands.append(Band(first, last, unit_price, fee))
    if bands[-1].last is not None:
        raise Refusal("no_open_band", join(path, len(items) - 1, "to"))
    return tuple(bands)


def _check_first(first: int, before: Band | None, path: str) -> None:
    if before is None:
        if first != 1:
            raise Refusal("band_gap", path)
        return
    assert before.last is not None
    if first > before.last + 1:
        raise Refusal("band_gap", path)
    if first < before.last + 1:
        raise Refusal("band_overlap" if first > before.first else "band_order", path)
