"""Engines, which run a network: the same core, line by line in NumPy or compiled by JAX."""

from deltarule.engines.base import Engine, Epoch, Examples, Program
from deltarule.engines.choice import choose_engine

__all__ = ["Engine", "Epoch", "Examples", "Program", "choose_engine"]
