"""Answers as records: types, names, equality, copies, texts."""

from __future__ import annotations

import copy
import importlib.metadata
import inspect
import pickle
from datetime import date
from decimal import Decimal
from typing import Any

import pandas
import polars
import pytest
import tierwise
from tierwise import (
    Catalog,
    PriceOfAnswer,
    QuoteAnswer,
    QuoteRow,
    Refusal,
    TierChange,
    _answers,
    _cards,
)

CHATS = "unlimited_msg_chat_history"


@pytest.fixture
def quote(catalog: Catalog) -> QuoteAnswer:
    """A quote of two bands."""
    return catalog.quote(items=[{"tier": CHATS, "accounts": 101, "days": 30, "creations": 2}])


def test_money_is_decimal_and_lists_are_tuples(quote: QuoteAnswer) -> None:
    assert quote.total == Decimal("1210.7")
    assert isinstance(quote.rows, tuple)
    first = quote.rows[0]
    expected = (Decimal(3000), Decimal("0.4"), Decimal(1200))
    assert (first.quantity, first.unit_price, first.amount) == expected
    assert sum(row.amount for row in quote.rows) == quote.total
    assert quote.tiers[0].prices[0].next is not None
    assert quote.tiers[0].prices[0].next.next_band_unit_price == Decimal("0.27")


def test_the_amount_due_keeps_its_decimals(quote: QuoteAnswer) -> None:
    assert str(quote.amount_due) == "1210.70"
    assert '"amountDue":"1210.70"' in quote.to_json()


def test_small_amounts_have_no_exponent_in_json(catalog: Catalog) -> None:
    answer = PriceOfAnswer(price=Decimal("0.0000001"))
    assert answer.to_json() == '{"price":"0.0000001"}'


def test_names_are_read_only_mappings(catalog: Catalog) -> None:
    answer = catalog.account_days(
        from_=date(2026, 4, 1),
        to=date(2026, 4, 30),
        events=[{"at": "2026-04-11T00:00:00Z", "do": "create", "tier": CHATS}],
    )
    assert dict(answer.days) == {CHATS: 20}
    with pytest.raises(TypeError):
        answer.days[CHATS] = 1  # type: ignore[index]
    assert hash(answer) == hash(pickle.loads(pickle.dumps(answer)))


def test_days_are_dates(catalog: Catalog) -> None:
    document = {**catalog.to_dict(), "effectiveFrom": "2026-05-01"}
    form = Catalog.load(document).catalog().catalog
    assert form.effective_from == date(2026, 5, 1)
    assert form.to_dict() == document


def test_an_answer_is_one_of_two_records(catalog: Catalog) -> None:
    def change(to: str) -> TierChange | Refusal:
        return catalog.tier_change(from_=CHATS, to=to, sent=0, archived=False)

    match change("limited_msg_no_chat_history"):
        case TierChange(direction="down", effects=effects):
            assert effects == ("history_removed", "limit_set")
        case other:
            pytest.fail(f"{other}")
    match change(CHATS):
        case Refusal(code=code, status=status):
            assert (code, status) == ("same_tier", 400)
        case other:
            pytest.fail(f"{other}")


def test_nothing_of_a_record_can_be_changed(quote: QuoteAnswer) -> None:
    for name in ("total", "rows", "note"):
        with pytest.raises(AttributeError):
            setattr(quote, name, None)
    with pytest.raises(AttributeError):
        del quote.total


def test_records_are_equal_by_class_and_values(quote: QuoteAnswer) -> None:
    assert quote == copy.deepcopy(quote) == pickle.loads(pickle.dumps(quote))
    assert len({quote, copy.copy(quote)}) == 1
    price = PriceOfAnswer(price=Decimal("1.0"))
    assert price == PriceOfAnswer(price=Decimal(1))
    assert hash(price) == hash(PriceOfAnswer(price=Decimal(1)))
    assert price != tierwise.CreationChargeAnswer(charge=Decimal(1))
    assert price != (Decimal(1),)


def test_records_are_made_by_name(catalog: Catalog) -> None:
    with pytest.raises(TypeError, match="unexpected keyword argument 'prize'"):
        PriceOfAnswer(prize=Decimal(1))  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="missing 1 required keyword-only argument: 'price'"):
        PriceOfAnswer()  # type: ignore[call-arg]
    assert tierwise.NextUnit.__match_args__ == tierwise.NextUnit._fields
    price = catalog.price_of(tier=CHATS, n=1)._replace(price=Decimal(2))
    assert price == PriceOfAnswer(price=Decimal(2))


@pytest.mark.parametrize("text", ["{}", '{"price":"1","x":1}', "[]", '{"price":[]}', "{"])
def test_json_of_another_shape_is_no_record(text: str) -> None:
    with pytest.raises(ValueError, match="shape"):
        PriceOfAnswer.from_json(text)


def test_a_repr_is_one_readable_line(quote: QuoteAnswer, catalog: Catalog) -> None:
    assert repr(catalog.price_of(tier=CHATS, n=1)) == "PriceOfAnswer(price=Decimal('0.4'))"
    text = repr(quote)
    assert "amount_due=Decimal('1210.70')" in text
    assert "rows=(3 × QuoteRow)" in text
    assert "\n" not in text


def test_html_is_a_table_with_everything_escaped(quote: QuoteAnswer) -> None:
    html = quote._repr_html_()
    assert html.count("<table>") == 3
    assert "<td" in html
    assert "3000 × 0.4 = 1200" in html
    row = quote.rows[0]._replace(tier="<script>alert('x')</script>")
    html = quote._replace(rows=(row,))._repr_html_()
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


def test_data_frames_take_rows_as_they_are(quote: QuoteAnswer) -> None:
    frame = pandas.DataFrame(quote.rows)
    assert list(frame.columns) == list(QuoteRow._fields)
    assert list(frame["amount"]) == [row.amount for row in quote.rows]
    table = polars.DataFrame(quote.rows)
    assert table.columns == list(QuoteRow._fields)
    assert table["amount"].to_list() == [row.amount for row in quote.rows]


def test_every_field_and_class_is_documented() -> None:
    records: list[Any] = [
        value
        for value in vars(tierwise).values()
        if isinstance(value, type) and issubclass(value, tierwise.Record)
    ]
    assert len(records) > 30
    for record in records:
        assert record.__doc__
        for name in record._fields:
            assert getattr(record, name).__doc__, f"{record.__name__}.{name}"


def test_everything_that_is_public_is_listed() -> None:
    # Modules of their own are there once they are imported.
    modules = {"client", "types"}
    public = {name for name in vars(tierwise) if not name.startswith("_")} - modules
    records = {*_answers.__all__, *_cards.__all__}
    # A new answer is one more name of `__all__` in `tierwise/__init__.py`.
    assert records <= set(tierwise.__all__)
    assert set(tierwise.__all__) - {"__version__"} == public


def test_the_version_is_the_packages() -> None:
    assert tierwise.__version__ == importlib.metadata.version("tierwise")


def test_records_say_how_they_are_made() -> None:
    signature = inspect.signature(tierwise.InvoiceLine)
    assert list(signature.parameters) == list(tierwise.InvoiceLine._fields)
    assert signature.parameters["rounded"].default is None
    assert signature.parameters["tier"].default is inspect.Parameter.empty
