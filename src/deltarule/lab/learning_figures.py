"""The part of learning figures that Python shares: their examples, and the order in which they come."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from deltarule.core import random
from deltarule.data.dataset import Dataset


@dataclass(frozen=True)
class PageOrder:
    """A new order in each epoch, by random numbers that the page can compute as well."""

    def __call__(self, n: int, seed: int, epoch: int) -> np.ndarray:
        key = random.fold(random.fold(random.key(seed), 2**20), epoch)
        return np.argsort(random.bits(key, (n,)), kind="stable").astype(np.int32)


def pack_examples(examples: Dataset, n: int | None = None) -> dict[str, Any]:
    """Pack the first n examples for a figure: images and labels as bytes, and the number ``white`` of full ink."""
    few = examples.take(slice(n))
    return {"images": few.x.tobytes(), "labels": np.asarray(few.y).astype(np.uint8).tobytes(), "white": few.white}


def make_labels_false(examples: Dataset, n: int, share: float, seed: int = 1) -> Dataset:
    """Take the first n examples, and give a share of them, drawn by the seed, a false label."""
    few, key = examples.take(slice(n)), random.key(seed)
    chosen = np.argsort(random.bits(key, (n,)), kind="stable")[: int(share * n + 0.5)]
    labels = np.array(few.y)
    labels[chosen] = (labels[chosen] + 1 + random.bits(random.fold(key, 1), (n,))[chosen] % 9) % 10
    return replace(few, y=labels)
