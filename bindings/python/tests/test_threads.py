"""Threads: long calls let others run, and many threads may ask one catalog."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy
import pyarrow
import pytest
from tierwise import Catalog, TierwiseError

CHATS = "unlimited_msg_chat_history"


@pytest.fixture
def steps() -> Iterator[Callable[[], int]]:
    """Counts the steps of another thread, which gets the lock only if it is released."""
    count = 0
    has_begun, is_done = threading.Event(), threading.Event()

    def walk() -> None:
        nonlocal count
        has_begun.set()
        while not is_done.is_set():
            count += 1
            # Whatever sleeps releases the lock, however short: else the call could not end.
            time.sleep(0)

    before = sys.getswitchinterval()
    # No thread is asked to give the lock up: it must be released by the call.
    sys.setswitchinterval(1000)
    thread = threading.Thread(target=walk)
    thread.start()
    # It walks, and is not still about to begin.
    has_begun.wait()
    try:
        yield lambda: count
    finally:
        is_done.set()
        sys.setswitchinterval(before)
        thread.join()


def long_catalog() -> str:
    """A catalog of a million bytes, most of them bands."""
    document = Catalog.messaging().to_dict()
    bands = [{"upTo": n + 1, "unitPrice": "0.400000"} for n in range(255)]
    price = {
        "id": "days",
        "meter": "account_day",
        "model": "graduated",
        "bands": [*bands, {"upTo": None, "unitPrice": "0.1"}],
    }
    rank = 10
    while len(str(document)) < 900_000:
        document["tiers"].append({"id": f"tier_{rank}", "rank": rank, "prices": [price]})
        rank += 1
    return Catalog.load(document).to_json()


LONG_CATALOG = long_catalog()
EVENTS: list[dict[str, Any]] = [
    {"at": f"2026-04-{day:02}T{hour:02}:{minute:02}:00Z", "do": "tier", "tier": tier}
    for day in range(1, 29)
    for hour in range(24)
    for minute, tier in ((10, "limited_msg_no_chat_history"), (20, CHATS))
]
EVENTS.insert(0, {"at": "2026-04-01T00:00:00Z", "do": "create", "tier": CHATS})
INVOICE: dict[str, Any] = {
    "period": "2026-04",
    "groups": [{"count": 1000, "events": EVENTS} for _ in range(5)],
}
CALLS = 10
NUMBERS = numpy.arange(2_000_000)
ARROW = pyarrow.array(NUMBERS)

LONG_CALLS: dict[str, Callable[[Catalog], object]] = {
    "load": lambda _: Catalog.load(LONG_CATALOG),
    "load_bytes": lambda _: Catalog.load(LONG_CATALOG.encode()),
    "invoice": lambda catalog: catalog.invoice(**INVOICE),
    "ask": lambda catalog: catalog.ask("invoice", str(INVOICE).replace("'", '"')),
    "numpy": lambda catalog: catalog.totals(CHATS, NUMBERS),
    "arrow": lambda catalog: catalog.totals(CHATS, ARROW),
}


@pytest.mark.parametrize("name", LONG_CALLS)
def test_a_long_call_lets_other_threads_run(
    catalog: Catalog, steps: Callable[[], int], name: str
) -> None:
    before = steps()
    # A machine with much to do may have no time for the other one during a single call.
    for _ in range(CALLS):
        LONG_CALLS[name](catalog)
        if steps() > before:
            return
    pytest.fail("it kept the lock")


def test_a_call_that_keeps_the_lock_lets_no_thread_run(steps: Callable[[], int]) -> None:
    # It takes as long as those above, so the test of them can fail.
    before = steps()
    for _ in range(CALLS):
        sum(NUMBERS.tolist())
    assert steps() == before


def test_a_short_call_keeps_the_lock(catalog: Catalog, steps: Callable[[], int]) -> None:
    # Getting it back would take longer than the answer.
    before = steps()
    for n in range(1, 1000):
        catalog.price_of(tier=CHATS, n=n)
    assert steps() == before


def test_many_threads_ask_one_catalog(catalog: Catalog) -> None:
    def work(seed: int) -> int:
        answered = 0
        for n in range(seed, seed + 300):
            total = catalog.total(tier=CHATS, account_days=n).total
            assert catalog.totals(CHATS, [n])[0] == total
            with pytest.raises(TierwiseError):
                catalog.price_of(tier="premium", n=n)
            answered += 1
        return answered

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(work, range(0, 80_000, 10_000))) == 2400
