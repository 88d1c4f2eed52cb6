"""Overrides of the third program: those that training would ignore are errors; the others take effect."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from types import MethodType

import numpy as np
import pytest
from tests.fields import has

from deltarule.book import network3
from deltarule.book.network3 import ConvPoolLayer, FullyConnectedLayer, Network, SoftmaxLayer, tanh
from deltarule.book.network3_overrides import FUNCTIONS, LAYER_METHODS, NETWORK_METHODS
from deltarule.core.activations import Tanh
from deltarule.errors import InvalidArgument

from .three import M, pair, train, two_conv

LAYERS = {
    ConvPoolLayer: ((2, 1, 3, 2), (M, 1, 9, 8)),
    FullyConnectedLayer: (18, 4),
    SoftmaxLayer: (4, 3),
}


def network(kind=None, layer=None):
    """Make a network of three layers, one of them of another class or another object."""
    kinds = [kind if kind and issubclass(kind, base) and kind is not base else base for base in LAYERS]
    if kind and issubclass(kind, SoftmaxLayer):
        kinds[1] = FullyConnectedLayer
    layers = [made(*arguments) for made, arguments in zip(kinds, LAYERS.values(), strict=True)]
    return Network([layer if layer and type(layer) is type(each) else each for each in layers], M)


def ignored(*_, **__):
    raise AssertionError("an ignored override was called")


@pytest.mark.parametrize("base", LAYERS)
@pytest.mark.parametrize("name", LAYER_METHODS)
def test_a_layers_method_in_a_subclass_is_an_error(base, name):
    own = type("Own", (base,), {name: ignored})
    with pytest.raises(InvalidArgument, check=has(argument=f"Own.{name}")):
        network(own)


@pytest.mark.parametrize("base", LAYERS)
def test_a_layers_method_in_a_mixin_is_an_error(base):
    class Mixin:
        set_inpt = ignored

    with pytest.raises(InvalidArgument, check=has(argument="Mixin.set_inpt")):
        network(type("Own", (base, Mixin), {}))


@pytest.mark.parametrize("base", LAYERS)
@pytest.mark.parametrize("name", sorted(set(LAYER_METHODS) - {"params"}))  # a property cannot be set
def test_a_layers_method_on_an_object_is_an_error(base, name):
    layer = base(*LAYERS[base])
    net = network(layer=layer)
    setattr(layer, name, ignored)
    for attempt in (lambda: network(layer=layer), lambda: train(net), lambda: net.accuracy(pair())):
        with pytest.raises(InvalidArgument, check=has(argument=f"{base.__name__} object.{name}")):
            attempt()


@pytest.mark.parametrize("name", LAYER_METHODS)
def test_a_layers_method_set_on_the_books_class_is_an_error(monkeypatch, name):
    net = two_conv()
    monkeypatch.setattr(FullyConnectedLayer, name, ignored, raising=False)
    with pytest.raises(InvalidArgument, check=has(argument=f"FullyConnectedLayer.{name}")):
        train(net)


@pytest.mark.parametrize("name", NETWORK_METHODS)
def test_a_networks_method_is_an_error(name, monkeypatch):
    own = type("Own", (Network,), {name: ignored})
    layers = network().layers
    with pytest.raises(InvalidArgument, check=has(argument=f"Own.{name}")):
        own(layers, M)
    net = network()
    if name != "params":
        setattr(net, name, MethodType(ignored, net))
        with pytest.raises(InvalidArgument, check=has(argument=f"Network object.{name}")):
            train(net)
        delattr(net, name)
    monkeypatch.setattr(Network, name, ignored, raising=False)
    with pytest.raises(InvalidArgument, check=has(argument=f"Network.{name}")):
        train(net)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_set_in_the_module_is_an_error(monkeypatch, name):
    net = network()
    monkeypatch.setattr(network3, name, ignored, raising=False)
    with pytest.raises(InvalidArgument, check=has(argument=f"network3.{name}")):
        train(net)


@pytest.mark.parametrize(("name", "value"), [("activation_fn", staticmethod(tanh)), ("p_dropout", 0.5)])
def test_a_setting_in_the_body_of_a_class_is_an_error(name, value):
    own = type("Own", (FullyConnectedLayer,), {name: value})
    with pytest.raises(InvalidArgument, match=rf"give {name} to Own", check=has(argument=f"Own.{name}")):
        network(own)


@pytest.mark.parametrize(
    ("name", "remedy"),
    [
        ("set_inpt", "a frozen dataclass with forward and backward"),
        ("cost", "a subclass of deltarule.core.costs.Cost"),
        ("accuracy", "choose another name"),
    ],
)
def test_the_error_has_a_remedy(name, remedy):
    with pytest.raises(InvalidArgument, match=remedy):
        network(type("Own", (SoftmaxLayer,), {name: ignored}))


def test_the_page_shows_the_error():
    page = (Path(__file__).parent.parent.parent / "docs" / "network3.md").read_text(encoding="utf-8")
    with pytest.raises(InvalidArgument) as caught:
        network(type("Absolute", (SoftmaxLayer,), {"cost": ignored}))
    assert f"\n{caught.value}\n" in page


def test_overrides_that_take_effect_are_allowed(capsys):
    @dataclass(repr=False, eq=False)
    class ByDefault(FullyConnectedLayer):
        activation_fn: object = tanh

        def report(self):
            return "mine"

    class Small(FullyConnectedLayer):
        def __init__(self, n_in, n_out):
            super().__init__(n_in, n_out, tanh)
            self.w = np.zeros((n_in, n_out))

    class Twice(Network):
        def SGD(self, *arguments, **options):
            for _ in range(2):
                super().SGD(*arguments, **options)

    np.random.seed(5)
    own = network(ByDefault)
    assert Tanh() in own.network.layers
    assert not network(Small).layers[1].w.any()
    train(Twice(own.layers, M))
    assert capsys.readouterr().out.count("Finished training network.") == 2


def test_a_subclass_loads_its_own_class(tmp_path):
    own = type("Own", (Network,), {})
    two_conv().save(tmp_path / "net.safetensors")
    assert type(own.load(tmp_path / "net.safetensors")) is own
