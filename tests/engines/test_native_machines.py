"""Boltzmann machines on the native engine take NumPy's steps: chains, labels, rules, and sizes at the edge."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest

from deltarule.core.descent import Descent
from deltarule.core.optimizers import SGD, ClipNorm, ExponentialMovingAverage, Momentum, Nesterov, Optimizer
from deltarule.core.rbm import RBM
from deltarule.core.regularizers import L1, L2, Regularizer
from deltarule.core.trees import leaves
from deltarule.data.dataset import Dataset
from deltarule.data.encodings import Inputs
from deltarule.engines.native_scope import MOST, find_obstacle
from deltarule.errors import ShapeError

from .cases import ADAM, Ready, bytes_of, epoch_of, prepare
from .native_cases import find_levels
from .test_agreement import relative_distance

N = 26  # with mini-batches of seven: three whole ones, and five examples


@dataclass(frozen=True)
class Row:
    """A machine, and how it is trained."""

    machine: RBM
    optimizer: Optimizer = SGD()
    regularizer: Regularizer | None = None
    is_sparse: bool = True
    has_weights: bool = False
    mean: float = 0.0
    batch_size: int = 7
    n: int = N

    def data(self) -> Dataset:
        rng = np.random.default_rng(3)
        x = rng.integers(1, 256, (self.n, self.machine.n_visible), dtype=np.uint8)
        if self.is_sparse:
            x *= rng.random(x.shape) < 0.3
        labels = self.machine.n_labels
        weights = rng.uniform(0.5, 2, self.n) if self.has_weights else None
        if labels:
            return Dataset(x, np.arange(self.n) % labels, "states", 255.0, weights=weights)
        return Dataset(x, encoding=Inputs(self.machine.n_visible), name="states", scale=255.0, weights=weights)

    def prepare(self, engine: str, dtype: str = "float64", threads: int = 1, level: str = "") -> Ready:
        descent = Descent(self.machine, self.optimizer, self.regularizer, self.n)
        ready = prepare(engine, descent, self.data(), dtype, threads, level, self.mean)
        # states of chains are 0 or 1
        params = [{name: leaf - 0.1 if name == "chains" else leaf for name, leaf in ready.params[0].items()}]
        return replace(ready, params=ready.program.params(params))


ROWS = {
    "one unit of each": Row(RBM(1, 1)),
    "three steps": Row(RBM(20, 12, k=3)),
    "grey inputs, few of them 0": Row(RBM(20, 12), is_sparse=False),
    "whole panels": Row(RBM(16, 32), Momentum(0.5)),
    "many hidden units": Row(RBM(37, 150)),
    "many hidden units, one example a time": Row(RBM(37, 150), batch_size=1),
    "weight decay": Row(RBM(37, 150), regularizer=L2(2.0)),
    "all examples at once": Row(RBM(37, 150), ADAM, L1(2.0), batch_size=N),
    "weighted examples": Row(RBM(20, 12), Nesterov(0.5), has_weights=True),
    "averages": Row(RBM(20, 12), ExponentialMovingAverage(ADAM, 0.9)),
    "with a mean": Row(RBM(20, 12), mean=0.1),
    "chains": Row(RBM(20, 12, chains=16, k=2)),
    "fewer chains than threads": Row(RBM(20, 12, chains=2), Momentum(0.5), L2(2.0), has_weights=True),
    "averages of chains": Row(RBM(20, 12, chains=5), ExponentialMovingAverage(SGD(), 0.9)),
    "clipped": Row(RBM(37, 150, chains=5), ClipNorm(Momentum(0.5), 0.1), L2(2.0)),
    "labels": Row(RBM(20, 12, n_labels=4)),
    "labels over whole vectors": Row(RBM(19, 12, n_labels=13), Momentum(0.5), has_weights=True),
    "labels and chains": Row(RBM(20, 140, n_labels=2, chains=3, k=2), ADAM, L2(2.0), is_sparse=False),
    "too many inputs to list": Row(RBM(2_200, 3), batch_size=1_000, n=1_500),
}
each_row = pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)


@pytest.mark.parametrize("threads", [1, 3])
@each_row
def test_float64_agrees(row, threads):
    mine, other = row.prepare("numpy"), row.prepare("native", threads=threads)
    epoch = epoch_of(row.n, batch_size=row.batch_size)
    params, state, _ = mine.program.run(mine.params, mine.state, mine.examples, epoch, 0, epoch.steps)
    found, found_state, finite = other.program.run(other.params, other.state, other.examples, epoch, 0, epoch.steps)
    assert finite
    assert relative_distance(mine.params, params) > 1e-3
    assert relative_distance(found, params) < 1e-10
    for name, tree in state.items():
        for one, other_one in zip(leaves(found_state[name]), leaves(tree), strict=True):
            np.testing.assert_allclose(one, other_one, rtol=0, atol=1e-10)
    z, found_z = (run.program.weighted_inputs(params, run.examples) for run in (mine, other))
    np.testing.assert_array_equal(found_z, z)


@each_row
def test_float32_agrees_to_rounding(row):
    """Compare one step of each engine with the same step in float64; no state is drawn otherwise in these cases."""
    exact, mine, other = row.prepare("numpy"), row.prepare("numpy", "float32"), row.prepare("native", "float32")
    epoch = epoch_of(row.n, batch_size=row.batch_size)
    right, rounded, found = (
        run.program.run(run.program.params(mine.params), run.state, run.examples, epoch, 0, 1)[0]
        for run in (exact, mine, other)
    )
    assert {leaf.dtype.name for leaf in leaves(found)} == {"float32"}
    assert relative_distance(found, right) < relative_distance(rounded, right) + 16 * np.finfo(np.float32).eps


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("threads", [1, 2, 5])
@pytest.mark.parametrize("name", ["many hidden units", "labels and chains"])
def test_the_same_bits_again_in_stretches_and_on_every_level(name, threads, dtype):
    def run_all(level: str, cuts: tuple[int, ...] = ()) -> bytes:
        run = ROWS[name].prepare("native", dtype, threads, level)
        params, state, epoch = run.params, run.state, epoch_of(N, batch_size=7)
        for start, stop in zip([0, *cuts], [*cuts, epoch.steps], strict=True):
            params, state, _ = run.program.run(params, state, run.examples, epoch, start, stop)
        return bytes_of(params)

    first = run_all("")
    assert run_all("") == first == run_all("", (1, 3))
    wide = [level for level in find_levels() if level != "v2"]
    assert {run_all(level) for level in wide} <= {first}


@pytest.mark.parametrize("name", ["weight decay", "chains", "labels"])
def test_numbers_that_are_no_numbers_are_reported(name):
    run = ROWS[name].prepare("native", "float32")
    run.params[0]["w"][0, 0] = np.nan
    epoch = epoch_of(N, batch_size=7)
    _, _, finite = run.program.run(run.params, run.state, run.examples, epoch, 0, epoch.steps)
    assert not finite


def test_parameters_of_another_machine_raise():
    run = ROWS["chains"].prepare("native")
    params = run.program.params(RBM(20, 12, chains=9).init(1))
    with pytest.raises(ShapeError, match=r"expected w \(12, 20\) and b .* and chains \(16, 20\), got .*\(9, 20\)"):
        run.program.run(params, run.state, run.examples, epoch_of(N, batch_size=7), 0, 1)


@pytest.mark.parametrize(
    ("machine", "optimizer", "reason"),
    [
        (RBM(4, 3), ClipNorm(ClipNorm(SGD())), "ClipNorm is not built in"),
        (RBM(2**14, 2**13 + 1), SGD(), f"the machine has more than {MOST:,} numbers"),
        (RBM(2**14, 2, chains=2**13 + 1), SGD(), f"the machine has more than {MOST:,} numbers"),
    ],
    ids=["rule", "weights", "chains"],
)
def test_what_is_not_built_in_is_named(machine, optimizer, reason):
    assert find_obstacle(machine, optimizer) == reason
