"""Fast convolution on a processor: images batch last, and the places of a pooling window computed separately.

An image is (channels, height, width, examples), so that every innermost loop runs over whole rows
of numbers. The outputs of a convolution at the same place of their pooling windows form
one *phase*: pooling is then an elementwise maximum over the phases, and each phase is a
convolution with a stride multiplied by the size of the window. :func:`choose_convolution` chooses among the
forms of its products.

Everything here except the products is linear and only rearranges numbers. It is written once, in the
forward direction; backward takes its transpose from JAX.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from deltarule.core.layer import Array
from deltarule.engines import toom_cook


@dataclass(frozen=True)
class Axis:
    """The geometry along one axis: the length of the kernel, its stride, and the outputs in a pooling window."""

    kernel: int
    stride: int
    pool: int

    @property
    def step(self) -> int:
        return self.stride * self.pool

    @property
    def window(self) -> int:
        """The number of inputs that a pooling window covers."""
        return self.kernel + self.stride * (self.pool - 1)

    def padding(self, phase: int) -> tuple[int, int]:
        """Count the inputs of the window outside the kernel of a phase: those before it and those after it."""
        return phase * self.stride, (self.pool - 1 - phase) * self.stride

    def count_outputs(self, length: int) -> int:
        """Count the outputs of each phase for an axis of this length."""
        return ((length - self.kernel) // self.stride + 1) // self.pool

    def take_tap(self, planes: list[Array], phase: int, tap: int, count: int, axis: int) -> Array:
        """Return the inputs of a kernel tap at the outputs of a phase; ``planes[r]`` holds positions r, r + step, …."""
        offset, plane = divmod(phase * self.stride + tap, self.step)
        return lax.slice_in_dim(planes[plane], offset, offset + count, axis=axis)


@dataclass(frozen=True)
class Direct:
    """Direct convolution along the width, by definition: as many products as phases, each over all taps."""

    axis: Axis
    multiplication_ratio = 1.0

    def features(self, planes: list[Array], count: int) -> list[Array]:
        """Return the input of each product, taps and channels along the first axis."""
        axis = self.axis
        return [
            jnp.concatenate([axis.take_tap(planes, q, j, count, 2) for j in range(axis.kernel)])
            for q in range(axis.pool)
        ]

    def kernels(self, w: Array) -> list[Array]:
        """Return the weights of each product, (maps, kernel height · taps and channels)."""
        return [w.reshape(len(w), -1)] * self.axis.pool

    def outputs(self, products: list[Array]) -> list[Array]:
        """Compute the phases from the products."""
        return products


@dataclass(frozen=True)
class ToomCook:
    """Convolution along the width, two neighbouring outputs by k + 1 products instead of 2 k (Toom and Cook, Winograd).

    The products are of sums of inputs with sums of weights; see :mod:`deltarule.engines.toom_cook`.
    """

    axis: Axis

    @property
    def multiplication_ratio(self) -> float:
        return (self.axis.kernel + 1) / (2 * self.axis.kernel)

    def features(self, planes: list[Array], count: int) -> list[Array]:
        inputs = [self.axis.take_tap(planes, 0, u, count, 2) for u in range(self.axis.kernel + 1)]
        return [_combine(row, inputs) for row in toom_cook.matrices(self.axis.kernel)[1]]

    def kernels(self, w: Array) -> list[Array]:
        taps = materialize([w[:, :, j] for j in range(self.axis.kernel)])
        combinations = materialize([_combine(row, taps) for row in toom_cook.matrices(self.axis.kernel)[0]])
        return [combination.reshape(len(w), -1) for combination in combinations]

    def outputs(self, products: list[Array]) -> list[Array]:
        return [_combine(column, products) for column in toom_cook.matrices(self.axis.kernel)[2].T]


def choose_width_form(axis: Axis, rest: int) -> Direct | ToomCook:
    """Choose the faster form: Toom–Cook where outputs come in pairs, unless its products would sum over few numbers.

    ``rest`` is the kernel's height times the channels.
    """
    shareable = axis.stride == 1 and axis.pool == 2 and axis.kernel in toom_cook.KERNELS
    return ToomCook(axis) if shareable and rest >= 32 else Direct(axis)


@dataclass(frozen=True)
class Convolution:
    """z = w ∗ x with separate phases along the width; ``rows`` and ``columns`` describe how the kernel moves.

    Along the height the phases of a window share the same products, one row after another.
    """

    rows: Axis
    columns: Direct | ToomCook

    def forward(self, w: Array, x: Array) -> tuple[list[Array], Any]:
        """Compute z by the column of the window, each (maps, windows down, rows of the window, the rest), and a cache.

        w is (maps, height, width, channels); the rest are the windows across, and the examples.
        """
        kernels = self.columns.kernels(w)
        patches = self._patches(x)
        products = materialize([u @ c.reshape(u.shape[1], -1) for u, c in zip(kernels, patches, strict=True)])
        windows = len(w), self.rows.count_outputs(x.shape[1]), self.rows.pool, -1
        return [z.reshape(windows) for z in materialize(self.columns.outputs(products))], (w, x, kernels, patches)

    def backward(self, cache: Any, d: list[Array]) -> tuple[Array, Array]:
        """Compute ∂C/∂x and ∂C/∂w from ∂C/∂z."""
        w, x, kernels, patches = cache
        d = [each.reshape(len(w), -1) for each in materialize(d)]
        d = materialize(_transpose(self.columns.outputs, [jnp.zeros_like(d[0])] * len(kernels))(d))
        d_kernels = [each @ c.reshape(u.shape[1], -1).T for each, u, c in zip(d, kernels, patches, strict=True)]
        d_w = _transpose(self.columns.kernels, w)(materialize(d_kernels))  # BP4, summed over places and examples
        d_patches = [(u.T @ each).reshape(c.shape) for each, u, c in zip(d, kernels, patches, strict=True)]
        d_x = _transpose(self._patches, x)(materialize(d_patches))  # BP2: wᵀ δ, added up where patches overlap
        return d_x, d_w

    def phases(self, z: list[Array]) -> list[Array]:
        """Return z by the place in the window, row by row, each (maps, windows down, the rest)."""
        return [each[:, :, p] for p in range(self.rows.pool) for each in z]

    def route_errors(self, d: Array, which: Array) -> list[Array]:
        """Compute ∂C/∂z, where all of ``d`` goes to the phase that was the largest."""
        across = self.columns.axis.pool
        first = across * jnp.arange(self.rows.pool, dtype=which.dtype)[:, None]
        return [jnp.where(which[:, :, None] == first + q, d[:, :, None], 0) for q in range(across)]

    @property
    def multiplication_ratio(self) -> float:
        """The number of multiplications relative to the definition."""
        return self.columns.multiplication_ratio

    def _patches(self, x: Array) -> list[Array]:
        """Return the inputs of the products, (taps and channels, places down, windows across, examples), by term."""
        rows, across = replace(self.rows, pool=1), self.columns.axis
        down, wide = self.rows.count_outputs(x.shape[1]) * self.rows.pool, across.count_outputs(x.shape[2])
        x = materialize(x)
        planes = [[x[:, a :: rows.step, b :: across.step] for b in range(across.step)] for a in range(rows.step)]
        features = materialize([self.columns.features(row, wide) for row in materialize(planes)])
        terms = [list(term) for term in zip(*features, strict=True)]  # by term, then by plane
        return list(
            materialize(
                [jnp.concatenate([rows.take_tap(term, 0, i, down, 1) for i in range(rows.kernel)]) for term in terms]
            )
        )


@dataclass(frozen=True)
class SingleProduct:
    """z = w ∗ x, all phases by one product: the kernel of each is padded with zeros to the whole window.

    It takes more multiplications, but one product with more rows, and far fewer patches, which all phases
    share. It pays for a kernel with few weights.
    """

    rows: Axis
    columns: Axis

    def forward(self, w: Array, x: Array) -> tuple[list[Array], Any]:
        """Compute all of z, (phases · maps, windows down, 1, the rest), and a cache; else like :class:`Convolution`."""
        z, cache = self._window().forward(self._kernels(w), x)
        return z, (w, cache)

    def backward(self, cache: Any, d: list[Array]) -> tuple[Array, Array]:
        """Compute ∂C/∂x and ∂C/∂w like :class:`Convolution`."""
        w, of_window = cache
        d_x, d_kernels = self._window().backward(of_window, d)
        return d_x, _transpose(self._kernels, w)(d_kernels)

    def phases(self, z: list[Array]) -> list[Array]:
        """Return the phases like :class:`Convolution`."""
        number = self.rows.pool * self.columns.pool
        return list(z[0].reshape(number, -1, z[0].shape[1], z[0].shape[3]))

    def route_errors(self, d: Array, which: Array) -> list[Array]:
        """Compute ∂C/∂z like :class:`Convolution`."""
        numbers = jnp.arange(self.rows.pool * self.columns.pool, dtype=which.dtype)
        routed = jnp.where(which == numbers[:, None, None, None], d, 0)
        return [routed.reshape(-1, d.shape[1], 1, d.shape[2])]

    @property
    def multiplication_ratio(self) -> float:
        """The number of multiplications relative to the definition."""
        return self.rows.window * self.columns.window / (self.rows.kernel * self.columns.kernel)

    def _window(self) -> Convolution:
        """Build the convolution whose kernels cover a whole pooling window, and move from one to the next."""
        return Convolution(
            Axis(self.rows.window, self.rows.step, 1), Direct(Axis(self.columns.window, self.columns.step, 1))
        )

    def _kernels(self, w: Array) -> Array:
        """Return the weights of all phases, one after another."""
        down, across = self.rows, self.columns
        phases = [(p, q) for p in range(down.pool) for q in range(across.pool)]
        return jnp.concatenate([jnp.pad(w, [(0, 0), down.padding(p), across.padding(q), (0, 0)]) for p, q in phases])


def choose_convolution(rows: Axis, columns: Axis, channels: int) -> Convolution | SingleProduct:
    """Choose the fastest form, by measurement; a kernel has rows · columns · channels weights."""
    form = SingleProduct(rows, columns)
    few = rows.kernel * columns.kernel * channels <= 32
    if few and rows.pool * columns.pool > 1 and form.multiplication_ratio <= 2:
        return form
    return Convolution(rows, choose_width_form(columns, rows.kernel * channels))


def max_over_phases(phases: list[Array]) -> tuple[Array, Array]:
    """Compute the maximum over the phases, and the number of the first phase that has it."""
    best, *others = phases
    which = jnp.zeros(best.shape, jnp.int8 if len(others) < 127 else jnp.int32)
    for number, z in enumerate(others, 1):
        which = jnp.where(z > best, which.dtype.type(number), which)
        best = jnp.maximum(best, z)
    return best, which


def _combine(factors: Any, arrays: list[Array]) -> Array:
    """Compute Σ factor · array, without multiplications by 0 and 1."""
    total = None
    for factor, array in zip(factors, arrays, strict=True):
        if factor:
            term = array if factor == 1 else -array if factor == -1 else array * array.dtype.type(factor)
            total = term if total is None else total + term
    return total


def _transpose(function: Callable[..., Any], like: Any) -> Callable[[Any], Any]:
    transpose = jax.linear_transpose(function, like)
    return lambda d: transpose(d)[0]


def materialize(arrays: Any) -> Any:
    """Make XLA compute arrays once and store them, in the shape that they have here.

    Fused into their readers, they would be computed again for every read, and element by element
    if a reader reshapes them.
    """
    return lax.optimization_barrier(arrays)
