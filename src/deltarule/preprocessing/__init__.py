"""Preprocessing: input and target transforms, fitted on the training set and stored with the model."""

from deltarule.preprocessing.image_arrays import fit_images
from deltarule.preprocessing.pictures import prepare_picture, read_pictures_for
from deltarule.preprocessing.preprocessing import Preprocessing
from deltarule.preprocessing.scaling import Scaling
from deltarule.preprocessing.standardization import NumberColumn, Standardization, WordColumn

__all__ = [
    "NumberColumn",
    "Preprocessing",
    "Scaling",
    "Standardization",
    "WordColumn",
    "fit_images",
    "prepare_picture",
    "read_pictures_for",
]
