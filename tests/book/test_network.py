"""The first program: it trains as the listing does, also with functions of the reader's, and its errors."""

from __future__ import annotations

import re
import warnings

import numpy as np
import pytest
from tests.fields import has

from deltarule.book import network, network2, network_matrix
from deltarule.errors import InvalidArgument, ShapeError

from .conftest import seed
from .listing import Plain

EXACT = 1e-10


def compute_difference(net, plain):
    """Compute the largest difference between two weights or biases."""
    both = zip([*net.weights, *net.biases], [*plain.w, *plain.b], strict=True)
    return max(float(np.abs(ours - theirs).max()) for ours, theirs in both)


@pytest.mark.parametrize("hidden", [(30,), (20, 15), ()], ids=str)
@pytest.mark.parametrize("test_data", [False, True])
def test_it_trains_as_the_listing_does(some, hidden, test_data, capsys):
    sizes = [some.n_in, *hidden, 10]
    seed(1)
    plain = Plain(sizes)
    theirs = list(some.training)
    lines = [
        f"Epoch {j}: {plain.right(some.test)} / {len(some.test)}" if test_data else f"Epoch {j} complete"
        for j in plain.epochs(theirs, 3, 10, 3.0)
    ]
    seed(1)
    net = network.Network(sizes)
    net.SGD(some.training, 3, 10, 3.0, test_data=some.test if test_data else None)
    assert compute_difference(net, plain) < EXACT
    assert capsys.readouterr().out.splitlines() == lines
    assert all(ours is listed for ours, listed in zip(some.training, theirs, strict=True))  # shuffled in place alike


@pytest.mark.parametrize(("n", "m"), [(105, 10), (1000, 7), (5, 10)])
def test_a_short_last_mini_batch_is_used(some, n, m):
    seed(2)
    plain = Plain([some.n_in, 12, 10])
    list(plain.epochs(list(some.training[:n]), 2, m, 1.0))
    seed(2)
    net = network.Network([some.n_in, 12, 10])
    net.SGD(some.training[:n], 2, m, 1.0)
    assert compute_difference(net, plain) < EXACT


def test_weights_and_biases_can_be_replaced(some):
    seed(3)
    net, plain = network.Network([some.n_in, 8, 10]), Plain([some.n_in, 8, 10])
    assert net.num_layers == 3
    assert net.sizes == [some.n_in, 8, 10]
    net.weights = [w + 0 for w in plain.w]
    net.biases = [b + 0 for b in plain.b]
    for weights in (net.weights, plain.w):
        weights[0][:, :5] = 0.25
    kept = net.weights[0]
    net.update_mini_batch(some.training[:10], 0.5)
    plain.step(some.training[:10], 0.5)
    assert compute_difference(net, plain) < EXACT
    assert float(kept[0, 0]) == 0.25  # a step does not change arrays that the reader holds
    assert net.weights[0] is not kept


def test_a_layer_may_be_made_larger(some):
    net = network.Network([some.n_in, 8, 10])
    net.weights = [np.zeros((9, some.n_in)), np.zeros((10, 9))]
    net.biases = [np.zeros((9, 1)), np.zeros((10, 1))]
    net.update_mini_batch(some.training[:10], 0.5)
    assert net.feedforward(some.training[0][0]).shape == (10, 1)


def test_feedforward_takes_one_column_or_many(some):
    net = network.Network([some.n_in, 8, 10])
    many = np.concatenate([x for x, _ in some.training[:7]], axis=1)
    outputs = net.feedforward(many)
    assert outputs.shape == (10, 7)
    for i, (x, _) in enumerate(some.training[:7]):
        one = net.feedforward(x)
        assert one.shape == (10, 1)
        np.testing.assert_allclose(outputs[:, [i]], one, rtol=0, atol=1e-14)


def test_backprop_computes_the_gradient_of_one_example(some):
    seed(4)
    net = network.Network([some.n_in, 6, 10])
    seed(4)
    plain = Plain([some.n_in, 6, 10])
    x, y = some.training[0]
    nabla_b, nabla_w = net.backprop(x, y)
    expected_b, expected_w = plain.gradient(x, y)
    assert [b.shape for b in nabla_b] == [(6, 1), (10, 1)]
    assert [w.shape for w in nabla_w] == [(6, some.n_in), (10, 6)]
    for ours, theirs in zip([*nabla_b, *nabla_w], [*expected_b, *expected_w], strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-14)


def soften(a, y):
    return (a - y) / (1 + np.linalg.norm(a - y))


