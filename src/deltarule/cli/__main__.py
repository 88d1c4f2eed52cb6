"""The entry point of the command: it turns an error into one line on stderr and an exit code."""

from __future__ import annotations

import errno
import os
import sys
from typing import TextIO


def main() -> None:
    """Run ``deltarule``: exit code 0 for success, 2 for invalid arguments, 130 for Ctrl-C, else 1."""
    from deltarule.errors import DeltaruleError, InvalidArgument

    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr] # for file names that are not text
    try:
        try:
            from deltarule.cli.plain_words import run_plain

            if (code := run_plain(sys.argv[1:])) is not None:
                sys.exit(code)
            from deltarule.cli.app import app

            app()
        finally:
            sys.stdout.flush()  # here an error can still be reported
    except DeltaruleError as error:
        from deltarule.cli.option_errors import phrase_error

        _exit(phrase_error(error), 2 if isinstance(error, InvalidArgument) else 1)
    except MemoryError as error:
        _exit(f"there is not enough memory: {error}", 1)
    except KeyboardInterrupt:
        sys.exit(130)
    except RuntimeError as error:
        if "RESOURCE_EXHAUSTED" not in str(error):  # JAX says so when memory runs out
            raise
        _exit(f"there is not enough memory: {error}", 1)
    except OSError as error:
        _discard(sys.stdout)
        if error.errno == errno.EPIPE:  # the reader of the pipe has left
            sys.exit(1)
        place = f"{error.filename} cannot be used" if error.filename else "the output could not be written"
        _exit(f"{place}: {error.strerror or error}", 1)


def run() -> None:
    """Run the command in a process of its own. After a prediction it leaves at once: to remove what it imported from
    memory, piece by piece, takes a tenth of the time.
    """
    try:
        main()
    except SystemExit as left:
        if sys.argv[1:2] != ["predict"] or not isinstance(left.code, int):
            raise
        sys.stderr.flush()  # main has flushed stdout
        os._exit(left.code)


def _exit(error: object, code: int) -> None:
    from deltarule.cli.console import print_error

    print_error(error)
    sys.exit(code)


def _discard(stream: TextIO) -> None:
    """Discard the text that a stream still holds, so that Python does not try to write it again at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


if __name__ == "__main__":
    run()
