"""The book's third program: what it computes, against plain loops; what it prints; what one does with it."""

from __future__ import annotations

import re

import numpy as np
import pytest

from deltarule.book import network3
from deltarule.book.network3 import ConvPoolLayer, FullyConnectedLayer, Network, ReLU, SoftmaxLayer, linear, tanh
from deltarule.book.network3_layers import PublishedDropout
from deltarule.core import random
from deltarule.core.activations import ShiftedSigmoid
from deltarule.core.regularizers import L2
from deltarule.data.dataset import Dataset
from deltarule.data.order import AsGiven
from deltarule.errors import Interrupted, InvalidArgument
from deltarule.training.callbacks import Callback
from deltarule.training.fit import fit

from . import plain3
from .three import M, images, learn, pair, two_conv

FUNCTION = {network3.sigmoid: "sigmoid", tanh: "tanh", ReLU: "ReLU", linear: "linear"}


def plain(net):
    """The same network in plain loops."""
    layers = []
    for layer in net.layers:
        name = FUNCTION[layer.activation_fn]
        if isinstance(layer, ConvPoolLayer):
            layers.append(plain3.Conv(layer.w, layer.b, layer.poolsize, name))
        else:
            layers.append(plain3.Dense(layer.w, layer.b, name, layer.p_dropout))
    return plain3.Plain(layers)


def agree(net, other, tolerance=1e-10):
    for layer, expected in zip(net.layers, other.layers, strict=True):
        np.testing.assert_allclose(layer.w, expected.w, rtol=0, atol=tolerance)
        np.testing.assert_allclose(layer.b, expected.b, rtol=0, atol=tolerance)


@pytest.fixture
def float64(monkeypatch):
    monkeypatch.setattr(network3, "GPU", False)


@pytest.mark.usefixtures("float64")
@pytest.mark.parametrize("function", FUNCTION, ids=lambda function: function.__name__)
def test_two_epochs_are_those_of_the_plain_loops(function):
    """In the order given, the fifteenth image left out, λ divided by the seven mini-batches."""
    net = two_conv(function)
    expected, (x, y) = plain(net), images()
    learn(net, 2, 0.5, lmbda=0.3)
    expected.sgd(x, y, 2, M, lambda epoch: 0.5, lmbda=0.3)
    agree(net, expected)


@pytest.mark.usefixtures("float64")
def test_several_feature_maps_come_in_one_after_the_other():
    net = two_conv(channels=3)
    expected, (x, y) = plain(net), images(channels=3)
    learn(net, data=pair(channels=3), validation=pair(channels=3))
    expected.sgd(x, y, 1, M, lambda epoch: 0.5)
    agree(net, expected)
    found = [int(np.argmax(expected.shares(image))) for image in x]
    assert net.predict(pair(channels=3)).tolist() == found
    # the library's own data sets have images as the library has them
    own = Dataset(x.transpose(0, 2, 3, 1), y, "own")
    assert net.predict(own).tolist() == found


@pytest.mark.usefixtures("float64")
def test_dropout_silences_inputs_while_learning_and_scales_weights_in_use(monkeypatch):
    net = two_conv(p=0.5)
    expected, (x, y) = plain(net), images(8)
    kept = np.random.default_rng(9).integers(0, 2, (4, 2, 6))
    shapes = []

    def drawn(rng, p, shape):
        shapes.append((p, shape))
        return kept[rng[-2], : shape[0], : shape[1]] > 0  # by the step's number, the last but the stream's

    monkeypatch.setattr("deltarule.core.random.bernoulli", drawn)
    learn(net, data=pair(8))

    def masks(epoch, step, i, k):
        mask = kept[step, k]
        # the library has the maps of an image side by side, (1, 2, 3), the program one after the other, (3, 1, 2)
        return mask.reshape(2, 3).T.ravel() if i == 2 else mask[:4]

    expected.sgd(x, y, 1, M, lambda epoch: 0.5, masks=masks)
    agree(net, expected)
    assert set(shapes) == {(0.5, (2, 6)), (0.5, (2, 4))}
    x, _ = images(8, 2)
    outputs = net.model.outputs(x.transpose(0, 2, 3, 1))
    np.testing.assert_allclose(outputs, [expected.shares(image) for image in x], rtol=1e-12)


