"""Chapter 4: a visual proof that neural nets can compute any function."""

from deltarule.experiments.experiment import Experiment

EXPERIMENTS: tuple[Experiment, ...] = ()
