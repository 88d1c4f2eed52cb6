"""Dense, Dropout and Flatten by hand; their gradients are in the contract."""

from __future__ import annotations

import numpy as np
import pytest
from tests.fields import has

from deltarule.core import random
from deltarule.core.activations import Sigmoid
from deltarule.core.initializers import He, Large
from deltarule.core.layer import Layer
from deltarule.core.layers import Dense, Dropout, Flatten
from deltarule.errors import DeltaruleError, InvalidArgument, ShapeError


def test_dense_by_hand():
    params = {"w": np.asarray([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]), "b": np.asarray([10.0, 20.0])}
    a = np.asarray([[1.0, 0.0, -1.0], [0.0, 2.0, 0.0]])
    z, cache = Dense(2).forward(params, a)
    assert z.tolist() == [[8.0, 18.0], [14.0, 30.0]]
    d_a, grads = Dense(2).backward(params, cache, np.asarray([[1.0, 0.0], [2.0, -1.0]]))
    assert d_a.tolist() == [[1.0, 2.0, 3.0], [-2.0, -1.0, 0.0]]
    assert grads["w"].tolist() == [[1.0, 4.0, -1.0], [0.0, -2.0, 0.0]]
    assert grads["b"].tolist() == [3.0, -1.0]


def test_the_perceptron_that_is_a_nand_gate():
    nand = {"w": np.asarray([[-2.0, -2.0]]), "b": np.asarray([3.0])}
    z, _ = Dense(1).forward(nand, np.asarray([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]))
    assert (z > 0).astype(int).ravel().tolist() == [1, 1, 1, 0]


def test_sigmoid_neurons_become_perceptrons_as_their_weights_grow():
    nand = {"w": 1000 * np.asarray([[-2.0, -2.0]]), "b": np.asarray([3000.0])}
    z, _ = Dense(1).forward(nand, np.asarray([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]))
    assert Sigmoid().function(z).ravel().tolist() == [1.0, 1.0, 1.0, 0.0]


def test_dense_hands_its_shapes_to_its_initializer():
    asked = []

    def initializer(rng, shape, n_in):
        asked.append((shape, n_in))
        return Large()(rng, shape, n_in)

    params = Dense(3, initializer).init(random.key(0), (5,))
    assert asked == [((3, 5), 5)]
    assert (params["w"].shape, params["b"].shape) == ((3, 5), (3,))


def test_only_the_weights_of_dense_are_regularized():
    assert (Dense(1).weights, Dropout().weights, Flatten().weights, Sigmoid().weights) == (("w",), (), (), ())


def test_dropout_in_use_drops_nothing():
    x = np.asarray([[1.0, 2.0, 3.0]])
    y, cache = Dropout(0.9).forward({}, x)
    assert y.tolist() == x.tolist()
    assert Dropout(0.9).backward({}, cache, x)[0].tolist() == x.tolist()


@pytest.mark.parametrize("p", [0.1, 0.5, 0.8])
def test_dropout_in_training_drops_a_fraction_p_and_preserves_the_mean(p):
    x = np.ones((100, 400))
    y, cache = Dropout(p).forward({}, x, random.key(1))
    # the rest is made larger by as much as is missing
    np.testing.assert_allclose(np.unique(y), [0.0, 1 / (1 - p)], rtol=1e-15)
    deviation = (p * (1 - p) / y.size) ** 0.5
    assert abs((y == 0).mean() - p) < 4 * deviation
    assert abs(y.mean() - 1) < 4 * deviation / (1 - p)
    # going back, the error passes where the signal passed, and as much larger
    np.testing.assert_array_equal(Dropout(p).backward({}, cache, 3 * x)[0], 3 * y)


def test_dropout_draws_a_mask_for_each_example():
    y, _ = Dropout(0.5).forward({}, np.ones((20, 64)), random.key(1))
    assert len({row.tobytes() for row in y}) == 20


def test_dropout_with_p_0_is_the_identity():
    x = np.linspace(-1, 1, 60).reshape(3, 20)
    assert Dropout(0.0).forward({}, x, random.key(1))[0].tolist() == x.tolist()


def test_flatten_lays_the_last_axis_out_fastest():
    x = np.arange(12.0).reshape(2, 2, 3)
    y, cache = Flatten().forward({}, x)
    assert y.tolist() == [[0, 1, 2, 3, 4, 5], [6, 7, 8, 9, 10, 11]]
    assert Flatten().backward({}, cache, y)[0].tolist() == x.tolist()
    assert Flatten().output_shape((2, 3)) == (6,)


@pytest.mark.parametrize("p", [1.0, -0.1, float("nan")])
def test_dropout_refuses_p_out_of_range(p):
    with pytest.raises(InvalidArgument) as error:
        Dropout(p)
    assert (error.value.argument, error.value.owner) == ("p", "Dropout")


@pytest.mark.parametrize(("given", "argument"), [((0,), "n_out"), (("30",), "n_out"), ((3, "he"), "initializer")])
def test_dense_refuses_invalid_arguments(given, argument):
    with pytest.raises(InvalidArgument, check=has(argument=argument, owner="Dense", value=given[-1])):
        Dense(*given)


def test_errors_of_dense_have_a_remedy():
    with pytest.raises(InvalidArgument, check=has(argument="initializer", value=He, remedy="write He()")):
        Dense(3, He)  # type: ignore[arg-type]
    with pytest.raises(ShapeError, check=has(argument="input_shape", value=(2, 3), remedy="put Flatten() before it")):
        Dense(4).output_shape((2, 3))


class Forth(Layer):
    def forward(self, params, x, rng=None):
        return x, None


class Whole(Forth):
    def backward(self, params, cache, d_y):
        return d_y, {}


def test_a_layer_must_define_forward_and_backward():
    with pytest.raises(TypeError, match=r"abstract.*Forth.*backward"):
        Forth()
    assert Whole().init(random.key(0), (3,)) == {}
    assert Whole().output_shape((3, 2)) == (3, 2)
    assert issubclass(ShapeError, DeltaruleError)
