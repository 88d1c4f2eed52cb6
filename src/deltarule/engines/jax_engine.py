"""The JAX engine: the core's lines compiled, a stretch of mini-batches as one program."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import numpy as np

from deltarule.core import operations, random
from deltarule.core.descent import Descent
from deltarule.core.optimizers import State
from deltarule.core.trees import Tree
from deltarule.engines.base import CHUNK, Batches, Epoch, Examples, Program
from deltarule.errors import UsageError

THREADS = "NPROC"
"""The variable from which JAX's CPU client takes its number of threads when it starts."""


def jax_engine(threads: int | None = None, preferred: int | None = None) -> JaxEngine:
    """Starts JAX with this number of threads, for the whole process.

    Where none is demanded it is ``preferred``, or all cores, unless JAX runs already. Compiled
    programs are kept in the user's cache folder, so the next start need not compile. Raises
    :class:`UsageError` if JAX already runs in this process with another number than demanded.
    """
    import jax
    from jax.extend.backend import get_backend

    _teach_jax()
    running = _running_threads()
    if running is None:
        outside = os.environ.get(THREADS)
        os.environ[THREADS] = str(threads or int(outside or 0) or preferred or cores())
        try:
            if jax.config.jax_compilation_cache_dir is None:
                _keep_compiled_programs()
            get_backend()
            running = int(os.environ[THREADS])
        finally:
            os.environ.pop(THREADS)
            if outside is not None:
                os.environ[THREADS] = outside
        _started.append(running)
    if threads is not None and threads != running:
        raise UsageError(
            f"JAX runs with {running} threads in this process and cannot change to {threads}: "
            "start a new process, or use the numpy engine"
        )
    return JaxEngine(running)


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


_started: list[int] = []


def _running_threads() -> int | None:
    """The threads of a client that is already running, or None."""
    from jax._src.xla_bridge import backends_are_initialized  # JAX has no public way to ask

    if _started or not backends_are_initialized():
        return _started[0] if _started else None
    return int(os.environ.get(THREADS, 0)) or cores()


def _keep_compiled_programs() -> None:
    import jax
    import platformdirs

    jax.config.update("jax_compilation_cache_dir", os.path.join(platformdirs.user_cache_dir("deltarule"), "jax"))
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.1)


@dataclass(frozen=True)
class JaxEngine:
    """Compiles for the device JAX finds: CPU, GPU or TPU. Made by :func:`jax_engine`."""

    threads: int
    name = "jax"

    def program(self, descent: Descent, dtype: str = "float32") -> Program:
        return JaxProgram(descent, np.dtype(dtype))


@dataclass(frozen=True, eq=False)
class JaxProgram:
    """A descent compiled by JAX."""

    descent: Descent
    dtype: np.dtype

    def place(self, examples: Examples) -> Examples:
        import jax.numpy as jnp

        with self._precision():
            return Examples(jnp.asarray(examples.x), jnp.asarray(examples.y, self.dtype), examples.scale)

    def params(self, tree: Tree) -> Tree:
        import jax.numpy as jnp

        with self._precision():
            return [{name: jnp.asarray(leaf, self.dtype) for name, leaf in layer.items()} for layer in tree]

    def warm_up(
        self, params: Tree, state: State, examples: Examples, epoch: Epoch, evaluated: Examples | None = None
    ) -> None:
        with self._precision():
            for batches in epoch.parts:
                self._stretch(params, state, examples, batches, batches.first, batches.first)
        if evaluated is not None:
            self.weighted_inputs(params, evaluated)

    def run(
        self, params: Tree, state: State, examples: Examples, epoch: Epoch, start: int, stop: int
    ) -> tuple[Tree, State, bool]:
        finite = True
        with self._precision():
            for batches, begin, end in epoch.between(start, stop):
                params, state, finite = self._stretch(params, state, examples, batches, begin, end)
        return params, state, bool(finite)

    def weighted_inputs(self, params: Tree, examples: Examples) -> np.ndarray:
        chunks = [examples.x[i : i + CHUNK] for i in range(0, len(examples), CHUNK)]
        with self._precision():
            parts = [np.asarray(self._forward(params, x, examples.scale)) for x in chunks]
        return np.concatenate([np.empty((0, self.descent.network.n_out), self.dtype), *parts])

    def gradients(self, params: Tree, examples: Examples) -> Tree:
        with self._precision():
            grads = self._gradients(params, examples)
        return [{name: np.asarray(leaf) for name, leaf in layer.items()} for layer in grads]

    @contextmanager
    def _precision(self) -> Iterator[None]:
        import jax

        with jax.enable_x64(self.dtype == np.float64):
            yield

    def _inputs(self, x: Any, scale: Any) -> Any:
        # a division XLA computes once for every pixel; a product it would repeat inside the update of
        # each neuron's weights, which takes a quarter longer
        return x.astype(self.dtype) / scale

    @cached_property
    def _stretch(self) -> Callable[..., Any]:
        """A stretch of steps as one compiled loop; its bounds are arguments, so it may have any length."""
        import jax
        import jax.numpy as jnp
        from jax import lax

        def stretch(
            params: Tree, state: State, examples: Examples, batches: Batches, begin: Any, end: Any
        ) -> tuple[Tree, State, Any]:
            eta = jnp.asarray(batches.eta, self.dtype)

            def step(i: Any, carry: tuple[Tree, State]) -> tuple[Tree, State]:
                chosen = batches.order[i - batches.first]
                x = self._inputs(examples.x.at[chosen].get(mode="promise_in_bounds"), examples.scale)
                y = examples.y.at[chosen].get(mode="promise_in_bounds")
                return self.descent.step(*carry, x, y, eta[i - batches.first], random.fold(batches.key, i))

            params, state = lax.fori_loop(begin, end, step, (params, state))
            finite = [jnp.all(jnp.isfinite(leaf)) for leaf in jax.tree.leaves(params)]
            return params, state, jnp.all(jnp.asarray(finite))

        return self._compiled(stretch)

    @cached_property
    def _forward(self) -> Callable[..., Any]:
        return self._compiled(lambda params, x, scale: self.descent.network.forward(params, self._inputs(x, scale))[0])

    @cached_property
    def _gradients(self) -> Callable[..., Any]:
        return self._compiled(
            lambda params, examples: self.descent.network.gradients(
                params, self._inputs(examples.x, examples.scale), examples.y
            )
        )

    def _compiled(self, function: Callable[..., Any]) -> Callable[..., Any]:
        import jax

        def with_fast_forms(*arguments: Any) -> Any:
            with operations.choose(*(["unrolled"] if jax.default_backend() == "cpu" else [])):
                return function(*arguments)

        return jax.jit(with_fast_forms)


@cache
def _teach_jax() -> None:
    """Lets JAX pass data sets and mini-batches to compiled functions as it passes arrays."""
    from jax.tree_util import register_dataclass

    register_dataclass(Examples, ["x", "y", "scale"], [])
    register_dataclass(Batches, ["order", "eta", "key", "first"], [])
