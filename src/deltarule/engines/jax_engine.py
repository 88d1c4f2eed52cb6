"""The JAX engine: the core's lines compiled, a stretch of mini-batches as one program."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from deltarule.core import operations, random
from deltarule.core.descent import Descent
from deltarule.core.layer import Key
from deltarule.core.optimizers import State
from deltarule.core.trees import Tree
from deltarule.engines.base import CHUNK, Epoch, Examples, Program
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

    def warm_up(self, params: Tree, state: State, examples: Examples, epoch: Epoch) -> None:
        for batches in (epoch.full, epoch.short):
            if len(batches):
                self._stretch_of(params, state, examples, batches, epoch.eta, epoch.key, 0, 0, 0)

    def run(
        self, params: Tree, state: State, examples: Examples, epoch: Epoch, start: int, stop: int
    ) -> tuple[Tree, State, bool]:
        full, finite = len(epoch.full), True
        for batches, first in ((epoch.full, 0), (epoch.short, full)):
            begin, end = max(start, first), min(stop, first + len(batches))
            if begin < end:
                params, state, finite = self._stretch_of(
                    params, state, examples, batches, epoch.eta, epoch.key, first, begin, end
                )
        return params, state, bool(finite)

    def weighted_inputs(self, params: Tree, examples: Examples) -> np.ndarray:
        starts = range(0, len(examples.x), CHUNK)
        with self._precision():
            parts = [
                np.asarray(self._forward(params, examples.x[i : i + CHUNK], self._factor(examples))) for i in starts
            ]
        return np.concatenate([np.empty((0, self.descent.network.n_out), self.dtype), *parts])

    def gradients(self, params: Tree, examples: Examples) -> Tree:
        with self._precision():
            grads = self._gradients(params, examples.x, examples.y, self._factor(examples))
        return [{name: np.asarray(leaf) for name, leaf in layer.items()} for layer in grads]

    def _stretch_of(
        self,
        params: Tree,
        state: State,
        examples: Examples,
        batches: np.ndarray,
        eta: np.ndarray,
        key: Key,
        first: int,
        begin: int,
        end: int,
    ) -> Any:
        with self._precision():
            return self._stretch(
                *(params, state, examples.x, examples.y, self._factor(examples)),
                *(batches, eta.astype(self.dtype), key, first, begin, end),
            )

    def _factor(self, examples: Examples) -> Any:
        return self.dtype.type(1 / examples.scale)

    @contextmanager
    def _precision(self) -> Iterator[None]:
        import jax

        with jax.enable_x64(self.dtype == np.float64):
            yield

    @cached_property
    def _stretch(self) -> Callable[..., Any]:
        """Steps ``begin`` to ``end`` of an epoch whose mini-batches of this size start at ``first``.

        Where it begins and ends are arguments of one compiled loop, so stretches may have any length.
        """
        import jax
        import jax.numpy as jnp
        from jax import lax

        def stretch(
            params: Tree,
            state: State,
            x: Any,
            y: Any,
            factor: Any,
            batches: Any,
            eta: Any,
            key: Any,
            first: Any,
            begin: Any,
            end: Any,
        ) -> tuple[Tree, State, Any]:
            def step(i: Any, carry: tuple[Tree, State]) -> tuple[Tree, State]:
                chosen = batches[i - first]
                inputs = x.at[chosen].get(mode="promise_in_bounds").astype(self.dtype) * factor
                desired = y.at[chosen].get(mode="promise_in_bounds")
                return self.descent.step(*carry, inputs, desired, eta[i], random.fold(key, i))

            params, state = lax.fori_loop(begin, end, step, (params, state))
            finite = [jnp.all(jnp.isfinite(leaf)) for leaf in jax.tree.leaves(params)]
            return params, state, jnp.all(jnp.asarray(finite))

        return self._compiled(stretch)

    @cached_property
    def _forward(self) -> Callable[..., Any]:
        return self._compiled(
            lambda params, x, factor: self.descent.network.forward(params, x.astype(self.dtype) * factor)[0]
        )

    @cached_property
    def _gradients(self) -> Callable[..., Any]:
        return self._compiled(
            lambda params, x, y, factor: self.descent.network.gradients(params, x.astype(self.dtype) * factor, y)
        )

    def _compiled(self, function: Callable[..., Any]) -> Callable[..., Any]:
        import jax

        def with_fast_forms(*arguments: Any) -> Any:
            with operations.choose("unrolled"):
                return function(*arguments)

        return jax.jit(with_fast_forms)
