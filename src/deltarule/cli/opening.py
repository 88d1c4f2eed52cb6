"""Runs and models opened for a command: a run's folder, a model file, or a network that the book's network2 saved."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from deltarule.errors import FileError

if TYPE_CHECKING:
    from deltarule.models.predictor import Predictor
    from deltarule.training.runs import Run


def open_model(path: Path) -> Predictor:
    """Open the model of a run, a model file, or a network of the book's network2; raises errors as :func:`open_run`."""
    check_run(path)
    if is_json(path):
        from deltarule.book import network2_model

        return network2_model.read_model(path)
    from deltarule.models.loading import load

    return load(path)


def open_run(path: Path) -> Run:
    """Open a run, a model file, or a network of the book's network2. Raises :class:`FileError`, with a way on."""
    from deltarule.training import runs

    if is_json(path):
        from deltarule.book import network2_model

        model = network2_model.read_model(path)
        is_mnist = model.example_shape == network2_model.MNIST_SHAPE and model.encoding.n_out == 10
        return runs.Run(path.parent, model, {"data": "mnist"} if is_mnist else {}, ())
    check_run(path)
    return runs.open_run(path)


def check_run(path: Path) -> None:
    """Raise :class:`FileError` with a way on for a folder without a model."""
    from deltarule.models.files import MODEL_FILE

    if not path.is_dir() or (path / MODEL_FILE).exists():
        return
    from deltarule.training import runs

    if runs.has_only_notes(path) and (command := runs.read_notes(path).get("command")):
        problem = "expected a run, got only the notes of a run that saved no model"
        raise FileError(problem, path=path, remedy=f"start it again: deltarule {command}")
    raise FileError("expected a run, got a folder without one", path=path, remedy="list the runs: deltarule runs")


def is_json(path: Path) -> bool:
    """Check whether a file is JSON, as network2 saves it, by its name or its first character.

    >>> is_json(Path("net.json")), is_json(Path("model.safetensors"))
    (True, False)
    """
    if not path.is_file():
        return path.suffix.lower() == ".json" and not path.is_dir()
    with path.open("rb") as file:
        return file.read(64).lstrip()[:1] in (b"{", b"[")


def open_run_to_resume(folder: Path) -> Run:
    """Open the run in a folder to resume it. Raises :class:`FileError` for a model or notes alone."""
    import shlex

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
