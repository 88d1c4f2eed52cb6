"""Outputs as ten digits, as four bits or as a single yes or no; and the confusion matrix."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

import deltarule as dr
from deltarule.experiments import api as ex
from deltarule.plotting import COLOURS, label_axes, plot_band

ARCHITECTURE = "The architecture of neural networks"
SIMPLE = "A simple network to classify handwritten digits"
SMALL = {"data": "any", "epochs": 8, "n_train": 2000, "n_test": 1000}
LEARNING = {"hidden": [30], "eta": 3.0, "epochs": 30, "batch_size": 10}


def compare_outputs(config: ex.Config) -> ex.Measured:
    """Train the same network with ten outputs, one for each digit, and with four outputs, one for each bit."""
    train, _, test = ex.load_images(config)
    accuracy = {}
    for name, encoding in (("ten", train.encoding), ("four", dr.encodings.Bits(config["bits"]))):
        assert encoding is not None
        network = dr.Network.dense([784, *config["hidden"], encoding.n_out], "quadratic", init="large")
        monitor = dr.callbacks.Monitor(test=replace(test, encoding=encoding))
        model = ex.train(config.with_settings(), network, replace(train, encoding=encoding), callbacks=[monitor])
        accuracy[name] = ex.to_percent(model.history["test_accuracy"])
    ten, four = max(accuracy["ten"]), max(accuracy["four"])
    return ex.Measured(
        {
            "ten outputs": ten,
            "four outputs": four,
            "ten is better by": round(ten - four, 2),
            "ten is better": ten > four,
        },
        {f"{name} outputs": series for name, series in accuracy.items()},
    )


@ex.with_panels()
def plot_outputs(result: ex.Result, axes: ex.Axes) -> None:
    """Plot the test accuracy of both networks against the epoch."""
    for i, name in enumerate(("ten outputs", "four outputs")):
        label = "10 outputs, one for each digit" if i == 0 else "4 outputs, one for each bit"
        plot_band(axes, result.series(name), label=label, colour=COLOURS[i], linestyle=("-", "--")[i])
    label_axes(axes, "epoch", "test accuracy in %", legend={"loc": "lower right"})


TEN = (
    ex.Published(
        "ten outputs are more accurate than four",
        "ten is better",
        True,
        f"chapter 1, '{SIMPLE}'",
        beats=("ten outputs", "four outputs"),
    ),
)


def measure_nine(config: ex.Config) -> ex.Measured:
    """Train a network with one output, which means "nine" from ½ upwards, and measure its answers."""
    train, _, test = ex.load_images(config)
    encoding = dr.encodings.OneVsRest(config["digit"])
    network = dr.Network.dense([784, *config["hidden"], 1], "quadratic", init="large")
    model = ex.train(config, network, replace(train, encoding=encoding))
    outputs, is_nine = model.outputs(test.x)[:, 0], test.y == config["digit"]
    yes = outputs >= config["threshold"]
    edges = np.linspace(0, 1, 41)
    return ex.Measured(
        {
            "accuracy": round(float(100 * (yes == is_nine).mean()), 4),
            "nines found": round(float(100 * yes[is_nine].mean()), 2),
            "right when it says nine": round(float(100 * is_nine[yes].mean()), 2) if yes.any() else 0.0,
            "better than always no": bool((yes == is_nine).mean() > 1 - is_nine.mean()),
        },
        {
            "nines": np.histogram(outputs[is_nine], edges)[0].tolist(),
            "others": np.histogram(outputs[~is_nine], edges)[0].tolist(),
        },
    )


@ex.with_panels()
def plot_nine(result: ex.Result, axes: ex.Axes) -> None:
    """Plot histograms of the output for nines and for other digits, with the threshold."""
    run = result.first()
    edges = np.linspace(0, 1, 41)
    for name, colour, hatch in (("others", COLOURS[0], ""), ("nines", COLOURS[1], "////")):
        label = f"images of {'a 9' if name == 'nines' else 'other digits'}"
        axes.stairs(
            run.series[name], edges, fill=not hatch, alpha=1 if hatch else 0.45, color=colour, hatch=hatch, label=label
        )
    axes.axvline(run.settings["threshold"], color="black", linestyle="--", lw=1.2, label="threshold")
    axes.set_yscale("log")
    label_axes(
        axes,
        "output of the network",
        "number of test images",
        f"{run.figures['nines found']:.1f} % of the nines are recognized",
        legend={"loc": "upper center"},
    )


NINE = (
    ex.Published("one output with threshold 0.5 is more accurate than always answering no",
              "better than always no", True, f"chapter 1, '{ARCHITECTURE}'"),
)  # fmt: skip


def measure_confusion(config: ex.Config) -> ex.Measured:
    """Measure the confusion matrix, and find the misclassified images with the largest outputs."""
    train, _, test = ex.load_images(config)
    network = dr.Network.dense([784, *config["hidden"], 10], "quadratic", init="large")
    model = ex.train(config, network, train)
    counts = model.confusion(test)
    wrong = counts - np.diag(np.diag(counts))
    pair = wrong + wrong.T
    return ex.Measured(
        {
            "test accuracy": round(100 * model.accuracy(test), 4),
            "4 and 9": int(pair[4, 9]),
            "4 and 9 is among the three commonest": bool((np.triu(pair) > pair[4, 9]).sum() < 3),
        },
        {
            "confusion": counts.tolist(),
            "misread": find_confident_mistakes(model.outputs(test.x), test, config["shown"]),
        },
    )


def find_confident_mistakes(outputs: np.ndarray, test: dr.Dataset, n: int) -> list[list[object]]:
    """Find the ``n`` misclassified images with the largest outputs.

    Each is ``[label, predicted label, output, pixels]``; a pixel is a hexadecimal digit.
    """
    predicted = outputs.argmax(axis=1)
    order = [int(i) for i in np.argsort(-outputs.max(axis=1)) if predicted[i] != test.y[i]]
    return [
        [
            int(test.y[i]),
            int(predicted[i]),
            round(float(outputs[i].max()), 3),
            "".join(f"{p:x}" for p in (test.x[i].ravel() // 16)),
        ]
        for i in order[:n]
    ]


@ex.with_panels(1, 2, (8.4, 4.4), width_ratios=(1.15, 1))
def plot_confusion(result: ex.Result, left: ex.Axes, right: ex.Axes) -> None:
    """Plot the confusion matrix, summed over the runs, and misclassified images of the first run."""
    counts = np.sum(result.series("confusion"), axis=0)
    own = np.eye(10, dtype=bool)
    left.imshow(np.where(own, np.nan, counts), cmap="Oranges")
    left.set_facecolor("#ececec")
    most = np.where(own, 0, counts).max()
    for (i, j), count in np.ndenumerate(counts):
        if count:
            left.text(j, i, str(count), ha="center", va="center", fontsize=6.5,
                      color="white" if i != j and count > 0.6 * most else "black")  # fmt: skip
    left.grid(visible=False)
    left.set(xticks=range(10), yticks=range(10))
    runs = len(result.runs_of())
    label_axes(left, "predicted", "label", f"test images, sum of {runs} run{'s' if runs > 1 else ''}")
    right.axis("off")
    right.set_title("misclassified, most confident first", loc="left")
    for place, (label, predicted, _, pixels) in enumerate(result.first().series["misread"][:20]):
        row, column = divmod(place, 5)
        image = np.asarray([int(p, 16) for p in pixels]).reshape(28, 28)
        right.imshow(image, cmap="gray_r", extent=(column * 34, column * 34 + 28, row * 42 + 28, row * 42))
        right.text(column * 34 + 14, row * 42 + 30, f"{label} as {predicted}", fontsize=7.5, ha="center", va="top")
    right.set(xlim=(-2, 168), ylim=(170, -4))


QUESTIONS = (
    ex.Experiment(
        id="ch1/ten-or-four-outputs",
        title="Ten outputs or four",
        section=SIMPLE,
        shows="Four outputs could encode the digit in binary, but the network learns this less well than ten outputs. "
        "The book's explanation: the bits of a digit are hardly related to the shapes that hidden neurons can detect.",
        measure=compare_outputs,
        plot=plot_outputs,
        settings={**LEARNING, "bits": 4},
        published=TEN,
        quick=ex.Quick(
            SMALL,
            (*TEN, ex.Published("ten outputs learn", "ten outputs", 60.0, unit="%", relation="at least")),
        ),
        seeds=5,
        minutes=2,
    ),
    ex.Experiment(
        id="ch1/is-it-a-nine",
        title="Is it a nine?",
        section=ARCHITECTURE,
        shows="A single output neuron answers yes or no: an output of at least ½ means “nine”. "
        "Nearly all outputs lie close to 0 or 1, so the exact threshold hardly matters.",
        measure=measure_nine,
        plot=plot_nine,
        settings={**LEARNING, "epochs": 10, "digit": 9, "threshold": 0.5},
        published=NINE,
        quick=ex.Quick(
            SMALL, (*NINE, ex.Published("recognized nines", "nines found", 35.0, unit="%", relation="at least"))
        ),
        seeds=5,
        minutes=0.5,
        remark="Always answering no is right for 89.91 % of the test images.",
    ),
)

CONFUSION = (
    ex.Experiment(
        id="ch1/confusion",
        title="The confusion matrix",
        section="Implementing our network to classify digits",
        shows="Most digits are classified correctly. Each kind of mistake has a visible reason, such as a 4 that is "
        "closed at the top. Many of the most confident mistakes are hard for people too, but not all of them.",
        measure=measure_confusion,
        plot=plot_confusion,
        settings={**LEARNING, "shown": 20},
        published=(
            ex.Published(
                "4 and 9 are among the three most frequent confusions",
                "4 and 9 is among the three commonest",
                True,
                "slides on the book, 'Simulation results'",
            ),
        ),
        quick=ex.Quick(SMALL, (ex.Published("test accuracy", "test accuracy", 60.0, unit="%", relation="at least"),)),
        seeds=5,
        minutes=1,
    ),
)
