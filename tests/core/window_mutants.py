"""Mistakes put into convolution, pooling and batch normalization, and the checks that have to find them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from deltarule.core import pooling, windows
from deltarule.core.convolution import Conv
from deltarule.core.normalization import BatchNorm
from deltarule.core.pooling import L2Pool, MaxPool
from deltarule.core.windows import fold, patches

from . import test_convolution, test_normalization, test_pooling, test_windows

# found by central differences and by JAX, each on its own
GRADIENTS_OF_WINDOWS = [
    (Conv.backward, "xp.sum(delta, axis=0)", "xp.mean(delta, axis=0)"),
    (Conv.backward, "xp.sum(delta, axis=0)", "delta[0, :]"),
    (
        Conv.backward,
        "sum_of_outer_products(delta, _rows(patches))",
        "sum_of_outer_products(delta[:1, :], _rows(patches)[:1, :])",
    ),
    (Conv.backward, "sum_of_outer_products(delta, _rows(patches))", "sum_of_outer_products(-delta, _rows(patches))"),
    (Conv.backward, "delta @ _rows_of_maps(w)", "delta @ xp.flip(_rows_of_maps(w), axis=1)"),
    (Conv.backward, "delta @ _rows_of_maps(w)", "delta @ xp.flip(_rows_of_maps(w), axis=0)"),
    (Conv.backward, "xp.reshape(d_w, w.shape)", "xp.flip(xp.reshape(d_w, w.shape), axis=2)"),
    (Conv.backward, "pair(self.kernel), pair(self.stride))", "pair(self.kernel), (1, 1))"),
    (fold, "for i in range(h)", "for i in range(1)"),
    (fold, "for j in range(w)", "for j in range(1)"),
    (fold, "1, i, s, height)", "1, h - 1 - i, s, height)"),
    (fold, "2, j, t, width)", "2, w - 1 - j, t, width)"),
    (windows._spread, "(step - 1)], axis=axis + 1)", "(step - 1)], axis=axis)"),
    (windows._spread, "zeros(start), _take_every", "zeros(start), 2 * _take_every"),
    (MaxPool.backward, "xp.where(wins, d_a, xp.zeros_like(d_a))", "d_a / wins.shape[3] + xp.zeros_like(d_a)"),
    (MaxPool.backward, "xp.where(wins, d_a, xp.zeros_like(d_a))", "xp.where(wins, xp.zeros_like(d_a), d_a)"),
    (MaxPool.forward, "xp.argmax(regions", "xp.argmin(regions"),
    (L2Pool.backward, "regions * share[:, :, :, None, :]", "share[:, :, :, None, :] + 0 * regions"),
    (L2Pool.backward, "regions * share[:, :, :, None, :]", "2 * regions * share[:, :, :, None, :]"),
    (L2Pool.backward, "share = d_a / xp.where(a > 0, a, xp.ones_like(a))", "share = d_a"),
    (BatchNorm.backward, "d_scale = _sum_as(scale, d_y * normal)", "d_scale = _sum_as(scale, d_y)"),
    (BatchNorm.backward, "d_shift = _sum_as(scale, d_y)", "d_shift = _sum_as(scale, d_y) / d_y.shape[0]"),
    (BatchNorm.backward, "d_y * scale / deviation", "d_y / deviation"),
    (BatchNorm.backward, "d_y * scale / deviation", "d_y * scale"),
    (BatchNorm.backward, "d_mean / m + ", ""),
    (BatchNorm.backward, "d_variance * 2 * normal", "d_variance * normal"),
    (BatchNorm.backward, "+ d_variance * 2 * normal * deviation / m", ""),
    (BatchNorm.backward, "2 * normal * deviation / m", "2 * normal / m"),
    (BatchNorm.backward, '"mean": xp.zeros_like(d_mean)', '"mean": d_mean'),
    (BatchNorm.backward, "xp.zeros_like(d_variance)", "d_variance"),
]


def by_windows() -> Iterator[Callable[[], None]]:
    """Yield checks of convolution, pooling and batch normalization by hand."""
    yield test_windows.test_patches_by_hand
    yield test_windows.test_fold_by_hand
    yield test_convolution.test_convolution_by_hand
    yield test_convolution.test_stride_by_hand
    yield test_convolution.test_init_equals_that_of_a_dense_layer_on_a_patch
    yield test_pooling.test_where_numbers_tie_the_first_wins
    yield test_pooling.test_max_pool_by_hand
    yield test_pooling.test_l2_pool_by_hand
    yield test_pooling.test_no_error_comes_back_from_a_region_of_nothing
    yield partial(test_pooling.test_regions_must_cover_the_image_exactly, *test_pooling.MISFITS[0])
    yield test_normalization.test_running_means_by_hand
    yield test_normalization.test_in_use_by_hand
    yield test_normalization.test_in_training_by_hand
    yield test_normalization.test_a_single_example_does_not_change_the_running_means


BY_WINDOWS = [
    (patches, "for i in range(h)", "for i in reversed(range(h))"),
    (patches, "for j in range(w)", "for j in reversed(range(w))"),
    (patches, "2, j, t, columns", "2, j, s, columns"),
    (patches, "1, i, s, rows", "1, i, 1, rows"),
    (windows.places, "// step + 1", "// step"),
    (Conv.forward, '+ params["b"]', ""),
    (Conv.init, "prod(shape[1:])", "prod(input_shape)"),
    (MaxPool.forward, "xp.argmax(regions,", "regions.shape[3] - 1 - xp.argmax(xp.flip(regions, axis=3),"),
    (L2Pool.forward, "xp.sqrt(xp.sum(regions * regions, axis=3))", "xp.sum(regions * regions, axis=3)"),
    (L2Pool.backward, "xp.where(a > 0, a, xp.ones_like(a))", "a"),
    (pooling._misfit, "// step * step", "// step"),
    (BatchNorm.forward, "variance + self.epsilon", "variance + 2 * self.epsilon"),
    (BatchNorm.forward, "(x - mean) ** 2", "x**2"),
    (BatchNorm.forward, "if rng is not None", "if rng is None"),
    (BatchNorm.after_step, "variance * m / (m - 1)", "variance"),
    (BatchNorm.after_step, "or batch[2] == 1", "or batch[2] <= 2"),
    (BatchNorm._running, "(1 - self.momentum) * new", "self.momentum * new"),
    (BatchNorm._running, "self.momentum * old + (1 - self.momentum) * new", "new"),
]
