"""The choice of the engine: by name, or the one that will finish first."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from deltarule.core.network import Network
from deltarule.core.trees import Tree
from deltarule.engines import native_library
from deltarule.engines.jax_setup import (
    find_fault,
    find_import_fault,
    has_accelerator_hint,
    is_installed,
    is_on_cpu,
    suggest_remedy,
)
from deltarule.engines.numpy_engine import NumpyEngine
from deltarule.errors import InvalidArgument

if TYPE_CHECKING:
    from deltarule.core.descent import Descent
    from deltarule.core.optimizers import Optimizer
    from deltarule.core.regularizers import Regularizer
    from deltarule.engines.base import Engine, Evaluator
    from deltarule.engines.execution import Execution

Uses: TypeAlias = list[tuple[int, int]]
"""For each layer, its number of parameters, and the number of places of an example where it uses each."""


def choose_engine(
    execution: Execution, descents: Sequence[Descent], params: Tree, steps: int, batch_size: int
) -> tuple[Engine, str]:
    """Choose the engine for descents of one network that run at once, and return it with the reason in a few words.

    Several devices or processes need JAX. Otherwise ``auto`` takes the first of these that fits:

    - JAX, if it finds an accelerator and the training is long and its steps are large;
    - the native engine, if it works and all parts of the descents are built in;
    - JAX, if it works and NumPy would need longer for ``steps`` mini-batches of each than JAX for starting and
      compiling;
    - NumPy.

    ``params`` are any parameters of the network, for their sizes. Raises :class:`InvalidArgument` if the requested
    engine does not work or cannot run the descents, if there are too few devices, and if they cannot divide a
    mini-batch evenly.

    >>> from deltarule.core.descent import Descent
    >>> from deltarule.core.optimizers import SGD
    >>> from deltarule.engines.execution import Execution
    >>> network = Network.dense([64, 30, 10])
    >>> descent = Descent(network, SGD(), None, n=3600)
    >>> choose_engine(Execution(engine="numpy"), [descent], network.init(0), steps=360, batch_size=10)
    (NumpyEngine(threads=1), 'numpy: as asked')
    """
    name, threads, network, members = execution.engine, execution.threads, descents[0].network, len(descents)
    if execution.is_distributed:
        return _shared_engine(execution, batch_size), f"jax: over {execution.total} devices"
    if name == "numpy":
        return NumpyEngine(threads or 1), "numpy: as asked"
    used = _list_uses(network, params)
    operations = _count_operations(used, batch_size)
    if name == "jax":
        _check_fault("engine", name, find_fault())
        return _make_jax(threads, operations, members), "jax: as asked"
    seconds = members * steps * (20e-6 * len(network.layers) + _estimate_seconds(used, batch_size))
    is_long = seconds >= JAX_START
    if name == "auto" and is_long and members * operations >= SMALL_STEP and _has_accelerator():
        return _make_jax(threads, operations, members), "jax: on an accelerator"
    obstacles = (find_obstacle(network, descent.optimizer, descent.regularizer) for descent in descents)
    obstacle = next(filter(None, obstacles), "")
    if name == "native":
        _check_obstacle(obstacle)
    if not obstacle:
        return _make_native(threads, operations, batch_size, members)
    if not is_installed():
        return NumpyEngine(threads or 1), f"numpy: {obstacle}, and jax is not installed"
    if not is_long:
        return NumpyEngine(threads or 1), f"numpy: {obstacle}, and finishes before JAX would have compiled"
    if fault := find_fault():
        return NumpyEngine(threads or 1), f"numpy: {obstacle}, and {fault}"
    return _make_jax(threads, operations, members), f"jax: {obstacle}"


def find_obstacle(network: Network, optimizer: Optimizer | None = None, regularizer: Regularizer | None = None) -> str:
    """Return why the native engine cannot run a network here, or train it so, in one line; empty if it can."""
    if fault := native_library.find_fault():
        return f"there is no native engine ({fault})"
    from deltarule.engines import native_scope

    return native_scope.find_obstacle(network, optimizer, regularizer)


def _check_obstacle(obstacle: str) -> None:
    """Raise :class:`InvalidArgument`, with the remedy, if the native engine does not work, or meets an obstacle."""
    native_library.load_library()
    if obstacle:
        raise InvalidArgument(
            f"expected a network and settings that the native engine can run, but {obstacle}",
            argument="engine",
            value="native",
            remedy="use the numpy or jax engine, or leave out the engine",
        )


def _make_native(threads: int | None, operations: float, batch_size: int, members: int) -> tuple[Engine, str]:
    from deltarule.engines.native_engine import make_native_engine

    engine = make_native_engine(threads, operations, batch_size, members)
    return engine, f"native: compiled kernels, instructions {engine.level}"


def _make_jax(threads: int | None, operations: float, members: int) -> Engine:
    from deltarule.engines.jax_engine import make_jax_engine

    return make_jax_engine(threads, preferred=1 if operations < SMALL_STEP or members > 1 else None)


def _has_accelerator() -> bool:
    """Tell whether JAX finds an accelerator; it is imported only if that is likely."""
    return has_accelerator_hint() and not find_fault() and not is_on_cpu()


def _shared_engine(execution: Execution, batch_size: int) -> Engine:
    """Build the engine for several devices or processes."""
    if execution.engine in ("numpy", "native"):
        raise InvalidArgument(
            argument="engine",
            expected="'jax' or 'auto' for several devices or processes",
            value=execution.engine,
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

NATIVE_START = 0.001
"""Seconds that the native engine takes at least before its first result, most of them to be imported."""

SMALL_STEP = 7e7
"""The number of operations per step below which JAX gains nothing by a second thread, nor by an accelerator."""


def _count_operations(used: Uses, batch_size: int) -> float:
    """Estimate the operations of one step: six for each weight, for each place where it is used, for each example."""
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
    """Choose the evaluator of a network that the engine ``name`` trained, for so many examples.

    NumPy evaluates what it trained, and a single example of a small network. The others are evaluated by the native
    engine if it can; otherwise by JAX, if it trained the network and there is much work, or by NumPy.
    """
    seconds = estimate_numpy_seconds(network, params, examples) / 3
    if name == "numpy" or (examples == 1 and seconds < NATIVE_START):
        return NumpyEngine().evaluator(network, str(dtype))
    if dtype in (np.float32, np.float64) and not find_obstacle(network):
        operations = _count_operations(_list_uses(network, params), examples)
        return _make_native(None, operations, examples, 1)[0].evaluator(network, str(dtype))
    if name != "jax" or seconds < JAX_START or find_fault():
        return NumpyEngine().evaluator(network, str(dtype))
    from deltarule.engines.jax_engine import make_jax_engine

    return make_jax_engine().evaluator(network, str(dtype))
