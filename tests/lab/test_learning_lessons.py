"""What the lessons claim about training, over several draws and seeds, by their own functions in Python."""

from __future__ import annotations

import numpy as np
import pytest
from tests.lab.test_lessons import open_lesson

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
