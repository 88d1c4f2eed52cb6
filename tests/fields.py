"""Checks of an error's fields: ``pytest.raises(InvalidArgument, check=has(argument="eta", value=-1))``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any


def has(**fields: Any) -> Callable[[Exception], bool]:
    """Tell for an error whether its fields have these values; a path is compared by its last part.

    >>> from deltarule.errors import InvalidArgument
    >>> error = InvalidArgument(argument="eta", expected="a number above 0", value=-1, path="runs/first/run.json")
    >>> has(argument="eta", value=-1, path="run.json")(error), has(argument="lmbda")(error)
    (True, False)
    """

    def check(error: Exception) -> bool:
        found = {name: getattr(error, name, None) for name in fields}
        if "path" in found and found["path"] is not None:
            found["path"] = Path(str(found["path"])).name
        return found == {name: Path(str(value)).name if name == "path" else value for name, value in fields.items()}

    return check
