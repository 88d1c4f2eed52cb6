"""The page docs/record.md: its rules and its tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import mean, median, stdev
from typing import Any

from benchmarks.markdown import format_table

MARK = 0.99
"""The mean accuracy from which a time counts."""

HEAD = """\
# The record: 99 % on MNIST in how many seconds?

How many seconds does a computer without a GPU need, from the start of a cold process, to read 99 % of MNIST's test
images? We know of no published figure of this kind. This page has the rules, our result, and the same recipe in PyTorch
and in plain JAX. Your entry is welcome. Written by `make record`; do not edit it by hand."""

NONE = """\
## The result

Not measured yet."""

RULES = """\
## The rules

1. An entry is a program: `ENTRY FOLDER SEED OUT`. `FOLDER` contains `train-images-idx3-ubyte`,
   `train-labels-idx1-ubyte` and `t10k-images-idx3-ubyte` as published, uncompressed. The program trains, reads the test
   images, and writes one byte for each of them to `OUT`: its label, from 0 to 9.
2. The time goes from the start of the process to its end. It includes the start of the interpreter, all imports,
   loading the images, **compiling**, training and reading the test images. Every process gets empty folders for caches
   of compiled programs. The files are in the memory of the system: each entry first runs once with seed 0, which does
   not count.
3. The labels of the test set are not in the folder. They are opened once for each seed, when the process has ended. So
   fix your recipe first, by a part of the training images.
4. Ten seeds, 1 to 10. The mean accuracy must be at least 99.00 %; the time is the median. All runs count.
5. Only CPU cores, as many threads as you like. Only the training images: no other data, no weights trained before, and
   nothing kept from one run to the next.
6. All entries run on one machine in one run, in turn, backwards with every second seed. Only times of one run can be
   compared.

## Enter with your own code

Put one script into `benchmarks/entries`, and run `make record`; or run `python -m benchmarks.record PATH …` with the
paths of the entries that you want to compare. A Python script runs in this project's environment; any other file must
be executable. The first line of its docstring is its name in the table. The entries that are there show how short one
can be. Open a pull request with your script and its line of the table."""

RECIPE = """\
## The recipe

All entries train the network of the recipe [`fast-99`](networks.md) on the first 50,000 training images, for one epoch:
8 feature maps of 5 × 5 and 40 of 3 × 3, each with ReLU and 2 × 2 max-pooling, 128 dense ReLU neurons, 10 outputs; label
smoothing 0.1; Adam (0.7, 0.9); mini-batches of 128; a one-cycle schedule with the peak 0.01. It was chosen on the
validation set. PyTorch is not compiled: that took longer than it saved, since compiling counts. Plain JAX leaves
out the last, shorter mini-batch, which would be compiled a second time."""


def render(machines: Sequence[Mapping[str, Any]]) -> str:
    """Render the page as Markdown."""
    results = [_render_machine(found) for found in machines] or [NONE]
    return "\n\n".join([HEAD, *results, RECIPE, RULES]) + "\n"


def _render_machine(found: Mapping[str, Any]) -> str:
    about = found["machine"]
    measured = [entry for entry in found["entries"] if entry["error"] is None]
    lines = [_format_entry(entry) for entry in sorted(measured, key=lambda entry: median(_list_seconds(entry)))]
    table = format_table(("entry", "seconds", "spread", "mean accuracy", "lowest–highest", ""), "lrrrrl", lines)
    failed = [entry for entry in found["entries"] if entry["error"]]
    failures = [f"\n\n{entry['label']} could not be measured: {entry['error']}" for entry in failed]
    seeds = max((len(entry["runs"]) for entry in measured), default=0)
    return (
        f"## The result\n\n{about['processor']}, {about['cores']} cores, {about['system']}, Python {about['python']}; "
        f"{seeds} seeds, measured on {found['date']} by `{found['command']}`. The load average before the start was "
        f"{found['load_before']}.\n\n{table}{''.join(failures)}"
    )


def _list_seconds(entry: Mapping[str, Any]) -> list[float]:
    return [run["seconds"] for run in entry["runs"]]


def _format_entry(entry: Mapping[str, Any]) -> tuple[str, ...]:
    seconds, shares = _list_seconds(entry), [run["accuracy"] for run in entry["runs"]]
    spread = f" ± {100 * stdev(shares):.2f}" if len(shares) > 1 else ""
    return (
        entry["label"],
        f"{median(seconds):.2f}",
        f"{min(seconds):.2f}–{max(seconds):.2f}",
        f"{100 * mean(shares):.3f} %{spread}",
        f"{100 * min(shares):.2f}–{100 * max(shares):.2f}",
        "counts" if mean(shares) >= MARK else "below 99 %",
    )
