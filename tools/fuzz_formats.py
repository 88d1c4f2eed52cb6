"""Fuzz the readers of MATLAB, ARFF, LIBSVM and NumPy files: `python tools/fuzz_formats.py matlab`.

The options, the limits and what is needed are those of `tools/fuzz_tables.py`.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from contextlib import suppress

import atheris
import fuzz_tables
import numpy as np

with atheris.instrument_imports(include=["deltarule.data"]):
    from deltarule.data import libsvm
    from deltarule.data.arff import open_arff
    from deltarule.data.array_file import read_arrays
    from deltarule.data.matlab import MatFile
    from deltarule.errors import DataError


def save_matlab(compressed: bool) -> bytes:
    """Save arrays of each kind that is read."""
    from scipy.io import savemat
    from scipy.sparse import csc_array

    words, letters = np.array([["a"], ["bc"], [""]], object), np.array(["ab", "c"])
    arrays = {"x": np.eye(3), "c": words, "w": letters, "s": csc_array(np.eye(3)), "b": np.eye(2) > 0, "t": {"a": 1}}
    savemat(stream := io.BytesIO(), arrays, do_compression=compressed)
    return stream.getvalue()


def save_numpy(array: np.ndarray) -> bytes:
    """Save an array."""
    np.save(stream := io.BytesIO(), array)
    return stream.getvalue()


ARFF = b"@relation a\n@attribute 'a b' real\n@attribute c {u,'v w'}\n@attribute d string\n@data\n"
SEEDS: dict[str, Sequence[bytes]] = {
    "matlab": [save_matlab(False), save_matlab(True)],
    "arff": [ARFF + b"1.5,u,'x, y'\n?,'v w',\"it\\'s\"\n% a\n", ARFF + b"{0 1.5, 1 'v w'}\n{ }\n1,u,3,{5}\n1\tu\tx\n"],
    "libsvm": [b"+1 1:1 # first\n\n1,3 2:.5e1\n0.50\t3:-2.\ncat\n", b"1 qid:3 0:1 70:1e-3\n"],
    "numpy": [save_numpy(np.eye(3)), save_numpy(np.array(["ab", "c"])), save_numpy(np.asfortranarray(np.eye(2) > 0))],
}


def fuzz_matlab(content: bytes) -> None:
    """Read each array of a MATLAB file."""
    (path := fuzz_tables.FOLDER / "arrays.mat").write_bytes(content[1:])
    file = MatFile(path)
    file.describe()
    for name in file.names:
        with suppress(DataError):
            assert file.read(name).dtype.kind in "biufU"


def fuzz_arff(content: bytes) -> None:
    """Read bytes as an ARFF file; the first byte chooses the columns of text."""
    (path := fuzz_tables.FOLDER / "table.arff").write_bytes(content[1:])
    reader = open_arff(path)
    fuzz_tables.check_reader(reader, reader.names[: content[0] >> 7])


def fuzz_libsvm(content: bytes) -> None:
    """Read bytes as a LIBSVM file; the first byte chooses the columns of text."""
    (path := fuzz_tables.FOLDER / "table.svm").write_bytes(content[1:])
    reader = libsvm.open_libsvm(path)
    fuzz_tables.check_reader(reader, reader.names[: content[0] >> 7])


def fuzz_numpy(content: bytes) -> None:
    """Read bytes as an .npy file."""
    (path := fuzz_tables.FOLDER / "array.npy").write_bytes(content[1:])
    x, _ = read_arrays(path).parts["all"]
    assert x.dtype.kind in "biuf"


if __name__ == "__main__":
    libsvm.MOST_FEATURES = 1_000  # a few bytes can state a wide table, which takes longer than the limit
    fuzz_tables.SEEDS |= SEEDS
    fuzz_tables.PARSERS |= {
        "matlab": fuzz_matlab,
        "arff": fuzz_arff,
        "libsvm": fuzz_libsvm,
        "numpy": fuzz_numpy,
    }
    fuzz_tables.main()
