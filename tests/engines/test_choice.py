"""The choice of the engine, and the library without JAX."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

import deltarule.engines.choice
from deltarule.core.costs import CrossEntropy
from deltarule.core.descent import Descent
from deltarule.core.layers import Dense
from deltarule.core.network import Network
from deltarule.core.optimizers import SGD
from deltarule.engines import Engine, choose_engine
from deltarule.engines.execution import ENGINES, Execution
from deltarule.engines.native_library import describe_level
from deltarule.errors import InvalidArgument

from .cases import run_python

SMALL, MIDDLE, LARGE = Network.dense([64, 30, 10]), Network.dense([784, 30, 10]), Network.dense([784, 1000, 10])
LONG = 15_000_000


@dataclass(frozen=True)
class Noisy(Dense):
    """A user's layer."""


@dataclass(frozen=True)
class Slow(SGD):
    """A user's optimizer."""


OWN_LAYER = Network([Dense(30), Noisy(10)], CrossEntropy(), (784,))


def choose(
    name: str, network: Network = SMALL, steps: int = 100, batch_size: int = 10, optimizer=None, members=1, **fields
) -> tuple[Engine, str]:
    descents = [Descent(network, optimizer or SGD(), None, 1000)] * members
    return choose_engine(Execution(engine=name, **fields), descents, network.init(0), steps, batch_size)


def refuse(*arguments, **keywords) -> InvalidArgument:
    with pytest.raises(InvalidArgument) as error:
        choose(*arguments, **keywords)
    return error.value


@pytest.fixture
def without_native(monkeypatch):
    monkeypatch.setattr(deltarule.engines.choice, "find_obstacle", lambda *_: "there is no native engine (gone)")


@pytest.fixture
def on_accelerator(monkeypatch):
    """Let JAX find an accelerator, as far as the choice can see."""
    monkeypatch.setattr(deltarule.engines.choice, "has_accelerator_hint", lambda: True)
    monkeypatch.setattr(deltarule.engines.choice, "is_on_cpu", lambda: False)


def test_by_name():
    for name in ("numpy", "jax"):
        assert choose(name)[1] == f"{name}: as asked"
    assert [choose(name)[0].name for name in ("numpy", "native", "jax")] == ["numpy", "native", "jax"]


@pytest.mark.parametrize("steps", [1, LONG])
def test_auto_chooses_native_if_all_is_built_in(steps):
    engine, why = choose("auto", MIDDLE, steps)
    assert (engine.name, why) == ("native", f"native: compiled kernels, instructions {describe_level()}")


@pytest.mark.parametrize(
    ("network", "optimizer", "obstacle"),
    [(OWN_LAYER, None, "layer 1, Noisy, is not built in"), (MIDDLE, Slow(), "Slow is not built in")],
    ids=["layer", "optimizer"],
)
def test_a_part_of_your_own_is_left_to_jax_or_numpy(network, optimizer, obstacle):
    engine, why = choose("auto", network, LONG, optimizer=optimizer)
    assert (engine.name, why) == ("jax", f"jax: {obstacle}")
    engine, why = choose("auto", network, optimizer=optimizer)
    assert (engine.name, why) == ("numpy", f"numpy: {obstacle}, and finishes before JAX would have compiled")
    error = refuse("native", network, optimizer=optimizer)
    assert (error.argument, error.value) == ("engine", "native")
    assert error.problem.endswith(obstacle)
    assert "numpy or jax engine" in error.remedy


def test_one_member_with_a_part_of_its_own_decides_for_all():
    descents = [Descent(MIDDLE, optimizer, None, 1000) for optimizer in (SGD(), Slow())]
    engine, why = choose_engine(Execution(), descents, MIDDLE.init(0), LONG, 10)
    assert (engine.name, why) == ("jax", "jax: Slow is not built in")


def test_without_native_auto_chooses_numpy_for_short_training_and_jax_for_long(without_native):
    assert choose("auto")[1] == "numpy: there is no native engine (gone), and finishes before JAX would have compiled"
    engine, why = choose("auto", MIDDLE, 150_000)
    assert (engine.name, why) == ("jax", "jax: there is no native engine (gone)")


def test_a_native_engine_that_does_not_work_is_refused_with_the_remedy(monkeypatch):
    for name, text in (("find_fault", "it is of paper"), ("suggest_remedy", "fold it")):
        monkeypatch.setattr(deltarule.engines.native_library, name, lambda text=text: text)
    error = refuse("native")
    assert (error.argument, error.value, error.remedy) == ("engine", "native", "fold it")
    assert "it is of paper" in error.problem
    assert choose("auto")[0].name == "numpy"


