"""The golden cases, through JSON text, Python's objects, and the methods of the operations."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from cases import Case, all_cases, canonical, catalog_text, loaded
from tierwise import OPERATIONS, Catalog, Record, TierwiseError

CASES = all_cases()


def outcome(case: Case, answer: str | None, error: TierwiseError | None) -> None:
    """Holds an answer or an error against what the case expects."""
    if "error" in case:
        assert error is not None, f"answered {answer}"
        expected = (case["error"]["code"], case["error"]["path"])
        assert (error.code, error.path) == expected
    else:
        assert error is None, error
        assert answer == canonical(case["out"])


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_a_case_as_text_and_as_objects(case: Case) -> None:
    for request in (json.dumps(case["in"]), json.dumps(case["in"]).encode(), case["in"]):
        answer = error = None
        try:
            answer = loaded(catalog_text(case)).ask(case["op"], request)
        except TierwiseError as caught:
            error = caught
        outcome(case, answer, error)


@pytest.mark.parametrize(
    "text", sorted({text for case in CASES if (text := catalog_text(case)) is not None})
)
def test_a_catalog_as_an_object_is_what_it_is_as_text(text: str) -> None:
    def fingerprint_or_error(source: Any) -> object:
        try:
            return Catalog.load(source).fingerprint
        except TierwiseError as error:
            return error.args

    assert fingerprint_or_error(json.loads(text)) == fingerprint_or_error(text)


READERS: dict[str, Callable[[str], Any]] = {
    "at": datetime.fromisoformat,
    "as_of": datetime.fromisoformat,
    "from": date.fromisoformat,
    "to": date.fromisoformat,
    "total": Decimal,
}


def python_values(value: Any, key: str = "") -> Any:
    """Python's own types in place of the texts that stand for them."""
    if isinstance(value, dict):
        return {name: python_values(part, name) for name, part in value.items()}
    if isinstance(value, list):
        return [python_values(part) for part in value]
    if isinstance(value, str) and key in READERS:
        try:
            # Python 3.10 does not read `Z`.
            read = READERS[key](value.replace("Z", "+00:00"))
        except (ValueError, ArithmeticError):
            return value
        # Python reads more than the engine: what it would mend stays as it is written.
        text = read.isoformat() if isinstance(read, date) else str(read)
        is_naive = isinstance(read, datetime) and read.tzinfo is None
        return value if is_naive or text != value.replace("Z", "+00:00") else read
    return value


def call(catalog: Catalog, operation: str, request: dict[str, Any]) -> Record:
    named = {f"{key}_" if key == "from" else key: value for key, value in request.items()}
    answer = getattr(catalog, operation)(**named)
    assert isinstance(answer, Record)
    return answer


def fits(case: Case) -> bool:
    """Whether the request of a case has the form of a call."""
    if case["op"] not in OPERATIONS or not isinstance(case["in"], dict):
        return False
    named = {f"{key}_" if key == "from" else key for key in case["in"]}
    parameters = inspect.signature(getattr(Catalog, case["op"])).parameters
    needed = {name for name, it in parameters.items() if it.default is it.empty} - {"self"}
    return needed <= named <= set(parameters)


METHOD_CASES = [case for case in CASES if fits(case)]


@pytest.mark.parametrize("case", METHOD_CASES, ids=[case["id"] for case in METHOD_CASES])
def test_a_case_as_a_call_with_python_values(case: Case) -> None:
    record = error = None
    try:
        record = call(loaded(catalog_text(case)), case["op"], python_values(case["in"]))
    except TierwiseError as caught:
        error = caught
    # The record has everything that its JSON has, and nothing else.
    outcome(case, record.to_json() if record else None, error)
    if record:
        assert record.to_dict() == case["out"]
        assert type(record).from_json(record.to_json()) == record


def test_every_operation_has_a_method_and_cases() -> None:
    assert {case["op"] for case in METHOD_CASES} == set(OPERATIONS)
