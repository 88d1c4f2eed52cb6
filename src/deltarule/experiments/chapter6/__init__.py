"""Chapter 6: deep learning."""

from deltarule.experiments.chapter6.activations import ACTIVATIONS, STRENGTH
from deltarule.experiments.chapter6.convolutional import CONVOLUTIONAL
from deltarule.experiments.chapter6.dropout import DROPOUT
from deltarule.experiments.chapter6.filters import FILTERS
from deltarule.experiments.chapter6.improvements import IMPROVEMENTS
from deltarule.experiments.chapter6.parameters import PARAMETERS
from deltarule.experiments.chapter6.scaling import SCALING
from deltarule.experiments.chapter6.shifts import SHIFTS

_SHALLOW, *_TO_TWO_LAYERS = CONVOLUTIONAL[:4]
_DROPOUT, _ENSEMBLE, _ON_CONVOLUTIONS = DROPOUT

EXPERIMENTS = (
    _SHALLOW,
    *PARAMETERS,
    *_TO_TWO_LAYERS,
    *ACTIVATIONS,
    *STRENGTH,
    *CONVOLUTIONAL[4:],
    _DROPOUT,
    _ENSEMBLE,
    *IMPROVEMENTS,
    *SHIFTS,
    _ON_CONVOLUTIONS,
    *SCALING,
    *FILTERS,
)
