"""Runs and models opened for a command: a run's folder, a model file, or a network that the book's network2 saved."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from deltarule.errors import FileError

if TYPE_CHECKING:
    from deltarule.models.predictor import Predictor
    from deltarule.training.runs import Run


def open_model(path: Path) -> Predictor:
    """Open the model of a run, a model file, or a network of the book's network2; raises errors as :func:`open_run`."""
    from deltarule.book import network2_model
    from deltarule.models.loading import load

    check_run(path)
    return network2_model.read_model(path) if network2_model.is_json(path) else load(path)


def open_run(path: Path) -> Run:
    """Open a run, a model file, or a network of the book's network2. Raises :class:`FileError`, with a way on."""
    from deltarule.book import network2_model
    from deltarule.training import runs

    if network2_model.is_json(path):
        model = network2_model.read_model(path)
        is_mnist = model.example_shape == network2_model.MNIST_SHAPE and model.encoding.n_out == 10
        return runs.Run(path.parent, model, {"data": "mnist"} if is_mnist else {}, ())
    check_run(path)
    return runs.open_run(path)


def check_run(path: Path) -> None:
    """Raise :class:`FileError` with a way on for a folder without a model."""
    from deltarule.models.files import MODEL_FILE
    from deltarule.training import runs

    if runs.has_only_notes(path) and (command := runs.read_notes(path).get("command")):
        problem = "expected a run, got only the notes of a run that saved no model"
        raise FileError(problem, path=path, remedy=f"start it again: deltarule {command}")
    if path.is_dir() and not (path / MODEL_FILE).exists():
        raise FileError("expected a run, got a folder without one", path=path, remedy="list the runs: deltarule runs")


def open_run_to_resume(folder: Path) -> Run:
    """Open the run in a folder to resume it. Raises :class:`FileError` for a model or notes alone."""
    from deltarule.models.files import MODEL_FILE

    run = open_run(folder)
    if run.positions and folder.name == MODEL_FILE and folder.is_file():
        words = shlex.join(["--resume", str(folder.parent)])
        raise FileError("expected the folder of a run, got a file in it", path=folder, remedy=f"give it: {words}")
    if folder.is_file() or not run.positions:
        words = shlex.join(["--from", str(folder), *name_data(run)])
        raise FileError(
            "expected the folder of a run, got a model without the state of its training",
            path=folder,
            remedy=f"train it further in a new run: deltarule train {words}",
        )
    return run


def name_data(run: Run) -> list[str]:
    """Return the words that name the data of a run in a command, if the run does not know them."""
    return [] if run.data else ["--data", "PATH"]
