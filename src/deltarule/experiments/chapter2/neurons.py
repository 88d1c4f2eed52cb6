"""Exercises on backpropagation: diagonal matrices for ⊙ (33), one neuron of another kind, linear neurons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

import deltarule as dr
from deltarule.core.activations import sigmoid
from deltarule.core.layer import Array
from deltarule.core.network import ACTIVATIONS
from deltarule.experiments import api as ex
from deltarule.plotting import COLOURS, add_legend_below, label_axes, new_figure

ALGORITHM = "The backpropagation algorithm"
EQUATIONS = "The four fundamental equations behind backpropagation"


def draw_examples(config: ex.Config, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw random inputs and desired outputs between 0 and 1."""
    rng = np.random.default_rng(config.seed)
    return rng.random((n, config["sizes"][0])), rng.random((n, config["sizes"][-1]))


def compute_deviation(one: np.ndarray, other: np.ndarray) -> float:
    """Compute the largest difference, relative to the largest number of ``other``."""
    return float(np.abs(one - other).max() / np.abs(other).max())


def measure_diagonal(config: ex.Config) -> ex.Measured:
    """Compute δˡ = Σ′(zˡ) (wˡ⁺¹)ᵀ … Σ′(zᴸ⁻¹) (wᴸ)ᵀ Σ′(zᴸ) ∇ₐC, where Σ′(z) is the diagonal matrix of σ′(z)."""
    network = dr.Network.dense(config["sizes"], "quadratic", init="large")
    params = network.init(config.seed)
    x, y = draw_examples(config, 1)
    dense = [layer for layer in params if layer]
    a, slopes = x[0], []
    for layer in dense:
        a = sigmoid(layer["w"] @ a + layer["b"])
        slopes.append(np.diag(a * (1 - a)))  # Σ′(z)
    nabla = a - y[0]
    chains = []
    for start in range(len(dense)):
        product = np.eye(len(slopes[start]))
        for after in range(start, len(dense) - 1):
            w = dense[after + 1]["w"]
            product = product @ slopes[after] @ (w.T if config["transposed"] else w)
        chains.append(product @ slopes[-1] @ nabla)
    exact = [layer["b"] for layer in network.gradients(params, x, y) if layer]  # BP3: δ of a single example
    worst = max(compute_deviation(one, other) for one, other in zip(chains, exact, strict=True))
    factors = [slopes[0], dense[1]["w"].T, slopes[1], dense[2]["w"].T, slopes[2], nabla[:, None], chains[0][:, None]]
    return ex.Measured(
        {"equal": worst < 1e-12, "largest deviation": worst},
        {"factors": [[ex.round_all(row) for row in factor] for factor in factors]},
    )


def plot_diagonal(result: ex.Result) -> ex.Figure:
    """Plot the factors of δ² as matrices, and their product."""
    factors = [np.asarray(factor) for factor in result.first().series["factors"]]
    names = ["Σ′(z²)", "(w³)ᵀ", "Σ′(z³)", "(w⁴)ᵀ", "Σ′(z⁴)", "∇ₐC", "δ²"]
    figure, panels = new_figure(1, 7, (9.4, 2.2), width_ratios=[max(1.6, factor.shape[1]) for factor in factors])
    for axes, factor, name, between in zip(panels, factors, names, ["", "·", "·", "·", "·", "·", "="], strict=True):
        top = float(np.abs(factor).max())
        axes.imshow(factor, cmap="PuOr_r", vmin=-top, vmax=top)
        for (i, j), value in np.ndenumerate(factor):
            if value:
                text, white = f"{value:.2g}".replace("-", "−").replace("e−0", "e−"), abs(value) > 0.6 * top
                axes.text(j, i, text, ha="center", va="center", fontsize=6, color="white" if white else "black")
        axes.axis("off")
        axes.set_title(name, fontsize=10)
        axes.text(-0.12, 0.5, between, transform=axes.transAxes, ha="right", va="center", fontsize=13)
    return figure


DIAGONAL = (
    ex.Published("the product of matrices equals δ of BP1 and BP2 in every layer", "equal", True,
              f"chapter 2, '{EQUATIONS}', problem", exact=True),
)  # fmt: skip


@dataclass(frozen=True)
class OneOther(dr.Activation):
    """The sigmoid for all neurons of a layer but one, whose output is f(z).

    BP1 to BP4 need one change: f′(z) replaces σ′(z) for this neuron. Unless ``adapted``, σ′(z) stays.
    """

    neuron: int
    f: dr.Activation
    adapted: bool = True

    def function(self, z: Array) -> Array:
        return np.where(self._is_modified(z), self.f.function(z), sigmoid(z))

    def derivative(self, z: Array, a: Array) -> Array:
        slope = sigmoid(z) * (1 - sigmoid(z))
        return np.where(self._is_modified(z) & self.adapted, self.f.derivative(z, a), slope)

    def _is_modified(self, z: Array) -> Array:
        return np.arange(z.shape[1]) == self.neuron


