"""A Boltzmann machine that writes digits; ``python -m deltarule.lab.machine`` trains it and writes the file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load, save

from deltarule.core.optimizers import Momentum
from deltarule.core.rbm import RBM
from deltarule.core.regularizers import L2
from deltarule.core.schedules import Exponential
from deltarule.data import load as load_data
from deltarule.files import replace_file
from deltarule.models.model import Model
from deltarule.training.fit import fit

FILE = Path(__file__).parent / "machine.safetensors"
HIDDEN, CHAINS, EPOCHS, BATCH = 256, 100, 30, 100
STEPS = 127
"""The largest size of a weight in the file, a whole number of one byte."""


def train_machine() -> Model:
    """Train the machine on MNIST and its labels, by persistent contrastive divergence."""
    training, _, _ = load_data("mnist")
    return fit(RBM(784, HIDDEN, n_labels=10, chains=CHAINS), training, epochs=EPOCHS, batch_size=BATCH,
               eta=Exponential(0.05, 0.93), optimizer=Momentum(0.5), regularizer=L2(5.0), seed=1)  # fmt: skip


def pack_machine(model: Model) -> bytes:
    """Pack the parameters: the weights as bytes in units of ``scale``, (hidden, visible), and the biases as float32."""
    (p,) = model.params
    w = np.asarray(p["w"], np.float32)
    scale = np.abs(w).max() / STEPS
    biases = {name: np.asarray(p[name], np.float32) for name in ("b", "c")}
    return save({"w": np.rint(w / scale).astype(np.int8), "scale": np.array([scale], np.float32), **biases})


def read_machine() -> dict[str, np.ndarray]:
    """Read the parameters ``w`` (int8), ``scale``, ``b`` and ``c`` from the file."""
    return dict(load(FILE.read_bytes()))


def pack_for_page() -> dict[str, Any]:
    """Return the machine as a figure gets it: arrays as bytes, the scale as a number."""
    found = read_machine()
    return {name: found[name].tobytes() for name in ("w", "b", "c")} | {"scale": float(found["scale"][0])}


if __name__ == "__main__":
    replace_file(FILE, pack_machine(train_machine()))
