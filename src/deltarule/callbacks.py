"""Callbacks, which monitor, stop and save a training run: ``fit(..., callbacks=[EarlyStopping(10)])``."""

from deltarule.training.callbacks import Callback, EarlyStopping, GradientNorms, Monitor, Progress
from deltarule.training.checkpoint import Checkpoint
from deltarule.training.free_energy import FreeEnergy

__all__ = ["Callback", "Checkpoint", "EarlyStopping", "FreeEnergy", "GradientNorms", "Monitor", "Progress"]
