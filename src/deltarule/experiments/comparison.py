"""Comparison of results with the published figures, and of a run's settings with those of its experiment."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from deltarule.experiments.experiment import Experiment
from deltarule.experiments.records import Published
from deltarule.experiments.result import Result, Run
from deltarule.experiments.verdict import NOT_MEASURED, OTHER_SETTINGS, Comparison, compare


def compare_result(result: Result, experiment: Experiment) -> list[Comparison]:
    """Compare each published figure with the runs; in a miniature, each expected figure.

    Only runs with the experiment's own settings get a verdict. Where all runs have other settings, their
    values are shown without one.
    """
    own = tuple(run for run in result.runs if not find_differences(run, experiment, result.quick))
    judged = replace(result, runs=own)
    wanted = experiment.quick.expected if result.quick else experiment.published
    return [_compare(judged, result, figure) for figure in wanted]


def _compare(judged: Result, result: Result, figure: Published) -> Comparison:
    if values := judged.figures(figure.figure, figure.variant):
        return compare(figure, values)
    others = result.figures(figure.figure, figure.variant)
    return Comparison(figure, tuple(map(float, others)), OTHER_SETTINGS if others else NOT_MEASURED)


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
