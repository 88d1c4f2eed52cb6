"""Chapter 3: improving the way neural networks learn."""

from deltarule.experiments.chapter3.costs import BINARY_ENTROPY, IDENTITIES
from deltarule.experiments.chapter3.cross_entropy_networks import CROSS_ENTROPY
from deltarule.experiments.chapter3.neurons import NEURONS
from deltarule.experiments.chapter3.overfitting import OVERFITTING
from deltarule.experiments.chapter3.polynomial import POLYNOMIAL
from deltarule.experiments.chapter3.softmax import SOFTMAX

EXPERIMENTS = (
    *NEURONS,
    *CROSS_ENTROPY,
    *IDENTITIES,
    *SOFTMAX,
    *OVERFITTING,
    POLYNOMIAL,
    BINARY_ENTROPY,
)
