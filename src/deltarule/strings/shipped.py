"""``python -m deltarule.strings.shipped`` teaches the networks that read rows of digits, and writes them here."""

from __future__ import annotations

from pathlib import Path

from deltarule.data import load as load_data
from deltarule.models.loading import load
from deltarule.models.predictor import Predictor
from deltarule.strings.learn import learn

FILE = Path(__file__).parent / "reader.safetensors"


def reader() -> Predictor:
    """The model that comes with deltarule, as :func:`deltarule.strings.learn` with its usual settings makes it.

    >>> reader().classes[-1]
    'no digit'
    """
    return load(FILE)


if __name__ == "__main__":
    learn(load_data("mnist")[0], seed=1).save(FILE)
