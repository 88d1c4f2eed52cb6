"""The better baseline of chapter 1: scikit-learn's support vector machine, with its defaults at that time."""

from __future__ import annotations

import numpy as np

from deltarule.book import mnist_loader
from deltarule.errors import require_extra


def svm_baseline(n_training: int | None = None) -> None:
    """Print how many of MNIST's 10,000 test images a support vector machine classifies correctly.

    Training on all 50,000 images takes about ten minutes; ``n_training`` is the number of them to use. When the book
    was written, scikit-learn's default γ was 1 / (number of inputs), ``gamma="auto"``; it has changed since.
    """
    with require_extra("experiments", "a support vector machine"):
        from sklearn import svm

    training_data, _, test_data = mnist_loader.load_data()
    images, digits = (part[:n_training] for part in training_data)
    predictions = svm.SVC(gamma="auto").fit(images, digits).predict(test_data[0])
    print("Baseline classifier using an SVM.")
    print(f"{int(np.sum(predictions == test_data[1]))} of {len(test_data[1])} values correct.")


if __name__ == "__main__":
    svm_baseline()
