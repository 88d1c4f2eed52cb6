"""A network, or a descent, run by the native library: arrays go in, and new arrays come out."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from deltarule.core import random
from deltarule.core.rbm import RBM
from deltarule.core.sequences import map_steps, split_lengths
from deltarule.core.trees import Tree, map_leaves
from deltarule.engines.examples import Examples
from deltarule.engines.native_job import (
    INPUTS,
    STATES,
    Job,
    describe_cost_in,
    describe_layers,
    describe_rule_in,
)
from deltarule.engines.native_library import load_library
from deltarule.engines.native_scope import check_shapes, check_state
from deltarule.engines.numpy_engine import NumpyEvaluator
from deltarule.errors import InvalidArgument, ShapeError

if TYPE_CHECKING:
    from deltarule.core.descent import Descent
    from deltarule.core.optimizers import State
    from deltarule.engines.base import Batches, Epoch

EVALUATED = 256
"""The number of examples that are evaluated at a time."""

EVALUATED_PER_CALL = 8192
"""The number of examples after which an evaluation returns to Python, so that Ctrl-C is heard."""

PATIENCE = 1.0
"""Seconds after which a call returns to Python, so that Ctrl-C is heard; the next call continues."""

AUGMENTED = 1_000_000
"""The number of input values that are augmented before each call: few, so that they all have their turn in it."""

NAMES = ("w", "u", "b", "c", "chains", "scale", "shift", "mean", "variance")
"""The names of parameters in the order in which a job has those of a layer; JAX and files sort them by name."""


@dataclass(frozen=True)
class NativeEvaluator(NumpyEvaluator):
    """A network run by the native library; gradients for monitoring, and the results of machines, are NumPy's."""

    level: str

    def place(self, examples: Examples) -> Examples:
        kind = np.asarray(examples.x).dtype
        stored = kind.newbyteorder("=") if kind.name in INPUTS else np.float32 if kind == np.float16 else self.dtype
        x, y = np.require(examples.x, stored, ("C", "A")), np.require(examples.y, self.dtype, ("C", "A"))
        weights = None if examples.weights is None else np.require(examples.weights, self.dtype, ("C", "A"))
        lengths = None if examples.lengths is None else np.require(examples.lengths, np.int32, ("C", "A"))
        y = self.network.cost.leave_out_padding(y, lengths)
        return replace(examples, x=x, y=y, weights=weights, lengths=lengths)

    def params(self, tree: Tree) -> Tree:
        return map_leaves(lambda leaf: np.array(leaf, self.dtype, order="C"), tree)

    def weighted_inputs(self, params: Tree, examples: Examples) -> np.ndarray:
        if isinstance(self.network, RBM):
            return super().weighted_inputs(params, examples)
        z = np.empty((len(examples), self.network.n_out), self.dtype)
        if not len(examples):
            return z
        job, held = self._describe(params, examples)
        order = np.arange(len(examples), dtype=np.int32)
        for first in range(0, len(examples), EVALUATED_PER_CALL):
            some = order[first : first + EVALUATED_PER_CALL]
            job.batch, job.steps = min(EVALUATED, len(some)), len(some)
            job.order, job.z = _address(some), _address(z[first:])
            self._do(job)
        del held
        return z

    def _describe(self, params: Tree, examples: Examples) -> tuple[Job, list[Any]]:
        """Describe the network, its parameters and the examples; the arrays in the list must outlive the job.

        Raises :class:`ShapeError` if the parameters or the inputs do not fit the network.
        """
        check_shapes(self.network, params)
        layers = describe_layers(self.network)
        tensors = [np.require(leaf, self.dtype, ("C", "A")) for leaf in _list_leaves(params)]
        job = Job(is_double=self.dtype == np.float64, parts=self.threads, layers=len(layers), layer=layers)
        describe_cost_in(job, self.network)
        job.parameters = _addresses(tensors)
        job.shrinks = (ctypes.c_int64 * len(tensors))(
            *(
                name in layer.weights
                for layer, p in zip(self.network.layers, params, strict=True)
                for name in sorted(p, key=NAMES.index)
            )
        )
        x = examples.x
        if x.shape[1:] != self.network.input_shape:
            raise ShapeError(argument="x", expected=f"examples of shape {self.network.input_shape}", value=x.shape[1:])
        job.x, job.input_type, job.size = _address(x), INPUTS[x.dtype.name], prod(x.shape[1:])
        job.scale, job.mean, job.has_mean = examples.scale, examples.mean or 0.0, bool(examples.mean)
        lengths = None if examples.lengths is None else np.require(examples.lengths, np.int32, ("C", "A"))
        job.lengths = None if lengths is None else _address(lengths)
        sample = x[:256]
        job.sparse = 2 * int(np.count_nonzero(sample)) < sample.size
        return job, [layers, tensors, x, lengths]

    def _do(self, job: Job) -> None:
        """Let the library do the job. Raises :class:`InvalidArgument` if there is not enough memory."""
        outcome = load_library().deltarule_run(ctypes.byref(job), self.level.encode())
        if outcome == 1:
            raise InvalidArgument(
                "there is not enough memory for a mini-batch of this network",
                argument="batch_size",
                value=job.batch,
                remedy="use smaller mini-batches, fewer threads or fewer neurons",
            )
        if outcome:
            raise InvalidArgument(
                argument="level", expected="a level of instructions that this processor has", value=self.level
            )