def measure_modified(config: ex.Config) -> ex.Measured:
    """Compare backpropagation with one neuron changed to f, with f′ and with σ′, to finite differences."""
    sizes = config["sizes"]
    x, y = draw_examples(config, 10)

    def network(adapted: bool) -> dr.Network:
        other = OneOther(1, ACTIVATIONS[config["f"]], adapted)
        layers = [dr.Dense(sizes[1]), ACTIVATIONS["sigmoid"], dr.Dense(sizes[2]), other, dr.Dense(sizes[3])]
        return dr.Network(layers, dr.Quadratic(), (sizes[0],))

    params = network(True).init(config.seed)
    checked = ex.flatten(dr.calculus.numerical_gradient(lambda p: network(True).value(p, x, y), params))
    adapted = ex.flatten(network(config["adapted"]).gradients(params, x, y))
    left = ex.flatten(network(False).gradients(params, x, y))
    return ex.Measured(
        {
            "largest deviation": compute_deviation(adapted, checked),
            "with σ′ left in its place": compute_deviation(left, checked),
            "equal": compute_deviation(adapted, checked) < 1e-7,
        },
        {
            "adapted": ex.round_all(np.abs(adapted - checked) / np.abs(checked).max()),
            "σ′ left": ex.round_all(np.abs(left - checked) / np.abs(checked).max()),
            "parameters": [sum(leaf.size for leaf in layer.values()) for layer in params if layer],
        },
    )


@ex.with_panels(1, None, (9.0, 3.3), sharey=True)
def plot_modified(result: ex.Result, *panels: ex.Axes) -> None:
    """Plot the deviation of each parameter's gradient from finite differences, layer by layer."""
    looks: dict[str, dict[str, Any]] = {
        "σ′ left": {"marker": "x", "color": COLOURS[1], "label": "σ′(z) for the changed neuron"},
        "adapted": {"marker": "o", "color": COLOURS[0], "mfc": "none", "label": "f′(z) for the changed neuron"},
    }
    for axes, variant in zip(panels, result.variants, strict=True):
        run = result.first(variant)
        for name, look in looks.items():
            axes.plot(np.maximum(run.series[name], 1e-14), linestyle="", ms=3.5, **look)
        ends = np.cumsum([0, *run.series["parameters"]])
        for layer, (start, end) in enumerate(pairwise(ends), start=2):
            axes.axvline(start - 0.5, color="#bbbbbb", lw=0.8)
            axes.text((start + end) / 2, 2.5, f"layer {layer}", ha="center", fontsize=8)
        axes.set(yscale="log", ylim=(1e-15, 12))
        axes.grid(axis="x", visible=False)
        label_axes(axes, "parameter", "", legend=False)
        axes.set_title(f"f = {variant}")
    panels[0].set_ylabel("deviation from finite differences,\nrelative to the largest gradient", fontsize=9)
    add_legend_below(panels[0], 2)


MODIFIED = tuple(
    ex.Published(f"with f′ for the changed neuron the gradient is correct, f = {f}", "equal", True,
              f"chapter 2, '{ALGORITHM}', exercise", variant=f, exact=True)
    for f in ("tanh", "linear", "ReLU")
)  # fmt: skip


def backpropagate_linear(params: Sequence[dict[str, np.ndarray]], x: np.ndarray, y: np.ndarray) -> list[np.ndarray]:
    """Backpropagate for σ(z) = z: all factors σ′ are 1, so δᴸ = a − y and δˡ = (wˡ⁺¹)ᵀ δˡ⁺¹."""
    inputs = [x]
    for layer in params:
        inputs.append(inputs[-1] @ layer["w"].T + layer["b"])
    delta = (inputs[-1] - y) / len(x)
    gradients: list[np.ndarray] = []
    for layer, a in zip(reversed(params), reversed(inputs[:-1]), strict=True):
        gradients[:0] = [(delta.T @ a).ravel(), delta.sum(axis=0)]
        delta = delta @ layer["w"]
    return gradients


