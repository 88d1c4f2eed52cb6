"""Initializers of weights and biases: ``Dense(30, He())``."""

from deltarule.core.initializers import (
    Default,
    FanOut,
    Gaussian,
    Glorot,
    He,
    Identity,
    Initializer,
    Large,
    Orthogonal,
    Zeros,
)

__all__ = ["Default", "FanOut", "Gaussian", "Glorot", "He", "Identity", "Initializer", "Large", "Orthogonal", "Zeros"]
