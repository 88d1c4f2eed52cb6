"""The parts of the experiments with memory: gradients along time, sequences, sums, counts of characters, contexts."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from deltarule.core.costs import LogLikelihood
from deltarule.core.gru import GRU
from deltarule.core.layers import Dense
from deltarule.core.lstm import LSTM
from deltarule.core.network import Network
from deltarule.core.recurrent import Recurrent
from deltarule.core.steps import LastStep
from deltarule.data.dataset import Dataset
from deltarule.experiments.memory import adding, binary_addition, characters, ngrams, pixels
from deltarule.experiments.memory.gradients import find_gradient_norms


@pytest.mark.parametrize("cell", [Recurrent(3), LSTM(3), GRU(3)], ids=lambda cell: type(cell).__name__)
def test_gradients_in_the_states_agree_with_finite_differences(cell):
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(2, 4, 2)), np.eye(3)[[0, 2]]
    network = Network([cell, LastStep(), Dense(3)], LogLikelihood(), (4, 2))
    params = network.init(1)
    found = find_gradient_norms(network, params, x, y)

    def advance(states, steps):
        for t in steps:
            states, _ = cell.step(params[0], x[:, t] @ params[0]["w"].T + params[0]["b"], states)
        return states

    for t in range(4):
        states = advance((np.zeros((2, 3)),) * cell.states, range(t + 1))
        squares = 0.0
        for part, example, unit in product(range(cell.states), range(2), range(3)):
            costs = []
            for shift in (1e-5, -1e-5):
                moved = [state.copy() for state in states]
                moved[part][example, unit] += shift
                z, _ = network.layers[2].forward(params[2], advance(tuple(moved), range(t + 1, 4))[0])
                costs.append(2 * network.cost.value(z, y))  # the sum over both examples
            squares += ((costs[0] - costs[1]) / 2e-5) ** 2
        assert found[t] == pytest.approx(np.sqrt(squares / 2), rel=1e-6)


def test_sequences_of_the_adding_problem_have_a_mark_in_each_half():
    data = adding.draw_sequences(np.random.default_rng(0), 20_000, 20)
    marks = data.x[:, :, 1]
    assert (marks[:, :10].sum(axis=1) == 1).all()
    assert (marks[:, 10:].sum(axis=1) == 1).all()
    assert np.var(data.y) == pytest.approx(adding.BASELINE, rel=0.03)
    assert np.mean(data.y) == pytest.approx(1, abs=0.01)


def build_adder() -> list[dict[str, np.ndarray]]:
    """Set the weights of three units by hand: unit k is above 0 if at least k of the two bits and the carry are 1.

    The carry is the second unit of the step before, and 0 before the first step, where the state is 0 and not −1.
    """
    steep = 20.0
    w, u = np.full((3, 2), steep), np.zeros((3, 3))
    u[:, 1] = steep / 2  # (h₂ + 1) / 2 is 0, 1, and a half before the first step
    b = steep * (0.5 - (np.arange(1, 4) - 0.25))
    dense = np.array([[-1.0, 1.0, -1.0], [1.0, -1.0, 1.0]])
    return [{"w": w, "u": u, "b": b}, {"w": dense, "b": np.zeros(2)}, {}]


def test_three_units_are_enough_to_add():
    params, rng = build_adder(), np.random.default_rng(0)
    first, second = binary_addition.draw_sums(rng, 100, 32), binary_addition.draw_sums(rng, 100, 32)
    states = binary_addition.find_states(params, second.bits)
    assert (binary_addition.answer(params, states) == second.sums).all()
    direction, threshold = binary_addition.find_carry_direction(
        binary_addition.find_states(params, first.bits), first.carries
    )
    assert ((states @ direction > threshold) == second.carries).all()
    assert binary_addition.measure_exchange(params, second, states) == 100.0


def test_a_state_without_the_carry_is_found_out():
    params, rng = build_adder(), np.random.default_rng(0)
    params[0]["u"][:] = 0
    test = binary_addition.draw_sums(rng, 100, 32)
    states = binary_addition.find_states(params, test.bits)
    direction, threshold = binary_addition.find_carry_direction(states, test.carries)
    assert ((states @ direction > threshold) == test.carries).mean() < 0.9
    assert binary_addition.measure_exchange(params, test, states) < 60.0


def test_probabilities_of_ngrams_by_hand_and_their_sum():
    model = ngrams.fit_ngrams("abracadabra", order=2, size=6)
    after_nothing = (5 + 5 / 6) / (11 + 5)  # "a": 5 of 11, 5 different characters
    after_r = (2 + after_nothing) / (2 + 1)
    assert model.find_probability("a", "r") == pytest.approx(after_r)
    assert model.find_probability("a", "br") == pytest.approx((2 + after_r) / 3)
    assert model.find_probability("a", "zr") == pytest.approx(after_r)  # "zr" was never seen
    for context in ("", "a", "ra", "ab", "zz", "abracadabra"):
        assert sum(model.find_probability(c, context) for c in "abcdrz") == pytest.approx(1)


def test_the_order_of_ngrams_is_chosen_on_the_validation_text():
    rng = np.random.default_rng(0)
    text = "".join(rng.choice(list("abcdefgh"), 3000))
    assert ngrams.choose_order(text[:2500], text[2500:], range(4), 8)[0].order == 0
    text = "abcb" * 200
    model, bits = ngrams.choose_order(text[:600], text[600:], range(4), 3)
    assert model.order >= 2
    assert min(bits) < 0.1 < bits[0]


@pytest.mark.parametrize("steps", [6, 7])
def test_every_character_is_predicted_from_half_a_sequence_at_least(steps):
    half, seen = steps // 2, []

    class Knows:
        """Predict the cycle abc, but only at the steps that have the context."""

        def outputs(self, x):
            following = np.roll(x, 1, axis=2).astype(float)
            following[:, : steps - half] = 0.0
            seen.append(len(x))
            return following.reshape(len(x), -1)

    text = "abc" * 40
    assert characters.measure_bits(Knows(), text[60:], text[:60], "abc", steps) == 0.0
    assert len(text[60:]) - half < half * sum(seen) <= len(text[60:])


def test_pixels_are_read_line_by_line_or_in_one_fixed_order():
    images = np.random.default_rng(0).integers(0, 256, (3, 28, 28)).astype(np.uint8)
    data = Dataset(images, np.arange(3), scale=255.0)
    read, permuted = pixels.read_pixels(data, 14, "read").x, pixels.read_pixels(data, 14, "permuted").x
    assert read[1, 15, 0] == pytest.approx(images[1, 2:4, 2:4].mean())
    assert (np.sort(read, axis=1) == np.sort(permuted, axis=1)).all()
    assert not (read == permuted).all()
    assert (permuted == pixels.read_pixels(data, 14, "permuted").x).all()
