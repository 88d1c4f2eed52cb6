"""The way into the command: errors become one line on stderr and an exit code."""

from __future__ import annotations

import sys


def main() -> None:
    """Runs ``deltarule``: exit code 0 for success, 2 for what cannot be meant, 1 for any other failure."""
    from deltarule.cli.app import app
    from deltarule.errors import DeltaruleError, UsageError

    try:
        app()
    except DeltaruleError as error:
        from deltarule.cli.console import say_error

        say_error(error)
        sys.exit(2 if isinstance(error, UsageError) else 1)


if __name__ == "__main__":
    main()
