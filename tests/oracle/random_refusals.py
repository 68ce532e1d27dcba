"""Spoils valid requests and catalogs in one place, so that they are refused."""

from __future__ import annotations

from copy import deepcopy
from random import Random
from typing import Any, Callable

Document = dict[str, Any]

_BAD_TIMES = (
    "2026-02-30T00:00:00Z", "2026-04-01T24:00:00Z", "2026-04-01T10:00:00", "soon", "",
    "2200-01-01T00:00:00Z", "1969-12-31T23:59:59Z", "2026-04-01T10:00:00.1234567891Z",
    "2026-04-01T10:60:00Z", "2026-04-01", "2026-4-1T10:00:00Z", "2026-04-01T10:00:00+1:00",
)
_BAD_DATES = ("2026-02-29", "2026-13-01", "26-01-01", "2200-01-01", "1969-12-31", "2026-1-1", "")
_BAD_PERIODS = ("2026-13", "2026-00", "2026", "2026-4", "2200-01", "1969-12", "2026-04-01", "")
_BAD_DECIMALS = ("1e3", "1,000", ".5", "5.", "+1", "", " 1", "--1", "1.2.3", "0x1", "NaN")
_WRONG_WHOLES = (-1, 10**12 + 1, 10**15, 1.5, "1", None, True, [], {})


def _spoil_event(random: Random, events: list[Document], tiers: list[str]) -> None:
    """An event that cannot have happened, or that cannot be read."""
    early = {"at": "1970-01-01T15:00:00Z", "do": "delete"}
    late = {"at": "2199-12-30T00:00:00Z", "do": "create", "tier": tiers[0]}
    last_tier = next((event["tier"] for event in events[::-1] if "tier" in event), tiers[0])
    spoilt: list[list[Document]] = [
        [early, *events], [*events, late], [*events, {**late, "do": "delete"}, late],
        [*events, {**late, "do": "archive"}], [*events, {**late, "at": random.choice(_BAD_TIMES)}],
        [*events, {**late, "do": "resurrect"}], [*events, {**late, "tier": "nobody"}],
        [*events, {"at": late["at"], "do": "create"}], [*events, early],
        [*events, {"at": late["at"], "do": "delete"}, {"at": late["at"], "do": "delete"}],
        [*events, {**late, "do": "tier", "tier": last_tier}], [*events, 5], [*events, {}],
    ]
    events[:] = random.choice(spoilt)


def _without(random: Random, document: Document, missing: bool) -> None:
    """A key left out, or one too many."""
    if missing and document:
        del document[random.choice(sorted(document))]
    else:
        document[random.choice(("extra", "Tier", "a/b", "m~n", ""))] = 1


def spoil_request(random: Random, operation: str, request: Document, tiers: list[str]) -> Any:
    """A copy of the request with one thing wrong."""
    spoilt = deepcopy(request)
    chance = random.random()
    if chance < 0.03:
        return random.choice(([], None, "request", 1))
    if chance < 0.2 or not spoilt:
        _without(random, spoilt, random.random() < 0.5)
        return spoilt
    stories = [spoilt["events"]] if "events" in spoilt else []
    stories += [group["events"] for group in spoilt.get("groups", [])]
    if stories and chance < 0.75:
        _spoil_event(random, random.choice(stories), tiers)
        return spoilt
    if spoilt.get("groups") and chance < 0.85:
        group = random.choice(spoilt["groups"])
        group["count"] = random.choice((0, -1, 10**9 + 1, 2.5, "3", None))
        return spoilt
    if operation == "quote":
        # One thing only: which of several errors is reported is not promised.
        if chance > 0.95:
            spoilt["items"] = random.choice(([], {}, [1], spoilt["items"] * 101))
        else:
            _spoil_item(random, random.choice(spoilt["items"]))
        return spoilt
    _spoil_value(random, spoilt)
    return spoilt


