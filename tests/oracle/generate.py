"""Random cases, answered by the model; the same seed makes the same file."""

from __future__ import annotations

from random import Random
from typing import Any, Iterator

from .catalog import Catalog, read_catalog
from .random_catalogs import random_catalog
from .random_refusals import spoil_catalog, spoil_request
from .random_requests import MAKERS
from .run import Model

CASES_PER_CATALOG = 12
BUILT_IN_SHARE = 0.25
REFUSED_REQUEST_SHARE = 0.07
REFUSED_CATALOG_SHARE = 0.025


def generate(seed: int, count: int, model: Model) -> Iterator[dict[str, Any]]:
    """`count` cases in the format of FORMAT.md."""
    random = Random(seed)
    weights = [weight for weight, _, _ in MAKERS.values()]
    document: dict[str, Any] | None = None
    catalog: Catalog = model.catalog(None)
    for number in range(count):
        if number % CASES_PER_CATALOG == 0:
            document = None if random.random() < BUILT_IN_SHARE else random_catalog(random)
            catalog = model.catalog(None) if document is None else read_catalog(document)
        operation = random.choices(list(MAKERS), weights)[0]
        _, rule, make = MAKERS[operation]
        case: dict[str, Any] = {"id": f"gen-{seed}-{number:06}", "rule": rule, "op": operation}
        request: Any = make(random, catalog)
        chance = random.random()
        if document is not None:
            case["catalog"] = document
            if chance < REFUSED_CATALOG_SHARE / (1 - BUILT_IN_SHARE):
                case["catalog"] = spoil_catalog(random, document)
        case["in"] = request
        # Which of several errors is reported is not promised: spoil only what is answered.
        if chance > 1 - REFUSED_REQUEST_SHARE and "out" in model.outcome(case):
            tiers = [tier.id for tier in catalog.tiers]
            case["in"] = spoil_request(random, operation, request, tiers)
        case.update(model.outcome(case))
        yield case
