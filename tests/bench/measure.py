"""Runs a command, its output into a file, and prints its seconds and its peak of memory."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", help="where the command's output goes")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    options = parser.parse_args()
    open_out = (os.POSIX_SPAWN_OPEN, 1, options.out, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    start = time.perf_counter()
    program = options.command[0]
    child = os.posix_spawn(program, options.command, os.environ, file_actions=[open_out])
    _, status, usage = os.wait4(child, 0)
    seconds = time.perf_counter() - start
    # Linux counts the peak in kibibytes, macOS in bytes.
    peak_bytes = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    print(json.dumps({"seconds": seconds, "peak_bytes": peak_bytes}))
    return os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    sys.exit(main())
