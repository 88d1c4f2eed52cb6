"""The vocabulary that experiments are written in: ``from deltarule.experiments import api as ex``."""

from typing import TYPE_CHECKING

from deltarule.experiments.experiment import Experiment as Experiment
from deltarule.experiments.images import load_images as load_images
from deltarule.experiments.panels import with_panels as with_panels
from deltarule.experiments.records import Config as Config
from deltarule.experiments.records import Measured as Measured
from deltarule.experiments.records import Published as Published
from deltarule.experiments.records import Quick as Quick
from deltarule.experiments.records import Settings as Settings
from deltarule.experiments.result import Result as Result
from deltarule.experiments.training import flatten as flatten
from deltarule.experiments.training import round_all as round_all
from deltarule.experiments.training import to_percent as to_percent
from deltarule.experiments.training import train as train
from deltarule.experiments.training import unflatten as unflatten

if TYPE_CHECKING:  # matplotlib is imported when something is drawn
    from matplotlib.axes import Axes as Axes
    from matplotlib.figure import Figure as Figure
