"""Trained models and ensembles: predictions, evaluation, training histories and model files."""

from deltarule.models.confidence import Confidence
from deltarule.models.ensemble import Ensemble
from deltarule.models.history import History
from deltarule.models.judgement import Judgement, calibrate, judge
from deltarule.models.loading import load
from deltarule.models.model import Model
from deltarule.models.predictor import Predictor

__all__ = ["Confidence", "Ensemble", "History", "Judgement", "Model", "Predictor", "calibrate", "judge", "load"]
