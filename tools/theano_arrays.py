"""Write the arrays of a descendant of Theano to which ``deltarule.book.network3`` is held.

``python -m tools.theano_arrays`` installs the packages of :data:`PACKAGES` into an environment that it removes
afterwards, trains the networks of ``tests/book/theano_cases.py`` there, and writes ``tests/book/theano.npz``. It takes
about a minute, needs the files of MNIST and no compiler. The tests of the project read the file only.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch
from venv import EnvBuilder

import numpy as np
from tests.book.theano_cases import CASES, DIGITS, ETA, LMBDA, PATH, Case

from deltarule.book import network3
from deltarule.core import random
from deltarule.data import load
from deltarule.training.fit import fit

PACKAGES = ("aesara==2.9.4", "numpy==1.26.4", "scipy==1.12.0", "setuptools==65.5.0")
"""The descendant of Theano that still has its convolution and its pooling, and what it needs."""

PROGRAM = Path(__file__).with_name("theano_network.py")


def record_masks(case: Case, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the dropout masks of each step for the dense layer and the last, in the program's order of inputs."""
    net, found, draw = case.build(), [], random.bernoulli

    def record(*arguments):
        found.append(draw(*arguments))
        return found[-1]

    data = x.reshape(len(x), -1), y
    with (
        patch.object(network3, "fit", lambda *given, **named: fit(*given, **named, engine="numpy")),
        patch.object(random, "bernoulli", record),
    ):
        net.SGD(data, case.epochs, case.size, ETA, data, None, LMBDA)
    maps, rows, columns = net.layers[1].n_out
    if not case.p:
        return np.ones((case.steps, case.size, maps * rows * columns)), np.ones((case.steps, case.size, 12))
    first = np.asarray(found[::2], float).reshape(case.steps, case.size, rows, columns, maps)
    return first.transpose(0, 1, 4, 2, 3).reshape(*first.shape[:2], -1), np.asarray(found[1::2], float)


def build_inputs() -> dict[str, np.ndarray]:
    """Build what each network starts from: digits, weights and masks."""
    train, _, _ = load("mnist")
    digits, y = np.asarray(train.x[:DIGITS]).reshape(-1, 28, 28), np.asarray(train.y[:DIGITS])
    given = {"digits": digits, "y": y}
    for name, case in CASES.items():
        x = case.crop(digits)
        given |= {f"{name}/before/{i}": np.asarray(p) for i, p in enumerate(case.build().params)}
        given |= {f"{name}/masks/{k}": m for k, m in enumerate(record_masks(case, x, y[: case.n]))}
        given[f"{name}/x"] = x
    settings = {name: {**asdict(case), "eta": ETA, "lmbda": LMBDA} for name, case in CASES.items()}
    return given | {"settings": np.asarray(json.dumps(settings))}


def run_descendant(given: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Install the descendant into a temporary environment, and return what its networks have learned."""
    with TemporaryDirectory() as folder:
        inputs, outputs, own = (Path(folder) / name for name in ("inputs.npz", "outputs.npz", "environment"))
        np.savez(inputs, **given)
        EnvBuilder(with_pip=True).create(own)
        python = own / ("Scripts" if sys.platform == "win32" else "bin") / "python"
        subprocess.run([python, "-m", "pip", "install", "-q", "--disable-pip-version-check", *PACKAGES], check=True)
        subprocess.run([python, "-W", "ignore", PROGRAM, inputs, outputs], check=True)
        with np.load(outputs) as found:
            return dict(found)


def write_arrays() -> None:
    """Write the file."""
    given = build_inputs()
    written = (*(f"{name}/before" for name in CASES), "dropout/masks", "digits", "y")
    kept = {name: array for name, array in given.items() if name.startswith(written)}
    np.savez_compressed(PATH, **kept, **run_descendant(given))
    print(f"{PATH.name}: {len(CASES)} networks, {PATH.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    write_arrays()
