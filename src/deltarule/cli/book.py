"""deltarule book: a Python shell or a script with the book's own modules."""

from __future__ import annotations

from typing import Annotated

import typer

EXAMPLE = """
[bold]import network[/], [bold]import mnist_loader[/] and the others work as the book prints them.

[bold]Examples[/]:

  deltarule book

  deltarule book my_script.py 30 3.0

  deltarule book --convert my_script.py
"""


def book(
    script: Annotated[
        str | None,
        typer.Argument(
            metavar="SCRIPT",
            help="Run your Python script, or a program of the book: expand_mnist, mnist_average_darkness or mnist_svm.",
        ),
    ] = None,
    arguments: Annotated[
        list[str] | None, typer.Argument(metavar="ARGUMENTS", help="Pass these to the script, as sys.argv.")
    ] = None,
    convert: Annotated[
        bool,
        typer.Option("--convert", help="Print the script in Python 3, converted from Python 2; do not run it."),
    ] = False,
) -> None:
    """Open a Python shell in which the code of the book works, or run a script."""
    import sys
    from pathlib import Path

    from deltarule.book import importer, shell
    from deltarule.cli.option_errors import option_error

    if convert:
        if script is None or arguments:
            given = " ".join([script or "", *(arguments or [])])
            raise option_error("--convert", given, "one script", "type deltarule book --convert SCRIPT")
        if not Path(script).is_file():
            raise option_error("--convert", script, "the path of a script", "there is no such file")
        raise typer.Exit(shell.convert_script(Path(script).read_bytes(), script))
    if script is None and sys.stdin.isatty():
        shell.start_shell()
    elif script is None:
        raise typer.Exit(shell.run_script(sys.stdin.buffer.read(), "<stdin>", "", []))
    elif (path := Path(script)).is_file():
        raise typer.Exit(shell.run_script(path.read_bytes(), script, str(path.parent.resolve()), arguments or []))
    elif (name := script.removesuffix(".py")) in shell.PROGRAMS:
        if arguments:
            remedy = "call its functions, which take arguments, in the shell: deltarule book"
            raise option_error("ARGUMENTS", arguments, f"no arguments after {script}", remedy)
        shell.run_program(name)
    elif name in importer.MODULES:
        remedy = f"type deltarule book, and then import {name}"
        raise option_error("SCRIPT", script, "a program, not a module", remedy)
    else:
        raise option_error("SCRIPT", script, "a file or a program of the book", "type deltarule book to open a shell")


book.__doc__ = f"{book.__doc__}\n{EXAMPLE}"
