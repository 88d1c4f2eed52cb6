"""Training: the loop, and what may watch, stop and save it."""

from deltarule.training.callbacks import Callback, EarlyStopping, GradientNorms, KeepBest, Monitor, Progress
from deltarule.training.checkpoint import Checkpoint, resume
from deltarule.training.ensembles import fit_ensemble
from deltarule.training.eta_range import EtaRange, EtaTrial, find_eta
from deltarule.training.fit import fit
from deltarule.training.many import fit_many
from deltarule.training.moment import Moment

__all__ = [
    "Callback",
    "Checkpoint",
    "EarlyStopping",
    "EtaRange",
    "EtaTrial",
    "GradientNorms",
    "KeepBest",
    "Moment",
    "Monitor",
    "Progress",
    "find_eta",
    "fit",
    "fit_ensemble",
    "fit_many",
    "resume",
]
