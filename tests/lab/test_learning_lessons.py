"""What the lessons claim about training, over several draws and seeds, by their own functions in Python."""

from __future__ import annotations

import numpy as np
import pytest
from tests.lab.test_lessons import open_lesson

from deltarule import Network

LMBDAS = (0, 0.2, 0.5, 1, 2, 3, 5)
DRAWS = range(1, 11)


@pytest.mark.slow
def test_the_recommended_weight_decay_is_the_best() -> None:
    train_network = open_lesson("overfitting")["train_network"]
    final = np.array([
        [train_network(lmbda, 0.2, draw, n=300, epochs=100)["validation_accuracy"][-1] for lmbda in LMBDAS]
        for draw in DRAWS
    ])  # fmt: skip
    assert LMBDAS[int(final.mean(axis=0).argmax())] == 1
    assert (final[:, LMBDAS.index(1)] > final[:, 0] + 0.01).all()
    assert (final[:, LMBDAS.index(1)] > final.max(axis=1) - 0.02).all()


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1, 6))
def test_small_first_weights_lead_after_the_first_epoch(seed: int) -> None:
    starts = [Network.dense([1024, 30, 10], init=init) for init in ("default", "large")]
    train_network = open_lesson("first_weights")["train_network"]
    first, second = (train_network(start, k=4, eta=0.1, epochs=1, seed=seed)[0] for start in starts)
    assert first > second + 0.15
