"""deltarule demo: a network learns to read handwritten digits, now, and shows what it cannot read yet."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Annotated

import typer

from deltarule.cli.console import Data, Json, emit, err, percent, progress_console

EXAMPLE = """
[bold]Example[/]:

  deltarule demo
"""

FOLDER = Path("runs/demo")


def demo(
    data: Data = "auto",
    seed: Annotated[int, typer.Option(help="Decides all that is random.")] = 1,
    json: Json = False,
) -> None:
    """Watch a network learn to read handwritten digits, in seconds."""
    from deltarule import figures
    from deltarule.cli import recipe
    from deltarule.cli.live import Live
    from deltarule.cli.pictures import misread_sheet
    from deltarule.cli.train import conclude, say_data
    from deltarule.core.regularizers import L2
    from deltarule.core.schedules import Exponential
    from deltarule.data import find
    from deltarule.errors import Interrupted
    from deltarule.training import Checkpoint, Monitor, fit
    from deltarule.training.runs import Notes

    console = progress_console(json)
    found = find(data)
    training, validation, test = found.data
    say_data(found, console)
    network = recipe.network(None, "cross-entropy", "sigmoid", "default", 0.0, training)
    epochs = min(60, max(1, 350_000 // len(training)))  # about 35,000 mini-batches, fewer for small data
    eta = Exponential(0.5, 0.13 ** (1 / epochs))
    console.print(
        f"Network: [bold]{'-'.join(map(str, recipe.widths(network)))}[/] neurons, sigmoid, cross-entropy cost; "
        f"{epochs} epochs of stochastic gradient descent in mini-batches of 10, η falling from 0.5"
    )
    _clear(FOLDER)
    notes = {"data": data, "command": "demo"}
    callbacks = [Notes(FOLDER, notes), Live(console), Checkpoint(FOLDER), Monitor()]
    try:
        model = fit(
            *(network, training),
            epochs=epochs,
            eta=eta,
            regularizer=L2(5.0 * len(training) / 50_000),
            validation=validation,
            seed=seed,
            callbacks=callbacks,
        )
    except Interrupted as interrupted:
        err.print(f"\n{interrupted}; saved. Go on with:  deltarule train --resume {FOLDER}")
        raise typer.Exit(130) from None
    result = conclude(FOLDER, model, test)
    sheet = figures.save(misread_sheet(model, test), FOLDER / "misread.png")
    curve = figures.save(figures.curves({"": model.history}, "How it learned"), FOLDER / "curves.png")
    if json:
        emit({**result, "data": found.name, "pictures": [str(sheet), str(curve)]})
        return
    n, accuracy = len(test), model.accuracy(test)
    console.print(
        f"\nIt reads [bold]{percent(accuracy)}[/] of {n:,} digits it never saw ({round(accuracy * n):,} right), "
        f"after {sum(result['seconds_per_epoch']):.1f} s of training ({result['engine_reason']})."
    )
    console.print(f"Pictures: {sheet} (the {n - round(accuracy * n)} it misreads), {curve} (how it learned)")
    console.print("\nWorth trying next:")
    console.print(f"  deltarule evaluate {FOLDER}         which digits it takes for which")
    console.print(f"  deltarule show {FOLDER}             what its neurons look for")
    larger = "-".join(map(str, [training.x[0].size, 100, network.n_out]))
    console.print(f"  deltarule train --net {larger}    a larger network, for longer")


demo.__doc__ = f"{demo.__doc__}\n{EXAMPLE}"


def _clear(folder: Path) -> None:
    """Removes the last demo's folder; anything else that stands there is left alone, and refused later."""
    from deltarule.errors import FileError
    from deltarule.training.runs import notes_of

    try:
        if notes_of(folder).get("command") == "demo":
            shutil.rmtree(folder)
    except FileError:
        return
