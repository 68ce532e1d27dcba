"""Python's objects as questions: what they become, and what is refused with which path."""

from __future__ import annotations

from collections import OrderedDict, UserDict
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from types import MappingProxyType, SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import numpy
import pandas
import pytest
from conftest import Refused
from tierwise import MAX_DOCUMENT_BYTES, Catalog, TierwiseError

CHATS = "unlimited_msg_chat_history"
LIMITED = "limited_msg_no_chat_history"
UTC = timezone.utc


class Tier(str, Enum):
    """Tiers as somebody's own words."""

    CHATS = CHATS


def rounded(catalog: Catalog, total: Any) -> str:
    return catalog.ask("round", {"total": total})


@pytest.mark.parametrize(
    "request_",
    [
        {"tier": CHATS, "n": 3001},
        OrderedDict(tier=CHATS, n=3001),
        MappingProxyType({"tier": CHATS, "n": 3001}),
        UserDict(tier=CHATS, n=3001),
        {"tier": Tier.CHATS, "n": 3001},
        {"tier": CHATS, "n": numpy.int64(3001)},
        {"tier": CHATS, "n": numpy.uint16(3001)},
        {"tier": CHATS, "n": 3001.0},
        {"tier": numpy.str_(CHATS), "n": 3001},
    ],
)
def test_what_is_the_same_question(catalog: Catalog, request_: Any) -> None:
    assert catalog.ask("price_of", request_) == '{"price":"0.33"}'


@pytest.mark.parametrize(
    ("total", "due"),
    [
        ("1.005", "1.01"),
        (Decimal("1.005"), "1.01"),
        (Decimal("-1.005"), "-1.01"),
        (Decimal("1E+3"), "1000.00"),
        (Decimal("1E-12"), "0.00"),
        (Decimal("-0"), "0.00"),
        (Decimal("0E+999999999"), "0.00"),
    ],
)
def test_decimals_are_exact_text(catalog: Catalog, total: Any, due: str) -> None:
    assert rounded(catalog, total) == f'{{"amount_due":"{due}"}}'


@pytest.mark.parametrize(
    ("total", "code"),
    [
        (1.5, "expected_decimal_string"),
        (1, "expected_decimal_string"),
        (numpy.float64(1.5), "expected_decimal_string"),
        (float("nan"), "not_finite"),
        (float("inf"), "not_finite"),
        (float("-inf"), "not_finite"),
        (Decimal("NaN"), "bad_decimal"),
        (Decimal("Infinity"), "bad_decimal"),
        (Decimal("1E+50"), "out_of_range"),
        (Decimal("1E+100"), "out_of_range"),
        (Decimal("1E+999999"), "out_of_range"),
        (Decimal("1E-100"), "too_many_places"),
        (Decimal("1E-999999"), "too_many_places"),
        (Decimal("0E-100"), "too_many_places"),
        (Decimal("1E+40"), "out_of_range"),
        (Decimal("1E-13"), "too_many_places"),
        (None, "wrong_type"),
        (True, "wrong_type"),
        ([], "wrong_type"),
        (Fraction(1, 2), "unsupported_type"),
    ],
)
def test_what_is_no_money(catalog: Catalog, refused: Refused, total: Any, code: str) -> None:
    with refused(code, "/total"):
        rounded(catalog, total)


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (-1, "negative"),
        (10**12 + 1, "out_of_range"),
        (2**63, "out_of_range"),
        (2**127, "out_of_range"),
        (10**4000, "out_of_range"),
        (-(10**4000), "negative"),
        (1e300, "out_of_range"),
        (-1e300, "negative"),
        (0.5, "wrong_type"),
        (float("nan"), "not_finite"),
        ("1", "wrong_type"),
        (Decimal(1), "wrong_type"),
        (True, "wrong_type"),
        (None, "wrong_type"),
        (1 + 2j, "unsupported_type"),
        ({1}, "unsupported_type"),
        (frozenset(), "unsupported_type"),
        (b"1", "unsupported_type"),
        (object(), "unsupported_type"),
        (SimpleNamespace(), "unsupported_type"),
        (pandas.NA, "unsupported_type"),
        (numpy.array([1]), "unsupported_type"),
        ("\ud800", "invalid_utf8"),
        (pandas.NaT, "unsupported_type"),
    ],
)
def test_what_is_no_whole_number(
    catalog: Catalog, refused: Refused, number: Any, code: str
) -> None:
    with refused(code, "/n"):
        catalog.price_of(tier=CHATS, n=number)


def days_of(catalog: Catalog, at: Any, **more: Any) -> int:
    events: Any = [{"at": at, "do": "create", "tier": CHATS}]
    days = {"from_": date(2026, 4, 1), "to": date(2026, 4, 30)}
    return catalog.account_days(**{**days, "events": events, **more}).days[CHATS]


