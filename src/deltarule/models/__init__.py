"""What training leaves behind: a network with its parameters, its history, and its file."""

from deltarule.models.history import History
from deltarule.models.model import Model, load

__all__ = ["History", "Model", "load"]
