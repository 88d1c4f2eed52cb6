"""The functions that JAX compiles: a stretch of mini-batches as one loop, the forward pass, the gradients."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any, TypeVar

import numpy as np

from deltarule.core import operations, random
from deltarule.core.augmentation import Augmentation
from deltarule.core.descent import Descent
from deltarule.core.layer import Key
from deltarule.core.network import Network
from deltarule.core.optimizers import State
from deltarule.core.sequences import map_steps, with_lengths
from deltarule.core.trees import Tree
from deltarule.engines.base import Batches
from deltarule.engines.examples import Examples
from deltarule.engines.hyperparameters import Path, replace_numbers
from deltarule.engines.jax_setup import is_on_cpu


@dataclass(frozen=True, eq=False)
class CompiledNetwork:
    """The compiled functions of a network; each is compiled on its first call.

    With a ``mesh``, each of its devices computes with its part of the examples (see
    :mod:`deltarule.engines.data_parallel`), and all have the parameters.
    """

    network: Network
    dtype: np.dtype
    mesh: Any

    @cached_property
    def forward(self) -> Callable[..., Any]:
        """The function (params, x, scale, mean) -> the last weighted input."""
        return self._compile(self._forward)

    @cached_property
    def gradients(self) -> Callable[..., Any]:
        """The function (params, examples) -> ∇C over all of them."""
        return self._compile(
            lambda params, examples: self._divided.gradients(
                params,
                self._inputs(examples.take_inputs(slice(None)), examples.scale, examples.mean),
                examples.y,
                weights=examples.weights,
            )
        )

    @cached_property
    def forward_many(self) -> Callable[..., Any]:
        """The function :attr:`forward` for a list of parameters."""
        import jax

        many = jax.vmap(self._forward, in_axes=(0, None, None, None))
        return self._compile(lambda params, x, scale, mean: many(_stack(params), x, scale, mean))

    def _forward(self, params: Tree, x: Any, scale: Any, mean: Any) -> Any:
        from deltarule.engines.data_parallel import DividedNetwork, fill_parts, gather_parts, take_part

        network = self._divided
        if not isinstance(network, DividedNetwork):
            return network.forward(params, self._inputs(x, scale, mean))[0]
        part = take_part(fill_parts(x))
        return gather_parts(network.forward(params, self._inputs(part, scale, mean))[0])[: x.shape[0]]

    def _inputs(self, x: Any, scale: Any, mean: Any = None) -> Any:
        # XLA computes a division once for every pixel, but would repeat a product inside the update of
        # each neuron's weights, which takes a quarter longer
        scaled = map_steps(lambda steps: steps.astype(self.dtype) / scale, x)
        return scaled if mean is None else map_steps(lambda steps: steps - mean, scaled)

    @property
    def _divided(self) -> Network:
        """The network, which divides its mini-batches over the devices of the mesh if it can."""
        from deltarule.engines.data_parallel import divide_mini_batches, is_divisible

        shared = self.mesh is not None and is_divisible(self.network)
        return divide_mini_batches(self.network) if shared else self.network

    def _compile(self, function: Callable[..., Any]) -> Callable[..., Any]:
        import jax
        from jax.sharding import PartitionSpec

        def with_fast_forms(*arguments: Any) -> Any:
            with operations.choose("compiled loop", *(["unrolled"] if is_on_cpu() else [])):
                return function(*arguments)

        options = _CPU_OPTIONS if is_on_cpu() else {}
        if self.mesh is None:
            return jax.jit(with_fast_forms, compiler_options=options)  # type: ignore[no-any-return] # jit is untyped
        everything = PartitionSpec()
        shared = jax.shard_map(
            with_fast_forms, mesh=self.mesh, in_specs=everything, out_specs=everything, check_vma=False
        )
        if is_on_cpu():
            options = options | _WAIT_FOREVER | {"xla_cpu_multi_thread_eigen": len(self.mesh.local_devices) == 1}
        return jax.jit(shared, compiler_options=options)  # type: ignore[no-any-return] # jit is untyped


@dataclass(frozen=True, eq=False)
class CompiledDescent(CompiledNetwork):
    """The compiled functions of a descent; each is compiled on its first call.

    ``paths`` name the numbers of the descent that are arguments (the first of each function), so that
    descents which differ in them share a program.
    """

    descent: Descent
    paths: tuple[Path, ...] = ()

    @cached_property
    def run_stretch(self) -> Callable[..., Any]:
        """The function (numbers, params, state, examples, batches, begin, end) -> (params, state, finite).

        The bounds are arguments, so one program takes stretches of any length.
        """
        return self._compile(self._run_stretch)

    @cached_property
    def run_stretches(self) -> Callable[..., Any]:
        """The function :attr:`run_stretch` for several members at once.

        It takes lists of numbers, params, state and batches. The members share the examples, the bounds and
        the number of the first step.
        """
        import jax

        own: Any = Batches(order=0, eta=0, key=0, first=None)  # type: ignore[arg-type] # axes, not values
        many = jax.vmap(self._run_stretch, in_axes=(0, 0, 0, None, own, None, None))

        def run_stretches(
            numbers: Any, params: Any, state: Any, examples: Examples, parts: Sequence[Batches], begin: Any, end: Any
        ) -> Any:
            order, eta, key = _stack([(part.order, part.eta, part.key) for part in parts])
            stacked = Batches(order, eta, key, parts[0].first)
            found = many(_stack(numbers), _stack(params), _stack(state), examples, stacked, begin, end)
            return _unstack(found, len(parts))

        return self._compile(run_stretches)

    def _run_stretch(
        self,
        numbers: Sequence[Any],
        params: Tree,
        state: State,
        examples: Examples,
        batches: Batches,
        begin: Any,
        end: Any,
    ) -> tuple[Tree, State, Any]:
        import jax
        import jax.numpy as jnp
        from jax import lax

        descent: Descent = replace(
            replace_numbers(self.descent, dict(zip(self.paths, numbers, strict=True))), network=self._divided
        )
        descent = descent.subtract_mean(examples.mean)
        if descent.augmentation is not None:
            descent = replace(descent, augmentation=_FusionBarrier(descent.augmentation))
        eta = jnp.asarray(batches.eta, self.dtype)

        def step(i: Any, carry: tuple[Tree, State]) -> tuple[Tree, State]:
            chosen = batches.order[i - batches.first]
            inputs, y, weights = jax.tree.map(
                lambda each: each.at[chosen].get(mode="promise_in_bounds"),
                (with_lengths(examples.x, examples.lengths), examples.y, examples.weights),
            )
            x = self._inputs(inputs, examples.scale)
            rng = random.fold(batches.key, i)
            return descent.step(*carry, x, y, eta[i - batches.first], rng, weights)

        params, state = lax.fori_loop(begin, end, step, (params, state))
        finite = [jnp.all(jnp.isfinite(leaf)) for leaf in jax.tree.leaves(params)]
        return params, state, jnp.all(jnp.asarray(finite))


@operations.scan.form("compiled loop")
def _(step: Callable[..., Any], state: Any, xs: Any) -> Any:
    from jax import lax

    return lax.scan(step, state, xs)


@operations.scan_backwards.form("compiled loop")
def _(step: Callable[..., Any], state: Any, xs: Any) -> Any:
    from jax import lax

    return lax.scan(step, state, xs, reverse=True)


def compile_network(network: Network, dtype: str, mesh: Any) -> CompiledNetwork:
    """Return the compiled functions of a network, from the cache if an equal network is in it."""
    return _build(CompiledNetwork, network, np.dtype(dtype), mesh)


def compile_descent(descent: Descent, dtype: str, mesh: Any, paths: tuple[Path, ...]) -> CompiledDescent:
    """Return the compiled functions of a descent, from the cache if an equal descent is in it."""
    return _build(CompiledDescent, descent.network, np.dtype(dtype), mesh, descent, paths)


T = TypeVar("T")


@lru_cache(maxsize=32)
def _build_cached(kind: Callable[..., T], *parts: Any) -> T:
    return kind(*parts)


def _build(kind: Callable[..., T], *parts: Any) -> T:
    try:
        return _build_cached(kind, *parts)  # type: ignore[no-any-return] # a cache loses the type
    except TypeError:  # a user's layer that is not hashable
        return kind(*parts)


_CPU_OPTIONS: dict[str, Any] = {"xla_disable_hlo_passes": "cse_barrier_expander", "xla_cpu_prefer_vector_width": 512}
"""A barrier must remain until operations are fused: this pass would remove it before.

