"""What the outputs may be asked: ten digits, four bits, or one question; and which digits are taken for which."""

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


def outputs(config: ex.Config) -> ex.Measured:
    """The same network twice: with ten outputs, the largest of which counts, and with four, each a bit."""
    train, _, test = ex.load_images(config)
    found = {}
    for name, encoding in (("ten", train.encoding), ("four", dr.encodings.Bits(config["bits"]))):
        assert encoding is not None
        network = dr.Network.dense([784, *config["hidden"], encoding.n_out], "quadratic", init="large")
        watch = dr.callbacks.Monitor(test=replace(test, encoding=encoding))
        model = ex.train(config.with_settings(), network, replace(train, encoding=encoding), callbacks=[watch])
        found[name] = ex.to_percent(model.history["test_accuracy"])
    ten, four = max(found["ten"]), max(found["four"])
    return ex.Measured(
        {
            "ten outputs": ten,
            "four outputs": four,
            "ten is better by": round(ten - four, 2),
            "ten is better": ten > four,
        },
        {f"{name} outputs": series for name, series in found.items()},
    )


@ex.with_panels()
def plot_outputs(result: ex.Result, axes: ex.Axes) -> None:
    """Test accuracy by epoch of both."""
    for i, name in enumerate(("ten outputs", "four outputs")):
        words = "10 outputs, a digit each" if i == 0 else "4 outputs, a bit each"
        plot_band(axes, result.series(name), label=words, colour=COLOURS[i], linestyle=("-", "--")[i])
    label_axes(axes, "epoch", "test accuracy in %", legend={"loc": "lower right"})


TEN = (ex.Published("ten outputs read digits better than four", "ten is better", True, f"chapter 1, '{SIMPLE}'"),)


def nine(config: ex.Config) -> ex.Measured:
    """One output neuron, "it is a nine" from ½ upwards: what it says to nines, and to all others."""
    train, _, test = ex.load_images(config)
    asked = dr.encodings.OneVsRest(config["digit"])
    network = dr.Network.dense([784, *config["hidden"], 1], "quadratic", init="large")
    model = ex.train(config, network, replace(train, encoding=asked))
    said, is_nine = model.outputs(test.x)[:, 0], test.y == config["digit"]
    yes = said >= config["threshold"]
    edges = np.linspace(0, 1, 41)
    return ex.Measured(
        {
            "accuracy": round(float(100 * (yes == is_nine).mean()), 4),
            "nines found": round(float(100 * yes[is_nine].mean()), 2),
            "right when it says nine": round(float(100 * is_nine[yes].mean()), 2) if yes.any() else 0.0,
            "better than always no": bool((yes == is_nine).mean() > 1 - is_nine.mean()),
        },
        {
            "nines": np.histogram(said[is_nine], edges)[0].tolist(),
            "others": np.histogram(said[~is_nine], edges)[0].tolist(),
        },
    )


@ex.with_panels()
def plot_nine(result: ex.Result, axes: ex.Axes) -> None:
    """How often each output occurs, for nines and for others; the threshold lies between."""
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
        "test images (logarithmic)",
        f"{run.figures['nines found']:.1f} % of the nines are found",
        legend={"loc": "upper center"},
    )


NINE = (
    ex.Published("one output and a threshold of 0.5 tell nines from others better than always saying no",
              "better than always no", True, f"chapter 1, '{ARCHITECTURE}'"),
)  # fmt: skip


def confused(config: ex.Config) -> ex.Measured:
    """Which digit was read as which, and the misread images that the network was surest of."""
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
        {"confusion": counts.tolist(), "misread": surest(model.outputs(test.x), test, config["shown"])},
    )


def surest(said: np.ndarray, test: dr.Dataset, n: int) -> list[list[object]]:
    """Misread images as ``[label, read as, output, pixels]``, by the output; a pixel is a hexadecimal digit."""
    read = said.argmax(axis=1)
    order = [int(i) for i in np.argsort(-said.max(axis=1)) if read[i] != test.y[i]]
    return [
        [
            int(test.y[i]),
            int(read[i]),
            round(float(said[i].max()), 3),
            "".join(f"{p:x}" for p in (test.x[i].ravel() // 16)),
        ]
        for i in order[:n]
    ]


@ex.with_panels(1, 2, (8.4, 4.4), width_ratios=(1.15, 1))
def plot_confused(result: ex.Result, left: ex.Axes, right: ex.Axes) -> None:
    """The confusion matrix, mistakes coloured, summed over the runs; below it misread images."""
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
    label_axes(left, "read as", "label", f"test images, {runs} run{'s' if runs > 1 else ''} together")
    right.axis("off")
    right.set_title("misread, the surest first", loc="left")
    for place, (label, read, _, pixels) in enumerate(result.first().series["misread"][:20]):
        row, column = divmod(place, 5)
        image = np.asarray([int(p, 16) for p in pixels]).reshape(28, 28)
        right.imshow(image, cmap="gray_r", extent=(column * 34, column * 34 + 28, row * 42 + 28, row * 42))
        right.text(column * 34 + 14, row * 42 + 30, f"{label} read as {read}", fontsize=7.5, ha="center", va="top")
    right.set(xlim=(-2, 168), ylim=(170, -4))


QUESTIONS = (
    ex.Experiment(
        id="ch1/ten-or-four-outputs",
        title="Ten outputs or four",
        section=SIMPLE,
        shows="Four outputs could name the digit in binary, but the network learns that less well than ten outputs. "
        "A bit of the digit's number has little to do with the shapes that a hidden neuron can find.",
        measure=outputs,
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
        shows="A single output neuron answers yes or no: at least ½ means nine, less means not. "
        "Nearly all outputs lie close to 0 or 1, so where exactly the threshold lies hardly matters.",
        measure=nine,
        plot=plot_nine,
        settings={**LEARNING, "epochs": 10, "digit": 9, "threshold": 0.5},
        published=NINE,
        quick=ex.Quick(SMALL, (*NINE, ex.Published("nines found", "nines found", 35.0, unit="%", relation="at least"))),
        seeds=5,
        minutes=0.5,
        remark="Always saying no is right for 89.91 % of the test images.",
    ),
)

CONFUSION = (
    ex.Experiment(
        id="ch1/confusion",
        title="What is taken for what",
        section="Implementing our network to classify digits",
        shows="Most digits are read rightly; each kind of mistake has a reason that can be seen, as a 4 closed at "
        "the top. "
        "The misread images that the network was surest of are often hard for people too, but not all.",
        measure=confused,
        plot=plot_confused,
        settings={**LEARNING, "shown": 20},
        published=(
            ex.Published(
                "4 and 9 are among the three commonest confusions",
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
