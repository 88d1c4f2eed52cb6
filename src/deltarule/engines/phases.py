"""Convolution as a processor likes it: images batch last, and the places of a pooling window apart.

An image is (channels, height, width, examples), so that every innermost loop runs over whole rows
of numbers. The outputs of a convolution that fall on the same place of their pooling windows are
one *phase* of it: pooling is then an elementwise maximum over the phases, and each phase is a
convolution of its own with as many times the stride. :func:`choose_convolution` chooses among the forms
that its products can take.

Everything here but the products is linear and only moves numbers about. It is written once, in the
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
    """How a kernel moves along one axis: its length, its stride, and how many outputs a pooling window takes."""

    kernel: int
    stride: int
    pool: int

    @property
    def step(self) -> int:
        return self.stride * self.pool

    @property
    def window(self) -> int:
        """How many inputs a pooling window sees."""
        return self.kernel + self.stride * (self.pool - 1)

    def padding(self, phase: int) -> tuple[int, int]:
        """How many inputs of the window a phase's kernel does not see: those before it, and those after it."""
        return phase * self.stride, (self.pool - 1 - phase) * self.stride

    def count_outputs(self, length: int) -> int:
        """How many outputs of each phase an axis of this length gives."""
        return ((length - self.kernel) // self.stride + 1) // self.pool

    def take_tap(self, planes: list[Array], phase: int, tap: int, count: int, axis: int) -> Array:
        """What a tap of the kernel sees at the outputs of a phase; ``planes[r]`` holds positions r, r + step, …."""
        offset, plane = divmod(phase * self.stride + tap, self.step)
        return lax.slice_in_dim(planes[plane], offset, offset + count, axis=axis)


@dataclass(frozen=True)
class Direct:
    """Along the width, every output by its definition: as many products as phases, each over all taps."""

    axis: Axis
    multiplication_ratio = 1.0

    def features(self, planes: list[Array], count: int) -> list[Array]:
        """What each product is of, taps and channels along the first axis."""
        axis = self.axis
        return [
            jnp.concatenate([axis.take_tap(planes, q, j, count, 2) for j in range(axis.kernel)])
            for q in range(axis.pool)
        ]

    def kernels(self, w: Array) -> list[Array]:
        """The weights of each product, (maps, kernel height · taps and channels)."""
        return [w.reshape(len(w), -1)] * self.axis.pool

    def outputs(self, products: list[Array]) -> list[Array]:
        """The phases, from the products."""
        return products


@dataclass(frozen=True)
class ToomCook:
    """Along the width, two neighbouring outputs by k + 1 products in place of 2 k (Toom and Cook, Winograd).

    The products are of sums of inputs with sums of weights; see :mod:`deltarule.engines.toom_cook`.
    """

    axis: Axis

    @property
    def multiplication_ratio(self) -> float:
        return (self.axis.kernel + 1) / (2 * self.axis.kernel)

    def features(self, planes: list[Array], count: int) -> list[Array]:
        seen = [self.axis.take_tap(planes, 0, u, count, 2) for u in range(self.axis.kernel + 1)]
        return [_combine(row, seen) for row in toom_cook.matrices(self.axis.kernel)[1]]

    def kernels(self, w: Array) -> list[Array]:
        taps = materialize([w[:, :, j] for j in range(self.axis.kernel)])
        combinations = materialize([_combine(row, taps) for row in toom_cook.matrices(self.axis.kernel)[0]])
        return [combination.reshape(len(w), -1) for combination in combinations]

    def outputs(self, products: list[Array]) -> list[Array]:
        return [_combine(column, products) for column in toom_cook.matrices(self.axis.kernel)[2].T]


def choose_width_form(axis: Axis, rest: int) -> Direct | ToomCook:
    """The form that takes less time: sharing where pairs are wanted, unless a product then sums over few numbers.

    ``rest`` is the kernel's height times the channels.
    """
    shareable = axis.stride == 1 and axis.pool == 2 and axis.kernel in toom_cook.KERNELS
    return ToomCook(axis) if shareable and rest >= 32 else Direct(axis)


@dataclass(frozen=True)
class Convolution:
    """z = w ∗ x, its phases apart along the width; ``rows`` and ``columns`` say how the kernel moves.

    Along the height the phases of a window take part in the same products, one row after another.
    """

    rows: Axis
    columns: Direct | ToomCook

    def forward(self, w: Array, x: Array) -> tuple[list[Array], Any]:
        """z by the column of the window, each (maps, windows down, rows of the window, the rest), and a cache.

        w is (maps, height, width, channels); the rest are the windows across, and the examples.
        """
        kernels = self.columns.kernels(w)
        patches = self._patches(x)
        products = materialize([u @ c.reshape(u.shape[1], -1) for u, c in zip(kernels, patches, strict=True)])
        windows = len(w), self.rows.count_outputs(x.shape[1]), self.rows.pool, -1
        return [z.reshape(windows) for z in materialize(self.columns.outputs(products))], (w, x, kernels, patches)

    def backward(self, cache: Any, d: list[Array]) -> tuple[Array, Array]:
        """∂C/∂x and ∂C/∂w from ∂C/∂z."""
        w, x, kernels, patches = cache
        d = [each.reshape(len(w), -1) for each in materialize(d)]
        d = materialize(_transpose(self.columns.outputs, [jnp.zeros_like(d[0])] * len(kernels))(d))
        d_kernels = [each @ c.reshape(u.shape[1], -1).T for each, u, c in zip(d, kernels, patches, strict=True)]
        d_w = _transpose(self.columns.kernels, w)(materialize(d_kernels))  # BP4, summed over places and examples
        d_patches = [(u.T @ each).reshape(c.shape) for each, u, c in zip(d, kernels, patches, strict=True)]
        d_x = _transpose(self._patches, x)(materialize(d_patches))  # BP2: wᵀ δ, added up where patches overlap
        return d_x, d_w

    def phases(self, z: list[Array]) -> list[Array]:
        """z by the place in the window, row by row, each (maps, windows down, the rest)."""
        return [each[:, :, p] for p in range(self.rows.pool) for each in z]

    def route_errors(self, d: Array, which: Array) -> list[Array]:
        """∂C/∂z, where all of ``d`` goes to the phase that was the largest."""
        across = self.columns.axis.pool
        first = across * jnp.arange(self.rows.pool, dtype=which.dtype)[:, None]
        return [jnp.where(which[:, :, None] == first + q, d[:, :, None], 0) for q in range(across)]

    @property
    def multiplication_ratio(self) -> float:
        """How many of the multiplications by definition are done."""
        return self.columns.multiplication_ratio

    def _patches(self, x: Array) -> list[Array]:
        """What the products take, (taps and channels, places down, windows across, examples), by term."""
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
    """z = w ∗ x, all phases by one product: the kernel of each is set, zeros around it, into the whole window.

    More is multiplied, but the product has as many more rows and the patches, which all phases now
    share, are far fewer. It pays where a kernel has few weights.
    """

    rows: Axis
    columns: Axis

    def forward(self, w: Array, x: Array) -> tuple[list[Array], Any]:
        """All of z, (phases · maps, windows down, 1, the rest), and a cache; otherwise as :class:`Convolution`."""
        z, cache = self._window().forward(self._kernels(w), x)
        return z, (w, cache)

    def backward(self, cache: Any, d: list[Array]) -> tuple[Array, Array]:
        """As that of :class:`Convolution`."""
        w, of_window = cache
        d_x, d_kernels = self._window().backward(of_window, d)
        return d_x, _transpose(self._kernels, w)(d_kernels)

    def phases(self, z: list[Array]) -> list[Array]:
        """As those of :class:`Convolution`."""
        number = self.rows.pool * self.columns.pool
        return list(z[0].reshape(number, -1, z[0].shape[1], z[0].shape[3]))

    def route_errors(self, d: Array, which: Array) -> list[Array]:
        """As that of :class:`Convolution`."""
        numbers = jnp.arange(self.rows.pool * self.columns.pool, dtype=which.dtype)
        routed = jnp.where(which == numbers[:, None, None, None], d, 0)
        return [routed.reshape(-1, d.shape[1], 1, d.shape[2])]

    @property
    def multiplication_ratio(self) -> float:
        """How many of the multiplications by definition are done."""
        return self.rows.window * self.columns.window / (self.rows.kernel * self.columns.kernel)

    def _window(self) -> Convolution:
        """The convolution whose kernels see a whole pooling window, and which moves from one to the next."""
        return Convolution(
            Axis(self.rows.window, self.rows.step, 1), Direct(Axis(self.columns.window, self.columns.step, 1))
        )

    def _kernels(self, w: Array) -> Array:
        """The weights of all phases, one after another."""
        down, across = self.rows, self.columns
        phases = [(p, q) for p in range(down.pool) for q in range(across.pool)]
        return jnp.concatenate([jnp.pad(w, [(0, 0), down.padding(p), across.padding(q), (0, 0)]) for p, q in phases])


def choose_convolution(rows: Axis, columns: Axis, channels: int) -> Convolution | SingleProduct:
    """The form that takes least time, as far as was measured; a kernel has rows · columns · channels weights."""
    form = SingleProduct(rows, columns)
    few = rows.kernel * columns.kernel * channels <= 32
    if few and rows.pool * columns.pool > 1 and form.multiplication_ratio <= 2:
        return form
    return Convolution(rows, choose_width_form(columns, rows.kernel * channels))


def max_over_phases(phases: list[Array]) -> tuple[Array, Array]:
    """The maximum over the phases, and the number of the first phase that has it."""
    best, *others = phases
    which = jnp.zeros(best.shape, jnp.int8 if len(others) < 127 else jnp.int32)
    for number, z in enumerate(others, 1):
        which = jnp.where(z > best, which.dtype.type(number), which)
        best = jnp.maximum(best, z)
    return best, which


def _combine(factors: Any, arrays: list[Array]) -> Array:
    """Σ factor · array, without the factors 0 and 1."""
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
    """Has arrays computed once and stored, in the shape that they have here.

    Fused into what reads them, they would be computed again for every read, and number by number
    where that has reshaped them.
    """
    return lax.optimization_barrier(arrays)
