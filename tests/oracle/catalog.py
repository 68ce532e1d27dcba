"""Reads and checks a catalog of format 1 (docs/catalog.md)."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from . import reading as read
from .currencies import MINOR_UNITS
from .moments import Calendar, read_date
from .reading import Refusal, join
from .tiers import Tier, read_tier

_REQUIRED = ("tierwise", "id", "version", "currency", "tiers")
_OPTIONAL = (
    "effectiveFrom", "period", "display", "rounding", "rules", "meters", "features", "defaultTier",
)
_RULES = {
    "endingDay": ("excluded", "included"),
    "mixedDay": ("highest", "first", "last"),
    "creationRelation": ("additional", "first_day"),
    "creationRate": ("marginal", "first_band"),
}
_MODES = ("half_up", "half_even", "up", "down", "ceil", "floor")


@dataclass(frozen=True)
class Rounding:
    mode: str
    places: int
    apply: str


@dataclass(frozen=True)
class Feature:
    unit: str | None
    on_loss: tuple[str, ...]
    on_gain: tuple[str, ...]


@dataclass(frozen=True)
class Catalog:
    id: str
    version: str
    effective_from: str | None
    currency: str
    calendar: Calendar
    display_days: int
    display_step: Fraction
    rounding: Rounding
    rules: dict[str, str]
    meters: dict[str, str]
    features: dict[str, Feature]
    default_tier: str
    tiers: tuple[Tier, ...]

    @property
    def by_rank(self) -> list[Tier]:
        """G4: by rising rank."""
        return sorted(self.tiers, key=lambda tier: tier.rank)

    @property
    def days_meter(self) -> str | None:
        """The one meter that counts account-days."""
        for meter, kind in self.meters.items():
            if kind == "active_days":
                return meter
        return None

    def find_tier(self, name: str) -> Tier | None:
        for tier in self.tiers:
            if tier.id == name:
                return tier
        return None

    def read_tier(self, value: Any, path: str) -> Tier:
        tier = self.find_tier(read.read_text(value, path))
        if tier is None:
            raise Refusal("unknown_tier", path)
        return tier


def read_catalog(document: Any) -> Catalog:
    """The catalog of a document, or the Refusal of its first error."""
    top = read.read_object(document, "", _REQUIRED, _OPTIONAL, ("changes", "switch"))
    if read.read_whole(top["tierwise"], "/tierwise") != 1:
        raise Refusal("unsupported_format", "/tierwise")
    read.read_id(top["id"], "/id")
    read.read_text(top["version"], "/version", 1, 64)
    if "effectiveFrom" in top:
        read_date(top["effectiveFrom"], "/effectiveFrom")
    currency = read.read_text(top["currency"], "/currency")
    if currency not in MINOR_UNITS:
        raise Refusal("unknown_currency", "/currency")
    days, step = _read_display(top.get("display", {}))
    meters = _read_meters(top.get("meters", {}))
    features = _read_features(top.get("features", {}))
    tiers = _read_tiers(top["tiers"], meters, features)
    lowest = min(tiers, key=lambda tier: tier.rank)
    catalog = Catalog(
        id=top["id"],
        version=top["version"],
        effective_from=top.get("effectiveFrom"),
        currency=currency,
        calendar=_read_calendar(top.get("period", {})),
        display_days=days,
        display_step=step,
        rounding=_read_rounding(top.get("rounding", {}), MINOR_UNITS[currency]),
        rules=_read_rules(top.get("rules", {})),
        meters=meters,
        features=features,
        default_tier=top.get("defaultTier", lowest.id),
        tiers=tiers,
    )
    catalog.read_tier(catalog.default_tier, "/defaultTier")
    return catalog


def _read_calendar(value: Any) -> Calendar:
    period = read.read_object(value, "/period", (), ("kind", "utcOffsetMinutes", "anchorDay"))
    kinds = ("calendar_month", "anchored_month")
    kind = read.read_word(period.get("kind", kinds[0]), "/period/kind", kinds)
    offset = read.read_whole(
        period.get("utcOffsetMinutes", 0), "/period/utcOffsetMinutes", -840, 840
    )
    path = "/period/anchorDay"
    if kind == "calendar_month":
        if "anchorDay" in period:
            raise Refusal("unknown_key", path)
        return Calendar(kind, offset)
    if "anchorDay" not in period:
        raise Refusal("missing_key", path)
    return Calendar(kind, offset, read.read_whole(period["anchorDay"], path, 1, 28))


def _read_display(value: Any) -> tuple[int, Fraction]:
    display = read.read_object(value, "/display", (), ("days", "step"))
    days = read.read_whole(display.get("days", 30), "/display/days", 1, 366)
    step = read.read_money(display.get("step", "0.01"), "/display/step")
    if step == 0:
        raise Refusal("out_of_range", "/display/step")
    return days, step


def _read_rounding(value: Any, minor_unit: int) -> Rounding:
    rounding = read.read_object(value, "/rounding", (), ("mode", "places", "apply"))
    return Rounding(
        read.read_word(rounding.get("mode", "half_up"), "/rounding/mode", _MODES),
        read.read_whole(rounding.get("places", minor_unit), "/rounding/places", 0, 6),
        read.read_word(rounding.get("apply", "total"), "/rounding/apply", ("total", "line")),
    )


def _read_rules(value: Any) -> dict[str, str]:
    rules = read.read_object(value, "/rules", (), _RULES)
    return {
        key: read.read_word(rules.get(key, words[0]), join("/rules", key), words)
        for key, words in _RULES.items()
    }


def _read_meters(value: Any) -> dict[str, str]:
    meters: dict[str, str] = {}
    table = read.read_table(value, "/meters", 64)
    for name in sorted(table):
        path = join("/meters", name)
        read.read_id(name, path)
        meter = read.read_object(table[name], path, ("kind",))
        kind = read.read_word(meter["kind"], join(path, "kind"), ("active_days", "count"))
        if kind == "active_days" and kind in meters.values():
            raise Refusal("duplicate_meter", path)
        meters[name] = kind
    return meters


def _read_words(value: Any, path: str) -> tuple[str, ...]:
    words = read.read_list(value, path, 0, 8)
    return tuple(read.read_id(word, join(path, place)) for place, word in enumerate(words))


def _read_features(value: Any) -> dict[str, Feature]:
    features: dict[str, Feature] = {}
    table = read.read_table(value, "/features", 64)
    for name in sorted(table):
        path = join("/features", name)
        read.read_id(name, path)
        feature = read.read_object(table[name], path, (), ("unit", "onLoss", "onGain"))
        if "unit" in feature:
            read.read_id(feature["unit"], join(path, "unit"))
        features[name] = Feature(
            feature.get("unit"),
            _read_words(feature.get("onLoss", []), join(path, "onLoss")),
            _read_words(feature.get("onGain", []), join(path, "onGain")),
        )
    return features


def _read_tiers(
    value: Any, meters: dict[str, str], features: dict[str, Feature]
) -> tuple[Tier, ...]:
    tiers: list[Tier] = []
    for place, item in enumerate(read.read_list(value, "/tiers", 1, 100)):
        path = join("/tiers", place)
        tier = read_tier(item, path, meters, set(features))
        if tier.id in [other.id for other in tiers]:
            raise Refusal("duplicate_id", join(path, "id"))
        if tier.rank in [other.rank for other in tiers]:
            raise Refusal("rank_tie", join(path, "rank"))
        tiers.append(tier)
    return tuple(tiers)
