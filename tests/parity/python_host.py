"""Answers questions through the installed Python package, for `cargo xtask parity`.

Called with a file of questions (JSON lines) and the face to ask them through: `text` hands over
JSON text, `objects` Python's own objects, through the methods of the operations and their records
where the request has the form of a call. Prints one line of canonical JSON a question.
"""

from __future__ import annotations

import argparse
import inspect
import json
import sys
from decimal import Context
from functools import cache, lru_cache
from typing import Any

from tierwise import OPERATIONS, Catalog, TierwiseError

MOST_CATALOGS = 256
# The ends of 128 bits stand for all numbers beyond them: a longer number need not be written out.
MOST_DIGITS = 60
LARGEST: int = 10**MOST_DIGITS
EXACT = Context(prec=10_000, Emax=10**9, Emin=-(10**9))


def number(text: str) -> int | float:
    """A number as exactly as its question needs: the whole number that it is, or a fraction."""
    value = EXACT.create_decimal(text)
    if value == 0:
        return 0
    if value.adjusted() > MOST_DIGITS:
        return -LARGEST if value < 0 else LARGEST
    # With its zeros at the end removed, a whole number has no decimals.
    digits = value.normalize(EXACT).as_tuple()
    is_whole = isinstance(digits.exponent, int) and digits.exponent >= 0
    return int(value) if is_whole else 0.5


def read(text: str) -> Any:
    """JSON without a loss in its numbers."""
    return json.loads(text, parse_float=number, parse_int=number)


def as_text(document: Any) -> str:
    """JSON of a document that was read."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


@lru_cache(MOST_CATALOGS)
def loaded(text: str, face: str) -> Catalog | TierwiseError:
    """A catalog by its document, or what is wrong with it."""
    try:
        document = read(text)
        return Catalog.load(text if face == "text" or isinstance(document, str) else document)
    except TierwiseError as error:
        return error


BUILT_IN = Catalog.messaging()


@cache
def parameters(operation: str) -> tuple[frozenset[str], frozenset[str]]:
    """The parameters of an operation's method: those that it needs, and all."""
    signature = inspect.signature(getattr(Catalog, operation)).parameters.values()
    needed = {it.name for it in signature if it.default is it.empty and it.name != "self"}
    return frozenset(needed), frozenset(it.name for it in signature if it.name != "self")


def arguments(operation: str, request: Any) -> dict[str, Any] | None:
    """The request as the arguments of a method; none if it has not their form."""
    if operation not in OPERATIONS or not isinstance(request, dict):
        return None
    # Parameters have no order: a request whose keys are in another than a method's goes as it is.
    if list(request) != sorted(request):
        return None
    named = {"from_" if key == "from" else key: value for key, value in request.items()}
    needed, known = parameters(operation)
    if not needed <= named.keys() <= known or "from_" in request:
        return None
    # A method leaves out an optional value that is `None`: an explicit null goes another way.
    return None if any(named[name] is None for name in named.keys() - needed) else named


def answer(question: dict[str, Any], face: str) -> str:
    """The canonical answer. Raises what is wrong with the catalog or the request."""
    document = question.get("catalog")
    catalog = BUILT_IN if document is None else loaded(as_text(document), face)
    if isinstance(catalog, TierwiseError):
        raise catalog
    operation = question["op"]
    if "text" in question:
        # Broken JSON, perhaps: no object stands for it.
        return catalog.ask(operation, question["text"])
    request = question["in"]
    # A bare string is JSON text to Python, whatever the face.
    if face == "text" or isinstance(request, str):
        return catalog.ask(operation, as_text(request))
    named = arguments(operation, request)
    if named is None:
        return catalog.ask(operation, request)
    json_text: str = getattr(catalog, operation)(**named).to_json()
    return json_text


def error_line(error: TierwiseError) -> str:
    """The canonical form of an error."""
    fields = {"code": error.code, "path": error.path, "message": error.message, "help": error.help}
    return json.dumps({"error": fields}, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def main() -> int:
    """Answers each line of a file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("questions")
    parser.add_argument("--face", choices=["text", "objects"], default="text")
    options = parser.parse_args()
    sys.stdout.reconfigure(encoding="utf-8", newline="\n")  # type: ignore[union-attr]
    with open(options.questions, encoding="utf-8") as questions:
        for line in questions:
            question = read(line)
            try:
                print(answer(question, options.face))
            except TierwiseError as error:
                print(error_line(error))
    return 0


if __name__ == "__main__":
    sys.exit(main())
