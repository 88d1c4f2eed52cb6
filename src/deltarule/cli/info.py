"""deltarule info: versions, the machine, and the engines that work here."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from deltarule import __version__
from deltarule.cli.console import emit, escape, out
from deltarule.cli.shared_options import Json

if TYPE_CHECKING:
    from deltarule.engines.availability import Availability

EXAMPLE = """
[bold]Example[/]:

  deltarule info
"""


def info(
    full: Annotated[bool, typer.Option("--full", help="Import JAX, too, and list its devices.")] = False,
    json: Json = False,
) -> None:
    """Show the version, the machine, and which engines work here."""
    import platform

    import numpy as np

    from deltarule.engines.availability import list_engines
    from deltarule.engines.machine import describe_machine

    versions = {"deltarule": __version__, "Python": platform.python_version(), "NumPy": np.__version__}
    machine = f"{describe_machine()}, {platform.system()} {platform.machine()}"
    engines = list_engines(full)
    if json:
        emit({**versions, "machine": machine, "engines": [asdict(engine) for engine in engines]})
        return
    for name, text in {**versions, "machine": machine}.items():
        out.print(f"{name:10} {escape(text)}")
    out.print("engines")
    for engine in engines:
        out.print(f"  {engine.name:8} {escape(_format_engine(engine))}")


info.__doc__ = f"{info.__doc__}\n{EXAMPLE}"


def _format_engine(engine: Availability) -> str:
    if engine.works is None:
        return f"{engine.detail}; --full shows its devices"
    if engine.works:
        return f"works; {engine.detail}"
    return f"does not work: {engine.detail}; {engine.remedy}"
