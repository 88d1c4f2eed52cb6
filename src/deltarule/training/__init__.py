"""Training: the loop, and what may watch, stop and save it."""

from deltarule.training.callbacks import Callback, EarlyStopping, GradientNorms, KeepBest, Monitor, Progress
from deltarule.training.checkpoint import Checkpoint, resume
from deltarule.training.fit import fit
from deltarule.training.moment import Moment

__all__ = [
    "Callback",
    "Checkpoint",
    "EarlyStopping",
    "GradientNorms",
    "KeepBest",
    "Moment",
    "Monitor",
    "Progress",
    "fit",
    "resume",
]
