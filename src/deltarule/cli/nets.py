"""deltarule nets: the networks that have names, what they are made of, and what they reach."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from deltarule.cli.console import WIDE, Json, as_is, emit, new_table, out, percent

if TYPE_CHECKING:
    from rich.table import Table

MARKS = "¹²³⁴⁵⁶⁷⁸⁹"
"""Of the machines, where there are several."""


def nets(
    toml: Annotated[
        str | None, typer.Option(metavar="NAME", help="Print one of them as a network file, to edit and train.")
    ] = None,
    json: Json = False,
) -> None:
    """List the networks that have names, for `deltarule train --net NAME`."""
    from deltarule.cli.option_errors import refuse
    from deltarule.recipes import RECIPES, recipe, to_toml

    if toml is not None:
        if json:
            raise refuse("--toml", toml, "no --json beside it", "choose a network file or an object")
        print(to_toml(recipe(toml)), end="")
        return
    rows = [_row(name) for name in RECIPES]
    if json:
        emit({"nets": rows})
        return
    places = sorted({row["reached"]["on"] for row in rows if row["reached"]})
    marks = {place: f" {MARKS[i]}" if len(places) > 1 else "" for i, place in enumerate(places)}
    out.print(_table(rows, marks))
    if places:
        out.print("\nMeasured on MNIST's 10,000 test images; training is the least time of the seeds,")
        out.print("without compilation, on")
        for place, mark in marks.items():
            out.print(f"  {as_is(place)}{mark}")
    out.print("\nTrain one:  deltarule train --data mnist --net book-conv")


nets.__doc__ = f"""{nets.__doc__}

[bold]Examples[/]: the list, and one of them as a file to edit:

  deltarule nets

  deltarule nets --toml book-conv
"""


def _row(name: str) -> dict[str, Any]:
    from deltarule.recipes import RECIPES
    from deltarule.recipes.measurements import MNIST, count_multiplications, count_parameters, find_measurement
    from deltarule.recipes.notation import format_object

    recipe = RECIPES[name]
    network = recipe.network(*MNIST)
    multiplied = count_multiplications(network)
    return {
        "name": name,
        "about": recipe.about,
        "source": recipe.source,
        "layers": [format_object(layer) for layer in network.layers],
        "parameters": count_parameters(network),
        "multiplications_per_image": multiplied,
        "flops_per_image": 2 * multiplied,
        "epochs": recipe.training.epochs,
        "shifts": recipe.shifts,
        "with_validation": recipe.with_validation,
        "augmentation": None if recipe.training.augmentation is None else format_object(recipe.training.augmentation),
        "reached": find_measurement(name, recipe),
    }


def _table(rows: list[dict[str, Any]], marks: dict[str, str]) -> Table:
    """A row a network; in a narrow window without what it is and its augmentation."""
    wide = out.width >= WIDE
    table = new_table()
    table.add_column("name", no_wrap=True)
    if wide:
        table.add_column("what", overflow="fold")
    for heading in ("parameters", "FLOPs", "epochs"):
        table.add_column(heading, justify="right", no_wrap=True)
    if wide:
        table.add_column("augmentation", overflow="fold")
    for heading in ("test", "seeds", "training"):
        table.add_column(heading, justify="right", no_wrap=True)
    for row in rows:
        numbers = (f"{row['parameters']:,}", f"{row['flops_per_image'] / 1e6:.2f} M", str(row["epochs"]))
        cells = (row["name"], *([row["about"]] if wide else []), *numbers)
        cells += (_expansion(row),) if wide else ()
        table.add_row(*map(as_is, (*cells, *_figures(row["reached"], marks))))
    return table


def _expansion(row: dict[str, Any]) -> str:
    """What the recipe adds to the training images."""
    fixed = "× 5" if row["shifts"] else ""
    validation = "the validation images as well" if row["with_validation"] else ""
    return ", ".join(filter(None, (fixed, row["augmentation"], validation))) or "–"


def _figures(reached: dict[str, Any] | None, marks: dict[str, str]) -> tuple[str, str, str]:
    if reached is None:
        return "–", "–", "–"
    spread = f" ± {100 * reached['spread']:.2f}" if reached["spread"] is not None else ""
    time = f"{reached['seconds']:,.1f} s{marks[reached['on']]}"
    return percent(reached["accuracy"]) + spread, str(len(reached["seeds"])), time
