"""A network with hand-set weights that splits a question into smaller ones, down to single pixels.

Chapter 1, "Toward deep learning", splits the question if an image shows a face. Here the question is if a digit is a 0:
is there a stroke at the top, on the right, at the bottom and on the left, and is the middle empty? Each stroke is split
into three places. Only the neurons of this first layer read pixels.
"""

from __future__ import annotations

import numpy as np

from deltarule.core.network import Network
from deltarule.core.trees import Tree
from deltarule.experiments import api as ex
from deltarule.plotting import COLOURS, label_axes

SIDES = ("above", "right", "below", "left")
SURE = 20.0
"""The factor of all weights and biases: the larger, the closer the sigmoid is to a step."""


def build_regions(sectors: int = 12) -> np.ndarray:
    """Build masks (sectors + 1, 28, 28): the parts of a ring, clockwise from the top, and the middle."""
    down, right = np.mgrid[:28, :28] - 13.5
    distance = np.hypot(right / 8.5, down / 10.5)  # 1 on the ellipse of a 0
    turn = (np.degrees(np.arctan2(right, -down)) + 360 / sectors * 1.5) % 360
    wedges = [(distance > 0.5) & (distance < 1.5) & (turn // (360 / sectors) == k) for k in range(sectors)]
    return np.stack([*wedges, distance < 0.28]).astype(float)


def build_network(config: ex.Config) -> tuple[Network, Tree]:
    """Build the network: 784 pixels, 13 first neurons, 5 neurons that combine them, and the output."""
    looks = build_regions().reshape(13, 784)
    some, empty, of_three, of_five = config["some ink"], config["empty"], config["of three"], config["of five"]
    ink = np.where(np.arange(13) < 12, 1.0, -1.0)  # ink in the middle is evidence against a 0
    ask = {"w": SURE * ink[:, None] * looks, "b": SURE * np.where(np.arange(13) < 12, -some, empty)}
    strokes = np.repeat(np.eye(5), 3, axis=1)[:, :13]  # three parts make a stroke; the middle is a single part
    compose = {"w": SURE * strokes, "b": SURE * np.asarray([0.5 - of_three] * 4 + [-0.5])}
    answer = {"w": SURE * config["sign"] * np.ones((1, 5)), "b": SURE * np.asarray([0.5 - of_five])}
    return Network.dense([784, 13, 5, 1], "quadratic"), [ask, {}, compose, {}, answer]


def measure(config: ex.Config) -> ex.Measured:
    """Measure the accuracy of the untrained network on the test images."""
    _, _, test = ex.load_images(config)
    network, params = build_network(config)
    x = test.reshape_x((784,)) / test.white
    yes, zero = network.outputs(params, x)[:, 0] >= 0.5, test.y == 0
    _, caches = network.forward(params, x)
    strokes = caches[3][1] > 0.5  # the answers of the five combining neurons
    return ex.Measured(
        {
            "accuracy": round(float(100 * (yes == zero).mean()), 4),
            "zeros found": round(float(100 * yes[zero].mean()), 2),
            "right when it says zero": round(float(100 * zero[yes].mean()), 2) if yes.any() else 0.0,
            "better than always no": bool((yes == zero).mean() > 1 - zero.mean()),
        },
        {
            "called zero": ex.round_all([100 * yes[test.y == digit].mean() for digit in range(10)]),
            "answers": [ex.round_all(100 * strokes[test.y == digit].mean(axis=0)) for digit in range(10)],
            "mean zero": ex.round_all((x[zero].mean(axis=0) * 99).round()),
        },
    )


@ex.with_panels(1, 3, (9.0, 3.4), width_ratios=(1, 1.25, 1.15))
def plot(result: ex.Result, left: ex.Axes, middle: ex.Axes, right: ex.Axes) -> None:
    """Plot the regions of the first neurons, the answers of the second layer and the final answers for each digit."""
    run = result.first()
    left.imshow(np.asarray(run.series["mean zero"]).reshape(28, 28), cmap="gray_r", vmax=160)
    for k, region in enumerate(build_regions()):
        side = 4 if k == 12 else k // 3
        left.contour(region, levels=[0.5], colors=COLOURS[side], linewidths=1.1, linestyles="--" if k == 12 else "-")
        down, across = np.argwhere(region > 0).mean(axis=0)
        left.text(across, down, "?", ha="center", va="center", fontsize=8, color=COLOURS[side], fontweight="bold")
    left.axis("off")
    left.set_title("first layer: is there ink?", fontsize=9.5)
    answers = np.asarray(run.series["answers"]).T
    middle.imshow(answers, cmap="Blues", vmin=0, vmax=130, aspect="auto")
    for (i, j), percent in np.ndenumerate(answers):
        middle.text(j, i, f"{percent:.0f}", ha="center", va="center", fontsize=7)
    middle.set_xticks(range(10))
    middle.set_yticks(range(5), [*(f"stroke {side}" for side in SIDES), "middle empty"], fontsize=8.5)
    middle.grid(visible=False)
    label_axes(middle, "digit", "")
    middle.set_title("second layer: yes, in %", fontsize=9.5)
    right.bar(range(10), run.series["called zero"], color=[COLOURS[0], *["#999999"] * 9])
    right.set(xticks=range(10), ylim=(0, 100))
    right.grid(axis="x", visible=False)
    label_axes(right, "digit", "classified as zero, in %")


ROUGH = (
    ex.Published("the network is more accurate than always answering no",
              "better than always no", True, "chapter 1, 'Toward deep learning'"),
)  # fmt: skip

HAND_BUILT = (
    ex.Experiment(
        id="ch1/hand-built",
        title="A network built by hand: is it a zero?",
        section="Toward deep learning",
        shows="The question “is this a 0?” is split into five smaller questions, and four of these into three each. "
        "Single neurons answer the smallest questions from the pixels. No weight is trained. The network is only "
        "roughly right, but each mistake can be traced to a question with a wrong answer.",
        measure=measure,
        plot=plot,
        settings={"some ink": 1.0, "empty": 4.0, "of three": 3, "of five": 5, "sign": 1.0},
        published=ROUGH,
        quick=ex.Quick(
            {"data": "any", "n_test": 2000},
            (*ROUGH, ex.Published("zeros found", "zeros found", 40.0, unit="%", relation="at least")),
            defect={"sign": -1.0},
        ),
        seeds=1,
        remark="The thresholds (how much ink makes a stroke, how little counts as empty) were chosen on training "
        "images.",
    ),
)
