"""The handling of errors in the benchmarks' commands: one line instead of a traceback."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import wraps
from typing import Any

from deltarule.errors import DeltaruleError


def command(main: Callable[..., int]) -> Callable[..., int]:
    """Wrap a main function so that a DeltaruleError becomes one line on stderr and the exit code 1."""

    @wraps(main)
    def wrapper(*arguments: Any) -> int:
        try:
            return main(*arguments)
        except DeltaruleError as error:
            print(f"benchmarks: {error}", file=sys.stderr)
            return 1

    return wrapper
