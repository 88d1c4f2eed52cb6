"""Which engine is taken, and that NumPy alone is enough."""

from __future__ import annotations

import pytest

import deltarule.engines.choice
from deltarule.core.descent import Descent
from deltarule.core.network import Network
from deltarule.core.optimizers import SGD
from deltarule.engines import choose_engine
from deltarule.errors import InvalidArgument

from .cases import python


def choose(name: str, steps: int = 100, threads: int | None = None, sizes=(64, 30, 10)):
    return choose_engine(name, Descent(Network.dense(sizes), SGD(), None, 1000), steps, 10, threads)


def test_by_name():
    for name in ("numpy", "jax"):
        engine, why = choose(name)
        assert engine.name == name
        assert why == f"{name}: as asked"


def test_auto_takes_numpy_for_what_is_soon_done_and_jax_for_what_is_not():
    assert choose("auto", steps=100)[0].name == "numpy"
    engine, why = choose("auto", steps=150_000, sizes=(784, 30, 10))
    assert engine.name == "jax"
    assert "NumPy would need about" in why


@pytest.mark.parametrize(("name", "draws"), [("numpy", 0), ("jax", 1), ("auto", 1)])
def test_the_weights_are_drawn_once_at_most_to_be_counted(name, draws, monkeypatch):
    seeds, init = [], Network.init
    monkeypatch.setattr(Network, "init", lambda network, seed: seeds.append(seed) or init(network, seed))
    choose(name, steps=15_000_000, sizes=(784, 100, 10))
    choose_engine(name, Descent(Network.dense((784, 1000, 10)), SGD(), None, 1000), 10**6, 1000)
    assert len(seeds) == 2 * draws


def test_what_is_not_known_is_refused():
    with pytest.raises(InvalidArgument, match="engine 'torch' is not known; choose one of auto, numpy, jax"):
        choose("torch")
    for name in ("auto", "numpy", "jax"):
        for threads in (0, -1, 10**12):
            with pytest.raises(InvalidArgument, match=f"threads {threads}: an engine takes 1 to 1024"):
                choose(name, threads=threads)


def test_without_jax(monkeypatch):
    monkeypatch.setattr(deltarule.engines.choice, "is_installed", lambda: False)
    monkeypatch.setattr(deltarule.engines.choice, "fault", lambda: "jax is not installed")
    engine, why = choose("auto", steps=10_000_000)
    assert (engine.name, why) == ("numpy", "numpy: jax is not installed")
    with pytest.raises(InvalidArgument, match="but jax is not installed; mend it by pip"):
        choose("jax")


WITHOUT = """
import sys
for name in ("jax", "jaxlib", "threadpoolctl"):
    sys.modules[name] = None  # as if it were not installed
import numpy as np
import deltarule as dr
x = np.random.default_rng(0).integers(0, 255, (200, 8, 8)).astype(np.uint8)
data = dr.Dataset(x, (x[:, 0, 0] > 127).astype(int), "dark or bright", 255.0)
model = dr.fit(dr.Network.dense([64, 10, 2]), data, epochs=40, validation=data)
assert model.settings["engine"] == "numpy", model.settings
assert model.history["validation_cost"][-1] < model.history["validation_cost"][0] / 2
try:
    dr.fit(dr.Network.dense([64, 10, 2]), data, epochs=1, engine="jax")
except dr.errors.InvalidArgument as error:
    print(error)
"""


def test_the_library_works_where_jax_cannot_be_imported():
    assert python(WITHOUT).startswith(
        "engine 'jax': expected a JAX that works, but jax is not installed; install it: pip install 'deltarule[jax]'"
    )
