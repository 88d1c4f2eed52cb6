"""The six improvements of the third program in the chapter's problems."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest
from tests.fields import has

import deltarule
from deltarule.book import network3
from deltarule.book.network3 import ConvPoolLayer, FullyConnectedLayer, Network, SoftmaxLayer, random_transforms
from deltarule.book.network3_files import write
from deltarule.book.network3_layers import LAYERS, Crop
from deltarule.book.network3_sgd import ByEpoch, make_schedule
from deltarule.core.activations import Activation, ShiftedSigmoid
from deltarule.core.convolution import Conv
from deltarule.core.distortions import Shift
from deltarule.core.pooling import MaxPool
from deltarule.core.schedules import Clock, Exponential
from deltarule.errors import FileError, InvalidArgument
from deltarule.models import files

from .plain3 import Dense, Plain
from .three import M, images, pair, train, two_conv

CORNERS = np.eye(4), np.array([0, 1, 0, 1])


def single():
    return Network([SoftmaxLayer(4, 2)], 1)


# --------------------------------------------------------------------------- 1: early stopping


def test_it_stops_after_es_epochs_without_an_improvement(capsys):
    """All examples are right at once, so no later epoch is an improvement."""
    net = single()
    net.SGD(CORNERS, 50, 1, 1.0, CORNERS, None, es=3)
    assert net.past_accuracies == [1.0] * 4
    assert capsys.readouterr().out.splitlines()[-2:] == [
        "Finished training network.",
        "Best validation accuracy of 100.00% obtained at iteration 15",  # the last of equals, as without early stopping
    ]


def test_it_does_not_stop_before_es_epochs_without_an_improvement():
    net = single()
    net.SGD(CORNERS, 5, 1, 1.0, CORNERS, None, es=4)
    assert len(net.past_accuracies) == 5


# ------------------------------------------------------------------- 2: accuracy on any data


def test_accuracy_on_any_data():
    net = two_conv()
    x, y = pair(7, 4)  # an odd number; all count
    assert net.accuracy((x, y)) == np.mean(net.predict((x, y)) == y)
    assert net.accuracy([x.tolist(), y.tolist()]) == net.accuracy((x, y))
    assert net.accuracy((images(7, 4)[0], y)) == net.accuracy((x, y))


def test_accuracy_without_examples_is_an_error():
    with pytest.raises(InvalidArgument, match="data"):
        two_conv().accuracy((np.zeros((0, 72)), np.zeros(0, int)))


# -------------------------------------------------------------------- 3: η by the epoch


def test_eta_as_a_function_of_the_epoch(monkeypatch, capsys):
    monkeypatch.setattr(network3, "GPU", False)
    net = single()
    expected = Plain([Dense(net.layers[0].w, net.layers[0].b, "linear")])
    net.SGD(CORNERS, 3, 1, lambda epoch: 0.5 / 2**epoch, CORNERS, None)
    expected.sgd(*CORNERS, 3, 1, lambda epoch: 0.5 / 2**epoch)
    np.testing.assert_allclose(net.layers[0].w, expected.layers[0].w, rtol=1e-12)
    lines = [line for line in capsys.readouterr().out.splitlines() if "rate" in line]
    assert lines == ["New learning rate: 0.250", "New learning rate: 0.125"]
    assert net.history["eta"] == [0.5, 0.25, 0.125]


def test_the_schedule_of_the_solutions(capsys):
    """η is halved every ten epochs, a little after each mini-batch; the lines have 0.093, 0.050 and 0.025."""
    net = single()
    net.SGD(CORNERS, 21, 1, Exponential(0.1, 0.5**0.1), CORNERS, None)
    rates = [line.split()[-1] for line in capsys.readouterr().out.splitlines() if line.startswith("New")]
    assert (len(rates), rates[0], rates[9], rates[19]) == (20, "0.093", "0.050", "0.025")


def test_a_function_is_called_once_for_each_epoch():
    epochs = []
    schedule = make_schedule(lambda epoch: epochs.append(epoch) or 0.1 * epoch, 3)
    assert epochs == [0, 1, 2]
    assert schedule == ByEpoch((0.0, 0.1, 0.2))
    assert schedule.eta(np.arange(6), Clock(2, 3), []).tolist() == [0, 0, 0.1, 0.1, 0.2, 0.2]


# ------------------------------------------------------------------- 4: random transforms


def test_transforms_differ_between_mini_batches():
    """The same bright pixel moves in every mini-batch, so other weights change."""
    dot = np.zeros((1, 5, 5))
    dot[0, 2, 2] = 1
    moved = set()
    for epochs in (1, 2, 3, 4):
        net = Network([SoftmaxLayer(25, 2)], 1)
        net.SGD((dot, [0]), epochs, 1, 1.0, (dot, [0]), None, transform=Shift(2))
        moved.add(tuple(np.flatnonzero(net.layers[0].w[:, 0])))
    assert len(moved) > 2


def test_rows_of_numbers_are_transformed_as_squares():
    net = Network([SoftmaxLayer(49, 3)], M)
    x, y = np.random.default_rng(0).uniform(size=(6, 49)), np.arange(6) % 3
    net.SGD((x, y), 1, M, 0.5, (x, y), None, transform=random_transforms(side=7))
    flat, square = (Network([SoftmaxLayer(49, 3)], M) for _ in range(2))
    flat.SGD((x, y), 1, M, 0.5, (x, y), None)
    square.SGD((x.reshape(6, 7, 7), y), 1, M, 0.5, (x, y), None, transform=random_transforms(side=7))
    assert net.model.parameters_sha256 == square.model.parameters_sha256
    assert net.model.parameters_sha256 != flat.model.parameters_sha256


def test_the_transforms_of_the_solutions():
    """±5° about the centre, a shift of one pixel, and a skew of the first of 28 rows by one pixel."""
    turned, shifted = random_transforms().parts
    assert (turned.rotation, shifted.pixels) == (5.0, 1)
    assert turned.skew * 13.5 == pytest.approx(1)  # from the middle to the first row
    assert random_transforms(10, 2, 3, 9).parts[0].skew * 4 == pytest.approx(3)


# --------------------------------------------------------------------------- 5: save and load


@dataclass(frozen=True)
class Square(Activation):
    """An activation of the reader's."""

    def function(self, z):
        return z**2

    def derivative(self, z, a):
        return 2 * z


