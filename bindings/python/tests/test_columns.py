"""Columns in, exact totals out."""

from __future__ import annotations

import array
import random
from decimal import Decimal
from typing import Any

import arro3.core
import duckdb
import numpy
import pandas
import polars
import pyarrow
import pytest
import tierwise
from tierwise import Catalog, Decimals

CHATS = "unlimited_msg_chat_history"
WHOLE = [0, 1, 100]
EXPECTED = [Decimal(0), Decimal("0.4"), Decimal(40)]

WIDTHS = ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"]


def chunked(values: list[int]) -> Any:
    return pyarrow.chunked_array([values[:1], [], values[1:]], type=pyarrow.int64())


SAME_COLUMN: list[Any] = [
    WHOLE,
    tuple(WHOLE),
    [Decimal(n) for n in WHOLE],
    [numpy.int16(n) for n in WHOLE],
    numpy.array(WHOLE, dtype=object),
    array.array("q", WHOLE),
    memoryview(array.array("H", WHOLE)),
    *(numpy.array(WHOLE, dtype=width) for width in WIDTHS),
    numpy.array(WHOLE, dtype=">i4"),
    numpy.array(WHOLE, dtype=">u8"),
    numpy.array([100, 7, 1, 7, 0])[::-2],
    *(pyarrow.array(WHOLE, type=getattr(pyarrow, width)()) for width in WIDTHS),
    *(
        pyarrow.array([Decimal(n) for n in WHOLE], type=kind)
        for kind in (
            pyarrow.decimal32(9, 2),
            pyarrow.decimal64(18, 4),
            pyarrow.decimal128(38, 20),
            pyarrow.decimal256(60, 20),
        )
    ),
    chunked(WHOLE),
    pyarrow.table({"quantity": WHOLE}),
    arro3.core.Array(WHOLE, pyarrow.uint16()),
    polars.Series(WHOLE),
    polars.Series([Decimal(n) for n in WHOLE]),
    polars.DataFrame({"quantity": WHOLE}),
    pandas.Series(WHOLE),
    pandas.Series(WHOLE, dtype="uint8"),
    pandas.Series(WHOLE, dtype="Int64"),
    pandas.array(WHOLE, dtype="Int64"),
    pandas.array(WHOLE, dtype="int64[pyarrow]"),
    pandas.Index(WHOLE),
    numpy.ma.array(WHOLE),
    numpy.ma.array(WHOLE, mask=[False, False, False]),
    duckdb.sql("select unnest([0, 1, 100]) as quantity"),
]


@pytest.mark.parametrize("column", SAME_COLUMN, ids=lambda column: type(column).__name__)
def test_every_kind_of_column_has_the_same_totals(catalog: Catalog, column: Any) -> None:
    assert catalog.totals(CHATS, column).to_list() == EXPECTED


def test_a_range_is_a_sequence(catalog: Catalog) -> None:
    assert catalog.totals(CHATS, range(3)).to_list() == [0, Decimal("0.4"), Decimal("0.8")]


def test_each_row_is_what_the_engine_answers_for_it(catalog: Catalog) -> None:
    picked = random.Random(7)
    quantities = [picked.choice([picked.randrange(10**e) for e in range(1, 12)]) for _ in range(99)]
    totals = catalog.totals(CHATS, quantities)
    for quantity, total in zip(quantities, totals, strict=True):
        assert total == catalog.total(tier=CHATS, account_days=quantity).total


def test_fractions_and_meters() -> None:
    document = Catalog.messaging().to_dict()
    document["meters"]["gigabyte"] = {"kind": "count"}
    price = {"id": "space", "meter": "gigabyte", "model": "per_unit", "unitPrice": "0.000001"}
    document["tiers"][0]["prices"].append(price)
    catalog = Catalog.load(document)
    quantities = [Decimal("0.000001"), Decimal("999999999999.999999"), Decimal("1.50")]
    expected = [Decimal("1E-12"), Decimal("999999.999999999999"), Decimal("0.0000015")]
    tier = document["tiers"][0]["id"]
    assert catalog.totals(tier, quantities, meter="gigabyte").to_list() == expected
    exact = pyarrow.array(quantities, type=pyarrow.decimal128(24, 9))
    assert catalog.totals(tier, exact, meter="gigabyte").to_list() == expected