@pytest.mark.parametrize(
    "at",
    [
        "2026-04-11T00:30:00+02:00",
        datetime(2026, 4, 11, 0, 30, tzinfo=timezone(timedelta(hours=2))),
        datetime(2026, 4, 10, 22, 30, 0, 123456, tzinfo=UTC),
        pandas.Timestamp("2026-04-11T00:30:00.123456789+02:00"),
    ],
)
def test_times_have_a_zone(catalog: Catalog, at: Any) -> None:
    assert days_of(catalog, at) == 21


@pytest.mark.parametrize(
    ("at", "code"),
    [
        (datetime(2026, 4, 11), "naive_datetime"),
        (pandas.Timestamp("2026-04-11"), "naive_datetime"),
        (pandas.NaT, "unsupported_type"),
        (date(2026, 4, 11), "bad_time"),
        (datetime(1, 1, 1, tzinfo=UTC), "bad_time"),
        (datetime(1, 1, 1, tzinfo=timezone(timedelta(seconds=30))), "bad_time"),
        (numpy.datetime64("2026-04-11"), "unsupported_type"),
        (1775865600, "wrong_type"),
        (timedelta(1), "unsupported_type"),
    ],
)
def test_what_is_no_time(catalog: Catalog, refused: Refused, at: Any, code: str) -> None:
    with refused(code, "/events/0/at"):
        days_of(catalog, at)


def test_a_moment_asked_about(catalog: Catalog, refused: Refused) -> None:
    first = "2026-04-01T00:00:00Z"
    assert days_of(catalog, first, as_of=datetime(2026, 4, 3, 12, tzinfo=UTC)) == 3
    with refused("naive_datetime", "/as_of"):
        days_of(catalog, first, as_of=datetime(2026, 4, 3, 12))
    with refused("bad_date", "/to"):
        days_of(catalog, first, to=datetime(2026, 4, 30, tzinfo=UTC))
    with refused("unsupported_type", "/from"):
        days_of(catalog, first, from_=pandas.NaT)


def test_zones_of_long_ago_have_seconds(catalog: Catalog) -> None:
    # Monrovia was 44 minutes and 30 seconds behind until 1972.
    moment = datetime(1971, 4, 10, 23, 15, 30, tzinfo=ZoneInfo("Africa/Monrovia"))
    assert moment.isoformat().endswith("-00:44:30")
    april = {"from_": date(1971, 4, 1), "to": date(1971, 4, 30)}
    assert days_of(catalog, moment, **april) == 20
    assert days_of(catalog, pandas.Timestamp(moment), **april) == 20
    assert days_of(catalog, moment - timedelta(seconds=1), **april) == 21


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (Decimal(3), "expected a whole number, found a value of type `Decimal`"),
        (date(2026, 4, 1), "expected a whole number, found a value of type `date`"),
        ("3", "expected a whole number, found a string"),
    ],
)
def test_an_error_names_pythons_type(catalog: Catalog, value: Any, message: str) -> None:
    with pytest.raises(TierwiseError) as caught:
        catalog.price_of(tier=CHATS, n=value)
    assert (caught.value.code, caught.value.path) == ("wrong_type", "/n")
    assert caught.value.message == message
    assert ("`int`" in caught.value.help) == (not isinstance(value, str))
    with pytest.raises(TierwiseError) as caught:
        catalog.ask("quote", {"items": ({"tier": CHATS, "accounts": value, "days": 1},)})
    assert (caught.value.path, caught.value.message) == ("/items/0/accounts", message)


def test_an_error_of_a_catalog_names_pythons_type(catalog: Catalog) -> None:
    document = catalog.to_dict()
    document["tiers"][1]["rank"] = Decimal(2)
    with pytest.raises(TierwiseError, match="found a value of type `Decimal`") as caught:
        Catalog.load(document)
    assert caught.value.path == "/tiers/1/rank"


@pytest.mark.parametrize("error", [KeyboardInterrupt, MemoryError, RuntimeError, SystemExit])
def test_errors_of_a_number_come_through(catalog: Catalog, error: type[BaseException]) -> None:
    class Raising:
        """A number that cannot be had."""

        def __index__(self) -> int:
            raise error

    with pytest.raises(error):
        catalog.price_of(tier=CHATS, n=Raising())  # type: ignore[arg-type]


def test_digits_that_are_more_than_a_document_has(catalog: Catalog, refused: Refused) -> None:
    for total in (Decimal("1E+999999999"), Decimal("-1E-999999999")):
        with refused("too_large", ""):
            rounded(catalog, total)
    with refused("too_large", ""):
        rounded(catalog, "1" + "0" * 2 * MAX_DOCUMENT_BYTES)


