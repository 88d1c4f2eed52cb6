"""Vanishing and exploding gradients: in a chain of neurons each layer multiplies the gradient by w σ′(z)."""

from __future__ import annotations

import numpy as np

from deltarule.constructions.chain import (
    backpropagate,
    balance_biases,
    build_chain,
    gradient_product,
    list_parameters,
    slopes,
    weighted_inputs,
)
from deltarule.constructions.fixed_network import FixedNetwork
from deltarule.core.activations import Sigmoid
from deltarule.experiments import api as ex
from deltarule.plotting import COLOURS, label_axes

SECTION = "What's causing the vanishing gradient problem? Unstable gradients in deep neural nets"
SOURCE = "chapter 5, 'Unstable gradients in deep neural nets'"
PROBLEM = "chapter 5, problem on the range of activations"


def build_random_chain(rng: np.random.Generator, depth: int) -> tuple[FixedNetwork, float, float]:
    """Build a chain with weights and biases from N(0, 1), and draw an input and a desired output between 0 and 1."""
    return build_chain(rng.normal(size=depth).tolist(), rng.normal(size=depth).tolist()), rng.uniform(), rng.uniform()


def width_of_range(w: np.ndarray) -> np.ndarray:
    """Compute the width of the range of activations a with |w σ′(w a + b)| ≥ 1, for |w| ≥ 4 and any b.

    σ′ ≥ 1/|w| holds where |z| ≤ ln(|w| (1 + √(1 − 4/|w|)) / 2 − 1), and z = w a + b.
    """
    w = np.abs(w)
    return np.asarray(2 / w * np.log(w * (1 + np.sqrt(1 - 4 / w)) / 2 - 1))


def count_width(w: float) -> float:
    """Measure the same width by counting points of a grid of activations with z = 0 in its middle."""
    a = np.linspace(-1, 1, 20_001)
    neuron = Sigmoid()
    z = w * a
    return 2 * float((np.abs(w * neuron.derivative(z, neuron.function(z))) >= 1).mean())


def measure(config: ex.Config) -> ex.Measured:
    """Compare the product with backpropagation on random chains, and measure its factors and its growth with depth."""
    rng = np.random.default_rng(config.seed)
    difference, factors, ratios, by_layer = 0.0, [], [], []
    for _ in range(config["chains"]):
        chain, x, y = build_random_chain(rng, 4)
        gradient, exact = gradient_product(chain, x, y, config["weights"]), backpropagate(chain, x, y)
        difference = max(difference, float(np.abs(gradient - exact).max() / np.abs(exact).max()))
        factors.append(np.abs(list_parameters(chain, "w") * slopes(chain, weighted_inputs(chain, x)))[1:])
        ratios.append(abs(exact[2] / exact[0]))
        deep, x, y = build_random_chain(rng, config["depth"])
        gradients = np.abs(gradient_product(deep, x, y, config["weights"]))
        by_layer.append(gradients / gradients[-1])
    w = [float(config["exploding weight"])] * config["depth"]
    exploding = np.abs(gradient_product(build_chain(w, balance_biases(w, 1.0)), 1.0, 0.0, config["weights"]))
    z = np.linspace(-10, 10, 2001)
    steepest = Sigmoid().derivative(z, Sigmoid().function(z))
    ws = np.linspace(4, 30, 2601)
    widths = width_of_range(ws)
    low, median, high = np.quantile(by_layer, (0.25, 0.5, 0.75), axis=0)
    return ex.Measured(
        {
            "equal": difference < 1e-9,
            "largest difference": difference,
            "largest σ′": float(steepest.max()),
            "mostly below ¼": bool((np.concatenate(factors) < 0.25).mean() > 0.5),
            "share below ¼": float((np.concatenate(factors) < 0.25).mean()),
            "third over first": float(np.median(ratios)),
            "exploding factor": float(exploding[0] / exploding[1]),
            "widest range": count_width(float(ws[widths.argmax()])),
            "weight of widest range": float(ws[widths.argmax()]),
            "formula holds": all(abs(count_width(v) - width_of_range(np.asarray(v))) < 2e-3 for v in (5.0, 9.0, 20.0)),
        },
        {
            "low": ex.round_all(low),
            "median": ex.round_all(median),
            "high": ex.round_all(high),
            "exploding": ex.round_all(exploding / exploding[-1]),
            "w": ex.round_all(ws[::20]),
            "width": ex.round_all(widths[::20]),
        },
    )


