"""The NumPy engine: a plain Python loop over mini-batches, which a debugger can step through."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from deltarule.core import random
from deltarule.core.network import Network
from deltarule.core.sequences import Sequences, map_steps
from deltarule.core.trees import Tree, leaves, map_leaves
from deltarule.engines.examples import Examples, split_examples

if TYPE_CHECKING:
    from deltarule.core.descent import Descent
    from deltarule.core.optimizers import State
    from deltarule.engines.base import Epoch, Evaluator, Program, Work


@dataclass(frozen=True)
class NumpyEngine:
    """The engine that runs the core's lines as they are. One thread is fastest for matrices as small as the book's."""

    threads: int = 1
    name = "numpy"
    level = ""
    processes = 1
    workers = 1
    prefers_lockstep = False

    def all_reduce_max(self, *numbers: float) -> tuple[float, ...]:
        return numbers

    def all_gather(self, text: str) -> list[str]:
        return [text]

    def evaluator(self, network: Network, dtype: str = "float32") -> Evaluator:
        return NumpyEvaluator(network, np.dtype(dtype), self.threads)

    def program(self, descent: Descent, dtype: str = "float32") -> Program:
        return NumpyProgram(descent.network, np.dtype(dtype), self.threads, descent)

    def programs(self, descents: Sequence[Descent], dtype: str = "float32") -> list[Program]:
        return [self.program(descent, dtype) for descent in descents]

    def compute_together(self, works: Sequence[Work], most: int) -> list[Any]:
        return [work.compute() for work in works]


@dataclass(frozen=True)
class NumpyEvaluator:
    """A network run by NumPy."""

    network: Network
    dtype: np.dtype
    threads: int

    def place(self, examples: Examples) -> Examples:
        return examples

    def params(self, tree: Tree) -> Tree:
        return map_leaves(lambda leaf: np.asarray(leaf).astype(self.dtype), tree)

    def weighted_inputs(self, params: Tree, examples: Examples) -> np.ndarray:
        with limit_blas_threads(self.threads), np.errstate(all="ignore"):
            parts = [self._forward(params, examples, i) for i in split_examples(self.network, len(examples))]
        return np.concatenate([np.empty((0, self.network.n_out), self.dtype), *parts])

    def gradients(self, params: Tree, examples: Examples) -> Tree:
        with limit_blas_threads(self.threads), np.errstate(all="ignore"):
            return self.network.gradients(
                params, self._inputs(examples, slice(None)), examples.y, weights=examples.weights
            )

    def _forward(self, params: Tree, examples: Examples, chosen: slice) -> np.ndarray:
        return np.asarray(self.network.forward(params, self._inputs(examples, chosen))[0])

    def _inputs(self, examples: Examples, chosen: slice) -> np.ndarray | Sequences:
        x, mean = self._scale(examples, chosen), self._convert_mean(examples)
        return x if mean is None else map_steps(lambda scaled: scaled - mean, x)

    def _scale(self, examples: Examples, chosen: Any) -> Any:
        scale = self.dtype.type(examples.scale)
        return map_steps(lambda x: np.asarray(x.astype(self.dtype) / scale), examples.take_inputs(chosen))

    def _convert_mean(self, examples: Examples) -> Any:
        return self.dtype.type(examples.mean) if examples.mean else None


@dataclass(frozen=True)
class NumpyProgram(NumpyEvaluator):
    """A descent run by NumPy: a loop over mini-batches."""

    descent: Descent

    def warm_up(
        self, params: Tree, state: State, examples: Examples, epoch: Epoch, evaluated: Examples | None = None
    ) -> None:
        pass

    def run(
        self, params: Tree, state: State, examples: Examples, epoch: Epoch, start: int, stop: int
    ) -> tuple[Tree, State, bool]:
        descent = self.descent.subtract_mean(self._convert_mean(examples))
        with limit_blas_threads(self.threads), np.errstate(all="ignore"):  # infinity and NaN are reported below
            for batches, begin, end in epoch.split_steps(start, stop):
                eta = batches.eta.astype(self.dtype)
                for i in range(begin, end):
                    chosen = batches.order[i - batches.first]
                    x, y, rng = self._scale(examples, chosen), examples.y[chosen], random.fold(batches.key, i)
                    weights = None if examples.weights is None else examples.weights[chosen]
                    params, state = descent.step(params, state, x, y, eta[i - batches.first], rng, weights)
        return params, state, all(bool(np.isfinite(leaf).all()) for leaf in leaves(params))


@cache
def _controller() -> Any:
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


def limit_blas_threads(count: int) -> AbstractContextManager[Any]:
    """Limit the threads of matrix products within the block (if threadpoolctl is installed)."""
    try:
        return _controller().limit(limits=count, user_api="blas")  # type: ignore[no-any-return] # threadpoolctl is untyped
    except ImportError:
        return nullcontext()
