"""What the book's third program refuses, and what it says then."""

from __future__ import annotations

import numpy as np
import pytest

from deltarule.book.network3 import ConvPoolLayer, FullyConnectedLayer, Network, SoftmaxLayer, linear
from deltarule.errors import DataError, DivergedError, InvalidArgument, ShapeError

from .three import M, learn, pair, two_conv

CONV = {"filter_shape": (2, 1, 3, 2), "image_shape": (M, 1, 9, 8)}


@pytest.mark.parametrize(
    ("change", "error", "said"),
    [
        (
            {"filter_shape": (2, 1, 3)},
            InvalidArgument,
            r"ConvPoolLayer: filter_shape \(2, 1, 3\): give 4 whole numbers",
        ),
        ({"filter_shape": (0, 1, 3, 2)}, InvalidArgument, "filter_shape"),
        ({"filter_shape": (2.5, 1, 3, 2)}, InvalidArgument, "filter_shape"),
        ({"image_shape": 28}, InvalidArgument, "image_shape 28: give 4 whole numbers from 1"),
        ({"poolsize": (2, 0)}, InvalidArgument, "poolsize"),
        ({"filter_shape": (2, 3, 3, 2)}, ShapeError, "filters for 3 feature maps, images of 1: the second numbers of"),
        ({"filter_shape": (2, 1, 9, 2)}, ShapeError, "need images of 10 × 3 at least, not 9 × 8"),
        ({"poolsize": (2, 9)}, ShapeError, "a pool of 2 × 9 need images of 4 × 10 at least, not 9 × 8"),
        (
            {"activation_fn": np.tanh},
            InvalidArgument,
            "activation_fn .* is not known; give sigmoid, tanh, ReLU or linear",
        ),
        ({"activation_fn": "tanh"}, InvalidArgument, "activation_fn 'tanh' is not known"),
        ({"activation_fn": []}, InvalidArgument, "is not known"),
    ],
)
def test_what_is_no_convolution(change, error, said):
    with pytest.raises(error, match=said):
        ConvPoolLayer(**{**CONV, **change})


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"n_in": 0, "n_out": 3}, r"FullyConnectedLayer: n_in and n_out \(0, 3\): give 2 whole numbers"),
        ({"n_in": 3, "n_out": 2.0}, "n_in and n_out"),
        ({"n_in": 3, "n_out": 2, "p_dropout": 1}, "p_dropout 1: the share"),
        ({"n_in": 3, "n_out": 2, "p_dropout": "half"}, "p_dropout 'half'"),
        ({"n_in": 3, "n_out": 2, "activation_fn": max}, "activation_fn"),
    ],
)
def test_what_is_no_dense_layer(arguments, said):
    with pytest.raises(InvalidArgument, match=said):
        FullyConnectedLayer(**arguments)


def test_weights_of_another_shape():
    layer = SoftmaxLayer(3, 2)
    with pytest.raises(
        ShapeError, match=r"SoftmaxLayer\(n_in=3, n_out=2\): w has shape \(3, 2\); one of shape \(2, 3\)"
    ):
        layer.w = np.ones((2, 3))
    with pytest.raises(ShapeError, match=r"shape \(3,\) cannot take the place of one of shape \(2,\)"):
        layer.b.set_value([1, 2, 3])
    with pytest.raises(InvalidArgument, match="b must be numbers, not 'many'"):
        layer.b = "many"


def layers():
    return [ConvPoolLayer((2, 1, 3, 2), (M, 1, 9, 8)), FullyConnectedLayer(2 * 3 * 3, 4), SoftmaxLayer(4, 3)]


@pytest.mark.parametrize(
    ("change", "error", "said"),
    [
        (lambda a, b, c: [], InvalidArgument, r"layers \[\]: give a list of ConvPoolLayer"),
        (lambda a, b, c: [a, b], InvalidArgument, "the last layer, and no other, must be a SoftmaxLayer"),
        (lambda a, b, c: [a, c, c], InvalidArgument, "the last layer, and no other"),
        (lambda a, b, c: [a, "dense", c], InvalidArgument, "give a list of ConvPoolLayer"),
        (lambda a, b, c: [b, FullyConnectedLayer(4, 18), b, c], InvalidArgument, "twice"),
        (
            lambda a, b, c: [a, c],
            ShapeError,
            r"layer 1: SoftmaxLayer\(.*\) takes 4 numbers, but is given 2 × 3 × 3 = 18",
        ),
        (
            lambda a, b, c: [a, ConvPoolLayer((2, 2, 2, 2), (M, 2, 4, 3)), c],
            ShapeError,
            r"layer 1: .* takes 2 × 4 × 3 = 24 numbers, but is given 2 × 3 × 3 = 18 numbers$",
        ),
        (
            lambda a, b, c: [FullyConnectedLayer(9, 72), a, b, c],
            ShapeError,
            "is given 72 numbers; convolutions come before dense layers",
        ),
        (
            lambda a, b, c: [ConvPoolLayer((2, 1, 3, 2), (5, 1, 9, 8)), b, c],
            ShapeError,
            "layer 0: .* takes mini-batches of 5, the first number of image_shape, but the network's are of 2",
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
        ({"mini_batch_size": 3}, InvalidArgument, "mini_batch_size 3: this network was made for mini-batches of 2"),
        ({"epochs": 0}, InvalidArgument, "epochs: expected a whole number from 1, got 0"),
        ({"epochs": 1.5}, InvalidArgument, r"epochs: .* got 1\.5"),
        ({"eta": -1}, InvalidArgument, "expected a number from 0 for eta, got -1"),
        ({"eta": "fast"}, InvalidArgument, "eta 'fast': give a number, a function of the epoch"),
        ({"eta": lambda epoch: -epoch}, None, ""),  # −0 is no harm
        ({"eta": lambda epoch: "fast"}, InvalidArgument, "in epoch 0 the function gives 'fast'"),
        ({"lmbda": -0.1}, InvalidArgument, "lmbda -0.1: give a number, 0 or more"),
        ({"lmbda": "1"}, InvalidArgument, "lmbda '1'"),
        ({"es": -1}, InvalidArgument, "es: expected a whole number from 0, got -1"),
        (
            {"transform": "rotate"},
            InvalidArgument,
            "augmentation of Training: expected an augmentation such as .* got 'rotate'",
        ),
        ({"validation_data": None}, InvalidArgument, "validation_data is missing: give a pair"),
        (
            {"training_data": zip(*pair(), strict=False)},
            InvalidArgument,
            r"training_data: give a pair \(x, y\).* a zip",
        ),
        ({"training_data": [pair()] * 3}, InvalidArgument, "training_data: give a pair .*, not a list of 3"),
        ({"training_data": (Gone(), Gone())}, DataError, "training_data: x must be numbers"),
        ({"training_data": (pair()[0], np.eye(3)[pair()[1]])}, DataError, r"y float64 \(15, 3\)"),
        ({"training_data": (pair()[0][:1], pair()[1][:1])}, DataError, "1 examples make no mini-batch of 2"),
        ({"training_data": (pair()[0], pair()[1][:9])}, DataError, "each of 15 examples, got 9 labels"),
        (
            {"training_data": (pair()[0][:, 1:], pair()[1])},
            ShapeError,
            r"an example has 71 numbers, but .* takes 1 × 9 × 8",
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
    with pytest.raises(InvalidArgument, match="n_out 1: expected 2 outputs or more, as the softmax of one is always 1"):
        SoftmaxLayer(n_in=2, n_out=1)
