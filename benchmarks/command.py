"""How a benchmark's command ends on what it was given wrong: with a line, not with a traceback."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import wraps
from typing import Any

from deltarule.errors import DeltaruleError


def command(main: Callable[..., int]) -> Callable[..., int]:
    """The main function, which answers bad input in one line on stderr, and with 1."""

    @wraps(main)
    def told(*arguments: Any) -> int:
        try:
            return main(*arguments)
        except DeltaruleError as error:
            print(f"benchmarks: {error}", file=sys.stderr)
            return 1

    return told
