"""Ten points near a line, fitted by a ninth-order polynomial and by a line."""

from __future__ import annotations

import numpy as np
from numpy.polynomial import Polynomial

from deltarule.experiments import api as ex
from deltarule.plotting import COLOURS, label_axes

INSIDE, BEYOND = (0.5, 5.0), (0.25, 5.25)
"""The interval of the ten points, and the interval of the new points."""


def measure(config: ex.Config) -> ex.Measured:
    """Fit both curves to ten points y = 2x + noise, and measure their errors on a thousand new points."""
    rng = np.random.default_rng(config.seed)
    x = np.linspace(*INSIDE, 10)
    y = 2 * x + rng.normal(0, config["noise"], 10)
    line, polynomial = (Polynomial.fit(x, y, degree) for degree in (1, config["degree"]))
    new_x = rng.uniform(*BEYOND, 1000)
    new_y = 2 * new_x + rng.normal(0, config["noise"], 1000)

    def rms_error(curve: Polynomial, at: np.ndarray, goal: np.ndarray) -> float:
        return float(np.sqrt(np.mean((curve(at) - goal) ** 2)))

    smooth = np.linspace(*BEYOND, 201)
    return ex.Measured(
        {
            "polynomial misses the ten": rms_error(polynomial, x, y),
            "passes through all": rms_error(polynomial, x, y) < 1e-6,
            "line misses the ten": rms_error(line, x, y),
            "polynomial misses new ones": rms_error(polynomial, new_x, new_y),
            "line misses new ones": rms_error(line, new_x, new_y),
            "line predicts better": rms_error(line, new_x, new_y) < rms_error(polynomial, new_x, new_y),
            "slope": float(line.deriv()(0.0)),
        },
        {
            "points": [ex.round_all(x), ex.round_all(y)],
            "x": ex.round_all(smooth),
            "line": ex.round_all(line(smooth)),
            "polynomial": ex.round_all(polynomial(smooth)),
        },
    )


@ex.with_panels(1, 2, (6.4, 3.3), width_ratios=(3, 2))
def plot(result: ex.Result, left: ex.Axes, right: ex.Axes) -> None:
    """Plot the ten points with both curves, and the errors of both on these points and on new points."""
    from matplotlib.ticker import LogLocator

    series = result.first().series
    left.plot(*series["points"], "o", color="black", zorder=3)
    right.set(yscale="log", xlim=(-0.6, 1.6))
    for i, (name, degree) in enumerate((("line", "line"), ("polynomial", "ninth-order polynomial"))):
        left.plot(series["x"], series[name], color=COLOURS[i], linestyle=("-", "--")[i], label=degree)
        for k, kind in enumerate(("the ten", "new ones")):
            errors = np.maximum(result.figures(f"{name} misses {kind}"), 1e-6)
            at = np.full(len(errors), k + 0.15 * (2 * i - 1))
            right.plot(at, errors, ("o", "s")[i], color=COLOURS[i], label=degree if not k else None)
    left.set_ylim(-1, 12.5)
    right.set_xticks([0, 1], ["the ten\npoints", "a thousand\nnew points"])
    right.yaxis.set_major_locator(LogLocator(numticks=8))
    label_axes(left, "x", "y", "Ten points near y = 2x")
    label_axes(
        right, "", "root-mean-square error (≥ 10⁻⁶)", f"{len(result.runs_of())} draws of the noise", legend=False
    )


POLYNOMIAL = ex.Experiment(
    id="ch3/polynomial",
    title="A ninth-order polynomial or a line through ten points",
    section="Why does regularization help reduce overfitting?",
    shows="A ninth-order polynomial passes exactly through ten noisy points; a line misses each of them by a little. "
    "For new points, between the old ones and just beyond them, the line is close and the polynomial is far off.",
    measure=measure,
    plot=plot,
    settings={"degree": 9, "noise": 0.4},
    published=(
        ex.Published("the polynomial passes through all ten points", "passes through all", True, "chapter 3, figure of "
                                                                                                 "the ten points", exact=True),
        ex.Published("the line predicts new points better", "line predicts better", True,
                  "chapter 3, 'Why does regularization help reduce overfitting?'", beats=("polynomial misses new ones", "line misses new ones")),
    ),
    quick=ex.Quick(
        expected=(
            ex.Published("the polynomial passes through all ten points", "passes through all", True),
            ex.Published("the line predicts new points better", "line predicts better", True),
        ),
        defect={"degree": 3},
    ),
    seeds=10,
    remark="The book gives its ten points only as a figure. Ours are 2x plus Gaussian noise of standard deviation 0.4, "
    "drawn anew for each seed.",
)  # fmt: skip
