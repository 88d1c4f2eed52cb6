"""A decorator that gives a drawing function a new figure."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any

import numpy as np

from deltarule.experiments.result import Result
from deltarule.plotting import new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def with_panels(
    rows: int = 1, columns: int | None = 1, size: tuple[float, float] = (6.4, 3.9), **more: Any
) -> Callable[[Callable[..., None]], Callable[..., Figure]]:
    """Turn a function that draws a result on given axes into a function that also creates them.

    The new function creates the axes, draws on them, and returns the figure.

    The axes are passed row by row. The arguments are those of :func:`deltarule.plotting.new_figure`;
    ``columns=None`` makes one column for each variant.

    >>> @with_panels(1, 2)
    ... def plot(result, left, right):
    ...     left.plot(result.series("cost")[0])
    >>> from deltarule.experiments.result import Run
    >>> len(plot(Result("ch1/coin", (Run("", 1, {}, series={"cost": [2, 1]}),))).axes)
    2
    """

    def decorate(draw: Callable[..., None]) -> Callable[..., Figure]:
        @wraps(draw)
        def plot(result: Result, **settings: Any) -> Figure:
            figure, axes = new_figure(rows, len(result.variants) if columns is None else columns, size, **more)
            draw(result, *np.ravel(axes), **settings)
            return figure

        return plot

    return decorate
