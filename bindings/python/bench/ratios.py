"""The engine against the same calculator written with `decimal`, as ratios within one run.

Prints a table, and ends with an error if a bound is passed. The wheel's path is the argument.
"""

from __future__ import annotations

import argparse
import gc
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import calculator
import numpy
from tierwise import Catalog, TierwiseError
from tierwise.types import QuoteItem

ROUNDS = 15
CALLS = 2_000
ROWS = 1_000_000
FAILURES = 1_000_000

MOST_WHEEL_BYTES = 3_000_000
MOST_IMPORT_MS = 30.0
# What an allocator may keep: a leak of 4 bytes a call would pass it.
MOST_GROWN_BYTES = 4 * FAILURES

Line = tuple[str, str, str, bool]


def seconds(work: Callable[[], object]) -> float:
    """How long one run takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def middles(*works: Callable[[], object]) -> list[float]:
    """The middle time of each, taken in turns: what slows the machine slows all of them."""
    for work in works:
        work()
    runs = [[seconds(work) for work in works] for _ in range(ROUNDS)]
    return [statistics.median(times) for times in zip(*runs, strict=True)]


def bands(catalog: Catalog) -> list[calculator.Band]:
    """The price list of the tier that is priced, from its rate card."""
    tiers = catalog.catalog().rate_card.tiers
    card = next(tier for tier in tiers if tier.id == calculator.TIER)
    return calculator.bands_of([(band.from_, band.to, band.price) for band in card.bands])


def same(record: object, by_hand: object) -> bool:
    """Whether an answer of the engine says what the calculator says."""
    if isinstance(by_hand, dict):
        return all(same(getattr(record, name), value) for name, value in by_hand.items())
    if isinstance(by_hand, list):
        parts = record if isinstance(record, tuple) else ()
        return len(parts) == len(by_hand) and all(map(same, parts, by_hand))
    return record == by_hand


def quotes(catalog: Catalog) -> list[Line]:
    """One quote: all that is said of it, and its rows and its total alone."""
    price_list, quantity, fingerprint = bands(catalog), 3030, catalog.fingerprint
    items: list[QuoteItem] = [{"tier": calculator.TIER, "accountDays": quantity}]
    request = f'{{"items":[{{"tier":"{calculator.TIER}","accountDays":{quantity}}}]}}'
    by_hand = calculator.explained_quote(price_list, quantity, fingerprint)
    assert same(catalog.quote(items=items), by_hand), "both say the same"

    def repeated(call: Callable[[], object]) -> Callable[[], object]:
        def calls() -> None:
            for _ in range(CALLS):
                call()

        return calls

    works = [
        lambda: catalog.quote(items=items),
        lambda: catalog.ask("quote", request),
        lambda: calculator.explained_quote(price_list, quantity, fingerprint),
        lambda: calculator.quote(price_list, quantity),
    ]
    times = middles(*map(repeated, works))
    record, text, explained, rows = (middle / CALLS * 1e6 for middle in times)
    return [
        ("quote as records, µs", f"{record:.2f}", "", True),
        ("quote as JSON text, µs", f"{text:.2f}", "", True),
        ("the same with decimal, µs", f"{explained:.2f}", "", True),
        ("only its rows and total with decimal, µs", f"{rows:.2f}", "", True),
        ("quote, decimal ÷ records", f"{explained / record:.2f}", "", True),
        ("quote, decimal ÷ JSON text", f"{explained / text:.2f}", "", True),
        ("rows and total alone, decimal ÷ records", f"{rows / record:.2f}", "", True),
    ]


def columns(catalog: Catalog) -> list[Line]:
    """A million totals."""
    price_list = bands(catalog)
    numbers = numpy.arange(ROWS, dtype="int64") % 40_000
    quantities = numbers.tolist()
    totals = catalog.totals(calculator.TIER, numbers)
    for row in range(0, ROWS, 997):
        assert totals[row] == calculator.total(price_list, quantities[row])

    def by_hand() -> None:
        for quantity in quantities:
            calculator.total(price_list, quantity)

    decimal = statistics.median(seconds(by_hand) for _ in range(3))
    # Each for itself: a million objects would push the array out of the caches.
    [array] = middles(lambda: catalog.totals(calculator.TIER, numbers))
    [sequence] = middles(lambda: catalog.totals(calculator.TIER, quantities))
    return [
        ("a million totals, NumPy in, ms", f"{array * 1e3:.1f}", "", True),
        ("a million totals, list in, ms", f"{sequence * 1e3:.1f}", "", True),
        ("a million totals with decimal, ms", f"{decimal * 1e3:.0f}", "", True),
        ("column, decimal ÷ NumPy in", f"{decimal / array:.0f}", "", True),
        ("column, decimal ÷ list in", f"{decimal / sequence:.0f}", "", True),
    ]


def resident_bytes() -> int:
    """The memory of this process."""
    return int(Path("/proc/self/statm").read_text("utf-8").split()[1]) * 4096


def failures(catalog: Catalog) -> list[Line]:
    """A million calls that fail, of three kinds."""
    cycle: list[object] = []
    cycle.append(cycle)
    calls: list[Callable[[], object]] = [
        lambda: catalog.price_of(tier="premium", n=1),
        lambda: catalog.ask("round", {"total": cycle}),
        lambda: catalog.totals(calculator.TIER, [1, Decimal(-1)]),
    ]

    def fail(count: int) -> None:
        for n in range(count):
            try:
                calls[n % len(calls)]()
            except TierwiseError:
                continue
            raise AssertionError("the call was answered")

    fail(FAILURES // 100)
    gc.collect()
    before = resident_bytes()
    fail(FAILURES)
    gc.collect()
    grown = max(resident_bytes() - before, 0)
    return [
        ("memory before, bytes", f"{before:,}", "", True),
        (
            "a million failing calls, bytes grown",
            f"{grown:,}",
            f"at most {MOST_GROWN_BYTES:,}",
            grown <= MOST_GROWN_BYTES,
        ),
    ]


def packaging(wheel: Path) -> list[Line]:
    """What it weighs and how long it takes to import."""
    code = (
        "import time; start = time.perf_counter(); {}; print((time.perf_counter() - start) * 1e3)"
    )

    def middle(imports: str) -> float:
        command = [sys.executable, "-I", "-c", code.format(imports)]
        runs = (subprocess.run(command, check=True, capture_output=True) for _ in range(ROUNDS))
        return statistics.median(float(run.stdout) for run in runs)

    size, ours = wheel.stat().st_size, middle("import tierwise")
    modules = middle("import decimal, datetime")
    return [
        ("wheel, bytes", f"{size:,}", f"at most {MOST_WHEEL_BYTES:,}", size <= MOST_WHEEL_BYTES),
        ("import, ms", f"{ours:.1f}", f"at most {MOST_IMPORT_MS:.0f}", ours <= MOST_IMPORT_MS),
        ("of that, decimal and datetime, ms", f"{modules:.1f}", "", True),
    ]


def main() -> int:
    """Prints all figures; 1 if a bound is passed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("wheel", type=Path)
    wheel: Path = parser.parse_args().wheel
    catalog = Catalog.messaging()
    lines = [*quotes(catalog), *columns(catalog), *failures(catalog), *packaging(wheel)]
    width = max(len(what) for what, *_ in lines)
    for what, found, bound, holds in lines:
        verdict = "" if not bound else "ok" if holds else "MISSED"
        print(f"  {what:<{width}}  {found:>14}  {bound:<20}  {verdict}".rstrip())
    return 0 if all(holds for *_, holds in lines) else 1


if __name__ == "__main__":
    sys.exit(main())
