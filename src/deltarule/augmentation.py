"""Augmentations: random distortions of images, drawn anew for every mini-batch.

Pass one to ``fit(..., augmentation=Affine(rotation=10))``.
"""

from deltarule.core.augmentation import Augmentation
from deltarule.core.distortions import Affine, Chain, Elastic, Shift

__all__ = ["Affine", "Augmentation", "Chain", "Elastic", "Shift"]
