"""Columns that are refused: the code, and the row."""

from __future__ import annotations

import itertools
import operator
import signal
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import numpy
import pandas
import polars
import pyarrow
import pytest
from conftest import Refused
from tierwise import Catalog, TierwiseError

CHATS = "unlimited_msg_chat_history"


def batches_that_fail() -> Iterator[Any]:
    yield pyarrow.record_batch({"quantity": pyarrow.array([1])})
    raise RuntimeError("the second batch cannot be had")


SCHEMA = pyarrow.schema({"quantity": pyarrow.int64()})

BAD_ROWS: list[tuple[Any, str, int]] = [
    ([1, 2.0], "expected_decimal_string", 1),
    ([1, float("nan")], "expected_decimal_string", 1),
    ([numpy.float64(1)], "expected_decimal_string", 0),
    ([numpy.float32(1)], "unsupported_type", 0),
    (numpy.array([1.0, 2.0]), "expected_decimal_string", 0),
    (numpy.array([1], dtype="float16"), "expected_decimal_string", 0),
    (pandas.Series([1.5]), "expected_decimal_string", 0),
    (pyarrow.array([None, 1.5]), "expected_decimal_string", 1),
    (polars.Series([1.5], dtype=polars.Float32), "expected_decimal_string", 0),
    ([1, -1], "negative", 1),
    ([Decimal("-0.5")], "negative", 0),
    (numpy.array([0, 1, -128], dtype="int8"), "negative", 2),
    (pyarrow.array([0, -1]), "negative", 1),
    (pyarrow.chunked_array([[0, 1], [2, -3]]), "negative", 3),
    (pyarrow.array([Decimal("-1.5")]), "negative", 0),
    ([10**12, 10**12 + 1], "out_of_range", 1),
    ([10**4000], "out_of_range", 0),
    ([-(10**4000)], "negative", 0),
    (numpy.array([1, 2**64 - 1], dtype="uint64"), "out_of_range", 1),
    (pyarrow.array([2**63 - 1]), "out_of_range", 0),
    (pyarrow.array([Decimal(10**30)]), "out_of_range", 0),
    (pyarrow.array([Decimal(10**50)], type=pyarrow.decimal256(60, 0)), "out_of_range", 0),
    (pyarrow.array([Decimal(10**37)], type=pyarrow.decimal128(38, 0)), "out_of_range", 0),
    ([Decimal("1E+50")], "out_of_range", 0),
    ([Decimal("1E+100")], "out_of_range", 0),
    ([Decimal("1E+999999")], "out_of_range", 0),
    ([Decimal("1E+999999999")], "out_of_range", 0),
    ([Decimal("-1E+999999999")], "negative", 0),
    ([Decimal("1E-100")], "too_many_places", 0),
    ([Decimal("1E-999999999")], "too_many_places", 0),
    ([Decimal("NaN")], "bad_decimal", 0),
    ([Decimal("0.0000001")], "too_many_places", 0),
    (pyarrow.array([Decimal(1), Decimal("0.0000001")]), "too_many_places", 1),
    ([True], "unsupported_type", 0),
    (numpy.array([True]), "unsupported_type", 0),
    (pyarrow.array([None, True]), "unsupported_type", 1),
    (["1"], "unsupported_type", 0),
    ([1, b"1"], "unsupported_type", 1),
    ([pandas.NA], "unsupported_type", 0),
    ([pandas.NaT], "unsupported_type", 0),
    (pandas.array([None, 1.5], dtype="Float64"), "expected_decimal_string", 1),
    (numpy.ma.array([7, -1], mask=[True, False]), "negative", 1),
    (numpy.ma.array([7, 1.5], mask=[True, False]), "expected_decimal_string", 1),
    (numpy.array(["2026-04-01"], dtype="datetime64[D]"), "unsupported_type", 0),
    (numpy.array([1 + 2j]), "unsupported_type", 0),
    (numpy.array(["a"]), "unsupported_type", 0),
    (pyarrow.array(["a"]), "unsupported_type", 0),
    (pyarrow.array([1]).dictionary_encode(), "unsupported_type", 0),
    (polars.Series([[1]]), "unsupported_type", 0),
]


@pytest.mark.parametrize(
    ("column", "code", "row"),
    BAD_ROWS,
    ids=[f"{code}-{n}" for n, (_, code, _) in enumerate(BAD_ROWS)],
)
def test_an_error_names_its_row(
    catalog: Catalog, refused: Refused, column: Any, code: str, row: int
) -> None:
    with refused(code, f"/quantities/{row}"):
        catalog.totals(CHATS, column)


