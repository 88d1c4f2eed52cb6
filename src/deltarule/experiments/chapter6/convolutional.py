"""From a shallow network to convolutions, rectified linear units and more data: the figures of the chapter."""

from __future__ import annotations

from functools import partial

from deltarule.experiments.chapter6.networks import RECTIFIED, REMARK, VARIANTS
from deltarule.experiments.chapter6.training import at_least, draw, measure, published
from deltarule.experiments.experiment import Experiment, Quick

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

CONVOLUTIONAL = (
    Experiment(
        id="ch6/shallow",
        title="A shallow network, to compare with",
        section=SECTION,
        shows="One hidden layer of 100 neurons, a softmax layer and the log-likelihood cost read about 978 of 1,000 "
        "digits. All that follows in the chapter is measured against this.",
        measure=measure,
        plot=partial(draw, value=97.80),
        settings=SIGMOID,
        variants=VARIANTS,
        published=published(97.80, "chapter 6, the shallow network"),
        quick=Quick({**SMALL_SIGMOID, "conv": [], "eta": 0.3}, (at_least(50.0), at_least(50.0, "corrected"))),
        remark=REMARK.format(inputs=1),
        minutes=2.5,
    ),
    Experiment(
        id="ch6/conv",
        title="A convolutional layer in front",
        section=SECTION,
        shows="Twenty feature maps of 5 × 5 weights, pooled by 2 × 2, come before the hidden layer of 100. "
        "Nearly half of the shallow network's mistakes disappear.",
        measure=measure,
        plot=partial(draw, value=98.78),
        settings={**SIGMOID, "conv": [20]},
        variants=VARIANTS,
        published=published(98.78, "chapter 6, one convolutional layer"),
        quick=Quick(SMALL_SIGMOID, (at_least(30.0), at_least(30.0, "corrected"))),
        remark=REMARK.format(inputs=1),
        minutes=30,
    ),
    Experiment(
        id="ch6/no-dense",
        title="Feature maps straight to softmax",
        section=SECTION,
        shows="The hidden layer of 100 neurons is left out: the softmax layer reads the pooled feature maps. "
        "It does less well than with the hidden layer, and still far better than the shallow network.",
        measure=measure,
        plot=partial(draw, value=98.52),
        settings={**SIGMOID, "conv": [20], "dense": []},
        variants=VARIANTS,
        published=published(98.52, "chapter 6, the first exercise, from the published solutions", best_of=1),
        quick=Quick({**SMALL_SIGMOID, "dense": [], "eta": 0.3}, (at_least(40.0), at_least(40.0, "corrected"))),
        remark=REMARK.format(inputs=1),
        minutes=16,
    ),
    Experiment(
        id="ch6/two-conv",
        title="Two convolutional layers",
        section=SECTION,
        shows="A second layer of 40 feature maps looks at the pooled maps of the first, and sees features of features. "
        "More than 99 of 100 digits are read.",
        measure=measure,
        plot=partial(draw, value=99.06),
        settings={**SIGMOID, "conv": [20, 40]},
        variants=VARIANTS,
        published=published(99.06, "chapter 6, two convolutional layers"),
        quick=Quick(SMALL_TANH, (at_least(50.0), at_least(50.0, "corrected"))),
        remark=REMARK.format(inputs=1),
        minutes=50,
    ),
    Experiment(
        id="ch6/relu",
        title="Rectified linear units",
        section=SECTION,
        shows="The same network with max(0, z) in place of sigmoids, and a little L2 regularization. "
        "It learns faster and ends higher.",
        measure=measure,
        plot=partial(draw, value=99.23),
        settings=RECTIFIED_UNITS,
        variants=RECTIFIED,
        published=published(99.23, "chapter 6, rectified linear units"),
        quick=Quick(SMALL_RECTIFIED, (at_least(40.0, "corrected"),)),
        remark=REMARK.format(inputs=2) + LAMBDA,
        minutes=50,
    ),
    Experiment(
        id="ch6/expanded",
        title="Five times the training data",
        section=SECTION,
        shows="Each training image is there five times, four of them shifted by one pixel: 250,000 images. "
        "The network of rectified linear units makes about a fifth fewer mistakes.",
        measure=measure,
        plot=partial(draw, value=99.37),
        settings={**RECTIFIED_UNITS, "expanded": True},
        variants=RECTIFIED,
        published=published(99.37, "chapter 6, the expanded training data"),
        quick=Quick({**SMALL_RECTIFIED, "n_train": 60}, (at_least(40.0, "corrected"),)),
        remark=REMARK.format(inputs=2) + LAMBDA + " The expanded images are shuffled once, when they are made, as in "
        "the book.",
        minutes=260,
    ),
)
