"""The page docs/tables-comparison.md: its fixed text and its tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from statistics import mean, stdev
from typing import Any

Found = Mapping[str, Any]

HEAD = """# Tables, compared with scikit-learn

deltarule trains on a table by one command. This page compares its result, with nothing set, to that of scikit-learn's
`StandardScaler` with `MLPClassifier` or `MLPRegressor`. Written by `make comparison`; do not edit it by hand."""

RESULTS = """## Results

The mean and the standard deviation on the test set, over the seeds from 0 to {last}. Each seed has its own split, and
all contenders get the same training and test rows. The *difference* is deltarule minus the better of the two
scikit-learn columns, seed by seed. The target: at most 1 point of accuracy, or 0.02 of R², below it. With only 20 rows,
linnerud has no target: a test set of five rows says little."""

TIMES = """## Time

The mean seconds of a run. *Training* is the time of the epochs and of compiling, or of `fit`. The whole command also
starts Python, reads the tables, validates after each epoch, saves the run and evaluates the test set. Other work on the
machine can add to each time."""

SEEDS = """## Each seed

The result on the test set for each seed, in percent or as R²."""

METHOD = """## The method

For each seed, a quarter of the rows is the test set; for classes, with equal shares of each class. The rows are written
as `train.csv` and `test.csv`, with the names that scikit-learn gives to columns and classes, and the target in the last
column, `target`.

**deltarule**: the command, with no other settings than these:

```sh
{commands}
```

A sixth of the training rows becomes the validation set, on which deltarule does not train.

**scikit-learn**: `make_pipeline(StandardScaler(), MLPClassifier(random_state=S))`, or `MLPRegressor`, trained on all
training rows: 100 ReLU neurons, Adam, mini-batches of up to 200, at most 200 passes over the training set. The second
column allows 2,000 passes (`max_iter=2000`), so that training ends by its own rule.

**The tables**: `load_iris`, `load_wine`, `load_breast_cancer`, `load_digits`, `load_diabetes` and `load_linnerud`
(three targets) of scikit-learn. *made-up* is a regression of 20,000 rows. Its inputs z₁ to z₈ are normally distributed,
then scaled and shifted differently. Its target is 2 sin z₁ + z₂ z₃ + z₄²/2 + 2 tanh(2 z₅) + z₆, plus normal noise with
the standard deviation 0.3 (`build_made_up` in `benchmarks/comparison.py`).

Both use one thread for matrix products. To repeat the comparison:

```sh
{command}
```"""


def format_page(conditions: Found, found: Sequence[Found]) -> str:
    """Format the whole page as Markdown."""
    about, versions = conditions["machine"], conditions["versions"]
    measured = (
        f"Measured on {conditions['date']} by `{conditions['command']}`: {about['processor']}, {about['cores']} cores, "
        f"{about['memory_gib']} GiB of memory, {about['system']}, {about['architecture']}; Python {about['python']}, "
        f"{', '.join(f'{name} {number}' for name, number in versions.items())}. "
        f"The load average before the start was {conditions['load']:.2f}."
    )
    commands = dict.fromkeys(
        " ".join(["deltarule train --data train.csv --test test.csv", *one["options"], "--seed S --out run"])
        for one in found
    )
    sections = [
        *(HEAD, measured),
        *(RESULTS.format(last=conditions["seeds"] - 1), _format_table(_RESULT, map(_format_result, found))),
        *(TIMES, _format_table(_TIME, map(_format_time, found))),
        *(SEEDS, _format_table(_SEED, [row for one in found for row in _format_seeds(one)])),
        METHOD.format(commands="\n".join(commands), command=conditions["command"]),
    ]
    return "\n\n".join(sections) + "\n"


_RESULT = (
    "data set | rows × columns | figure | deltarule | scikit-learn | scikit-learn, 2,000 iterations | difference | ",
    "|---|--:|---|--:|--:|--:|--:|---|",
)
_TIME = (
    "data set | deltarule, training | whole command | epochs | scikit-learn, training | epochs "
    "| 2,000 iterations, training | epochs | stopped at 200 / 2,000",
    "|---|--:|--:|--:|--:|--:|--:|--:|---|",
)
_SEED = ("data set | contender | result of each seed", "|---|---|---|")


def _format_table(heading: Sequence[str], rows: Iterable[str]) -> str:
    names, columns = heading
    return "\n".join([f"| {names} |", columns, *(f"| {row} |".replace(" -", " −") for row in rows)])


def _format_result(one: Found) -> str:
    percent = one["figure"] == "accuracy"
    cells = []
    for runs in one["runs"].values():
        scores = [run["score"] for run in runs]
        spread = stdev(scores) if len(scores) > 1 else 0.0
        cells.append(
            f"{100 * mean(scores):.2f} % ± {100 * spread:.2f}" if percent else f"{mean(scores):.3f} ± {spread:.3f}"
        )
    difference = (
        f"{100 * one['difference']:+.2f} ± {100 * one['spread']:.2f} points"
        if percent
        else f"{one['difference']:+.3f} ± {one['spread']:.3f}"
    )
    size = f"{one['rows']:,} × {one['columns']}"
    return " | ".join([one["name"], size, one["figure"], *cells, difference, one["verdict"]])


def _format_time(one: Found) -> str:
    cells, stopped = [], []
    for runs in one["runs"].values():
        cells.append(f"{mean(run['seconds'] for run in runs):.2f} s")
        if "whole" in runs[0]:
            cells.append(f"{mean(run['whole'] for run in runs):.2f} s")
        else:
            stopped.append(f"{sum(run['stopped'] for run in runs)}")
        cells.append(f"{mean(run['epochs'] for run in runs):.0f}")
    return " | ".join([one["name"], *cells, f"{' / '.join(stopped)} of {len(runs)}"])


def _format_seeds(one: Found) -> list[str]:
    scale, digits = (100, 1) if one["figure"] == "accuracy" else (1, 3)
    return [
        f"{one['name']} | {contender} | " + ", ".join(f"{scale * run['score']:.{digits}f}" for run in runs)
        for contender, runs in one["runs"].items()
    ]
