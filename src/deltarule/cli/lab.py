"""deltarule lab: the browser opens on the place where networks learn before one's eyes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from deltarule.cli.commands import Commands
from deltarule.cli.console import Json, as_is, emit, err, out, typed

PORT = 8808

lab = Commands(
    invoke_without_command=True,
    help="The lab in the browser: watch networks learn, look inside, draw digits.\n\n[bold]Example[/]:  deltarule lab",
)


@lab.callback()
def _serve(
    context: typer.Context,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Where it answers; 0: any free port.")] = PORT,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open it in the browser.")] = True,
    model: Annotated[
        Path | None, typer.Option(metavar="RUN", help="A run or model that reads the drawings, in place of its own.")
    ] = None,
    data: Annotated[
        Path | None, typer.Option(metavar="PATH", help="Data of your own to train on: images, .npz, .csv.")
    ] = None,
) -> None:
    if context.invoked_subcommand is not None:
        return
    import os

    from deltarule.lab import drawing, server, training_form

    if model is not None:
        drawing.check_model(model)
        os.environ[drawing.MODEL] = str(model.resolve())
    if data is not None:
        training_form.load_splits(str(data.resolve()))
        os.environ[training_form.DATA] = str(data.resolve())

    def say(address: str) -> None:
        out.print(f"The lab is at {as_is(address)}")
        err.print("[dim]Ctrl-C ends it.[/]")

    server.serve(port, browser, say)


@lab.command()
def edit(
    lesson: Annotated[str, typer.Argument(metavar="LESSON", help="A lesson, by the name in its address.")],
    to: Annotated[Path | None, typer.Option(metavar="FILE", help="The copy to make. [default: LESSON.py]")] = None,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open it in the browser.")] = True,
) -> None:
    """Open a copy of a lesson in marimo's editor, to change it as one likes.

    [bold]Example[/]:  deltarule lab edit softmax
    """
    from deltarule.errors import extra
    from deltarule.lab import editing

    with extra("lab", "the editor"):  # before the copy is made
        import marimo  # noqa: F401
        import zmq  # noqa: F401

    path = editing.copy_lesson(lesson, to)
    err.print(f"{as_is(path)} is yours to change; Ctrl-C ends the editor. It runs again with: {typed('python', path)}")
    raise typer.Exit(editing.run_editor(path, browser))


@lab.command()
def export(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A new or empty folder.")],
    reader: Annotated[bool, typer.Option("--reader-only", help="Only the page that reads digits, one file.")] = False,
    model: Annotated[Path | None, typer.Option(metavar="RUN", help="The run or model that is put into it.")] = None,
    json: Json = False,
) -> None:
    """Write the lab as a static site: lessons that run in the browser, and a digit reader in one file.

    [bold]Examples[/]: the whole site, and the digit reader with a network of your own:

      deltarule lab export site

      deltarule lab export out --reader-only --model runs/first
    """
    from deltarule.cli.option_errors import refuse

    if folder.is_file():
        raise refuse("DIR", folder, "a new or empty folder, not a file")
    from deltarule.lab.export import export as exported

    written = []
    for path in exported(folder, model, reader_only=reader):
        written.append(str(path))
        if not json:
            out.print(as_is(path))
    if json:
        emit({"files": written})
