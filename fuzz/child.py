"""One target in a process of its own, which :mod:`fuzz.__main__` starts: `python -m fuzz.child NAME CORPUS FOUND`."""

from __future__ import annotations

import sys
import traceback
from pathlib import Path


def name_failure(error: BaseException) -> str:
    """Name an error by its type and the last line of deltarule that it passed.

    >>> try:
    ...     1 / 0
    ... except ZeroDivisionError as error:
    ...     name_failure(error)
    'ZeroDivisionError in <doctest fuzz.child.name_failure[0]>, line 2'
    """
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if "deltarule" in Path(frame.filename).parts] or frames
    if not own:
        return type(error).__name__
    return f"{type(error).__name__} in {'/'.join(Path(own[-1].filename).parts[-2:])}, line {own[-1].lineno}"


def main(name: str, corpus: Path, found: Path, *options: str) -> None:
    """Run a target with atheris; each kind of failure is written to the folder ``found`` once."""
    import atheris

    from fuzz.modules import MODULES

    with atheris.instrument_imports(include=list(MODULES[name])):
        from fuzz.targets import refuse_warnings, try_input
    known: set[str] = set()

    def run(content: bytes) -> None:
        error = try_input(name, content)
        if error is not None and (failure := name_failure(error)) not in known:
            known.add(failure)
            (found / f"{len(known)}").write_bytes(content)
            (found / f"{len(known)}.txt").write_text(f"{failure}: {str(error)[:300]}\n", encoding="utf-8")

    atheris.Setup([sys.argv[0], *options, f"-artifact_prefix={found}/", str(corpus)], run)
    with refuse_warnings():
        atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), *sys.argv[4:])
