"""Mutants of the augmentations."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from types import FunctionType
from typing import TypeAlias

from deltarule.core import augmentation, distortions, warp
from deltarule.core.descent import Descent

from . import test_distortions, test_expansion, test_warp

Checks: TypeAlias = Iterable[Callable[[], None]]


def by_pictures() -> Checks:
    yield test_warp.check_against_scipy
    yield test_distortions.check_shifts
    yield test_distortions.check_affine_displacements
    yield test_distortions.check_affine_bounds
    yield test_distortions.check_elastic_fields
    yield test_distortions.check_chain
    yield test_distortions.check_draws_differ
    yield test_expansion.check_step
    yield test_expansion.check_mean


BY_PICTURES: list[tuple[FunctionType, str, str]] = [
    (Descent.step, "random.fold(rng, len(self.network.layers))", "rng"),
    (augmentation.OnImages.__call__, "(x.shape[0], *self.shape)", "(x.shape[0], *self.shape[::-1])"),
    (
        augmentation.MeanSubtraction.__call__,
        "self.augmentation(x, rng)) - self.number",
        "self.augmentation(x - self.number, rng))",
    ),
    (augmentation.MeanSubtraction.__call__, "- self.number", ""),
    (Descent.subtract_mean, "MeanSubtraction(mean, self.augmentation)", "MeanSubtraction(mean)"),
    (warp.warp_images, "* ((height + 2) * (width + 2))", "* 0"),
    (warp.warp_images, "row, low = _split_place(down", "row, low = _split_place(-down"),
    (warp.warp_images, "row * (width + 2) + column", "row * (width + 1) + column"),
    (warp.warp_images, "(1 - left) * pixels(0, 0) + left", "left * pixels(0, 0) + (1 - left)"),
    (warp.warp_images, "left * pixels(1, 1)", "left * pixels(0, 1)"),
    (warp.warp_images, "low * below", "low * above"),
    (warp._split_place, "xp.clip(xp.floor(place), -1, size - 1)", "xp.clip(xp.floor(place), 0, size - 1)"),
    (warp._split_place, "xp.clip(place, -1, size)", "xp.clip(place, 0, size - 1)"),
    (distortions.Shift.__call__, "2 * self.pixels + 1", "2 * self.pixels"),
    (distortions.Shift.__call__, "- self.pixels", ""),
    (distortions.Shift.__call__, "by[1, :]", "by[0, :]"),
    (distortions._shift, "(index >= 0) & (index < size)", "index < size"),
    (distortions.Affine.displacement, "self.rotation * pi / 180", "self.rotation"),
    (distortions.Affine.displacement, "self.shift, self.shift,", "self.shift, 2 * self.shift,"),
    (distortions.Affine.displacement, "drawn[i, :]", "drawn[0, :]"),
    (distortions.affine_displacement, "(height - 1) / 2", "height / 2"),
    (distortions.affine_displacement, "xp.sin(angle) / (1 + scale)", "xp.sin(angle)"),
    (distortions.affine_displacement, "cos * below + sin * beside", "cos * below - sin * beside"),
    (distortions.affine_displacement, "skew * from_y", "skew * below"),
    (distortions.affine_displacement, "x - right", "x + right"),
    (distortions.Elastic.displacement, "moves[0, ...], moves[1, ...]", "moves[1, ...], moves[0, ...]"),
    (distortions.Elastic.displacement, "self.alpha * ", ""),
    (distortions.Elastic.displacement, "(2, n, width, height)", "(n, 2, width, height)"),
    (distortions.Elastic._smoothing, "** 2) / 2) / total", "** 2)) / total"),
    (distortions.Elastic._smoothing, "/ total", ""),
    (distortions.Chain.__call__, "part.displacement(images, random.fold(rng, i))", "part.displacement(images, rng)"),
    (distortions.Chain.__call__, "part(images, random.fold(rng, i))", "part(images, rng)"),
    (distortions._within_one, "* 2.0**-23 - 1", "* 2.0**-24"),
]
