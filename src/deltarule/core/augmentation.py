"""Augmentation of the training data (chapter 3): every mini-batch is varied before the network trains on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from deltarule.core.constraints import with_functions
from deltarule.core.layer import Array, Key, Shape


class Augmentation(Protocol):
    """The protocol of augmentations: a pure function of images and a random key that returns changed images.

    ``images`` has shape (examples, height, width) or (examples, height, width, channels). The result has the
    same shape; ``images`` itself is not changed. Your own augmentation is a frozen dataclass with this function:

    >>> from dataclasses import dataclass
    >>> import numpy as np
    >>> from deltarule.core import random
    >>> @dataclass(frozen=True)
    ... class Mirror:
    ...     def __call__(self, images, rng):
    ...         xp = images.__array_namespace__()
    ...         turned = random.bernoulli(rng, 0.5, (images.shape[0], 1, 1))
    ...         return xp.where(turned, xp.flip(images, axis=2), images)
    >>> Mirror()(np.asarray([[[1.0, 2.0]]]), random.key(7))
    array([[[2., 1.]]])
    """

    def __call__(self, images: Array, rng: Key, /) -> Array: ...


AUGMENTATION = with_functions(["__call__"], "an augmentation such as Shift()")


@dataclass(frozen=True)
class OnImages:
    """An augmentation of images for a network that takes them in another shape, such as flat.

    ``shape`` is that of one image, (height, width) or (height, width, channels).
    """

    augmentation: Augmentation
    shape: Shape

    def __call__(self, x: Array, rng: Key) -> Array:
        xp = x.__array_namespace__()
        images = xp.reshape(x, (x.shape[0], *self.shape))
        return xp.reshape(self.augmentation(images, rng), x.shape)


@dataclass(frozen=True)
class MeanSubtraction:
    """The subtraction of a number from all inputs, after an augmentation, if any.

    In this order, because an augmentation fills empty pixels with 0, the background of an image without subtraction.

    >>> import numpy as np
    >>> from deltarule.core import random
    >>> from deltarule.core.distortions import Shift
    >>> MeanSubtraction(0.25, Shift(1))(np.asarray([[[0.5, 1.0, 0.5]]]), random.key(6))
    array([[[-0.25,  0.25,  0.75]]])
    """

    number: Any
    augmentation: Augmentation | None = None

    def __call__(self, x: Array, rng: Key) -> Array:
        return (x if self.augmentation is None else self.augmentation(x, rng)) - self.number
