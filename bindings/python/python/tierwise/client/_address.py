"""Addresses and bodies: segments of a path, queries as the contract writes them, times."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import quote

if TYPE_CHECKING:
    _Value: TypeAlias = (
        "str | int | bool | datetime | Sequence[str] | Mapping[str, str | datetime] | None"
    )


def path_of(*segments: str) -> str:
    """A path of these segments, each of which is any text but nothing."""
    for segment in segments:
        if not segment:
            raise ValueError("an empty name cannot stand in an address")
    return "".join(f"/{_segment(segment)}" for segment in segments)


def _segment(text: str) -> str:
    # On their own, dots would be a step within the path for whoever is on the way.
    return text.replace(".", "%2E") if text in {".", ".."} else quote(text, safe="")


def query_of(**values: _Value) -> str:
    """`?a=1&list[0]=x&range[start]=…`, or nothing; `None` is left out."""
    parts: list[str] = []
    for name, value in values.items():
        if isinstance(value, Mapping):
            parts += [f"{name}[{key}]={_quoted(part)}" for key, part in value.items()]
        elif isinstance(value, (str, int, datetime)):
            parts.append(f"{name}={_quoted(value)}")
        elif value is not None:
            parts += [f"{name}[{index}]={_quoted(part)}" for index, part in enumerate(value)]
    return f"?{'&'.join(parts)}" if parts else ""


def _quoted(value: str | int | datetime) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return quote(moment(value) if isinstance(value, datetime) else str(value), safe="")


def moment(value: datetime) -> str:
    """An aware time as ISO 8601."""
    if value.tzinfo is None:
        raise ValueError("a time without a zone: use an aware `datetime`")
    return value.isoformat()


def given(**values: object) -> dict[str, object]:
    """A body of what is given: `None` is left out, times become text."""
    return {name: plain(value) for name, value in values.items() if value is not None}


def plain(value: object) -> object:
    """The same with times as text."""
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, Mapping):
        return {key: plain(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(part) for part in value]
    return value