def test_nulls_stay_null(catalog: Catalog) -> None:
    columns: list[Any] = [
        [1, None, 3],
        numpy.array([1, None, 3], dtype=object),
        pyarrow.array([1, None, 3]),
        pyarrow.array([Decimal(1), None, Decimal(3)]),
        polars.Series([1, None, 3]),
        pandas.Series([1, None, 3], dtype="Int64"),
        pandas.array([1, None, 3], dtype="Int64"),
        numpy.ma.array([1, 2, 3], mask=[False, True, False]),
        numpy.ma.array([1, None, 3], mask=[False, True, False], dtype=object),
    ]
    for column in columns:
        totals = catalog.totals(CHATS, column)
        assert totals.to_list() == [Decimal("0.4"), None, Decimal("1.2")]
        assert totals.null_count == 1
    nulls: list[Any] = [
        pyarrow.nulls(2),
        polars.Series([None, None]),
        polars.DataFrame({"quantity": [None, None]}),
        pandas.array([None, None], dtype="Int64"),
        numpy.ma.array([7, 8], mask=[True, True]),
    ]
    for column in nulls:
        assert catalog.totals(CHATS, column).to_list() == [None, None]


@pytest.mark.parametrize("make", [pandas.array, pandas.Series])
def test_nulls_of_pandas_stay_null_without_pyarrow(catalog: Catalog, make: Any) -> None:
    class WithoutPyarrow(type(make([1]))):  # type: ignore[misc]
        """What a pandas column is where pyarrow is not installed."""

        def __arrow_array__(self, type: object = None) -> object:
            raise ImportError("pyarrow is not installed")

        def __arrow_c_stream__(self, requested_schema: object = None) -> object:
            raise ImportError("pyarrow is not installed")

    column = make([1, None, 3], dtype="Int64")
    column.__class__ = WithoutPyarrow
    assert catalog.totals(CHATS, column).to_list() == [Decimal("0.4"), None, Decimal("1.2")]


def test_an_empty_column(catalog: Catalog) -> None:
    columns: list[Any] = [[], numpy.array([], dtype="int64"), pyarrow.array([], pyarrow.int8())]
    for column in [*columns, chunked([]), polars.Series([], dtype=polars.UInt8)]:
        totals = catalog.totals(CHATS, column)
        assert (len(totals), totals.to_list()) == (0, [])
        assert pyarrow.array(totals).type == pyarrow.decimal128(38, 12)


def test_every_library_takes_the_totals_exactly(catalog: Catalog) -> None:
    totals = catalog.totals(CHATS, [1, None, 3030])
    expected = [Decimal("0.4"), None, Decimal("1209.9")]
    column = pyarrow.array(totals)
    assert column.type == pyarrow.decimal128(38, 12)
    assert column.to_pylist() == expected
    series = polars.Series(totals)
    assert (series.dtype, series.to_list()) == (polars.Decimal(38, 12), expected)
    assert series.name == "total"
    assert arro3.core.Array(totals).to_pylist() == expected
    assert pandas.Series(column, dtype=pandas.ArrowDtype(column.type)).to_list()[2] == expected[2]
    frame = pyarrow.table({"total": column})
    query = duckdb.execute("select sum(total), count(*) from frame")
    assert query.fetchall() == [(Decimal("1210.3"), frame.num_rows)]
    # A consumer may ask for a narrower type of its own.
    assert pyarrow.array(totals, type=pyarrow.decimal128(20, 4)).to_pylist() == expected


def test_totals_can_be_priced_again_without_arrow_libraries(catalog: Catalog) -> None:
    # The column of one call is a column for the next.
    once = catalog.totals("limited_msg_no_chat_history", [1000, None])
    assert catalog.totals(CHATS, once).to_list() == [Decimal("13.6"), None]


def test_totals_are_a_sequence(catalog: Catalog) -> None:
    totals = catalog.totals(CHATS, [1, None, 3, 4])
    assert isinstance(totals, Decimals)
    assert (totals[0], totals[-1], len(totals)) == (Decimal("0.4"), Decimal("1.6"), 4)
    assert totals[1:3].to_list() == [None, Decimal("1.2")]
    assert totals[::-2].to_list() == [Decimal("1.6"), None]
    assert totals[5:].to_list() == []
    assert list(totals) == totals.to_list()
    assert totals == catalog.totals(CHATS, pyarrow.array([1, None, 3, 4]))
    assert totals != catalog.totals(CHATS, [1, None, 3])
    assert totals != totals.to_list()
    for index in (4, -5):
        with pytest.raises(IndexError):
            totals[index]
    with pytest.raises(TypeError):
        totals["0"]  # type: ignore[call-overload]


def test_a_repr_shows_the_first_rows(catalog: Catalog) -> None:
    text = repr(catalog.totals(CHATS, [1, None]))
    assert text == "<tierwise.Decimals Decimal128(38, 12), 2 rows: [0.4, None]>"
    assert repr(catalog.totals(CHATS, range(20))).endswith(", …]>")
    assert tierwise.Decimals.__doc__
