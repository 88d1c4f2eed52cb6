"""The rows that a run was trained on: loaded again, recognized if they have changed, and found among other rows."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from deltarule.cli.data_options import weigh_classes
from deltarule.cli.defaults import encode_as
from deltarule.cli.model_data import MOVED, find_run_data
from deltarule.data import mnist
from deltarule.data.dataset import Dataset, fingerprint
from deltarule.data.fingerprints import count_shared
from deltarule.data.sources import NAMES, Source, find, find_mnist_folder
from deltarule.data.training_set import build_training_set
from deltarule.errors import DataError, DeltaruleError
from deltarule.models.files import MODEL_FILE
from deltarule.preprocessing import fit_images
from deltarule.preprocessing.fingerprints import fingerprint_examples, fingerprint_exchanged
from deltarule.preprocessing.preprocessing import Preprocessing
from deltarule.training.fingerprints import read_fingerprints
from deltarule.training.runs import Run

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
        return check_unchanged(run, find_run_data(run.data, run)), ""
    except (DeltaruleError, OSError) as error:
        problem = getattr(error, "problem", "")
        reason = f"{run.data}: {problem}" if problem in (CHANGED, MOVED) else str(error)
        return None, f"not compared with the training set ({reason})"


def count_known(preprocessing: Preprocessing, dataset: Dataset, training: Dataset, with_labels: bool = False) -> int:
    """Count the examples whose prepared inputs, and on request labels, are those of a training example.

    >>> data = Dataset(np.array([[1.0], [2.0], [1.0]]), np.array([0, 1, 1]))
    >>> fitted = Preprocessing.fit(data[:2])
    >>> count_known(fitted, data, data[:1]), count_known(fitted, data, data[:1], with_labels=True)
    (2, 1)
    """
    wanted, known = (fingerprint_examples(preprocessing, data, with_labels) for data in (dataset, training))
    return count_shared(wanted, known)


def find_known(run: Run, path: Path, training: Dataset | None) -> tuple[np.ndarray | None, str]:
    """Find the fingerprints of the examples that a run was trained on; return them, and a note if that fails.

    They stand beside the model. For a run without them, the training set is loaded again, or MNIST if it is on this
    machine.

    Args:
        run: The run.
        path: The path of the run, a folder or a file.
        training: The training set of the run, if it is loaded already.
    """
    notes = []
    if path.is_dir() or path.name == MODEL_FILE:
        try:
            if (recorded := read_fingerprints(run.folder)) is not None:
                return recorded, ""
        except DeltaruleError as error:
            notes.append(str(error))
    if training is None and (training := _load_named(run)) is None:
        training, note = load_training_set(run)
        notes += [note] if note else []
    known = None if training is None else fingerprint_examples(run.model.preprocessing, training)
    return known, "; ".join(notes)


def count_trained_on(
    preprocessing: Preprocessing, dataset: Dataset, known: np.ndarray, originals: np.ndarray | None = None
) -> tuple[int, int]:
    """Count the examples that are known by their fingerprints, and those known only with dark and light exchanged.

    A picture counts as well if it is known as it was before it was prepared.

    Args:
        preprocessing: The preprocessing of the model.
        dataset: The examples.
        known: The fingerprints of the training examples.
        originals: The fingerprints of the pictures before they were prepared, and with dark and light exchanged,
            (n, 2), 0 for none.
    """
    found = np.isin(fingerprint_examples(preprocessing, dataset), known)
    exchanged = np.isin(fingerprint_exchanged(preprocessing, dataset), known).any(axis=1)
    if originals is not None and len(originals) == len(found):
        plain, inverse = np.isin(originals, known).T
        found, exchanged = (found & ~inverse) | plain, exchanged | inverse
    return int(found.sum()), int((exchanged & ~found).sum())


def _load_named(run: Run) -> Dataset | None:
    """Load the training set of a run on MNIST or the small digits, if it is on this machine; otherwise return None."""
    name = run.notes.get("data") or str(run.data_name).split(" ")[0].rstrip(",")
    folder = find_mnist_folder()
    is_here = name == "digits" or (name == "mnist" and bool(mnist.locate(folder)))
    if not is_here:
        return None
    try:
        splits = find("digits").data if name == "digits" else find("mnist", folder).data
    except DeltaruleError:
        return None
    training = build_training_set(*splits[:2], 0, run.notes.get("with_validation", False))[0]
    return fit_images(training, run.model.preprocessing)[0]
