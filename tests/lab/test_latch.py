"""The trained LSTM of the lesson on memory."""

from __future__ import annotations

import numpy as np
import pytest

from deltarule.core.lstm import LSTM
from deltarule.lab.latch import CELLS, STEPS, describe_latch, hold_values, make_sequences, read_latch, train_latch


def answer(latch, x: np.ndarray) -> np.ndarray:
    """Compute the answers of a described LSTM, (n, steps)."""
    params = {name: np.array(latch[name]) for name in ("w", "u", "b")}
    return LSTM(CELLS).forward(params, x)[0] @ np.array(latch["answer"]["w"]) + latch["answer"]["b"]


def test_the_value_to_hold_is_that_of_the_last_mark() -> None:
    data = make_sequences(50, seed=3)
    for sequence, held in zip(data.x, data.y, strict=True):
        for step in range(STEPS):
            marked = [value for value, mark in sequence[: step + 1] if mark]
            assert held[step] == (marked[-1] if marked else 0)


def test_the_file_holds_new_values_within_0_05() -> None:
    data = make_sequences(1000, seed=2)
    errors = answer(read_latch(), data.x) - hold_values(data.x)
    assert read_latch()["steps"] == STEPS
    assert np.abs(errors).max() < 0.05
    assert np.sqrt(np.mean(errors**2)) < 0.01


@pytest.mark.slow
def test_training_again_gives_the_parameters_of_the_file() -> None:
    found, filed = describe_latch(train_latch()), read_latch()
    for name in ("w", "u", "b"):
        np.testing.assert_allclose(found[name], filed[name], atol=0.02)
