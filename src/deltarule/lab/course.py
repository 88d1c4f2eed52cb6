"""The lessons as a course in the order of the book: what to read before, and the section of the book."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from html import escape

from deltarule.lab.pages import LESSONS, PAGES, Page

BOOK = "http://neuralnetworksanddeeplearning.com/"
"""The book, on its author's site."""


@dataclass(frozen=True)
class Place:
    """The place of a lesson: the ``section`` of the book, its place in the ``book``, and the lessons ``before`` it."""

    section: str
    book: str
    before: tuple[str, ...] = ()

    @property
    def address(self) -> str:
        """The address of the section."""
        return BOOK + self.book


COURSE = {
    "perceptrons": Place("Perceptrons", "chap1.html#perceptrons"),
    "sigmoid": Place("Sigmoid neurons", "chap1.html#sigmoid_neurons", ("perceptrons",)),
    "gradient_descent": Place(
        "Learning with gradient descent", "chap1.html#learning_with_gradient_descent", ("sigmoid",)
    ),
    "backpropagation": Place(
        "The four fundamental equations behind backpropagation",
        "chap2.html#the_four_fundamental_equations_behind_backpropagation",
        ("gradient_descent",),
    ),
    "slow_neuron": Place(
        "The cross-entropy cost function", "chap3.html#the_cross-entropy_cost_function", ("backpropagation",)
    ),
    "softmax": Place("Softmax", "chap3.html#softmax", ("slow_neuron",)),
    "overfitting": Place(
        "Overfitting and regularization", "chap3.html#overfitting_and_regularization", ("slow_neuron",)
    ),
    "dropout_ensembles": Place(
        "Other techniques for regularization", "chap3.html#other_techniques_for_regularization", ("overfitting",)
    ),
    "data_expansion": Place(
        "Other techniques for regularization", "chap3.html#other_techniques_for_regularization", ("overfitting",)
    ),
    "first_weights": Place("Weight initialization", "chap3.html#weight_initialization", ("slow_neuron",)),
    "choosing_eta": Place(
        "How to choose a neural network's hyper-parameters?",
        "chap3.html#how_to_choose_a_neural_network's_hyper-parameters",
        ("gradient_descent", "overfitting"),
    ),
    "any_function": Place("A visual proof that neural nets can compute any function", "chap4.html", ("sigmoid",)),
    "vanishing_gradients": Place(
        "Why are deep neural networks hard to train?", "chap5.html", ("backpropagation", "first_weights")
    ),
    "convolution": Place(
        "Introducing convolutional networks",
        "chap6.html#introducing_convolutional_networks",
        ("backpropagation", "data_expansion"),
    ),
}
"""The place of each lesson, in the order of the book."""


def render_course(name: str, address: Callable[[Page], str], home: str = "index.html") -> str:
    """Render the links of a page: to the index, and for a lesson to its neighbours, prerequisites and section."""
    titles = {page.name: page for page in PAGES}

    def link(page: Page, words: str) -> str:
        return f'<a href="{address(page)}">{words.format(escape(page.title))}</a>'

    own = titles[name]
    at = LESSONS.index(own) if own in LESSONS else None
    previous = [link(LESSONS[at - 1], "← {}")] if at else []
    following = [link(LESSONS[at + 1], "{} →")] if at is not None and at + 1 < len(LESSONS) else []
    links = "".join([*previous, f'<a class="lab-course-home" href="{home}">deltarule lab</a>', *following])
    if at is None:
        return f'<nav class="lab-course" aria-label="course">{links}</nav>'
    place = COURSE[name]
    before = ", ".join(link(titles[other], "{}") for other in place.before) or "nothing"
    book = f'<a href="{place.address}">chapter {own.chapter}, {escape(place.section)}</a>'
    return (
        f'<nav class="lab-course" aria-label="course">{links}'
        f"<small>Lesson {at + 1} of {len(LESSONS)}. Read before: {before}. In the book: {book}.</small></nav>"
    )
