"""What there is of an experiment's result and what is missing: runs, seeds, settings, failures, and who made them."""

from __future__ import annotations

from deltarule.experiments.comparison import find_all_differences
from deltarule.experiments.experiment import Experiment
from deltarule.experiments.formatting import duration, value_words
from deltarule.experiments.result import Result, Run, repeat
from deltarule.experiments.run import seeds_of


def state_words(experiment: Experiment, result: Result) -> list[str]:
    """Lines that a reader must know beside the figures; the first says who measured, when and on what."""
    if not result.runs:
        return [f"Not measured yet: {repeat(experiment.id, result.quick)}"]
    return [*made_words(result), *shortened_words(experiment, result), *failed_words(result)]


def made_words(result: Result) -> list[str]:
    """When, on what and by which commit the runs were made, and how long they took."""
    done = good(result)
    if not done:
        return []
    days = sorted({run.date for run in done})
    when = days[0] if len(days) == 1 else f"{days[0]} to {days[-1]}"
    commits = list(dict.fromkeys(run.commit for run in done if run.commit))
    by = f"; commit {', '.join(commits)}" if commits else ""
    machines = "; ".join(dict.fromkeys(run.machine for run in done))
    runs = "1 run" if len(done) == 1 else f"{len(done)} runs"
    return [f"Measured {when} on {machines}{by}: {runs}, {duration(sum(run.seconds for run in done))} in all"]


def shortened_words(experiment: Experiment, result: Result) -> list[str]:
    """What is less than a full run, or otherwise: settings, seeds and variants."""
    lines = [
        f"Shortened: {name} {value_words(ours)} in place of {value_words(whole)}"
        for name, (ours, whole) in find_all_differences(result, experiment).items()
    ]
    if result.quick:
        return lines
    wanted = len(seeds_of(experiment, None, quick=False))
    for variant in experiment.variants:
        found = len(result.of(variant))
        of_which = f" of “{variant}”" if variant else ""
        if found == 0:
            lines.append(f"Missing: no run{of_which} yet")
        elif found < wanted:
            lines.append(f"Shortened: {found} of {wanted} seeds{of_which}")
    return lines


def failed_words(result: Result) -> list[str]:
    """A line a run that failed, without the places in the code that its file tells."""
    return [
        f"Failed: {' '.join(filter(None, (run.variant, f'seed {run.seed}')))}: {run.error.splitlines()[0]}"
        for run in result.runs
        if run.error
    ]


def good(result: Result) -> list[Run]:
    """The runs that found something."""
    return [run for run in result.runs if not run.error]
