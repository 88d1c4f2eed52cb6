"""Every experiment in miniature: it finds what it must, a planted defect is found out, its figure can be read."""

from __future__ import annotations

from functools import lru_cache
from io import BytesIO

import numpy as np
import pytest

from deltarule.experiments.experiment import Experiment
from deltarule.experiments.registry import EXPERIMENTS
from deltarule.experiments.result import Result, read, write
from deltarule.experiments.run import run_once
from deltarule.experiments.verdict import compare

# all tests of one experiment after each other, so that one process does them and its miniature runs once
each = pytest.mark.parametrize("experiment", EXPERIMENTS.values(), ids=list(EXPERIMENTS), scope="module")


@lru_cache(maxsize=2)
def miniature(id: str) -> Result:
    return run_once(EXPERIMENTS[id])


def verdicts(experiment: Experiment, result: Result) -> dict[str, str]:
    errors = [run.error for run in result.runs if run.error]
    assert not errors, errors[0]
    found = [(one, result.figures(one.figure, one.variant)) for one in experiment.quick.expected]
    return {f"{one.what} ({values})": compare(one, values).verdict for one, values in found}


@each
def test_it_finds_what_it_must(experiment: Experiment) -> None:
    found = verdicts(experiment, miniature(experiment.id))
    assert found, "a miniature that expects nothing shows nothing"
    assert set(found.values()) == {"reproduced"}, found


@each
def test_a_planted_defect_is_found_out(experiment: Experiment) -> None:
    assert experiment.quick.defect
    broken = run_once(experiment, changed=experiment.quick.defect)
    assert set(verdicts(experiment, broken).values()) != {"reproduced"}


@each
def test_all_that_was_published_is_measured(experiment: Experiment) -> None:
    result = miniature(experiment.id)
    for published in experiment.published:
        if published.variant in result.variants:
            assert result.figures(published.figure, published.variant), published.what


@each
def test_its_figure_is_drawn_from_its_file_and_names_its_axes(experiment: Experiment, tmp_path) -> None:
    result = read(write(tmp_path, miniature(experiment.id)))
    drawn = experiment.plot(result)
    drawn.savefig(BytesIO(), format="png", dpi=40)  # warns, which is an error, of glyphs missing and of no room
    for axes in drawn.axes:
        curves = [line for line in axes.lines if len(np.atleast_1d(line.get_xdata())) > 2]
        if axes.axison and curves:
            assert axes.get_ylabel() or axes.get_title(), "an axis without a name"
            assert axes.get_xlabel() or any(axes.get_shared_x_axes().joined(axes, other) for other in drawn.axes)


@each
def test_its_words(experiment: Experiment) -> None:
    assert experiment.title
    assert experiment.section
    assert not experiment.title.endswith(".")
    assert 1 <= experiment.shows.count(". ") + 1 <= 4
    assert experiment.shows.endswith((".", "?", "!"))
    assert all(published.source for published in experiment.published)
