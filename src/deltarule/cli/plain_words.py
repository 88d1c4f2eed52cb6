"""Commands in their plain form, without options: they run without the parser of options, which starts slowly."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

THREADS = "OPENBLAS_NUM_THREADS", "GOTO_NUM_THREADS", "OMP_NUM_THREADS"
"""The settings of OpenBLAS for its threads."""


def run_plain(words: Sequence[str]) -> int | None:
    """Run ``predict RUN PICTURE …`` or ``demo``, without options or with ``--data PATH``, and return the exit code.

    None stands for another command, or another form, which the parser has to read.
    """
    if sys.platform == "win32" or any(name.startswith("_DELTARULE") for name in os.environ):  # patterns, completion
        return None
    match list(words):
        case ["predict", run, *images] if all(is_word(one) for one in (run, *images)):
            from deltarule.cli.predictions import predict_files

            import_numpy()
            return predict_files(Path(run), [Path(one) for one in images])
        case ["demo"] | ["demo", "--data", _] if is_word(words[-1]):
            from deltarule.cli.demonstration import show_demo

            import_numpy()
            show_demo(words[2] if len(words) > 1 else "auto")
            return 0
    return None


def import_numpy() -> None:
    """Import NumPy with one thread of its library of matrix products; to start others takes a fifth of a prediction.

    Neither a prediction nor the demo would use them: their engines set the number of threads themselves.
    """
    if any(name in os.environ for name in THREADS):  # the user decides
        import numpy

        return
    os.environ[THREADS[0]] = "1"
    try:
        import numpy  # noqa: F401
    finally:
        del os.environ[THREADS[0]]


def is_word(text: str) -> bool:
    """Check that an argument is no option and not empty."""
    return bool(text) and not text.startswith("-")
