"""The commands, one per module; nothing heavy is imported before a command runs."""

from __future__ import annotations

from typing import Annotated

import typer

from deltarule import __version__
from deltarule.cli import (
    book,
    complete,
    datasets,
    demo,
    evaluate,
    experiments,
    export,
    find_eta,
    info,
    inspection,
    lab,
    nets,
    predict,
    sample,
    train,
)
from deltarule.cli.commands import BriefCommand, Commands

app = Commands(
    name="deltarule",
    help="Neural networks in which the learning is not hidden.\n\n[bold]Example[/]:  deltarule demo",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(is_given: bool) -> None:
    if is_given:
        print(f"deltarule {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    pass


app.command()(demo.demo)
app.command(cls=BriefCommand)(train.train)
app.command()(nets.nets)
app.command()(find_eta.find_eta)
app.command()(evaluate.evaluate)
app.command()(predict.predict)
app.command()(sample.sample)
app.command()(complete.complete)
app.command()(export.export)
app.command()(inspection.show)
app.command()(inspection.runs)
app.command()(inspection.compare)
app.command()(info.info)
app.command(context_settings={"allow_interspersed_args": False})(book.book)  # a script parses its own options
app.add_typer(lab.lab, name="lab")
app.add_typer(datasets.data, name="data")
app.add_typer(experiments.experiments, name="experiments")
