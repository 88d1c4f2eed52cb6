"""Sequences of unequal lengths: the lengths travel with the inputs, as data.

A mini-batch of sequences has the shape (examples, steps, features). Shorter sequences are padded to the number of
steps, with any finite numbers; ``lengths`` says how many steps of each are real.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from typing import Any, NamedTuple

from deltarule.core.layer import Array, Key, Layer, Params


class Sequences(NamedTuple):
    """A mini-batch of sequences with their lengths. A network takes it wherever it takes inputs.

    Args:
        x: The steps, shape (examples, steps, \\*features).
        lengths: The number of real steps of each example, whole numbers from 1 to steps, shape (examples,).

    >>> import numpy as np
    >>> batch = Sequences(np.zeros((2, 5, 3)), np.asarray([5, 2]))
    >>> batch.shape
    (2, 5, 3)
    """

    x: Array
    lengths: Array

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the steps, (examples, steps, \\*features)."""
        shape: tuple[int, ...] = self.x.shape
        return shape


def split_lengths(x: Array | Sequences) -> tuple[Array, Array | None]:
    """Split inputs into their array and their lengths, None if all sequences are whole.

    >>> import numpy as np
    >>> split_lengths(np.zeros(2)), split_lengths(Sequences(np.zeros(2), np.ones(2)))
    ((array([0., 0.]), None), (array([0., 0.]), array([1., 1.])))
    """
    return (x.x, x.lengths) if isinstance(x, Sequences) else (x, None)


def with_lengths(x: Array, lengths: Array | None) -> Array | Sequences:
    """Return inputs with their lengths; without lengths, the inputs: the inverse of :func:`split_lengths`.

    >>> import numpy as np
    >>> with_lengths(np.zeros(2), None), with_lengths(np.zeros(2), np.ones(2))
    (array([0., 0.]), Sequences(x=array([0., 0.]), lengths=array([1., 1.])))
    """
    return x if lengths is None else Sequences(x, lengths)


def map_steps(f: Callable[[Array], Array], x: Array | Sequences) -> Array | Sequences:
    """Apply a function to the array of inputs, and keep their lengths.

    >>> import numpy as np
    >>> map_steps(lambda x: x + 1, Sequences(np.zeros(1), np.ones(1)))
    Sequences(x=array([1.]), lengths=array([1.]))
    """
    array, lengths = split_lengths(x)
    return with_lengths(f(array), lengths)


def mask_steps(x: Array, lengths: Array) -> Array:
    """Compute the mask of the real steps, shape (examples, steps), 1 or 0 in x's type.

    >>> import numpy as np
    >>> mask_steps(np.zeros((2, 3, 1)), np.asarray([3, 1])).tolist()
    [[1.0, 1.0, 1.0], [1.0, 0.0, 0.0]]
    """
    xp = x.__array_namespace__()
    return xp.astype(xp.arange(x.shape[1])[None, :] < lengths[:, None], x.dtype)


def zero_padding(x: Array, lengths: Array | None) -> Array:
    """Return sequences whose padding is 0, whatever it was; without lengths, the sequences themselves.

    >>> import numpy as np
    >>> zero_padding(np.ones((2, 3, 1)), np.asarray([3, 1]))[:, :, 0].tolist()
    [[1.0, 1.0, 1.0], [1.0, 0.0, 0.0]]
    """
    if lengths is None:
        return x
    xp = x.__array_namespace__()
    real = mask_steps(x, lengths) > 0
    return xp.where(real[(..., *[None] * (x.ndim - 2))], x, xp.zeros_like(x))


class SequenceLayer(Layer):
    """A layer that has to know the lengths of sequences, such as a recurrent one.

    >>> from dataclasses import dataclass
    >>> import numpy as np
    >>> @dataclass(frozen=True)
    ... class Sum(SequenceLayer):
    ...     def output_shape(self, input_shape):
    ...         return input_shape[1:]
    ...     def forward(self, params, x, rng=None, lengths=None):
    ...         mask = np.ones(x.shape[:2]) if lengths is None else mask_steps(x, lengths)
    ...         return (mask[:, :, None] * x).sum(axis=1), mask
    ...     def backward(self, params, mask, d_y):
    ...         return mask[:, :, None] * d_y[:, None, :], {}
    >>> Sum().forward({}, np.ones((2, 3, 1)), lengths=np.asarray([3, 1]))[0].tolist()
    [[3.0], [1.0]]
    """

    @abstractmethod
    def forward(
        self, params: Params, x: Array, rng: Key | None = None, lengths: Array | None = None
    ) -> tuple[Array, Any]:
        """Compute ``(y, cache)`` from a mini-batch ``x`` of sequences; without ``lengths`` all steps are real."""
