"""Commands that refuse an option given twice, of which the last would be taken without a word."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.models import CommandFunctionType

from deltarule.errors import InvalidArgument


class Command(TyperCommand):
    """A command whose options are given once each."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        words = list(args)
        rest = super().parse_args(ctx, args)
        _refuse_repeated(self, ctx, words)
        return rest


class Group(TyperGroup):
    """A command with commands below it, whose own options are given once each."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        words = list(args)
        rest = super().parse_args(ctx, args)
        _refuse_repeated(self, ctx, words)
        return rest


class Commands(typer.Typer):
    """A group, and the commands that are added to it, as :class:`Group` and :class:`Command`."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(cls=Group, **settings)

    def command(self, *names: Any, **settings: Any) -> Callable[[CommandFunctionType], CommandFunctionType]:
        return super().command(*names, cls=Command, **settings)


def _refuse_repeated(command: Command | Group, ctx: Any, words: list[str]) -> None:
    """Raise :class:`InvalidArgument` for an option that stands in ``words`` twice, unless it collects its values."""
    if ctx.resilient_parsing:  # which completes a word in the shell
        return
    _, _, said = command.make_parser(ctx).parse_args(words)
    for parameter in command.params:
        times = said.count(parameter)
        if parameter.param_type_name == "option" and not parameter.multiple and times > 1:
            raise InvalidArgument(
                f"expected once, got it {times} times", argument=parameter.opts[0], remedy="leave out all but one"
            )