Vectors of 512 bits are used if the processor has them; XLA's default is 256, with which a dense network
takes a sixth longer.
"""

_WAIT_FOREVER = dict.fromkeys(
    ("xla_cpu_collective_call_terminate_timeout_seconds", "xla_cpu_collective_timeout_seconds"), 10**6
)
"""A device that waits for another must not end the process, which may have been suspended meanwhile."""


@dataclass(frozen=True)
class _FusionBarrier:
    """An augmentation behind a barrier: the compiler would repeat it within the update of each neuron's weights."""

    augmentation: Augmentation

    def __call__(self, images: Any, rng: Key) -> Any:
        from jax.lax import optimization_barrier

        return optimization_barrier(self.augmentation(images, rng))


def replicate_over(mesh: Any) -> Any:
    """Return the sharding that puts a whole array on each device."""
    from jax.sharding import NamedSharding, PartitionSpec

    return NamedSharding(mesh, PartitionSpec())


def _stack(trees: Sequence[Any]) -> Any:
    import jax
    import jax.numpy as jnp

    return jax.tree.map(lambda *leaves: jnp.stack(leaves), *trees)


def _unstack(tree: Any, count: int) -> list[Any]:
    import jax

    leaves, structure = jax.tree.flatten(tree)
    return [structure.unflatten([leaf[i] for leaf in leaves]) for i in range(count)]
