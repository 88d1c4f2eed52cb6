"""A model of characters: an LSTM that predicts the next character of a book, beside counting and compression."""

from __future__ import annotations

import lzma

import numpy as np

from deltarule.core.costs import LogLikelihood
from deltarule.core.layers import Dense, Dropout, Flatten
from deltarule.core.network import Network
from deltarule.core.optimizers import Adam
from deltarule.core.step_costs import SumOverSteps
from deltarule.core.steps import EachStep
from deltarule.data.texts import TEST, VALIDATION, cut_text, find_alphabet, read_text
from deltarule.experiments import api as ex
from deltarule.experiments.memory.cells import build_cell
from deltarule.experiments.memory.ngrams import choose_order
from deltarule.models.model import Model
from deltarule.plotting import COLOURS, label_axes, plot_band

SOURCE = "our criterion"


def build_network(cell: str, units: int, dropout: float, steps: int, size: int) -> Network:
    """Build a recurrent layer with dropout behind it, and a softmax over the alphabet at each step."""
    layers = [build_cell(cell, units), Dropout(dropout), EachStep(Dense(size)), Flatten()]
    return Network(layers, SumOverSteps(LogLikelihood(), size), (steps, size))


def divide_text(text: str) -> tuple[str, str, str]:
    """Divide a text into its beginning, for training, and its last parts, for validation and test.

    >>> [len(part) for part in divide_text("x" * 1000)]
    [900, 50, 50]
    """
    first, second = round(len(text) * (1 - VALIDATION - TEST)), round(len(text) * (1 - TEST))
    return text[:first], text[first:second], text[second:]


def measure_bits(model: Model, text: str, before: str, alphabet: str, steps: int) -> float:
    """Measure the mean of −log₂ p over the characters of a text, each with a context of at least half a sequence.

    The sequences overlap by half, and only the second half of each counts. ``before`` is the text before it, of which
    the first characters get their context.
    """
    half, size = steps // 2, len(alphabet)
    whole = before[-(steps - half + 1) :] + text
    windows = cut_text(whole, steps, alphabet, stride=half)
    p = np.concatenate([model.outputs(windows.x[i : i + 100]) for i in range(0, len(windows), 100)])
    labels = windows.y[:, steps - half :]
    chosen = np.take_along_axis(p.reshape(len(p), steps, size)[:, steps - half :], labels[..., None], axis=2)
    return float(-np.log2(np.maximum(chosen, 1e-30)).mean())


def compress(text: str) -> int:
    """Compute the number of bytes of a text compressed by xz."""
    return len(lzma.compress(text.encode(), preset=9 | lzma.PRESET_EXTREME))


def measure(config: ex.Config) -> ex.Measured:
    """Train the model, and measure bits per character of the test part, beside n-grams and xz."""
    text = read_text(config["text"])[: config.get("characters")]
    if config.get("order") == "shuffled":
        text = "".join(np.random.default_rng(config.seed).permutation(list(text)))
    alphabet, steps = find_alphabet(text), config["steps"]
    train, validation, test = divide_text(text)
    network = build_network(config["cell"], config["units"], config["dropout"], steps, len(alphabet))
    model = ex.train(config, network, cut_text(train, steps, alphabet), optimizer=Adam(), keep_best=True,
                     validation=cut_text(validation, steps, alphabet))  # fmt: skip
    best = model.best or model
    ngrams, _ = choose_order(train, validation, range(config["orders"]), len(alphabet))
    start = train[-steps:]
    return ex.Measured(
        {
            "network": measure_bits(best, test, validation, alphabet, steps),
            "n-gram": ngrams.measure_bits(test, validation),
            "order": ngrams.order + 1,
            "xz": 8 * (compress(train + test) - compress(train)) / len(test),
            "best epoch": len(best.history),
        },
        {
            "validation": ex.round_all(cost / steps / np.log(2) for cost in model.history["validation_cost"]),
            "samples": {f"{heat:g}": best.write(start, config["written"], heat, config.seed)
                        for heat in config["temperatures"]},
        },
    )  # fmt: skip


@ex.with_panels(1, 2, (7.4, 3.7), width_ratios=[1.6, 1])
def plot(result: ex.Result, left: ex.Axes, right: ex.Axes) -> None:
    """Plot the bits per character on the validation part by epoch, and those of all three models on the test part."""
    plot_band(left, result.series("validation"), colour=COLOURS[0])
    label_axes(left, "epoch", "bits per character", "validation part, LSTM", legend=False)
    names = ("network", "n-gram", "xz")
    for i, name in enumerate(names):
        values = result.figures(name)
        right.plot(np.full(len(values), i), values, "o", ms=5, mew=0, alpha=0.6, color=COLOURS[i])
        right.plot([i], [np.mean(values)], "_", ms=24, mew=2, color=COLOURS[i])
    right.set(xticks=range(3), xticklabels=("LSTM", "n-gram", "xz"), xlim=(-0.6, 2.6))
    label_axes(right, "", "bits per character", "test part", legend=False)


CHARACTERS = ex.Experiment(
    id="memory/characters",
    title="A model of characters",
    section="Networks that write",
    shows="An LSTM reads Alice’s Adventures in Wonderland character by character and predicts the next one. We "
    "compare the bits that it needs for each character of the last 5 % of the book with those of a model that "
    "counts n-grams, and of the program xz. Then the LSTM writes text of its own.",
    measure=measure,
    plot=plot,
    settings={
        "text": "alice", "cell": "LSTM", "units": 128, "dropout": 0.3, "steps": 50, "epochs": 30, "batch_size": 20,
        "eta": 0.003, "orders": 7, "temperatures": [0.5, 1.0], "written": 300,
    },
    published=(
        ex.Published("the LSTM needs fewer bits than xz", "network", True, SOURCE, beats=("xz", "network"),
                     criterion=True),
        ex.Published("the LSTM needs fewer bits than n-grams", "network", True, SOURCE, beats=("n-gram", "network"),
                     criterion=True),
    ),
    quick=ex.Quick(
        {"characters": 12000, "units": 32, "dropout": 0.1, "steps": 20, "epochs": 8, "eta": 0.01, "orders": 4,
         "written": 40, "engine": "numpy"},
        (ex.Published("bits per character", "network", 3.8, "", relation="at most"),),
        defect={"order": "shuffled"},
    ),
    seeds=3,
    minutes=2.0,
    remark="The first 90 % of the text are for training, the next 5 % choose the epoch of the LSTM and the length "
    "of the n-grams, and the last 5 % are the test part. The LSTM predicts each of its characters from the 25 "
    "characters before it at least; at most 24 at the end are left out. The n-gram model mixes all lengths up to "
    "the chosen one (Witten and Bell, 1991). xz has no model of the text to keep: its bits are what the test part "
    "adds to the compressed training part. The saved result has 300 characters that the LSTM wrote at the "
    "temperatures 0.5 and 1.",
)  # fmt: skip
