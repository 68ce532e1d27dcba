"""Answers and catalogs as HTML, for notebooks. Everything that is text is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ._records import Record

_STYLE = "text-align:right;font-variant-numeric:tabular-nums"


def record_html(record: Record) -> str:
    """The plain fields of a record as one table, each list of records as one of its own."""
    plain: list[tuple[str, str]] = []
    tables: list[str] = []
    for name, value in record._asdict().items():
        rows = _records_of(value)
        if rows:
            tables.append(_table(name, rows))
        elif value is not None:
            plain.append((name, _cell(value)))
    head = "".join(
        f"<tr><th>{escape(name)}</th><td style='{_STYLE}'>{value}</td></tr>"
        for name, value in plain
    )
    title = f"<caption>{escape(type(record).__name__)}</caption>"
    return f"<div class='tierwise'><table>{title}{head}</table>{''.join(tables)}</div>"


def _records_of(value: object) -> list[Record]:
    """The records of a list, or nothing if it is none."""
    from ._records import Record

    if isinstance(value, Record) or not isinstance(value, tuple):
        return []
    return [part for part in value if isinstance(part, Record)]


def _table(name: str, rows: list[Record]) -> str:
    """Records below each other: a column a field that any of them has."""
    fields = [
        field for field in rows[0]._fields if any(getattr(row, field) is not None for row in rows)
    ]
    head = "".join(f"<th>{escape(field)}</th>" for field in fields)
    body = "".join(
        f"<tr>{''.join(_data(getattr(row, field)) for field in fields)}</tr>" for row in rows
    )
    return (
        f"<table><caption>{escape(name)}</caption><thead><tr>{head}</tr></thead>"
        f"<tbody>{body}</tbody></table>"
    )


def _data(value: object) -> str:
    return f"<td style='{_STYLE}'>{_cell(value)}</td>"


def _cell(value: object) -> str:
    """A value within a cell."""
    from ._records import Record

    if value is None:
        return ""
    if isinstance(value, Record):
        return _pairs(value._asdict().items())
    if isinstance(value, Mapping):
        return _pairs(value.items())
    if isinstance(value, tuple):
        return "<br>".join(_cell(part) for part in value)
    return escape(str(value))


def _pairs(pairs: Iterable[tuple[str, object]]) -> str:
    shown = (f"{escape(str(key))}: {_cell(value)}" for key, value in pairs if value is not None)
    return "<br>".join(shown)
