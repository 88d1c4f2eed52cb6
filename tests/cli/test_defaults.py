"""The settings that follow from the data where no option states them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from deltarule.cli.defaults import adapt_selection
from deltarule.cli.selection import select_network
from deltarule.core.augmentation import Augmentation
from deltarule.core.distortions import Affine, Shift
from deltarule.data.dataset import Dataset


def find_augmentation(
    x: np.ndarray, net: str | None = None, scale: float | None = None, **given: Any
) -> Augmentation | None:
    data = replace(Dataset(x, np.arange(len(x)) % 2), scale=scale)
    return adapt_selection(select_network(net, given), given, data).recipe.training.augmentation


PICTURES = np.zeros((1000, 20, 64), np.uint8)


@pytest.mark.parametrize(
    ("x", "shifted"),
    [
        (PICTURES, True),
        (np.zeros((10, 28, 28, 3), np.uint8), True),
        (np.zeros((1001, 20, 64), np.uint8), False),
        (np.zeros((10, 19, 28), np.uint8), False),
        (np.zeros((10, 28, 65), np.uint8), False),
        (np.zeros((10, 28, 28), np.float32), False),
        (np.zeros((10, 784), np.uint8), False),
    ],
    ids=["most pictures", "in colour", "one more", "small", "large", "numbers", "a table of numbers"],
)
def test_few_small_pictures_are_shifted(x, shifted):
    assert find_augmentation(x) == (Shift(1) if shifted else None)
    assert find_augmentation(x, "784-30-2") == (Shift(1) if shifted else None)


def test_statements_come_before_the_shift():
    assert find_augmentation(PICTURES, expand="none") is None
    assert find_augmentation(PICTURES, expand="affine:rotation=5") == Affine(rotation=5)
    assert find_augmentation(PICTURES, "book-relu") is None
    assert find_augmentation(PICTURES, scale=255.0) is None


def test_a_network_file_keeps_its_settings(tmp_path: Path):
    file = tmp_path / "net.toml"
    file.write_text('layers = ["Flatten()", "Dense(10)"]\n')
    assert find_augmentation(PICTURES, str(file)) is None
