"""deltarule find-eta: the learning rates at which a network's cost falls, found by trying them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from deltarule.cli.console import Data, Json, as_is, emit, new_table, progress_console
from deltarule.cli.options import execution_by, with_options

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from deltarule.training.eta_range import EtaRange, EtaTrial


@with_options(
    ["net", "hidden", "init", "dropout", "batch_size", "optimizer", "mu", "seed", "cost", "l2", "l1", "smoothing",
     "with_validation", "expand", "engine", "threads", "dtype"]
)  # fmt: skip
def find_eta(
    data: Data = "auto",
    picture: Annotated[Path, typer.Option(metavar="FILE", help="Where the picture goes.")] = Path("find-eta.png"),
    json: Json = False,
    **given: Any,
) -> None:
    """Find the largest η at which the training cost falls, in seconds, and recommend half of it."""
    from deltarule import plotting
    from deltarule.cli.option_errors import build
    from deltarule.cli.selection import choose
    from deltarule.cli.summary import say_settings
    from deltarule.cli.train import say_data
    from deltarule.data import find
    from deltarule.models.summary import summarize
    from deltarule.training import find_eta as search

    plotting.find_format(picture)
    console = progress_console(json)
    chosen = choose(given["net"], given)
    found = build("--data", data, find)
    network, training = chosen.network(found.data[0]), chosen.recipe.training
    say_data(found, console)
    say_settings(chosen, network, console, without=("η", "epochs"))
    training_set, _ = chosen.learned(*found.data[:2])
    with console.status("Trying …") as status, chosen.naming_origins():
        result = search(
            network,
            training_set,
            training,
            execution=execution_by(given),
            watch=lambda trial: status.update(f"η = {trial.eta:g}: the cost {_verdict(trial)}"),
        )
    saved: Path | None = None
    try:
        saved = plotting.save_figure(plotting.plot_eta_range(result, f"{summarize(network)} on {found.name}"), picture)
    finally:  # what was found is told, even where no picture can be written
        if json:
            trials = [{**vars(t), "rises": t.rises, "decreases": t.decreases} for t in result.trials]
            names = ("threshold", "above", "recommended", "reliable")
            told = {"data": found.name, **{name: getattr(result, name) for name in names}, "trials": trials}
            emit({**told, "picture": None if saved is None else str(saved)})
        else:
            _say(result, training.batch_size, console)
    if not json:
        console.print(f"Picture: {as_is(saved)}")


find_eta.__doc__ = f"""{find_eta.__doc__}

[bold]Example[/]:  deltarule find-eta --data mnist --net 784-30-10
"""


def _say(result: EtaRange, batch_size: int, console: Console) -> None:
    console.print(_table(result))
    first = result.trials[0]
    console.print(
        f"\nThe cost falls up to η = [bold]{result.threshold:g}[/] and no longer at {result.upper_bound:g}"
        f" (mini-batches of {batch_size}; the first {first.steps[-1]} from {len(first.costs)} starts)"
    )
    if not result.is_reliable:
        console.print(
            "[yellow]But it fell by less than a tenth[/]: the network still stands on its first plateau, where rises "
            "are noise.\nThis says little; compare a few whole epochs at several η instead"
        )
    console.print(f"Recommended for training of many epochs is half the threshold:  --eta {result.recommended_eta:g}")


def _table(result: EtaRange) -> Table:
    table = new_table()
    for heading in ("η", "cost after", "rises / falls", "the cost"):
        table.add_column(heading, justify="left" if heading == "the cost" else "right")
    for trial in result.trials:
        after, rises = (f"{trial.last[0]:.3g}", f"{trial.rises:.2f}") if not trial.has_diverged else ("–", "–")
        mark = "  ← threshold" if trial.eta == result.threshold else ""
        table.add_row(f"{trial.eta:g}", after, rises, _verdict(trial) + mark)
    return table


def _verdict(trial: EtaTrial) -> str:
    if trial.has_diverged:
        return "diverges"
    if trial.decreases:
        return "decreases"
    return "oscillates" if trial.last[0] < trial.costs[0][0] else "does not fall"
