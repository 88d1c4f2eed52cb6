"""Networks: the chain of chapter 5 by hand, the adder of chapter 1, shapes and their errors."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, dataclass
from functools import partial
from math import exp

import numpy as np
import pytest
from tests.fields import has

from deltarule.core import random
from deltarule.core.activations import ReLU, ShiftedSigmoid, Sigmoid, Tanh
from deltarule.core.convolution import Conv
from deltarule.core.costs import CrossEntropy, LogLikelihood, Quadratic
from deltarule.core.distortions import Shift
from deltarule.core.initializers import He, Large
from deltarule.core.layer import Layer
from deltarule.core.layers import Dense, Dropout, Flatten
from deltarule.core.network import ACTIVATIONS, Network
from deltarule.core.pooling import MaxPool
from deltarule.errors import InvalidArgument, ShapeError


@dataclass(frozen=True)
class Count(Layer):
    """A layer that counts its training examples, without a gradient."""

    def init(self, rng, input_shape):
        return {"seen": np.zeros(())}

    def forward(self, params, x, rng=None):
        return x, x.shape[0]

    def backward(self, params, cache, d_y):
        return d_y, {"seen": np.zeros(())}

    def after_step(self, params, cache):
        return {"seen": params["seen"] + cache}


def neuron(w: float, b: float) -> dict[str, np.ndarray]:
    return {"w": np.asarray([[w]]), "b": np.asarray([b])}


@pytest.mark.parametrize(("w", "b", "first"), [(0.6, 0.9, 0.8176), (2.0, 2.0, 0.9820)])
def test_the_neuron_of_chapter_3(w, b, first):
    network = Network.dense([1, 1], cost="quadratic")
    x, y = np.asarray([[1.0]]), np.asarray([[0.0]])
    assert network.outputs([neuron(w, b)], x).item() == pytest.approx(first, abs=5e-5)
    # equations (55) and (56): both derivatives are a σ'(z)
    (grads,) = network.gradients([neuron(w, b)], x, y)
    a = 1 / (1 + exp(-w - b))
    assert grads["w"].item() == pytest.approx(a * a * (1 - a))
    assert grads["b"].item() == pytest.approx(a * a * (1 - a))


def test_the_chain_of_four_neurons():
    """Check ∂C/∂b₁ = σ′(z₁) w₂ σ′(z₂) w₃ σ′(z₃) w₄ σ′(z₄) ∂C/∂a₄ (chapter 5)."""
    weights, biases = [0.7, -1.3, 0.9, 2.0], [0.2, -0.4, 0.1, 0.3]
    a, product = 0.6, 1.0
    for i, (w, b) in enumerate(zip(weights, biases, strict=True)):
        a = 1 / (1 + exp(-(w * a + b)))
        product *= (w if i > 0 else 1) * a * (1 - a)
    by_hand = product * (a - 1.0)
    network = Network.dense([1, 1, 1, 1, 1], cost="quadratic")
    params = [{}] * 7
    params[::2] = [neuron(w, b) for w, b in zip(weights, biases, strict=True)]
    grads = network.gradients(params, np.asarray([[0.6]]), np.asarray([[1.0]]))
    assert grads[0]["b"].item() == pytest.approx(by_hand, rel=1e-13)
    assert grads[0]["w"].item() == pytest.approx(0.6 * by_hand, rel=1e-13)


def test_a_chain_built_to_explode_grows_by_25_per_layer():
    # w = 100 and z = 0 throughout, so |w σ'(z)| = 25
    network = Network.dense([1, 1, 1, 1], cost="quadratic")
    params = [neuron(100, 0), {}, neuron(100, -50), {}, neuron(100, -50)]
    grads = network.gradients(params, np.asarray([[0.0]]), np.asarray([[0.0]]))
    assert [g["b"].item() for g in grads[::2]] == pytest.approx([0.125 * 25 * 25, 0.125 * 25, 0.125])


def test_two_layers_against_the_equations_written_as_loops():
    """Check BP1 to BP4 as sums over indices, one example at a time, as in chapter 2."""
    rng = np.random.default_rng(0)
    network = Network.dense([3, 4, 2], cost="quadratic")
    params = network.init(5)
    x, y = rng.normal(size=(6, 3)), rng.uniform(size=(6, 2))
    (w1, b1), (w2, b2) = (params[0]["w"], params[0]["b"]), (params[2]["w"], params[2]["b"])
    nabla = [np.zeros_like(p) for p in (w1, b1, w2, b2)]
    for n in range(6):
        a1 = [1 / (1 + exp(-sum(w1[j, k] * x[n, k] for k in range(3)) - b1[j])) for j in range(4)]
        a2 = [1 / (1 + exp(-sum(w2[j, k] * a1[k] for k in range(4)) - b2[j])) for j in range(2)]
        delta2 = [(a2[j] - y[n, j]) * a2[j] * (1 - a2[j]) for j in range(2)]
        delta1 = [sum(w2[j, k] * delta2[j] for j in range(2)) * a1[k] * (1 - a1[k]) for k in range(4)]
        for j in range(4):
            nabla[1][j] += delta1[j] / 6
            for k in range(3):
                nabla[0][j, k] += x[n, k] * delta1[j] / 6
        for j in range(2):
            nabla[3][j] += delta2[j] / 6
            for k in range(4):
                nabla[2][j, k] += a1[k] * delta2[j] / 6
    grads = network.gradients(params, x, y)
    for found, by_hand in zip((grads[0]["w"], grads[0]["b"], grads[2]["w"], grads[2]["b"]), nabla, strict=True):
        np.testing.assert_allclose(found, by_hand, rtol=1e-12)


def test_two_bits_are_added_out_of_nand_gates():
    """Check the adder of chapter 1: five perceptrons, sum and carry; a gate with a double input has the weight −4."""
    step = lambda z: (z > 0).astype(float)  # noqa: E731
    gate = {"w": np.asarray([[-2.0, -2.0]]), "b": np.asarray([3.0])}
    merged = {"w": np.asarray([[-4.0]]), "b": np.asarray([3.0])}

    def nand(a, b):
        return step(Dense(1).forward(gate, np.stack([a, b], axis=1))[0][:, 0])

    x1, x2 = np.asarray([0.0, 0, 1, 1]), np.asarray([0.0, 1, 0, 1])
    first = nand(x1, x2)
    total = nand(nand(x1, first), nand(first, x2))
    carry = step(Dense(1).forward(merged, first[:, None])[0][:, 0])
    assert total.tolist() == [0, 1, 1, 0]
    assert carry.tolist() == [0, 0, 0, 1]


def test_dense_shorthand():
    network = Network.dense([5, 4, 3], cost="log-likelihood", hidden="relu", init="he")
    assert network.layers == (Dense(4, He()), ReLU(), Dense(3, He()))
    assert network.cost == LogLikelihood()
    assert network.shapes == [(5,), (4,), (4,), (3,)]
    assert network.n_out == 3
    assert Network.dense([2, 1]) == Network([Dense(1)], CrossEntropy(), (2,))
    chosen = Network.dense([2, 2, 1], cost=Quadratic(Tanh()), hidden=ShiftedSigmoid(2, -1), init=Large())
    assert chosen.layers == (Dense(2, Large()), ShiftedSigmoid(2, -1), Dense(1, Large()))
    assert ACTIVATIONS["two-sigma"] == ShiftedSigmoid(2, -1)


def test_a_network_is_a_value():
    network = Network([Flatten(), Dense(2)], CrossEntropy(), [2, 3])
    assert network == Network((Flatten(), Dense(2)), CrossEntropy(), (2, 3))
    assert Network([Dense(2)], CrossEntropy(), 3) == Network([Dense(2)], CrossEntropy(), (3,))
    assert hash(network) == hash(Network((Flatten(), Dense(2)), CrossEntropy(), (2, 3)))
    with pytest.raises(FrozenInstanceError):
        network.cost = Quadratic()


def test_init_is_a_function_of_the_seed_and_every_layer_draws_its_own():
    network = Network.dense([4, 4, 4])
    first, again, other = network.init(1), network.init(1), network.init(2)
    assert first[0]["w"].tolist() == again[0]["w"].tolist()
    assert first[0]["w"].tolist() != other[0]["w"].tolist()
    assert first[0]["w"].tolist() != first[2]["w"].tolist()


def test_in_use_dropout_is_off_and_in_training_every_layer_has_its_own_mask():
    network = Network([Dropout(0.5), Dropout(0.5), Dense(1)], CrossEntropy(), (200,))
    params = network.init(0)
    x = np.ones((4, 200))
    _, caches = network.forward(params, x, random.key(3))
    agreement = ((caches[0] == 0) == (caches[1] == 0)).mean()
    assert abs(agreement - 0.5) < 4 * 0.5 / 800**0.5
    z, caches = network.forward(params, x)
    assert caches[:2] == [None, None]
    assert network.outputs(params, x).tolist() == CrossEntropy().activation(z).tolist()
    assert network.value(params, x, np.ones((4, 1))) == CrossEntropy().value(z, np.ones((4, 1)))


def test_after_step_updates_parameters_without_gradients():
    network = Network([Count(), Dense(1)], CrossEntropy(), (2,))
    params = network.init(0)
    _, caches = network.backpropagation(params, np.ones((5, 2)), np.ones((5, 1)))
    kept = network.after_step(params, caches)
    assert kept[0] == {"seen": 5}
    assert kept[1] == params[1]


@pytest.mark.parametrize(
    ("make", "argument"),
    [
        (lambda: Network([Dense(3), ReLU, Dense(2)], CrossEntropy(), 2), "layer 1"),
        (lambda: Network([Dense], CrossEntropy(), 2), "layer 0"),
        (lambda: Network(["relu"], CrossEntropy(), 2), "layer 0"),
        (lambda: Network([Dense(2)], CrossEntropy, 2), "cost"),
        (lambda: Network([Dense(2)], "quadratic", 2), "cost"),
        (lambda: Network(Dense(2), CrossEntropy(), 2), "layers"),
        (lambda: Network("relu", CrossEntropy(), 2), "layers"),
        *(
            (partial(Network, [Dense(2)], CrossEntropy(), shape), "input_shape")
            for shape in (0, 784.0, "784", None, (), (0,), (28, True), ([28],))
        ),
        (lambda: Network.dense([3, 2, 1], hidden=Tanh), "layer 1"),
        (lambda: Network.dense([3, 2], cost=Quadratic), "cost"),
        (lambda: Network.dense([3, 2], init=He), "initializer"),
        (lambda: Network.dense([3]), "sizes"),
        (lambda: Network.dense(3, 2, 1), "sizes"),
        (lambda: Network.dense([3, 0]), "sizes"),
        (lambda: Network.dense([3, 2.0]), "sizes"),
        (lambda: Network.dense([3, 2], cost="entropy"), "cost"),
        (lambda: Network.dense([3, 2], hidden="relo"), "hidden"),
        (lambda: Network.dense([3, 2], init="small"), "init"),
    ],
)
def test_errors_name_the_argument(make, argument):
    with pytest.raises(InvalidArgument, check=has(argument=argument)):
        make()


def test_errors_have_a_remedy_or_list_the_names():
    with pytest.raises(InvalidArgument, check=has(argument="layer 0", value=Dense, remedy="write Dense(…)")):
        Network([Dense], CrossEntropy(), 2)
    with pytest.raises(
        InvalidArgument, check=has(value="entropy", expected="'quadratic', 'cross-entropy' or 'log-likelihood'")
    ):
        Network.dense([3, 2], cost="entropy")


@pytest.mark.parametrize(
    ("layers", "position", "argument"),
    [
        ([], "", "layers"),
        ([Sigmoid(), Dense(2)], "layer 1", "input_shape"),
        ([Sigmoid()], "layer 0", "output_shape"),
    ],
)
def test_layers_that_do_not_fit_are_refused(layers, position, argument):
    with pytest.raises(ShapeError, check=has(position=position, argument=argument)):
        Network(layers, CrossEntropy(), (2, 2))


def test_numpy_integers_become_pythons_own():
    """Check that sizes given as NumPy's integers are printed and compared as Python's own."""
    four, three = np.int64(4), np.uint8(3)
    layers = [Conv(four, three, three), MaxPool((three, np.int32(1))), Flatten(), Dense(four)]
    network = Network(layers, CrossEntropy(), np.array([28, 28, 1]))
    same = Network([Conv(4, 3, 3), MaxPool((3, 1)), Flatten(), Dense(4)], CrossEntropy(), (28, 28, 1))
    assert repr(network) == repr(same)
    assert repr(Shift(three)) == repr(Shift(3))
    assert Network.dense([four, three]) == Network.dense([4, 3])


def test_one_set_of_parameters_for_each_layer():
    network = Network.dense([2, 2, 1])
    with pytest.raises(ValueError, match="zip"):
        network.forward(network.init(0)[:2], np.ones((1, 2)))
