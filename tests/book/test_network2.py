"""The second program: costs, first weights, weight decay, monitoring and early stopping, as in the listing."""

from __future__ import annotations

import re
import warnings

import numpy as np
import pytest
from tests.fields import has

from deltarule.book import network2
from deltarule.errors import InvalidArgument, ShapeError

from .conftest import seed
from .listing import Plain, cross_entropy, cross_entropy_error, quadratic, quadratic_error
from .test_network import EXACT, compute_difference

COSTS = {
    "cross-entropy": (network2.CrossEntropyCost, cross_entropy_error, cross_entropy),
    "quadratic": (network2.QuadraticCost, quadratic_error, quadratic),
}
MONITORED = [f"monitor_{data}_{what}" for data in ("evaluation", "training") for what in ("cost", "accuracy")]
ALL = dict.fromkeys(MONITORED, True)
each_cost = pytest.mark.parametrize("cost", COSTS)


def make_networks(sizes, cost, large):
    """Make our network and the listing's with the same random numbers."""
    ours, error, value = COSTS[cost]
    seed(1)
    net = network2.Network(sizes, cost=ours)
    if large:
        net.large_weight_initializer()
    seed(1)
    plain = Plain(sizes, error, value, scaled=True)
    if large:
        plain = Plain(sizes, error, value)
    return net, plain


@each_cost
@pytest.mark.parametrize("large", [True, False], ids=["large", "default"])
@pytest.mark.parametrize(("lmbda", "monitored"), [(0.0, {}), (5.0, ALL)], ids=["plain", "regularized and monitored"])
def test_it_trains_as_the_listing_does(some, cost, large, lmbda, monitored, capsys):
    sizes = [some.n_in, 30, 10]
    net, plain = make_networks(sizes, cost, large)
    theirs, test = list(some.training), some.test[:100]
    expected = [[], [], [], []]
    seed(2)
    for _ in plain.epochs(theirs, 3, 10, 0.5, lmbda):
        if monitored:
            converted = [(x, network2.vectorized_result(y)) for x, y in test]
            expected[0].append(plain.mean_cost(converted, lmbda))
            expected[1].append(plain.right(test))
            expected[2].append(plain.mean_cost(theirs, lmbda))
            expected[3].append(plain.right([(x, np.argmax(y)) for x, y in theirs]))
    seed(2)
    returned = net.SGD(some.training, 3, 10, 0.5, lmbda, test, **monitored)
    assert compute_difference(net, plain) < EXACT
    assert all(ours is listed for ours, listed in zip(some.training, theirs, strict=True))
    assert isinstance(returned, tuple)
    for ours, listed in zip(returned, expected, strict=True):
        np.testing.assert_allclose(ours, listed, rtol=1e-9)
    assert [type(numbers[0]) for numbers in returned if numbers] == [float, int, float, int] * bool(monitored)
    capsys.readouterr()


def test_the_printed_lines(some, capsys):
    net = network2.Network([some.n_in, 10])
    evaluation_cost, evaluation_accuracy, training_cost, training_accuracy = net.SGD(
        some.training, 2, 10, 0.5, lmbda=0.1, evaluation_data=some.test, **ALL
    )
    expected = []
    for j in range(2):
        expected += [
            f"Epoch {j} training complete",
            f"Cost on training data: {training_cost[j]}",
            f"Accuracy on training data: {training_accuracy[j]} / 1000",
            f"Cost on evaluation data: {evaluation_cost[j]}",
            f"Accuracy on evaluation data: {evaluation_accuracy[j]} / {len(some.test)}",
            "",
        ]
    assert capsys.readouterr().out.splitlines() == expected


@pytest.mark.parametrize("place", range(4))
def test_each_flag_fills_one_list(some, place, capsys):
    net = network2.Network([some.n_in, 10])
    returned = net.SGD(some.training[:100], 2, 10, 0.5, evaluation_data=some.test, **{MONITORED[place]: True})
    assert [len(numbers) for numbers in returned] == [2 * (i == place) for i in range(4)]
    assert len(capsys.readouterr().out.splitlines()) == 2 * 3


