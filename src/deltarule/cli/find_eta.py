"""deltarule find-eta: the learning rates at which a network's cost falls, found by trying them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from deltarule.cli import options
from deltarule.cli.console import Data, Json, as_is, emit, new_table, progress_console

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from deltarule.training.eta_range import EtaRange, EtaTrial


def find_eta(
    context: typer.Context,
    data: Data = "auto",
    net: options.Network = None,
    cost: options.CostName = "cross-entropy",
    hidden: options.Hidden = "sigmoid",
    init: options.Init = "default",
    batch_size: options.BatchSize = 10,
    optimizer: options.OptimizerName = "sgd",
    mu: options.Mu = None,
    seed: options.Seed = 0,
    l2: options.L2Lambda = 0.0,
    l1: options.L1Lambda = 0.0,
    dropout: options.DropoutP = 0.0,
    smoothing: options.Smoothing = 0.0,
    with_validation: options.WithValidation = False,
    expand: options.Expand = None,
    engine: options.EngineName = "auto",
    threads: options.Threads = None,
    dtype: options.Dtype = "float32",
    picture: Annotated[Path, typer.Option(metavar="FILE", help="Where the picture goes.")] = Path("find-eta.png"),
    json: Json = False,
) -> None:
    """Find the largest η at which the training cost falls, in seconds, and recommend half of it."""
    from deltarule import plotting
    from deltarule.cli.chosen import choose
    from deltarule.cli.refusals import with_dashes
    from deltarule.cli.summary import say_settings
    from deltarule.cli.train import _given, say_data
    from deltarule.data import find
    from deltarule.models.words import in_words
    from deltarule.training import find_eta as search

    plotting.find_format(picture)
    console = progress_console(json)
    chosen = choose(net, {name: context.params[name] for name in _given(context)})
    found = find(data)
    network, settings = chosen.network(found.data[0]), chosen.recipe
    say_data(found, console)
    say_settings(chosen, network, console, without=("η", "epochs"))
    training, _ = chosen.learned(*found.data[:2])
    with console.status("Trying …") as status, with_dashes(context.params):
        result = search(
            network,
            training,
            batch_size=settings.batch_size,
            optimizer=settings.optimizer,
            regularizer=settings.regularizer,
            augmentation=settings.augmentation,
            seed=seed,
            engine=engine,
            threads=threads,
            dtype=dtype,
            watch=lambda trial: status.update(f"η = {trial.eta:g}: the cost {_verdict(trial)}"),
        )
    saved: Path | None = None
    try:
        saved = plotting.save_figure(plotting.plot_eta_range(result, f"{in_words(network)} on {found.name}"), picture)
    finally:  # what was found is told, even where no picture can be written
        if json:
            trials = [{**vars(t), "rises": t.rises, "decreases": t.decreases} for t in result.trials]
            names = ("threshold", "above", "recommended", "reliable")
            told = {"data": found.name, **{name: getattr(result, name) for name in names}, "trials": trials}
            emit({**told, "picture": None if saved is None else str(saved)})
        else:
            _say(result, settings.batch_size, console)
    if not json:
        console.print(f"Picture: {as_is(saved)}")


find_eta.__doc__ = f"""{find_eta.__doc__}

[bold]Example[/]:  deltarule find-eta --data mnist --net 784-30-10
"""


def _say(result: EtaRange, batch_size: int, console: Console) -> None:
    console.print(_table(result))
    first = result.trials[0]
    console.print(
        f"\nThe cost falls up to η = [bold]{result.threshold:g}[/] and no longer at {result.above:g}"
        f" (mini-batches of {batch_size}; the first {first.steps[-1]} from {len(first.costs)} starts)"
    )
    if not result.reliable:
        console.print(
            "[yellow]But it fell by less than a tenth[/]: the network still stands on its first plateau, where rises "
            "are noise.\nThis says little; compare a few whole epochs at several η instead"
        )
    console.print(f"Recommended for training of many epochs is half the threshold:  --eta {result.recommended:g}")


def _table(result: EtaRange) -> Table:
    table = new_table()
    for heading in ("η", "cost after", "rises / falls", "the cost"):
        table.add_column(heading, justify="left" if heading == "the cost" else "right")
    for trial in result.trials:
        after, rises = (f"{trial.last[0]:.3g}", f"{trial.rises:.2f}") if not trial.diverged else ("–", "–")
        mark = "  ← threshold" if trial.eta == result.threshold else ""
        table.add_row(f"{trial.eta:g}", after, rises, _verdict(trial) + mark)
    return table


def _verdict(trial: EtaTrial) -> str:
    if trial.diverged:
        return "diverges"
    if trial.decreases:
        return "decreases"
    return "oscillates" if trial.last[0] < trial.costs[0][0] else "does not fall"
