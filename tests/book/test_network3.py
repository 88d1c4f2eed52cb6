"""The book's third program: its results compared with plain loops, its printed lines, and its use."""

from __future__ import annotations

import re
from functools import partial

import numpy as np
import pytest
from tests.fields import has

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
from .three import M, images, pair, train, two_conv

FUNCTION = {network3.sigmoid: "sigmoid", tanh: "tanh", ReLU: "ReLU", linear: "linear"}


def make_plain(net):
    """Make the same network in plain loops."""
    layers = []
    for layer in net.layers:
        name = FUNCTION[layer.activation_fn]
        if isinstance(layer, ConvPoolLayer):
            layers.append(plain3.Conv(layer.w, layer.b, layer.poolsize, name))
        else:
            layers.append(plain3.Dense(layer.w, layer.b, name, layer.p_dropout))
    return plain3.Plain(layers)


def assert_equal(net, other, tolerance=1e-10):
    for layer, expected in zip(net.layers, other.layers, strict=True):
        np.testing.assert_allclose(layer.w, expected.w, rtol=0, atol=tolerance)
        np.testing.assert_allclose(layer.b, expected.b, rtol=0, atol=tolerance)


@pytest.fixture
def float64(monkeypatch):
    monkeypatch.setattr(network3, "GPU", False)


@pytest.mark.usefixtures("float64")
@pytest.mark.parametrize("function", FUNCTION, ids=lambda function: function.__name__)
def test_two_epochs_are_those_of_the_plain_loops(function):
    """Without shuffling, without the fifteenth image, with λ divided by the seven mini-batches."""
    net = two_conv(function)
    expected, (x, y) = make_plain(net), images()
    train(net, 2, 0.5, lmbda=0.3)
    expected.sgd(x, y, 2, M, lambda epoch: 0.5, lmbda=0.3)
    assert_equal(net, expected)


@pytest.mark.usefixtures("float64")
def test_rows_hold_one_feature_map_after_the_other():
    net = two_conv(channels=3)
    expected, (x, y) = make_plain(net), images(channels=3)
    train(net, data=pair(channels=3), validation=pair(channels=3))
    expected.sgd(x, y, 1, M, lambda epoch: 0.5)
    assert_equal(net, expected)
    found = [int(np.argmax(expected.predict_proba(image))) for image in x]
    assert net.predict(pair(channels=3)).tolist() == found
    # data sets of the library have images in the library's layout
    own = Dataset(x.transpose(0, 2, 3, 1), y, "own")
    assert net.predict(own).tolist() == found


@pytest.mark.usefixtures("float64")
def test_dropout_zeros_inputs_in_training_and_scales_them_in_prediction(monkeypatch):
    net = two_conv(p=0.5)
    expected, (x, y) = make_plain(net), images(8)
    kept = np.random.default_rng(9).integers(0, 2, (4, 2, 6))
    shapes = []

    def draw(rng, p, shape):
        shapes.append((p, shape))
        return kept[rng[-2], : shape[0], : shape[1]] > 0  # the step is the last but one number of the key

    monkeypatch.setattr("deltarule.core.random.bernoulli", draw)
    monkeypatch.setattr(network3, "fit", partial(fit, engine="numpy"))  # the native engine has its own
    train(net, data=pair(8))

    def masks(epoch, step, i, k):
        mask = kept[step, k]
        # the library's layout of an image is (1, 2, 3), maps last; the program's is (3, 1, 2)
        return mask.reshape(2, 3).T.ravel() if i == 2 else mask[:4]

    expected.sgd(x, y, 1, M, lambda epoch: 0.5, masks=masks)
    assert_equal(net, expected)
    assert set(shapes) == {(0.5, (2, 6)), (0.5, (2, 4))}
    x, _ = images(8, 2)
    outputs = net.model.outputs(x.transpose(0, 2, 3, 1))
    np.testing.assert_allclose(outputs, [expected.predict_proba(image) for image in x], rtol=1e-12)