def measure_linear(config: ex.Config) -> ex.Measured:
    """Compare the rewritten algorithm with finite differences, and the network with a linear map."""
    network = dr.Network.dense(config["sizes"], dr.Quadratic(dr.Linear()), config["hidden"], "large")
    params = network.init(config.seed)
    x, y = draw_examples(config, 10)
    dense = [dict(layer) for layer in params if layer]
    found = np.concatenate(backpropagate_linear(dense, x, y))
    checked = ex.flatten(dr.calculus.numerical_gradient(lambda p: network.value(p, x, y), params))

    whole, shift = np.eye(config["sizes"][0]), np.zeros(config["sizes"][0])
    for layer in dense:
        whole, shift = layer["w"] @ whole, layer["w"] @ shift + layer["b"]
    along = np.linspace(-6, 6, 41)[:, None] * np.ones((1, config["sizes"][0]))
    bent = dr.Network.dense(config["sizes"], dr.Quadratic(dr.Linear()), "sigmoid", "large")
    return ex.Measured(
        {
            "equal": compute_deviation(found, checked) < 1e-7,
            "largest deviation": compute_deviation(found, checked),
            "is one linear map": compute_deviation(network.outputs(params, along), along @ whole.T + shift) < 1e-12,
        },
        {
            "finite differences": ex.round_all(checked),
            "rewritten": ex.round_all(found),
            "along": ex.round_all(along[:, 0]),
            "linear": ex.round_all(network.outputs(params, along)[:, 0]),
            "sigmoid": ex.round_all(bent.outputs(params, along)[:, 0]),
        },
    )


@ex.with_panels(1, 2, (7.4, 3.3))
def plot_all_linear(result: ex.Result, left: ex.Axes, right: ex.Axes) -> None:
    """Plot both gradients, and the network's output along a line of inputs."""
    run = result.first()
    exact = run.series["finite differences"]
    left.plot([min(exact), max(exact)], [min(exact), max(exact)], color="#888888", lw=1)
    left.plot(exact, run.series["rewritten"], "o", ms=4, color=COLOURS[0], mfc="none")
    label_axes(left, "∂C/∂w by finite differences", "∂C/∂w by δˡ = (wˡ⁺¹)ᵀ δˡ⁺¹")
    for name, label, colour, style in (
        ("linear", "all neurons linear", COLOURS[0], "-"),
        ("sigmoid", "hidden neurons sigmoid", COLOURS[1], "--"),
    ):
        output = np.asarray(run.series[name])
        scaled = (output - output.min()) / (output.max() - output.min())
        right.plot(run.series["along"], scaled, color=colour, linestyle=style, label=label)
    label_axes(right, "value of all inputs", "first output, scaled to 0 to 1")


LINEAR = (
    ex.Published("the rewritten algorithm gives the correct gradient", "equal", True, f"chapter 2, '{ALGORITHM}', exercise", exact=True),
)  # fmt: skip

NEURONS = (
    ex.Experiment(
        id="ch2/diagonal-form",
        title="The errors as a product of matrices",
        section=EQUATIONS,
        shows="Elementwise multiplication by σ′(z) is multiplication by a diagonal matrix, so each error δ is one long "
        "product of matrices. Evaluated from the right, it is backpropagation: the last error first, then layer by "
        "layer.",
        measure=measure_diagonal,
        plot=plot_diagonal,
        settings={"sizes": [5, 4, 4, 4], "transposed": True},
        published=DIAGONAL,
        quick=ex.Quick(expected=DIAGONAL, defect={"transposed": False}),
        seeds=5,
    ),
    ex.Experiment(
        id="ch2/modified-neuron",
        title="One neuron of another kind",
        section=ALGORITHM,
        shows="If one neuron computes f(z) in place of σ(z), backpropagation needs a single change: f′(z) replaces "
        "σ′(z) for this neuron. Without it the gradients of this neuron's weights, and of the layers before it, are "
        "wrong.",
        measure=measure_modified,
        plot=plot_modified,
        settings={"sizes": [4, 5, 4, 2], "adapted": True},
        variants={"tanh": {"f": "tanh"}, "linear": {"f": "linear"}, "ReLU": {"f": "relu"}},
        published=MODIFIED,
        quick=ex.Quick(expected=MODIFIED, defect={"adapted": False}),
        seeds=5,
    ),
    ex.Experiment(
        id="ch2/linear-neurons",
        title="Only linear neurons",
        section=ALGORITHM,
        shows="With σ(z) = z all factors σ′ are 1, so errors are propagated back by the weights alone. But any number "
        "of linear layers together is only one linear map.",
        measure=measure_linear,
        plot=plot_all_linear,
        settings={"sizes": [4, 5, 5, 2], "hidden": "linear"},
        published=LINEAR,
        quick=ex.Quick(
            expected=(*LINEAR, ex.Published("it is one linear map", "is one linear map", True)),
            defect={"hidden": "sigmoid"},
        ),
        seeds=5,
    ),
)
