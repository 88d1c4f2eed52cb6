"""The contract of engines: an engine builds a program from a descent; the program runs stretches of mini-batches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from deltarule.core.descent import Descent
    from deltarule.core.layer import Key
    from deltarule.core.network import Network
    from deltarule.core.optimizers import State
    from deltarule.core.trees import Tree
    from deltarule.engines.examples import Examples


@dataclass(frozen=True, eq=False)
class Batches:
    """Consecutive mini-batches of one size within an epoch.

    ``order`` (steps, size) holds positions of examples, ``eta`` (steps,) the learning rates, ``first``
    the number of the first step within the epoch; step i draws its random numbers from ``fold(key, i)``.
    """

    order: Any
    eta: Any
    key: Key
    first: Any


@dataclass(frozen=True, eq=False)
class Epoch:
    """One pass over the training set: the order of the examples, the mini-batches, and η of each step.

    ``order`` (n,) int32 holds positions of examples; step i takes the i-th ``batch_size`` of them, the
    last step the rest. ``eta`` (steps,) is the learning rate of each step, ``key`` the random key of the epoch.

    >>> from deltarule.core.random import key
    >>> epoch = Epoch(np.arange(5, dtype=np.int32), batch_size=2, eta=np.full(3, 0.5), key=key(0))
    >>> epoch.steps, [batches.order.tolist() for batches in epoch.parts]
    (3, [[[0, 1], [2, 3]], [[4]]])
    """

    order: np.ndarray
    batch_size: int
    eta: np.ndarray
    key: Key

    @property
    def steps(self) -> int:
        return -(-len(self.order) // self.batch_size)

    @cached_property
    def parts(self) -> list[Batches]:
        """All mini-batches of full size, then the short last one, if any."""
        size = min(self.batch_size, max(1, len(self.order)))
        full = len(self.order) // size
        long, short = self.order[: full * size].reshape(full, size), self.order[full * size :][None]
        parts = [Batches(long, self.eta[:full], self.key, 0), Batches(short, self.eta[full:], self.key, full)]
        return [batches for batches in parts if batches.order.size]

    def split_steps(self, start: int, stop: int) -> Iterator[tuple[Batches, int, int]]:
        """Yield the parts with any steps from ``start`` to ``stop`` − 1, each with the first and last + 1 of them."""
        for batches in self.parts:
            begin, end = max(start, batches.first), min(stop, batches.first + len(batches.order))
            if begin < end:
                yield batches, begin, end


class Evaluator(Protocol):
    """A network, ready to evaluate."""

    def place(self, examples: Examples) -> Examples:
        """Put the examples where the program needs them; do this once, not for every stretch."""
        ...

    def params(self, tree: Tree) -> Tree:
        """Convert parameters (or any tree of arrays) to this program's arrays, in its floating type."""
        ...

    def weighted_inputs(self, params: Tree, examples: Examples) -> np.ndarray:
        """Compute zᴸ of all examples for the network in use, a NumPy array (n, n_out)."""
        ...

    def gradients(self, params: Tree, examples: Examples) -> Tree:
        """Compute ∇C over all examples at once, as NumPy arrays, for monitoring."""
        ...


