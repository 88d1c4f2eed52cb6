"""What the book's third program refuses, and what it says then."""

from __future__ import annotations

import numpy as np
import pytest

from deltarule.book.network3 import ConvPoolLayer, FullyConnectedLayer, Network, SoftmaxLayer, linear
from deltarule.errors import DataError, DivergedError, InvalidArgument, ShapeError

from .three import M, learn, pair, two_conv

CONV = {"filter_shape": (2, 1, 3, 2), "image_shape": (M, 1, 9, 8)}


@pytest.mark.parametrize(
    ("change", "error", "argument", "said"),
    [
        ({"filter_shape": (2, 1, 3)}, InvalidArgument, "filter_shape", r"4 whole numbers from 1, got \(2, 1, 3\)"),
        ({"filter_shape": (0, 1, 3, 2)}, InvalidArgument, "filter_shape", "4 whole numbers"),
        ({"filter_shape": (2.5, 1, 3, 2)}, InvalidArgument, "filter_shape", "4 whole numbers"),
        ({"image_shape": 28}, InvalidArgument, "image_shape", "4 whole numbers from 1, got 28"),
        ({"poolsize": (2, 0)}, InvalidArgument, "poolsize", "2 whole numbers from 1"),
        ({"filter_shape": (2, 3, 3, 2)}, ShapeError, "image_shape", "images of 3 feature maps, the second number of"),
        ({"filter_shape": (2, 1, 9, 2)}, ShapeError, "image_shape", r"10 × 3 at least, .* got \(2, 1, 9, 8\)"),
        ({"poolsize": (2, 9)}, ShapeError, "image_shape", r"4 × 10 at least, .* got \(2, 1, 9, 8\)"),
        ({"activation_fn": np.tanh}, InvalidArgument, "activation_fn", "expected sigmoid, tanh, ReLU or linear"),
        ({"activation_fn": "tanh"}, InvalidArgument, "activation_fn", "got 'tanh'"),
        ({"activation_fn": []}, InvalidArgument, "activation_fn", r"got \[\]"),
    ],
)
def test_what_is_no_convolution(change, error, argument, said):
    with pytest.raises(error, match=said) as raised:
        ConvPoolLayer(**{**CONV, **change})
    assert raised.value.argument == argument
    assert raised.value.owner.startswith("ConvPoolLayer")


@pytest.mark.parametrize(
    ("arguments", "argument"),
    [
        ({"n_in": 0, "n_out": 3}, "n_in"),
        ({"n_in": 3, "n_out": 2.0}, "n_out"),
        ({"n_in": 3, "n_out": 2, "p_dropout": 1}, "p_dropout"),
        ({"n_in": 3, "n_out": 2, "p_dropout": "half"}, "p_dropout"),
        ({"n_in": 3, "n_out": 2, "activation_fn": max}, "activation_fn"),
    ],
)
def test_what_is_no_dense_layer(arguments, argument):
    with pytest.raises(InvalidArgument) as error:
        FullyConnectedLayer(**arguments)
    assert (error.value.owner, error.value.argument) == ("FullyConnectedLayer", argument)
    assert error.value.value == arguments[argument]


def test_an_activation_that_was_put_there_later():
    net = two_conv()
    net.layers[0].activation_fn = "tanh"
    with pytest.raises(InvalidArgument) as error:
        net.accuracy(pair())
    assert (error.value.owner, error.value.argument) == ("ConvPoolLayer", "activation_fn")


def test_weights_of_another_shape():
    layer = SoftmaxLayer(3, 2)
    with pytest.raises(ShapeError) as error:
        layer.w = np.ones((2, 3))
    assert (error.value.argument, error.value.owner) == ("shape of w", "SoftmaxLayer(n_in=3, n_out=2)")
    assert (error.value.expected, error.value.value) == ("(3, 2)", (2, 3))
    with pytest.raises(ShapeError) as error:
        layer.b.set_value([1, 2, 3])
    assert (error.value.expected, error.value.value) == ("(2,)", (3,))
    with pytest.raises(InvalidArgument) as error:
        layer.b = "many"
    assert (error.value.argument, error.value.value) == ("b", "many")


def layers():
    return [ConvPoolLayer((2, 1, 3, 2), (M, 1, 9, 8)), FullyConnectedLayer(2 * 3 * 3, 4), SoftmaxLayer(4, 3)]


