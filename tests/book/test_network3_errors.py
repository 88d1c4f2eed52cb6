"""Errors of the book's third program."""

from __future__ import annotations

import numpy as np
import pytest
from tests.fields import has

from deltarule.book.network3 import ConvPoolLayer, FullyConnectedLayer, Network, SoftmaxLayer, linear
from deltarule.errors import DataError, DivergedError, InvalidArgument, ShapeError

from .three import M, pair, train, two_conv

CONV = {"filter_shape": (2, 1, 3, 2), "image_shape": (M, 1, 9, 8)}


@pytest.mark.parametrize(
    ("change", "error", "argument"),
    [
        ({"filter_shape": (2, 1, 3)}, InvalidArgument, "filter_shape"),
        ({"filter_shape": (0, 1, 3, 2)}, InvalidArgument, "filter_shape"),
        ({"filter_shape": (2.5, 1, 3, 2)}, InvalidArgument, "filter_shape"),
        ({"image_shape": 28}, InvalidArgument, "image_shape"),
        ({"poolsize": (2, 0)}, InvalidArgument, "poolsize"),
        ({"filter_shape": (2, 3, 3, 2)}, ShapeError, "image_shape"),
        ({"filter_shape": (2, 1, 9, 2)}, ShapeError, "image_shape"),
        ({"poolsize": (2, 9)}, ShapeError, "image_shape"),
        ({"activation_fn": np.tanh}, InvalidArgument, "activation_fn"),
        ({"activation_fn": "tanh"}, InvalidArgument, "activation_fn"),
        ({"activation_fn": []}, InvalidArgument, "activation_fn"),
    ],
)
def test_an_invalid_convolution_is_an_error(change, error, argument):
    arguments = CONV | change
    with pytest.raises(error, check=has(argument=argument, value=arguments[argument])) as raised:
        ConvPoolLayer(**arguments)
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
def test_an_invalid_dense_layer_is_an_error(arguments, argument):
    with pytest.raises(InvalidArgument) as error:
        FullyConnectedLayer(**arguments)
    assert (error.value.owner, error.value.argument) == ("FullyConnectedLayer", argument)
    assert error.value.value == arguments[argument]


def test_an_activation_is_checked_after_a_change():
    net = two_conv()
    net.layers[0].activation_fn = "tanh"
    with pytest.raises(InvalidArgument) as error:
        net.accuracy(pair())
    assert (error.value.owner, error.value.argument) == ("ConvPoolLayer", "activation_fn")


def test_weights_of_another_shape_are_an_error():
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
    ("change", "error", "fields", "word"),
    [
        (lambda a, b, c: [], InvalidArgument, {"argument": "layers", "value": []}, "ConvPoolLayer"),
        (lambda a, b, c: [a, b], InvalidArgument, {"argument": "layers"}, "SoftmaxLayer"),
        (lambda a, b, c: [a, c, c], InvalidArgument, {"argument": "layers"}, "SoftmaxLayer"),
        (lambda a, b, c: [a, "dense", c], InvalidArgument, {"argument": "layers"}, "FullyConnectedLayer"),
        (lambda a, b, c: [b, FullyConnectedLayer(4, 18), b, c], InvalidArgument, {"argument": "layers"}, "twice"),
        (lambda a, b, c: [a, c], ShapeError, {"position": "layer 1", "argument": "input"}, "4 numbers, got 2 × 3 × 3"),
        (
            lambda a, b, c: [a, ConvPoolLayer((2, 2, 2, 2), (M, 2, 4, 3)), c],
            ShapeError,
            {"position": "layer 1", "argument": "input", "remedy": ""},
            "2 × 4 × 3 = 24 numbers, got 2 × 3 × 3 = 18",
        ),
        (
            lambda a, b, c: [FullyConnectedLayer(9, 72), a, b, c],
            ShapeError,
            {"position": "layer 1", "remedy": "convolutions come before dense layers"},
            "72",
        ),
        (
            lambda a, b, c: [ConvPoolLayer((2, 1, 3, 2), (5, 1, 9, 8)), b, c],
            ShapeError,
            {"position": "layer 0", "argument": "image_shape", "value": (5, 1, 9, 8)},
            "mini_batch_size",
        ),
    ],
)
def test_layers_that_do_not_fit_are_an_error(change, error, fields, word):
    with pytest.raises(error, match=word, check=has(**fields)):
        Network(change(*layers()), M)