def _spoil_item(random: Random, item: Document) -> None:
    change = random.randrange(7)
    if change == 0:
        item.update({"accountDays": 1, "usage": {}})
    elif change == 1:
        for form in ("accounts", "days", "accountDays", "usage"):
            item.pop(form, None)
    elif change == 2 and "usage" in item:
        item["usage"]["nothing/here"] = 1
    elif change == 3 and item.get("usage"):
        meter = random.choice(sorted(item["usage"]))
        item["usage"][meter] = random.choice(("1e3", "-1", "0.1234567", 0.5, -2, 10**13, None))
    elif change == 4:
        item["creations"] = random.choice((-1, 10**9 + 1, 0.5, "1"))
    elif change == 5:
        item["tier"] = random.choice(("nobody", 5, None, ""))
    else:
        item["extra"] = 1


def _spoil_value(random: Random, request: Document) -> None:
    key = random.choice(sorted(request))
    if key in ("from", "to") and "events" in request:
        request[key] = random.choice((*_BAD_DATES, 20260401))
    elif key == "period":
        request[key] = random.choice((*_BAD_PERIODS, 202604))
    elif key == "as_of":
        request[key] = random.choice((*_BAD_TIMES, 5))
    elif key == "total":
        request[key] = random.choice((*_BAD_DECIMALS, 1.5, 3, None, "1.0000000000001"))
    elif key in ("tier", "from", "to"):
        request[key] = random.choice(("nobody", 5, None, ""))
    elif key in ("kind", "state", "do"):
        request[key] = random.choice(("other", "", 1, None))
    elif key in ("archived", "logged_in", "enable_history_sync"):
        request[key] = random.choice((0, "true", None))
    elif key == "has":
        kind = random.choice(sorted(request["has"]))
        request["has"][kind] = random.choice(_WRONG_WHOLES)
    elif key in ("events", "groups"):
        request[key] = random.choice(({}, None, "events"))
    else:
        request[key] = random.choice(_WRONG_WHOLES)


def _top(key: str, *values: Any) -> Callable[[Random, Document], None]:
    def spoil(random: Random, document: Document) -> None:
        document[key] = random.choice(values)
    return spoil


def _part(part: str, key: str, *values: Any) -> Callable[[Random, Document], None]:
    def spoil(random: Random, document: Document) -> None:
        document.setdefault(part, {})[key] = random.choice(values)
    return spoil


def _tier(key: str, *values: Any) -> Callable[[Random, Document], None]:
    def spoil(random: Random, document: Document) -> None:
        random.choice(document["tiers"])[key] = random.choice(values)
    return spoil


def _second_tier(key: str) -> Callable[[Random, Document], None]:
    def spoil(random: Random, document: Document) -> None:
        first = document["tiers"][0]
        document["tiers"].append({"id": "second", "rank": 77, key: first[key]})
    return spoil


def _price(key: str, *values: Any) -> Callable[[Random, Document], None]:
    def spoil(random: Random, document: Document) -> None:
        prices = [price for tier in document["tiers"] for price in tier["prices"]]
        (random.choice(prices) if prices else document)[key] = random.choice(values)
    return spoil


def _bands(*bands: list[Any]) -> Callable[[Random, Document], None]:
    def spoil(random: Random, document: Document) -> None:
        prices = [price for tier in document["tiers"] for price in tier["prices"]]
        graduated = [price for price in prices if "bands" in price]
        (random.choice(graduated) if graduated else document)["bands"] = random.choice(bands)
    return spoil


def _drop(key: str) -> Callable[[Random, Document], None]:
    def spoil(random: Random, document: Document) -> None:
        del document[key]
    return spoil


def _up_to(*bounds: Any) -> list[Any]:
    return [{"upTo": bound, "unitPrice": "1"} for bound in bounds]


def _from_to(*pairs: tuple[Any, Any]) -> list[Any]:
    return [{"from": first, "to": last, "price": "1"} for first, last in pairs]