@pytest.mark.parametrize(
    "text", ["1E50", "1E100", "-1E100", "1E-50", "123E-100", "1E5000", "0E-13", "0E5", "-0E100"]
)
def test_a_decimal_is_what_its_digits_are(catalog: Catalog, text: str) -> None:
    def said(total: Any) -> str:
        try:
            return rounded(catalog, total)
        except TierwiseError as error:
            return str(error)

    assert said(Decimal(text)) == said(f"{Decimal(text):f}")


def cyclic_list() -> Any:
    values: list[Any] = []
    values.append(values)
    return values


def cyclic_dict() -> Any:
    values: dict[str, Any] = {}
    values["a"] = values
    return values


def test_cycles_end(catalog: Catalog, refused: Refused) -> None:
    with refused("too_deep", "/items" + "/0" * 31):
        catalog.quote(items=cyclic_list())
    with refused("too_deep", "/items" + "/a" * 31):
        catalog.quote(items=cyclic_dict())
    with refused("too_deep", "/a" * 32):
        Catalog.load(cyclic_dict())


def test_shared_parts_cannot_grow_without_bound(catalog: Catalog, refused: Refused) -> None:
    shared: list[Any] = []
    for _ in range(30):
        shared = [shared, shared]
    with refused("too_large", ""):
        catalog.ask("quote", {"items": shared})
    with refused("too_large", ""):
        catalog.ask("quote", {"items": "x" * MAX_DOCUMENT_BYTES})


@pytest.mark.parametrize("key", [1, None, b"tier", ("a",), 1.5])
def test_keys_are_strings(catalog: Catalog, key: Any) -> None:
    with pytest.raises(TierwiseError) as caught:
        catalog.ask("quote", {"items": [{key: 1}]})
    assert caught.value.code == "bad_key"
    assert caught.value.path == f"/items/0/{key!r}"


class Shouted(str):
    """A string that is equal to nothing else, and so may stand twice in a dict."""

    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:
        return id(self)


def test_keys_stand_once(catalog: Catalog, refused: Refused) -> None:
    with refused("duplicate_key", "/n"):
        catalog.ask("price_of", {Shouted("n"): 1, Shouted("n"): 2, "tier": CHATS})


def test_paths_are_json_pointers(catalog: Catalog, refused: Refused) -> None:
    with refused("unsupported_type", "/a~1b~0c"):
        catalog.ask("price_of", {"a/b~c": object()})
    with refused("invalid_utf8", "/a~1\\ud800'"):
        catalog.ask("price_of", {"a/\ud800'": 1})


def test_unknown_names_come_first(catalog: Catalog, refused: Refused) -> None:
    requests: list[Any] = ["{", cyclic_dict(), {}]
    for request in requests:
        for name in ("prize_of", "\ud800", "price_of\udfff"):
            with refused("unknown_operation", ""):
                catalog.ask(name, request)


def test_a_request_that_is_no_object(catalog: Catalog, refused: Refused) -> None:
    requests: list[Any] = [[], 1, None, True, 1.5, "[]", b"7"]
    for request in requests:
        with refused("wrong_type", ""):
            catalog.ask("price_of", request)


class Failing(UserDict[str, int]):
    """A mapping whose entries cannot be had."""

    def items(self) -> Any:
        raise RuntimeError("no entries")


def test_errors_of_ones_own_code_come_through(catalog: Catalog) -> None:
    with pytest.raises(RuntimeError, match="no entries"):
        catalog.ask("price_of", Failing())


def test_a_dict_may_change_while_it_is_read(catalog: Catalog, refused: Refused) -> None:
    request: dict[str, Any] = {}

    class Clearing(datetime):
        """A time that empties the request when it is asked for its text."""

        def isoformat(self, *arguments: Any, **named: Any) -> str:
            request.clear()
            return super().isoformat(*arguments, **named)

    request.update(as_of=Clearing(2026, 4, 1, tzinfo=UTC), tier=LIMITED, n=1)
    with refused("unknown_key", "/as_of"):
        catalog.ask("price_of", request)
    assert request == {}


@pytest.mark.parametrize("number", [-(2**127), -(2**127) + 1, -(2**200), 2**127 - 1, 2**200])
def test_numbers_at_the_ends_of_128_bits_are_refused_as_in_json(number: int) -> None:
    catalog = Catalog.messaging()
    with pytest.raises(TierwiseError) as by_value:
        catalog.total(tier="unlimited_msg_chat_history", account_days=number)
    request = f'{{"tier":"unlimited_msg_chat_history","account_days":{number}}}'
    with pytest.raises(TierwiseError) as by_text:
        catalog.ask("total", request)
    assert (by_value.value.code, str(by_value.value)) == (by_text.value.code, str(by_text.value))
