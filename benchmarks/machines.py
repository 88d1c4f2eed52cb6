"""Boltzmann machines beside scikit-learn's BernoulliRBM: the seconds of an epoch, and the pseudo-likelihood.

python -m benchmarks.machines [--examples N] [--epochs N]

A machine of 784 visible and 500 hidden units learns MNIST in mini-batches of 10 at η = 0.05, in float32, on one thread.
Processor time is measured, which other programs on the machine disturb less than the time on the clock. All get the
same mean pseudo-log-likelihood of the first 1,000 validation images, of the same units. scikit-learn trains by
persistent CD from as many chains as there are examples in a mini-batch; deltarule is measured with CD-1 and with as
many persistent chains.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from time import process_time
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

import deltarule as dr
from deltarule.core import random
from deltarule.core.boltzmann import pseudo_log_likelihood
from deltarule.core.layer import Params

SIZES, ETA, BATCH = (784, 500), 0.05, 10


def train_own(train: dr.Dataset, epochs: int, engine: str, chains: int) -> tuple[float, Params]:
    """Train by deltarule; return the seconds of an epoch, without compiling, and the parameters."""
    machine = dr.RBM(*SIZES, chains=chains)
    settings: dict[str, Any] = {"batch_size": BATCH, "eta": ETA, "engine": engine, "threads": 1, "seed": 1}
    dr.fit(machine, train.take(slice(0, 100)), epochs=1, **settings)  # compiles
    begun = process_time()
    model = dr.fit(machine, train, epochs=epochs, **settings)
    return (process_time() - begun) / epochs, model.params[0]


def train_scikit(train: dr.Dataset, epochs: int) -> tuple[float, Params]:
    """Train by scikit-learn; return the same."""
    from sklearn.neural_network import BernoulliRBM

    x = (train.x.reshape(len(train), -1) / 255).astype(np.float32)
    machine = BernoulliRBM(SIZES[1], learning_rate=ETA, batch_size=BATCH, n_iter=epochs, random_state=1)
    begun = process_time()
    machine.fit(x)
    seconds = (process_time() - begun) / epochs
    return seconds, {
        "w": machine.components_, "b": machine.intercept_visible_, "c": machine.intercept_hidden_,
    }  # fmt: skip


def main() -> None:
    """Measure, and print a line for each contender."""
    parser = argparse.ArgumentParser(description="Measure Boltzmann machines beside scikit-learn's.")
    parser.add_argument("--examples", type=int, default=50_000)
    parser.add_argument("--epochs", type=int, default=1)
    arguments = parser.parse_args()
    train, validation, _ = dr.data.load("mnist")
    train = train.take(slice(0, arguments.examples))
    contenders: dict[str, Callable[[], tuple[float, Params]]] = {
        "scikit-learn": lambda: train_scikit(train, arguments.epochs),
        "native, CD-1": lambda: train_own(train, arguments.epochs, "native", 0),
        "native, persistent": lambda: train_own(train, arguments.epochs, "native", BATCH),
        "numpy, CD-1": lambda: train_own(train, arguments.epochs, "numpy", 0),
        "jax, CD-1": lambda: train_own(train, arguments.epochs, "jax", 0),
    }
    v = validation.x[:1000].reshape(1000, -1) / 255
    with threadpool_limits(1):
        for name, contender in contenders.items():
            seconds, p = contender()
            found = pseudo_log_likelihood({k: np.asarray(leaf, float) for k, leaf in p.items()}, v, random.key(0))
            print(f"{name:18} {seconds:8.2f} s per epoch   pseudo-log-likelihood {found.mean():8.2f}", flush=True)
        model = dr.fit(dr.RBM(*SIZES), train.take(slice(0, 1000)), epochs=1, batch_size=BATCH, eta=ETA, engine="numpy")
        begun = process_time()
        model.sample(100, steps=20)
        print(f"sampling 100 digits, 20 steps: {process_time() - begun:.2f} s")


if __name__ == "__main__":
    main()