def test_an_accelerator_gets_long_training_with_large_steps(on_accelerator):
    assert choose("auto", LARGE, 100_000, batch_size=100)[1] == "jax: on an accelerator"
    assert choose("auto", LARGE, 100_000, batch_size=5, members=20)[1] == "jax: on an accelerator"
    assert choose("auto", LARGE, 100_000, batch_size=5)[0].name == "native"
    assert choose("auto", LARGE, 10, batch_size=100)[0].name == "native"
    for name in ("numpy", "native"):
        assert choose(name, LARGE, 100_000, batch_size=100)[0].name == name


@pytest.mark.parametrize(("name", "value"), [("is_on_cpu", True), ("find_fault", "jax cannot be imported")])
def test_a_hint_alone_is_no_accelerator(on_accelerator, monkeypatch, name, value):
    monkeypatch.setattr(deltarule.engines.choice, name, lambda: value)
    assert choose("auto", LARGE, 100_000, batch_size=100)[0].name == "native"


@pytest.mark.parametrize("name", ["numpy", "native"])
def test_several_devices_need_jax(name):
    error = refuse(name, devices=2)
    assert (error.argument, error.value) == ("engine", name)
    assert "'jax' or 'auto'" in error.expected


@pytest.mark.parametrize("name", ENGINES)
def test_the_choice_draws_no_weights(name, monkeypatch):
    params = [network.init(0) for network in (MIDDLE, LARGE)]
    monkeypatch.setattr(Network, "init", lambda network, seed: pytest.fail("drawn to be counted"))
    for network, some, batch_size in zip((MIDDLE, LARGE), params, (10, 1000), strict=True):
        choose_engine(Execution(engine=name), [Descent(network, SGD(), None, 1000)], some, 10**6, batch_size)


def test_unknown_engines_are_refused():
    error = refuse("torch")
    assert (error.argument, error.value) == ("engine", "torch")
    assert all(f"'{name}'" in error.expected for name in ENGINES)
    for name in ENGINES:
        for threads in (0, -1, 10**12):
            error = refuse(name, threads=threads)
            assert (error.argument, error.value) == ("threads", threads)
            assert "1 to 1024" in error.expected


def test_without_jax(without_native, monkeypatch):
    monkeypatch.setattr(deltarule.engines.choice, "is_installed", lambda: False)
    monkeypatch.setattr(deltarule.engines.choice, "find_fault", lambda: "jax is not installed")
    engine, why = choose("auto", steps=LONG)
    assert (engine.name, why) == ("numpy", "numpy: there is no native engine (gone), and jax is not installed")
    error = refuse("jax")
    assert (error.argument, error.value) == ("engine", "jax")
    assert "jax is not installed" in error.problem
    assert "pip" in error.remedy


WITHOUT = """
import sys
for name in ("jax", "jaxlib", "threadpoolctl"):
    sys.modules[name] = None  # as if it were not installed
import numpy as np
import deltarule as dr
x = np.random.default_rng(0).integers(0, 255, (200, 8, 8)).astype(np.uint8)
data = dr.Dataset(x, (x[:, 0, 0] > 127).astype(int), "dark or bright", 255.0)
for engine in ("auto", "numpy"):
    model = dr.fit(dr.Network.dense([64, 10, 2]), data, epochs=40, validation=data, engine=engine)
    print(model.settings["engine"], end="|")
    assert model.history["validation_cost"][-1] < model.history["validation_cost"][0] / 2
try:
    dr.fit(dr.Network.dense([64, 10, 2]), data, epochs=1, engine="jax")
except dr.errors.InvalidArgument as error:
    print(error.argument, error.value, error.problem, error.remedy, sep="|")
"""


def test_the_library_works_where_jax_cannot_be_imported():
    *engines, argument, value, problem, remedy = run_python(WITHOUT).split("|")
    assert engines == ["native", "numpy"]
    assert (argument, value) == ("engine", "jax")
    assert "jax is not installed" in problem
    assert remedy.startswith("install it: pip install 'deltarule[jax]'")


IMPORTED = """
import sys
import deltarule as dr
from deltarule.core.descent import Descent
from deltarule.core.optimizers import SGD
from deltarule.engines import choose_engine, jax_setup

jax_setup.DEVICES = ()  # as on a machine without an accelerator
network = dr.Network.dense([784, 1000, 10])
print(choose_engine(dr.Execution(), [Descent(network, SGD(), None, 1000)], network.init(0), 10**6, 100)[0].name)
print("jax" in sys.modules)
"""


def test_jax_is_not_imported_for_long_training_by_native():
    assert run_python(IMPORTED).split() == ["native", "False"]
