"""Chapter 2: how the backpropagation algorithm works."""

from deltarule.experiments.experiment import Experiment

EXPERIMENTS: tuple[Experiment, ...] = ()