def test_layers_with_the_same_number_of_inputs_have_the_same_mask():
    """Two dense layers and the softmax have dropout; the last two have the same number of inputs."""
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


def test_dropout_masks_differ_between_steps_and_examples():
    net = Network([SoftmaxLayer(200, 3, 0.5)], M)
    layer, masks = net.network.layers[0], []
    for step in range(3):
        _, mask = layer.forward({}, np.ones((M, 200)), random.fold(random.fold(random.key(0), step), 0))
        masks.append(mask.tolist())
    assert masks[0] != masks[1] != masks[2] != masks[0]
    assert masks[0][0] != masks[0][1]


def test_the_first_weights_are_those_of_the_program():
    """numpy.random draws them, w before b, layer by layer."""
    net = two_conv()
    np.random.seed(5)
    for layer, deviation in zip(net.layers[:3], [2 * 6 / 4, 3 * 4 / 2, 4], strict=True):
        assert np.array_equal(layer.w, np.random.normal(0, np.sqrt(1 / deviation), layer.w.shape))
        assert np.array_equal(layer.b, np.random.normal(0, 1.0, layer.b.shape))
    assert not net.layers[3].w.any()
    assert not net.layers[3].b.any()
    assert [p.shape for p in net.params] == [(2, 1, 3, 2), (2,), (3, 2, 2, 2), (3,), (6, 4), (4,), (4, 3), (3,)]


def test_an_example_by_hand():
    """One image: a rotated filter, the maximum of four, bias, function, softmax, one step."""
    conv = ConvPoolLayer((1, 1, 2, 2), (1, 1, 3, 3), (2, 2), linear)
    net = Network([conv, SoftmaxLayer(1, 2)], 1)
    conv.w, conv.b = [[[[1, 0], [0, 10]]]], [0.5]
    net.layers[1].w, net.layers[1].b = [[1, -1]], [0, 0.25]
    image = np.array(
        [[0.0, 0, 0, 0, 0.1, 0, 0, 0, 0.3]]
    )  # under [[10, 0], [0, 1]]: 0.1 in the first place, 1.3 in the last
    probabilities = net.model.outputs(image.reshape(1, 3, 3, 1))[0]
    z = np.array([1.8, -1.8 + 0.25])
    np.testing.assert_allclose(probabilities, np.exp(z) / np.exp(z).sum(), rtol=1e-12)
    learn_one = (image, np.array([1]))
    net.SGD(learn_one, 1, 1, 0.1, learn_one, None)
    delta = probabilities - [0, 1]
    d_a = delta[0] - delta[1]
    np.testing.assert_allclose(net.layers[1].b, np.array([0, 0.25]) - 0.1 * delta, rtol=1e-6)
    np.testing.assert_allclose(net.layers[1].w, [[1, -1] - 0.1 * 1.8 * delta], rtol=1e-6)
    np.testing.assert_allclose(conv.b, [0.5 - 0.1 * d_a], rtol=1e-6)
    np.testing.assert_allclose(conv.w[0, 0], [[1 - 0.1 * 0.3 * d_a, 0], [0, 10 - 0.1 * 0.1 * d_a]], rtol=1e-6)


def test_it_trains_as_the_library_with_these_settings():
    """λ of the program is L2(λ · mini-batch size), and nothing is shuffled."""
    net = two_conv()
    x, y = pair(14)
    data = Dataset(x.reshape(14, 9, 8, 1), y, "library")
    learned = fit(net.model, data, epochs=2, batch_size=M, eta=0.5, regularizer=L2(0.3 * M), order=AsGiven())
    train(net, 2, data=(x, y), lmbda=0.3)
    assert net.model.parameters_sha256 == learned.parameters_sha256


# ------------------------------------------------------------------------------ printed lines


def test_the_lines_of_the_program(capsys, monkeypatch):
    """Seven mini-batches per epoch, a line after every three; of equal accuracies the last is the best."""
    monkeypatch.setattr("deltarule.book.network3_sgd.EVERY", 3)
    monkeypatch.setattr("deltarule.book.network3_sgd.ProgressLines.every", 3)
    net = two_conv()
    train(net, 3, 1e-6, test=pair(9, 3))
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