NETWORKS = {
    "a rim is left out, dropout": lambda: two_conv(p=0.25),
    "a function of the library": lambda: two_conv(ShiftedSigmoid(2, -1)),
    "softmax alone": lambda: Network([SoftmaxLayer(72, 3, 0.5)], M),
    "no convolution": lambda: Network([FullyConnectedLayer(72, 5, network3.ReLU), SoftmaxLayer(5, 3)], M),
    "no pool": lambda: Network(
        [ConvPoolLayer((2, 1, 3, 3), (M, 1, 9, 8), (1, 1), network3.tanh), SoftmaxLayer(84, 3)], M
    ),
    "no dense layer": lambda: Network(
        [ConvPoolLayer((2, 1, 2, 3), (M, 1, 9, 8), (2, 3), network3.linear), SoftmaxLayer(16, 3)], M
    ),
}


@pytest.mark.parametrize("made", NETWORKS.values(), ids=NETWORKS)
def test_a_saved_network_is_loaded(made, tmp_path):
    net = made()
    train(net)
    net.save(tmp_path / "net.safetensors")
    again = Network.load(tmp_path / "net.safetensors")
    assert again.network == net.network
    assert again.mini_batch_size == M
    for one, other in zip(net.layers, again.layers, strict=True):
        assert (one.activation_fn, vars(one).keys()) == (other.activation_fn, vars(other).keys())
    assert all(np.array_equal(p, q) for p, q in zip(net.params, again.params, strict=True))
    assert again.past_accuracies == net.past_accuracies
    train(net)
    train(again)
    assert again.model.parameters_sha256 == net.model.parameters_sha256


def test_the_library_also_reads_the_file(tmp_path):
    net = two_conv(p=0.25)
    net.save(str(tmp_path / "net.safetensors"))
    model = deltarule.load(tmp_path / "net.safetensors", custom=LAYERS)
    assert model.predict(images()[0].transpose(0, 2, 3, 1)).tolist() == net.predict(pair()).tolist()