class Program(Evaluator, Protocol):
    """A descent, ready to run.

    >>> from deltarule.core.descent import Descent
    >>> from deltarule.core.network import Network
    >>> from deltarule.core.optimizers import SGD
    >>> from deltarule.core.random import key
    >>> from deltarule.data.dataset import Dataset
    >>> from deltarule.engines.examples import Examples
    >>> from deltarule.engines.numpy_engine import NumpyEngine
    >>> data = Dataset(np.asarray([[1.0], [0.0]]), np.asarray([0, 1]))
    >>> program = NumpyEngine().program(Descent(Network.dense([1, 2]), SGD(), None, len(data)), "float64")
    >>> examples = program.place(Examples.from_dataset(data, Network.dense([1, 2]), "float64"))
    >>> params = [{"w": np.zeros((2, 1)), "b": np.zeros(2)}]
    >>> epoch = Epoch(np.arange(2, dtype=np.int32), 2, np.ones(1), key(0))
    >>> program.run(params, {}, examples, epoch, 0, 1)  # w → w − η ∂C/∂w, with ∂C/∂w = (a − y) x / 2
    ([{'w': array([[ 0.25],
           [-0.25]]), 'b': array([0., 0.])}], {}, True)
    """

    def warm_up(
        self, params: Tree, state: State, examples: Examples, epoch: Epoch, evaluated: Examples | None = None
    ) -> None:
        """Do all that is needed once before the first step, such as compiling; take no step.

        ``evaluated`` are the examples that will be evaluated during training.
        """
        ...

    def run(
        self, params: Tree, state: State, examples: Examples, epoch: Epoch, start: int, stop: int
    ) -> tuple[Tree, State, bool]:
        """Return ``(params, state, finite)`` after steps ``start`` to ``stop`` − 1 of the epoch.

        The result has the same bits however an epoch is divided into stretches. ``finite`` tells whether
        every parameter is finite.
        """
        ...


@dataclass(frozen=True, eq=False)
class Stretch:
    """Work for a program: the steps ``start`` to ``stop`` − 1 of an epoch."""

    program: Program
    params: Tree
    state: State
    examples: Examples
    epoch: Epoch
    start: int
    stop: int

    def compute(self) -> tuple[Tree, State, bool]:
        return self.program.run(self.params, self.state, self.examples, self.epoch, self.start, self.stop)


@dataclass(frozen=True, eq=False)
class Evaluation:
    """Work for a program: the weighted inputs of all examples."""

    program: Program
    params: Tree
    examples: Examples

    def compute(self) -> np.ndarray:
        return self.program.weighted_inputs(self.params, self.examples)


@dataclass(frozen=True, eq=False)
class WarmUp:
    """Work for a program: the warm-up before an epoch's first step and the first evaluation."""

    program: Program
    params: Tree
    state: State
    examples: Examples
    epoch: Epoch
    evaluated: Examples | None

    def compute(self) -> None:
        self.program.warm_up(self.params, self.state, self.examples, self.epoch, self.evaluated)


Work: TypeAlias = Stretch | Evaluation | WarmUp


class Engine(Protocol):
    """A builder of programs. ``threads`` is fixed, since their number changes the last bits of a sum.

    >>> from deltarule.engines.numpy_engine import NumpyEngine
    >>> engine: Engine = NumpyEngine()
    >>> engine.name, engine.threads, engine.processes
    ('numpy', 1, 1)
    """

    @property
    def name(self) -> str: ...

    @property
    def threads(self) -> int: ...

    @property
    def level(self) -> str:
        """The level of the processor's instructions, if the engine chooses one by itself; otherwise empty."""
        ...

    @property
    def processes(self) -> int:
        """The number of processes, each with this engine, that share the training."""
        ...

    @property
    def workers(self) -> int:
        """The number of works it can do at the same time, each for a separate Python thread."""
        ...

    @property
    def prefers_lockstep(self) -> bool:
        """True if :meth:`compute_together` does many works faster than separate threads do."""
        ...

    def all_reduce_max(self, *numbers: float) -> tuple[float, ...]:
        """Return the maximum of each number over all processes, so that they agree on it."""
        ...

    def all_gather(self, text: str) -> list[str]:
        """Return the texts of all processes, in the order of their numbers."""
        ...

    def evaluator(self, network: Network, dtype: str) -> Evaluator:
        """Build the evaluator of a network; ``dtype`` is ``"float32"`` or ``"float64"``."""
        ...

    def program(self, descent: Descent, dtype: str) -> Program:
        """Build the program of a descent; ``dtype`` is ``"float32"`` or ``"float64"``."""
        ...

    def programs(self, descents: Sequence[Descent], dtype: str) -> list[Program]:
        """Build a program for each descent; those that differ only in numbers, such as λ or μ, share compiled code."""
        ...

    def compute_together(self, works: Sequence[Work], most: int) -> list[Any]:
        """Return the result of each work; similar works are done at once. ``most`` is the largest number of works."""
        ...
