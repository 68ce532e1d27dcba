"""Reads JSON values into checked ones; every refusal carries a code and a JSON pointer."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any, Iterable

WHOLE_MAX = 10**12
MONEY_BELOW = 10**9
AMOUNT_MAX = 10**16

_ID = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_DECIMAL = re.compile(r"(-?)([0-9]+)(?:\.([0-9]+))?")


class Refusal(Exception):
    """An error of docs/errors.md."""

    def __init__(self, code: str, path: str) -> None:
        super().__init__(f"{code} at {path!r}")
        self.code = code
        self.path = path


def join(path: str, *keys: str | int) -> str:
    """The JSON pointer (RFC 6901) of a value below `path`."""
    for key in keys:
        path += "/" + str(key).replace("~", "~0").replace("/", "~1")
    return path


def read_object(
    value: Any,
    path: str,
    required: Iterable[str],
    optional: Iterable[str] = (),
    unsupported: Iterable[str] = (),
) -> dict[str, Any]:
    """F3: an object with these keys and no others."""
    required = tuple(required)
    if not isinstance(value, dict):
        raise Refusal("wrong_type", path)
    for key in value:
        if key in unsupported:
            raise Refusal("not_supported", join(path, key))
        if key not in required and key not in optional:
            raise Refusal("unknown_key", join(path, key))
    for key in required:
        if key not in value:
            raise Refusal("missing_key", join(path, key))
    return value


def read_table(value: Any, path: str, most: int | None = None) -> dict[str, Any]:
    """An object whose keys are ids."""
    if not isinstance(value, dict):
        raise Refusal("wrong_type", path)
    if most is not None and len(value) > most:
        raise Refusal("out_of_range", path)
    return value


def read_list(value: Any, path: str, least: int = 0, most: int | None = None) -> list[Any]:
    if not isinstance(value, list):
        raise Refusal("wrong_type", path)
    if len(value) < least or (most is not None and len(value) > most):
        raise Refusal("out_of_range", path)
    return value


def read_whole(value: Any, path: str, least: int = 0, most: int = WHOLE_MAX) -> int:
    """A whole number. JSON knows one kind of number: `30.0` is 30."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise Refusal("wrong_type", path)
    if value < 0 <= least:
        raise Refusal("negative", path)
    if not least <= value <= most:
        raise Refusal("out_of_range", path)
    return value


def read_decimal(value: Any, path: str, places: int = 6, signed: bool = False) -> Fraction:
    """F2: a decimal string; the caller checks the upper bound."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        raise Refusal("expected_decimal_string", path)
    if not isinstance(value, str):
        raise Refusal("wrong_type", path)
    parts = _DECIMAL.fullmatch(value)
    if parts is None:
        raise Refusal("bad_decimal", path)
    sign, digits, decimals = parts.group(1), parts.group(2), parts.group(3) or ""
    number = Fraction(int(digits + decimals), 10 ** len(decimals))
    if sign and number > 0 and not signed:
        raise Refusal("negative", path)
    if len(decimals) > places:
        raise Refusal("too_many_places", path)
    return -number if sign else number


def read_money(value: Any, path: str) -> Fraction:
    number = read_decimal(value, path)
    if number >= MONEY_BELOW:
        raise Refusal("out_of_range", path)
    return number


def read_text(value: Any, path: str, least: int = 0, most: int | None = None) -> str:
    if not isinstance(value, str):
        raise Refusal("wrong_type", path)
    if len(value) < least or (most is not None and len(value) > most):
        raise Refusal("out_of_range", path)
    return value


def read_id(value: Any, path: str) -> str:
    if not _ID.fullmatch(read_text(value, path)):
        raise Refusal("bad_id", path)
    return value


def read_word(
    value: Any, path: str, allowed: Iterable[str], unsupported: Iterable[str] = ()
) -> str:
    word = read_text(value, path)
    if word in unsupported:
        raise Refusal("not_supported", path)
    if word not in allowed:
        raise Refusal("unknown_value", path)
    return word


def read_boolean(value: Any, path: str) -> bool:
    if not isinstance(value, bool):
        raise Refusal("wrong_type", path)
    return value
