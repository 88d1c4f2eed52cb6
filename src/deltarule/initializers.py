"""Initializers of weights and biases: ``Dense(30, He())``."""

from deltarule.core.initializers import Default, FanOut, Glorot, He, Initializer, Large, Zeros

__all__ = ["Default", "FanOut", "Glorot", "He", "Initializer", "Large", "Zeros"]
