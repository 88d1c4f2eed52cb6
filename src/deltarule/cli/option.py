"""An option of a command: its type, default, help and group."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any


def format_default(text: object) -> str:
    """Format the default of an option for its help, if the signature cannot give it."""
    return rf"\[default: {text}]"


@dataclass(frozen=True)
class Option:
    """An option: its type, its default in words, its help and its group.

    ``change`` names the function of :mod:`deltarule.cli.changes` that puts its value into a recipe; ``"setting"`` is
    for a setting of the training that has the option's own name.
    """

    kind: Any
    default: Any
    help: str
    group: str
    flags: tuple[str, ...] = ()
    metavar: str | None = None
    min: int | None = None
    change: str = ""

    def build_annotation(self, name: str) -> Any:
        """Build the type of a parameter as typer reads it; None stands for an option that is left out."""
        import typer

        default = "" if self.default is None else f" {format_default(self.default)}"
        flags = self.flags or ("--" + name.replace("_", "-"),)
        option = typer.Option(
            *flags,
            help=self.help + default,
            rich_help_panel=self.group,
            metavar=self.metavar,
            show_default=False,
            min=self.min,
        )
        return Annotated[self.kind | None, option]
