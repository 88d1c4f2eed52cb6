"""Chapter 3: improving the way neural networks learn."""

from deltarule.experiments.experiment import Experiment

EXPERIMENTS: tuple[Experiment, ...] = ()
