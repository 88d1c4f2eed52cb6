"""A small LSTM that keeps values; ``python -m deltarule.lab.latch`` trains it and writes the file."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from deltarule.core.activations import Linear
from deltarule.core.costs import Quadratic
from deltarule.core.layers import Dense, Flatten
from deltarule.core.lstm import LSTM
from deltarule.core.network import Network
from deltarule.core.optimizers import Adam
from deltarule.core.schedules import Exponential
from deltarule.core.steps import EachStep
from deltarule.data.dataset import Dataset
from deltarule.files import replace_file
from deltarule.models.model import Model
from deltarule.training.fit import fit

FILE = Path(__file__).parent / "latch.json"
STEPS, CELLS, EXAMPLES, EPOCHS = 16, 3, 8000, 60
RATES = (0.08, 0.2, 0.4)
"""The probabilities of a mark at a step; a sequence has one of them."""


@dataclass(frozen=True)
class Values:
    """The encoding of a number at each step, which is the desired output itself."""

    n_out: int = STEPS

    def encode(self, labels: np.ndarray) -> np.ndarray:
        """Return the numbers."""
        return labels

    def decode(self, outputs: np.ndarray) -> np.ndarray:
        """Return the outputs."""
        return outputs


def make_sequences(n: int, seed: int) -> Dataset:
    """Make sequences of values and marks, shape (n, STEPS, 2), with the value to hold at each step, (n, STEPS).

    A mark, 1 or 0, says that the value of this step is to be held until the next mark; before the first mark the value
    to hold is 0. Values are uniform from −1 to 1.
    """
    rng = np.random.default_rng(seed)
    values = rng.uniform(-1, 1, (n, STEPS))
    marks = rng.uniform(size=(n, STEPS)) < rng.choice(RATES, (n, 1))
    x = np.stack([values, marks], axis=2)
    return Dataset(x, hold_values(x), "values to hold", 1.0, encoding=Values())


def hold_values(x: np.ndarray) -> np.ndarray:
    """Compute the value to hold at each step of each sequence, (n, steps).

    >>> hold_values(np.array([[[0.5, 0], [0.7, 1], [0.2, 0]]])).tolist()
    [[0.0, 0.7, 0.7]]
    """
    held, found = np.zeros(len(x)), []
    for step in range(x.shape[1]):
        held = np.where(x[:, step, 1] > 0, x[:, step, 0], held)
        found.append(held)
    return np.stack(found, axis=1)


def train_latch() -> Model:
    """Train the LSTM, with an answer at each step."""
    layers = [LSTM(CELLS), EachStep(Dense(1)), Flatten()]
    network, train = Network(layers, Quadratic(Linear()), (STEPS, 2)), make_sequences(EXAMPLES, seed=1)
    return fit(network, train, epochs=EPOCHS, batch_size=20, eta=Exponential(0.01, 0.95), optimizer=Adam(), seed=1)


def describe_latch(model: Model) -> dict[str, Any]:
    """Describe a trained LSTM for the page: the number of steps, its parameters, and those of the answer w h + b."""
    cell, out = (
        {name: np.round(np.asarray(leaf, float), 4).tolist() for name, leaf in layer.items()}
        for layer in model.params[:2]
    )
    return {"steps": STEPS, **cell, "answer": {"w": out["w"][0], "b": out["b"][0]}}


def read_latch() -> dict[str, Any]:
    """Read the file that the trained LSTM was written to."""
    return dict(json.loads(FILE.read_text(encoding="utf-8")))


if __name__ == "__main__":
    replace_file(FILE, (json.dumps(describe_latch(train_latch())) + "\n").encode())