def test_a_file_of_an_older_version_is_loaded(tmp_path):
    """In such a file a crop, a convolution and a max-pooling do the same."""
    net, path = two_conv(p=0.25), tmp_path / "net.safetensors"
    (one, f, two, *rest), params = net.network.layers, net.model.params
    older = [Crop(8, 7), Conv(2, (3, 2), initializer=one.initializer), MaxPool((2, 2)), f]
    older += [Conv(3, (2, 2), initializer=two.initializer), MaxPool((2, 1)), *rest]
    network = deltarule.Network(older, net.network.cost, net.network.input_shape)
    tree = [{}, params[0], {}, {}, params[2], {}, *params[3:]]
    write(path, replace(net.model, network=network, params=tree), M)
    again = Network.load(path)
    assert again.network == net.network
    assert again.predict(pair()).tolist() == net.predict(pair()).tolist()


def test_the_readers_activation_is_passed_to_load(tmp_path):
    path = tmp_path / "net.safetensors"
    net = two_conv(Square())
    net.save(path)
    with pytest.raises(FileError, match=r"custom=\[Square\]"):
        Network.load(path)
    assert Network.load(path, custom=[Square]).network == net.network


def test_other_files_are_an_error(tmp_path):
    path = tmp_path / "net.safetensors"
    with pytest.raises(FileError, check=has(path=path)):
        Network.load(path)
    net = two_conv()
    net.model.save(path)
    with pytest.raises(FileError, match=r"deltarule\.load", check=has(path=path)):
        Network.load(path)
    net.save(path)
    content = path.read_bytes()
    path.write_bytes(content[:-10])
    with pytest.raises(FileError, check=has(path=path)):
        Network.load(path)


def double_sigmoids(layers):
    return [layer for layer in layers for _ in range(1 + (layer["type"] == "Sigmoid"))]


@pytest.mark.parametrize(
    "damage",
    [
        lambda d: d.update(network3=3),
        lambda d: d["network3"].update(mini_batch_size="ten"),
        lambda d: d["network3"].update(mini_batch_size=0),
        lambda d: d["network3"].clear(),
        lambda d: d["network"]["layers"].pop(),
        lambda d: d["network"]["layers"][0].update(maps=10**12),
        lambda d: d["network"]["layers"][0]["initializer"].update(type="He"),
        lambda d: d["network"]["layers"][-1]["initializer"].update(type="He"),
        lambda d: d["network"]["cost"].update(type="CrossEntropy"),
        lambda d: d["network"].update(layers=d["network"]["layers"][:4]),
    ],
)
def test_a_damaged_description_is_an_error(damage, tmp_path):
    path = tmp_path / "net.safetensors"
    two_conv().save(path)
    tensors, description = files.read(path)
    damage(description)
    files.write(path, tensors, description)
    with pytest.raises(FileError, check=has(path=path)):
        Network.load(path)


# ------------------------------------------------------------------------- 6: overfitting


def test_overfitting_is_measured_and_printed(capsys):
    """The labels are noise, so training does not help on other data."""
    rng = np.random.default_rng(0)
    training, other = ((rng.uniform(size=(10, 20)), rng.integers(0, 2, 10)) for _ in range(2))
    net = Network([SoftmaxLayer(20, 2)], 1)
    net.SGD(training, 30, 1, 1.0, other, None, monitor_training=True)
    history = net.history
    assert history["training_accuracy"][-1] == net.accuracy(training) == 1.0
    assert history["training_cost"][-1] < 0.2 < history["validation_cost"][-1]
    lines = [line for line in capsys.readouterr().out.splitlines() if line.startswith("Epoch 29: t")]
    assert lines == [
        f"Epoch 29: training accuracy 100.00% (cost {history['training_cost'][-1]:.4f}), "
        f"validation cost {history['validation_cost'][-1]:.4f}"
    ]
    since = net.overfits_from()
    above = np.asarray(history["training_accuracy"]) > np.asarray(history["validation_accuracy"])
    assert above[since:].all()
    assert since == 0 or not above[since - 1]


def test_no_overfitting_on_the_same_data():
    net = single()
    net.SGD(CORNERS, 2, 1, 1.0, CORNERS, None, monitor_training=True)
    assert net.overfits_from() is None


def test_the_figure_of_overfitting():
    net = single()
    net.SGD(CORNERS, 2, 1, 1.0, CORNERS, None, monitor_training=True)
    accuracy, cost = net.plot_overfitting().axes
    assert [line.get_ydata().tolist() for line in accuracy.lines] == [[100.0, 100.0]] * 2
    assert len(cost.lines) == 2


def test_overfits_from_needs_monitor_training():
    net = single()
    net.SGD(CORNERS, 1, 1, 1.0, CORNERS, None)
    with pytest.raises(InvalidArgument, match="training_accuracy"):
        net.overfits_from()