@pytest.mark.parametrize("size", [0, -1, 2.5, "10", None, True])
def test_a_mini_batch_size_must_be_a_whole_number_from_1(size):
    with pytest.raises(InvalidArgument, check=has(argument="mini_batch_size", value=size)):
        Network([SoftmaxLayer(4, 3)], size)


class Gone:
    """An object that cannot become an array."""


ZIP = zip(*pair(), strict=False)


@pytest.mark.parametrize(
    ("change", "error", "fields", "word"),
    [
        ({"mini_batch_size": 3}, InvalidArgument, {"argument": "mini_batch_size", "value": 3}, None),
        ({"epochs": 0}, InvalidArgument, {"argument": "epochs", "value": 0}, None),
        ({"epochs": 1.5}, InvalidArgument, {"argument": "epochs", "value": 1.5}, None),
        ({"eta": -1}, InvalidArgument, {"value": -1}, "eta"),
        ({"eta": "fast"}, InvalidArgument, {"argument": "eta", "value": "fast"}, None),
        (
            {"eta": lambda epoch: "fast"},
            InvalidArgument,
            {"argument": "eta", "owner": "epoch 0", "value": "fast"},
            None,
        ),
        ({"lmbda": -0.1}, InvalidArgument, {"argument": "lmbda", "value": -0.1}, None),
        ({"lmbda": "1"}, InvalidArgument, {"argument": "lmbda", "value": "1"}, None),
        ({"es": -1}, InvalidArgument, {"argument": "es", "value": -1}, None),
        ({"transform": "rotate"}, InvalidArgument, {"argument": "transform", "value": "rotate"}, None),
        ({"validation_data": None}, InvalidArgument, {"argument": "validation_data"}, "nothing"),
        ({"training_data": ZIP}, InvalidArgument, {"argument": "training_data"}, "zip"),
        ({"training_data": [pair()] * 3}, InvalidArgument, {"argument": "training_data"}, "list of 3"),
        ({"training_data": (Gone(), Gone())}, DataError, {"argument": "training_data"}, "object"),
        (
            {"training_data": (pair()[0], np.eye(3)[pair()[1]])},
            DataError,
            {"argument": "training_data"},
            r"float64, \(15, 3\)",
        ),
        (
            {"training_data": (pair()[0][:1], pair()[1][:1])},
            DataError,
            {"argument": "training_data", "value": 1},
            "mini-batch",
        ),
        ({"training_data": (pair()[0], pair()[1][:9])}, DataError, {}, "9 labels"),
        ({"training_data": (pair()[0][:, 1:], pair()[1])}, ShapeError, {"argument": "training_data"}, "71 numbers"),
        ({"test_data": (pair()[0], pair()[1] + 1)}, DataError, {"value": 3}, "test_data"),
        ({"training_data": (pair()[0] * np.nan, pair()[1])}, DataError, {}, "training_data: .*nan"),
    ],
)
def test_sgd_refuses_invalid_arguments(change, error, fields, word):
    with pytest.raises(error, match=word, check=has(**fields)):
        two_conv().SGD(**ARGUMENTS | change)


def test_an_eta_of_minus_zero_is_valid(capsys):
    two_conv().SGD(**ARGUMENTS | {"eta": lambda epoch: -epoch})


ARGUMENTS = {
    "training_data": pair(),
    "epochs": 1,
    "mini_batch_size": M,
    "eta": 0.1,
    "validation_data": pair(8, 2),
    "test_data": pair(8, 3),
}


@pytest.mark.filterwarnings("ignore:overflow")
def test_weights_that_are_no_longer_finite_are_an_error(capsys):
    net = two_conv(linear)
    with pytest.raises(DivergedError, match="step"):
        train(net, eta=1e30)


def test_a_softmax_with_one_output_is_an_error():
    with pytest.raises(InvalidArgument, check=has(owner="SoftmaxLayer", argument="n_out", value=1)):
        SoftmaxLayer(n_in=2, n_out=1)
