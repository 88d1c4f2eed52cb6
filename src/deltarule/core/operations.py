"""Named operations: the readable definition and a faster form of it side by side, tested equal.

A layer calls an operation by its name and gets the readable definition, unless an engine
chooses another form while it builds its program.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

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
