"""Causes for which a network learned nothing: each is built, and named; a healthy run has none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

import deltarule as dr
from deltarule.data import Dataset, Standardized
from deltarule.data.schema import Column, Schema
from deltarule.models.assessment import is_no_better
from deltarule.preprocessing import Preprocessing
from deltarule.training.causes import Cause, _measure_constant, find_causes
from deltarule.training.probes import probe_classes, probe_numbers

RNG = np.random.default_rng(3)
X = RNG.normal(size=(400, 4))
Y = (X[:, 0] + X[:, 1] > 0).astype(int)
NOISE = RNG.integers(0, 2, 400)
GOOD = Dataset(X, Y, "good")
IMAGES = Dataset(RNG.integers(0, 200, (200, 4, 4), np.uint8) + 50 * Y[:200, None, None].astype(np.uint8), Y[:200])


def learn(data: Dataset, hidden: str = "sigmoid", sizes: tuple[int, ...] = (20,), **settings: object) -> dr.Model:
    n_in, n_out = data.x[0].size, data.targets.shape[1]
    cost = dr.Quadratic(dr.Linear()) if isinstance(data.encoding, Standardized) else "cross-entropy"
    network = dr.Network.dense([n_in, *sizes, n_out], cost, hidden=hidden)
    return dr.fit(network, data, **{"epochs": 3, "validation": data, **settings})


def blank(n: int) -> Dataset:
    x = IMAGES.x.copy()
    x[:n] = 7
    return replace(IMAGES, x=x)


def make_table(label: np.ndarray, *columns: np.ndarray) -> Dataset:
    schema = Schema(tuple(Column(f"c{i}") for i in range(len(columns))))
    return Dataset(np.stack(columns, axis=1), label, schema=schema)


TWICE = np.repeat(X[:200], 2, axis=0)


@pytest.mark.parametrize(
    ("data", "kind", "said"),
    [
        (Dataset(np.ones((50, 3, 3)), Y[:50]), "same inputs", "all 50 training images are the same"),
        (blank(150), "blank inputs", "150 of 200 training images are blank"),
        (make_table(Y, *[np.ones(400)] * 3, X[:, 0]), "constant inputs", "3 of 4 inputs have the same value"),
        (Dataset(TWICE, np.arange(400) % 2), "identical inputs", "the same inputs have different labels in 400 train"),
        (Dataset(X, np.arange(400) % 250), "wrong label", "the label has 250 values in 400 training examples"),
        (Dataset(X, NOISE), "independent labels", "the inputs seem to tell nothing of the label: nearest neigh"),
        (make_table(NOISE, *X.T, Y), "wrong label", "the inputs tell nothing of the label, but they tell column c4"),
        (Dataset(X, 2.5 + 0 * Y, encoding=Standardized(1)), "constant target", "all 400 training targets are the same"),
        (Dataset(X, NOISE * 1.5, encoding=Standardized(1)), "independent labels", "nothing of the target"),
    ],
)
def test_causes_in_the_data_are_named(data, kind, said):
    found = find_causes(learn(data), data)
    assert kind in [cause.kind for cause in found]
    assert said in " ".join(cause.text for cause in found)
    if "column c4" in said:
        assert found[0].settings == {"label": "c4"}


def test_dead_and_saturated_units_are_counted_by_layer():
    model = learn(GOOD, "relu", (20, 10), eta=0.1, epochs=1)
    params = [{name: leaf.copy() for name, leaf in layer.items()} for layer in model.params]
    params[0]["b"][:15] = -100
    found = find_causes(replace(model, params=params), GOOD)
    assert found[0] == Cause(
        "dead units", "15 of 20 units of layer 2 (ReLU) are dead: 0 for all examples", {"eta": "0.01"}
    )
    model = learn(GOOD, "tanh", epochs=1)
    params = [{name: 1000 * leaf for name, leaf in layer.items()} for layer in model.params]
    found = find_causes(replace(model, params=params), GOOD)
    assert (found[0].kind, found[0].text[:31]) == ("saturated units", "20 of 20 units of layer 2 (Tanh")


@pytest.mark.parametrize(
    ("settings", "kind", "eta"),
    [
        ({"eta": 0.00001}, "eta too small", "0.001"),
        ({"eta": 30.0, "sizes": ()}, "eta too large", "3"),
    ],
)
def test_eta_too_large_or_small_is_told_by_the_cost(settings, kind, eta):
    data = (
        GOOD if kind == "eta too small" else replace(GOOD, x=10 * GOOD.x, y=np.where(NOISE & (X[:, 2] > 0), 1 - Y, Y))
    )
    (found,) = find_causes(learn(data, **settings), data)
    assert (found.kind, found.settings["eta"]) == (kind, eta)


def test_a_boltzmann_machine_needs_more_epochs_not_another_eta():
    data = dr.data.load("digits")[0]
    machine = dr.RBM(64, 20, n_labels=10)
    found = find_causes(dr.fit(machine, data, epochs=1, eta=1e-4, batch_size=50), data)
    assert [(one.kind, dict(one.settings)) for one in found] == [("few epochs", {"epochs": 3})]


@pytest.mark.parametrize(
    "make",
    [
        lambda: (learn(GOOD, epochs=10), GOOD),
        lambda: (learn(GOOD, "relu", (20, 20), epochs=10, eta=0.1), GOOD),
        lambda: (learn(IMAGES, epochs=10, eta=0.1), IMAGES),
        lambda: (learn(data := Dataset(X, X[:, 0] * 3 + 1, encoding=Standardized(1)), eta=0.05), data),
        lambda: (learn(data := make_table(Y, *X.T, NOISE)), data),
        lambda: (learn(data := dr.data.load("digits")[0], epochs=3), data),
    ],
)
def test_a_healthy_run_has_no_causes(make: Callable[[], tuple[dr.Model, Dataset]]):
    assert find_causes(*make()) == ()


def test_examples_learned_by_heart_are_told_by_the_gap():
    data = Dataset(RNG.normal(size=(80, 60)), Y[:80])
    tilted = replace(data, x=data.x + 0.15 * (2 * Y[:80, None] - 1))
    model = learn(tilted, epochs=40)
    (found,) = find_causes(model, tilted, replace(tilted, y=NOISE[:80]))
    assert found.text.startswith("on the training set it has 100.0 % right: it learned these examples by heart")
    assert find_causes(model, tilted, tilted) == ()


def test_probes_find_rare_classes_and_need_enough_examples():
    rare = (X[:, 0] > 1.6).astype(int)
    assert 0 < rare.mean() < 0.1
    assert probe_classes(X, rare)
    assert probe_classes(X[:30], Y[:30]) is None
    assert probe_numbers(X[:30], X[:30, :1]) is None
    assert not probe_classes(np.repeat(X[:200], 2, axis=0), np.repeat(NOISE[:200], 2))  # copies do not tell


def test_better_means_by_the_interval():
    assert is_no_better(np.array([[7, 3], [4, 6]]))
    assert not is_no_better(np.array([[700, 300], [400, 600]]))
    assert not is_no_better(np.array([[900, 50], [20, 30]]))  # less often right than always the first class
    assert not is_no_better(np.array([[5, 0], [0, 0]]))
    assert is_no_better(np.array([[8, 0, 0], [0, 0, 2], [0, 1, 0]]))


def test_few_examples_that_a_probe_cannot_tell_leave_other_causes():
    bits = RNG.integers(0, 2, (64, 6))
    data = Dataset(bits - 0.5, bits[:, :4].sum(axis=1) % 2)
    found = find_causes(learn(data, epochs=1, eta=0.001), data)
    assert [one.kind for one in found] == ["independent labels", "eta too small"]


def test_classes_that_the_training_set_lacks_are_the_cause():
    data = Dataset(X, np.where(Y == 1, 2, Y), classes=("ash", "elm", "oak"))
    known, other = data.take(np.arange(200)), replace(data.take(np.arange(200, 400)), y=np.arange(200) % 2)
    found = find_causes(learn(known), known, other)
    assert [one.kind for one in found][:1] == ["unknown classes"]
    assert found[0].text == "100 of 200 test examples are of classes that the training set lacks: elm"
    assert find_causes(learn(known), known, data.take(np.arange(200, 400))) == ()


def test_dead_units_are_not_revived_by_a_larger_eta():
    model = learn(GOOD, "relu", epochs=1)
    params = [
        {name: 0 * leaf - (9 if name == "b" and not i else 0) for name, leaf in layer.items()}
        for i, layer in enumerate(model.params)
    ]
    assert [one.kind for one in find_causes(replace(model, params=params), GOOD)] == ["dead units"]


@pytest.mark.parametrize(
    ("output", "targets", "constant"),
    [
        (dr.ReLU(), [0.0, 1.0], 0.125),
        (dr.ReLU(), [4.0, 6.0], 0.5),
        (dr.Sigmoid(), [0.0, 1.0], 0.125),
        (dr.Tanh(), [-1.0, -1.0], 0.0),
    ],
    ids=str,
)
def test_the_best_constant_answer_of_the_quadratic_cost(output, targets, constant):
    """Gradient descent does not find it: the slope of ReLU at 0 is 0, and that of the others is small at their ends."""
    cost = dr.Quadratic(output)
    network = dr.Network([dr.Dense(1)], cost, (1,))
    model = dr.Model(network, network.init(0), Preprocessing(dr.encodings.Real()))
    assert _measure_constant(model, np.array(targets)[:, None]) == pytest.approx(constant)
