"""Exercises on the equations of backpropagation: diagonal matrices for ⊙ (33), one other neuron, only linear ones."""

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


def examples(config: ex.Config, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Inputs and desired outputs between 0 and 1."""
    rng = np.random.default_rng(config.seed)
    return rng.random((n, config["sizes"][0])), rng.random((n, config["sizes"][-1]))


def deviation(one: np.ndarray, other: np.ndarray) -> float:
    """The largest difference, in units of the largest number."""
    return float(np.abs(one - other).max() / np.abs(other).max())


def diagonal(config: ex.Config) -> ex.Measured:
    """δˡ = Σ′(zˡ) (wˡ⁺¹)ᵀ … Σ′(zᴸ⁻¹) (wᴸ)ᵀ Σ′(zᴸ) ∇ₐC, with Σ′(z) a diagonal matrix of σ′(z)."""
    network = dr.Network.dense(config["sizes"], "quadratic", init="large")
    params = network.init(config.seed)
    x, y = examples(config, 1)
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
    worst = max(deviation(one, other) for one, other in zip(chains, exact, strict=True))
    factors = [slopes[0], dense[1]["w"].T, slopes[1], dense[2]["w"].T, slopes[2], nabla[:, None], chains[0][:, None]]
    return ex.Measured(
        {"equal": worst < 1e-12, "largest deviation": worst},
        {"factors": [[ex.round_all(row) for row in factor] for factor in factors]},
    )


def plot_diagonal(result: ex.Result) -> ex.Figure:
    """The factors of δ² as matrices side by side, and their product."""
    factors = [np.asarray(factor) for factor in result.first().series["factors"]]
    names = ["Σ′(z²)", "(w³)ᵀ", "Σ′(z³)", "(w⁴)ᵀ", "Σ′(z⁴)", "∇ₐC", "δ²"]
    drawn, panels = new_figure(1, 7, (9.4, 2.2), width_ratios=[max(1.6, factor.shape[1]) for factor in factors])
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
    return drawn


DIAGONAL = (
    ex.Published("the product of matrices is what BP1 and BP2 give, in every layer", "equal", True,
              f"chapter 2, '{EQUATIONS}', problem"),
)  # fmt: skip


@dataclass(frozen=True)
class OneOther(dr.Activation):
    """σ for all neurons of a layer but one, whose output is f(z).

    BP1 to BP4 stay as they are, but that this neuron has f′(z) where the others have σ′(z);
    unless ``adapted``, that is forgotten.
    """

    neuron: int
    f: dr.Activation
    adapted: bool = True

    def function(self, z: Array) -> Array:
        return np.where(self._here(z), self.f.function(z), sigmoid(z))

    def derivative(self, z: Array, a: Array) -> Array:
        slope = sigmoid(z) * (1 - sigmoid(z))
        return np.where(self._here(z) & self.adapted, self.f.derivative(z, a), slope)

    def _here(self, z: Array) -> Array:
        return np.arange(z.shape[1]) == self.neuron


def modified(config: ex.Config) -> ex.Measured:
    """Backpropagation with one neuron changed to f, with f′ and with σ′ left in its place, and finite differences."""
    sizes = config["sizes"]
    x, y = examples(config, 10)

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
            "largest deviation": deviation(adapted, checked),
            "with σ′ left in its place": deviation(left, checked),
            "equal": deviation(adapted, checked) < 1e-7,
        },
        {
            "adapted": ex.round_all(np.abs(adapted - checked) / np.abs(checked).max()),
            "σ′ left": ex.round_all(np.abs(left - checked) / np.abs(checked).max()),
            "parameters": [sum(leaf.size for leaf in layer.values()) for layer in params if layer],
        },
    )


@ex.with_panels(1, None, (9.0, 3.3), sharey=True)
def plot_modified(result: ex.Result, *panels: ex.Axes) -> None:
    """How far each parameter's gradient is from finite differences, layer by layer."""
    looks: dict[str, dict[str, Any]] = {
        "σ′ left": {"marker": "x", "color": COLOURS[1], "label": "σ′(z) left in its place"},
        "adapted": {"marker": "o", "color": COLOURS[0], "mfc": "none", "label": "f′(z) for that neuron"},
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
    panels[0].set_ylabel("off finite differences,\nin units of the largest gradient", fontsize=9)
    add_legend_below(panels[0], 2)


MODIFIED = tuple(
    ex.Published(f"with f′ for σ′ in that neuron the gradient is right, f = {f}", "equal", True,
              f"chapter 2, '{ALGORITHM}', exercise", variant=f)
    for f in ("tanh", "linear", "ReLU")
)  # fmt: skip


def linear_backpropagation(params: Sequence[dict[str, np.ndarray]], x: np.ndarray, y: np.ndarray) -> list[np.ndarray]:
    """Backpropagation rewritten for σ(z) = z: all factors σ′ are 1, so δᴸ = a − y and δˡ = (wˡ⁺¹)ᵀ δˡ⁺¹."""
    inputs = [x]
    for layer in params:
        inputs.append(inputs[-1] @ layer["w"].T + layer["b"])
    delta = (inputs[-1] - y) / len(x)
    gradients: list[np.ndarray] = []
    for layer, a in zip(reversed(params), reversed(inputs[:-1]), strict=True):
        gradients[:0] = [(delta.T @ a).ravel(), delta.sum(axis=0)]
        delta = delta @ layer["w"]
    return gradients


def all_linear(config: ex.Config) -> ex.Measured:
    """The rewritten algorithm against finite differences; and what such a network can compute: a straight line."""
    network = dr.Network.dense(config["sizes"], dr.Quadratic(dr.Linear()), config["hidden"], "large")
    params = network.init(config.seed)
    x, y = examples(config, 10)
    dense = [dict(layer) for layer in params if layer]
    found = np.concatenate(linear_backpropagation(dense, x, y))
    checked = ex.flatten(dr.calculus.numerical_gradient(lambda p: network.value(p, x, y), params))

    whole, shift = np.eye(config["sizes"][0]), np.zeros(config["sizes"][0])
    for layer in dense:
        whole, shift = layer["w"] @ whole, layer["w"] @ shift + layer["b"]
    along = np.linspace(-6, 6, 41)[:, None] * np.ones((1, config["sizes"][0]))
    bent = dr.Network.dense(config["sizes"], dr.Quadratic(dr.Linear()), "sigmoid", "large")
    return ex.Measured(
        {
            "equal": deviation(found, checked) < 1e-7,
            "largest deviation": deviation(found, checked),
            "is one linear map": deviation(network.outputs(params, along), along @ whole.T + shift) < 1e-12,
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
    """The gradients side by side, and the network's output along a line through its inputs."""
    run = result.first()
    exact = run.series["finite differences"]
    left.plot([min(exact), max(exact)], [min(exact), max(exact)], color="#888888", lw=1)
    left.plot(exact, run.series["rewritten"], "o", ms=4, color=COLOURS[0], mfc="none")
    label_axes(left, "∂C/∂w by finite differences", "by δˡ = (wˡ⁺¹)ᵀ δˡ⁺¹")
    for name, words, colour, style in (
        ("linear", "all neurons linear", COLOURS[0], "-"),
        ("sigmoid", "hidden neurons sigmoid", COLOURS[1], "--"),
    ):
        output = np.asarray(run.series[name])
        scaled = (output - output.min()) / (output.max() - output.min())
        right.plot(run.series["along"], scaled, color=colour, linestyle=style, label=words)
    label_axes(right, "all inputs alike", "first output, from its least to its greatest")


LINEAR = (
    ex.Published("the rewritten algorithm gives the gradient", "equal", True, f"chapter 2, '{ALGORITHM}', exercise"),
)  # fmt: skip

NEURONS = (
    ex.Experiment(
        id="ch2/diagonal-form",
        title="The errors as a product of matrices",
        section=EQUATIONS,
        shows="Multiplying elementwise by σ′(z) is multiplying by a diagonal matrix, so an error is one long product "
        "of matrices. "
        "Read from the right it is backpropagation: the last error first, then through each layer.",
        measure=diagonal,
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
        shows="If one neuron computes f(z) in place of σ(z), backpropagation needs a single change: f′(z) for its "
        "σ′(z). "
        "Whoever forgets it gets wrong gradients for that neuron's weights and for all before it.",
        measure=modified,
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
        shows="With σ(z) = z all factors σ′ are 1 and errors pass back by the weights alone. "
        "But layers of linear neurons are together one linear map, however many there are.",
        measure=all_linear,
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
