"""The page docs/sklearn-comparison.md: its fixed text and its tables."""

from __future__ import annotations

from collections.abc import Mapping
from statistics import mean, stdev
from typing import Any

from benchmarks.markdown import format_table

HEAD = """# The estimators, compared with scikit-learn

This page compares [`NetworkClassifier` and `NetworkRegressor`](sklearn.md) with scikit-learn's `MLPClassifier` and
`MLPRegressor`. Written by `python -m benchmarks.estimators`; do not edit it by hand."""

ACCURACY = """## Accuracy

Both have their defaults (100 ReLU neurons, Adam, mini-batches of up to 200, at most 200 epochs), the same
`random_state`, and the same rows for each seed from 0 on: a quarter of a table is its test set, and its columns are
standardized. MNIST has its own test set and pixels from 0 to 1. The table shows means and standard deviations over
the seeds. The target: at most 1 point of accuracy, or 0.02 of R², below scikit-learn."""

SPEED = """## Speed

The seconds of an epoch on MNIST's 60,000 training images in {dtype}: 784-100-10, ReLU, softmax, η = 0.001, no weight
decay. It is the time of `fit` divided by its epochs, with all that `fit` does. Both ran in turn, with one thread and
with all cores; the table shows the medians with the better number of threads."""


def format_page(kept: Mapping[str, Any]) -> str:
    """Format the whole page as Markdown."""
    sections = [HEAD]
    if accuracy := kept.get("accuracy"):
        sections += [ACCURACY, format_accuracy(accuracy["tables"])]
        sections += dict.fromkeys(format_conditions(one["conditions"]) for one in accuracy["tables"])
    if speed := kept.get("speed"):
        sections += [SPEED.format(dtype=speed["jobs"][0]["dtype"]), format_speed(speed["jobs"])]
        sections.append(format_conditions(speed["conditions"]))
    return "\n\n".join(sections) + "\n"


def format_conditions(conditions: Mapping[str, Any]) -> str:
    about, versions = conditions["machine"], conditions["versions"]
    return (
        f"Measured on {conditions['date']} by `{conditions['command']}`: {about['processor']}, {about['cores']} cores, "
        f"{about['memory_gib']} GiB of memory, {about['system']}, {about['architecture']}; Python {about['python']}, "
        f"{', '.join(f'{name} {number}' for name, number in versions.items())}. "
        f"The load average before the start was {conditions['load']:.2f}."
    )


def format_accuracy(tables: list[Mapping[str, Any]]) -> str:
    heading = (
        "data set",
        "rows × columns",
        "seeds",
        "figure",
        "deltarule",
        "scikit-learn",
        "difference",
        "epochs",
        "target",
    )
    return format_table(heading, "lrrlrrrrl", [_format_table_row(one) for one in tables])


def _format_table_row(one: Mapping[str, Any]) -> list[str]:
    percent = one["figure"] == "accuracy"
    scale, digits, unit = (100, 2, " %") if percent else (1, 3, "")
    cells = []
    for runs in one["runs"].values():
        scores = [scale * run["score"] for run in runs]
        cells.append(f"{mean(scores):.{digits}f}{unit} ± {stdev(scores) if len(scores) > 1 else 0:.{digits}f}")
    difference = f"{scale * one['difference']:+.{digits}f} ± {scale * one['spread']:.{digits}f}"
    epochs = " / ".join(f"{mean(run['epochs'] for run in runs):.0f}" for runs in one["runs"].values())
    row = [
        one["name"],
        f"{one['rows']:,} × {one['columns']}",
        str(len(scores)),
        one["figure"],
        *cells,
        difference,
        epochs,
    ]
    return [cell.replace("-", "−") if cell[:1] == "-" else cell for cell in row] + ["met" if one["met"] else "missed"]


def format_speed(jobs: list[Mapping[str, Any]]) -> str:
    heading = ("mini-batch", "optimizer", "deltarule", "scikit-learn", "ratio", "ratio of CPU time", "target")
    lines = []
    for job in jobs:
        seconds = [f"{job['seconds'][name]:.3f} s" for name in ("deltarule", "scikit-learn")]
        verdict = f"{job['target']:g} ×: {'met' if job['met'] else 'missed'}"
        ratios = [f"{job['ratio']:.1f} ×", f"{job['cpu_ratio']:.1f} ×"]
        lines.append(
            [f"{job['batch_size']}", {"adam": "Adam", "sgd": "SGD"}[job["solver"]], *seconds, *ratios, verdict]
        )
    return format_table(heading, "rlrrrrl", lines)
