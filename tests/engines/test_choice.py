"""The choice of the engine, and the library without JAX."""

from __future__ import annotations

import pytest

import deltarule.engines.choice
from deltarule.core.network import Network
from deltarule.engines import choose_engine
from deltarule.engines.execution import Execution
from deltarule.errors import InvalidArgument

from .cases import run_python


def choose(name: str, steps: int = 100, threads: int | None = None, sizes=(64, 30, 10)):
    network = Network.dense(sizes)
    return choose_engine(Execution(engine=name, threads=threads), network, network.init(0), steps, 10)


def test_by_name():
    for name in ("numpy", "jax"):
        engine, why = choose(name)
        assert engine.name == name
        assert why == f"{name}: as asked"


def test_auto_chooses_numpy_for_short_training_and_jax_for_long():
    assert choose("auto", steps=100)[0].name == "numpy"
    engine, why = choose("auto", steps=150_000, sizes=(784, 30, 10))
    assert engine.name == "jax"
    assert "NumPy would need about" in why


@pytest.mark.parametrize("name", ["numpy", "jax", "auto"])
def test_the_choice_draws_no_weights(name, monkeypatch):
    networks = [Network.dense((784, 100, 10)), Network.dense((784, 1000, 10))]
    params = [network.init(0) for network in networks]
    monkeypatch.setattr(Network, "init", lambda network, seed: pytest.fail("drawn to be counted"))
    choose_engine(Execution(engine=name), networks[0], params[0], 15_000_000, 10)
    choose_engine(Execution(engine=name), networks[1], params[1], 10**6, 1000)


def test_unknown_engines_are_refused():
    with pytest.raises(InvalidArgument) as error:
        choose("torch")
    assert (error.value.argument, error.value.value) == ("engine", "torch")
    assert all(f"'{name}'" in error.value.expected for name in ("auto", "numpy", "jax"))
    for name in ("auto", "numpy", "jax"):
        for threads in (0, -1, 10**12):
            with pytest.raises(InvalidArgument) as error:
                choose(name, threads=threads)
            assert (error.value.argument, error.value.value) == ("threads", threads)
            assert "1 to 1024" in error.value.expected


def test_without_jax(monkeypatch):
    monkeypatch.setattr(deltarule.engines.choice, "is_installed", lambda: False)
    monkeypatch.setattr(deltarule.engines.choice, "find_fault", lambda: "jax is not installed")
    engine, why = choose("auto", steps=10_000_000)
    assert (engine.name, why) == ("numpy", "numpy: jax is not installed")
    with pytest.raises(InvalidArgument) as error:
        choose("jax")
    assert (error.value.argument, error.value.value) == ("engine", "jax")
    assert "jax is not installed" in error.value.problem
    assert "pip" in error.value.remedy


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
    print(error.argument, error.value, error.problem, error.remedy, sep="|")
"""


def test_the_library_works_where_jax_cannot_be_imported():
    argument, value, problem, remedy = run_python(WITHOUT).split("|")
    assert (argument, value) == ("engine", "jax")
    assert "jax is not installed" in problem
    assert remedy.startswith("install it: pip install 'deltarule[jax]'")
