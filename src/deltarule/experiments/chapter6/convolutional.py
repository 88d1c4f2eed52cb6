"""From a shallow network to convolutions, rectified linear units and more data: the figures of the chapter."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from deltarule.experiments import api as ex
from deltarule.experiments.chapter6.networks import RECTIFIED, REMARK, VARIANTS
from deltarule.experiments.chapter6.training import at_least, draw, measure, published

SECTION = "Convolutional neural networks in practice"

SIGMOID = {
    "conv": [],
    "dense": [100],
    "activation": "sigmoid",
    "eta": 0.1,
    "lmbda": 0.0,
    "epochs": 60,
    "batch_size": 10,
}
"""What the section starts from."""

SMALL = {"data": "any", "n_train": 300, "n_validation": 100, "n_test": 300, "epochs": 4, "engine": "numpy"}
"""A miniature of a network with convolutions: few images and epochs, and an engine that need not compile."""

SMALL_SIGMOID = {**SMALL, "conv": [3], "dense": [20], "eta": 0.5, "batch_size": 5, "epochs": 5}

SMALL_TANH = {**SMALL, "conv": [2, 4], "dense": [20], "eta": 0.2, "activation": "tanh"}
"""Two convolutions of sigmoids take hundreds of steps before anything is learned; these do not."""

SMALL_RECTIFIED = {**SMALL, "conv": [4, 8], "dense": [40], "eta": 0.1}

LAMBDA = (
    " The book's λ of 0.1 is divided by the number of mini-batches in its third program; here, as in its second, λ is "
    "divided by the number of training images, and 1.0 means the same."
)

RECTIFIED_UNITS = {**SIGMOID, "conv": [20, 40], "activation": "relu", "eta": 0.03, "lmbda": 1.0}


@dataclass(frozen=True)
class Row:
    """A network of the chapter with its published accuracy, and the miniature that must reach at least ``floor``.

    ``settings`` are what it has over those of :data:`SIGMOID`, and ``small`` all those of the miniature.
    """

    id: str
    title: str
    shows: str
    settings: ex.Settings
    accuracy: float
    source: str
    small: ex.Settings
    floor: float
    minutes: float
    best_of: int = 3
    small_variants: tuple[str, ...] = ()
    remark: str = ""

    def build(self) -> ex.Experiment:
        """Build the experiment: sigmoids in both variants, rectified linear units in their own and with L2."""
        settings = {**SIGMOID, **self.settings}
        rectified = settings["activation"] == "relu"
        return ex.Experiment(
            id=f"ch6/{self.id}",
            title=self.title,
            section=SECTION,
            shows=self.shows,
            measure=measure,
            plot=partial(draw, value=self.accuracy),
            settings=settings,
            variants=RECTIFIED if rectified else VARIANTS,
            published=published(self.accuracy, f"chapter 6, {self.source}", best_of=self.best_of),
            quick=ex.Quick(
                self.small,
                (*([] if rectified else [at_least(self.floor)]), at_least(self.floor, "corrected")),
                variants=self.small_variants,
            ),
            remark=(REMARK.format(inputs=2) + LAMBDA if rectified else REMARK.format(inputs=1)) + self.remark,
            minutes=self.minutes,
        )


RECTIFIED_EXPANDED = {**RECTIFIED_UNITS, "expanded": True}
SMALL_EXPANDED = {**SMALL_RECTIFIED, "n_train": 60}
LARGER = "larger fully connected layers"
COMPARED = "It is to be compared with ch6/expanded, the same network with one layer of 100 neurons."


def _larger(id: str, title: str, shows: str, dense: list[int], accuracy: float, minutes: float) -> Row:
    """The network of ch6/expanded with other dense layers."""
    settings, small = {**RECTIFIED_EXPANDED, "dense": dense}, {**SMALL_EXPANDED, "dense": [40] * len(dense)}
    only = ("corrected",)
    return Row(id, title, f"{shows} {COMPARED}", settings, accuracy, LARGER, small, 40.0, minutes, small_variants=only)


TABLE = (
    Row(
        "shallow", "A shallow network, to compare with",
        "One hidden layer of 100 neurons, a softmax layer and the log-likelihood cost read about 978 of 1,000 "
        "digits. All that follows in the chapter is measured against this.",
        {}, 97.80, "the shallow network", {**SMALL_SIGMOID, "conv": [], "eta": 0.3}, 50.0, 2.5,
    ),
    Row(
        "conv", "A convolutional layer in front",
        "Twenty feature maps of 5 × 5 weights, pooled by 2 × 2, come before the hidden layer of 100. "
        "Nearly half of the shallow network's mistakes disappear.",
        {"conv": [20]}, 98.78, "one convolutional layer", SMALL_SIGMOID, 30.0, 30,
    ),
    Row(
        "no-dense", "Feature maps straight to softmax",
        "The hidden layer of 100 neurons is left out: the softmax layer reads the pooled feature maps. "
        "It does less well than with the hidden layer, and still far better than the shallow network.",
        {"conv": [20], "dense": []}, 98.52, "the first exercise, from the published solutions",
        {**SMALL_SIGMOID, "dense": [], "eta": 0.3}, 40.0, 16, best_of=1,
    ),
    Row(
        "two-conv", "Two convolutional layers",
        "A second layer of 40 feature maps looks at the pooled maps of the first, and sees features of features. "
        "More than 99 of 100 digits are read.",
        {"conv": [20, 40]}, 99.06, "two convolutional layers", SMALL_TANH, 50.0, 50,
    ),
    Row(
        "relu", "Rectified linear units",
        "The same network with max(0, z) in place of sigmoids, and a little L2 regularization. "
        "It learns faster and ends higher.",
        RECTIFIED_UNITS, 99.23, "rectified linear units", SMALL_RECTIFIED, 40.0, 50,
    ),
    Row(
        "expanded", "Five times the training data",
        "Each training image is there five times, four of them shifted by one pixel: 250,000 images. "
        "The network of rectified linear units makes about a fifth fewer mistakes.",
        RECTIFIED_EXPANDED, 99.37, "the expanded training data", SMALL_EXPANDED, 40.0, 260,
        remark=" The expanded images are shuffled once, when they are made, as in the book.",
    ),
    _larger(
        "dense-300", "A dense layer of 300",
        "Three times as many neurons after the convolutions, on the expanded training data, gain a little.",
        [300], 99.46, 270,
    ),
    _larger(
        "dense-1000", "A dense layer of 1,000",
        "Ten times as many neurons after the convolutions gain no more than three times as many do.",
        [1000], 99.43, 360,
    ),
    _larger(
        "two-dense-100", "Two dense layers of 100",
        "A second layer of 100 neurons after the convolutions, on the expanded training data.",
        [100, 100], 99.43, 260,
    ),
    _larger(
        "two-dense-300", "Two dense layers of 300",
        "Two layers of 300 neurons after the convolutions, on the expanded training data.",
        [300, 300], 99.48, 290,
    ),
    _larger(
        "two-dense-1000", "Two dense layers of 1,000",
        "Two layers of 1,000 neurons after the convolutions do hardly better than one of 100: more neurons are "
        "no longer what is missing.",
        [1000, 1000], 99.47, 690,
    ),
)  # fmt: skip

CONVOLUTIONAL = tuple(row.build() for row in TABLE)
