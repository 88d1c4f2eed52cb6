"""The fingerprints of the examples that a run was trained on, in a file beside its model."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from deltarule.data.dataset import Dataset
from deltarule.errors import FileError
from deltarule.files import replace_file
from deltarule.preprocessing.fingerprints import fingerprint_examples
from deltarule.training.callbacks import Callback
from deltarule.training.plan import Moment

FINGERPRINTS_FILE = "fingerprints-2.npy"
"""The file; its number changes with the way that examples are rounded, so that others are never compared."""


class RecordFingerprints(Callback):
    """A callback that writes the fingerprints of the training examples to the folder of a run.

    Args:
        folder: The folder, which exists.
        datasets: The training examples, without shifted copies.
        earlier: Fingerprints of examples that the first parameters were trained on, (n,) uint64.
        at_start: True to write them before the first step; False to write them after the first epoch, which is then
            shown sooner.
    """

    first_process_only = True

    def __init__(
        self, folder: Path, datasets: Sequence[Dataset], earlier: np.ndarray | None = None, at_start: bool = True
    ) -> None:
        self.folder, self.datasets, self.earlier, self.at_start = folder, datasets, earlier, at_start
        self._is_written = False

    def on_start(self, moment: Moment) -> None:
        if self.at_start:
            self._write(moment)

    def on_epoch(self, moment: Moment) -> bool:
        if not self._is_written:
            self._write(moment)
        return False

    def on_interrupt(self, moment: Moment) -> None:
        if not self._is_written:
            self._write(moment)

    def _write(self, moment: Moment) -> None:
        self._is_written = True
        own = [fingerprint_examples(moment.plan.preprocessing, data) for data in self.datasets]
        write_fingerprints(self.folder, np.concatenate([*own, *([] if self.earlier is None else [self.earlier])]))


def write_fingerprints(folder: Path, fingerprints: np.ndarray) -> None:
    """Write fingerprints to the folder of a run, each once and sorted. Raises :class:`FileError`.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     write_fingerprints(Path(folder), np.array([3, 1, 3], np.uint64))
    ...     read_fingerprints(Path(folder)).tolist()
    [1, 3]
    """
    content = io.BytesIO()
    ordered = np.sort(fingerprints)  # np.unique would import numpy.ma, which is slow
    np.save(content, ordered[np.diff(ordered, prepend=~ordered[:1]) != 0].astype("<u8"), allow_pickle=False)
    replace_file(folder / FINGERPRINTS_FILE, content.getvalue())


def read_fingerprints(folder: Path) -> np.ndarray | None:
    """Read the fingerprints of a run, (n,) uint64, sorted; None if it has none.

    Raises :class:`DataError` or :class:`FileError` if the file is damaged.
    """
    path = folder / FINGERPRINTS_FILE
    if not path.is_file():
        return None
    from deltarule.data.numpy_files import read_npy

    found = read_npy(path)
    if found.ndim != 1 or found.dtype != np.uint64:
        value = f"{found.dtype} of shape {found.shape}"
        raise FileError(f"the file is damaged: expected one row of uint64, got {value}", path=path)
    return found
