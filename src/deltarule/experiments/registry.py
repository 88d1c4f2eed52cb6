"""All experiments by id: those of the book in its order, then those after the book."""

from __future__ import annotations

import difflib

from deltarule.errors import InvalidArgument
from deltarule.experiments import chapter1, chapter2, chapter3, chapter4, chapter5, chapter6, generation, memory
from deltarule.experiments.experiment import Experiment

MODULES = (chapter1, chapter2, chapter3, chapter4, chapter5, chapter6, memory, generation)

EXPERIMENTS: dict[str, Experiment] = {
    experiment.id: experiment for module in MODULES for experiment in module.EXPERIMENTS
}


def select_experiments(name: str) -> list[Experiment]:
    """Select one experiment by its id, those of a chapter ("chapter3" or "ch3") or topic ("memory"), or "all".

    Raises:
        InvalidArgument: For an unknown name.

    >>> [experiment.id for experiment in select_experiments("ch1/first-network")]
    ['ch1/first-network']
    >>> {experiment.part.title for experiment in select_experiments("memory")}
    {'Networks with memory'}
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
        expected="the id of an experiment, a chapter such as ch3, a topic such as memory, or all",
        value=name,
        remedy=f"did you mean {' or '.join(close)}?" if close else "'deltarule experiments' lists them all",
    )
