"""The way into the command: errors become one line on stderr and an exit code."""

from __future__ import annotations

import errno
import os
import sys
from typing import TextIO


def main() -> None:
    """Runs ``deltarule``: exit code 0 for success, 2 for invalid arguments, 130 for Ctrl-C, else 1."""
    from deltarule.errors import DeltaruleError, FileError, InvalidArgument, format_error

    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr] # names that are no text
    try:
        try:
            from deltarule.cli.app import app

            app()
        finally:
            sys.stdout.flush()  # here, where an error can still be told
    except DeltaruleError as error:
        from deltarule.cli.options import option_of

        name = str if isinstance(error, FileError) else option_of  # the arguments of a file are no options
        _leave(format_error(error, name), 2 if isinstance(error, InvalidArgument) else 1)
    except MemoryError as error:
        _leave(f"there is not enough memory: {error}", 1)
    except KeyboardInterrupt:
        sys.exit(130)
    except RuntimeError as error:
        if "RESOURCE_EXHAUSTED" not in str(error):  # which is how JAX says that it is out of memory
            raise
        _leave(f"there is not enough memory: {error}", 1)
    except OSError as error:
        _give_up(sys.stdout)
        if error.errno == errno.EPIPE:  # the reader has seen enough
            sys.exit(1)
        where = f"{error.filename} cannot be used" if error.filename else "the output could not be written"
        _leave(f"{where}: {error.strerror or error}", 1)


def _leave(error: object, code: int) -> None:
    from deltarule.cli.console import say_error

    say_error(error)
    sys.exit(code)


def _give_up(stream: TextIO) -> None:
    """Lets what a stream still holds go nowhere, so that Python does not try again as it ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


if __name__ == "__main__":
    main()
