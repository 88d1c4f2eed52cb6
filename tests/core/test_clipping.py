"""Clipping by norm: by hand, at the extremes of float32, and around other optimizers."""

from __future__ import annotations

import numpy as np
import pytest

from deltarule.core.optimizers import SGD, ClipNorm, ExponentialMovingAverage, Momentum, clip_norm
from deltarule.errors import InvalidArgument

GRADS = [{"w": np.asarray([[3.0, 0.0]]), "b": np.asarray([4.0])}, {}, {"w": np.asarray([12.0])}]  # of length 13


@pytest.mark.parametrize(("norm", "factor"), [(13.0, 1.0), (20.0, 1.0), (6.5, 0.5), (1.3, 0.1)])
def test_the_length_by_hand(norm, factor):
    clipped = clip_norm(GRADS, norm)
    for found, layer in zip(clipped, GRADS, strict=True):
        for name, g in layer.items():
            np.testing.assert_allclose(found[name], factor * g, rtol=1e-15)


@pytest.mark.parametrize("size", [1e-44, 1e-30, 1.0, 1e30, 3e38])
def test_no_length_overflows_or_underflows(size):
    g = np.asarray([size, -size, 0.0], np.float32)
    with np.errstate(under="ignore"):
        found = clip_norm([{"w": g}], 1.0)[0]["w"]
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, np.sign(g) * min(size, 0.5**0.5), rtol=1e-6)


def test_nothing_to_clip():
    assert clip_norm([{"w": np.zeros(3)}], 1.0)[0]["w"].tolist() == [0.0] * 3
    assert clip_norm([{}], 1.0) == [{}]


def test_infinity_is_not_hidden():
    with np.errstate(invalid="ignore"):
        assert np.isnan(clip_norm([{"w": np.asarray([np.inf, 1.0])}], 1.0)[0]["w"]).any()


def test_it_clips_what_the_inner_optimizer_sees_and_keeps_its_state():
    params = [{"w": np.zeros((1, 2)), "b": np.zeros(1)}, {}, {"w": np.zeros(1)}]
    inner, clip = Momentum(0.5), ClipNorm(Momentum(0.5), 6.5)
    halved = [{name: g / 2 for name, g in layer.items()} for layer in GRADS]
    ours, theirs = (params, clip.init(params)), (params, inner.init(params))
    for _ in range(3):
        ours, theirs = clip.update(GRADS, ours[1], ours[0], 0.1), inner.update(halved, theirs[1], theirs[0], 0.1)
    np.testing.assert_allclose(ours[0][2]["w"], theirs[0][2]["w"], rtol=1e-14)
    assert clip.params_in_use(*ours) is ours[0]


def test_the_average_of_an_inner_optimizer_is_used():
    clip, params = ClipNorm(ExponentialMovingAverage(SGD(), 0.5), 100.0), [{"w": np.zeros(1)}]
    state = clip.init(params)
    for gradient in (-1.0, -3.0):
        params, state = clip.update([{"w": np.asarray([gradient])}], state, params, 1.0)
    assert (params[0]["w"].item(), clip.params_in_use(params, state)[0]["w"].item()) == (4.0, 3.0)


@pytest.mark.parametrize(("settings", "argument"), [((SGD(), 0), "norm"), (("sgd", 1.0), "optimizer")])
def test_invalid_settings_are_refused(settings, argument):
    with pytest.raises(InvalidArgument) as error:
        ClipNorm(*settings)
    assert (error.value.argument, error.value.owner) == (argument, "ClipNorm")
