"""A problem of chapter 4: a round tower from a single hidden layer, built from steps in many directions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

import deltarule as dr
from deltarule.constructions.fixed_network import FixedNetwork
from deltarule.experiments import api as ex
from deltarule.experiments.chapter4.two_inputs import SIDE, build_grid, plot_heatmap
from deltarule.plotting import COLOURS, label_axes, new_figure

GENTLE = 100.0
"""A weight so small that neighbouring steps overlap, which makes the sum smoother than with steep steps."""

SECTION = "Many input variables"
FAR = 0.75
"""A distance from the centre that no point of the unit square exceeds; farther out a tower need not be 0."""

CLEAR = 0.05
"""The distance from the wall of a tower within which points are not counted."""


def build_ridges(at: Sequence[float], heights: Sequence[float], directions: int, w: float = GENTLE,
           centre: tuple[float, float] = (0.5, 0.5)) -> FixedNetwork:  # fmt: skip
    """Build steps of t = u · (x − centre) at the positions ``at``, averaged over evenly spread directions u.

    A step in the direction u is a hidden neuron with the weights w u.

    Args:
        at: The positions of the steps along each direction.
        heights: The height of each step.
        directions: The number of directions.
        w: The weight that makes the steps steep.
        centre: The point from which the positions are counted.

    Raises:
        InvalidArgument: ``directions`` is below 1.
    """
    if directions < 1:
        raise dr.errors.InvalidArgument(
            argument="directions", value=directions, expected="a whole number of at least 1"
        )
    angles = 2 * np.pi * np.arange(directions) / directions
    u = np.column_stack([np.cos(angles), np.sin(angles)])
    first = np.repeat(u, len(at), axis=0)
    places = np.tile(np.asarray(at, dtype=np.float64), directions) + first @ np.asarray(centre)
    network = dr.Network([dr.Dense(len(places)), dr.Sigmoid(), dr.Dense(1)], dr.Quadratic(dr.Linear()), (2,))
    out = np.tile(np.asarray(heights, dtype=np.float64), directions)[None, :] / directions
    return FixedNetwork(network, [{"w": w * first, "b": -w * places}, {}, {"w": out, "b": np.zeros(1)}])


def build_plain_tower(r: float, directions: int, w: float = GENTLE) -> FixedNetwork:
    """Build a tower from one downward step in each direction, at the distance r: inside, all steps are up.

    Far outside half of the steps are still up, so the sum is scaled from the range ½ to 1 to the range 0 to 1.
    """
    steps = build_ridges([r], [-2.0], directions, w)
    return FixedNetwork(steps.network, [*steps.params[:-1], {**steps.params[-1], "b": np.ones(1)}])


def build_filtered_tower(r: float, directions: int, rings: int, w: float = GENTLE) -> FixedNetwork:
    """Build a tower from several steps in each direction, whose sum is 0 outside: the inverse Radon transform of a disc.

    The average over all directions of g(t), with g = 1 for |t| < r and g = 1 − |t| / √(t² − r²) beyond, is
    1 inside the circle and 0 outside. Here g is a staircase of ``rings`` steps; each step has the mean of g
    over its interval (Carroll and Dickinson, 1989).

    >>> build_filtered_tower(0.25, directions=60, rings=10)([[0.5, 0.5], [0.5, 0.9]]).round(1).tolist()
    [1.0, 0.0]
    """
    t = r + (FAR - r) * (np.arange(rings + 1) / rings) ** 1.5  # g is steepest at r
    mean = 1 - np.diff(np.sqrt(t**2 - r**2)) / np.diff(t)
    g = np.concatenate([[1.0], mean])  # before t[0], then after each t but the last
    heights = 2 * np.diff(g)  # twice, since t and −t belong to opposite directions
    steps = build_ridges(t[:-1].tolist(), heights.tolist(), directions, w)
    return FixedNetwork(steps.network, [*steps.params[:-1], {**steps.params[-1], "b": np.ones(1)}])


def measure(config: ex.Config) -> ex.Measured:
    """Compare the tower with the disc on the unit square, away from the wall."""
    r, n = config["r"], config["directions"]
    tower = (
        build_filtered_tower(r, n, config["rings"], config["w"])
        if config["filtered"]
        else build_plain_tower(r, n, config["w"])
    )
    points = build_grid(64)
    distance = np.hypot(*(points - 0.5).T)
    deviation = np.abs(tower(points) - (distance < r))
    counted = np.abs(distance - r) > CLEAR
    cut = np.column_stack([np.linspace(0, 1, 301), np.full(301, 0.5)])
    return ex.Measured(
        {
            "a tower": bool(deviation[counted].mean() < 0.02),
            "deviation beside the wall": float(deviation[counted].mean()),
            "largest deviation beside the wall": float(deviation[counted].max()),
            "hidden neurons": tower.params[0]["b"].size,
        },
        {
            "surface": ex.round_all(tower(build_grid(SIDE))),
            "x": ex.round_all(cut[:, 0]),
            "cut": ex.round_all(tower(cut)),
        },
    )


def plot(result: ex.Result) -> ex.Figure:
    """Plot each tower from above, and cross-sections through the centres."""
    names = result.variants
    figure, panels = new_figure(1, len(names) + 1, (7.4, 3.2))
    for axes, name in zip(panels[:-1], names, strict=True):
        plot_heatmap(axes, result.first(name).series["surface"], 0, 1, name)
        axes.title.set_fontsize(10)
    bar = figure.colorbar(panels[0].images[0], ax=list(panels[:-1]), location="bottom", shrink=0.5, aspect=30)
    bar.outline.set_visible(False)
    right, r = panels[-1], result.first(names[0]).settings["r"]
    right.plot([0, 0.5 - r, 0.5 - r, 0.5 + r, 0.5 + r, 1], [0, 0, 1, 1, 0, 0], color="#999999", lw=3.5, alpha=0.5)
    for i, name in enumerate(names):
        one = result.first(name)
        look = {"color": COLOURS[i], "linestyle": ("-", "--")[i % 2], "linewidth": 1.2}
        right.plot(one.series["x"], one.series["cut"], label=f"{one.figures['hidden neurons']:g} neurons", **look)
    right.set_ylim(-0.25, 1.6)
    label_axes(right, "x, at y = 0.5", "output", legend={"fontsize": 8, "loc": "upper center"})
    return figure


ROUND_TOWER = (
    ex.Experiment(
        id="ch4/round-tower",
        title="A round tower from one hidden layer",
        section=SECTION,
        shows="Steps in many directions add up to a round tower, so one hidden layer is enough. With one step in each "
        "direction, the sum falls only slowly outside the tower. With more steps in each direction, the sum is "
        "0 outside. The heights of these steps are chosen as in tomography, which computes an image from its "
        "projections in many directions.",
        measure=measure,
        plot=plot,
        settings={"r": 0.25, "directions": 60, "rings": 10, "w": 100},
        variants={"one step a direction": {"filtered": False}, "10 steps a direction": {"filtered": True}},
        published=(
            ex.Published(
                "steps in many directions approximate a round tower",
                "a tower",
                True,
                "chapter 4, problem on a single hidden layer",
                "10 steps a direction",
            ),
        ),
        quick=ex.Quick(
            expected=(ex.Published("a round tower", "a tower", True, variant="10 steps a direction"),),
            defect={"filtered": False},
        ),
        seeds=1,
        remark="The sum counts as a tower if its mean deviation from the disc is below 0.02, without points nearer than "
        "0.05 to the wall. The book leaves the proof to the reader.",
    ),
)
