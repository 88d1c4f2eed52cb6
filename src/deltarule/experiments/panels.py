"""Figures of results: a function that draws on axes becomes one that makes the figure around them."""

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
    """Give a function that draws a result new axes to draw on, row by row, and return their figure.

    The arguments are those of :func:`deltarule.plotting.new_figure`; None columns are one for each variant.
    """

    def decorate(draw: Callable[..., None]) -> Callable[..., Figure]:
        @wraps(draw)
        def plot(result: Result, **settings: Any) -> Figure:
            figure, axes = new_figure(rows, len(result.variants) if columns is None else columns, size, **more)
            draw(result, *np.ravel(axes), **settings)
            return figure

        return plot

    return decorate