NO_COLUMNS: list[Any] = [
    None,
    7,
    "123",
    b"123",
    bytearray(b"123"),
    {1: 2},
    {1, 2},
    iter([1]),
    numpy.zeros((2, 2), dtype=int),
    numpy.array(1),
    pandas.DataFrame({"a": [1], "b": [2]}),
    pyarrow.table({}),
    pyarrow.RecordBatchReader.from_batches(SCHEMA, batches_that_fail()),
    numpy.ma.array([[1, 2]], mask=[[True, False]]),
    polars.Series([{"a": 1, "b": 2}]),
]


@pytest.mark.parametrize("column", NO_COLUMNS, ids=lambda column: type(column).__name__)
def test_what_is_not_one_column(catalog: Catalog, refused: Refused, column: Any) -> None:
    with refused("bad_column", "/quantities"):
        catalog.totals(CHATS, column)


def test_a_column_without_rows_has_a_type(catalog: Catalog, refused: Refused) -> None:
    columns: list[Any] = [numpy.array([]), pyarrow.array([], pyarrow.float64())]
    for column in [*columns, pyarrow.chunked_array([], pyarrow.float32())]:
        with refused("expected_decimal_string", "/quantities"):
            catalog.totals(CHATS, column)
    with refused("unsupported_type", "/quantities"):
        catalog.totals(CHATS, pyarrow.array([None], pyarrow.string()))


def test_rows_of_a_failing_price_are_named(refused: Refused) -> None:
    document = Catalog.messaging().to_dict()
    price = {"id": "dear", "meter": "message", "model": "per_unit", "unitPrice": "999999999"}
    document["tiers"][0]["prices"].append(price)
    tier = document["tiers"][0]["id"]
    with refused("amount_too_large", "/quantities/1"):
        Catalog.load(document).totals(tier, [1, 10**12], meter="message")


def test_other_arguments_are_named(catalog: Catalog, refused: Refused) -> None:
    with refused("unknown_tier", "/tier"):
        catalog.totals("premium", [1])
    with refused("unknown_meter", "/meter"):
        catalog.totals(CHATS, [1], meter="gigabyte")
    with refused("invalid_utf8", "/tier"):
        catalog.totals("x\ud800", [1])
    with refused("invalid_utf8", "/meter"):
        catalog.totals(CHATS, [1], meter="\ud800")
    with refused("invalid_utf8", "/nulls"):
        catalog.totals(CHATS, [1], nulls="\ud800")  # type: ignore[arg-type]
    with refused("missing_price", "/meter"):
        catalog.totals(CHATS, [1], meter="message")
    with refused("unknown_value", "/nulls"):
        catalog.totals(CHATS, [1], nulls="drop")  # type: ignore[arg-type]


def test_nulls_are_refused_if_asked(catalog: Catalog, refused: Refused) -> None:
    columns: list[Any] = [
        [1, None],
        pyarrow.array([1, None]),
        polars.Series([1, None]),
        pandas.array([1, None], dtype="Int64"),
        numpy.ma.array([1, 2], mask=[False, True]),
    ]
    for column in columns:
        with refused("unexpected_null", "/quantities/1"):
            catalog.totals(CHATS, column, nulls="refuse")
    nulls: list[Any] = [pyarrow.nulls(1), polars.Series([None]), polars.DataFrame({"a": [None]})]
    for column in nulls:
        with refused("unexpected_null", "/quantities/0"):
            catalog.totals(CHATS, column, nulls="refuse")


def test_a_column_without_pyarrow_comes_another_way(catalog: Catalog) -> None:
    class Column:
        """What a pandas column is where pyarrow is not installed."""

        def __arrow_c_stream__(self, requested_schema: object = None) -> object:
            raise ImportError("pyarrow is not installed")

        def __array__(self) -> Any:
            return numpy.array([1, 2])

    assert catalog.totals(CHATS, Column()).to_list() == [Decimal("0.4"), Decimal("0.8")]


def test_a_capsule_that_is_none(catalog: Catalog, refused: Refused) -> None:
    class Column:
        """Says that it is an Arrow array, and is not."""

        def __arrow_c_array__(self, requested_schema: object = None) -> object:
            return (None, None)

    with refused("bad_column", "/quantities"):
        catalog.totals(CHATS, Column())


class Taken:
    """A column that gives out the same capsules every time."""

    def __init__(self, column: Any, method: str) -> None:
        """A column by one of the two methods."""
        capsules = getattr(column, method)()
        setattr(self, method, lambda requested_schema=None: capsules)


