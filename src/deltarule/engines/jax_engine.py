"""The JAX engine: the core's lines compiled, a stretch of mini-batches as one program."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from threading import Lock
from typing import Any

import numpy as np

from deltarule.core.descent import Descent
from deltarule.core.network import Network
from deltarule.core.optimizers import State
from deltarule.core.trees import Tree, map_leaves
from deltarule.data.arrays import align
from deltarule.engines.base import (
    Epoch,
    Evaluation,
    Evaluator,
    Program,
    Stretch,
    WarmUp,
    Work,
)
from deltarule.engines.compiled import (
    CompiledDescent,
    CompiledNetwork,
    compile_descent,
    compile_network,
    replicate_over,
)
from deltarule.engines.devices import build_mesh
from deltarule.engines.examples import Examples, split_examples
from deltarule.engines.execution import Execution
from deltarule.engines.hyperparameters import find_differing_numbers, strip_numbers
from deltarule.engines.jax_setup import (
    configure_jax,
    is_on_cpu,
    read_environment_threads,
    select_device,
)
from deltarule.engines.machine import count_cores
from deltarule.errors import InvalidArgument


def make_jax_engine(threads: int | None = None, preferred: int | None = None) -> JaxEngine:
    """Make the engine whose programs use this number of threads, on one device.

    If neither the argument nor the environment sets their number, it is ``preferred``, or the number of
    cores. The threads share each matrix product. Compiled programs are stored in the user's cache folder, so the
    next start need not compile.
    """
    configure_jax()
    threads = threads or read_environment_threads() or preferred or count_cores()
    return JaxEngine(threads, prefers_lockstep=not is_on_cpu())


def make_shared_jax_engine(execution: Execution) -> JaxEngine:
    """Make the engine whose devices, of one process or several, share each mini-batch.

    Raises :class:`InvalidArgument` if there are too few devices, or a process does not come.
    """
    configure_jax()
    if execution.threads is not None:
        raise InvalidArgument(
            argument="threads",
            expected="no number of threads, because JAX chooses it for several devices or processes",
            value=execution.threads,
        )
    devices = build_mesh(execution)
    return JaxEngine(read_environment_threads() or count_cores(), not is_on_cpu(), devices, execution.processes)


@dataclass(frozen=True)
class JaxEngine:
    """The engine that compiles for the device JAX finds: CPU, GPU or TPU; see :func:`make_jax_engine`.

    ``prefers_lockstep`` tells how several members are trained: by one program for all of them, which is faster on an
    accelerator, or each by its own program on one core, which is faster on a CPU.
    """

    threads: int
    prefers_lockstep: bool = False
    mesh: Any = None
    processes: int = 1
    name = "jax"
    level = ""

    @property
    def workers(self) -> int:
        # programs that communicate must run in the same order in all processes
        return max(1, count_cores() // self.threads) if self.mesh is None else 1

    def all_reduce_max(self, *numbers: float) -> tuple[float, ...]:
        if self.processes == 1:
            return numbers
        from jax.experimental.multihost_utils import process_allgather

        return tuple(np.max(process_allgather(np.asarray(numbers, np.float32)), axis=0).tolist())

    def all_gather(self, text: str) -> list[str]:
        if self.processes == 1:
            return [text]
        from jax.experimental.multihost_utils import process_allgather

        own = np.frombuffer(text.encode(), np.uint8)
        lengths = process_allgather(np.asarray(len(own), np.int32))
        texts = process_allgather(np.pad(own, (0, max(lengths) - len(own))))  # it needs arrays of one length
        return [bytes(each[:length]).decode() for each, length in zip(texts, lengths, strict=True)]

    def evaluator(self, network: Network, dtype: str = "float32") -> Evaluator:
        return JaxEvaluator(compile_network(network, dtype, self.mesh), self._where)

    def program(self, descent: Descent, dtype: str = "float32") -> Program:
        return self.programs([descent], dtype)[0]

    def programs(self, descents: Sequence[Descent], dtype: str = "float32") -> list[Program]:
        found: dict[int, Program] = {}
        for alike in _group_equal([strip_numbers(descent) for descent in descents]):
            numbers = find_differing_numbers([descents[i] for i in alike])
            compiled = compile_descent(descents[alike[0]], dtype, self.mesh, tuple(numbers[0]))
            for i, own in zip(alike, numbers, strict=True):
                found[i] = JaxProgram(compiled, self._where, tuple(own.values()))
        return [found[i] for i in range(len(descents))]

    @property
    def _where(self) -> Any:
        return select_device(self.threads) if self.mesh is None else replicate_over(self.mesh)

    def compute_together(self, works: Sequence[Work], most: int) -> list[Any]:
        found: dict[int, Any] = {}
        for alike in _group_equal([_kind(work) for work in works]):
            group = [works[i] for i in alike]
            if len(group) > 1:  # padded, so that one program serves any number of members
                group += group[:1] * (most - len(group))
            found |= zip(alike, _compute_group(group), strict=False)
        return [found[i] for i in range(len(works))]


def _group_equal(kinds: Sequence[Any]) -> list[list[int]]:
    """Group the positions of equal kinds."""
    groups: list[tuple[Any, list[int]]] = []
    for i, kind in enumerate(kinds):
        same = next((members for other, members in groups if other == kind), None)
        if same is None:
            groups.append((kind, [i]))
        else:
            same.append(i)
    return [members for _, members in groups]


def _kind(work: Work) -> tuple[Any, ...]:
    """Return a key that is equal for works that one program can do together."""
    assert isinstance(work.program, JaxProgram)
    same = type(work), id(work.program.compiled), id(work.examples)
    return (*same, work.start, work.stop, work.epoch.batch_size) if isinstance(work, Stretch) else same


def _compute_group(group: Sequence[Any]) -> list[Any]:
    if len(group) == 1:
        return [group[0].compute()]
    if isinstance(group[0], Evaluation):
        return _compute_weighted_inputs([work.params for work in group], group[0].program, group[0].examples)
    if isinstance(group[0], Stretch):
        return _run_group(group, group[0].start, group[0].stop)
    for batches in group[0].epoch.parts:
        _run_group(group, batches.first, batches.first)
    if group[0].evaluated is not None:
        _compute_weighted_inputs([work.params for work in group], group[0].program, group[0].evaluated)
    return [None] * len(group)


def _run_group(group: Sequence[Stretch | WarmUp], start: int, stop: int) -> list[tuple[Tree, State, bool]]:
    program, examples = group[0].program, group[0].examples
    assert isinstance(program, JaxProgram)
    numbers = [work.program.numbers for work in group if isinstance(work.program, JaxProgram)]
    params, states, finite = [work.params for work in group], [work.state for work in group], [True] * len(group)
    with program.reserve_devices():
        for parts in zip(*(work.epoch.split_steps(start, stop) for work in group), strict=True):
            batches, (_, begin, end) = [batches for batches, _, _ in parts], parts[0]
            found = program.compiled.run_stretches(numbers, params, states, examples, batches, begin, end)
            params, states, finite = (list(each) for each in zip(*found, strict=True))
    return [(tree, state, bool(yes)) for tree, state, yes in zip(params, states, finite, strict=True)]


def _compute_weighted_inputs(params: Sequence[Tree], program: Program, examples: Examples) -> list[np.ndarray]:
    assert isinstance(program, JaxProgram)
    with program.reserve_devices():
        some = split_examples(program.compiled.network, len(examples))
        forward, scale, mean = program.compiled.forward_many, examples.scale, examples.mean
        parts = [np.asarray(forward(params, examples.take_inputs(i), scale, mean)) for i in some]
    return list(np.concatenate(parts, axis=1))


_DEVICES = Lock()


@dataclass(frozen=True, eq=False)
class JaxEvaluator:
    """A network compiled by JAX, to run on the devices ``where``."""

    compiled: CompiledNetwork
    where: Any

    def place(self, examples: Examples) -> Examples:
        with self.set_precision():
            dtype, weights = self.compiled.dtype, examples.weights
            return Examples(
                self._put(align(examples.x)),
                self._put(examples.y, dtype),
                examples.scale,
                examples.mean or None,  # without a mean the program subtracts nothing
                None if weights is None else self._put(weights, dtype),
                None if examples.lengths is None else self._put(examples.lengths, np.dtype(np.int32)),
            )

    def params(self, tree: Tree) -> Tree:
        with self.set_precision():
            return map_leaves(lambda leaf: self._put(leaf, self.compiled.dtype), tree)

    def weighted_inputs(self, params: Tree, examples: Examples) -> np.ndarray:
        network = self.compiled.network
        with self.reserve_devices():
            some = split_examples(network, len(examples))
            forward, scale, mean = self.compiled.forward, examples.scale, examples.mean
            parts = [np.asarray(forward(params, examples.take_inputs(i), scale, mean)) for i in some]
        return np.concatenate([np.empty((0, network.n_out), self.compiled.dtype), *parts])

    def gradients(self, params: Tree, examples: Examples) -> Tree:
        with self.reserve_devices():
            return map_leaves(np.asarray, self.compiled.gradients(params, examples))

    @contextmanager
    def reserve_devices(self) -> Iterator[None]:
        """Keep other programs off several devices within the block: two could each get one, and wait for the other."""
        with self.set_precision(), nullcontext() if self.compiled.mesh is None else _DEVICES:
            yield

    @contextmanager
    def set_precision(self) -> Iterator[None]:
        """Make JAX compute, within the block, in float64 if this program does, and with all bits of float32."""
        import jax

        # accelerators would round the factors of a float32 product to fewer bits
        full = jax.default_matmul_precision(None if is_on_cpu() else "highest")
        with jax.enable_x64(self.compiled.dtype == np.float64), full:
            yield

    def _put(self, array: Any, dtype: np.dtype | None = None) -> Any:
        import jax

        return jax.device_put(np.asarray(array, dtype), self.where)


@dataclass(frozen=True, eq=False)
class JaxProgram(JaxEvaluator):
    """A descent compiled by JAX; descents that share a compiled program differ in ``numbers``."""

    compiled: CompiledDescent
    numbers: tuple[float, ...] = ()

    def warm_up(
        self, params: Tree, state: State, examples: Examples, epoch: Epoch, evaluated: Examples | None = None
    ) -> None:
        import jax

        with self.reserve_devices():
            for batches in epoch.parts:
                jax.block_until_ready(
                    self.compiled.run_stretch(
                        self.numbers, params, state, examples, batches, batches.first, batches.first
                    )
                )
        if evaluated is not None:
            self.weighted_inputs(params, evaluated)

    def run(
        self, params: Tree, state: State, examples: Examples, epoch: Epoch, start: int, stop: int
    ) -> tuple[Tree, State, bool]:
        finite = True
        with self.reserve_devices():
            for batches, begin, end in epoch.split_steps(start, stop):
                params, state, finite = self.compiled.run_stretch(
                    self.numbers, params, state, examples, batches, begin, end
                )
            return params, state, bool(finite)
