"""The rows that a run was trained on: loaded again, recognized if they have changed, and found among other rows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from deltarule.cli.data_options import find_run_data, weigh_classes
from deltarule.cli.defaults import encode_as
from deltarule.data.dataset import Dataset, fingerprint
from deltarule.data.sources import NAMES, Source
from deltarule.data.training_set import build_training_set
from deltarule.errors import DataError, DeltaruleError
from deltarule.preprocessing.preprocessing import Preprocessing
from deltarule.training.runs import Run

ROWS = 8192
"""The number of rows that are prepared at once."""

CHANGED = "the data have changed since the training"


def build_run_sets(run: Run, found: Source) -> tuple[Dataset, Dataset | None]:
    """Build the training and validation set of a run from its data, as at its start."""
    training, validation = build_training_set(
        *found.data[:2], run.notes.get("shifts", 0), run.notes.get("with_validation", False)
    )
    return weigh_classes(training, run.notes.get("class_weights")), validation


def check_unchanged(run: Run, found: Source) -> Dataset | None:
    """Return the training set of a run; None if it is no data of your own, or if the run recorded no fingerprint.

    Raises :class:`DataError` if the data have changed since the training.
    """
    recorded = run.positions[0].get("data") if run.positions else None
    if not isinstance(recorded, str) or not found.summary:
        return None
    training, _ = build_run_sets(run, replace(found, data=encode_as(run.model.encoding, found.data)))
    fitted = run.model.preprocessing
    if training.schema is not None and fitted.schema is None:
        return None  # trained on a table by an earlier version, which prepared it otherwise
    scaled = replace(training, scale=fitted.scale)  # earlier versions gave all data a scale
    if recorded not in map(fingerprint, (training, scaled)):
        raise DataError(CHANGED, path=run.data, remedy="evaluate all rows as other data: --part all")
    return training


def load_training_set(run: Run) -> tuple[Dataset | None, str]:
    """Load the training set of a run again, if it is data of your own; return it, and a note if that fails."""
    if run.data is None or run.data in NAMES or not run.positions:
        return None, ""
    try:
        return check_unchanged(run, find_run_data(run.data, run.notes)), ""
    except (DeltaruleError, OSError) as error:
        reason = f"{run.data}: {CHANGED}" if getattr(error, "problem", "") == CHANGED else str(error)
        return None, f"not compared with the training set ({reason})"


def count_known(preprocessing: Preprocessing, dataset: Dataset, training: Dataset, with_labels: bool = False) -> int:
    """Count the examples whose prepared inputs, and on request labels, are those of a training example.

    >>> data = Dataset(np.array([[1.0], [2.0], [1.0]]), np.array([0, 1, 1]))
    >>> fitted = Preprocessing.fit(data[:2])
    >>> count_known(fitted, data, data[:1]), count_known(fitted, data, data[:1], with_labels=True)
    (2, 1)
    """
    wanted = _hash_rows(preprocessing, dataset, with_labels)
    return int(np.isin(wanted, _hash_rows(preprocessing, training, with_labels)).sum())


def _hash_rows(preprocessing: Preprocessing, dataset: Dataset, with_labels: bool) -> np.ndarray:
    """Return a hash of 64 bits of each example."""
    hashes = np.zeros(len(dataset), np.int64)
    for start in range(0, len(dataset), ROWS):
        part = dataset.take(slice(start, start + ROWS))
        x = preprocessing.transform(part).reshape(len(part), -1) + 0.0  # makes −0 a 0
        y = preprocessing.encode(part) if with_labels else np.zeros((len(part), 0), np.float32)
        pairs = zip(x, y, strict=True)
        hashes[start : start + ROWS] = [hash(own.tobytes() + label.tobytes()) for own, label in pairs]
    return hashes
