"""The 14 operations of FORMAT.md: one request in, one answer or Refusal out."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, Callable

from .catalog import Catalog
from .catalog_view import canonical_form, fingerprint, rate_card
from .days import account_days, happened_by, last_day_by, read_events
from .invoices import amount_due, invoice
from .money import (
    bands_of,
    check_amount,
    creation_charge,
    days_price,
    lines_of,
    month_price,
    unit_price,
)
from .moments import read_date, read_time
from .policy import dispatch, ending, history, quota, tier_change
from .quotes import quote
from .reading import AMOUNT_MAX, Refusal, read_decimal, read_object, read_whole
from .tiers import Price
from .writing import decimal_text

Answer = dict[str, Any]
Request = dict[str, Any]


def _read_price(catalog: Catalog, request: Request) -> Price:
    price = days_price(catalog, catalog.read_tier(request["tier"], "/tier"))
    if price is None:
        raise Refusal("missing_price", "/tier")
    return price


def _price_of(catalog: Catalog, request: Request) -> Answer:
    read_whole(request["n"], "/n")
    price = _read_price(catalog, request)
    return {"price": decimal_text(unit_price(price, read_whole(request["n"], "/n", 1)))}


def _total(catalog: Catalog, request: Request) -> Answer:
    path = "/account_days"
    quantity = read_whole(request["account_days"], path)
    price = _read_price(catalog, request)
    lines: list[Answer] = []
    total = Fraction(0)
    for line in lines_of(price, Fraction(quantity)):
        shown: Answer = {
            "from": line.first,
            "to": line.last,
            "quantity": int(line.quantity),
            "price": decimal_text(line.unit_price),
            "amount": decimal_text(line.amount),
        }
        if line.kind == "flat_fee":
            shown["kind"] = "flat_fee"
        lines.append(shown)
        total += line.amount
    return {"lines": lines, "total": decimal_text(check_amount(total, path))}


def _month_price(catalog: Catalog, request: Request) -> Answer:
    band = read_whole(request["band"], "/band")
    bands = bands_of(_read_price(catalog, request))
    if not 1 <= band <= len(bands):
        raise Refusal("out_of_range", "/band")
    exact, shown = month_price(catalog, bands[band - 1].unit_price)
    return {"exact": decimal_text(exact), "shown": decimal_text(shown)}


def _creation_charge(catalog: Catalog, request: Request) -> Answer:
    tier = catalog.read_tier(request["tier"], "/tier")
    pool_before = read_whole(request["pool_before"], "/pool_before")
    return {"charge": decimal_text(creation_charge(catalog, tier, pool_before))}


def _account_days(catalog: Catalog, request: Request) -> Answer:
    first = read_date(request["from"], "/from")
    last = read_date(request["to"], "/to")
    if first > last:
        raise Refusal("date_order", "/from")
    events = read_events(catalog, request["events"], "/events")
    as_of = read_time(request["as_of"], "/as_of") if "as_of" in request else None
    last = last_day_by(catalog, last, as_of)
    return {"days": account_days(catalog, happened_by(events, as_of), first, last)}


def _round(catalog: Catalog, request: Request) -> Answer:
    total = read_decimal(request["total"], "/total", 12, signed=True)
    if abs(total) > AMOUNT_MAX:
        raise Refusal("out_of_range", "/total")
    return {"amount_due": amount_due(catalog, total)}


def _catalog(catalog: Catalog, request: Request) -> Answer:
    return {
        "catalog": canonical_form(catalog),
        "fingerprint": fingerprint(catalog),
        "rateCard": rate_card(catalog),
    }


# Operation → keys required, keys that may be left out, what answers it.
OPERATIONS: dict[
    str, tuple[tuple[str, ...], tuple[str, ...], Callable[[Catalog, Request], Answer]]
] = {
    "price_of": (("tier", "n"), (), _price_of),
    "total": (("tier", "account_days"), (), _total),
    "month_price": (("tier", "band"), (), _month_price),
    "creation_charge": (("tier", "pool_before"), (), _creation_charge),
    "account_days": (("from", "to", "events"), ("as_of",), _account_days),
    "quota": (("tier", "sent", "waiting", "asked", "kind"), (), quota),
    "dispatch": (("tier", "sent", "state"), (), dispatch),
    "tier_change": (("from", "to", "sent", "archived"), (), tier_change),
    "ending": (("do", "archived", "logged_in", "has"), (), ending),
    "history": (
        ("tier", "offered", "enable_history_sync", "max_message_sync"), (), history,
    ),
    "round": (("total",), (), _round),
    "invoice": (("period", "groups"), ("as_of",), invoice),
    "quote": (("items",), (), quote),
    "catalog": ((), (), _catalog),
}


def answer(catalog: Catalog, operation: str, request: Any) -> Answer:
    """The answer to a request, or a Refusal."""
    if operation not in OPERATIONS:
        raise Refusal("unknown_operation", "")
    required, optional, function = OPERATIONS[operation]
    return function(catalog, read_object(request, "", required, optional))
