"""Comparison of results with the published figures, and of a run's settings with those of its experiment."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from deltarule.experiments.experiment import Experiment
from deltarule.experiments.ranges import judge_by_range
from deltarule.experiments.records import Published
from deltarule.experiments.result import Result, Run
from deltarule.experiments.verdict import (
    AS_EXPECTED,
    NOT_MEASURED,
    OTHER_SETTINGS,
    REPRODUCED,
    Comparison,
    compare,
    count_more_seeds,
)


def compare_result(result: Result, experiment: Experiment) -> list[Comparison]:
    """Compare each published figure with the runs; in a miniature, each expected figure with its single run.

    Only runs with the experiment's own settings get a verdict. Where all runs have other settings, their
    values are shown without one.
    """
    judged = keep_own_runs(result, experiment)
    if result.quick:
        return [_compare(judged, result, figure, compare_miniature) for figure in experiment.quick.expected]
    return [_compare(judged, result, figure, compare) for figure in list_figures(experiment)]


def keep_own_runs(result: Result, experiment: Experiment) -> Result:
    """Return the result without the runs that have other settings than the experiment."""
    return replace(
        result, runs=tuple(run for run in result.runs if not find_differences(run, experiment, result.quick))
    )


def list_figures(experiment: Experiment) -> list[Published]:
    """List the published figures, each with its number of training images and whether it is exact."""
    return [
        replace(
            figure,
            exact=experiment.seeds == 1 if figure.exact is None else figure.exact,
            images=figure.images or experiment.settings_of(figure.variant).get("n_train"),
        )
        for figure in experiment.published
    ]


def compare_miniature(expected: Published, values: Sequence[float]) -> Comparison:
    """Compare an expected figure with the run of a miniature, by the rule of ranges: "as expected" or not.

    >>> compare_miniature(Published("it learns", "last", 60.0, relation="at least"), [71.0]).verdict
    'as expected'
    """
    verdict = judge_by_range(expected, values)
    return Comparison(expected, tuple(map(float, values)), AS_EXPECTED if verdict == REPRODUCED else verdict)


def find_values(result: Result, figure: Published) -> list[float]:
    """Find our values of a figure, one for each run; of a claim that A beats B, the differences A − B of the runs."""
    if not figure.beats:
        return list(map(float, result.figures(figure.figure, figure.variant)))
    better, worse = figure.beats
    runs = [run.figures for run in result.runs_of(figure.variant) if {better, worse} <= run.figures.keys()]
    return [float(figures[better]) - float(figures[worse]) for figures in runs]


def count_seeds(result: Result, experiment: Experiment, variant: str) -> int:
    """Count the runs of a variant that its figures need for a verdict, with those that exist."""
    own = keep_own_runs(result, experiment)
    figures = [figure for figure in list_figures(experiment) if figure.variant == variant]
    pairs = [(figure, find_values(own, figure)) for figure in figures]
    return max((len(values) + count_more_seeds(figure, values) for figure, values in pairs), default=0)


def _compare(
    judged: Result, result: Result, figure: Published, judge: Callable[[Published, Sequence[float]], Comparison]
) -> Comparison:
    if values := find_values(judged, figure):
        return judge(figure, values)
    others = find_values(result, figure)
    return Comparison(figure, tuple(others), OTHER_SETTINGS if others else NOT_MEASURED)


def find_differences(run: Run, experiment: Experiment, quick: bool = False) -> dict[str, tuple[Any, Any]]:
    """Find the settings of a run that differ from the experiment's: name to (the run's value, the experiment's)."""
    if run.variant not in experiment.variants:
        return {"variant": (run.variant, None)}
    own = json.loads(json.dumps(experiment.settings_of(run.variant, quick)))
    return {name: (run.settings.get(name), value) for name, value in own.items() if run.settings.get(name) != value}


def find_all_differences(result: Result, experiment: Experiment) -> dict[str, tuple[Any, Any]]:
    """Find the settings that differ in any run; the name of a variant's setting includes the variant."""
    return {
        f"{name} of “{run.variant}”" if name in experiment.variants[run.variant] else name: pair
        for run in result.successful_runs
        if run.variant in experiment.variants
        for name, pair in find_differences(run, experiment, result.quick).items()
    }