_MONEY = (1, 0.4, "-1", "1000000000", "0.0000001", "1e3", "", None)
_CATALOG_SPOILERS: tuple[Callable[[Random, Document], None], ...] = (
    _top("tierwise", 2, 0, "1", None), _top("id", "", "a b", "ü", "x" * 65, 1),
    _top("version", "", "v" * 65, 1), _top("effectiveFrom", *_BAD_DATES, 1),
    _top("currency", "usd", "ABC", "", 1), _top("colour", "red"), _top("changes", [], {}),
    _top("switch", "immediate"), _top("defaultTier", "nobody", "", 1),
    _top("tiers", [], {}, None), _top("meters", [], 1), _top("features", [], 1),
    _drop("tierwise"), _drop("id"), _drop("version"), _drop("currency"), _drop("tiers"),
    _part("period", "utcOffsetMinutes", 841, -841, "0", 0.5), _part("period", "kind", "week", 1),
    _part("display", "days", 0, 367, -1, "30"), _part("display", "step", "0", *_MONEY),
    _part("rounding", "mode", "half_down", 1), _part("rounding", "places", 7, -1, "2"),
    _part("rounding", "apply", "row"), _part("rules", "endingDay", "maybe", 1),
    _part("rules", "mixedDay", "lowest"), _part("rules", "creationRate", "last_band"),
    _part("rules", "creationRelation", "none"), _part("rules", "other", "x"),
    _part("meters", "bad id", {"kind": "count"}), _part("meters", "new", {}, {"kind": "sum"}),
    _part("features", "f", {"onLoss": ["a b"]}, {"onGain": ["w"] * 9}, {"on": []}, {"unit": ""}),
    _tier("rank", 0, -1, 1001, "1", None), _tier("id", "", "a/b", 7), _tier("name", "", "n" * 129),
    _tier("features", {"nothing": {}}, [], {"n~/": {}}), _tier("limits", {"nothing": {"max": 1}}),
    _tier("creationCharge", {"mode": "fixed"}, {"mode": "day_rate", "amount": "1"}, {},
          {"mode": "month"}, {"mode": "fixed", "amount": 1}),
    _tier("colour", "red"), _tier("prices", {}, [1]), _second_tier("id"), _second_tier("rank"),
    _price("meter", "nothing", 1), _price("id", "", "a b", 1),
    _price("model", "volume", "stairstep", "package", "dynamic", "tiered", 1),
    _price("minimum", "1"), _price("credits", []), _price("unknown", 1),
    _bands([], _up_to(5), _up_to(5, 5, None), _up_to(7, 3, None), _up_to(None, None),
           _up_to(0, None), _up_to(-3, None), _up_to(10**12 + 1, None), _up_to("5", None)),
    _bands(_from_to((2, None)), _from_to((1, 5), (7, None)), _from_to((1, 5), (5, None)),
           _from_to((1, 5), (6, 8), (6, None)), _from_to((1, 5), (1, None)),
           _from_to((1, None), (6, None)), _from_to((1, 5), (6, 5), (6, None)),
           _from_to((1, 5)), _from_to((0, None))),
    _bands(_up_to(5) + _from_to((6, None)), [{}], [{"flatFee": "1"}], [{"upTo": None}],
           [{"upTo": None, "unitPrice": "1", "price": "1"}], [{"unitPrice": "1"}], [5],
           [{"upTo": None, "unitPrice": "1", "size": 5}], [{"from": 1, "price": "1"}]),
    _bands(*([{"upTo": None, "unitPrice": money}] for money in _MONEY),
           *([{"upTo": None, "unitPrice": "1", "flatFee": money}] for money in _MONEY)),
)


def spoil_catalog(random: Random, document: Document) -> Document:
    """A copy of the catalog with one thing wrong."""
    spoilt = deepcopy(document)
    random.choice(_CATALOG_SPOILERS)(random, spoilt)
    return spoilt
