"""Repeat an input of a target, with the traceback of what it raises: `python -m fuzz.repeat TARGET FILE`."""

from __future__ import annotations

import sys
from pathlib import Path

from fuzz.targets import TARGETS

if __name__ == "__main__":
    TARGETS[sys.argv[1]].run(Path(sys.argv[2]).read_bytes())
