"""Answers the invoices of an event log with DuckDB and prints the seconds that it took."""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import duckdb

SQL = Path(__file__).with_name("invoices.sql")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("log", help="the event log, as CSV")
    parser.add_argument("out", help="where to write the invoices, a JSON object per line")
    options = parser.parse_args()
    # DuckDB's own time only: without the start of Python, on its default threads and memory.
    start = time.perf_counter()
    connection = duckdb.connect()
    files = {"log": options.log, "out": options.out}
    for statement in connection.extract_statements(SQL.read_text(encoding="utf-8")):
        names = statement.named_parameters
        connection.execute(statement, {name: files[name] for name in names})
    connection.close()
    print(json.dumps({"seconds": time.perf_counter() - start}))


if __name__ == "__main__":
    main()