def test_it_stops_after_n_epochs_without_a_better_accuracy(some, capsys, monkeypatch):
    accuracies = iter([3, 5, 5, 4, 6, 6, 6, 6, 9])
    monkeypatch.setattr(network2.Network, "accuracy", lambda self, data, convert=False: next(accuracies))
    net = network2.Network([some.n_in, 10])
    returned = net.SGD(
        some.training[:20], 30, 10, 0.5, 0.0, some.test, monitor_evaluation_accuracy=True, early_stopping_n=3
    )
    assert returned[1] == [3, 5, 5, 4, 6, 6, 6, 6]
    assert capsys.readouterr().out.splitlines()[-1] == f"Stopped early: 3 epochs without more than 6 / {len(some.test)}"


def test_early_stopping_works_without_monitoring(some, capsys):
    net = network2.Network([some.n_in, 10])
    assert net.SGD(some.training[:20], 30, 10, 0.0, evaluation_data=some.test, early_stopping_n=2) == ([], [], [], [])
    lines = [line for line in capsys.readouterr().out.splitlines() if line]
    assert lines[:3] == [f"Epoch {j} training complete" for j in range(3)]
    assert re.fullmatch(r"Stopped early: 2 epochs without more than \d+ / \d+", lines[3])


@pytest.mark.parametrize("large", [True, False])
def test_first_weights_have_their_standard_deviation(large):
    seed(3)
    net = network2.Network([400, 300, 10])
    if large:
        net.large_weight_initializer()
    assert abs(net.weights[0].std() * (1 if large else 20) - 1) < 0.02
    assert abs(net.biases[0].std() - 1) < 0.15


@each_cost
def test_value_and_delta_of_a_cost(cost):
    ours, error, value = COSTS[cost]
    z = np.array([[-1.0], [0.5], [2.0]])
    a, y = network2.sigmoid(z), np.array([[0.0], [1.0], [0.0]])
    assert ours.fn(a, y) == pytest.approx(value(a, y), rel=1e-12)
    np.testing.assert_allclose(ours.delta(z, a, y), error(z, a, y), rtol=1e-12)


def test_the_cross_entropy_of_outputs_0_and_1():
    y = np.array([[1.0], [0.0]])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert network2.CrossEntropyCost.fn(y, y) == 0.0
        assert network2.CrossEntropyCost.fn(1 - y, y) > 1e300


def test_total_cost_and_accuracy_convert_labels(some):
    seed(4)
    net = network2.Network([some.n_in, 10])
    as_vectors = [(x, network2.vectorized_result(y)) for x, y in some.test]
    assert net.accuracy(some.test) == net.accuracy(as_vectors, convert=True)
    assert net.total_cost(as_vectors, 2.0) == net.total_cost(some.test, 2.0, convert=True)
    decay = sum(float((w**2).sum()) for w in net.weights) / len(some.test)
    assert net.total_cost(as_vectors, 2.0) - net.total_cost(as_vectors, 0.0) == pytest.approx(decay)


class Cubic:
    """A cost of the reader's, for columns of one example."""

    @staticmethod
    def fn(a, y):
        assert a.shape == y.shape == (10, 1)
        return float(np.sum(np.abs(a - y) ** 3) / 3)

    @staticmethod
    def delta(z, a, y):
        assert z.shape == a.shape == y.shape == (10, 1)
        return (a - y) * np.abs(a - y) * a * (1 - a)


def test_a_cost_of_the_readers_takes_effect(some, capsys):
    seed(5)
    plain = Plain([some.n_in, 6, 10], Cubic.delta, Cubic.fn, scaled=True)
    list(plain.epochs(list(some.training[:100]), 1, 10, 3.0, 0.2))
    seed(5)
    net = network2.Network([some.n_in, 6, 10], cost=Cubic)
    costs = net.SGD(some.training[:100], 1, 10, 3.0, 0.2, monitor_training_cost=True)[2]
    assert compute_difference(net, plain) < EXACT
    assert costs == pytest.approx([plain.mean_cost(some.training[:100], 0.2)])


