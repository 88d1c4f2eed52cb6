"""All engines take NumPy's steps: to the last digits in float64, to rounding in float32."""

from __future__ import annotations

import numpy as np
import pytest
from tests.core.table import ALONE, COSTS, MACHINES, OPTIMIZERS, SEQUENCES

from .cases import ADAM, ENGINES, TABLE, Case, Ready, build_everything, epoch_of, make_images, prepare

each_engine = pytest.mark.parametrize("engine", ENGINES[1:])


def relative_distance(mine, others) -> float:
    """Return the largest difference between corresponding leaves, relative to the largest parameter of the leaf."""
    return max(
        float(np.abs(np.asarray(one[name], np.float64) - np.asarray(other[name], np.float64)).max())
        / float(np.abs(np.asarray(other[name], np.float64)).max())
        for one, other in zip(mine, others, strict=True)
        for name in one
    )


def train(run: Ready, n: int, epochs: int, eta: float):
    params, state = run.params, run.state
    for number in range(epochs):
        epoch = epoch_of(n, number, eta=eta)
        params, state, finite = run.program.run(params, state, run.examples, epoch, 0, epoch.steps)
        assert finite
    return params, state


@each_engine
@pytest.mark.parametrize("epochs", [10, 100], ids=["50 steps", "500 steps"])
def test_float64_agrees_with_dropout_momentum_weight_decay_and_a_short_last_batch(epochs, engine):
    data = make_images(19)  # five steps an epoch, the last of three examples
    runs = [prepare(each, build_everything(len(data)), data, "float64") for each in ("numpy", engine)]
    (mine, velocities), (others, other_velocities) = [train(run, 19, epochs, eta=0.05) for run in runs]
    assert relative_distance(mine, others) < 1e-9
    assert relative_distance(velocities["v"], other_velocities["v"]) < 1e-9
    assert relative_distance(mine, runs[0].params) > 0.1  # they went somewhere


def test_every_kind_of_the_contract_table_runs_on_every_engine():
    descents = [*(case.descent(4) for case in TABLE), build_everything(4)]
    found = {type(part) for descent in descents for part in (*descent.network.layers, descent.network.cost)}
    elsewhere = (*SEQUENCES, *MACHINES)  # in test_sequences and test_machines
    assert found == {*(type(entry.layer) for entry in ALONE if entry not in elsewhere), *map(type, COSTS)}
    optimizers = {type(descent.optimizer) for descent in [*descents, build_everything(4, ADAM)]}
    assert optimizers == set(map(type, OPTIMIZERS))


@each_engine
@pytest.mark.parametrize("case", TABLE, ids=str)
def test_float64_agrees(case: Case, engine):
    data = make_images(60)
    runs = [prepare(each, case.descent(len(data)), data, "float64") for each in ("numpy", engine)]
    (mine, _), (others, _) = [train(run, 60, 4, eta=0.05) for run in runs]
    assert relative_distance(mine, others) < 1e-12
    assert relative_distance(mine, runs[0].params) > 1e-3


@each_engine
@pytest.mark.parametrize("case", [*TABLE, None], ids=str)
def test_float32_agrees_to_rounding_step_by_step(case: Case | None, engine):
    data = make_images(40)
    descent = build_everything(len(data), ADAM) if case is None else case.descent(len(data))
    mine, other = (prepare(each, descent, data, "float32") for each in ("numpy", engine))
    params, state, epoch = mine.params, mine.state, epoch_of(40, eta=0.05)
    for step in range(epoch.steps):
        theirs = other.program.params(params), {name: other.program.params(tree) for name, tree in state.items()}
        found, _, _ = other.program.run(*theirs, other.examples, epoch, step, step + 1)
        params, state, _ = mine.program.run(params, state, mine.examples, epoch, step, step + 1)
        assert relative_distance(params, found) < 4 * np.finfo(np.float32).eps


@each_engine
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_gradients_for_monitoring_agree(dtype, engine):
    data = make_images(43)
    mine, other = (prepare(each, Case().descent(43), data, dtype) for each in ("numpy", engine))
    found = [run.program.gradients(run.params, run.examples) for run in (mine, other)]
    assert relative_distance(*found) < 20 * np.finfo(dtype).eps
    assert all(leaf.dtype == dtype for tree in found for layer in tree for leaf in layer.values())
