"""The lessons as a course in the order of the book: what to read before, and the section of the book."""

from __future__ import annotations

import json
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
    "memory": Place(
        "Other approaches to deep neural nets",
        "chap6.html#other_approaches_to_deep_neural_nets",
        ("backpropagation", "vanishing_gradients"),
    ),
    "generation": Place(
        "Other approaches to deep neural nets", "chap6.html#other_approaches_to_deep_neural_nets", ("sigmoid",)
    ),
}
"""The place of each lesson, in the order of the book."""


def render_course(name: str, address: Callable[[Page], str], home: str = "index.html", is_open: bool = True) -> str:
    """Render the links of a page: to the index, and for a lesson to its neighbours, prerequisites and section.

    Args:
        name: The name of the page.
        address: A function that returns the address of a page.
        home: The address of the index.
        is_open: Show the prerequisites and the section at once, not only after a click.
    """
    own = next(page for page in PAGES if page.name == name)
    index = f'<a href="{home}">deltarule lab</a>'
    if own not in LESSONS:
        return f'<nav class="lab-course" aria-label="course">{index}</nav>'
    at = LESSONS.index(own)

    def link(page: Page, before: str = "", after: str = "") -> str:
        return f'<a href="{address(page)}">{before}<span>{escape(page.title)}</span>{after}</a>'

    previous = link(LESSONS[at - 1], before="← ") if at else ""
    following = link(LESSONS[at + 1], after=" →") if at + 1 < len(LESSONS) else ""
    return (
        f'<nav class="lab-course" aria-label="course">{previous}{index}{following}'
        f"<details{' open' * is_open}><summary>Lesson {at + 1} of {len(LESSONS)}</summary>"
        f"Read before: {', '.join(link(page) for page in find_prerequisites(own)) or 'nothing'}. "
        f'In the book: <a href="{COURSE[name].address}">chapter {own.chapter}, {escape(COURSE[name].section)}</a>.'
        "</details></nav>"
    )


def find_prerequisites(lesson: Page) -> list[Page]:
    """Find the lessons to read before a lesson."""
    return [page for page in LESSONS if page.name in COURSE[lesson.name].before]


def build_course_script() -> str:
    """Build the script that puts the links of a lesson in place of the link to the index, in a page of the server."""
    links = {page.name: render_course(page.name, lambda other: f"/{other.name}/", "/", False) for page in LESSONS}
    return (
        f"const LINKS = {json.dumps(links, ensure_ascii=False)};\n"
        'const own = LINKS[location.pathname.split("/")[1]], home = document.querySelector(".lab-links");\n'
        "if (own && home) home.innerHTML = own;\n"
    )
