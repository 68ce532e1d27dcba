"""Columns that are refused: the code, and the row."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import numpy
import pandas
import polars
import pyarrow
import pytest
from conftest import Refused
from tierwise import Catalog

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
    ([Decimal("1E+999999")], "bad_decimal", 0),
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
    with refused("missing_price", "/meter"):
        catalog.totals(CHATS, [1], meter="message")
    with refused("unknown_value", "/nulls"):
        catalog.totals(CHATS, [1], nulls="drop")  # type: ignore[arg-type]


def test_nulls_are_refused_if_asked(catalog: Catalog, refused: Refused) -> None:
    columns: list[Any] = [[1, None], pyarrow.array([1, None]), polars.Series([1, None])]
    for column in columns:
        with refused("unexpected_null", "/quantities/1"):
            catalog.totals(CHATS, column, nulls="refuse")
    with refused("unexpected_null", "/quantities/0"):
        catalog.totals(CHATS, pyarrow.nulls(1), nulls="refuse")


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
