"""The choice of the engine: by name, or the one that will finish first."""

from __future__ import annotations

from math import prod
from typing import TypeAlias

import numpy as np

from deltarule.core.network import Network
from deltarule.core.trees import Tree
from deltarule.engines.base import Engine, Evaluator
from deltarule.engines.execution import Execution
from deltarule.engines.jax_setup import find_fault, find_import_fault, is_installed, suggest_remedy
from deltarule.engines.numpy_engine import NumpyEngine
from deltarule.errors import InvalidArgument

Uses: TypeAlias = list[tuple[int, int]]
"""For each layer, its number of parameters, and the number of places of an example where it uses each."""


def choose_engine(
    execution: Execution, network: Network, params: Tree, steps: int, batch_size: int, members: int = 1
) -> tuple[Engine, str]:
    """Choose the engine, and return it with the reason in a few words.

    ``auto`` takes JAX if it works and NumPy would need longer for ``steps`` mini-batches than JAX
    for starting and compiling; if an installed JAX is broken, the reason says so. ``params`` are any parameters of
    the network, for their sizes, and ``members`` is the number of descents of ``steps`` each that run at once.
    Several devices need JAX. Raises :class:`InvalidArgument` if JAX is requested and does not work, if
    there are too few devices, and if they cannot divide a mini-batch evenly.

    >>> network = __import__("deltarule").Network.dense([64, 30, 10])
    >>> choose_engine(Execution(), network, network.init(0), steps=360, batch_size=10)
    (NumpyEngine(threads=1), 'numpy: finishes before JAX would have compiled')
    """
    name, threads = execution.engine, execution.threads
    if execution.is_distributed:
        return _shared_engine(execution, batch_size), f"jax: over {execution.total} devices"
    if name == "numpy":
        return NumpyEngine(threads or 1), "numpy: as asked"
    if name == "jax":
        _check_fault("engine", name, find_fault())
    elif not is_installed():
        return NumpyEngine(threads or 1), "numpy: jax is not installed"
    used = _list_uses(network, params)
    expected = members * steps * (20e-6 * len(network.layers) + _estimate_seconds(used, batch_size))
    if name == "auto" and expected < JAX_START:
        return NumpyEngine(threads or 1), "numpy: finishes before JAX would have compiled"
    if found := find_fault():
        return NumpyEngine(threads or 1), f"numpy: {found}"
    from deltarule.engines.jax_engine import make_jax_engine

    why = "as asked" if name == "jax" else f"compiled, where NumPy would need about {expected:.0f} s"
    if _count_operations(used, batch_size) < SMALL_STEP or members > 1:
        return make_jax_engine(threads, preferred=1), f"jax: {why}"
    return make_jax_engine(threads), f"jax: {why}"


def _shared_engine(execution: Execution, batch_size: int) -> Engine:
    """Build the engine for several devices or processes."""
    if execution.engine == "numpy":
        raise InvalidArgument(
            argument="engine",
            expected="'jax' or 'auto' for several devices or processes",
            value="numpy",
            remedy="leave out the engine, or use one device",
        )
    # several processes have to meet before the backends of any of them are initialized
    if execution.processes > 1:
        _check_fault("processes", execution.processes, find_import_fault())
        execution.check_batch(batch_size)  # before they wait for each other
    else:
        _check_fault("devices", execution.devices, find_fault())
    from deltarule.engines.jax_engine import make_shared_jax_engine

    engine = make_shared_jax_engine(execution)
    execution.check_batch(batch_size)  # with one process, too few devices are reported first
    return engine


def _check_fault(argument: str, value: object, found: str) -> None:
    """Raise :class:`InvalidArgument`, with the remedy, if a fault of JAX was found."""
    if found:
        raise InvalidArgument(
            f"expected a working JAX for {argument} {value!r}, but {found}",
            argument=argument,
            value=value,
            remedy=suggest_remedy(),
        )


JAX_START = 2.0
"""Seconds that JAX takes to be imported and to compile a network (measured: 1.2 to 2.5)."""

SMALL_STEP = 7e7
"""The number of operations per step below which a second thread costs more time than it saves."""


def count_operations(network: Network, batch_size: int) -> float:
    """Estimate the operations of one step: six for each weight, for each place where it is used, for each example."""
    return _count_operations(_list_uses(network, network.init(0)), batch_size)


def _count_operations(used: Uses, batch_size: int) -> float:
    return 6.0 * batch_size * sum(size * places for size, places in used)


def estimate_numpy_seconds(network: Network, params: Tree, examples: int) -> float:
    """Estimate the seconds that NumPy needs for forward and backward, without the overhead of the calls."""
    return _estimate_seconds(_list_uses(network, params), examples)


def _estimate_seconds(used: Uses, examples: int) -> float:
    return sum(
        6.0 * examples * size * places / (CONVOLUTION_RATE if places > 1 else DENSE_RATE) for size, places in used
    )


DENSE_RATE, CONVOLUTION_RATE = 15e9, 7e9
"""Operations per second of NumPy on one core, in matrix products and in convolutions."""


def _list_uses(network: Network, params: Tree) -> Uses:
    sizes = [sum(leaf.size for leaf in layer.values()) for layer in params]
    return [(size, prod(shape[:-1])) for size, shape in zip(sizes, network.shapes[1:], strict=True)]


def choose_evaluator(name: str, network: Network, params: Tree, dtype: np.dtype, examples: int) -> Evaluator:
    """Choose the evaluator for so many examples: JAX's for much work, if JAX trained the network (``name``)."""
    if name != "jax" or estimate_numpy_seconds(network, params, examples) / 3 < JAX_START or find_fault():
        return NumpyEngine().evaluator(network, str(dtype))
    from deltarule.engines.jax_engine import make_jax_engine

    return make_jax_engine().evaluator(network, str(dtype))
