"""Figures of trial learning rates and their training costs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from deltarule.plotting.style import COLOURS, add_title, new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class EtaTrial(Protocol):
    """The trial of one η; ``last`` is the mean, least and greatest cost in its last steps."""

    @property
    def eta(self) -> float: ...
    @property
    def steps(self) -> Sequence[int]: ...
    @property
    def last(self) -> tuple[float, float, float]: ...
    @property
    def has_diverged(self) -> bool: ...
    @property
    def decreases(self) -> bool: ...


class EtaTrials(Protocol):
    """The trials of several η, such as :func:`deltarule.find_eta` returns."""

    @property
    def trials(self) -> Sequence[EtaTrial]: ...
    @property
    def threshold(self) -> float: ...
    @property
    def recommended_eta(self) -> float: ...


def plot_eta_range(found: EtaTrials, title: str = "") -> Figure:
    """Plot the training cost against the η tried, with the threshold and the recommended η.

    The band reaches from the least to the greatest cost over the seeds. Hollow points mark η at which the cost did not
    fall. Diverged trials are left out.

    >>> from deltarule.training import EtaRange, EtaTrial
    >>> falling = EtaTrial(0.1, tuple(range(6)), ((9.0, 5.0, 4.0, 3.0, 2.0, 1.0),))
    >>> oscillating = EtaTrial(1.0, tuple(range(6)), ((9.0, 5.0, 9.0, 5.0, 9.0, 5.0),))
    >>> figure = plot_eta_range(EtaRange((falling, oscillating)))
    >>> figure.axes[0].get_ylabel()
    'training cost after 5 mini-batches'
    """
    from matplotlib.ticker import LogFormatter

    figure, axes = new_figure(1, 1, (6.2, 4.0))
    tried = [trial for trial in found.trials if not trial.has_diverged]
    etas = [trial.eta for trial in tried]
    mean, least, greatest = zip(*(trial.last for trial in tried), strict=True)
    after = f"training cost after {found.trials[0].steps[-1]} mini-batches"
    axes.set(xscale="log", yscale="log", xlabel="learning rate η", ylabel=after)
    for show in (axes.xaxis.set_major_formatter, axes.yaxis.set_major_formatter, axes.yaxis.set_minor_formatter):
        show(LogFormatter())
    axes.fill_between(etas, least, greatest, color=COLOURS[0], alpha=0.2, linewidth=0)
    axes.plot(etas, mean, color=COLOURS[0])
    for falls, face, name in ((True, COLOURS[0], "falls"), (False, "white", "oscillates")):
        points = [(eta, c) for eta, c, trial in zip(etas, mean, tried, strict=True) if trial.decreases is falls]
        axes.plot(*zip(*points, strict=True) if points else ([], []), "o", color=COLOURS[0], mfc=face, label=name)
    axes.axvline(found.threshold, color=COLOURS[1], label=f"threshold {found.threshold:g}")
    axes.axvline(
        found.recommended_eta, color=COLOURS[2], linestyle="--", label=f"recommended {found.recommended_eta:g}"
    )
    axes.legend(fontsize=9)
    add_title(figure, title)
    return figure
