"""Chapter 3: improving the way neural networks learn."""

from deltarule.experiments.chapter3.broad_strategy import BROAD_STRATEGY, TWO_DIGITS
from deltarule.experiments.chapter3.costs import BINARY_ENTROPY, IDENTITIES
from deltarule.experiments.chapter3.cross_entropy_networks import CROSS_ENTROPY
from deltarule.experiments.chapter3.data_size import DATA_SIZE
from deltarule.experiments.chapter3.dropout import DROPOUT
from deltarule.experiments.chapter3.expansion import EXPANDED_DATA, ROTATED_FIVE
from deltarule.experiments.chapter3.initialization import INITIALIZATION
from deltarule.experiments.chapter3.lambda_search import LAMBDA_SEARCH
from deltarule.experiments.chapter3.learning_rate import LEARNING_RATE
from deltarule.experiments.chapter3.mini_batch import MINI_BATCH
from deltarule.experiments.chapter3.momentum import MOMENTUM
from deltarule.experiments.chapter3.neurons import NEURONS
from deltarule.experiments.chapter3.newton import HESSIAN
from deltarule.experiments.chapter3.overfitting import OVERFITTING
from deltarule.experiments.chapter3.polynomial import POLYNOMIAL
from deltarule.experiments.chapter3.search import SEARCH
from deltarule.experiments.chapter3.softmax import SOFTMAX
from deltarule.experiments.chapter3.stopping import STOPPING
from deltarule.experiments.chapter3.weight_decay import BIASES, HIDDEN_100, L1_L2

EXPERIMENTS = (
    *NEURONS,
    *CROSS_ENTROPY,
    *IDENTITIES,
    *SOFTMAX,
    *OVERFITTING,
    BIASES,
    HIDDEN_100,
    POLYNOMIAL,
    *DATA_SIZE,
    ROTATED_FIVE,
    DROPOUT,
    EXPANDED_DATA,
    *INITIALIZATION,
    BROAD_STRATEGY,
    *LEARNING_RATE,
    LAMBDA_SEARCH,
    MINI_BATCH,
    TWO_DIGITS,
    SEARCH,
    *STOPPING,
    L1_L2,
    HESSIAN,
    MOMENTUM,
    BINARY_ENTROPY,
)
