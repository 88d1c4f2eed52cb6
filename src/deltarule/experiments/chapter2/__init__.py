"""Chapter 2: how the backpropagation algorithm works."""

from deltarule.experiments.chapter2.neurons import NEURONS
from deltarule.experiments.chapter2.paths import PATH_EXPERIMENTS

EXPERIMENTS = (*PATH_EXPERIMENTS, *NEURONS)
