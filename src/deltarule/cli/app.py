"""The commands, each in a module of its own with its helpers; nothing heavy is imported before one runs."""

from __future__ import annotations

from typing import Annotated

import typer

from deltarule import __version__
from deltarule.cli import book, datasets, demo, evaluate, experiments, find_eta, inspection, lab, nets, predict, train
from deltarule.cli.commands import Commands

app = Commands(
    name="deltarule",
    help="Neural networks in which the learning is not hidden.\n\n[bold]Example[/]:  deltarule demo",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(asked: bool) -> None:
    if asked:
        print(f"deltarule {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass


app.command()(demo.demo)
app.command()(train.train)
app.command()(nets.nets)
app.command()(find_eta.find_eta)
app.command()(evaluate.evaluate)
app.command()(predict.predict)
app.command()(inspection.show)
app.command()(inspection.runs)
app.command()(inspection.compare)
app.command(context_settings={"allow_interspersed_args": False})(book.book)  # a script's options are its own
app.add_typer(lab.lab, name="lab")
app.add_typer(datasets.data, name="data")
app.add_typer(experiments.experiments, name="experiments")
