"""Training: its settings, the training loop, callbacks, checkpoints and ensembles."""

from deltarule.engines.execution import Execution
from deltarule.training.callbacks import Callback, EarlyStopping, GradientNorms, Monitor, Progress
from deltarule.training.checkpoint import Checkpoint
from deltarule.training.ensembles import fit_ensemble
from deltarule.training.eta_range import EtaRange, EtaTrial, find_eta
from deltarule.training.fit import fit
from deltarule.training.many import fit_many
from deltarule.training.plan import Moment
from deltarule.training.resume import resume
from deltarule.training.training import Training

__all__ = [
    "Callback",
    "Checkpoint",
    "EarlyStopping",
    "EtaRange",
    "EtaTrial",
    "Execution",
    "GradientNorms",
    "Moment",
    "Monitor",
    "Progress",
    "Training",
    "find_eta",
    "fit",
    "fit_ensemble",
    "fit_many",
    "resume",
]
