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


def train_ten(**settings: float) -> np.ndarray:
    """Return which validation images each of ten networks reads correctly, and each vote of five: two arrays."""
    lesson = open_lesson("dropout_ensembles")
    labels = lesson["validation"].y
    outputs = np.array([lesson["train_network"](**settings, seed=seed) for seed in range(1, 11)])
    votes = outputs.reshape(2, 5, *outputs.shape[1:]).sum(axis=1)
    return 100 * np.array([np.mean(one.argmax(axis=-1) == labels) for one in (outputs, votes)])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("n", "wrong", "without", "with_dropout"), [(300, 0.2, 87, 91), (100, 0, 84, 82)], ids=("it wins", "it loses")
)
def test_dropout_wins_with_false_labels_and_loses_with_few_correct_ones(
    n: int, wrong: float, without: float, with_dropout: float
) -> None:
    means = [train_ten(n=n, wrong=wrong, hidden=50, p=p)[0] for p in (0, 0.5)]
    assert means == pytest.approx([without, with_dropout], abs=0.8)
    assert abs(means[1] - means[0]) > 2


@pytest.mark.slow
def test_a_vote_helps_only_where_networks_make_different_mistakes() -> None:
    mean, vote = train_ten(n=300, wrong=0.2, hidden=10, p=0)
    assert vote > mean + 3
    mean, vote = train_ten(n=300, wrong=0, hidden=100, p=0)
    assert vote < mean + 0.5
