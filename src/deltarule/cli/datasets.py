"""deltarule data: the data sets on this machine, and the state of their files; with a path, a description of data."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from deltarule.cli.commands import Commands, Group
from deltarule.cli.console import emit, escape, out
from deltarule.cli.data_report import describe
from deltarule.cli.shared_options import Json
from deltarule.cli.tables import Column, build_table

if TYPE_CHECKING:
    from deltarule.data import Record

DESCRIBE = "show"
"""The name of the command that a path stands for."""


class DataGroup(Group):
    """A group in which a path in place of a command's name describes the data there."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        own = {"--json", *ctx.help_option_names}
        at = next((i for i, word in enumerate(args) if word not in own), None)
        if at is not None and args[at] not in self.commands:
            args = [*args[:at], DESCRIBE, *args[at:]]
        return super().parse_args(ctx, args)


data = Commands(cls=DataGroup, invoke_without_command=True, rich_markup_mode="rich", subcommand_metavar="[PATH]")
data.command(DESCRIBE)(describe)


@data.callback()
def _list_data(context: typer.Context, json: Json = False) -> None:
    """Describe the data at a path; without a path, list the data sets on this machine, and check their files.

    [bold]Examples[/]:

      deltarule data

      deltarule data patients.csv --missing median

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
    columns = [Column("file"), Column("bytes", 2, "right"), Column("content", 1)]
    for folder in dict.fromkeys(Path(record.where).parent for record in records):
        rows = [_build_row(record) for record in records if Path(record.where).parent == folder]
        out.print(f"[bold]{escape(folder)}[/]")
        out.print(build_table(columns, rows))
        out.print()
    states = {record.checksum for record in records}
    if "bad" in states:
        out.print("A bad file differs from the published one, so it is not used; remove it")
    if "missing" in states:
        command = "deltarule data fetch mnist"
        if named := os.environ.get("DELTARULE_DATA"):
            out.print(f"Put the missing files into {escape(named)}, which DELTARULE_DATA names;")
            out.print(f"or unset DELTARULE_DATA and download them:  {command}")
        else:
            out.print(f"Download the missing files:  {command}")


def _build_row(record: Record) -> list[str]:
    colours = {"ok": "green", "bad": "red", "missing": "yellow"}
    state = f"[{colours.get(record.checksum, 'dim')}]{record.checksum}[/]"
    size = f"{record.size:,}" if record.size else "–"
    return [escape(record.name), size, state]


@data.command()
def fetch(
    context: typer.Context,
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="Download this data set; the only one is mnist.")
    ] = "mnist",
    json: Json = False,
) -> None:
    """Download a data set into the user's cache and check it.

    If the environment variable DELTARULE_DATA names a folder, look only in that folder and download nothing.

    [bold]Example[/]:  deltarule data fetch mnist
    """
    from deltarule.cli.option_errors import option_error
    from deltarule.data import find

    if name != "mnist":
        raise option_error("NAME", name, "mnist, the only data set to download", "the digits come with deltarule")
    found = find("mnist")
    if json or context.obj:
        emit({"name": found.name, "where": found.where, "why": found.why})
    else:
        out.print(f"mnist is in {escape(found.where)} ({escape(found.why)})")
