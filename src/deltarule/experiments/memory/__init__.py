"""After the book: networks with memory."""

from deltarule.experiments.memory.adding import ADDING
from deltarule.experiments.memory.binary_addition import BINARY_ADDITION
from deltarule.experiments.memory.characters import CHARACTERS
from deltarule.experiments.memory.gradients import GRADIENTS
from deltarule.experiments.memory.pixels import PIXELS
from deltarule.experiments.memory.rows import ROWS

EXPERIMENTS = (GRADIENTS, ADDING, BINARY_ADDITION, ROWS, CHARACTERS, PIXELS)
