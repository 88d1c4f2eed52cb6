"""Chapter 5: why are deep neural networks hard to train?"""

from deltarule.experiments.chapter5.depth import DEPTH
from deltarule.experiments.chapter5.gradients import GRADIENTS
from deltarule.experiments.chapter5.identity import IDENTITY
from deltarule.experiments.chapter5.product import PRODUCT
from deltarule.experiments.chapter5.relu import RELU

EXPERIMENTS = (*DEPTH, *GRADIENTS, *PRODUCT, *IDENTITY, *RELU)
