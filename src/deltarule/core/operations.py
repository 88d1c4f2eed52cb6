"""Named operations: the readable definition and a faster form of it side by side, tested equal.

A layer calls an operation by its name and gets the readable definition, unless an engine
chooses another form while it builds its program.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from deltarule.core.layer import Array

_forms: ContextVar[tuple[str, ...]] = ContextVar("forms", default=())


class Operation:
    """A function with alternative forms that compute the same."""

    def __init__(self, definition: Callable[..., Array]) -> None:
        self.definition = definition
        self.forms: dict[str, Callable[..., Array]] = {}
        self.__doc__ = definition.__doc__
        self.__name__ = definition.__name__

    def form(self, name: str) -> Callable[[Callable[..., Array]], Callable[..., Array]]:
        """Register another form of the operation under a name that an engine can choose."""

        def register(function: Callable[..., Array]) -> Callable[..., Array]:
            self.forms[name] = function
            return function

        return register

    def __call__(self, *arguments: Array) -> Array:
        for name in _forms.get():
            if name in self.forms:
                return self.forms[name](*arguments)
        return self.definition(*arguments)


@contextmanager
def choose(*forms: str) -> Iterator[None]:
    """Make operations use, within the block, the first of these forms that they have.

    >>> import numpy as np
    >>> with choose("unrolled"):
    ...     sum_of_outer_products(np.ones((2, 1)), np.ones((2, 3)))
    array([[2., 2., 2.]])
    """
    token = _forms.set(forms)
    try:
        yield
    finally:
        _forms.reset(token)


@Operation
def sum_of_outer_products(d: Array, a: Array) -> Array:
    """Compute Σ over the examples of d aᵀ, shapes (examples, n_out) and (examples, n_in): BP4's ∂C/∂w."""
    return d.T @ a


@sum_of_outer_products.form("unrolled")
def _(d: Array, a: Array) -> Array:
    # from explicit sums of products, a compiler can fuse the whole of it into the pass that
    # updates w; this pays while the mini-batch is small
    if d.shape[0] > 32:
        return d.T @ a
    total = d[0, :, None] * a[0, None, :]
    for i in range(1, d.shape[0]):
        total = total + d[i, :, None] * a[i, None, :]
    return total


@Operation
def scan(step: Callable[..., Any], state: Any, xs: Sequence[Array | None]) -> tuple[Any, tuple[Array, ...]]:
    """Run ``state, ys = step(state, xs)`` over the first axis of ``xs``, the time; return the last state and all ys.

    ``xs`` and ``ys`` are tuples of arrays; each array of ``ys`` gets the time as its first axis. None in ``xs`` is
    passed on to every step.

    >>> import numpy as np
    >>> total, (totals,) = scan(lambda h, xs: (h + xs[0], (h + xs[0],)), np.asarray(0), (np.asarray([1, 2, 3]),))
    >>> total.item(), totals.tolist()
    (6, [1, 3, 6])
    """
    return _loop(step, state, xs, range(_count_steps(xs)))


@Operation
def scan_backwards(step: Callable[..., Any], state: Any, xs: Sequence[Array | None]) -> tuple[Any, tuple[Array, ...]]:
    """Run :func:`scan` from the last time to the first; the arrays of ``ys`` are still in the order of time.

    >>> import numpy as np
    >>> _, (totals,) = scan_backwards(lambda h, xs: (h + xs[0], (h + xs[0],)), np.asarray(0), (np.asarray([1, 2, 3]),))
    >>> totals.tolist()
    [6, 5, 3]
    """
    last, ys = _loop(step, state, xs, range(_count_steps(xs) - 1, -1, -1))
    return last, tuple(y.__array_namespace__().flip(y, axis=0) for y in ys)


def _loop(
    step: Callable[..., Any], state: Any, xs: Sequence[Array | None], times: Iterable[int]
) -> tuple[Any, tuple[Array, ...]]:
    results = []
    for t in times:
        state, ys = step(state, tuple(None if x is None else x[t, ...] for x in xs))
        results.append(ys)
    return state, tuple(each[0].__array_namespace__().stack(each) for each in zip(*results, strict=True))


def _count_steps(xs: Sequence[Array | None]) -> int:
    steps: int = next(x.shape[0] for x in xs if x is not None)
    return steps