@dataclass(frozen=True)
class NativeProgram(NativeEvaluator):
    """A descent run by the native library."""

    descent: Descent

    def warm_up(
        self, params: Tree, state: State, examples: Examples, epoch: Epoch, evaluated: Examples | None = None
    ) -> None:
        pass

    def run(
        self, params: Tree, state: State, examples: Examples, epoch: Epoch, start: int, stop: int
    ) -> tuple[Tree, State, bool]:
        """As in :class:`Program`. Raises :class:`ShapeError` if parameters, state or inputs do not fit the network."""
        params, finite = self.params(params), True
        state = {name: self.params(tree) for name, tree in state.items()}
        check_state(self.network, self.descent.optimizer, state)
        for batches, begin, end in epoch.split_steps(start, stop):
            while begin < end:
                done, finite = self._run_steps(params, state, examples, batches, begin, end)
                begin += done
        return params, state, finite

    def _run_steps(
        self, params: Tree, state: State, examples: Examples, batches: Batches, begin: int, end: int
    ) -> tuple[int, bool]:
        """Take steps of an epoch, writing into ``params`` and ``state``; return how many, and whether all is finite."""
        order = batches.order[begin - batches.first : end - batches.first]
        if self.descent.augmentation is not None:
            order = order[: max(1, AUGMENTED // prod((order.shape[1], *examples.x.shape[1:])))]
            examples, order = self._augment(examples, order, batches, begin), _count_up(order)
        order, eta = np.ascontiguousarray(order, np.int32), np.ascontiguousarray(batches.eta, self.dtype)
        job, held = self._describe(params, examples)
        describe_rule_in(job, self.descent.optimizer, self.descent.regularizer, self.descent.n)
        job.training, job.seconds = 1, PATIENCE
        job.y, job.order = _address(examples.y), _address(order)
        job.weights = None if examples.weights is None else _address(examples.weights)
        job.eta = _address(eta) + (begin - batches.first) * eta.itemsize
        job.steps, job.batch = order.shape
        job.number = begin
        words, *path = batches.key
        numbers = np.asarray([int(number) for number in path], np.uint32)
        job.words[:] = [int(word) for word in words]
        job.path_length, job.path = len(numbers), _address(numbers)
        missing, weight = self._scalars(state)
        for name, tree in state.items():
            if name in STATES:
                setattr(job, STATES[name], _addresses(_list_leaves(tree)))
        job.missing1, job.missing2 = (float(missing[name]) for name in ("beta1", "beta2")) if missing else (0, 0)
        job.weight = float(weight["weight"]) if weight else 0
        self._do(job)
        if missing:
            missing["beta1"][...], missing["beta2"][...] = job.missing1, job.missing2
        if weight:
            weight["weight"][...] = job.weight
        del held
        return int(job.steps_done), bool(job.finite)

    def _augment(self, examples: Examples, order: np.ndarray, batches: Batches, begin: int) -> Examples:
        """Augment the inputs of some mini-batches by the core's lines, and return the examples in their order."""
        from concurrent.futures import ThreadPoolExecutor  # 7 ms, and only this needs it

        augmentation, last = self.descent.augmentation, len(self.network.layers)
        assert augmentation is not None

        def augment(i: int) -> np.ndarray:
            key = random.fold(random.fold(batches.key, begin + i), last)
            x, _ = split_lengths(map_steps(lambda x: augmentation(x, key), self._scale(examples, order[i])))
            return np.asarray(x)

        with ThreadPoolExecutor(self.threads) as pool:  # NumPy lets other threads run while it computes
            parts = list(pool.map(augment, range(len(order))))
        all_of_them = order.reshape(-1)
        weights = None if examples.weights is None else examples.weights[all_of_them]
        x = np.ascontiguousarray(np.concatenate(parts), self.dtype)
        lengths = None if examples.lengths is None else examples.lengths[all_of_them]
        return Examples(x, examples.y[all_of_them], 1.0, examples.mean, weights, lengths)

    def _scalars(self, state: State) -> tuple[Any, Any]:
        """Return the optimizer's states that are single numbers, β₁ᵗ and β₂ᵗ, and the weight of the average."""
        first = [state[name][0] if state.get(name) else None for name in ("missing", "weight")]
        return first[0], first[1]


def _list_leaves(tree: Tree) -> list[np.ndarray]:
    """List all arrays of a tree, layer by layer, in the order of a job."""
    return [layer[name] for layer in tree for name in sorted(layer, key=NAMES.index)]


def _count_up(order: np.ndarray) -> np.ndarray:
    return np.arange(order.size, dtype=np.int32).reshape(order.shape)


def _address(array: np.ndarray) -> int:
    return int(array.ctypes.data)


def _addresses(arrays: Sequence[np.ndarray]) -> Any:
    return (ctypes.c_void_p * len(arrays))(*(array.ctypes.data for array in arrays))
