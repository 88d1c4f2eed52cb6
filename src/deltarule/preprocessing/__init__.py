"""Preprocessing: input and target transforms, fitted on the training set and stored with the model."""

from deltarule.preprocessing.preprocessing import Preprocessing
from deltarule.preprocessing.scaling import Scaling
from deltarule.preprocessing.standardization import NumberColumn, Standardization, WordColumn

__all__ = ["NumberColumn", "Preprocessing", "Scaling", "Standardization", "WordColumn"]
