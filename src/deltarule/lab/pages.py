"""The pages of the lab, in the order of its index; each but the Playground is a notebook."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent


def read_asset(name: str) -> str:
    """Read a style sheet or template of the lab."""
    return (HERE / name).read_text(encoding="utf-8")


def fill_template(name: str, contents: Mapping[str, str]) -> str:
    """Read a template, and replace each placeholder by its content, in which placeholders stay as they are."""
    placeholder = re.compile("|".join(map(re.escape, contents)))
    return placeholder.sub(lambda match: contents[match[0]], read_asset(name))


@dataclass(frozen=True)
class Page:
    """A page: ``name`` of its file and address, ``title`` and ``about`` for its card, ``chapter`` of the book or 0."""

    name: str
    title: str
    about: str
    chapter: int = 0

    @property
    def notebook(self) -> Path:
        """The notebook, a Python file for marimo."""
        return HERE / "lessons" / f"{self.name}.py"

    @property
    def thumbnail(self) -> Path:
        """The thumbnail on the card, drawn by ``python -m deltarule.lab.thumbnails``."""
        return HERE / "thumbnails" / f"{self.name}.svg"


PAGES = (
    Page("train", "Train", "Build a network, train it, change η and λ during training, and compare runs."),
    Page("draw", "Draw a digit", "A network reads while you draw; look at its input and at every layer."),
    Page("inside", "Inside", "The mistakes of a trained network, and what its feature maps look for."),
    Page("perceptrons", "Perceptrons", "Weigh up evidence, and build an adder of NAND gates.", 1),
    Page("sigmoid", "Sigmoid against step", "Why a small change of a weight must have a small effect.", 1),
    Page("gradient_descent", "Down into the valley", "A ball rolls downhill: choose η, and add momentum.", 1),
    Page("backpropagation", "Backpropagation, step by step", "Every δ and every gradient of a small network.", 2),
    Page("slow_neuron", "The slow neuron", "Badly wrong and slow to learn: quadratic cost against cross-entropy.", 3),
    Page("softmax", "Softmax", "Four answers that add up to 1, as probabilities do.", 3),
    Page("overfitting", "Overfitting", "A polynomial and a network learn noise; weight decay helps.", 3),
    Page("dropout_ensembles", "Dropout and ensembles", "Many networks vote, or neurons are left out at random.", 3),
    Page("data_expansion", "Data augmentation", "Many images of the same digit, made of one.", 3),
    Page("first_weights", "First weights", "Why neurons can be saturated from the start, and how to avoid it.", 3),
    Page("choosing_eta", "Choosing η", "Too small, too large, and how to find one between.", 3),
    Page("any_function", "Any function", "Steps, bumps and towers by hand, and a curve to match.", 4),
    Page("vanishing_gradients", "Vanishing gradients", "Why deep networks learn slowly, by depth and activation.", 5),
    Page("convolution", "Convolution", "Kernels, feature maps and pooling on your own drawing.", 6),
    Page("memory", "Memory", "Backpropagation through time, and the gates of an LSTM while it reads.", 6),
    Page(
        "generation",
        "Digits that a network writes",
        "A machine writes and completes digits; a plane holds them all.",
        6,
    ),
)
"""All pages that are notebooks."""

LESSONS = tuple(page for page in PAGES if page.chapter)
"""The lessons, in the order of the book."""

PLAYGROUND = Page("playground", "Playground", "Two inputs, and a map of every neuron: change anything while it learns.")
"""The page that trains in the browser; :mod:`deltarule.lab.playground.page` builds it."""

CARDS = (*PAGES[:2], PLAYGROUND, *PAGES[2:])
"""The pages in the order of the index."""
