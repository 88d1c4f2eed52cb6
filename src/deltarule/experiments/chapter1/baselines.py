"""Baselines for the networks: guessing, the darkness of an image, and support vector machines."""

from __future__ import annotations

from typing import Any

import numpy as np

from deltarule.data.dataset import Dataset
from deltarule.errors import require_extra
from deltarule.experiments import api as ex
from deltarule.plotting import COLOURS, label_axes

SECTION = "Implementing our network to classify digits"
SOURCE = f"chapter 1, '{SECTION}'"
CACHE = 2000
"""The kernel cache of a support vector machine in megabytes; it affects only the time."""


def to_rows(dataset: Dataset) -> np.ndarray:
    """Return the images as rows of 784 numbers from 0 to 1."""
    return dataset.reshape_x((784,)).astype(np.float64) / dataset.white


def guess(train: Dataset, test: Dataset, config: ex.Config) -> np.ndarray:
    """Draw a random digit for each image."""
    return np.random.default_rng(config.seed).integers(0, 10, len(test))


def sum_pixels(dataset: Dataset) -> np.ndarray:
    """Sum the pixels of each image."""
    return np.asarray(to_rows(dataset).sum(axis=1))


def compute_mean_darkness(dataset: Dataset) -> np.ndarray:
    """Compute the mean darkness of each digit."""
    dark = sum_pixels(dataset)
    return np.asarray([dark[dataset.y == digit].mean() for digit in range(10)])


def classify_by_darkness(train: Dataset, test: Dataset, config: ex.Config) -> np.ndarray:
    """Choose the digit whose mean darkness in the training images is nearest."""
    return np.asarray(np.abs(sum_pixels(test)[:, None] - compute_mean_darkness(train)).argmin(axis=1))


def fit_svm(train: Dataset, c: float = 1.0, gamma: float | str = "auto") -> Any:
    """Train a support vector machine with the Gaussian kernel exp(−γ ‖x − x′‖²); γ "auto" is 1/784."""
    with require_extra("experiments", "a support vector machine"):
        from sklearn.svm import SVC

    return SVC(C=c, gamma=gamma, cache_size=CACHE).fit(to_rows(train), train.y)


def classify_by_svm(train: Dataset, test: Dataset, config: ex.Config) -> np.ndarray:
    """Classify by a support vector machine with default settings."""
    return np.asarray(fit_svm(train, gamma=scale_gamma(config)).predict(to_rows(test)))


def scale_gamma(config: ex.Config) -> float:
    """Return the default γ, 1/784, for pixels that are divided by the setting ``divisor`` in place of 255."""
    return float((255 / config["divisor"]) ** 2 / 784)


METHODS = {"random": guess, "darkness": classify_by_darkness, "svm": classify_by_svm}


def measure_baseline(config: ex.Config) -> ex.Measured:
    """Measure the test accuracy of a method, in total and for each digit."""
    train, _, test = ex.load_images(config)
    right = METHODS[config["method"]](train, test, config) == test.y
    each = [float(100 * right[test.y == digit].mean()) for digit in range(10)]
    return ex.Measured(
        {"test accuracy": round(float(100 * right.mean()), 4)},
        {"each digit": ex.round_all(each), "mean darkness": ex.round_all(compute_mean_darkness(train))},
    )


@ex.with_panels(1, 2, (7.0, 3.4))
def plot_baselines(result: ex.Result, left: ex.Axes, right: ex.Axes) -> None:
    """Plot our accuracies with the published ones, and the mean darkness of each digit."""
    published = {figure_.variant: figure_.value for figure_ in BASELINES}
    for i, variant in enumerate(result.variants):
        value = result.first(variant).figures["test accuracy"]
        left.bar(i, value, color=COLOURS[i], width=0.6)
        left.plot([i - 0.4, i + 0.4], [published[variant]] * 2, color="black", linestyle="--", lw=1.2)
        left.text(i, value + 2, f"{value:.2f}", ha="center", fontsize=9)
    left.plot([], [], color="black", linestyle="--", lw=1.2, label="published")
    left.set_xticks(
        range(len(result.variants)), [variant.replace(" ", "\n") for variant in result.variants], fontsize=9
    )
    left.set_ylim(0, 108)
    left.grid(axis="x", visible=False)
    label_axes(left, "", "test accuracy in %")
    right.bar(range(10), result.first(result.variants[0]).series["mean darkness"], color="#777777", width=0.7)
    right.set_xticks(range(10))
    right.grid(axis="x", visible=False)
    label_axes(right, "digit", "mean sum of pixels (0 to 1)")


BASELINES = (
    ex.Published("random guessing", "test accuracy", 10.0, SOURCE, variant="random guess", unit="%", exact=False),
    ex.Published(
        "classification by average darkness", "test accuracy", 22.25, SOURCE, variant="average darkness", unit="%"
    ),
    ex.Published(
        "support vector machine, default settings", "test accuracy", 94.35, SOURCE, variant="support vectors", unit="%"
    ),
)


