"""Chapter 1: using neural nets to recognize handwritten digits."""

from deltarule.experiments.chapter1.first_networks import FIRST_NETWORKS

EXPERIMENTS = (*FIRST_NETWORKS,)
