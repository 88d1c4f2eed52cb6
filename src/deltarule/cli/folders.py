"""The folder of a new run; if it exists already, the error says how to continue the run in it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from deltarule.errors import FileError, InvalidArgument

if TYPE_CHECKING:
    from deltarule.training.runs import Run

USUAL_ETA = 0.5
"""The largest η that is proposed in place of one that was too large."""


def check_new(folder: Path) -> None:
    """Raise :class:`InvalidArgument` with a remedy if a folder exists already."""
    from deltarule.training.runs import check_new_folder

    try:
        check_new_folder(folder)
    except InvalidArgument as error:
        raise error.with_fields(remedy=", or ".join(["choose another --out", *_find_remedies(folder)])) from None


def check_single(path: Path) -> None:
    """Raise :class:`FileError` for a folder that has runs in it and is none itself, as of ``--folds``."""
    from deltarule.models.files import MODEL_FILE

    if not path.is_dir() or (path / MODEL_FILE).exists():
        return
    from deltarule.training.runs import RUN_FILE

    if (path / RUN_FILE).exists():
        return
    below = [each for each in path.iterdir() if (each / MODEL_FILE).exists()]
    if below:
        first = min(below, key=lambda each: (len(each.name), each.name))
        remedy = f"give one of them, such as {first}"
        raise FileError(f"expected a run, got a folder of {len(below)} runs", path=path, remedy=remedy)


def _find_remedies(folder: Path) -> list[str]:
    """Return how to continue the run in a folder, if that is possible."""
    import shlex

    from deltarule.cli.opening import name_data, open_run_to_resume

    try:
        run = open_run_to_resume(folder)
    except FileError as error:
        return [error.remedy] if error.remedy.startswith("train it further") else []
    words = shlex.join(["--resume", str(folder), *name_data(run)])
    remedies = {
        "diverged": f"resume it with a smaller η: {words} --eta {_choose_smaller_eta(run):g}",
        "finished": f"extend it: {words} --epochs {run.more_epochs}",
    }
    return [remedies.get(run.state, f"resume it: {words}")]


def _choose_smaller_eta(run: Run) -> float:
    """Return a tenth of the η from which a run's schedule starts, and at most a usual one."""
    from deltarule.cli.changes import find_eta_field
    from deltarule.models.description import build

    schedule = build(run.model.settings["eta"])
    return min(float(f"{getattr(schedule, find_eta_field(schedule)) / 10:.1g}"), USUAL_ETA)
