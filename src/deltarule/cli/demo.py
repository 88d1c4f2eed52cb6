"""deltarule demo: a network learns to read handwritten digits, now, and shows what it cannot read yet."""

from __future__ import annotations

import shutil
import sys
from os.path import relpath
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from deltarule.cli.console import Data, Json, emit, percent, progress_console, typed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import Console

EXAMPLE = """
[bold]Example[/]:

  deltarule demo
"""

FOLDER = Path("runs/demo")


def demo(
    data: Data = "auto",
    seed: Annotated[int, typer.Option(help="Decides all that is random.", min=0)] = 1,
    json: Json = False,
) -> None:
    """Watch a network learn to read handwritten digits, in seconds."""
    from deltarule.cli import sizes
    from deltarule.cli.figures import draw_curves, draw_misclassified, has_images, save_figures
    from deltarule.cli.live import Live
    from deltarule.cli.option_errors import build
    from deltarule.cli.train import conclude, lasting, say_data
    from deltarule.core.regularizers import L2
    from deltarule.core.schedules import Exponential
    from deltarule.data import find
    from deltarule.models.summary import layer_sizes
    from deltarule.training import Checkpoint, Monitor, fit
    from deltarule.training.callbacks import name_examples
    from deltarule.training.runs import NewRunNotes

    console = progress_console(json)
    found = build("--data", data, find)
    training, validation, test = found.data
    say_data(found, console)
    network = sizes.network(None, "cross-entropy", "sigmoid", "default", 0.0, training)
    epochs = min(30, max(1, 350_000 // len(training)))  # about 35,000 mini-batches, fewer for small data
    eta = Exponential(0.5, 0.13 ** (1 / epochs))
    console.print(
        f"Network: [bold]{'-'.join(map(str, layer_sizes(network)))}[/] neurons, sigmoid, cross-entropy cost; "
        f"{epochs} epochs of stochastic gradient descent in mini-batches of 10, η falling from 0.5"
    )
    _clear(FOLDER)
    notes = {"data": lasting(data, found), "command": "demo", "monitor": True}
    with Live(console, FOLDER) as live:
        model = fit(
            network,
            training,
            epochs=epochs,
            eta=eta,
            regularizer=L2(5.0 * len(training) / 50_000),
            validation=validation,
            seed=seed,
            callbacks=[NewRunNotes(FOLDER, notes), Checkpoint(FOLDER), live, Monitor()],
        )
    result = conclude(FOLDER, model, found)
    made = {"misread.png": draw_misclassified(model, test)} if has_images(test) else {}
    pictures = save_figures({**made, "curves.png": draw_curves(model, "How it learned")}, FOLDER, None)
    if json:
        emit({**result, "pictures": [str(path) for path in pictures]})
        return
    n, right, seconds = len(test), round(result["test_accuracy"] * len(test)), sum(result["seconds_per_epoch"])
    examples = "digits" if found.name in ("mnist", "digits") else name_examples(test)
    console.print(
        f"\nIt reads [bold]{percent(result['test_accuracy'])}[/] of {n:,} {examples} it never saw ({right:,} right), "
        f"after {seconds:.1f} s of training ({result['engine_reason']})."
    )
    console.print("Pictures:")
    for path in pictures:
        console.print(
            f"  {path}  " + ("how it learned" if path.name == "curves.png" else f"the {n - right} it misreads")
        )
    larger = "-".join(map(str, [training.x[0].size, 100, network.n_out]))
    same = [] if data == "auto" else ["--data", data]
    _say_next(
        console,
        {
            typed("deltarule", "evaluate", FOLDER): "which it takes for which",
            typed("deltarule", "show", FOLDER): "what its neurons look for",
            typed("deltarule", "train", *same, "--net", larger): "a larger network, for longer",
        },
    )


demo.__doc__ = f"{demo.__doc__}\n{EXAMPLE}"


def _say_next(console: Console, commands: Mapping[str, str]) -> None:
    console.print("\nWorth trying next:")
    if shutil.which("deltarule") is None and (activate := Path(sys.prefix) / "bin" / "activate").exists():
        commands = {typed(".", relpath(activate)): "so that the shell finds the command", **commands}
    width = max(map(len, commands))
    for command, what in commands.items():
        console.print(f"  {command:{width}}   [dim]{what}[/]")


def _clear(folder: Path) -> None:
    """Removes the last demo's folder. Raises :class:`InvalidArgument` if something else stands there."""
    from deltarule.errors import FileError, InvalidArgument
    from deltarule.training.runs import read_notes

    if not folder.exists():
        return
    try:
        ours = read_notes(folder).get("command") == "demo"
    except FileError:
        ours = False
    if not ours:
        raise InvalidArgument(
            path=folder, expected="the run of a demo or nothing", remedy="move it away, or go to another folder"
        )
    shutil.rmtree(folder)
