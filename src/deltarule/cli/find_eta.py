"""deltarule find-eta: a search for the learning rates at which the cost of a network falls."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from deltarule.cli.console import choose_console, emit, escape
from deltarule.cli.options import OF_DATA, add_options, build_execution
from deltarule.cli.shared_options import Data, Json
from deltarule.cli.tables import Column, build_table

if TYPE_CHECKING:
    from rich.console import Console

    from deltarule.training.eta_range import EtaRange, EtaTrial


OPTIONS = ("net", "hidden", "init", "dropout", "batch_size", "optimizer", "mu", "seed", "cost", "l2", "l1", "smoothing",
           "with_validation", "expand", "engine", "threads", "dtype")  # fmt: skip
"""The options beside those of a table."""


@add_options([*OPTIONS, *(name for name in OF_DATA if name != "folds")])
def find_eta(
    data: Data = "auto",
    picture: Annotated[Path, typer.Option(metavar="FILE", help="Save the figure in this file.")] = Path("find-eta.png"),
    json: Json = False,
    **given: Any,
) -> None:
    """Find the largest η at which the training cost falls, and recommend half of it."""
    from deltarule import plotting
    from deltarule.cli.data_options import build_data_options, find_data, weigh_classes
    from deltarule.cli.defaults import adapt_selection, encode_for_sizes
    from deltarule.cli.selection import select_network
    from deltarule.cli.summary import print_settings
    from deltarule.cli.training_report import print_data
    from deltarule.models.summary import summarize
    from deltarule.training import find_eta as search

    plotting.find_format(picture)
    console = choose_console(json)
    selection = select_network(given["net"], given)
    found = find_data(data, build_data_options(given))
    found = replace(found, data=encode_for_sizes(given["net"], found.data))
    selection = adapt_selection(selection, given, found.data[0])
    network, training = selection.build_network(found.data[0]), selection.recipe.training
    print_data(found, console)
    print_settings(selection, network, console, without=("η", "epochs"))
    training_set = weigh_classes(selection.build_training_set(*found.data[:2])[0], given["class_weights"])
    with console.status("Searching …") as status, selection.report_origins():
        result = search(
            network,
            training_set,
            training,
            execution=build_execution(given),
            watch=lambda trial: status.update(f"η = {trial.eta:g}: the cost {_describe(trial)}"),
        )
    path: Path | None = None
    try:
        path = plotting.save_figure(plotting.plot_eta_range(result, f"{summarize(network)} on {found.name}"), picture)
    finally:  # the result is printed even if the figure cannot be saved
        if json:
            trials = [{**vars(t), "rises": t.rises, "decreases": t.decreases} for t in result.trials]
            emit(
                {
                    "data": found.name,
                    "threshold": result.threshold,
                    "above": result.upper_bound,
                    "recommended": result.recommended_eta,
                    "reliable": result.is_reliable,
                    "trials": trials,
                    "picture": None if path is None else str(path),
                }
            )
        else:
            _print_result(result, training.batch_size, console)
    if not json:
        console.print(f"Figure: {escape(path)}")


find_eta.__doc__ = f"""{find_eta.__doc__}

[bold]Example[/]:  deltarule find-eta --data mnist --net 784-30-10
"""


def _print_result(result: EtaRange, batch_size: int, console: Console) -> None:
    columns = [Column(heading, align="right") for heading in ("η", "cost after", "rises / falls")] + [
        Column("the cost")
    ]
    console.print(build_table(columns, [_build_row(trial, result.threshold) for trial in result.trials]))
    first = result.trials[0]
    console.print(
        f"\nThe cost falls up to η = [bold]{result.threshold:g}[/] and no longer at {result.upper_bound:g}"
        f" (in the first {first.steps[-1]} mini-batches of {batch_size}, for {len(first.costs)} seeds)"
    )
    if not result.is_reliable:
        console.print(
            "[yellow]But it fell by less than a tenth[/]: the network is still on its first plateau, where rises are "
            "noise.\nThis result is not reliable; compare a few whole epochs at several η instead"
        )
    console.print(f"For training over many epochs, half of it is recommended:  --eta {result.recommended_eta:g}")


def _build_row(trial: EtaTrial, threshold: float) -> list[str]:
    after, rises = ("–", "–") if trial.has_diverged else (f"{trial.last[0]:.3g}", f"{trial.rises:.2f}")
    mark = "  ← threshold" if trial.eta == threshold else ""
    return [f"{trial.eta:g}", after, rises, _describe(trial) + mark]


def _describe(trial: EtaTrial) -> str:
    if trial.has_diverged:
        return "diverges"
    if trial.decreases:
        return "decreases"
    return "oscillates" if trial.last[0] < trial.costs[0][0] else "does not fall"