class OwnDerivative(network.Network):
    def cost_derivative(self, output_activations, y):
        assert output_activations.shape == (10, 1)  # a column, as in the book, not a whole mini-batch
        return soften(output_activations, y)


class OwnBackprop(network.Network):
    def backprop(self, x, y):
        nabla_b, nabla_w = super().backprop(x, y)
        return [2 * b for b in nabla_b], [2 * w for w in nabla_w]


def set_on_object(sizes):
    net = network.Network(sizes)
    net.cost_derivative = soften
    return net


@pytest.mark.parametrize("own", [OwnDerivative, set_on_object])
def test_a_cost_derivative_of_the_readers_takes_effect(some, own, capsys):
    seed(5)
    plain = Plain([some.n_in, 6, 10], error=lambda z, a, y: soften(a, y) * a * (1 - a))
    list(plain.epochs(list(some.training[:200]), 1, 10, 3.0))
    seed(5)
    net = own([some.n_in, 6, 10])
    net.SGD(some.training[:200], 1, 10, 3.0)
    assert compute_difference(net, plain) < EXACT


def test_a_backprop_of_the_readers_takes_effect(some):
    seed(6)
    plain = Plain([some.n_in, 6, 10])
    list(plain.epochs(list(some.training[:200]), 1, 10, 6.0))
    seed(6)
    net = OwnBackprop([some.n_in, 6, 10])
    net.SGD(some.training[:200], 1, 10, 3.0)
    assert compute_difference(net, plain) < EXACT


def test_a_neuron_of_the_readers_takes_effect(some, monkeypatch):
    """The sigmoid of the module is replaced, as in the exercise on a modified neuron."""
    monkeypatch.setattr(network, "sigmoid", np.tanh)
    monkeypatch.setattr(network, "sigmoid_prime", lambda z: 1 - np.tanh(z) ** 2)
    seed(7)
    net = network.Network([some.n_in, 6, 10])
    (x, y), weights = some.training[0], [w + 0 for w in net.weights]
    hidden = np.tanh(weights[0] @ x + net.biases[0])
    output = np.tanh(weights[1] @ hidden + net.biases[1])
    np.testing.assert_allclose(net.feedforward(x), output, rtol=0, atol=1e-13)
    net.update_mini_batch([(x, y)], 1.0)
    step = ((output - y) * (1 - output**2)) @ hidden.T
    np.testing.assert_allclose(net.weights[1], weights[1] - step, rtol=0, atol=1e-13)


def test_a_feedforward_of_the_readers_takes_effect(some):
    class Always(network.Network):
        def feedforward(self, a):
            assert a.shape == (some.n_in, 1)
            return np.eye(10)[:, [3]]

    threes = sum(y == 3 for _, y in some.test)
    assert Always([some.n_in, 10]).evaluate(some.test) == threes


def test_methods_of_a_subclass_are_called(some, capsys):
    calls = []

    class Watched(network.Network):
        def update_mini_batch(self, mini_batch, eta):
            calls.append((len(mini_batch), eta))

        def evaluate(self, test_data):
            return -1

    Watched([some.n_in, 10]).SGD(some.training[:25], 1, 10, 0.5, some.test)
    assert calls == [(10, 0.5), (10, 0.5), (5, 0.5)]
    assert capsys.readouterr().out == f"Epoch 0: -1 / {len(some.test)}\n"


def test_the_matrix_form_trains_to_the_same_weights(some, capsys):
    seed(8)
    net = network.Network([some.n_in, 8, 10])
    net.SGD(list(some.training), 1, 10, 3.0, some.test)
    seed(8)
    matrix = network_matrix.Network([some.n_in, 8, 10])
    matrix.SGD(list(some.training), 1, 10, 3.0, some.test)
    for ours, theirs in zip(net.weights, matrix.weights, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=EXACT)
    first, second = capsys.readouterr().out.splitlines()
    assert first == second


def test_a_zip_is_read_once_for_all_epochs(some, capsys):
    xs, ys = zip(*some.training, strict=True)
    net = network.Network([some.n_in, 10])
    once = zip(xs, ys, strict=True)
    net.SGD(once, 2, 10, 3.0, test_data=zip(*zip(*some.test, strict=True), strict=True))
    lines = capsys.readouterr().out.splitlines()
    assert [bool(re.fullmatch(rf"Epoch {j}: \d+ / {len(some.test)}", line)) for j, line in enumerate(lines)] == [
        True
    ] * 2
    with pytest.raises(InvalidArgument, match="zip", check=has(argument="training_data", value=[])):
        net.SGD(once, 1, 10, 3.0)


