"""A variational autoencoder of digits; ``python -m deltarule.lab.autoencoder`` trains it and writes the file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load, save

from deltarule.core.activations import ReLU
from deltarule.core.costs import CrossEntropy
from deltarule.core.latent import Latent
from deltarule.core.layers import Dense
from deltarule.core.network import Network
from deltarule.core.optimizers import Adam
from deltarule.core.schedules import Exponential
from deltarule.data import Dataset
from deltarule.data import load as load_data
from deltarule.data.encodings import Inputs
from deltarule.files import replace_file
from deltarule.models.model import Model
from deltarule.preprocessing import Preprocessing, Scaling
from deltarule.training.fit import fit

FILE = Path(__file__).parent / "autoencoder.safetensors"
WIDE, NARROW, EPOCHS, BATCH = 256, 128, 50, 100
STEPS = 127
"""The largest size of a weight in the file, a whole number of one byte."""
CODES = 1000
"""The number of test images of which the file has the codes."""


def build_network() -> Network:
    """Build the encoder, 784-256-128 and a code of two numbers, and the decoder, which is as large."""
    encoder = [Dense(WIDE), ReLU(), Dense(NARROW), ReLU(), Dense(2 * 2), Latent()]
    decoder = [Dense(NARROW), ReLU(), Dense(WIDE), ReLU(), Dense(784)]
    return Network([*encoder, *decoder], CrossEntropy(), (784,))


def train_autoencoder() -> Model:
    """Train the autoencoder on MNIST."""
    training, _, _ = load_data("mnist")
    return fit(build_network(), training.with_inputs_as_targets(), epochs=EPOCHS, batch_size=BATCH,
               eta=Exponential(0.002, 0.96), optimizer=Adam(), seed=1)  # fmt: skip


def pack_autoencoder(model: Model, test: Dataset) -> bytes:
    """Pack the parameters and the codes of the first test images.

    The weights ``w0``, ``w1``, … of the dense layers are bytes, (n_out, n_in); a row of them is in units of its number
    in ``scale0``, ``scale1``, …. The biases ``b0``, ``b1``, … are float32. ``codes``, (n, 2) float32, are those of the
    packed network, and ``labels`` the digits, (n,) uint8.
    """
    packed: dict[str, np.ndarray] = {}
    for i, p in enumerate([p for p in model.params if p]):
        w = np.asarray(p["w"], np.float32)
        scale = np.abs(w).max(axis=1) / STEPS
        packed |= {f"w{i}": np.rint(w / scale[:, None]).astype(np.int8), f"scale{i}": scale,
                   f"b{i}": np.asarray(p["b"], np.float32)}  # fmt: skip
    few = test.take(slice(CODES))
    codes = unpack_autoencoder(packed).hidden(few).astype(np.float32)
    return save({**packed, "codes": codes, "labels": few.y.astype(np.uint8)})


def unpack_autoencoder(packed: dict[str, np.ndarray]) -> Model:
    """Build the model of packed parameters."""
    network = build_network()
    layers = [i for i, layer in enumerate(network.layers) if isinstance(layer, Dense)]
    params: list[dict[str, np.ndarray]] = [{} for _ in network.layers]
    for i, at in enumerate(layers):
        w = packed[f"w{i}"] * packed[f"scale{i}"].astype(float)[:, None]
        params[at] = {"w": w, "b": packed[f"b{i}"].astype(float)}
    return Model(network, params, Preprocessing(Inputs(784), Scaling(255.0), example_shape=(28, 28)))


def read_autoencoder() -> dict[str, np.ndarray]:
    """Read the arrays of the file (see :func:`pack_autoencoder`)."""
    return dict(load(FILE.read_bytes()))


def pack_for_page() -> dict[str, Any]:
    """Return the arrays of the file as a figure gets them, as bytes."""
    return {name: array.tobytes() for name, array in read_autoencoder().items()}


if __name__ == "__main__":
    replace_file(FILE, pack_autoencoder(train_autoencoder(), load_data("mnist")[2]))
