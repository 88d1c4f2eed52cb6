"""Accelerators: one program for all members, without what is only fast on CPUs.

No GPU is needed: the programs run on the CPU as if it were an accelerator, where they must take
NumPy's steps, and those of the named networks are lowered for CUDA, as far as JAX goes without one.
"""

from __future__ import annotations

from itertools import product

import jax
import numpy as np
import pytest
from tests.slow import with_slow

from deltarule.core.trees import map_leaves
from deltarule.engines import Examples, jax_setup
from deltarule.engines.compiled import CompiledDescent
from deltarule.engines.data_parallel import is_divisible
from deltarule.engines.execution import Execution
from deltarule.engines.jax_engine import make_jax_engine
from deltarule.engines.numpy_engine import NumpyEngine
from deltarule.recipes import RECIPES
from deltarule.recipes.measurements import MNIST
from deltarule.training.many import fit_many
from deltarule.training.plan import make_descent
from deltarule.training.training import Training

from .cases import build_cpu_mesh, epoch_of, make_images
from .test_data_parallel import DESCENTS, N, assert_close, each_descent, run_training


@pytest.fixture(autouse=True)
def accelerator(monkeypatch):
    """Make JAX's CPU count as an accelerator."""
    for module in ("jax_setup", "jax_engine", "compiled"):
        monkeypatch.setattr(f"deltarule.engines.{module}.is_on_cpu", lambda: False)
    jax_setup.select_device.cache_clear()
    yield
    jax_setup.select_device.cache_clear()


@each_descent
def test_steps_equal_those_of_numpy(name):
    data, engine = make_images(N), make_jax_engine()
    assert (engine.mesh, engine.prefers_lockstep) == (None, True)
    mine, expected = run_training(engine, DESCENTS[name], data), run_training(NumpyEngine(), DESCENTS[name], data)
    assert_close(mine[1], expected[1])
    assert_close(mine[2]["v"], expected[2]["v"])
    z, others = (program.weighted_inputs(params, examples) for program, params, _, examples in (mine, expected))
    np.testing.assert_allclose(z, others, rtol=1e-9, atol=1e-10)


@pytest.mark.slow
def test_members_trained_together_equal_members_trained_alone():
    data = make_images(N)
    trainings = Training(epochs=2, batch_size=4, dtype="float64").vary(seed=(1, 2), eta=(0.05, 0.1))
    network = DESCENTS["convolution"].network
    mine, expected = (
        fit_many(network, data, trainings, execution=Execution(engine=engine)) for engine in ("jax", "numpy")
    )
    for one, other in zip(mine, expected, strict=True):
        assert_close(one.params, other.params)


@pytest.mark.parametrize(("name", "devices"), with_slow(product(RECIPES, (1, 2)), *product(list(RECIPES)[1:], (2,))))
def test_the_named_networks_are_lowered_for_cuda(name, devices):
    jax_setup.configure_jax()
    recipe, data = RECIPES[name], make_images(20, shape=(28, 28), classes=10)
    network = recipe.network(*MNIST)
    descent = make_descent(network, data, recipe.training)
    compiled = CompiledDescent(network, np.dtype("float32"), build_cpu_mesh(devices) if devices > 1 else None, descent)
    batches, _ = epoch_of(len(data), batch_size=8).parts
    params = map_leaves(np.float32, network.init(0))
    given = (params, descent.optimizer.init(params), Examples.from_dataset(data, network, "float32"), batches, 0, 2)
    program = jax.export.export(compiled.run_stretch, platforms=["cuda"])((), *given).mlir_module()
    assert "stablehlo.while" in program
    assert "xla_cpu" not in program
    divided = devices > 1 and is_divisible(network)  # the others take the whole mini-batch on each device
    assert ("stablehlo.all_reduce" in program) == divided
