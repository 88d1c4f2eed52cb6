"""Engines, which run a network: the same core, line by line in NumPy or compiled by JAX."""

from deltarule.engines.base import Engine, Epoch, Program
from deltarule.engines.choice import choose_engine
from deltarule.engines.examples import Examples

__all__ = ["Engine", "Epoch", "Examples", "Program", "choose_engine"]
