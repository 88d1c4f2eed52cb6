"""The figure of the report: seconds per epoch as bars, one panel for each job and machine."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from benchmarks.contenders import OWN
from benchmarks.summary import Measured, Row, rows

BLUE, LIGHT, GREY = "#0072B2", "#9CC9E3", "#B8B8B8"  # distinguishable for everyone, and in print
INCHES_A_BAR = 0.36


def draw(machines: Sequence[Measured], path: Path) -> None:
    """Draw the measurements to a PNG file."""
    panels = [(machine, job) for machine in machines for job in machine["jobs"] if len(rows(job)) > 1]
    heights = [INCHES_A_BAR * len(rows(job)) + 1.0 for _, job in panels]
    figure = Figure(figsize=(7.5, sum(heights) + 0.3), dpi=160, layout="constrained")
    FigureCanvasAgg(figure)
    grid = figure.subplots(len(panels), 1, sharex=True, squeeze=False, height_ratios=heights)
    every = [row for _, job in panels for row in rows(job)]
    grid[0, 0].set_xscale("log")
    # leave room for the label to the right of the longest bar
    grid[0, 0].set_xlim(min(row.fastest for row in every) / 2, max(row.slowest for row in every) * 6)
    for axes, (machine, job) in zip(grid[:, 0], panels, strict=True):
        _panel(axes, rows(job))
        about = machine["machine"]
        axes.set_title(f"{job['title']}\n{about['processor']}, {about['cores']} cores", loc="left", fontsize=10)
    grid[-1, 0].set_xlabel(
        "seconds per epoch, logarithmic (lower is better)\n"
        "bar: median; line: fastest to slowest epoch\n"
        "in brackets: times the native engine's; *: scaled from fewer images",
        fontsize=9,
    )
    figure.savefig(path)


def _choose_colour(name: str) -> str:
    if name == OWN:
        return BLUE
    return LIGHT if name.startswith("deltarule") else GREY


def _panel(axes: Axes, shown: Sequence[Row]) -> None:
    most = max(row.examples for row in shown)
    labels = [
        f"{row.label} ({row.threads} thread{'s' * (row.threads > 1)}){'*' * (row.examples < most)}" for row in shown
    ]
    seconds = [row.seconds for row in shown]
    spread = [[row.seconds - row.fastest for row in shown], [row.slowest - row.seconds for row in shown]]
    colours = [_choose_colour(row.name) for row in shown]
    axes.barh(labels, seconds, xerr=spread, color=colours, edgecolor="black", linewidth=0.6, error_kw={"lw": 1})
    for y, row in enumerate(shown):
        ratio = "" if row.ratio is None or row.ratio == 1 else f"  ({row.ratio:.1f} ×)"
        axes.annotate(
            f"{row.seconds:#.3g} s{ratio}",
            (row.slowest, y),
            xytext=(5, 0),
            textcoords="offset points",
            va="center",
            fontsize=8.5,
        )
    axes.invert_yaxis()
    axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.tick_params(labelsize=8.5, labelbottom=True)
    axes.spines[["top", "right"]].set_visible(False)
