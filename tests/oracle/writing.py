"""Writes exact numbers as text (G3) and documents as canonical JSON (FORMAT.md)."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Any


def canonical_json(value: Any) -> str:
    """No white space, keys by their bytes (for UTF-8 that is the order of code points)."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def ends_as_decimal(number: Fraction) -> bool:
    rest = number.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    return rest == 1


def decimal_text(number: Fraction) -> str:
    """G3: no exponent, no trailing zeros, no point without digits."""
    if not ends_as_decimal(number):
        raise ValueError(f"{number} does not end as a decimal")
    places = 0
    while number.denominator > 1 and (10**places) % number.denominator != 0:
        places += 1
    return fixed_text(number, places)


def fixed_text(number: Fraction, places: int) -> str:
    """Exactly `places` decimals; the number must have no more. Zero has no sign."""
    scaled = number * 10**places
    if scaled.denominator != 1:
        raise ValueError(f"{number} has more than {places} places")
    digits = str(abs(scaled.numerator)).rjust(places + 1, "0")
    sign = "-" if number < 0 else ""
    if places == 0:
        return sign + digits
    return f"{sign}{digits[:-places]}.{digits[-places:]}"


def ratio_text(number: Fraction) -> str:
    """A decimal if it ends, else a reduced fraction `a/b`."""
    if ends_as_decimal(number):
        return decimal_text(number)
    return f"{number.numerator}/{number.denominator}"
