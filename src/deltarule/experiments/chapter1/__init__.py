"""Chapter 1: using neural nets to recognize handwritten digits."""

from deltarule.experiments.chapter1.baselines import BASELINE_EXPERIMENTS
from deltarule.experiments.chapter1.first_networks import FIRST_NETWORKS
from deltarule.experiments.chapter1.hand_built import HAND_BUILT
from deltarule.experiments.chapter1.limits import LIMITS
from deltarule.experiments.chapter1.perceptrons import PERCEPTRONS
from deltarule.experiments.chapter1.questions import CONFUSION, QUESTIONS
from deltarule.experiments.chapter1.segmentation import SEGMENTATION
from deltarule.experiments.chapter1.settings import SETTINGS
from deltarule.experiments.chapter1.valleys import VALLEYS

EXPERIMENTS = (
    *PERCEPTRONS,
    *LIMITS,
    *VALLEYS,
    *FIRST_NETWORKS,
    *SETTINGS,
    *QUESTIONS,
    *HAND_BUILT,
    *BASELINE_EXPERIMENTS,
    *SEGMENTATION,
    *CONFUSION,
)
