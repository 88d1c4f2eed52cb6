"""The good one of chapter 1's baselines: scikit-learn's support vector machine, with the defaults of its time."""

from __future__ import annotations

import numpy as np

from deltarule.book import mnist_loader
from deltarule.errors import extra


def svm_baseline(n_training: int | None = None) -> None:
    """Prints how many of MNIST's 10,000 test images a support vector machine recognizes.

    All 50,000 training images take some ten minutes; ``n_training`` says how many of them to use. Its
    γ was 1 / (number of inputs) when the book was written (``gamma="auto"``); scikit-learn's default
    has changed since.
    """
    with extra("experiments", "a support vector machine"):
        from sklearn import svm

    training_data, _, test_data = mnist_loader.load_data()
    images, digits = (part[:n_training] for part in training_data)
    predictions = svm.SVC(gamma="auto").fit(images, digits).predict(test_data[0])
    print("Baseline classifier using an SVM.")
    print(f"{int(np.sum(predictions == test_data[1]))} of {len(test_data[1])} values correct.")


if __name__ == "__main__":
    svm_baseline()