def test_layers_with_equally_many_inputs_drop_the_same_ones():
    """p_dropout on two dense layers and the softmax: the last two have the same inputs silenced."""
    np.random.seed(1)
    sizes = [(12, 8, 0.5), (8, 8, 0.5)]
    net = Network([*(FullyConnectedLayer(a, b, linear, p) for a, b, p in sizes), SoftmaxLayer(8, 3, 0.5)], M)
    network, key = net.network, random.fold(random.fold(random.key(0), 3), 7)
    _, caches = network.forward(net.model.params, np.ones((M, 12)), key)
    of_layers = zip(network.layers, caches, strict=True)
    first, second, third = [cache for layer, cache in of_layers if isinstance(layer, PublishedDropout)]
    assert second.tolist() == third.tolist()
    assert first.shape == (2, 12)
    assert 0 < second.mean() < 1


def test_dropout_does_not_come_back_from_one_step_to_the_next():
    net = Network([SoftmaxLayer(200, 3, 0.5)], M)
    layer, masks = net.network.layers[0], []
    for step in range(3):
        _, mask = layer.forward({}, np.ones((M, 200)), random.fold(random.fold(random.key(0), step), 0))
        masks.append(mask.tolist())
    assert masks[0] != masks[1] != masks[2] != masks[0]
    assert masks[0][0] != masks[0][1]


def test_the_first_weights_are_those_of_the_program():
    """Drawn from numpy.random, w before b, a layer after the other."""
    net = two_conv()
    np.random.seed(5)
    for layer, deviation in zip(net.layers[:3], [2 * 6 / 4, 3 * 4 / 2, 4], strict=True):
        assert np.array_equal(layer.w, np.random.normal(0, np.sqrt(1 / deviation), layer.w.shape))
        assert np.array_equal(layer.b, np.random.normal(0, 1.0, layer.b.shape))
    assert not net.layers[3].w.any()
    assert not net.layers[3].b.any()
    assert [p.shape for p in net.params] == [(2, 1, 3, 2), (2,), (3, 2, 2, 2), (3,), (6, 4), (4,), (4, 3), (3,)]


def test_golden():
    """One image by hand: a filter that lies turned round, the largest of four, bias, function, softmax, one step."""
    conv = ConvPoolLayer((1, 1, 2, 2), (1, 1, 3, 3), (2, 2), linear)
    net = Network([conv, SoftmaxLayer(1, 2)], 1)
    conv.w, conv.b = [[[[1, 0], [0, 10]]]], [0.5]
    net.layers[1].w, net.layers[1].b = [[1, -1]], [0, 0.25]
    image = np.array(
        [[0.0, 0, 0, 0, 0.1, 0, 0, 0, 0.3]]
    )  # under [[10, 0], [0, 1]]: 0.1 in the first place, 1.3 in the last
    shares = net.model.outputs(image.reshape(1, 3, 3, 1))[0]
    z = np.array([1.8, -1.8 + 0.25])
    np.testing.assert_allclose(shares, np.exp(z) / np.exp(z).sum(), rtol=1e-12)
    learn_one = (image, np.array([1]))
    net.SGD(learn_one, 1, 1, 0.1, learn_one, None)
    delta = shares - [0, 1]
    d_a = delta[0] - delta[1]
    np.testing.assert_allclose(net.layers[1].b, np.array([0, 0.25]) - 0.1 * delta, rtol=1e-6)
    np.testing.assert_allclose(net.layers[1].w, [[1, -1] - 0.1 * 1.8 * delta], rtol=1e-6)
    np.testing.assert_allclose(conv.b, [0.5 - 0.1 * d_a], rtol=1e-6)
    np.testing.assert_allclose(conv.w[0, 0], [[1 - 0.1 * 0.3 * d_a, 0], [0, 10 - 0.1 * 0.1 * d_a]], rtol=1e-6)


