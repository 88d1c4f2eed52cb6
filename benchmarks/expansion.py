"""The cost of augmentation: 784-30-10 trained on one core, with each distortion and without.

Run it:  python -m benchmarks.expansion
"""

from __future__ import annotations

import statistics
import time
from typing import Any

import numpy as np

import deltarule as dr

IMAGES = 10_000
ROUNDS = 5


class Clock(dr.Callback):
    """A callback that records the CPU time of the process at the end of each epoch."""

    def __init__(self) -> None:
        self.ends: list[float] = []

    def on_epoch(self, moment: Any) -> bool:
        """Record the time, and never stop the training."""
        self.ends.append(time.process_time())
        return False


def main() -> None:
    """Print the medians of interleaved rounds, minus the time of training without distortion."""
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (IMAGES, 28, 28), dtype=np.uint8)
    train = dr.Dataset(images, rng.integers(0, 10, IMAGES), "noise", 255.0, tuple("0123456789"))
    network = dr.Network.dense([784, 30, 10])
    affine, elastic = dr.augmentation.Affine(rotation=10, shift=2, scale=0.1, skew=0.1), dr.augmentation.Elastic(34, 4)
    expansions = {
        "none": None,
        "Shift": dr.augmentation.Shift(2),
        "Affine": affine,
        "Elastic": elastic,
        "Affine + Elastic": dr.augmentation.Chain([affine, elastic]),
    }

    def cost(augmentation: dr.augmentation.Augmentation | None, batch_size: int) -> float:
        """Measure µs of CPU time per image, in the second epoch."""
        clock = Clock()
        options: dict[str, Any] = {
            "batch_size": batch_size,
            "augmentation": augmentation,
            "engine": "jax",
            "threads": 1,
            "seed": 1,
        }
        dr.fit(network, train, epochs=2, callbacks=[clock], **options)
        return 1e6 * (clock.ends[1] - clock.ends[0]) / IMAGES

    for batch_size in (10, 100):
        rounds = [{name: cost(e, batch_size) for name, e in expansions.items()} for _ in range(ROUNDS)]
        medians = {name: statistics.median(row[name] for row in rounds) for name in expansions}
        print(f"mini-batch {batch_size}, µs per image beyond the {medians['none']:.1f} of training: ", end="")
        print(", ".join(f"{name} {medians[name] - medians['none']:.1f}" for name in expansions if name != "none"))


if __name__ == "__main__":
    main()
