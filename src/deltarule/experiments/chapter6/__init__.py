"""Chapter 6: deep learning."""

from deltarule.experiments.chapter6.convolutional import CONVOLUTIONAL

EXPERIMENTS = (*CONVOLUTIONAL,)