@pytest.mark.parametrize("library", [pyarrow, None], ids=["by_pyarrow", "by_the_engine"])
@pytest.mark.parametrize("method", ["__arrow_c_array__", "__arrow_c_stream__"])
def test_a_column_that_was_taken_already(
    catalog: Catalog, refused: Refused, method: str, library: Any
) -> None:
    numbers = pyarrow.array([1, 2])
    whole = numbers if method == "__arrow_c_array__" else pyarrow.chunked_array([numbers])
    column: Any = Taken(whole, method)
    if library is None:
        assert len(catalog.totals(CHATS, column)) == 2
    else:
        take = library.array if method == "__arrow_c_array__" else library.chunked_array
        assert take(column).to_pylist() == [1, 2]
    with refused("bad_column", "/quantities"):
        catalog.totals(CHATS, column)


def test_a_table_says_what_is_wrong_with_it(catalog: Catalog) -> None:
    with pytest.raises(TierwiseError, match="it is a table of 2 columns") as caught:
        catalog.totals(CHATS, pyarrow.table({"a": [1], "b": [2]}))
    assert "null" not in caught.value.message
    with pytest.raises(TierwiseError, match="it is a table that has null rows"):
        catalog.totals(CHATS, pyarrow.array([{"a": 1}, None]))


def test_a_number_of_many_digits_is_not_shown_as_another(catalog: Catalog) -> None:
    with pytest.raises(TierwiseError, match="more than 38 digits is too much") as caught:
        catalog.totals(CHATS, [1 << 100_000])
    assert (caught.value.code, caught.value.path) == ("out_of_range", "/quantities/0")
    with pytest.raises(TierwiseError, match="more than 38 digits is below zero") as caught:
        catalog.totals(CHATS, [-(1 << 100_000)])
    assert caught.value.code == "negative"


@pytest.mark.parametrize("rows", [2**31, 10**12, 2**62, 2**70])
def test_a_column_has_so_many_rows_at_most(catalog: Catalog, refused: Refused, rows: int) -> None:
    with refused("out_of_range", "/quantities"):
        catalog.totals(CHATS, range(rows))


def test_an_array_of_repeated_memory_is_not_copied(catalog: Catalog, refused: Refused) -> None:
    column = numpy.broadcast_to(numpy.int64(1), 10**12)
    with refused("out_of_range", "/quantities"):
        catalog.totals(CHATS, column)


IN_LITTLE_MEMORY = """
import resource, tierwise
catalog = tierwise.Catalog.messaging()
resource.setrlimit(resource.RLIMIT_AS, (2**30, 2**30))
try:
    catalog.totals(catalog.tiers[-1], range(2**31 - 1))
except MemoryError as error:
    print("MemoryError:", error)
"""


def test_memory_that_is_not_there_is_pythons_own_error() -> None:
    command = [sys.executable, "-c", IN_LITTLE_MEMORY]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.stdout.startswith("MemoryError: there is not enough memory"), done.stderr


class Interruption(BaseException):
    """What the user's Ctrl-C raises."""


class Long:
    """A sequence whose values come without any code of Python, which would look for signals."""

    values = itertools.repeat(1, 20_000_000)

    def __len__(self) -> int:
        return 3

    def __getitem__(self, row: int) -> int:
        return 1

    def __iter__(self) -> Iterator[int]:
        return self.values


def test_a_long_column_can_be_interrupted(catalog: Catalog) -> None:
    def interrupt(number: int, frame: object) -> None:
        raise Interruption

    column: Any = Long()
    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.02)
        with pytest.raises(Interruption):
            catalog.totals(CHATS, column)
        # Not after the last row.
        assert operator.length_hint(column.values) > 0
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@pytest.mark.parametrize("error", [KeyboardInterrupt, MemoryError, RuntimeError, SystemExit])
def test_errors_of_a_value_come_through(catalog: Catalog, error: type[BaseException]) -> None:
    class Raising:
        """A number that cannot be had."""

        def __index__(self) -> int:
            raise error

    with pytest.raises(error):
        catalog.totals(CHATS, [Raising()])


@pytest.mark.parametrize("error", [KeyboardInterrupt, MemoryError, SystemExit])
def test_errors_of_the_process_are_not_of_the_column(
    catalog: Catalog, error: type[BaseException]
) -> None:
    class Raising:
        """An Arrow column that something else happens in."""

        def __arrow_c_array__(self, requested_schema: object = None) -> object:
            raise error

    with pytest.raises(error):
        catalog.totals(CHATS, Raising())