def test_it_is_the_library_with_these_settings():
    """λ of the program is L2(λ · mini-batch size), and nothing is shuffled."""
    net = two_conv()
    x, y = pair(14)
    data = Dataset(x.reshape(14, 9, 8, 1), y, "library")
    learned = fit(net.model, data, epochs=2, batch_size=M, eta=0.5, regularizer=L2(0.3 * M), order=AsGiven())
    learn(net, 2, data=(x, y), lmbda=0.3)
    assert net.model.parameters_sha256 == learned.parameters_sha256


# ------------------------------------------------------------------------------- what it prints


def test_the_lines_of_the_program(capsys, monkeypatch):
    """Seven mini-batches an epoch, a line at each third here; of equal accuracies the last is the best."""
    monkeypatch.setattr("deltarule.book.network3_sgd.EVERY", 3)
    monkeypatch.setattr("deltarule.book.network3_sgd.Lines.every", 3)
    net = two_conv()
    learn(net, 3, 1e-6, test=pair(9, 3))
    validation, test = (f"{net.accuracy(pair(8, s)):.2%}" for s in (2, 3))
    best = [
        "This is the best validation accuracy to date.",
        f"The corresponding test accuracy is {test}",
    ]
    number = "Training mini-batch number {}".format
    assert capsys.readouterr().out.splitlines() == [
        *map(number, (0, 3, 6)),
        f"Epoch 0: validation accuracy {validation}",
        *best,
        *map(number, (9, 12)),
        f"Epoch 1: validation accuracy {validation}",
        *best,
        *map(number, (15, 18)),
        f"Epoch 2: validation accuracy {validation}",
        *best,
        "Finished training network.",
        f"Best validation accuracy of {validation} obtained at iteration 20",
        f"Corresponding test accuracy of {test}",
    ]


def test_a_line_a_thousand_mini_batches(capsys):
    np.random.seed(0)
    net = Network([SoftmaxLayer(4, 2)], 1)
    x, y = np.eye(4)[np.arange(500) % 4], np.arange(500) % 2
    net.SGD((x, y), 5, 1, 0.1, (x, y), None)
    numbers = re.findall(r"Training mini-batch number (\d+)\n(?:Epoch (\d))?", capsys.readouterr().out)
    assert numbers == [("0", "0"), ("1000", "2"), ("2000", "4")]


def test_a_worse_epoch_is_not_the_best(capsys):
    """After an epoch of learning, one whose η throws away what was learned."""
    np.random.seed(0)
    net = Network([SoftmaxLayer(4, 2)], 1)
    data, other = (np.eye(4), np.array([0, 1, 0, 1])), (np.eye(4), np.array([1, 0, 1, 0]))
    net.SGD(data, 1, 1, 5.0, data, None)
    capsys.readouterr()
    net.SGD(other, 2, 1, lambda epoch: 0.001 if epoch == 0 else 50.0, data, data)
    assert capsys.readouterr().out.splitlines()[1:] == [
        "Epoch 0: validation accuracy 100.00%",
        "This is the best validation accuracy to date.",
        "The corresponding test accuracy is 100.00%",
        "New learning rate: 50.000",
        "Epoch 1: validation accuracy 0.00%",
        "Finished training network.",
        "Best validation accuracy of 100.00% obtained at iteration 3",
        "Corresponding test accuracy of 100.00%",
    ]


