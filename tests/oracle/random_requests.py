"""Makes random requests of the 14 operations, close to the edges that the rules speak of."""

from __future__ import annotations

from random import Random
from typing import Any, Callable

from .catalog import Catalog
from .moments import date_text
from .money import bands_of, days_price
from .random_stories import as_of_text, random_groups, random_period, random_story
from .tiers import Tier

Request = dict[str, Any]


def _tier(random: Random, catalog: Catalog) -> Tier:
    """Mostly a tier that has a price on account-days."""
    priced = [tier for tier in catalog.tiers if days_price(catalog, tier) is not None]
    if priced and random.random() < 0.97:
        return random.choice(priced)
    return random.choice(catalog.tiers)


def _quantity(random: Random, catalog: Catalog, tier: Tier, least: int = 0) -> int:
    """A whole number, mostly at a bound of the tier's bands."""
    numbers = [least, 1, 30, random.randint(1, 100), random.randint(1, 10**6)]
    if random.random() < 0.05:
        numbers.append(10**12)
    price = days_price(catalog, tier)
    if price is not None:
        for band in bands_of(price):
            if band.last is not None:
                numbers += [band.last - 1, band.last, band.last + 1]
    return min(10**12, max(least, random.choice(numbers)))


def _around(random: Random, catalog: Catalog, tier: Tier) -> int:
    """A count near the message limit, or any."""
    limit = tier.limits.get("message", 1000)
    near = random.choice((0, limit - 1, limit, limit + 1, random.randrange(2000), limit // 2))
    return min(10**12, max(0, near))


def _price_of(random: Random, catalog: Catalog) -> Request:
    tier = _tier(random, catalog)
    return {"tier": tier.id, "n": _quantity(random, catalog, tier, 1)}


def _total(random: Random, catalog: Catalog) -> Request:
    tier = _tier(random, catalog)
    return {"tier": tier.id, "account_days": _quantity(random, catalog, tier)}


def _month_price(random: Random, catalog: Catalog) -> Request:
    tier = _tier(random, catalog)
    price = days_price(catalog, tier)
    count = 1 if price is None else len(bands_of(price))
    return {"tier": tier.id, "band": random.randint(1, count + (random.random() < 0.05))}


def _creation_charge(random: Random, catalog: Catalog) -> Request:
    tier = random.choice(catalog.tiers)
    return {"tier": tier.id, "pool_before": _quantity(random, catalog, tier)}


def _account_days(random: Random, catalog: Catalog) -> Request:
    first, last = random_period(random, catalog)[1:]
    if random.random() < 0.3:
        first += random.randint(-20, 10)
        last = max(first, last + random.randint(-20, 20))
    request = {
        "from": date_text(first),
        "to": date_text(last),
        "events": random_story(random, catalog, first, last),
    }
    if random.random() < 0.3:
        request["as_of"] = as_of_text(random, catalog, first, last, [request["events"]])
    return request


def _quota(random: Random, catalog: Catalog) -> Request:
    tier = random.choice(catalog.tiers)
    return {
        "tier": tier.id,
        "sent": _around(random, catalog, tier),
        "waiting": random.choice((0, 0, 1, _around(random, catalog, tier))),
        "asked": random.choice((0, 1, 1, 2, _around(random, catalog, tier))),
        "kind": random.choice(("message", "message", "message", "note")),
    }


def _dispatch(random: Random, catalog: Catalog) -> Request:
    tier = random.choice(catalog.tiers)
    state = random.choice(("close", "connecting", "open", "open", "open"))
    return {"tier": tier.id, "sent": _around(random, catalog, tier), "state": state}


def _tier_change(random: Random, catalog: Catalog) -> Request:
    before, after = random.choice(catalog.tiers), random.choice(catalog.tiers)
    return {
        "from": before.id,
        "to": "nobody" if random.random() < 0.05 else after.id,
        "sent": _around(random, catalog, random.choice((before, after))),
        "archived": random.random() < 0.1,
    }


def _ending(random: Random, catalog: Catalog) -> Request:
    kinds = ("history", "live", "sent", "waiting", "notes", "contacts")
    return {
        "do": random.choice(("archive", "delete", "downgrade")),
        "archived": random.random() < 0.3,
        "logged_in": random.random() < 0.5,
        "has": {kind: random.choice((0, 0, 1, random.randrange(10**6))) for kind in kinds},
    }


def _history(random: Random, catalog: Catalog) -> Request:
    tier = random.choice(catalog.tiers)
    most = tier.features.get("chat_history") or 1000
    near = (0, 1, most - 1, most, min(10**12, most + 1), random.randrange(10**6))
    return {
        "tier": tier.id,
        "offered": random.choice(near),
        "enable_history_sync": random.random() < 0.8,
        "max_message_sync": random.choice((None, *near)),
    }


def _round(random: Random, catalog: Catalog) -> Request:
    places = random.choice((0, catalog.rounding.places + 1, catalog.rounding.places, 12))
    digits = str(random.randrange(10 ** random.randint(1, 15)))
    decimals = "".join(random.choice("0000555149") for _ in range(places))
    sign = random.choice(("", "", "-"))
    return {"total": sign + digits + ("." + decimals if places else "")}


def _invoice(random: Random, catalog: Catalog) -> Request:
    name, first, last = random_period(random, catalog)
    request = {"period": name, "groups": random_groups(random, catalog, first, last)}
    if random.random() < 0.35:
        stories = [group["events"] for group in request["groups"]]
        request["as_of"] = as_of_text(random, catalog, first, last, stories)
    return request


def _usage(random: Random, catalog: Catalog, tier: Tier) -> Request:
    usage: Request = {}
    for price in tier.prices:
        if random.random() < 0.8:
            quantity: int | str = random.choice((0, 1, 5, 1000, random.randrange(10**6)))
            if random.random() < 0.5:
                decimals = random.choice(("5", "25", "000001", "10", "333333"))
                quantity = f"{quantity}.{decimals}"
            usage[price.meter] = quantity
    return usage


def _quote(random: Random, catalog: Catalog) -> Request:
    items: list[Request] = []
    for _ in range(random.choice((1, 1, 2, 3, 4))):
        tier = _tier(random, catalog)
        item: Request = {"tier": tier.id}
        form = random.choice(("accounts", "accountDays", "accountDays", "usage"))
        if days_price(catalog, tier) is None and random.random() < 0.8:
            form = "usage"
        if form == "accounts":
            item["accounts"] = random.choice((0, 1, 7, 101, random.randrange(5000)))
            item["days"] = random.choice((0, 1, 28, 30, 31))
        elif form == "usage":
            item["usage"] = _usage(random, catalog, tier)
        else:
            item["accountDays"] = _quantity(random, catalog, tier)
        if random.random() < 0.4:
            item["creations"] = random.choice((0, 1, 3, 20, 200, random.randrange(10**6)))
        items.append(item)
    return {"items": items}


def _catalog(random: Random, catalog: Catalog) -> Request:
    return {}


# Operation → how often, the rule that the cases are filed under, how a request is made.
MAKERS: dict[str, tuple[int, str, Callable[[Random, Catalog], Request]]] = {
    "price_of": (4, "P2", _price_of),
    "total": (14, "P3", _total),
    "month_price": (3, "P6", _month_price),
    "creation_charge": (4, "C2", _creation_charge),
    "account_days": (20, "A4", _account_days),
    "quota": (3, "Q3", _quota),
    "dispatch": (2, "Q5", _dispatch),
    "tier_change": (4, "D2", _tier_change),
    "ending": (2, "L3", _ending),
    "history": (2, "H2", _history),
    "round": (3, "I3", _round),
    "invoice": (24, "I1", _invoice),
    "quote": (13, "P5", _quote),
    "catalog": (2, "F4", _catalog),
}
