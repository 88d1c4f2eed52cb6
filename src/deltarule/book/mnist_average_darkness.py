"""A baseline of chapter 1: predict the digit whose average darkness is closest to that of the image."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import numpy as np

from deltarule.book import mnist_loader


def main() -> None:
    """Print how many of MNIST's 10,000 test images are classified correctly."""
    training_data, _, test_data = mnist_loader.load_data()
    avgs = avg_darknesses(training_data)
    right = sum(int(guess_digit(image, avgs) == digit) for image, digit in zip(*test_data, strict=True))
    print("Baseline classifier using average darkness of image.")
    print(f"{right} of {len(test_data[1])} values correct.")


def avg_darknesses(training_data: tuple[np.ndarray, np.ndarray]) -> defaultdict[int, float]:
    """Compute the mean darkness, the sum of the pixels, of the images of each digit.

    ``training_data`` is a pair (images, digits), as ``mnist_loader.load_data`` returns it.

    >>> dict(avg_darknesses((np.array([[0.0, 0.5], [1.0, 1.0], [0.5, 0.0]]), np.array([1, 8, 1]))))
    {1: 0.5, 8: 2.0}
    """
    images, digits = training_data
    darknesses = np.sum(images, axis=1, dtype=float)
    return defaultdict(float, {int(digit): float(darknesses[digits == digit].mean()) for digit in np.unique(digits)})


def guess_digit(image: Any, avgs: Mapping[int, float]) -> int:
    """Return the digit in ``avgs`` whose darkness is closest to that of ``image``.

    >>> guess_digit(np.array([0.5, 1.0]), {1: 0.5, 8: 2.0})
    8
    """
    darkness = float(np.sum(image, dtype=float))
    return min(avgs, key=lambda digit: abs(avgs[digit] - darkness))


if __name__ == "__main__":
    main()
