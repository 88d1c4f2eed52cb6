"""Helpers of the core's tests: independent finite differences, and comparisons."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np


def differences(f: Callable[[np.ndarray], float], at: np.ndarray, epsilon: float = 1e-5) -> np.ndarray:
    """Compute ∂f/∂p by central differences, one number at a time."""
    slopes = np.empty_like(at)
    for place in np.ndindex(*at.shape):
        up, down = at.copy(), at.copy()
        up[place] += epsilon
        down[place] -= epsilon
        slopes[place] = (f(up) - f(down)) / (2 * epsilon)
    return slopes


def agree(found: Any, oracle: Any, tolerance: float, what: str) -> None:
    """Check equality up to a tolerance relative to the oracle's largest number; exactly 0 if that is 0."""
    assert tuple(found.shape) == tuple(oracle.shape), f"{what}: shape {found.shape}, not {oracle.shape}"
    found, oracle = np.asarray(found), np.asarray(oracle)
    off, size = np.abs(found - oracle).max(), np.abs(oracle).max()
    assert off <= tolerance * size, f"{what}: off by {off:.3g} where the largest is {size:.3g}"


def agree_on_leaves(found: Any, oracle: Any, tolerance: float) -> None:
    assert len(found) == len(oracle)
    for i, (f, o) in enumerate(zip(found, oracle, strict=True)):
        assert f.keys() == o.keys(), f"layer {i}: {sorted(f)}, not {sorted(o)}"
        for name in o:
            agree(f[name], o[name], tolerance, f"layer {i} {name}")


def key_in(xp: Any, key: Any) -> Any:
    """Convert a key to arrays of another library."""
    words, *path = key
    return (xp.asarray(words), *path)


def convert(xp: Any, params: Any) -> list[dict[str, Any]]:
    return [{name: xp.asarray(p) for name, p in layer.items()} for layer in params]


def as_jax(params: Any) -> Any:
    return jax.tree.map(jnp.asarray, params)


def gradient_by_jax(f: Callable[..., Any], *at: Any) -> Any:
    """Compute JAX's gradient of a number ``f(*at)`` in float64, for each of the arguments.

    It is compiled as a whole. For many small functions of the same operations, such as those of the contract, one
    operation after another takes less time, since JAX compiles each only once.
    """
    with jax.enable_x64(True):
        return jax.jit(jax.grad(f, argnums=tuple(range(len(at)))))(*as_jax(at))


def freeze(thing: Any) -> None:
    """Make every array inside read-only."""
    if isinstance(thing, np.ndarray):
        thing.setflags(write=False)
    elif isinstance(thing, dict):
        freeze(list(thing.values()))
    elif isinstance(thing, (tuple, list)):
        for part in thing:
            freeze(part)


def same(found: Any, expected: Any) -> None:
    """Check that all numbers are equal to the last bit, through lists, tuples and dicts."""
    if isinstance(expected, dict):
        assert found.keys() == expected.keys()
        same([found[name] for name in expected], list(expected.values()))
    elif isinstance(expected, (tuple, list)):
        assert len(found) == len(expected)
        for f, e in zip(found, expected, strict=True):
            same(f, e)
    else:
        np.testing.assert_array_equal(found, expected)
