"""deltarule book: the book's own modules under their own names, in a Python shell or for a script."""

from __future__ import annotations

from typing import Annotated

import typer

EXAMPLE = """
[bold]import network[/], [bold]import mnist_loader[/] and the others work as the book prints them.

[bold]Examples[/]:

  deltarule book

  deltarule book my_script.py 30 3.0
"""


def book(
    script: Annotated[
        str | None, typer.Argument(metavar="SCRIPT", help="A script of yours, or one of the book's programs.")
    ] = None,
    arguments: Annotated[
        list[str] | None, typer.Argument(metavar="ARGUMENTS", help="What the script finds in sys.argv.")
    ] = None,
) -> None:
    """Type what the book prints: a Python shell with the book's modules."""
    import sys
    from pathlib import Path

    from deltarule.book import importer, shell
    from deltarule.cli.option_errors import refuse

    if script is None and sys.stdin.isatty():
        shell.shell()
    elif script is None:
        raise typer.Exit(shell.run(sys.stdin.buffer.read(), "<stdin>", "", []))
    elif (path := Path(script)).is_file():
        raise typer.Exit(shell.run(path.read_bytes(), script, str(path.parent.resolve()), arguments or []))
    elif (name := script.removesuffix(".py")) in shell.PROGRAMS:
        if arguments:
            raise refuse("ARGUMENTS", arguments, f"none after {script}", "its functions take some: type deltarule book")
        shell.run_own(name)
    elif name in importer.MODULES:
        raise refuse("SCRIPT", script, "a program", f"it is a module: type deltarule book, and then import {name}")
    else:
        raise refuse("SCRIPT", script, "a file or a program of the book", "or type deltarule book for a shell")


book.__doc__ = f"{book.__doc__}\n{EXAMPLE}"
