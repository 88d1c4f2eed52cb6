"""deltarule demo: a network learns to read handwritten digits, and shows its mistakes."""

from __future__ import annotations

from typing import Annotated

import typer

from deltarule.cli.demonstration import show_demo
from deltarule.cli.shared_options import Data, Json

EXAMPLE = """
[bold]Example[/]:

  deltarule demo
"""


def demo(
    data: Data = "auto",
    seed: Annotated[
        int, typer.Option(help="Set the seed of all random numbers; the same seed repeats a run.", min=0)
    ] = 1,
    json: Json = False,
) -> None:
    """Watch a network learn to read handwritten digits, in seconds."""
    show_demo(data, seed, json)


demo.__doc__ = f"{demo.__doc__}\n{EXAMPLE}"