def test_a_line_is_printed_every_1000_mini_batches(capsys):
    np.random.seed(0)
    net = Network([SoftmaxLayer(4, 2)], 1)
    x, y = np.eye(4)[np.arange(500) % 4], np.arange(500) % 2
    net.SGD((x, y), 5, 1, 0.1, (x, y), None)
    numbers = re.findall(r"Training mini-batch number (\d+)\n(?:Epoch (\d))?", capsys.readouterr().out)
    assert numbers == [("0", "0"), ("1000", "2"), ("2000", "4")]


def test_a_worse_epoch_is_not_the_best(capsys):
    """The η of the second epoch destroys the weights of the first."""
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
    """Two of three examples count; the third would be wrong."""
    np.random.seed(0)
    net = Network([SoftmaxLayer(4, 2)], M)
    data = np.eye(4), np.array([0, 1, 0, 1])
    net.SGD(data, 20, M, 2.0, (np.eye(4)[:3], np.array([0, 1, 1])), (np.eye(4)[:3], np.array([0, 0, 1])))
    out = capsys.readouterr().out
    assert "Best validation accuracy of 100.00%" in out
    assert "Corresponding test accuracy of 50.00%" in out
    assert net.accuracy((np.eye(4)[:3], np.array([0, 1, 1]))) == pytest.approx(2 / 3)


# ------------------------------------------------------------------------------ use


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


def test_predictions_use_weights_that_were_set():
    net = two_conv()
    before = net.predict(pair())
    net.layers[-1].b = [0, 0, 50]
    assert set(before.tolist()) != {2}
    assert set(net.predict(pair()).tolist()) == {2}


def test_predictions_for_a_mini_batch_of_the_test_data(capsys):
    net = two_conv()
    with pytest.raises(InvalidArgument, check=has(argument="i", owner="test_mb_predictions", value=0)):
        net.test_mb_predictions(0)
    train(net, test=pair(9, 3))
    found = np.concatenate([net.test_mb_predictions(i) for i in range(4)])
    assert found.tolist() == net.predict(pair(9, 3))[:8].tolist()
    with pytest.raises(InvalidArgument, match="4", check=has(argument="i", value=4)):
        net.test_mb_predictions(4)


def test_a_second_sgd_continues_the_first():
    one, two = two_conv(), two_conv()
    train(one, 2)
    train(two)
    train(two)
    assert one.model.parameters_sha256 == two.model.parameters_sha256


def test_an_activation_of_the_library_works(capsys):
    net = two_conv(ShiftedSigmoid())
    train(net)
    assert net.past_accuracies == [net.accuracy(pair(8, 2))]


@pytest.mark.parametrize("function", FUNCTION, ids=lambda function: function.__name__)
def test_activation_functions_can_be_called(function):
    z = np.linspace(-3, 3, 7)
    np.testing.assert_allclose(function(z), plain3.FUNCTIONS[FUNCTION[function]][0](z), rtol=1e-14)
    assert function([-1, 0]).shape == (2,)


def test_after_an_interrupt_the_weights_are_kept(monkeypatch, capsys):
    class Ask(Callback):
        def on_epoch(self, moment):
            raise Interrupted("stop", moment.model)

    monkeypatch.setattr("deltarule.book.network3.EarlyStopping", lambda n: Ask())
    net, whole = two_conv(), two_conv()
    with pytest.raises(Interrupted):
        train(net, 5, es=1)
    train(whole, 1)
    assert net.model.parameters_sha256 == whole.model.parameters_sha256


@pytest.mark.parametrize(("gpu", "dtype"), [(True, np.float32), (False, np.float64)])
def test_gpu_decides_the_number_type(monkeypatch, capsys, gpu, dtype):
    monkeypatch.setattr(network3, "GPU", gpu)
    net = two_conv()
    train(net)
    assert {p.dtype for p in net.params} == {np.dtype(dtype)}
