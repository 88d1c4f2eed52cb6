"""A question split into smaller ones, down to single pixels, and answered by neurons whose weights are set by hand.

Chapter 1, "Toward deep learning", asks so whether an image shows a face. Here it is whether a digit is a 0: is there
a stroke above, at the right, below and at the left, and is the middle empty? Each stroke in turn is asked for in
three places, and only those first questions look at pixels.
"""

from __future__ import annotations

import numpy as np

from deltarule.core.network import Network
from deltarule.core.trees import Tree
from deltarule.experiments import api as ex
from deltarule.plotting import COLOURS, label_axes

SIDES = ("above", "right", "below", "left")
SURE = 20.0
"""How far the sigmoid of a question goes towards a yes or no: the factor of its weights and bias."""


def regions(sectors: int = 12) -> np.ndarray:
    """Where the first questions look, (sectors + 1, 28, 28): pieces of a ring, clockwise from the top; the middle."""
    down, right = np.mgrid[:28, :28] - 13.5
    distance = np.hypot(right / 8.5, down / 10.5)  # 1 on the ellipse that a 0 is
    turn = (np.degrees(np.arctan2(right, -down)) + 360 / sectors * 1.5) % 360
    wedges = [(distance > 0.5) & (distance < 1.5) & (turn // (360 / sectors) == k) for k in range(sectors)]
    return np.stack([*wedges, distance < 0.28]).astype(float)


def network_by_hand(config: ex.Config) -> tuple[Network, Tree]:
    """784 pixels, 13 first questions, 5 composed of them, and the answer."""
    looks = regions().reshape(13, 784)
    some, empty, of_three, of_five = config["some ink"], config["empty"], config["of three"], config["of five"]
    ink = np.where(np.arange(13) < 12, 1.0, -1.0)  # for the middle, ink speaks against
    ask = {"w": SURE * ink[:, None] * looks, "b": SURE * np.where(np.arange(13) < 12, -some, empty)}
    strokes = np.repeat(np.eye(5), 3, axis=1)[:, :13]  # three wedges make a stroke, and the middle is alone
    compose = {"w": SURE * strokes, "b": SURE * np.asarray([0.5 - of_three] * 4 + [-0.5])}
    answer = {"w": SURE * config["sign"] * np.ones((1, 5)), "b": SURE * np.asarray([0.5 - of_five])}
    return Network.dense([784, 13, 5, 1], "quadratic"), [ask, {}, compose, {}, answer]


def by_hand(config: ex.Config) -> ex.Measured:
    """What the network of questions says to the test images; nothing was learned."""
    _, _, test = ex.load_images(config)
    network, params = network_by_hand(config)
    x = test.reshape_x((784,)) / test.scale
    yes, zero = network.outputs(params, x)[:, 0] >= 0.5, test.y == 0
    _, caches = network.forward(params, x)
    strokes = caches[3][1] > 0.5  # what the five composed questions answer
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
def plot_by_hand(result: ex.Result, left: ex.Axes, middle: ex.Axes, right: ex.Axes) -> None:
    """Where the questions look, how often each is answered yes for each digit, and what is called a zero."""
    run = result.first()
    left.imshow(np.asarray(run.series["mean zero"]).reshape(28, 28), cmap="gray_r", vmax=160)
    for k, region in enumerate(regions()):
        side = 4 if k == 12 else k // 3
        left.contour(region, levels=[0.5], colors=COLOURS[side], linewidths=1.1, linestyles="--" if k == 12 else "-")
        down, across = np.argwhere(region > 0).mean(axis=0)
        left.text(across, down, "?", ha="center", va="center", fontsize=8, color=COLOURS[side], fontweight="bold")
    left.axis("off")
    left.set_title("the first questions: is there ink?", fontsize=9.5)
    answers = np.asarray(run.series["answers"]).T
    middle.imshow(answers, cmap="Blues", vmin=0, vmax=130, aspect="auto")
    for (i, j), share in np.ndenumerate(answers):
        middle.text(j, i, f"{share:.0f}", ha="center", va="center", fontsize=7)
    middle.set_xticks(range(10))
    middle.set_yticks(range(5), [*(f"stroke {side}" for side in SIDES), "middle empty"], fontsize=8.5)
    middle.grid(visible=False)
    label_axes(middle, "digit", "")
    middle.set_title("% that say yes to the composed ones", fontsize=9.5)
    right.bar(range(10), run.series["called zero"], color=[COLOURS[0], *["#999999"] * 9])
    right.set(xticks=range(10), ylim=(0, 100))
    right.grid(axis="x", visible=False)
    label_axes(right, "digit", "called a zero, in %")


ROUGH = (
    ex.Published("questions split into smaller ones answer the whole, if roughly: better than always no",
              "better than always no", True, "chapter 1, 'Toward deep learning'"),
)  # fmt: skip

HAND_BUILT = (
    ex.Experiment(
        id="ch1/hand-built",
        title="A network built by hand: is it a zero?",
        section="Toward deep learning",
        shows="The question whether a digit is a 0 is split into five, and four of these into three each, which "
        "single neurons answer from the pixels. "
        "No weight was learned; it works roughly, and where it fails one can say which question was answered wrongly.",
        measure=by_hand,
        plot=plot_by_hand,
        settings={"some ink": 1.0, "empty": 4.0, "of three": 3, "of five": 5, "sign": 1.0},
        published=ROUGH,
        quick=ex.Quick(
            {"data": "any", "n_test": 2000},
            (*ROUGH, ex.Published("zeros found", "zeros found", 40.0, unit="%", relation="at least")),
            defect={"sign": -1.0},
        ),
        seeds=1,
        remark="The thresholds, how much ink is a stroke and how little is empty, were chosen on training images.",
    ),
)
