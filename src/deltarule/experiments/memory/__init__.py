"""After the book: networks with memory."""

from deltarule.experiments.memory.adding import ADDING
from deltarule.experiments.memory.binary_addition import BINARY_ADDITION
from deltarule.experiments.memory.gradients import GRADIENTS

EXPERIMENTS = (GRADIENTS, ADDING, BINARY_ADDITION)
