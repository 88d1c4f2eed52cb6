"""The section of docs/benchmarks.md on an LSTM that reads digits row by row."""

from __future__ import annotations

from statistics import median

from benchmarks.markdown import format_table
from benchmarks.rows import compare
from benchmarks.summary import Measured, Verdict

TARGETS = {10: (2.0, 3.0), 100: (1.0, 1.5)}
"""The target and stretch target of the speed relative to PyTorch's best form, for each mini-batch size."""


def judge(measured: Measured) -> list[tuple[str, Verdict]]:
    """Judge the speed at each mini-batch size by the median of the rounds' ratios.

    They are ratios of times of the clock, or of the processor if the machine was busy.
    """
    if (found := measured.get("lstm")) is None:
        return []
    lines = []
    figure = "cpu_milliseconds" if _was_busy(found, measured["machine"]["cores"]) else "milliseconds"
    for batch in found["batches"]:
        ratio = median(compare(batch["results"], figure))
        about = "faster than PyTorch, the fastest of the forms measured"
        title = f"LSTM of {found['cells']} units, rows of digits, mini-batch {batch['batch_size']}"
        lines.append((title, Verdict(about, "×", *TARGETS[batch["batch_size"]], ratio)))
    return lines


def lstm(measured: Measured) -> str:
    """Report the milliseconds of a mini-batch of each form, and the ratios of the rounds."""
    found, lines, ratios = measured["lstm"], [], []
    for batch in found["batches"]:
        size = batch["batch_size"]
        for result in batch["results"]:
            times = [
                t for name in ("cpu_milliseconds", "milliseconds") for t in (median(result[name]), min(result[name]))
            ]
            label = f"{result['library']}, {result['form']}"
            lines.append((str(size), label, str(result["threads"]), *(f"{t:.2f}" for t in times)))
        for figure, name in (("cpu_milliseconds", "of the processor"), ("milliseconds", "of the clock")):
            each = compare(batch["results"], figure)
            ratios.append((str(size), name, f"{median(each):.2f}", f"{min(each):.2f}–{max(each):.2f}"))
    cores = measured["machine"]["cores"]
    busy = _was_busy(found, cores)
    is_alone = all(result["threads"] == 1 for batch in found["batches"] for result in batch["results"])
    alone = "Each took one thread; more were not measured. "
    warning = (
        f"**The machine was busy**: the load average before the start was {_load_before(found):g}, on {cores} cores. "
        "So the times of the clock say little, and the verdict takes those of the processor, which other work raises "
        "less."
    )
    return (
        f"### An LSTM of {found['cells']} units that reads digits row by row\n\n"
        "`[LSTM, LastStep, Dense(10)]` over 28 steps of 28 features, gradient descent, float32: milliseconds of a "
        f"mini-batch in {found['rounds']} rounds, on {found['date']}, PyTorch {found['torch']}. All processes of a "
        "mini-batch size start first, with the same weights and the same mini-batches; then they take turns. "
        f"{alone * is_alone}{warning * busy}\n\n"
        + format_table(
            ("mini-batch", "contender", "threads", "processor, ms", "least", "clock, ms", "least"), "rlrrrrr", lines
        )
        + "\n\nThe time of PyTorch's best form relative to that of deltarule's best, in the same round:\n\n"
        + format_table(("mini-batch", "time", "ratio", "rounds"), "rlrr", ratios)
    )


def _was_busy(found: Measured, cores: int) -> bool:
    return _load_before(found) > cores


def _load_before(found: Measured) -> float:
    """Return the load average before the first mini-batch size; the later ones contain our own work."""
    return float(found["batches"][0]["load_before"])
