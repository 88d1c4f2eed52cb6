"""Chapter 5: why are deep neural networks hard to train."""

from deltarule.experiments.experiment import Experiment

EXPERIMENTS: tuple[Experiment, ...] = ()
