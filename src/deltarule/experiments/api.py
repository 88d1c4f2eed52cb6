"""The vocabulary for writing experiments: ``from deltarule.experiments import api as ex``."""

from typing import TYPE_CHECKING

from deltarule.experiments.experiment import Experiment
from deltarule.experiments.images import load_images
from deltarule.experiments.panels import with_panels
from deltarule.experiments.records import Config, Measured, Published, Quick, Settings
from deltarule.experiments.result import Result
from deltarule.experiments.training import flatten, round_all, to_percent, train, unflatten

if TYPE_CHECKING:  # matplotlib is imported only when a figure is drawn
    from matplotlib.axes import Axes as Axes
    from matplotlib.figure import Figure as Figure

__all__ = [
    "Config",
    "Experiment",
    "Measured",
    "Published",
    "Quick",
    "Result",
    "Settings",
    "flatten",
    "load_images",
    "round_all",
    "to_percent",
    "train",
    "unflatten",
    "with_panels",
]
