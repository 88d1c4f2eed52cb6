"""Chapter 6: deep learning."""

from deltarule.experiments.experiment import Experiment

EXPERIMENTS: tuple[Experiment, ...] = ()
