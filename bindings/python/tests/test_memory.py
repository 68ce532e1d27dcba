"""Failing and answered calls leave memory where it was."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow
import pytest
from tierwise import Catalog, TierwiseError

CHATS = "unlimited_msg_chat_history"
CALLS = 50_000
# What the allocators keep for themselves; the smallest object that could leak has 32 bytes.
MOST_BYTES = 20 * CALLS
PAGES = Path("/proc/self/statm")

CYCLE: list[Any] = []
CYCLE.append(CYCLE)
FLOATS = pyarrow.array([1.5])

FAILING: dict[str, Callable[[Catalog], object]] = {
    "tier": lambda catalog: catalog.price_of(tier="premium", n=1),
    "text": lambda catalog: catalog.ask("price_of", '{"tier":"premium","n":1}'),
    "cycle": lambda catalog: catalog.quote(items=CYCLE),
    "type": lambda catalog: catalog.ask("round", {"total": object()}),
    "load": lambda _: Catalog.load('{"tierwise":1,"id":"a"}'),
    "column": lambda catalog: catalog.totals(CHATS, [1, 2, -3]),
    "arrow": lambda catalog: catalog.totals(CHATS, FLOATS),
}
ANSWERED: dict[str, Callable[[Catalog], object]] = {
    "quote": lambda catalog: catalog.quote(items=[{"tier": CHATS, "accountDays": 3030}]).rows,
    "column": lambda catalog: pyarrow.array(catalog.totals(CHATS, [1, None])),
    "error": lambda catalog: repr(catalog),
}


def resident_bytes() -> int:
    """The memory of this process, Rust's included."""
    return int(PAGES.read_text().split()[1]) * 4096


def process_growth(call: Callable[[], object]) -> int:
    """How much the process grows with many calls."""
    before = resident_bytes()
    for _ in range(CALLS):
        call()
    gc.collect()
    return resident_bytes() - before


def python_growth(call: Callable[[], object]) -> int:
    """How much of Python's own memory is taken after some calls and was not before."""
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        for _ in range(CALLS // 10):
            call()
        gc.collect()
        return tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()


def leaves_nothing_behind(call: Callable[[], object]) -> None:
    """Holds the growth against the bounds. What a first call sets up is no leak."""
    for _ in range(CALLS // 10):
        call()
    assert python_growth(call) < MOST_BYTES // 10
    # An allocator takes a large piece once; a leak takes more every time.
    assert min(process_growth(call), process_growth(call)) < MOST_BYTES


@pytest.mark.parametrize("name", FAILING)
def test_failing_calls_leave_nothing_behind(catalog: Catalog, name: str) -> None:
    def call() -> None:
        with pytest.raises(TierwiseError):
            FAILING[name](catalog)

    leaves_nothing_behind(call)


@pytest.mark.parametrize("name", ANSWERED)
def test_answers_leave_nothing_behind(catalog: Catalog, name: str) -> None:
    leaves_nothing_behind(lambda: ANSWERED[name](catalog))
