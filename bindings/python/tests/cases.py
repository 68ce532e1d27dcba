"""The golden cases, which every host of the engine answers with the same bytes."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from tierwise import Catalog

VECTORS = Path(__file__).resolve().parents[3] / "tests" / "vectors"

Case = dict[str, Any]


def all_cases() -> list[Case]:
    """Every case of every file."""
    files = sorted(VECTORS.rglob("*.jsonl"))
    lines = (line for file in files for line in file.read_text("utf-8").splitlines())
    return [json.loads(line) for line in lines if line.strip()]


def catalog_text(case: Case) -> str | None:
    """The JSON of the catalog that a case is about; none for the built-in one."""
    source = case.get("catalog")
    if source is None:
        return None
    if isinstance(source, str):
        return (VECTORS / "catalogs" / f"{source}.json").read_text("utf-8")
    return json.dumps(source)


@cache
def loaded(text: str | None) -> Catalog:
    """A catalog by its JSON, loaded once."""
    return Catalog.messaging() if text is None else Catalog.load(text)


def canonical(document: Any) -> str:
    """The canonical text of a document, by Python's own means."""
    return json.dumps(document, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