def test_a_cost_may_replace_only_the_value(some):
    class Doubled(network2.CrossEntropyCost):
        @staticmethod
        def fn(a, y):
            return 2 * network2.CrossEntropyCost.fn(a, y)

    net = network2.Network([some.n_in, 10])
    printed = net.total_cost(some.training[:50], 0.0)
    net.cost = Doubled
    assert net.total_cost(some.training[:50], 0.0) == pytest.approx(2 * printed, rel=1e-9)


def test_a_backprop_of_the_readers_takes_effect(some):
    class Halved(network2.Network):
        def backprop(self, x, y):
            nabla_b, nabla_w = super().backprop(x, y)
            return [b / 2 for b in nabla_b], [w / 2 for w in nabla_w]

    seed(6)
    net = network2.Network([some.n_in, 10])
    seed(6)
    halved = Halved([some.n_in, 10])
    net.update_mini_batch(some.training[:10], 0.5, 3.0, 1000)
    halved.update_mini_batch(some.training[:10], 1.0, 1.5, 1000)
    np.testing.assert_allclose(net.weights[0], halved.weights[0], rtol=0, atol=1e-14)


def test_only_a_mini_batch_with_decay_needs_n(some):
    net = network2.Network([some.n_in, 10])
    net.update_mini_batch(some.training[:10], 0.5)
    with pytest.raises(InvalidArgument, check=has(argument="n", value=None)):
        net.update_mini_batch(some.training[:10], 0.5, 5.0)


@pytest.mark.parametrize("wanted", [{"monitor_evaluation_cost": True}, {"early_stopping_n": 3}])
def test_monitoring_needs_evaluation_data(some, wanted):
    with pytest.raises(InvalidArgument, check=has(argument="evaluation_data")):
        network2.Network([some.n_in, 10]).SGD(some.training, 1, 10, 0.5, **wanted)


def test_a_zip_works_for_all_epochs(some, capsys):
    net = network2.Network([some.n_in, 10])
    training, evaluation = (zip(*zip(*data, strict=True), strict=True) for data in (some.training, some.test))
    returned = net.SGD(training, 3, 10, 0.5, evaluation_data=evaluation, monitor_evaluation_accuracy=True)
    assert min(returned[1]) > 0
    capsys.readouterr()


def test_several_labels_are_an_error():
    net = network2.Network([2, 3])
    data = [(np.zeros((2, 1)), np.array([[1.0], [0.0], [1.0]]))]
    with pytest.raises(ShapeError, check=has(argument="y", value=[1.0, 0.0, 1.0])):
        net.accuracy(data, convert=True)
    with pytest.raises(ShapeError, check=has(argument="y", value=[1.0, 0.0, 1.0])):
        net.SGD(data, 1, 1, 0.5, monitor_training_accuracy=True)


@pytest.mark.parametrize("n_out", [1, 3])
@pytest.mark.parametrize("own", [False, True])
def test_the_cost_of_digits_needs_ten_outputs_or_the_readers_vectorized_result(n_out, own, monkeypatch):
    net, data = network2.Network([2, n_out]), [(np.zeros((2, 1)), 0)]
    if own:
        net.feedforward = lambda a, theirs=net.feedforward: theirs(a)
    with pytest.raises(ShapeError, check=has(argument="outputs", value=n_out)):
        net.total_cost(data, 0.0, convert=True)
    monkeypatch.setattr(network2, "vectorized_result", lambda y: np.eye(n_out)[:, [y]])
    assert net.total_cost(data, 0.0, convert=True) == net.total_cost([(data[0][0], np.eye(n_out)[:, [0]])], 0.0)
