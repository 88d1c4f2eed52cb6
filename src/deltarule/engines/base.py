"""What an engine is: it makes a program of a descent, and runs stretches of mini-batches with it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import prod
from typing import Any, Protocol, TypeAlias

import numpy as np

from deltarule.core.descent import Descent
from deltarule.core.layer import Key
from deltarule.core.network import Network
from deltarule.core.optimizers import State
from deltarule.core.trees import Tree
from deltarule.data.arrays import to_native
from deltarule.data.dataset import Dataset
from deltarule.data.encodings import OneHot
from deltarule.engines.inputs import convert_inputs
from deltarule.errors import ShapeError


@dataclass(frozen=True, eq=False)
class Examples:
    """A data set as a program takes it: x as the file has it, desired outputs y, and the inputs' scale."""

    x: Any
    y: Any
    scale: float

    @classmethod
    def from_dataset(cls, dataset: Dataset, network: Network, dtype: np.typing.DTypeLike) -> Examples:
        """Shape a data set for the network, and convert it for programs that compute in ``dtype``.

        Raises :class:`ShapeError` or :class:`DataError` where data, network and ``dtype`` do not fit.
        """
        x, y = dataset.reshape_x(network.input_shape), dataset.targets
        if y.shape[1] != network.n_out:
            few = isinstance(dataset.encoding, OneHot) and y.shape[1] < network.n_out
            remedy = f"; if classes are missing in it, give Dataset classes= or encoding=OneHot({network.n_out})"
            raise ShapeError(
                f"{dataset.name}: its labels are encoded by {y.shape[1]} outputs, but the network has {network.n_out}"
                f"{remedy if few else ''}"
            )
        dtype = np.dtype(dtype)
        return cls(convert_inputs(x, dataset.scale, dtype, dataset.name), to_native(y).astype(dtype), dataset.scale)

    def __len__(self) -> int:
        return len(self.x)


@dataclass(frozen=True, eq=False)
class Batches:
    """Mini-batches of one size that follow each other in an epoch.

    ``order`` (steps, size) are positions of examples, ``eta`` (steps,) the learning rates, ``first``
    the number within the epoch of the first step; step i uses the randomness of ``fold(key, i)``.
    """

    order: Any
    eta: Any
    key: Key
    first: Any


@dataclass(frozen=True, eq=False)
class Epoch:
    """One pass over the training examples: in which order, in what mini-batches, at which η.

    ``order`` (n,) int32 are positions of examples; step i takes the i-th ``batch_size`` of them, the
    last step what is left. ``eta`` (steps,) is the learning rate of each step, ``key`` the epoch's.
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
        """All mini-batches of full size, then the short last one, where there are such."""
        size = min(self.batch_size, max(1, len(self.order)))
        full = len(self.order) // size
        long, short = self.order[: full * size].reshape(full, size), self.order[full * size :][None]
        parts = [Batches(long, self.eta[:full], self.key, 0), Batches(short, self.eta[full:], self.key, full)]
        return [batches for batches in parts if batches.order.size]

    def split_steps(self, start: int, stop: int) -> Iterator[tuple[Batches, int, int]]:
        """The parts in which the steps ``start`` to ``stop`` − 1 lie, each with the first and last + 1 of them."""
        for batches in self.parts:
            begin, end = max(start, batches.first), min(stop, batches.first + len(batches.order))
            if begin < end:
                yield batches, begin, end


class Evaluator(Protocol):
    """A network, ready to answer."""

    def place(self, examples: Examples) -> Examples:
        """The examples where the program wants them; do this once, not for every stretch."""
        ...

    def params(self, tree: Tree) -> Tree:
        """Parameters (or any tree of arrays) as this program's arrays, in its floating type."""
        ...

    def weighted_inputs(self, params: Tree, examples: Examples) -> np.ndarray:
        """zᴸ of all examples for the network in use, (n, n_out), as NumPy."""
        ...

    def gradients(self, params: Tree, examples: Examples) -> Tree:
        """∇C over all examples at once, as NumPy, for looking at."""
        ...


class Program(Evaluator, Protocol):
    """A descent, ready to run."""

    def warm_up(
        self, params: Tree, state: State, examples: Examples, epoch: Epoch, evaluated: Examples | None = None
    ) -> None:
        """Whatever must be done once before the first step, such as compiling; no step is taken.

        ``evaluated`` are the examples whose weighted inputs will be asked for on the way.
        """
        ...

    def run(
        self, params: Tree, state: State, examples: Examples, epoch: Epoch, start: int, stop: int
    ) -> tuple[Tree, State, bool]:
        """``(params, state, finite)`` after steps ``start`` to ``stop`` − 1 of the epoch.

        The result is the same bytes however an epoch is cut into stretches. ``finite`` is whether
        every parameter still is.
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
    """Work for a program: what is to be done once before an epoch's first step and the first evaluation."""

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
    """Makes programs. ``threads`` is fixed, since their number changes the last bits of a sum."""

    @property
    def name(self) -> str: ...

    @property
    def threads(self) -> int: ...

    @property
    def processes(self) -> int:
        """How many processes, each with this engine, work on the same."""
        ...

    @property
    def workers(self) -> int:
        """How many works it can do side by side, each asked for by a Python thread of its own."""
        ...

    @property
    def prefers_lockstep(self) -> bool:
        """Whether :meth:`compute_together` is a faster way to do many works than side by side."""
        ...

    def all_reduce_max(self, *numbers: float) -> tuple[float, ...]:
        """The greatest of each number over all processes that work on the same: what they are to agree on."""
        ...

    def all_gather(self, text: str) -> list[str]:
        """The text that each of these processes gives, in the order of their numbers."""
        ...

    def evaluator(self, network: Network, dtype: str) -> Evaluator:
        """``dtype`` is ``"float32"`` or ``"float64"``."""
        ...

    def program(self, descent: Descent, dtype: str) -> Program:
        """``dtype`` is ``"float32"`` or ``"float64"``."""
        ...

    def programs(self, descents: Sequence[Descent], dtype: str) -> list[Program]:
        """A program for each; those that differ in numbers alone, such as λ or μ, share what is compiled."""
        ...

    def compute_together(self, works: Sequence[Work], most: int) -> list[Any]:
        """What each work comes to, like ones done in one go; ``most`` is how many there may ever be."""
        ...


CACHED = 2_000_000
"""How many numbers of one layer, over all examples, are evaluated at a time: enough to be fast, few for the cache."""


def split_examples(network: Network, n: int) -> list[slice]:
    """Which of n examples are evaluated at a time; all of them equally many, where that can be, so one program does.

    >>> network = Network.dense([1000, 10])
    >>> [len(range(*some.indices(4500))) for some in split_examples(network, 4500)]
    [1500, 1500, 1500]
    """
    most = max(1, min(n, CACHED // max(prod(shape) for shape in network.shapes)))
    size = next((size for size in range(most, most // 2, -1) if n % size == 0), most)
    return [slice(i, i + size) for i in range(0, n, size)]
