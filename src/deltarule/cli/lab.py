"""deltarule lab: pages in the browser that show networks while they learn."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from deltarule.cli.commands import Commands
from deltarule.cli.console import emit, err, escape, format_command, out
from deltarule.cli.option import format_default
from deltarule.cli.shared_options import Json

PORT = 8808

lab = Commands(
    invoke_without_command=True,
    help="Open the lab in the browser: watch networks learn, look inside, draw digits.\n\n"
    "[bold]Example[/]:  deltarule lab",
)


@lab.callback()
def _serve(
    context: typer.Context,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Serve at this port; 0: any free port.")] = PORT,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open the lab in the browser.")] = True,
    model: Annotated[
        Path | None,
        typer.Option(metavar="RUN", help="Read the drawings with this run or model file, not with the lab's own."),
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(metavar="PATH", help="Offer data of your own for training: a folder of images, or a table."),
    ] = None,
    runs: Annotated[
        Path | None, typer.Option(metavar="DIR", help=f"Keep the runs here. {format_default('runs/lab')}")
    ] = None,
) -> None:
    if context.invoked_subcommand is not None:
        return
    import os

    from deltarule.lab import drawing, run_store, server, training_form

    if model is not None:
        drawing.check_model(model)
        os.environ[drawing.MODEL] = str(model.resolve())
    if data is not None:
        training_form.load_splits(str(data.resolve()))
        os.environ[training_form.DATA] = str(data.resolve())
    if runs is not None:
        os.environ[run_store.RUNS] = str(runs.resolve())

    def print_address(address: str) -> None:
        out.print(f"The lab is at {escape(address)}")
        err.print("[dim]Press Ctrl-C to stop it.[/]")

    server.serve(port, browser, print_address)


@lab.command()
def edit(
    lesson: Annotated[
        str,
        typer.Argument(
            metavar="LESSON", help="The name of the lesson: the last part of its address in the lab, such as softmax."
        ),
    ],
    to: Annotated[
        Path | None, typer.Option(metavar="FILE", help=f"Save the copy in this file. {format_default('LESSON.py')}")
    ] = None,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open the editor in the browser.")] = True,
) -> None:
    """Open a copy of a lesson in marimo's editor, to change it.

    [bold]Example[/]:  deltarule lab edit softmax
    """
    from deltarule.errors import require_extra
    from deltarule.lab import editing

    with require_extra("lab", "the editor"):  # before the copy is made
        import marimo  # noqa: F401
        import zmq  # noqa: F401

    path = editing.copy_lesson(lesson, to)
    err.print(f"{escape(path)} is your copy. Press Ctrl-C to stop the editor.")
    err.print(f"Run the copy without the editor:  {format_command('python', path)}")
    raise typer.Exit(editing.run_editor(path, browser))


@lab.command()
def export(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Write the site into this new or empty folder.")],
    reader: Annotated[
        bool, typer.Option("--reader-only", help="Write only the page of the network, one file.")
    ] = False,
    model: Annotated[Path | None, typer.Option(metavar="RUN", help="Make the page of this run or model file.")] = None,
    json: Json = False,
) -> None:
    """Write the lab as a static site: lessons that run in the browser, and a network as a page in one file.

    A network for images reads drawings, reader.html. One for a table has a form for a row, form.html.

    [bold]Examples[/]: the whole site, and only the page of your own network:

      deltarule lab export site

      deltarule lab export out --reader-only --model runs/first
    """
    from deltarule.cli.option_errors import option_error

    if folder.is_file():
        raise option_error("DIR", folder, "a new or empty folder, not a file")
    from deltarule.lab.export import export as write_site

    paths = []
    for path in write_site(folder, model, model_only=reader):
        paths.append(str(path))
        if not json:
            out.print(escape(path))
    if json:
        emit({"files": paths})
