"""deltarule data: what data sets are at hand, where, and whether their contents are the published ones."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from deltarule.cli.commands import Commands
from deltarule.cli.console import Json, as_is, emit, new_table, out

data = Commands(invoke_without_command=True, rich_markup_mode="rich")


@data.callback()
def _status(context: typer.Context, json: Json = False) -> None:
    """List the data sets at hand, where they are, and whether their checksums hold.

    [bold]Examples[/]:

      deltarule data

      deltarule data fetch mnist
    """
    context.obj = json
    if context.invoked_subcommand is not None:
        return
    from deltarule.data import status

    records = status()
    if json:
        emit({"data": [vars(record) for record in records]})
        return
    table = new_table()
    for heading, justify in (("file", "left"), ("bytes", "right"), ("content", "left"), ("where", "left")):
        table.add_column(heading, justify=justify, overflow="fold")  # type: ignore[arg-type] # a word that rich knows
    colours = {"ok": "green", "bad": "red", "missing": "yellow"}
    for record in records:
        state = f"[{colours.get(record.checksum, 'dim')}]{record.checksum}[/]"
        table.add_row(record.name, f"{record.size:,}" if record.size else "–", state, as_is(record.where))
    out.print(table)
    states = {record.checksum for record in records}
    if "bad" in states:
        out.print("\nThe content of a bad file is not the one published, so it is not used; remove it")
    if "missing" in states:
        named = os.environ.get("DELTARULE_DATA")
        there = f"Put what is missing into {as_is(named)}, which DELTARULE_DATA names, or unset it and fetch it"
        out.print(f"\n{there if named else 'Fetch what is missing'}:  deltarule data fetch mnist")


@data.command()
def fetch(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="The only one to fetch is mnist.")] = "mnist",
    json: Json = False,
) -> None:
    """Download a data set into the user's cache, checked; where DELTARULE_DATA names a folder, look there alone.

    [bold]Example[/]:  deltarule data fetch mnist
    """
    from deltarule.cli.option_errors import refuse
    from deltarule.data import find

    if name != "mnist":
        raise refuse("NAME", name, "mnist, which alone is fetched", "the digits come with deltarule")
    found = find("mnist")
    if json or context.obj:
        emit({"name": found.name, "where": found.where, "why": found.why})
    else:
        out.print(f"mnist is in {as_is(found.where)} ({as_is(found.why)})")
