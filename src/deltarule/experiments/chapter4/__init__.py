"""Chapter 4: a visual proof that neural nets can compute any function."""

from deltarule.experiments.chapter4.approximate import APPROXIMATE
from deltarule.experiments.chapter4.one_input import ONE_INPUT
from deltarule.experiments.chapter4.other_neurons import OTHER_NEURONS
from deltarule.experiments.chapter4.round_tower import ROUND_TOWER
from deltarule.experiments.chapter4.two_inputs import TWO_INPUTS

TOWER, FUNCTION = TWO_INPUTS

EXPERIMENTS = (*ONE_INPUT, TOWER, *APPROXIMATE, FUNCTION, *ROUND_TOWER, *OTHER_NEURONS)
