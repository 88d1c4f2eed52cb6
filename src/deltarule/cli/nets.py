"""deltarule nets: the named networks, their layers and their accuracy."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Annotated, Any

import typer

from deltarule.cli.console import emit, escape, format_percent, out
from deltarule.cli.shared_options import Json
from deltarule.cli.tables import Column, build_table

if TYPE_CHECKING:
    from rich.table import Table

MARKS = "¹²³⁴⁵⁶⁷⁸⁹"
"""The marks of the machines, if there are several."""


def nets(
    toml: Annotated[
        str | None, typer.Option(metavar="NAME", help="Print this network as a network file, to edit and train.")
    ] = None,
    json: Json = False,
) -> None:
    """List the networks that `deltarule train --net NAME` knows."""
    from deltarule.cli.option_errors import option_error
    from deltarule.recipes import RECIPES, recipe, to_toml

    if toml is not None:
        if json:
            raise option_error("--toml", toml, "no --json together with it", "leave out one of the two")
        print(to_toml(recipe(toml)), end="")
        return
    rows = [_describe(name) for name in RECIPES]
    if json:
        emit({"nets": rows})
        return
    machines = sorted({row["reached"]["on"] for row in rows if row["reached"]})
    marks = {machine: f" {MARKS[i]}" if len(machines) > 1 else "" for i, machine in enumerate(machines)}
    out.print(_build_table(rows, marks))
    if machines:
        out.print("\nThe accuracy on MNIST's 10,000 test images is a mean ± deviation over the seeds.")
        out.print("The training time is the shortest of the seeds, without compilation, on")
        for machine, mark in marks.items():
            out.print(f"  {escape(machine)}{mark}")
    out.print("\nTrain one:  deltarule train --data mnist --net book-conv")


nets.__doc__ = f"""{nets.__doc__}

[bold]Examples[/]: list the networks; print one as a file that you can edit:

  deltarule nets

  deltarule nets --toml book-conv
"""


@cache
def _count_operations(name: str) -> tuple[int, int]:
    from deltarule.recipes import RECIPES
    from deltarule.recipes.measurements import MNIST, count_operations

    return count_operations(RECIPES[name].network(*MNIST))


def _describe(name: str) -> dict[str, Any]:
    from deltarule.recipes import RECIPES
    from deltarule.recipes.measurements import MNIST, find_measurement
    from deltarule.recipes.notation import format_object

    recipe = RECIPES[name]
    network = recipe.network(*MNIST)
    parameters, multiplications = _count_operations(name)
    return {
        "name": name,
        "about": recipe.about,
        "source": recipe.source,
        "layers": [format_object(layer) for layer in network.layers],
        "parameters": parameters,
        "multiplications_per_image": multiplications,
        "flops_per_image": 2 * multiplications,
        "epochs": recipe.training.epochs,
        "shifts": recipe.shifts,
        "with_validation": recipe.with_validation,
        "augmentation": None if recipe.training.augmentation is None else format_object(recipe.training.augmentation),
        "reached": find_measurement(name, recipe),
    }


def _build_table(rows: list[dict[str, Any]], marks: dict[str, str]) -> Table:
    columns = [
        Column("name"),
        Column("description", 5, fold=30),
        Column("parameters", 2, "right"),
        Column("FLOPs", 6, "right"),
        Column("epochs", 3, "right"),
        Column("augmentation", 8, fold=40),
        Column("test", 1, "right"),
        Column("seeds", 7, "right"),
        Column("training", 4, "right"),
    ]
    cells = [
        [
            row["name"],
            row["about"],
            f"{row['parameters']:,}",
            f"{row['flops_per_image'] / 1e6:.2f} M",
            str(row["epochs"]),
            _describe_augmentation(row),
            *_format_measurement(row["reached"], marks),
        ]
        for row in rows
    ]
    return build_table(columns, [list(map(escape, row)) for row in cells])


def _describe_augmentation(row: dict[str, Any]) -> str:
    """Describe what the recipe adds to the training images."""
    copies = "× 5" if row["shifts"] else ""
    validation = "also the validation images" if row["with_validation"] else ""
    return ", ".join(filter(None, (copies, row["augmentation"], validation))) or "–"


def _format_measurement(measurement: dict[str, Any] | None, marks: dict[str, str]) -> tuple[str, str, str]:
    if measurement is None:
        return "–", "–", "–"
    spread = f" ± {100 * measurement['spread']:.2f}" if measurement["spread"] is not None else ""
    time = f"{measurement['seconds']:,.1f} s{marks[measurement['on']]}"
    return format_percent(measurement["accuracy"]) + spread, str(len(measurement["seeds"])), time
