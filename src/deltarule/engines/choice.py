"""Which engine to use: by name, or the one that will be done first."""

from __future__ import annotations

from functools import lru_cache
from math import prod
from typing import TypeAlias

import numpy as np

from deltarule.core.descent import Descent
from deltarule.core.network import Network
from deltarule.core.optimizers import SGD
from deltarule.core.trees import Tree
from deltarule.engines.base import Engine, Program
from deltarule.engines.devices import ONE, Spread
from deltarule.engines.jax_start import fault, import_fault, is_installed, remedy
from deltarule.engines.numpy_engine import NumpyEngine
from deltarule.errors import InvalidArgument

ENGINES = ("auto", "numpy", "jax")

Used: TypeAlias = list[tuple[int, int]]
"""For each layer, how many parameters it has, and at how many places of an example it uses each."""


def choose_engine(
    name: str,
    descent: Descent,
    steps: int,
    batch_size: int,
    threads: int | None = None,
    members: int = 1,
    spread: Spread = ONE,
) -> tuple[Engine, str]:
    """The engine, and in a few words why it.

    ``auto`` takes JAX where it works and NumPy would need longer for ``steps`` mini-batches than JAX
    for starting and compiling; a JAX that is installed and broken is named in the words. ``threads``
    None leaves their number to the engine, and ``members`` is how many descents of ``steps`` each will
    be made at once. A ``spread`` over several devices needs JAX. Raises :class:`InvalidArgument` for an
    unknown name, for a number of threads that cannot be meant, if JAX is asked for and does not work,
    if there are too few devices, and if they cannot divide a mini-batch evenly.

    >>> network = __import__("deltarule").Network.dense([64, 30, 10])
    >>> choose_engine("auto", Descent(network, None, None, 1197), steps=360, batch_size=10)
    (NumpyEngine(threads=1), 'numpy: done in the time JAX takes to compile')
    """
    if name not in ENGINES:
        raise InvalidArgument(f"engine {name!r} is not known; choose one of {', '.join(ENGINES)}")
    if threads is not None and not 1 <= threads <= MOST_THREADS:
        raise InvalidArgument(f"threads {threads}: an engine takes 1 to {MOST_THREADS}")
    if spread.several:
        if name == "numpy":
            raise InvalidArgument(
                "several devices or processes need the jax engine; leave engine out, or give one device"
            )
        # several processes have to meet before the backends of any of them are initialized
        if spread.processes > 1:
            _refuse_fault(f"processes {spread.processes}", import_fault())
        else:
            _refuse_fault(f"devices {spread.devices}", fault())
        from deltarule.engines.jax_engine import jax_engine

        if spread.processes > 1:  # said before they wait for each other; of one, how many devices there are comes first
            spread.check_batch(batch_size)
        engine = jax_engine(threads, spread=spread)
        spread.check_batch(batch_size)
        return engine, f"jax: over {spread.total} devices"
    if name == "numpy":
        return NumpyEngine(threads or 1), "numpy: as asked"
    if name == "jax":
        _refuse_fault("engine 'jax'", fault())
    elif not is_installed():
        return NumpyEngine(threads or 1), "numpy: jax is not installed"
    used = _used(descent.network, descent.network.init(0))  # once: to draw the weights of a large network takes long
    calls = 20e-6 * len(descent.network.layers)
    expected = members * steps * (calls + _numpy_seconds(used, batch_size))
    if name == "auto" and expected < JAX_START:
        return NumpyEngine(threads or 1), "numpy: done in the time JAX takes to compile"
    if found := fault():
        return NumpyEngine(threads or 1), f"numpy: {found}"
    from deltarule.engines.jax_engine import jax_engine

    why = "as asked" if name == "jax" else f"compiled, where NumPy would need about {expected:.0f} s"
    if _operations(used, batch_size) < SMALL or members > 1:
        return jax_engine(threads, preferred=1), f"jax: {why}"
    if _parts_pay(descent.network, used, batch_size):
        return jax_engine(threads, batch=batch_size), f"jax: {why}"
    return jax_engine(threads), f"jax: {why}"


def _refuse_fault(what: str, found: str) -> None:
    """Raise :class:`InvalidArgument`, with the remedy, if a fault of JAX was found."""
    if found:
        raise InvalidArgument(f"{what}: expected a JAX that works, but {found}; {remedy()}")


MOST_THREADS = 1024
"""More than any machine has cores; far more would make the libraries that start them fail in ways of their own."""

JAX_START = 2.0
"""Seconds that JAX takes to be imported and to compile a network (measured: 1.2 to 2.5)."""

SMALL = 7e7
"""Operations a step below which a second thread costs more than it brings."""

DIVIDED = 1000
"""Operations a step for each parameter from which threads gain more by taking parts of the mini-batch.

Then each has arithmetic enough of its own, and few gradients to exchange. Measured on two cores
(``python -m benchmarks.parts``): at 600 parts took up to a quarter longer than shared products, at
1,150 a sixth less.
"""


def parts_pay(network: Network, batch_size: int) -> bool:
    """Whether threads had better take parts of a mini-batch than share each matrix product."""
    return _parts_pay(network, _used(network, network.init(0)), batch_size)


def _parts_pay(network: Network, used: Used, batch_size: int) -> bool:
    from deltarule.engines.divided import divisible

    return divisible(network) and _operations(used, batch_size) >= DIVIDED * sum(size for size, _ in used)


def flops(descent: Descent, batch_size: int) -> float:
    """The arithmetic of one step, about: six operations for each weight, place it is used at, and example."""
    return _operations(_used(descent.network, descent.network.init(0)), batch_size)


def _operations(used: Used, batch_size: int) -> float:
    return 6.0 * batch_size * sum(size * places for size, places in used)


def numpy_seconds(network: Network, params: Tree, examples: int) -> float:
    """What forward and backward take NumPy for so many examples, roughly, but for the calls themselves."""
    return _numpy_seconds(_used(network, params), examples)


def _numpy_seconds(used: Used, examples: int) -> float:
    return sum(6.0 * examples * size * places / (CONVOLVED if places > 1 else DENSE) for size, places in used)


DENSE, CONVOLVED = 15e9, 7e9
"""Operations a second of NumPy on one core, in matrix products and in convolutions."""


def _used(network: Network, params: Tree) -> Used:
    sizes = [sum(leaf.size for leaf in layer.values()) for layer in params]
    return [(size, prod(shape[:-1])) for size, shape in zip(sizes, network.shapes[1:], strict=True)]


def evaluator(name: str, network: Network, params: Tree, dtype: np.dtype, examples: int) -> Program:
    """The program for the forward pass of so many examples: JAX's for much work, if by that name it trained."""
    if name != "jax" or numpy_seconds(network, params, examples) / 3 < JAX_START or fault():
        return NumpyEngine().program(_plain(network), str(dtype))
    try:
        return _jax_evaluator(network, str(dtype))
    except TypeError:  # a layer of somebody's own that cannot be looked up
        return _jax_evaluator.__wrapped__(network, str(dtype))


@lru_cache(maxsize=8)
def _jax_evaluator(network: Network, dtype: str) -> Program:
    from deltarule.engines.jax_engine import jax_engine

    return jax_engine().program(_plain(network), dtype)


def _plain(network: Network) -> Descent:
    return Descent(network, SGD(), None, 1)
