"""Answers at each step: what counts in the metrics, and what does not fit together."""

from __future__ import annotations

import numpy as np
import pytest
from tests.fields import has

import deltarule as dr
from deltarule.errors import InvalidArgument, ShapeError
from deltarule.models.metrics import measure_labels
from deltarule.preprocessing import Preprocessing

SILENT = {"w": np.zeros((2, 2)), "u": np.zeros((2, 2)), "b": np.zeros(2)}
ALWAYS = [SILENT, {"w": np.zeros((2, 2)), "b": np.array([1.0, 0.0])}, {}]
"""Parameters of a network that answers 0 at every step."""


class Shares:
    """An encoding of a user's own: two numbers at each of two steps."""

    n_out = n_labels = 4

    def encode(self, labels):
        return labels.astype(np.float32)

    def decode(self, outputs):
        return outputs


def build_network(steps: int = 4, classes: int = 2, cost: dr.Cost | None = None) -> dr.Network:
    layers = [dr.Recurrent(2), dr.EachStep(dr.Dense(classes)), dr.Flatten()]
    return dr.Network(layers, cost or dr.SumOverSteps(dr.LogLikelihood(), classes), (steps, 2))


def build_data(labels: list[list[int]], lengths: list[int] | None = None, classes: int = 2) -> dr.Dataset:
    n, steps = len(labels), len(labels[0])
    encoding = dr.data.StepLabels(classes, steps)
    return dr.Dataset(np.ones((n, steps, 2)), np.array(labels), "steps", 1.0, encoding=encoding, lengths=lengths)


@pytest.mark.parametrize(
    ("labels", "lengths", "accuracy"),
    [
        ([[1, -1, -1, -1], [0, 1, -1, 0]], None, 2 / 4),
        ([[1, -1, -1, -1]], None, 0.0),
        ([[0, 1, 1, 1]], [1], 1.0),
        ([[0, 1, 1, 1], [1, 0, 0, -1]], [2, 4], 3 / 5),
    ],
)
@pytest.mark.parametrize("engine", ["numpy", "native"])
def test_steps_without_a_label_and_padding_do_not_count_in_the_accuracy(labels, lengths, accuracy, engine):
    data = build_data(labels, lengths)
    model = dr.Model(build_network(), ALWAYS, Preprocessing.fit(data))
    assert model.accuracy(data) == pytest.approx(accuracy)
    trained = dr.fit(model, data, validation=data, epochs=1, eta=1e-9, engine=engine)
    assert trained.history["validation_accuracy"] == [pytest.approx(accuracy)]
    found = model.preprocessing.find_labels(data)
    kept = np.arange(4) < (np.full((len(labels), 1), 4) if lengths is None else np.reshape(lengths, (-1, 1)))
    assert found.tolist() == np.where(kept, labels, -1).tolist()


def test_padding_does_not_count_in_the_errors_of_real_targets():
    y, lengths = np.array([[1.0, 2.0, 500.0], [3.0, 5.0, 4.0], [2.0, 9.0, 900.0]]), [2, 3, 2]
    data = dr.Dataset(np.ones((3, 3, 2)), y, "numbers", 1.0, encoding=dr.data.Standardized(3), lengths=lengths)
    layers = [dr.Recurrent(2), dr.EachStep(dr.Dense(1)), dr.Flatten()]
    network = dr.Network(layers, dr.SumOverSteps(dr.Quadratic(dr.Linear()), 1), (3, 2))
    model = dr.Model(network, [SILENT, {"w": np.zeros((1, 2)), "b": np.zeros(1)}, {}], Preprocessing.fit(data))
    predicted = model.predict(data)
    errors = [predicted[i, t] - y[i, t] for i in range(3) for t in range(lengths[i])]
    found = model.evaluate(data)
    assert found["mae"] == pytest.approx(np.mean(np.abs(errors)))
    in_columns = [[(predicted[i, t] - y[i, t]) ** 2 for i in range(3) if t < lengths[i]] for t in range(3)]
    assert found["rmse"] == pytest.approx(np.sqrt(np.mean([np.mean(column) for column in in_columns])))


def test_numbers_that_are_not_finite_are_not_left_out():
    found = measure_labels(np.array([[np.nan, 1.0]]), np.array([[1.0, np.nan]]), Preprocessing(dr.data.Standardized(2)))
    assert np.isnan(found["rmse"])


@pytest.mark.parametrize("outputs", [1, 4])
def test_a_cost_of_steps_with_other_classes_than_the_labels_is_refused(outputs):
    network = build_network(cost=dr.SumOverSteps(dr.LogLikelihood(), outputs))
    with pytest.raises(InvalidArgument, match=f"labels of {outputs} classes", check=has(argument="train")) as refused:
        dr.fit(network, build_data([[0, 1, 1, 0]] * 5), epochs=1)
    assert "use SumOverSteps(LogLikelihood(), 2)" in str(refused.value)


def test_targets_of_a_step_must_sum_to_one():
    y = np.array([[0.5, 0.5, 0.2, 0.2], [1.0, 0.0, 0.0, 1.0]])
    data = dr.Dataset(np.ones((2, 2, 2)), y, "shares", 1.0, encoding=Shares())
    with pytest.raises(InvalidArgument, match=r"got a sum of 0\.4 in step 1 of example 0 of shares"):
        dr.fit(build_network(2), data, epochs=1)
    padded = dr.Dataset(data.x, y, "shares", 1.0, encoding=Shares(), lengths=[1, 2])
    assert dr.fit(build_network(2), padded, epochs=1).history.records


def test_steps_that_do_not_count_need_a_cost_of_steps():
    with pytest.raises(InvalidArgument, match="use SumOverSteps", check=has(argument="train")):
        dr.fit(build_network(cost=dr.CrossEntropy()), build_data([[0, -1, 1, 0]] * 5), epochs=1)
    with pytest.raises(InvalidArgument, match="expected a step with a label, got none"):
        dr.fit(build_network(), build_data([[-1] * 4] * 5), epochs=1)


@pytest.mark.parametrize("shape", [(2, 4), (8, 1)])
def test_lengths_need_a_network_with_the_steps_of_the_data(shape):
    data = dr.Dataset(np.ones((5, 4, 2)), np.zeros(5, int), "sequences", 1.0, lengths=[1, 2, 3, 4, 4])
    network = dr.Network([dr.GRU(3), dr.LastStep(), dr.Dense(1)], dr.CrossEntropy(), shape)
    with pytest.raises(ShapeError, match="a network of sequences of 4 steps", check=has(argument="input_shape")):
        dr.fit(network, data, epochs=1)


def test_lengths_need_an_answer_for_each_step_if_there_are_several():
    layers = [dr.GRU(3), dr.LastStep(), dr.Dense(4)]
    network = dr.Network(layers, dr.SumOverSteps(dr.LogLikelihood(), 2), (4, 2))
    encoding = dr.data.StepLabels(2, 2)
    y = np.zeros((5, 2), int)
    whole = dr.Dataset(np.ones((5, 4, 2)), y, "sequences", 1.0, encoding=encoding)
    assert dr.fit(network, whole, epochs=1).history.records
    data = dr.Dataset(whole.x, y, "sequences", 1.0, encoding=encoding, lengths=[1] * 5)
    with pytest.raises(ShapeError, match="an answer at each of 4 steps, as there are lengths, got 2"):
        dr.fit(network, data, epochs=1)
