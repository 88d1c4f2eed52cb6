"""Chapter 2: how the backpropagation algorithm works."""

from deltarule.experiments.chapter2.costs import COSTS
from deltarule.experiments.chapter2.low_activation import LOW_ACTIVATION
from deltarule.experiments.chapter2.neurons import NEURONS
from deltarule.experiments.chapter2.paths import PATH_EXPERIMENTS

EXPERIMENTS = (*COSTS, *PATH_EXPERIMENTS, *NEURONS, *LOW_ACTIVATION)
