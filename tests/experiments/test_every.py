"""Every experiment in miniature: its expected figures, a planted defect, its plot and its texts."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pytest

from deltarule.experiments.comparison import compare_miniature, find_values, list_figures
from deltarule.experiments.experiment import Experiment
from deltarule.experiments.registry import EXPERIMENTS
from deltarule.experiments.result import Result, read_result, write_result
from deltarule.experiments.run import run_once

LONG = (
    *("ch1/segmentation", "ch3/eta-threshold", "ch5/gradients-in-training", "ch5/relu-gradients"),
    *("ch6/conv", "ch6/dropout-conv", "ch6/expanded", "ch6/filters", "ch6/l2-sweep", "ch6/no-dense"),
    *("ch6/random-transforms", "ch6/relu", "ch6/two-conv", "memory/characters", "memory/pixels", "memory/rows"),
    *("generation/partition", "generation/variational"),
)
"""The experiments whose miniatures take more than a second; ``make test-all`` runs them."""

# group the tests by experiment, so that one process runs them and its miniature runs once
each = pytest.mark.parametrize(
    "experiment",
    [pytest.param(one, marks=[pytest.mark.slow] * (id in LONG), id=id) for id, one in EXPERIMENTS.items()],
    scope="module",
)


@lru_cache(maxsize=2)
def miniature(id: str) -> Result:
    return run_once(EXPERIMENTS[id])


def verdicts(experiment: Experiment, result: Result) -> dict[str, str]:
    errors = [run.error for run in result.runs if run.error]
    assert not errors, errors[0]
    found = [(one, result.figures(one.figure, one.variant)) for one in experiment.quick.expected]
    return {f"{one.what} ({one.variant}: {values})": compare_miniature(one, values).verdict for one, values in found}


@each
def test_miniature_reproduces_its_expected_figures(experiment: Experiment) -> None:
    found = verdicts(experiment, miniature(experiment.id))
    assert found, "the miniature expects no figures"
    assert set(found.values()) == {"as expected"}, found


@pytest.mark.slow  # it runs every miniature a second time, to test its expected figures
@each
def test_miniature_misses_a_figure_with_a_planted_defect(experiment: Experiment) -> None:
    assert experiment.quick.defect
    broken = run_once(experiment, changed=experiment.quick.defect)
    assert set(verdicts(experiment, broken).values()) != {"as expected"}


@each
def test_every_published_figure_is_measured(experiment: Experiment) -> None:
    result = miniature(experiment.id)
    for published in list_figures(experiment):
        if published.variant in result.variants:
            assert result.figures(published.figure, published.variant), published.what
            assert find_values(result, published), f"{published.what}: no run has both figures {published.beats}"


@each
def test_plot_from_the_saved_result_labels_its_axes(experiment: Experiment, tmp_path) -> None:
    result = read_result(write_result(tmp_path, miniature(experiment.id)))
    figure = experiment.plot(result)
    figure.draw_without_rendering()  # a warning (missing glyph, no room for layout) is an error
    for axes in figure.axes:
        curves = [line for line in axes.lines if len(np.atleast_1d(line.get_xdata())) > 2]
        if axes.axison and curves:
            assert axes.get_ylabel() or axes.get_title(), "the y-axis has no label"
            assert axes.get_xlabel() or any(axes.get_shared_x_axes().joined(axes, other) for other in figure.axes)


@each
def test_texts_of_an_experiment(experiment: Experiment) -> None:
    assert experiment.title
    assert experiment.section
    assert not experiment.title.endswith(".")
    assert 1 <= experiment.shows.count(". ") + 1 <= 4
    assert experiment.shows.endswith((".", "?", "!"))
    assert all(published.source for published in experiment.published)
