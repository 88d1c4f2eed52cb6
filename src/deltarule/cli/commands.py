"""Command classes: they refuse an option given twice, and can keep a long ``--help`` short."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.models import CommandFunctionType

from deltarule.cli.options import BASIC
from deltarule.errors import InvalidArgument


class Command(TyperCommand):
    """A command that refuses an option given twice."""

    def get_params(self, ctx: Any) -> list[Any]:
        return _hide_types_of_flags(super().get_params(ctx))

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        words = list(args)
        rest = super().parse_args(ctx, args)
        _refuse_repeated(self, ctx, words)
        return rest


class BriefCommand(Command):
    """A command of many options: ``--help`` shows the options in ``BASIC``, ``--help-all`` shows every option."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        brief = copy(self)
        brief.params = [parameter for parameter in self.params if parameter.name in BASIC]
        brief.epilog = f"These are the basic options. See the others:  {ctx.command_path} --help-all"
        super(BriefCommand, brief).format_help(ctx, formatter)

    def format_full_help(self, ctx: Any) -> None:
        """Print the help with every option."""
        super().format_help(ctx, ctx.make_formatter())


def _print_full_help(context: typer.Context, is_given: bool) -> None:
    if is_given:
        assert isinstance(context.command, BriefCommand)
        context.command.format_full_help(context)
        raise typer.Exit


HelpAll = Annotated[
    bool,
    typer.Option("--help-all", is_eager=True, callback=_print_full_help, help="Show all options, in groups, and exit."),
]


class Group(TyperGroup):
    """A group of commands that refuses an option of its own given twice."""

    def get_params(self, ctx: Any) -> list[Any]:
        return _hide_types_of_flags(super().get_params(ctx))

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        words = list(args)
        rest = super().parse_args(ctx, args)
        _refuse_repeated(self, ctx, words)
        return rest


class Commands(typer.Typer):
    """A group whose commands are of the classes :class:`Group` and :class:`Command`."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**{"cls": Group, **settings})

    def command(self, *names: Any, **settings: Any) -> Callable[[CommandFunctionType], CommandFunctionType]:
        return super().command(*names, **{"cls": Command, **settings})


def _hide_types_of_flags(parameters: list[Any]) -> list[Any]:
    """Leave out the type ``<bool>`` of flags in the help: a flag takes no value."""
    for parameter in parameters:
        if getattr(parameter, "is_flag", False):
            parameter.metavar = ""
    return parameters


def _refuse_repeated(command: Command | Group, ctx: Any, words: list[str]) -> None:
    """Raise :class:`InvalidArgument` for an option that is given twice in ``words``, unless it collects its values."""
    if ctx.resilient_parsing:  # the shell completes a word
        return
    _, _, order = command.make_parser(ctx).parse_args(words)
    for parameter in command.params:
        times = order.count(parameter)
        if parameter.param_type_name == "option" and not parameter.multiple and times > 1:
            raise InvalidArgument(
                f"expected once, got it {times} times", argument=parameter.opts[0], remedy="leave out all but one"
            )
