"""The pretrained reader of digit strings; ``python -m deltarule.digit_strings.pretrained`` trains it anew."""

from __future__ import annotations

from pathlib import Path

from deltarule.data import load as load_data
from deltarule.digit_strings.training import train_reader
from deltarule.models.loading import load
from deltarule.models.predictor import Predictor

FILE = Path(__file__).parent / "reader.safetensors"


def load_reader() -> Predictor:
    """Load the model that comes with deltarule, trained on MNIST by :func:`train_reader` with its default settings.

    >>> load_reader().classes[-1]
    'no digit'
    """
    return load(FILE)


if __name__ == "__main__":
    train_reader(load_data("mnist")[0], seed=1).save(FILE)
