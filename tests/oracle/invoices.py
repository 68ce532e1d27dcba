"""Invoices (I): the pools, creations and lines of one team and period."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from .catalog import Catalog
from .days import Event, account_days, happened_by, last_day_by, read_events
from .money import (
    Charges,
    charges_of,
    check_amount,
    creation_charge,
    days_price,
    lines_of,
    rounded,
    rounded_line,
)
from .moments import read_time
from .reading import WHOLE_MAX, Refusal, join, read_list, read_object, read_whole
from .tiers import Tier
from .writing import decimal_text, fixed_text

SINGLE_ACCOUNTS_MAX = 6


@dataclass(frozen=True)
class Group:
    """`count` accounts that do the same things at the same times."""

    count: int
    events: list[Event]


def read_groups(catalog: Catalog, value: Any, path: str) -> list[Group]:
    groups: list[Group] = []
    for place, item in enumerate(read_list(value, path)):
        here = join(path, place)
        read_object(item, here, ("count", "events"))
        count = read_whole(item["count"], join(here, "count"), 1, 10**9)
        groups.append(Group(count, read_events(catalog, item["events"], join(here, "events"))))
    return groups


def pools_of(catalog: Catalog, groups: list[Group], first: int, last: int) -> dict[str, int]:
    """P4: tier → account-days of all accounts."""
    pools: dict[str, int] = {}
    for group in groups:
        for tier, days in account_days(catalog, group.events, first, last).items():
            pools[tier] = pools.get(tier, 0) + days * group.count
    return pools


def happened_before(groups: list[Group], at: int, group_place: int, place: int) -> list[Group]:
    """Order of creations: by time, at one moment by group, then by place in its list."""
    before: list[Group] = []
    for other_place, group in enumerate(groups):
        events = [
            event
            for event_place, event in enumerate(group.events)
            if (event.at, other_place, event_place) < (at, group_place, place)
        ]
        before.append(Group(group.count, events))
    return before


def creations_of(
    catalog: Catalog, groups: list[Group], first: int, last: int
) -> dict[str, Charges]:
    """C1, C2: tier → charge → how many, of the creations in the period."""
    if sum(group.count for group in groups) <= SINGLE_ACCOUNTS_MAX:
        return creations_one_by_one(catalog, groups, first, last)
    return creations_by_group(catalog, groups, first, last)


def creations_by_group(
    catalog: Catalog, groups: list[Group], first: int, last: int
) -> dict[str, Charges]:
    """The short cut: the accounts of a group are created in a row."""
    creations: dict[str, Charges] = {}
    for group_place, group in enumerate(groups):
        for place, event in enumerate(group.events):
            if event.do != "create" or not first <= event.day <= last:
                continue
            assert event.tier is not None
            before = happened_before(groups, event.at, group_place, place)
            # C2, A5: the pool just before the creation, the running day as if it ended now.
            pool = pools_of(catalog, before, first, event.day).get(event.tier.id, 0)
            charges = creations.setdefault(event.tier.id, {})
            for charge, count in charges_of(catalog, event.tier, pool, group.count).items():
                charges[charge] = charges.get(charge, 0) + count
    return creations


def creations_one_by_one(
    catalog: Catalog, groups: list[Group], first: int, last: int
) -> dict[str, Charges]:
    """To the letter: every account is one of its own, every creation looks at all of them."""
    accounts: list[list[Event]] = []
    happenings: list[tuple[int, int, int, int, Event]] = []
    for group_place, group in enumerate(groups):
        for _ in range(group.count):
            for place, event in enumerate(group.events):
                happenings.append((event.at, group_place, place, len(accounts), event))
            accounts.append([])
    creations: dict[str, Charges] = {}
    for _, _, _, account, event in sorted(happenings, key=lambda happening: happening[:4]):
        if event.do == "create" and first <= event.day <= last:
            assert event.tier is not None
            pool = 0
            for events in accounts:
                pool += account_days(catalog, events, first, event.day).get(event.tier.id, 0)
            charge = creation_charge(catalog, event.tier, pool)
            charges = creations.setdefault(event.tier.id, {})
            charges[charge] = charges.get(charge, 0) + 1
        accounts[account].append(event)
    return creations


@dataclass(frozen=True)
class InvoiceLine:
    kind: str
    tier: str
    band_from: int | None
    band_to: int | None
    quantity: int
    unit_price: Fraction
    amount: Fraction


def usage_lines(catalog: Catalog, pools: dict[str, int]) -> list[InvoiceLine]:
    """I1: account-day lines and their flat fees, only for tiers with account-days."""
    lines: list[InvoiceLine] = []
    for tier in catalog.by_rank:
        price = days_price(catalog, tier)
        if price is None or tier.id not in pools:
            continue
        for line in lines_of(price, Fraction(pools[tier.id])):
            kind = "account_days" if line.kind == "units" else line.kind
            lines.append(
                InvoiceLine(
                    kind, tier.id, line.first, line.last,
                    int(line.quantity), line.unit_price, line.amount,
                )
            )
    return lines


def charges_paid_by_first_day(catalog: Catalog, tier: Tier) -> bool:
    """C3: only with day-rate charges; a fixed one stays on top."""
    first_day = catalog.rules["creationRelation"] == "first_day"
    return first_day and tier.creation is not None and tier.creation.mode == "day_rate"


def _charge_lines(kind: str, tier: Tier, charges: Charges, sign: int) -> list[InvoiceLine]:
    """One per different charge, the higher first; charges of 0 left out."""
    return [
        InvoiceLine(kind, tier.id, None, None, charges[charge], charge,
                    sign * charge * charges[charge])
        for charge in sorted(charges, reverse=True)
        if charge != 0
    ]


def creation_lines(catalog: Catalog, creations: dict[str, Charges]) -> list[InvoiceLine]:
    first_day: list[InvoiceLine] = []
    on_top: list[InvoiceLine] = []
    for tier in catalog.by_rank:
        charges = creations.get(tier.id, {})
        if charges_paid_by_first_day(catalog, tier):
            first_day += _charge_lines("first_day", tier, charges, -1)
        on_top += _charge_lines("creation", tier, charges, 1)
    return first_day + on_top


def invoice(catalog: Catalog, request: dict[str, Any]) -> dict[str, Any]:
    first, last = catalog.calendar.read_period(request["period"], "/period")
    groups = read_groups(catalog, request["groups"], "/groups")
    as_of = read_time(request["as_of"], "/as_of") if "as_of" in request else None
    groups = [Group(group.count, happened_by(group.events, as_of)) for group in groups]
    pools = pools_of(catalog, groups, first, last_day_by(catalog, last, as_of))
    if any(days > WHOLE_MAX for days in pools.values()):
        raise Refusal("quantity_too_large", "/groups")
    lines = usage_lines(catalog, pools)
    lines += creation_lines(catalog, creations_of(catalog, groups, first, last))
    by_line = catalog.rounding.apply == "line"
    total = Fraction(0)
    shown: list[dict[str, Any]] = []
    for line in lines:
        check_amount(line.amount, "/groups")
        row = _shown(line)
        if by_line:
            row["rounded"] = decimal_text(rounded_line(line.amount, catalog.rounding))
        # I2, M6: the exact sum of the lines, or of the lines rounded.
        total += rounded_line(line.amount, catalog.rounding) if by_line else line.amount
        shown.append(row)
    check_amount(total, "/groups")
    answer: dict[str, Any] = {
        "account_days": pools,
        "lines": shown,
        "total": decimal_text(total),
        "amount_due": amount_due(catalog, total),
    }
    if as_of is not None:
        # I4: final once the period has ended.
        ended = as_of >= catalog.calendar.start_of(last + 1)
        answer["status"] = "final" if ended else "open"
    return answer


def amount_due(catalog: Catalog, total: Fraction) -> str:
    """I3: rounded once, exactly `rounding.places` decimals."""
    return fixed_text(rounded(total, catalog.rounding), catalog.rounding.places)


def _shown(line: InvoiceLine) -> dict[str, Any]:
    return {
        "kind": line.kind,
        "tier": line.tier,
        "bandFrom": line.band_from,
        "bandTo": line.band_to,
        "quantity": line.quantity,
        "unitPrice": decimal_text(line.unit_price),
        "amount": decimal_text(line.amount),
    }
