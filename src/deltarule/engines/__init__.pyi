from .base import Engine as Engine
from .base import Epoch as Epoch
from .base import Program as Program
from .choice import choose_engine as choose_engine
from .examples import Examples as Examples
