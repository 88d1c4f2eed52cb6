"""The confidence of a model: calibrated shares, and limits beyond which it does not answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf
from typing import Any, ClassVar

import numpy as np

from deltarule.core.constraints import Constraint, Constraints, Validated, number
from deltarule.core.network import Network

ANSWERED = 0.99
"""The share of the validation examples that a model answers: half of the others is unsure, half is unlike all."""

_LEAST = 1e-12  # the least share, so that its logarithm is finite
_TEMPERATURES = 0.05, 20.0  # the lowest and the highest temperature


@dataclass(frozen=True)
class Confidence(Validated):
    """Numbers fitted on validation examples, by which a model says how sure it is.

    Args:
        temperature: The number T by which ln p is divided before it is normalized again, p′ ∝ p^(1/T) (Guo, Pleiss, Sun
            and Weinberger, 2017). Above 1 it makes a model less sure.
        least_share: The calibrated share of the predicted class below which the model is unsure.
        most_energy: The energy above which an example is unlike those of the training (Liu, Wang, Owens and Li, 2020).

    >>> Confidence(temperature=2.0).calibrate(np.array([[0.8, 0.2]])).round(3).tolist()
    [[0.667, 0.333]]
    """

    temperature: float = 1.0
    least_share: float = 0.0
    most_energy: float = inf
    constraints: ClassVar[Constraints] = {
        "temperature": number(above=0),
        "least_share": number(0, most=1),
        "most_energy": Constraint("a number, or infinity", lambda value: value == inf or number().accepts(value)),
    }

    def calibrate(self, probabilities: np.ndarray) -> np.ndarray:
        """Calibrate the probabilities of classes, (n, classes)."""
        return _temper(np.log(np.clip(probabilities, _LEAST, 1)), self.temperature)


def fit_confidence(probabilities: np.ndarray, energies: np.ndarray, labels: np.ndarray) -> Confidence:
    """Fit the confidence to examples that the model was not trained on.

    The temperature makes the mean of −ln p of the right class least. The two limits leave :data:`ANSWERED` of the
    examples, right or wrong, answered.

    Args:
        probabilities: The probabilities of the classes, (n, classes).
        energies: The energies, (n,).
        labels: The labels, (n,).

    >>> p = np.array([[0.9, 0.1], [0.8, 0.2], [0.9, 0.1], [0.7, 0.3]])
    >>> fitted = fit_confidence(p, np.array([-3.0, -2.0, -4.0, -1.0]), np.array([0, 0, 1, 0]))
    >>> fitted.temperature > 1, fitted.most_energy > -2
    (True, True)
    """
    logarithms, each = np.log(np.clip(probabilities, _LEAST, 1)), np.arange(len(labels))

    def measure(temperature: float) -> float:
        return float(-np.log(np.clip(_temper(logarithms, temperature)[each, labels], _LEAST, 1)).mean())

    low, high = np.log(_TEMPERATURES)
    for _ in range(50):  # the cost is convex in 1/T, so it has one minimum
        third = (high - low) / 3
        if measure(np.exp(low + third)) < measure(np.exp(high - third)):
            high -= third
        else:
            low += third
    temperature = float(np.exp((low + high) / 2))
    shares = _temper(logarithms, temperature).max(axis=1)
    left = (1 - ANSWERED) / 2
    return Confidence(temperature, float(np.quantile(shares, left)), float(np.quantile(energies, 1 - left)))


def compute_energies(network: Network, z: np.ndarray) -> np.ndarray:
    """Compute the energy of each example, (n,), from the last weighted inputs z, (n, n_out).

    It is −ln Σ exp z for softmax, and −Σ ln(1 + exp z) for outputs that are independent of each other.

    >>> from deltarule.core.costs import LogLikelihood
    >>> compute_energies(Network.dense([4, 2], LogLikelihood()), np.array([[0.0, 0.0], [9.0, 0.0]])).round(2).tolist()
    [-0.69, -9.0]
    """
    zeros, z = np.zeros((1, z.shape[1])), z.astype(float)
    is_softmax = np.array_equal(network.cost.activation(zeros), network.cost.activation(zeros + 1))
    return -np.asarray(np.logaddexp.reduce(z, axis=1) if is_softmax else np.logaddexp(0, z).sum(axis=1))


def read_confidence(description: Mapping[str, Any]) -> Confidence | None:
    """Read the confidence from the description in a model's file; None if it has none."""
    found = description.get("confidence")
    return None if found is None else Confidence(**found)


def _temper(logarithms: np.ndarray, temperature: float) -> np.ndarray:
    scaled = logarithms / temperature
    powers = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))
