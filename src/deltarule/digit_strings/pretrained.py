"""Train the networks that read rows of digits: ``python -m deltarule.digit_strings.pretrained`` writes them here."""

from __future__ import annotations

from pathlib import Path

from deltarule.data import load as load_data
from deltarule.digit_strings.training import train_reader
from deltarule.models.loading import load
from deltarule.models.predictor import Predictor

FILE = Path(__file__).parent / "reader.safetensors"


def load_reader() -> Predictor:
    """Load the model that comes with deltarule, as :func:`train_reader` with its usual settings trains it.

    >>> load_reader().classes[-1]
    'no digit'
    """
    return load(FILE)


if __name__ == "__main__":
    train_reader(load_data("mnist")[0], seed=1).save(FILE)
