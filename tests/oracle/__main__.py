"""Starts the command: `python3 -m oracle check FILE...` or `python3 -m oracle generate ...`."""

from __future__ import annotations

import sys

from .run import main

sys.exit(main(sys.argv[1:]))
