"""Several digits in one picture: trial segmentations, scored by a classifier of their pieces."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

import deltarule as dr
from deltarule.digit_strings import evaluate_reader, segment, synthesize_strings, train_reader
from deltarule.digit_strings.synthesis import compose_row
from deltarule.digit_strings.training import PLAN
from deltarule.experiments import api as ex
from deltarule.models.predictor import Predictor
from deltarule.plotting import COLOURS, label_axes
from deltarule.recipes.recipe import Output, Recipe

SECTION = "A simple network to classify handwritten digits"
BOOKS = (5, 0, 4, 1, 9, 2)
"""The digits of the book's picture: the first six training images."""

KINDS = ("separate", "touching")


def build_recipe(config: ex.Config) -> Recipe:
    """Build the recipe of the reader's networks, or for the miniature of one with a hidden layer."""
    if not config["hidden"]:
        return PLAN.for_epochs(config["epochs"])
    layers: list[dr.Layer | Output] = [dr.Dense(config["hidden"]), dr.ReLU(), Output()]
    plain = replace(PLAN.training, augmentation=None)
    return replace(PLAN, layers=layers, training=plain).for_epochs(config["epochs"])


def measure(config: ex.Config) -> ex.Measured:
    """Train networks to tell digits from other shapes, and measure how well they read pictures of 2 to 10 digits."""
    train, _, test = ex.load_images(config)
    model = train_reader(train, config.seed, config["rows"], build_recipe(config), config["members"])
    least, most = config["lengths"]
    found = evaluate_reader(
        model, synthesize_strings(test, config["pictures"], config["pictures' seed"], range(least, most + 1))
    )
    text, example = read_book_picture(model, train)
    return ex.Measured(
        {
            "separate, chosen length": round(100 * found["separate"]["lengths"][str(config["asked"])]["rate"], 2),
            "the book's digits": text == "".join(map(str, BOOKS)),
            **{f"{kind}, all lengths": round(100 * found[kind]["all"]["rate"], 2) for kind in KINDS},
            **{f"{kind}, digits wrong": round(100 * found[kind]["digit_error"], 2) for kind in KINDS},
        },
        {
            **{
                kind: {
                    n: ex.round_all([100 * one["rate"], 100 * one["low"], 100 * one["high"]])
                    for n, one in found[kind]["lengths"].items()
                }
                for kind in KINDS
            },
            "example": example,
        },
    )


def read_book_picture(model: Predictor, train: dr.Dataset) -> tuple[str, dict[str, Any]]:
    """Read the book's 504192, composed of training images: return the text, and the ink and cuts for the plot."""
    first = [int(np.flatnonzero(train.y == digit)[0]) for digit in BOOKS]
    row = compose_row(train.x[first] / train.white, BOOKS, (False,) * 5, np.random.default_rng(1))
    edge = row.ink.shape[0] // 3
    tried = segment(np.rint(255 - 225 * np.pad(row.ink, edge)).astype(np.uint8), model)
    if tried is None:
        return "", {}
    cuts, way = tried.pieces.cuts, tried.ways[0]
    used = sorted({int(cut) for cut in np.asarray(tried.lattice.edges)[list(way.edges)].reshape(-1)})
    ink = np.clip(np.rint(15 * cuts.ink / cuts.ink.max()), 0, 15).astype(int)
    text = tried.to_reading().text
    return text, {
        "ink": ["".join(f"{value:x}" for value in line) for line in ink],
        "trial": [np.rint(path[::4]).astype(int).tolist() for path in cuts.paths],
        "used": used,
        "text": text,
    }


@ex.with_panels(2, 1, (6.6, 4.8), height_ratios=(1, 1.9))
def plot(result: ex.Result, above: ex.Axes, below: ex.Axes) -> None:
    """Plot the cuts of the book's picture, and the percentage of pictures read correctly by the number of digits."""
    run = result.first()
    above.axis("off")
    if example := run.series["example"]:
        ink = np.asarray([[int(value, 16) for value in line] for line in example["ink"]])
        above.imshow(ink, cmap="gray_r", vmax=17)
        for k, path in enumerate(example["trial"]):
            used = k in example["used"]
            x, y = np.asarray(path) - 0.5, 4 * np.arange(len(path))
            above.plot(x, y, color=COLOURS[0] if used else "#aaaaaa", lw=1.5 if used else 0.4)
        above.set_title(
            f"{len(example['trial'])} trial cuts (blue: the chosen ones), read as {example['text']}", fontsize=10
        )
    for i, kind in enumerate(KINDS):
        every = result.series(kind)
        lengths = sorted(map(int, every[0]))
        mean = np.mean([[one[str(n)][0] for n in lengths] for one in every], axis=0)
        low, high = (np.mean([[one[str(n)][k] for n in lengths] for one in every], axis=0) for k in (1, 2))
        at = np.asarray(lengths) + (-0.08, 0.08)[i]
        below.errorbar(at, mean, (mean - np.minimum(low, mean), np.maximum(high, mean) - mean), color=COLOURS[i],
                       marker="os"[i], ms=5, lw=1.2, elinewidth=0.8, capsize=2.5, linestyle=("-", "--")[i],
                       label="separate digits" if i == 0 else "some digits touch")  # fmt: skip
    below.set(ylim=(None, 102), xticks=lengths)
    label_axes(below, "digits in the picture", "pictures read correctly in %", legend={"loc": "lower left"})


SOURCE = f"chapter 1, '{SECTION}'"
SEGMENTATION = (
    ex.Experiment(
        id="ch1/segmentation",
        title="Reading several digits",
        section=SECTION,
        shows="A picture of several digits is cut in many ways, and networks estimate how much each piece looks like a "
        "digit. The segmentation with the best total score is usually right. The number of digits is not given.",
        measure=measure,
        plot=plot,
        settings={
            "rows": 3500, "epochs": 3, "members": 3, "hidden": 0,
            "pictures": 500, "pictures' seed": 0, "lengths": [2, 10], "asked": 6,
        },
        published=(
            ex.Published("trial cuts with a classifier work quite well: pictures of six separate digits read correctly",
                         "separate, chosen length", 90.0, SOURCE, unit="%", relation="at least", criterion=True),
            ex.Published("504192, the book's picture, is read correctly", "the book's digits", True, SOURCE),
        ),
        quick=ex.Quick(
            {"data": "any", "n_train": 1200, "n_test": 300, "rows": 40, "epochs": 12, "members": 1, "hidden": 40,
             "pictures": 12, "lengths": [2, 3], "asked": 2},
            (ex.Published("misclassified digits in pictures of separate digits", "separate, digits wrong", 65.0, unit="%",
                       relation="at most"),),
        ),
        seeds=3,
        minutes=6,
        remark="The pictures are composed of test images; in every second one some digits touch. The vertical bars are "
        "95 % confidence intervals. The book's picture consists of six training images. An eleventh output means “no "
        "digit”: without it a network is confident even for half a digit. Only 28 of the pictures have six separate "
        "digits. The built-in reader read 96.0 % of 200 further pictures fully correctly (docs/segmentation.md).",
    ),
)  # fmt: skip
