"""The commands, each in a module of its own with its helpers; nothing heavy is imported before one runs."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from deltarule import __version__
from deltarule.cli import book, datasets, demo, evaluate, experiments, find_eta, lab, look, nets, predict, train
from deltarule.errors import InvalidArgument


class Command(TyperCommand):
    """A command that refuses an option given twice, of which click would take the last."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        said = [word.partition("=")[0] for word in args[: args.index("--") if "--" in args else None]]
        for parameter in self.params:
            names = [*parameter.opts, *parameter.secondary_opts]
            if parameter.param_type_name == "option" and not parameter.multiple and sum(map(said.count, names)) > 1:
                raise InvalidArgument("it is given twice", argument=parameter.opts[0], remedy="leave out one of them")
        return super().parse_args(ctx, args)


app = typer.Typer(
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


app.command(cls=Command)(demo.demo)
app.command(cls=Command)(train.train)
app.command(cls=Command)(nets.nets)
app.command(cls=Command)(find_eta.find_eta)
app.command(cls=Command)(evaluate.evaluate)
app.command(cls=Command)(predict.predict)
app.command(cls=Command)(look.show)
app.command(cls=Command)(look.runs)
app.command(cls=Command)(look.compare)
app.command(cls=Command, context_settings={"allow_interspersed_args": False})(
    book.book
)  # a script's options are its own
app.add_typer(lab.lab, name="lab")
app.add_typer(datasets.data, name="data")
app.add_typer(experiments.experiments, name="experiments")
