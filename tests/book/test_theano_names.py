"""Names of the book's network3 that need Theano: a meaning here, or an error that names deltarule's own."""

from __future__ import annotations

import copy
from collections import Counter

import numpy as np
import pytest
from tests.fields import has

import deltarule
from deltarule.book import network3
from deltarule.book.importer import use_bare_names
from deltarule.book.network3 import FullyConnectedLayer, Network, SoftmaxLayer
from deltarule.book.theano_lines import find_theano_lines, imports_module, needs_theano
from deltarule.book.theano_names import LAYER, MODULE, NETWORK, TheanoName
from deltarule.book.theano_stand_in import MEANINGS, has_meaning

from .three import pair, train, two_conv


@pytest.mark.parametrize("name", NETWORK)
def test_a_symbol_of_the_network_is_an_error_with_a_remedy(name):
    net = two_conv()
    with pytest.raises(TheanoName, match=r"net\.", check=has(argument=f"Network.{name}")):
        getattr(net, name)
    assert not hasattr(net, name)


@pytest.mark.parametrize("name", LAYER)
@pytest.mark.parametrize("i", [0, -1])
def test_a_symbol_of_a_layer_is_an_error_with_a_remedy(name, i):
    layer = two_conv().layers[i]
    with pytest.raises(TheanoName, match=r"net\.", check=has(argument=f"{type(layer).__name__}.{name}")):
        getattr(layer, name)


@pytest.mark.parametrize("name", MODULE)
def test_a_name_of_the_module_is_an_error_with_a_remedy(name):
    with pytest.raises(TheanoName, check=has(argument=f"network3.{name}", remedy=MODULE[name])):
        getattr(network3, name)


def test_other_missing_names_are_errors_as_usual():
    for owner in (two_conv(), two_conv().layers[0], network3):
        with pytest.raises(AttributeError, match="'nothing'") as error:
            owner.nothing  # noqa: B018
        assert not isinstance(error.value, TheanoName)


def test_a_network_can_still_be_copied():
    net = two_conv()
    again = copy.deepcopy(net)
    assert np.array_equal(again.layers[0].w, net.layers[0].w)
    assert again.layers[0].w is not net.layers[0].w


def test_functions_of_the_module_have_a_meaning():
    assert network3.size(pair()) == len(pair()[1])
    np.testing.assert_allclose(network3.softmax([[0.0, np.log(3)], [1000.0, 0.0]]), [[0.25, 0.75], [1, 0]])
    assert network3.T.nnet.sigmoid is network3.sigmoid
    assert network3.theano.config.floatX == "float32"
    names = {}
    exec("from deltarule.book.network3 import *", names)
    assert names["np"] is np


def test_the_numbers_of_the_parameters_can_be_evaluated():
    net = two_conv()
    assert [p.eval().shape for p in net.params] == [p.get_value().shape for p in net.params]
    assert float((net.params[0] ** 2).sum().eval()) == pytest.approx(float(np.sum(np.square(net.params[0].eval()))))


def test_the_remedies_work():
    """The remedies for an ensemble: outputs, labels, their accuracy, costs, and the vote."""
    nets = [two_conv() for _ in range(3)]
    for net in nets:
        train(net, monitor_training=True)
    data = pair()
    votes = [Counter(labels).most_common(1)[0][0] for labels in zip(*(net.predict(data) for net in nets), strict=True)]
    assert votes == nets[0].predict(data).tolist()  # all three have the same first weights
    assert [np.mean(net.predict(data) == data[1]) for net in nets] == [net.accuracy(data) for net in nets]
    assert len(nets[0].history["training_cost"]) == len(nets[0].history)
    assert isinstance(deltarule.ShiftedSigmoid(), deltarule.Activation)


def test_outputs_are_computed_from_the_loaded_data(monkeypatch):
    images = np.random.default_rng(0).integers(0, 256, (12, 784)) / np.float32(256)
    part = images.astype(np.float32), np.arange(12) % 10
    monkeypatch.setattr("deltarule.book.network3_data.load_data", lambda path: [part] * 3)
    training, validation, test = network3.load_data_shared()
    conv = network3.ConvPoolLayer(filter_shape=(2, 1, 5, 5), image_shape=(4, 1, 28, 28))
    for layers in ([conv, SoftmaxLayer(2 * 12 * 12, 10)], [FullyConnectedLayer(784, 5), SoftmaxLayer(5, 10)]):
        net = Network(layers, 4)
        net.SGD(training, 1, 4, 0.1, validation, test)
        outputs = net.model.outputs(test.dataset)
        assert outputs.shape == (12, 10)
        assert outputs.argmax(axis=1).tolist() == net.predict(test).tolist()