def measure_tuned_svm(config: ex.Config) -> ex.Measured:
    """Choose C and γ on the validation images, then train on all training and validation images."""
    train, validation, test = ex.load_images(config)
    few, held_out = train.take(slice(config["n_search"])), validation.take(slice(config["n_judged"]))
    grid = {
        (c, gamma): 100 * float(fit_svm(few, c, gamma).score(to_rows(held_out), held_out.y))
        for c in config["C"]
        for gamma in config["gamma"]
    }
    c, gamma = max(grid, key=lambda pair: grid[pair])
    both = Dataset(np.concatenate([train.x, validation.x]), np.concatenate([train.y, validation.y]), "all", train.scale)
    svm = fit_svm(both, c, gamma)
    return ex.Measured(
        {
            "test accuracy": round(100 * float(svm.score(to_rows(test), test.y)), 4),
            "C": c,
            "γ": gamma,
            "support vectors": int(svm.n_support_.sum()),
        },
        {"grid": [ex.round_all([grid[c, gamma] for gamma in config["gamma"]]) for c in config["C"]]},
    )


@ex.with_panels()
def plot_tuned(result: ex.Result, axes: ex.Axes) -> None:
    """Plot validation accuracy against γ for each C; a circle marks the chosen pair."""
    run = result.first()
    gammas, found = run.settings["gamma"], run.figures
    for i, (c, row) in enumerate(zip(run.settings["C"], run.series["grid"], strict=True)):
        axes.plot(gammas, row, "os^Dv"[i % 5] + ("-", "--", "-.", ":")[i % 4], color=COLOURS[i], label=f"C = {c:g}")
        if c == found["C"]:
            axes.plot(found["γ"], row[gammas.index(found["γ"])], "o", ms=15, mfc="none", color="black", mew=1.2)
    axes.set(xscale="log", xticks=gammas, xticklabels=[f"{gamma:g}" for gamma in gammas])
    axes.minorticks_off()
    label_axes(
        axes,
        "γ",
        "validation accuracy in %",
        f"chosen: C = {found['C']:g}, γ = {found['γ']:g}; test accuracy {found['test accuracy']:.2f} %",
    )


SCALE = (
    "Pixels are divided by 255, so they lie between 0 and 1. The book's data file divides by 256, which has the same "
    "effect as a γ that is smaller by 0.8 %. "
)

BASELINE_EXPERIMENTS = (
    ex.Experiment(
        id="ch1/baselines",
        title="Three baselines",
        section=SECTION,
        shows="Random guessing is right for one digit in ten, and the mean darkness of an image for two in ten. "
        "A support vector machine with default settings is almost as accurate as the first network.",
        measure=measure_baseline,
        plot=plot_baselines,
        variants={
            "random guess": {"method": "random"},
            "average darkness": {"method": "darkness"},
            "support vectors": {"method": "svm", "divisor": 256},
        },
        published=BASELINES,
        quick=ex.Quick(
            {"data": "any", "n_train": 1000, "n_test": 1000},
            (
                ex.Published("random guessing", "test accuracy", 18.0, variant="random guess", unit="%", relation="at most"),
                ex.Published("support vector machine", "test accuracy", 60.0, variant="support vectors", unit="%", relation="at least"),
            ),
            variants=("random guess", "support vectors"),
        ),
        seeds=1,
        minutes=8,
        remark=SCALE + "Ours is smaller by as much. When the book was written, the defaults were C = 1 and γ = 1/784, today's gamma='auto'.",
    ),
    ex.Experiment(
        id="ch1/svm-tuned",
        title="A support vector machine, tuned",
        section=SECTION,
        shows="With C and γ chosen on validation images, the support vector machine misclassifies about one digit in "
        "seventy. γ matters most: it sets how close two images must be to count as similar.",
        measure=measure_tuned_svm,
        plot=plot_tuned,
        settings={"n_search": 5000, "n_judged": 2500, "C": [1.0, 5.0, 25.0], "gamma": [0.005, 0.01, 0.02, 0.04]},
        published=(
            ex.Published("test accuracy of a tuned support vector machine", "test accuracy", 98.5, SOURCE, unit="%",
                         relation="at least"),
        ),
        quick=ex.Quick(
            {"data": "any", "n_train": 1000, "n_test": 1000, "n_search": 300, "n_judged": 300, "n_validation": 300,
             "C": [5.0], "gamma": [0.01, 0.02]},
            (ex.Published("test accuracy", "test accuracy", 80.0, unit="%", relation="at least"),),
            defect={"gamma": [5.0]},
        ),
        seeds=1,
        minutes=8,
        remark=SCALE + "The search uses the first 5,000 training images and 2,500 validation images; "
        "the final machine is trained on all 60,000 images.",
    ),
)  # fmt: skip
