"""The third program takes the steps of a descendant of Theano on real digits, from the same weights and masks."""

from __future__ import annotations

from functools import partial
from itertools import product

import numpy as np
import pytest
from tests.slow import with_slow

from deltarule.book import network3
from deltarule.core import random
from deltarule.training.fit import fit

from .theano_cases import CASES, DIGITS, ETA, LMBDA, PATH

TOLERANCE = 1e-9

with np.load(PATH) as stored:
    ARRAYS = dict(stored)


def learn(name, engine, monkeypatch):
    """Build a case's network, and train it on the stored digits."""
    case = CASES[name]
    net, x = case.build(), case.crop(ARRAYS["digits"])
    data = x.reshape(len(x), -1), ARRAYS["y"][: case.n]
    monkeypatch.setattr(network3, "GPU", False)
    monkeypatch.setattr(network3, "fit", partial(fit, engine=engine))
    net.SGD(data, case.epochs, case.size, ETA, data, None, LMBDA)
    return net, x


def assert_equal(found, name, what):
    for i, p in enumerate(found):
        np.testing.assert_allclose(p, ARRAYS[f"{name}/{what}/{i}"], rtol=0, atol=TOLERANCE, err_msg=f"parameter {i}")


@pytest.mark.parametrize(
    ("name", "engine"),
    with_slow(product(CASES, ("numpy", "native", "jax")), *((name, "jax") for name in list(CASES)[1:])),
)
def test_the_weights_are_those_of_the_descendant(name, engine, monkeypatch, capsys):
    net, x = learn(name, engine, monkeypatch)
    assert net.model.settings["engine"] == engine
    assert_equal(CASES[name].build().params, name, "before")
    assert_equal(net.params, name, "after")
    outputs = net.model.outputs(x[..., None])
    np.testing.assert_allclose(outputs, ARRAYS[f"{name}/outputs"], rtol=0, atol=TOLERANCE)


@pytest.mark.parametrize("name", CASES)
def test_all_parameters_take_a_step(name):
    for i in range(8):
        assert np.abs(ARRAYS[f"{name}/after/{i}"] - ARRAYS[f"{name}/before/{i}"]).max() > 1e-3


def test_the_masks_are_those_that_the_descendant_was_given(monkeypatch, capsys):
    """In the descendant's order of the inputs, maps first; the tool records them in the same way."""
    masks, draw = [], random.bernoulli
    monkeypatch.setattr(random, "bernoulli", lambda *given: masks.append(draw(*given)) or masks[-1])
    net, _ = learn("dropout", "numpy", monkeypatch)
    maps, *image = net.layers[1].n_out
    first = np.asarray(masks[::2]).reshape(4, 5, *image, maps).transpose(0, 1, 4, 2, 3)
    assert np.array_equal(first.reshape(4, 5, -1), ARRAYS["dropout/masks/0"])
    assert np.array_equal(np.asarray(masks[1::2]), ARRAYS["dropout/masks/1"])


@pytest.mark.parametrize("name", ["sigmoid", "tanh", "ReLU", "a narrow crop", "odd sizes", "a partial mini-batch"])
def test_the_rule_of_the_library_gives_other_weights(name, monkeypatch, capsys):
    """Regions of equal numbers, in the blank borders, decide."""
    first_only = lambda a, b: (a == b) & (np.cumsum(a == b, axis=3) == 1)  # noqa: E731
    monkeypatch.setattr("deltarule.book.network3_layers.find_winners", first_only)
    net, _ = learn(name, "numpy", monkeypatch)
    with pytest.raises(AssertionError, match="parameter"):
        assert_equal(net.params, name, "after")


def test_the_file_holds_digits_and_is_small():
    assert ARRAYS["digits"].shape == (DIGITS, 28, 28)
    assert ARRAYS["digits"].dtype == np.uint8
    assert {name.split("/")[0] for name in ARRAYS} == {"digits", "y", *CASES}
    assert PATH.stat().st_size < 400_000
