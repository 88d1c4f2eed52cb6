"""Which engine to use: by name, or the one that will be done first."""

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
"""For each layer, how many parameters it has, and at how many places of an example it uses each."""


def choose_engine(
    execution: Execution, network: Network, params: Tree, steps: int, batch_size: int, members: int = 1
) -> tuple[Engine, str]:
    """Choose the engine, and say in a few words why it.

    ``auto`` takes JAX where it works and NumPy would need longer for ``steps`` mini-batches than JAX
    for starting and compiling; a JAX that is installed and broken is named in the words. ``params`` are any of
    the network's, for their sizes, and ``members`` is how many descents of ``steps`` each will be made at once.
    Several devices need JAX. Raises :class:`InvalidArgument` if JAX is asked for and does not work, if
    there are too few devices, and if they cannot divide a mini-batch evenly.

    >>> network = __import__("deltarule").Network.dense([64, 30, 10])
    >>> choose_engine(Execution(), network, network.init(0), steps=360, batch_size=10)
    (NumpyEngine(threads=1), 'numpy: done in the time JAX takes to compile')
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
        return NumpyEngine(threads or 1), "numpy: done in the time JAX takes to compile"
    if found := find_fault():
        return NumpyEngine(threads or 1), f"numpy: {found}"
    from deltarule.engines.jax_engine import make_jax_engine

    why = "as asked" if name == "jax" else f"compiled, where NumPy would need about {expected:.0f} s"
    if _count_operations(used, batch_size) < SMALL_STEP or members > 1:
        return make_jax_engine(threads, preferred=1), f"jax: {why}"
    if should_take_parts(network, params, batch_size):
        return make_jax_engine(threads, batch=batch_size), f"jax: {why}"
    return make_jax_engine(threads), f"jax: {why}"


def _shared_engine(execution: Execution, batch_size: int) -> Engine:
    """The engine of several devices or processes."""
    if execution.engine == "numpy":
        raise InvalidArgument(
            argument="engine",
            expected="'jax' or 'auto' for several devices or processes",
            value="numpy",
            remedy="leave engine out, or give one device",
        )
    # several processes have to meet before the backends of any of them are initialized
    if execution.processes > 1:
        _check_fault("processes", execution.processes, find_import_fault())
        execution.check_batch(batch_size)  # before they wait for each other
    else:
        _check_fault("devices", execution.devices, find_fault())
    from deltarule.engines.jax_engine import make_shared_jax_engine

    engine = make_shared_jax_engine(execution)
    execution.check_batch(batch_size)  # of one process, how many devices there are comes first
    return engine


def _check_fault(argument: str, value: object, found: str) -> None:
    """Raise :class:`InvalidArgument`, with the remedy, if a fault of JAX was found."""
    if found:
        raise InvalidArgument(
            f"expected a JAX that works for {argument} {value!r}, but {found}",
            argument=argument,
            value=value,
            remedy=suggest_remedy(),
        )


JAX_START = 2.0
"""Seconds that JAX takes to be imported and to compile a network (measured: 1.2 to 2.5)."""

SMALL_STEP = 7e7
"""Operations a step below which a second thread costs more than it brings."""

PARTS_FROM = 1000
"""Operations a step for each parameter from which threads gain more by taking parts of the mini-batch.

Then each has arithmetic enough of its own, and few gradients to exchange. Measured on two cores
(``python -m benchmarks.parts``): at 600 parts took up to a quarter longer than shared products, at
1,150 a sixth less.
"""


def should_take_parts(network: Network, params: Tree, batch_size: int) -> bool:
    """Whether threads had better take parts of a mini-batch than share each matrix product."""
    from deltarule.engines.data_parallel import is_divisible

    used = _list_uses(network, params)
    return is_divisible(network) and _count_operations(used, batch_size) >= PARTS_FROM * sum(size for size, _ in used)


def count_operations(network: Network, batch_size: int) -> float:
    """The arithmetic of one step, about: six operations for each weight, place it is used at, and example."""
    return _count_operations(_list_uses(network, network.init(0)), batch_size)


def _count_operations(used: Uses, batch_size: int) -> float:
    return 6.0 * batch_size * sum(size * places for size, places in used)


def estimate_numpy_seconds(network: Network, params: Tree, examples: int) -> float:
    """What forward and backward take NumPy for so many examples, roughly, but for the calls themselves."""
    return _estimate_seconds(_list_uses(network, params), examples)


def _estimate_seconds(used: Uses, examples: int) -> float:
    return sum(
        6.0 * examples * size * places / (CONVOLUTION_RATE if places > 1 else DENSE_RATE) for size, places in used
    )


DENSE_RATE, CONVOLUTION_RATE = 15e9, 7e9
"""Operations a second of NumPy on one core, in matrix products and in convolutions."""


def _list_uses(network: Network, params: Tree) -> Uses:
    sizes = [sum(leaf.size for leaf in layer.values()) for layer in params]
    return [(size, prod(shape[:-1])) for size, shape in zip(sizes, network.shapes[1:], strict=True)]


def choose_evaluator(name: str, network: Network, params: Tree, dtype: np.dtype, examples: int) -> Evaluator:
    """The program for the forward pass of so many examples: JAX's for much work, if by that name it trained."""
    if name != "jax" or estimate_numpy_seconds(network, params, examples) / 3 < JAX_START or find_fault():
        return NumpyEngine().evaluator(network, str(dtype))
    from deltarule.engines.jax_engine import make_jax_engine

    return make_jax_engine().evaluator(network, str(dtype))
