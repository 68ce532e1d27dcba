"""The command line: checks case files against the model, or generates new cases."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from .catalog import Catalog, read_catalog
from .operations import answer
from .reading import Refusal
from .writing import canonical_json

_TESTS = Path(__file__).resolve().parent.parent
BUILT_IN = _TESTS.parent / "catalogs" / "messaging.json"
NAMED = _TESTS / "vectors" / "catalogs"


def load_document(source: Any) -> Any:
    """The catalog document that a case means by its `catalog` field, None if left out."""
    if source is None:
        return json.loads(BUILT_IN.read_text(encoding="utf-8"))
    if isinstance(source, str):
        return json.loads((NAMED / f"{source}.json").read_text(encoding="utf-8"))
    return source


class Model:
    """Answers cases; remembers the catalogs it has read."""

    def __init__(self) -> None:
        self._catalogs: dict[str, Catalog | Refusal] = {}

    def catalog(self, source: Any) -> Catalog:
        key = canonical_json(source)
        if key not in self._catalogs:
            try:
                self._catalogs[key] = read_catalog(load_document(source))
            except Refusal as refusal:
                self._catalogs[key] = refusal
        known = self._catalogs[key]
        if isinstance(known, Refusal):
            raise Refusal(known.code, known.path)
        return known

    def outcome(self, case: dict[str, Any]) -> dict[str, Any]:
        """`{out}` or `{error}` of a case."""
        try:
            catalog = self.catalog(case.get("catalog"))
            return {"out": answer(catalog, case["op"], case["in"])}
        except Refusal as refusal:
            return {"error": {"code": refusal.code, "path": refusal.path}}


def _expected(case: dict[str, Any]) -> dict[str, Any]:
    if "error" in case:
        error = case["error"]
        return {"error": {"code": error["code"], "path": error["path"]}}
    return {"out": case["out"]}


def differences(expected: Any, found: Any, path: str = "") -> list[str]:
    """Where two documents differ, one line each."""
    lines: list[str] = []
    if isinstance(expected, dict) and isinstance(found, dict):
        for key in sorted({*expected, *found}):
            if key not in expected or key not in found:
                state = "unexpected" if key not in expected else "missing"
                lines.append(f"{path}/{key}: {state}")
            else:
                lines += differences(expected[key], found[key], f"{path}/{key}")
        return lines
    if isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        for place, (one, other) in enumerate(zip(expected, found)):
            lines += differences(one, other, f"{path}/{place}")
        return lines
    if canonical_json(expected) == canonical_json(found):
        return []
    return [f"{path}: expected {canonical_json(expected)}, found {canonical_json(found)}"]


def check(files: list[str]) -> int:
    """Runs case files; 1 if a case fails."""
    model = Model()
    seen: set[str] = set()
    passed = failed = 0
    for file in files:
        for line in Path(file).read_text(encoding="utf-8").split("\n"):
            if not line.strip():
                continue
            case = json.loads(line)
            problems = differences(_expected(case), model.outcome(case))
            if case["id"] in seen:
                problems.append("the id is not unique")
            seen.add(case["id"])
            passed += not problems
            failed += bool(problems)
            for problem in problems:
                print(f"{file}: {case['id']} ({case['op']}): {problem}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="oracle", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    checking = commands.add_parser("check", help="run case files through the model")
    checking.add_argument("files", nargs="+", metavar="FILE")
    generating = commands.add_parser("generate", help="write random cases")
    generating.add_argument("--seed", type=int, required=True)
    generating.add_argument("--cases", type=int, required=True)
    generating.add_argument("--out", required=True, metavar="FILE")
    options = parser.parse_args(arguments)
    if options.command == "check":
        return check(options.files)
    from .generate import generate

    with open(options.out, "w", encoding="utf-8", newline="\n") as out:
        for case in generate(options.seed, options.cases, Model()):
            out.write(json.dumps(case, ensure_ascii=False, separators=(",", ":")) + "\n")
    print(f"{options.cases} cases written", file=sys.stderr)
    return 0
