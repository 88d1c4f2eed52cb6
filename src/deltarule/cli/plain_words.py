"""Commands in their plain form, without options: they run without the parser of options, which starts slowly."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path


def run_plain(words: Sequence[str]) -> int | None:
    """Run ``predict RUN PICTURE …`` or ``demo``, without options or with ``--data PATH``, and return the exit code.

    None stands for another command, or another form, which the parser has to read.
    """
    if sys.platform == "win32" or any(name.startswith("_DELTARULE") for name in os.environ):  # patterns, completion
        return None
    match list(words):
        case ["predict", run, *images] if all(is_word(one) for one in (run, *images)):
            from deltarule.cli.predictions import predict_files

            return predict_files(Path(run), [Path(one) for one in images])
        case ["demo"] | ["demo", "--data", _] if is_word(words[-1]):
            from deltarule.cli.demonstration import show_demo

            show_demo(words[2] if len(words) > 1 else "auto")
            return 0
    return None


def is_word(text: str) -> bool:
    """Check that an argument is no option and not empty."""
    return bool(text) and not text.startswith("-")
