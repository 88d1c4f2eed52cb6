"""The built-in recipes: the networks of chapter 6 on MNIST, and four that go beyond the book.

λ has the meaning that it has everywhere in deltarule: it is divided by n, the number of training examples. The book's
third program divides its λ by the number of mini-batches, n/m, so its λ 0.1 at m = 10 is λ = 0.1 · 10 = 1 here. Weights
start from N(0, 1/n_in) rather than from that program's 1/n_out and zeros, and examples are shuffled.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches

from deltarule.core.activations import ReLU, Sigmoid
from deltarule.core.convolution import Conv
from deltarule.core.costs import LabelSmoothing, LogLikelihood
from deltarule.core.distortions import Affine
from deltarule.core.initializers import He
from deltarule.core.layers import Dense, Dropout, Flatten
from deltarule.core.lstm import LSTM
from deltarule.core.normalization import BatchNorm
from deltarule.core.optimizers import Adam, Momentum
from deltarule.core.pooling import MaxPool
from deltarule.core.regularizers import L2
from deltarule.core.schedules import Exponential, OneCycle
from deltarule.core.steps import LastStep
from deltarule.errors import InvalidArgument
from deltarule.recipes.recipe import BoltzmannMachine, Output, Recipe
from deltarule.training.training import Training

_TWO_CONV_RELU = (Conv(20, 5), ReLU(), MaxPool(2), Conv(40, 5), ReLU(), MaxPool(2), Flatten())

RECIPES: Mapping[str, Recipe] = {
    "book-shallow": Recipe(
        layers=[Dense(100), Sigmoid(), Output()],
        cost=LogLikelihood(),
        training=Training(eta=0.1, epochs=60),
        about="One hidden layer of 100 sigmoid neurons, softmax outputs",
        source="chapter 6, ch6/shallow: 97.80 %",
    ),
    "book-conv": Recipe(
        layers=[Conv(20, 5), Sigmoid(), MaxPool(2), Flatten(), Dense(100), Sigmoid(), Output()],
        cost=LogLikelihood(),
        training=Training(eta=0.1, epochs=60),
        about="20 feature maps and their pools before the 100 hidden neurons",
        source="chapter 6, ch6/conv: 98.78 %",
    ),
    "book-two-conv": Recipe(
        layers=[
            *(Conv(20, 5), Sigmoid(), MaxPool(2)),
            *(Conv(40, 5), Sigmoid(), MaxPool(2)),
            *(Flatten(), Dense(100), Sigmoid(), Output()),
        ],
        cost=LogLikelihood(),
        training=Training(eta=0.1, epochs=60),
        about="A second convolutional layer of 40 maps upon the first",
        source="chapter 6, ch6/two-conv: 99.06 %",
    ),
    "book-relu": Recipe(
        layers=[*_TWO_CONV_RELU, Dense(100), ReLU(), Output()],
        cost=LogLikelihood(),
        training=Training(eta=0.03, regularizer=L2(1.0), epochs=60),
        about="Two convolutional layers with rectified linear units",
        source="chapter 6, ch6/relu: 99.23 %; the book's λ is 0.1, divided by n/m: 0.1 · 10 = 1 divided by n",
    ),
    "book-dropout": Recipe(
        layers=[
            *_TWO_CONV_RELU,
            *(Dropout(0.5), Dense(1000), ReLU()),
            *(Dropout(0.5), Dense(1000), ReLU()),
            *(Dropout(0.5), Output()),
        ],
        cost=LogLikelihood(),
        training=Training(eta=0.03, epochs=40),
        shifts=1,
        about="Two dense layers of 1,000 with dropout, on five times the images",
        source="chapter 6, ch6/dropout: 99.60 %",
    ),
    "fast-99": Recipe(
        layers=[
            *(Conv(8, 5, initializer=He()), ReLU(), MaxPool(2)),
            *(Conv(40, 3, initializer=He()), ReLU(), MaxPool(2)),
            *(Flatten(), Dense(128, He()), ReLU(), Output(He())),
        ],
        cost=LabelSmoothing(LogLikelihood(), 0.1),
        training=Training(eta=OneCycle(0.01), optimizer=Adam(0.7, 0.9), epochs=1, batch_size=128),
        about="99 % after a single epoch",
        source="beyond the book",
    ),
    "rows-lstm": Recipe(
        layers=[LSTM(128), LastStep(), Output()],
        cost=LogLikelihood(),
        training=Training(eta=OneCycle(0.003), optimizer=Adam(), epochs=10, batch_size=100),
        about="An LSTM that reads the rows of an image from top to bottom",
        source="beyond the book",
    ),
    "boltzmann": Recipe(
        layers=[BoltzmannMachine(500, chains=50)],
        cost=LogLikelihood(),
        training=Training(
            eta=Exponential(0.1, 0.85), optimizer=Momentum(0.5), regularizer=L2(1.0), epochs=20, batch_size=50
        ),
        about="A Boltzmann machine that reads digits, and writes and completes them",
        source="beyond the book",
    ),
    "best": Recipe(
        layers=[
            *(Conv(32, 3, initializer=He()), BatchNorm(), ReLU()),
            *(Conv(32, 3, initializer=He()), MaxPool(2), BatchNorm(), ReLU()),
            *(Conv(64, 3, initializer=He()), BatchNorm(), ReLU()),
            *(Conv(64, 3, initializer=He()), BatchNorm(), ReLU()),
            *(Conv(96, 3, initializer=He()), BatchNorm(), ReLU()),
            *(Conv(96, 3, initializer=He()), BatchNorm(), ReLU()),
            *(Conv(128, 3, initializer=He()), BatchNorm(), ReLU()),
            *(Flatten(), Dropout(0.4), Output(He())),
        ],
        cost=LabelSmoothing(LogLikelihood(), 0.1),
        training=Training(
            eta=OneCycle(0.01),
            optimizer=Adam(0.9, 0.99),
            epochs=16,
            batch_size=128,
            augmentation=Affine(rotation=10.0, shift=2.0, scale=0.1, skew=0.1),
        ),
        with_validation=True,
        about="The most accurate one that trains within half an hour on two cores",
        source="beyond the book",
    ),
}
"""The built-in recipes by name."""


def recipe(name: str) -> Recipe:
    """Return the built-in recipe of this name.

    Raises :class:`InvalidArgument`, with the names most like it, if there is none.

    >>> recipe("book-shallow").training.epochs
    60
    """
    if name not in RECIPES:
        expected = f"one of {', '.join(RECIPES)}"
        raise InvalidArgument(argument="name", expected=expected, value=name, remedy=suggest(name, RECIPES))
    return RECIPES[name]


def suggest(name: str, known: Iterable[str]) -> str:
    """Ask if a similar known name was meant; return the question, or an empty string if none is similar.

    >>> suggest("book_relu", RECIPES), suggest("zebra", RECIPES)
    ('did you mean book-relu?', '')
    """
    plain = {_normalize_name(one): one for one in known}
    found = get_close_matches(_normalize_name(name), plain, n=2, cutoff=0.7)
    found = found[:1] if _normalize_name(name) in found else found
    return f"did you mean {' or '.join(plain[one] for one in found)}?" if found else ""


def _normalize_name(name: str) -> str:
    return name.lower().replace("_", "").replace("-", "")
