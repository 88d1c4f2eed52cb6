"""The pretrained readers: one of rows of digits, and one of single digits that knows marks which are no digit."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from deltarule.models.loading import load

if TYPE_CHECKING:
    from deltarule.models.predictor import Predictor

ROWS_FILE = Path(__file__).parent / "reader.safetensors"
DIGITS_FILE = Path(__file__).parent / "digit_reader.safetensors"


def load_reader() -> Predictor:
    """Load the reader of rows that comes with deltarule, trained on MNIST by :func:`train_reader`.

    >>> load_reader().classes[-1]
    'no digit'
    """
    return load(ROWS_FILE)


def load_digit_reader() -> Predictor:
    """Load the reader of single digits that comes with deltarule.

    It was trained on MNIST, on handwriting fonts and on marks that are no digit, and calibrated on MNIST's validation
    set.

    >>> load_digit_reader().classes[-2:]
    ('no digit', 'other mark')
    """
    return load(DIGITS_FILE)
