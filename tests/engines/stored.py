"""Store the numbers of NumPy's engine for the contract table in stored.npz: ``python -m tests.engines.stored``.

Run it after a change of the table; a test says when. Under sanitizers the native engine is compared with these numbers.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from deltarule.engines.numpy_engine import NumpyEngine

from .contract import ROWS, compute_row

PATH = Path(__file__).with_name("stored.npz")


def compute_all() -> dict[str, np.ndarray]:
    """Return NumPy's numbers of each row."""
    return {name: compute_row(NumpyEngine(), row) for name, row in ROWS.items()}


def load_all() -> dict[str, np.ndarray]:
    """Return the stored numbers of each row."""
    with np.load(PATH) as stored:
        return dict(zip(stored["names"].tolist(), np.split(stored["numbers"], stored["ends"][:-1]), strict=True))


if __name__ == "__main__":
    found = compute_all()
    temporary = PATH.with_suffix(".new.npz")
    np.savez_compressed(
        temporary,
        names=np.asarray(list(found)),
        numbers=np.concatenate(list(found.values())),
        ends=np.cumsum([len(numbers) for numbers in found.values()]),
    )
    temporary.replace(PATH)
    print(f"stored {len(found)} rows in {PATH.name}")