@pytest.mark.parametrize(
    ("change", "error", "said"),
    [
        (lambda a, b, c: [], InvalidArgument, r"layers: expected a list of ConvPoolLayer.*, got \[\]"),
        (
            lambda a, b, c: [a, b],
            InvalidArgument,
            "layers: expected a SoftmaxLayer, which owns the cost, as the last layer and no other",
        ),
        (lambda a, b, c: [a, c, c], InvalidArgument, "as the last layer and no other"),
        (lambda a, b, c: [a, "dense", c], InvalidArgument, "expected a list of ConvPoolLayer"),
        (lambda a, b, c: [b, FullyConnectedLayer(4, 18), b, c], InvalidArgument, "twice"),
        (
            lambda a, b, c: [a, c],
            ShapeError,
            r"layer 1: input of SoftmaxLayer\(.*\): expected 4 numbers, got 2 × 3 × 3 = 18",
        ),
        (
            lambda a, b, c: [a, ConvPoolLayer((2, 2, 2, 2), (M, 2, 4, 3)), c],
            ShapeError,
            r"layer 1: .* expected 2 × 4 × 3 = 24 numbers, got 2 × 3 × 3 = 18 numbers$",
        ),
        (
            lambda a, b, c: [FullyConnectedLayer(9, 72), a, b, c],
            ShapeError,
            "got 72 numbers; convolutions come before dense layers",
        ),
        (
            lambda a, b, c: [ConvPoolLayer((2, 1, 3, 2), (5, 1, 9, 8)), b, c],
            ShapeError,
            r"layer 0: image_shape of .*mini_batch_size, 2, as its first number, got \(5, 1, 9, 8\)",
        ),
    ],
)
def test_layers_that_make_no_network(change, error, said):
    with pytest.raises(error, match=said):
        Network(change(*layers()), M)


@pytest.mark.parametrize("size", [0, -1, 2.5, "10", None, True])
def test_a_mini_batch_size_is_a_whole_number(size):
    with pytest.raises(InvalidArgument, match="mini_batch_size"):
        Network([SoftmaxLayer(4, 3)], size)


class Gone:
    """What cannot be an array."""


@pytest.mark.parametrize(
    ("change", "error", "said"),
    [
        ({"mini_batch_size": 3}, InvalidArgument, "mini_batch_size: expected 2, .*, got 3"),
        ({"epochs": 0}, InvalidArgument, "epochs: expected a whole number from 1, got 0"),
        ({"epochs": 1.5}, InvalidArgument, r"epochs: .* got 1\.5"),
        ({"eta": -1}, InvalidArgument, "expected a number from 0 for eta, got -1"),
        ({"eta": "fast"}, InvalidArgument, "eta: expected a number, a function of the epoch, .* got 'fast'"),
        ({"eta": lambda epoch: -epoch}, None, ""),  # −0 is no harm
        ({"eta": lambda epoch: "fast"}, InvalidArgument, "eta of epoch 0: expected a number from 0, got 'fast'"),
        ({"lmbda": -0.1}, InvalidArgument, "lmbda: expected a number from 0, got -0.1"),
        ({"lmbda": "1"}, InvalidArgument, "lmbda: .* got '1'"),
        ({"es": -1}, InvalidArgument, "es: expected a whole number from 0, got -1"),
        ({"transform": "rotate"}, InvalidArgument, "augmentation of Training: expected .*, got 'rotate'"),
        ({"validation_data": None}, InvalidArgument, "validation_data: expected a pair .*, got nothing"),
        (
            {"training_data": zip(*pair(), strict=False)},
            InvalidArgument,
            r"training_data: expected a pair \(x, y\).* got a zip",
        ),
        ({"training_data": [pair()] * 3}, InvalidArgument, "training_data: expected a pair .*, got a list of 3"),
        ({"training_data": (Gone(), Gone())}, DataError, "training_data: expected x to be numbers"),
        ({"training_data": (pair()[0], np.eye(3)[pair()[1]])}, DataError, r"y of float64, \(15, 3\)"),
        (
            {"training_data": (pair()[0][:1], pair()[1][:1])},
            DataError,
            "training_data: expected the examples of one mini-batch or more, 2, got 1",
        ),
        ({"training_data": (pair()[0], pair()[1][:9])}, DataError, "each of 15 examples, got 9 labels"),
        (
            {"training_data": (pair()[0][:, 1:], pair()[1])},
            ShapeError,
            r"expected examples of 1 × 9 × 8 numbers, as .* takes, got 71 numbers",
        ),
        (
            {"test_data": (pair()[0], pair()[1] + 1)},
            DataError,
            "y of test_data: expected whole numbers from 0 to 2, got 3",
        ),
        (
            {"training_data": (pair()[0] * np.nan, pair()[1])},
            DataError,
            "example 0, .*: x of training_data: .* got nan",
        ),
    ],
)
def test_what_sgd_refuses(change, error, said, capsys):
    given = {
        "training_data": pair(),
        "epochs": 1,
        "mini_batch_size": M,
        "eta": 0.1,
        "validation_data": pair(8, 2),
        "test_data": pair(8, 3),
        **change,
    }
    net = two_conv()
    if error is None:
        net.SGD(**given)
        return
    with pytest.raises(error, match=said):
        net.SGD(**given)


@pytest.mark.filterwarnings("ignore:overflow")
def test_weights_that_stop_being_finite_are_said(capsys):
    net = two_conv(linear)
    with pytest.raises(DivergedError, match="epoch 0, step"):
        learn(net, eta=1e30)


def test_a_softmax_of_one_output_is_always_1():
    with pytest.raises(InvalidArgument, match="the softmax of one is 1") as error:
        SoftmaxLayer(n_in=2, n_out=1)
    assert (error.value.owner, error.value.argument, error.value.value) == ("SoftmaxLayer", "n_out", 1)
