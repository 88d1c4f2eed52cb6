"""The state of an experiment's result: its origin, what is missing or shortened, and failures."""

from __future__ import annotations

from deltarule.experiments.comparison import find_all_differences
from deltarule.experiments.experiment import Experiment
from deltarule.experiments.formatting import format_duration, format_value
from deltarule.experiments.result import Result, format_run_command
from deltarule.experiments.run import choose_seeds


def describe_state(experiment: Experiment, result: Result) -> list[str]:
    """Describe the state of a result in lines for the reader; the first gives date, machine and commit."""
    if not result.runs:
        return [f"Not measured yet: {format_run_command(experiment.id, result.quick)}"]
    return [*describe_origin(result), *describe_reductions(experiment, result), *describe_failures(result)]


def describe_origin(result: Result) -> list[str]:
    """Describe the date, the machine, the commit and the time of the runs."""
    done = result.successful_runs
    if not done:
        return []
    days = sorted({run.date for run in done})
    when = days[0] if len(days) == 1 else f"{days[0]} to {days[-1]}"
    commits = list(dict.fromkeys(run.commit for run in done if run.commit))
    by = f"; commit {', '.join(commits)}" if commits else ""
    machines = "; ".join(dict.fromkeys(run.machine for run in done))
    runs = "1 run" if len(done) == 1 else f"{len(done)} runs"
    return [f"Measured {when} on {machines}{by}: {runs}, {format_duration(sum(run.seconds for run in done))} in total"]


def describe_reductions(experiment: Experiment, result: Result) -> list[str]:
    """Describe the differences from a full run: settings, seeds and variants."""
    lines = [
        f"Changed setting: {name} {format_value(ours)} in place of {format_value(whole)}"
        for name, (ours, whole) in find_all_differences(result, experiment).items()
    ]
    if result.quick:
        return lines
    wanted = len(choose_seeds(experiment, None, quick=False))
    few: dict[int, list[str]] = {}
    for variant in experiment.variants:
        found = len(result.runs_of(variant))
        if found == 0:
            lines.append(f"Missing: no run{f' of “{variant}”' if variant else ''} yet")
        elif found < wanted:
            few.setdefault(found, []).append(variant)
    return [*lines, *(_describe_seeds(experiment, found, wanted, names) for found, names in few.items())]


def _describe_seeds(experiment: Experiment, found: int, wanted: int, variants: list[str]) -> str:
    """Describe that these variants were run with fewer seeds than a full run."""
    names = " and ".join(f"“{variant}”" for variant in variants if variant)
    which = ", for all variants" if len(variants) == len(experiment.variants) else f" for {names}"
    return f"Only {found} of {wanted} seeds {'was' if found == 1 else 'were'} run{which if names else ''}"


def describe_failures(result: Result) -> list[str]:
    """Describe each failed run in one line; its file holds the traceback."""
    return [
        f"Failed: {' '.join(filter(None, (run.variant, f'seed {run.seed}')))}: {run.error_line}"
        for run in result.runs
        if run.error
    ]
