"""The work of ``deltarule demo``: it imports no parser of options, so that the first epoch is shown soon."""

from __future__ import annotations

import sys
from os.path import relpath
from pathlib import Path
from typing import TYPE_CHECKING

from deltarule.cli.console import choose_console, emit, format_command, format_percent

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import Console

FOLDER = Path("runs/demo")


def show_demo(data: str = "auto", seed: int = 1, json: bool = False) -> None:
    """Train the network of the demo, and show its mistakes."""
    from deltarule.cli.meanwhile import Meanwhile
    from deltarule.cli.option_errors import build
    from deltarule.data import find

    loading = Meanwhile(lambda: build("--data", data, find))  # while the imports take as long

    from deltarule.cli import sizes
    from deltarule.cli.engine_line import EngineLine, explain_absence
    from deltarule.cli.live import Live
    from deltarule.cli.training_report import name_data, print_data, print_warning, record_result
    from deltarule.core.regularizers import L2
    from deltarule.core.schedules import Exponential
    from deltarule.models.summary import layer_sizes
    from deltarule.preprocessing import Preprocessing
    from deltarule.training import Checkpoint, Monitor, fit
    from deltarule.training.callbacks import name_examples
    from deltarule.training.fingerprints import RecordFingerprints
    from deltarule.training.runs import NewRunNotes

    _import_for_training()
    console = choose_console(json)
    found = loading.join()
    training, validation, test = found.data
    print_data(found, console)
    network = sizes.build_network(None, "cross-entropy", "sigmoid", "default", 0.0, Preprocessing.fit(training))
    epochs = min(30, max(1, 350_000 // len(training)))  # about 35,000 mini-batches, fewer for small data
    eta = Exponential(0.5, 0.13 ** (1 / epochs))
    console.print(
        f"Network: [bold]{'-'.join(map(str, layer_sizes(network)))}[/] neurons, sigmoid, cross-entropy cost; "
        f"{epochs} epochs of stochastic gradient descent in mini-batches of 10, η falling from 0.5"
    )
    _clear(FOLDER)
    notes = {"data": name_data(data, found), "command": "demo", "monitor": True}
    with Live(console, FOLDER) as live:
        model = fit(
            network,
            training,
            epochs=epochs,
            eta=eta,
            regularizer=L2(5.0 * len(training) / 50_000),
            validation=validation,
            seed=seed,
            callbacks=[
                NewRunNotes(FOLDER, notes),
                Checkpoint(FOLDER, at_start=False),
                EngineLine(console, explain_absence),
                live,
                Monitor(),
                RecordFingerprints(FOLDER, [training], at_start=False),
            ],
        )
    # what was not needed for the first epoch
    from deltarule.cli.confidence import keep_confidence
    from deltarule.cli.figures import draw_curves, save_figures
    from deltarule.cli.outcome import format_worth
    from deltarule.models.figures import draw_misclassified, has_images

    result = record_result(FOLDER, keep_confidence(FOLDER, model, found), found)
    figures = {"misclassified.png": draw_misclassified(model, test)} if has_images(test) else {}
    paths = save_figures({**figures, "curves.png": draw_curves(model, "How the network learned")}, FOLDER, None)
    if json:
        emit({**result, "pictures": [str(path) for path in paths]})
        return
    n, right, seconds = len(test), round(result["test_accuracy"] * len(test)), sum(result["seconds_per_epoch"])
    examples = "digits" if found.name in ("mnist", "digits") else name_examples(test)
    console.print(
        f"\nIt reads [bold]{format_percent(result['test_accuracy'])}[/] of {n:,} {examples} it never saw "
        f"({right:,} right), after {seconds:.1f} s of training ({result['engine_reason']})."
    )
    for line in format_worth(result, "test_"):
        console.print(line)
    print_warning(result, console)
    captions = {"misclassified.png": f"the {n - right} it misclassifies", "curves.png": "how it learned"}
    console.print("Figures:")
    for path in paths:
        console.print(f"  {path}  {captions[path.name]}")
    larger = "-".join(map(str, [training.x[0].size, 100, network.n_out]))
    same_data = [] if data == "auto" else ["--data", data]
    _print_next_steps(
        console,
        {
            format_command("deltarule", "evaluate", FOLDER): "see which digits it confuses",
            format_command("deltarule", "show", FOLDER): "see what its neurons look for",
            format_command("deltarule", "train", *same_data, "--net", larger): "train a larger network for longer",
        },
    )


def _import_for_training() -> None:
    """Import what the training imports when it begins, because the data are still being read."""
    import filelock  # noqa: F401
    import numpy.random  # noqa: F401

    from deltarule.engines import native_engine  # noqa: F401
    from deltarule.preprocessing import matching  # noqa: F401


def _print_next_steps(console: Console, commands: Mapping[str, str]) -> None:
    import shutil

    console.print("\nTry next:")
    if shutil.which("deltarule") is None and (activate := Path(sys.prefix) / "bin" / "activate").exists():
        commands = {format_command(".", relpath(activate)): "let the shell find the command", **commands}
    width = max(map(len, commands))
    for command, purpose in commands.items():
        console.print(f"  {command:{width}}   [dim]{purpose}[/]")


def _clear(folder: Path) -> None:
    """Remove the folder of the last demo. Raise :class:`InvalidArgument` if it contains something else."""
    from deltarule.errors import FileError, InvalidArgument
    from deltarule.training.runs import read_notes

    if not folder.exists():
        return
    import shutil

    try:
        is_demo = read_notes(folder).get("command") == "demo"
    except FileError:
        is_demo = False
    if not is_demo:
        raise InvalidArgument(
            path=folder, expected="the run of a demo, or no folder", remedy="move it away, or change the directory"
        )
    shutil.rmtree(folder)