@ex.with_panels(1, 2, (6.8, 3.5))
def plot(result: ex.Result, left: ex.Axes, right: ex.Axes) -> None:
    """Plot the gradient along the chain (left), and the width of the range that keeps it from shrinking (right)."""
    median = np.median(result.series("median"), axis=0)
    layers = np.arange(1, len(median) + 1)
    low, high = np.min(result.series("low"), axis=0), np.max(result.series("high"), axis=0)
    left.semilogy(layers, result.first().series["exploding"], "s--", ms=3.5, color=COLOURS[1], label="w = 100, z = 0")
    left.semilogy(layers, median, "o-", ms=3.5, color=COLOURS[0], label="w, b from N(0, 1)")
    left.fill_between(layers, low, high, color=COLOURS[0], alpha=0.2, linewidth=0, label="middle half of the chains")
    left.semilogy(layers, 0.25 ** (layers[-1] - layers), ":", color="black", linewidth=1, label="¼ per layer")
    left.set_xticks(layers[::2])
    label_axes(left, "neuron in the chain", "|∂C/∂b| / |∂C/∂b| of the last neuron", legend={"fontsize": 8})
    series = result.first().series
    right.plot(series["w"], series["width"], color=COLOURS[2])
    at, top = result.figures("weight of widest range")[0], result.figures("widest range")[0]
    right.plot([at], [top], "o", color=COLOURS[2])
    right.annotate(f"{top:.2f} at |w| = {at:.1f}", (at, top), (at + 2, top - 0.005), fontsize=9)
    right.set_ylim(0, 0.5)
    label_axes(right, "weight |w|", "width of the range of a", "where |w σ′(w a + b)| ≥ 1")


PRODUCT = (
    ex.Experiment(
        id="ch5/product",
        title="The gradient as a product along a chain",
        section=SECTION,
        shows="With one neuron per layer, ∂C/∂b₁ is a product with a factor w σ′(z) for each later layer. σ′ is never "
        "above ¼, so with usual weights the gradient vanishes; with w = 100 and z = 0 it grows by a factor of 25 per "
        "layer. It keeps its size only by coincidence.",
        measure=measure,
        plot=plot,
        settings={"chains": 500, "depth": 10, "exploding weight": 100, "weights": True},
        published=(
            ex.Published("the product equals the gradient from backpropagation", "equal", True, SOURCE, exact=True),
            ex.Published("largest σ′", "largest σ′", 0.25, SOURCE, exact=True),
            ex.Published("|w σ′(z)| < ¼ in most layers, with w from N(0, 1)", "mostly below ¼", True, SOURCE),
            ex.Published("|∂C/∂b₃| / |∂C/∂b₁|, median", "third over first", 16, SOURCE, relation="at least"),
            ex.Published("factor per layer with w = 100, z = 0", "exploding factor", 25, SOURCE, exact=True),
            ex.Published(
                "width of the widest range of activations with |w σ′| ≥ 1", "widest range", 0.45, PROBLEM, exact=True
            ),
            ex.Published("|w| with the widest range", "weight of widest range", 6.9, PROBLEM, exact=True),
        ),
        quick=ex.Quick(
            {"chains": 100},
            (
                ex.Published("the product equals the gradient from backpropagation", "equal", True),
                ex.Published("factor per layer with w = 100, z = 0", "exploding factor", 25),
                ex.Published("the formula for the width is right", "formula holds", True),
            ),
            defect={"weights": False},
        ),
        seeds=10,
        remark="The left panel shows the median and the middle half of 500 chains of ten neurons. The right panel answers "
        "the book's problem: even the widest range of activations that does not shrink the gradient is less than half of "
        "[0, 1].",
    ),
)
