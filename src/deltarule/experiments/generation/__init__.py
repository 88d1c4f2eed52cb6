"""After the book: networks that generate."""

from deltarule.experiments.generation.belief_net import BELIEF_NET
from deltarule.experiments.generation.deep_autoencoder import DEEP_AUTOENCODER
from deltarule.experiments.generation.denoising import DENOISING
from deltarule.experiments.generation.partition import PARTITION
from deltarule.experiments.generation.variational import VARIATIONAL

EXPERIMENTS = (PARTITION, BELIEF_NET, DEEP_AUTOENCODER, DENOISING, VARIATIONAL)
