"""Ten points near a line: a polynomial that passes through all of them, and the line itself."""

from __future__ import annotations

import numpy as np
from numpy.polynomial import Polynomial

from deltarule.experiments import api as ex
from deltarule.plotting import COLOURS, label_axes

INSIDE, BEYOND = (0.5, 5.0), (0.25, 5.25)
"""Where the ten points are, and where the next ones may be."""


def measure(config: ex.Config) -> ex.Measured:
    """Fits both to ten points y = 2x + noise, and asks both for a thousand more points of the same kind."""
    rng = np.random.default_rng(config.seed)
    x = np.linspace(*INSIDE, 10)
    y = 2 * x + rng.normal(0, config["noise"], 10)
    line, polynomial = (Polynomial.fit(x, y, degree) for degree in (1, config["degree"]))
    new_x = rng.uniform(*BEYOND, 1000)
    new_y = 2 * new_x + rng.normal(0, config["noise"], 1000)

    def miss(curve: Polynomial, at: np.ndarray, wanted: np.ndarray) -> float:
        return float(np.sqrt(np.mean((curve(at) - wanted) ** 2)))

    smooth = np.linspace(*BEYOND, 201)
    return ex.Measured(
        {
            "polynomial misses the ten": miss(polynomial, x, y),
            "passes through all": miss(polynomial, x, y) < 1e-6,
            "line misses the ten": miss(line, x, y),
            "polynomial misses new ones": miss(polynomial, new_x, new_y),
            "line misses new ones": miss(line, new_x, new_y),
            "line predicts better": miss(line, new_x, new_y) < miss(polynomial, new_x, new_y),
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
    """The ten points with both curves, and how far both are from the points and from new ones."""
    from matplotlib.ticker import LogLocator

    series = result.first().series
    left.plot(*series["points"], "o", color="black", zorder=3)
    right.set(yscale="log", xlim=(-0.6, 1.6))
    for i, (name, degree) in enumerate((("line", "line"), ("polynomial", "ninth order"))):
        left.plot(series["x"], series[name], color=COLOURS[i], linestyle=("-", "--")[i], label=degree)
        for k, kind in enumerate(("the ten", "new ones")):
            missed = np.maximum(result.figures(f"{name} misses {kind}"), 1e-6)
            at = np.full(len(missed), k + 0.15 * (2 * i - 1))
            right.plot(at, missed, ("o", "s")[i], color=COLOURS[i], label=degree if not k else None)
    left.set_ylim(-1, 12.5)
    right.set_xticks([0, 1], ["the ten\npoints", "a thousand\nnew ones"])
    right.yaxis.set_major_locator(LogLocator(numticks=8))
    label_axes(left, "x", "y", "Ten points near y = 2x")
    label_axes(right, "", "mean distance (≥ 10⁻⁶)", f"{len(result.of())} draws of noise", legend=False)


POLYNOMIAL = ex.Experiment(
    id="ch3/polynomial",
    title="Ten points: a ninth-order polynomial or a line",
    section="Why does regularization help reduce overfitting?",
    shows="A polynomial of ninth order passes through ten noisy points exactly, a line misses each by a little. "
    "For new points, among the old and just beyond them, the line is right and the polynomial is far off.",
    measure=measure,
    plot=plot,
    settings={"degree": 9, "noise": 0.4},
    published=(
        ex.Published("the polynomial passes through all ten points", "passes through all", True, "chapter 3, the figure"),
        ex.Published("the line predicts new points better", "line predicts better", True,
                  "chapter 3, 'Why does regularization help reduce overfitting?'"),
    ),
    quick=ex.Quick(
        expected=(
            ex.Published("the polynomial passes through all ten points", "passes through all", True),
            ex.Published("the line predicts new points better", "line predicts better", True),
        ),
        defect={"degree": 3},
    ),
    seeds=10,
    remark="The book's ten points are in its figure alone; ours are 2x with noise of 0.4, drawn anew for each seed.",
)  # fmt: skip
