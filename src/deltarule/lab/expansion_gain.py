"""The gain of data augmentation; ``python -m deltarule.lab.expansion_gain`` trains the networks and writes the file."""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path
from typing import Any

from deltarule.core.distortions import Affine
from deltarule.core.network import Network
from deltarule.data import load
from deltarule.files import replace_file
from deltarule.training.fit import fit

FILE = Path(__file__).parent / "expansion_gain.json"
IMAGES, DEGREES, PIXELS, SEEDS = (100, 300, 1000, 3000), (0, 5, 10, 20, 40, 60), (0, 1, 2, 4), (1, 2, 3)
STEPS, BATCH, HIDDEN, ETA = 6000, 10, 40, 0.3


def measure_gain() -> dict[str, Any]:
    """Train on the first images of MNIST, as they are and with shifts and turns drawn anew at each step.

    Returns:
        The settings, and ``accuracy[i][j][k]``: the accuracies in %, one per seed, on the 10,000 validation images
        after :data:`STEPS` steps with ``images[i]``, ``degrees[j]`` and ``pixels[k]``.
    """
    training, validation, _ = load("mnist")

    def train_network(n: int, degrees: float, pixels: float, seed: int) -> float:
        network = Network.dense([784, HIDDEN, 10], cost="cross-entropy")
        augmentation = Affine(rotation=degrees, shift=pixels) if degrees or pixels else None
        model = fit(network, training.take(slice(n)), epochs=STEPS * BATCH // n, batch_size=BATCH, eta=ETA,
                    augmentation=augmentation, seed=seed)  # fmt: skip
        accuracy = round(100 * model.accuracy(validation), 2)
        print(f"{n} images, {degrees} degrees, {pixels} pixels, seed {seed}: {accuracy} %", flush=True)
        return accuracy

    measured = {case: [train_network(*case, seed) for seed in SEEDS] for case in product(IMAGES, DEGREES, PIXELS)}
    accuracy = [[[measured[n, degrees, pixels] for pixels in PIXELS] for degrees in DEGREES] for n in IMAGES]
    return {"images": IMAGES, "degrees": DEGREES, "pixels": PIXELS, "steps": STEPS, "hidden": HIDDEN, "eta": ETA,
            "accuracy": accuracy}  # fmt: skip


def read_gain() -> dict[str, Any]:
    """Read the file that :func:`measure_gain`'s results were written to."""
    return dict(json.loads(FILE.read_text(encoding="utf-8")))


if __name__ == "__main__":
    replace_file(FILE, (json.dumps(measure_gain()) + "\n").encode())