def test_only_whole_mini_batches_of_validation_and_test_data_count(capsys):
    """Two of three examples, of which the third alone would be wrong."""
    np.random.seed(0)
    net = Network([SoftmaxLayer(4, 2)], M)
    data = np.eye(4), np.array([0, 1, 0, 1])
    net.SGD(data, 20, M, 2.0, (np.eye(4)[:3], np.array([0, 1, 1])), (np.eye(4)[:3], np.array([0, 0, 1])))
    out = capsys.readouterr().out
    assert "Best validation accuracy of 100.00%" in out
    assert "Corresponding test accuracy of 50.00%" in out
    assert net.accuracy((np.eye(4)[:3], np.array([0, 1, 1]))) == pytest.approx(2 / 3)


# ------------------------------------------------------------------------- what readers do with it


def test_weights_can_be_read_and_set():
    layer = FullyConnectedLayer(n_in=3, n_out=2)
    layer.w = np.ones((3, 2))
    layer.w[0, 1] = 5
    assert layer.w.get_value().tolist() == layer.w.eval().tolist() == [[1, 5], [1, 1], [1, 1]]
    layer.b.set_value([1, 2])
    assert layer.params[1].tolist() == [1, 2]
    copy, own = layer.w.get_value(), layer.w.get_value(borrow=True)
    copy[0, 0], own[1, 1] = 7, 8
    assert layer.w.tolist() == [[1, 5], [1, 8], [1, 1]]
    assert type(copy) is type(own) is np.ndarray


def test_weights_that_are_set_are_those_it_answers_with():
    net = two_conv()
    before = net.predict(pair())
    net.layers[-1].b = [0, 0, 50]
    assert set(before.tolist()) != {2}
    assert set(net.predict(pair()).tolist()) == {2}


def test_predictions_for_a_mini_batch_of_the_test_data(capsys):
    net = two_conv()
    with pytest.raises(InvalidArgument, match="0 mini-batches of test data") as error:
        net.test_mb_predictions(0)
    assert (error.value.argument, error.value.owner, error.value.value) == ("i", "test_mb_predictions", 0)
    learn(net, test=pair(9, 3))
    found = np.concatenate([net.test_mb_predictions(i) for i in range(4)])
    assert found.tolist() == net.predict(pair(9, 3))[:8].tolist()
    with pytest.raises(InvalidArgument, match="4 mini-batches"):
        net.test_mb_predictions(4)


def test_learning_goes_on_where_it_stopped():
    one, two = two_conv(), two_conv()
    learn(one, 2)
    learn(two)
    learn(two)
    assert one.model.parameters_sha256 == two.model.parameters_sha256


def test_an_activation_of_the_library(capsys):
    net = two_conv(ShiftedSigmoid())
    learn(net)
    assert net.past_accuracies == [net.accuracy(pair(8, 2))]


@pytest.mark.parametrize("function", FUNCTION, ids=lambda function: function.__name__)
def test_activation_functions_are_functions(function):
    z = np.linspace(-3, 3, 7)
    np.testing.assert_allclose(function(z), plain3.FUNCTIONS[FUNCTION[function]][0](z), rtol=1e-14)
    assert function([-1, 0]).shape == (2,)


def test_interrupted_it_keeps_what_it_learned(monkeypatch, capsys):
    class Ask(Callback):
        def on_epoch(self, moment):
            raise Interrupted("stop", moment.model)

    monkeypatch.setattr("deltarule.book.network3.EarlyStopping", lambda n: Ask())
    net, whole = two_conv(), two_conv()
    with pytest.raises(Interrupted):
        learn(net, 5, es=1)
    learn(whole, 1)
    assert net.model.parameters_sha256 == whole.model.parameters_sha256


@pytest.mark.parametrize(("gpu", "dtype"), [(True, np.float32), (False, np.float64)])
def test_gpu_says_in_which_numbers(monkeypatch, capsys, gpu, dtype):
    monkeypatch.setattr(network3, "GPU", gpu)
    net = two_conv()
    learn(net)
    assert {p.dtype for p in net.params} == {np.dtype(dtype)}
