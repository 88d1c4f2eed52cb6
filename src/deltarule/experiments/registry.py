"""All experiments by id, in the order of the book."""

from __future__ import annotations

import difflib

from deltarule.errors import InvalidArgument
from deltarule.experiments import chapter1, chapter2, chapter3, chapter4, chapter5, chapter6
from deltarule.experiments.experiment import Experiment

CHAPTERS = (chapter1, chapter2, chapter3, chapter4, chapter5, chapter6)

TITLES = {
    1: "Using neural nets to recognize handwritten digits",
    2: "How the backpropagation algorithm works",
    3: "Improving the way neural networks learn",
    4: "A visual proof that neural nets can compute any function",
    5: "Why are deep neural networks hard to train?",
    6: "Deep learning",
}
"""The titles of the book's chapters."""

NOTES = {
    6: "“The published solutions” are the solutions to the exercises and problems of the book in the repository "
    "github.com/nndl-solutions/NNDL-solutions."
}
"""What the report says at the top of a chapter."""

EXPERIMENTS: dict[str, Experiment] = {
    experiment.id: experiment for chapter in CHAPTERS for experiment in chapter.EXPERIMENTS
}


def select_experiments(name: str) -> list[Experiment]:
    """Select one experiment by its id, those of a chapter ("chapter3" or "ch3"), or "all".

    Raises:
        InvalidArgument: For an unknown name.

    >>> [experiment.id for experiment in select_experiments("ch1/first-network")]
    ['ch1/first-network']
    """
    if name == "all":
        return list(EXPERIMENTS.values())
    if name in EXPERIMENTS:
        return [EXPERIMENTS[name]]
    start = name.replace("chapter", "ch").rstrip("/") + "/"
    if found := [experiment for id, experiment in EXPERIMENTS.items() if id.startswith(start)]:
        return found
    close = difflib.get_close_matches(name, EXPERIMENTS, n=3, cutoff=0.4)
    raise InvalidArgument(
        argument="name",
        expected="the id of an experiment, a chapter such as ch3, or all",
        value=name,
        remedy=f"did you mean {' or '.join(close)}?" if close else "'deltarule experiments' lists them all",
    )