@pytest.mark.parametrize("module", MEANINGS)
def test_each_name_of_the_stand_in_has_a_meaning(module):
    assert all(has_meaning(f"{module}.{name}") for name in MEANINGS[module])
    assert not has_meaning(f"{module}.function")


USES = {
    "import theano\ntheano.function([], 1)": [(2, "theano.function")],
    "import pytensor.tensor as pt\nx = pt.matrix('x')": [(2, "theano.tensor.matrix")],
    "from aesara import tensor\ny = tensor.nnet.conv2d(1)": [(2, "theano.tensor.nnet.conv2d")],
    "from theano.tensor.signal import pool\npool.pool_2d(x)": [(2, "theano.tensor.signal.pool.pool_2d")],
    "from network3 import T\nprint T.dot(a, T.dot(b, c))": [(2, "theano.tensor.dot")],
    "import theano.tensor as T\nT.tanh(T.cast(x, 'int32'))\ntheano = 3": [],
    "import theano\ntheano.config.floatX = 'float64'\ntheano.tensor.nnet.relu": [],
    "import theano\ntheano.config.optimizer = 'None'\nprint theano.config.optimizer": [],
    "import theano\nprint theano.config.optimizer, theano.config.mode, theano.__version__": [
        (2, "theano.config.optimizer")
    ],
    "import theano.tensor as T\ntry: T.dot(a, b)\nexcept E, e: print e": [(2, "theano.tensor.dot")],
    "x = theano.function": [],
    "x = (": [],
}


@pytest.mark.parametrize("source", USES)
def test_the_uses_of_theano_are_found(source):
    found = [(line.line, line.text.split(": ")[0]) for line in find_theano_lines(source)]
    assert found == USES[source]


@pytest.mark.parametrize(
    ("source", "needs"),
    [
        ("import theano", True),
        ("import os, theano.tensor", True),
        ("from theano import tensor as T\nprint 'old'", True),
        ("try:\n    import theano\nexcept ImportError:\n    theano = None", False),
        ("if gpu:\n    import theano", True),
        ("# import theano", False),
        ("from . import theano", False),
        ("import theanos", False),
    ],
)
def test_a_module_that_needs_theano_is_found(source, needs):
    assert needs_theano(source) is needs
    assert imports_module(source, "theano") is needs


def test_a_module_that_imports_theano_only_in_a_function_can_be_imported():
    assert not needs_theano("def f():\n    import theano")
    assert imports_module("def f():\n    import theano", "theano")


STAND_INS = {
    "theano.config.mode": "Mode",
    "theano.config.floatX": "float32",
    "theano.__version__": "1.0.5+deltarule",
    "theano.shared(3, name='w').name": "w",
    "theano.shared(3).name": None,
    "hasattr(theano, '__file__')": False,
    "hasattr(theano.config, 'optimizer')": False,
}


@pytest.fixture
def names():
    with use_bare_names(stand_in=True):
        found = {}
        exec("import theano, theano.tensor as T", found)
        yield found


@pytest.mark.parametrize("expression", STAND_INS)
def test_the_stand_in_has_a_meaning_for_names_of_theano(expression, names, capsys):
    assert eval(expression, names) == STAND_INS[expression]


@pytest.mark.parametrize(
    ("expression", "name", "remedy"),
    [
        ("theano.config.optimizer", "theano.config.optimizer", "network3.GPU chooses the precision"),
        ("theano.config.blas.ldflags", "theano.config.blas", "leave it out"),
        ("theano.__file__", "theano.__file__", "leave it out"),
        ("theano.shared(3).type", "Shared.type", "this is an array"),
        ("T.cast(3, 'int32').dimshuffle(0)", "Shared.dimshuffle", "numpy.transpose"),
    ],
)
def test_other_names_of_the_stand_in_are_errors_that_name_deltarules_own(expression, name, remedy, names, capsys):
    with pytest.raises(TheanoName, match=remedy, check=has(argument=name)):
        eval(expression, names)


def test_members_are_imported_from_the_stand_in(names, capsys):
    exec("from theano import __version__, config", names)
    assert names["__version__"] == names["theano"].__version__
    with pytest.raises(ImportError, match="__path_of_theano__"):
        exec("from theano import __path_of_theano__", names)


def test_a_setting_can_be_set(names, capsys):
    exec("theano.config.optimizer = 'None'", names)
    assert eval("theano.config.optimizer", names) == "None"
    del names["theano"].config.optimizer