def test_sigmoid_does_not_overflow():
    net = network.Network([2, 1])
    net.weights = [np.array([[1e4, -1e4]])]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert net.feedforward(np.array([[0.0], [1.0]])).item() == 0.0
        assert network.sigmoid_prime(np.array([-1e5, 0.0, 1e5])).tolist() == [0.0, 0.25, 0.0]


REFUSED = [
    (
        lambda net, some: net.feedforward(some.training[0][0][:, 0]),
        ShapeError,
        {"argument": "shape of a"},
        r"a\.reshape\(\d+, 1\)",
    ),
    (lambda net, some: net.SGD([], 1, 10, 3.0), InvalidArgument, {"argument": "training_data", "value": []}, ""),
    (
        lambda net, some: net.SGD(some.training, 1, 0, 3.0),
        InvalidArgument,
        {"argument": "mini_batch_size", "value": 0},
        "",
    ),
    (
        lambda net, some: net.SGD(some.training, 3 / 2, 10, 3.0),
        InvalidArgument,
        {"argument": "epochs"},
        "write //",
    ),
    (lambda net, some: net.SGD(some.training, 1, 20 / 2, 3.0), InvalidArgument, {"value": 10.0}, "write //"),
    (
        lambda net, some: net.SGD(some.test, 1, 10, 3.0),
        ShapeError,
        {"argument": "shape of y", "position": "example 0", "value": ()},
        r"vectorized_result\(y\)",
    ),
    (
        lambda net, some: net.evaluate(some.training),
        ShapeError,
        {"argument": "shape of y", "value": (10, 1)},
        "digit",
    ),
    (lambda net, some: network.Network([784]), InvalidArgument, {"argument": "sizes", "value": [784]}, ""),
    (lambda net, some: network.Network([784, 0]), InvalidArgument, {"argument": "sizes", "value": [784, 0]}, ""),
    (lambda net, some: network.Network([784, 2.5]), InvalidArgument, {"argument": "sizes", "value": [784, 2.5]}, ""),
]


@pytest.mark.parametrize(("call", "kind", "fields", "remedy"), REFUSED)
def test_invalid_arguments_are_errors_with_a_remedy(some, call, kind, fields, remedy):
    with pytest.raises(kind) as error:
        call(network.Network([some.n_in, 10]), some)
    assert fields.items() <= vars(error.value).items()
    assert re.search(remedy, error.value.remedy)


XOR = [(np.array([[a], [b]], float), a ^ b) for a in (0, 1) for b in (0, 1)]


@pytest.mark.parametrize("module", [network, network_matrix, network2], ids=lambda module: module.__name__)
@pytest.mark.parametrize("own", [False, True])
def test_one_output_cannot_be_evaluated_by_the_highest(module, own):
    """The argmax of one output is always 0."""
    seed(4)
    net = module.Network([2, 2, 1])
    if own:
        net.feedforward = lambda a, theirs=net.feedforward: theirs(a)
    columns_of = [(x, np.array([[y]], float)) for x, y in XOR]
    with_argmax = [(x, int(np.argmax(y))) for x, y in columns_of]
    evaluate = net.accuracy if module is network2 else net.evaluate
    for data in (XOR, columns_of, with_argmax):
        with pytest.raises(InvalidArgument, check=has(argument="outputs", value=1)):
            evaluate(data)
    assert 0 <= sum((net.feedforward(x)[0, 0] > 0.5) == y for x, y in XOR) <= 4  # the remedy in the error


def test_two_outputs_are_trained_and_evaluated(capsys):
    seed(5)
    net = network.Network([2, 3, 2])
    net.SGD([(x, np.eye(2)[:, [y]]) for x, y in XOR], 2000, 4, 5.0, test_data=XOR)
    assert capsys.readouterr().out.splitlines()[-1] == "Epoch 1999: 4 / 4"


@pytest.mark.parametrize("own", [False, True])
def test_desired_outputs_as_evaluation_data_are_an_error(own):
    net = network.Network([2, 3])
    if own:
        net.feedforward = lambda a, theirs=net.feedforward: theirs(a)
    x = np.zeros((2, 1))
    with pytest.raises(ShapeError, match=r"int\(np.argmax\(y\)\), 2", check=has(value=(3, 1))):
        net.evaluate([(x, np.array([[0.0], [0.0], [1.0]]))])
    with pytest.raises(ShapeError, check=has(argument="y", value=[1.0, 0.0, 1.0])):
        net.evaluate([(x, np.array([[1.0], [0.0], [1.0]]))])
