"""A sigmoid neuron as an identity, w₂ σ(w₁ x + b) ≈ x on [0, 1], and gradients through such neurons."""

from __future__ import annotations

import numpy as np

import deltarule as dr
from deltarule.constructions.fixed_network import FixedNetwork
from deltarule.core.activations import sigmoid
from deltarule.experiments import api as ex
from deltarule.plotting import COLOURS, MARKERS, label_axes

SECTION = "What's causing the vanishing gradient problem? Unstable gradients in deep neural nets"


def build_identity(w: float, depth: int = 1, gain: float = 4.0) -> FixedNetwork:
    """Build ``depth`` neurons in a row, each of which outputs its input x in [0, 1]: ½ + (gain/w) (σ(w (x − ½)) − ½).

    With x = ½ + Δ, σ(w Δ) = ½ + w Δ/4 − …, so the weight out of the neuron is 4/w. The remaining constant
    becomes part of the bias of the next neuron.
    """
    out, back = gain / w, 0.5 - gain / w / 2
    layers, params = [], []
    for i in range(depth):
        layers += [dr.Dense(1), dr.Sigmoid()]
        first = i == 0
        params += [{"w": np.asarray([[w if first else w * out]]),
                    "b": np.asarray([-w / 2 if first else w * (back - 0.5)])}, {}]  # fmt: skip
    network = dr.Network([*layers, dr.Dense(1)], dr.Quadratic(dr.Linear()), (1,))
    return FixedNetwork(network, [*params, {"w": np.asarray([[out]]), "b": np.asarray([back])}])


def compute_input_gradient(built: FixedNetwork, x: np.ndarray) -> np.ndarray:
    """Compute d output / d x of the network at every x, by backpropagation."""
    z, caches = built.network.forward(built.params, x[:, None])
    return np.asarray(built.network.backward(built.params, caches, np.ones_like(z))[0][:, 0])


def search_without_bias(x: np.ndarray) -> float:
    """Search for the smallest possible maximal deviation of w₂ σ(w₁ x + b) from x, without a bias after it."""
    w, b = np.meshgrid(np.linspace(0.5, 8, 76), np.linspace(-6, 2, 81))
    a = sigmoid(w[..., None] * x + b[..., None])
    out = (a * x).sum(-1, keepdims=True) / (a * a).sum(-1, keepdims=True)
    return float(np.abs(out * a - x).max(-1).min())


def measure(config: ex.Config) -> ex.Measured:
    """Measure the deviation of the output from x as w₁ gets small, and the gradient through many such neurons.

    The gradient is measured with the exact weights and with perturbed ones.
    """
    rng = np.random.default_rng(config.seed)
    x, ws, gain = np.linspace(0, 1, 201), np.asarray(config["weights"]), config["gain"]
    deviations = np.asarray([np.abs(build_identity(w, gain=gain)(x) - x).max() for w in ws])
    rate = float(np.polyfit(np.log(ws), np.log(deviations), 1)[0])
    depths = config["depths"]
    exact = [compute_input_gradient(build_identity(config["w"], n, gain), x) for n in depths]
    jittered = []
    for spread in config["spreads"]:
        medians = [np.median([np.abs(compute_input_gradient(jitter(build_identity(config["w"], n, gain), spread, rng), x)).mean()
                              for _ in range(config["trials"])]) for n in depths]  # fmt: skip
        jittered.append(ex.round_all(medians))
    slope = compute_input_gradient(build_identity(config["w"], gain=gain), x)
    return ex.Measured(
        {
            "passes on": bool(deviations[-1] < 1e-3),
            "largest deviation": float(deviations[-1]),
            "rate": rate,
            "factor in the middle": float(slope.max()),
            "never above 1": bool(max(each.max() for each in exact) <= 1 + 1e-12),
            "gradient of the deepest": float(exact[-1].mean()),
            "jittered gradient of the deepest": float(jittered[-1][-1]),
            "deviation without bias": search_without_bias(x),
        },
        {
            "weights": ex.round_all(ws),
            "deviation": ex.round_all(deviations),
            "x": ex.round_all(x[::4]),
            "output": [ex.round_all(build_identity(w, gain=gain)(x[::4])) for w in config["drawn"]],
            "depths": depths,
            "gradient": ex.round_all([each.mean() for each in exact]),
            "jittered": jittered,
        },
    )


def jitter(built: FixedNetwork, spread: float, rng: np.random.Generator) -> FixedNetwork:
    """Multiply each weight and bias of the network by a random number from N(1, spread²)."""
    params = [
        {name: leaf * rng.normal(1, spread, leaf.shape) for name, leaf in layer.items()} for layer in built.params
    ]
    return FixedNetwork(built.network, params)


@ex.with_panels(1, 2, (6.8, 3.4))
def plot(result: ex.Result, left: ex.Axes, right: ex.Axes) -> None:
    """Plot the deviation from the identity against w₁ (left), and the gradient through many neurons (right)."""
    run = result.first()
    left.loglog(run.series["weights"], run.series["deviation"], "o-", ms=4, color=COLOURS[0], label="measured")
    w = np.asarray(run.series["weights"])
    left.loglog(w, w**2 / 96, ":", color="black", linewidth=1, label="w₁²/96")
    left.set_xticks(w, [f"{value:g}" for value in w], fontsize=9)
    left.set_xticks([], minor=True)
    label_axes(left, "weight w₁ into the neuron", "largest deviation from x on [0, 1]")
    spreads = run.settings["spreads"]
    right.semilogy(run.series["depths"], run.series["gradient"], "o-", ms=4, color=COLOURS[0], label="exact")
    for i, spread in enumerate(spreads):
        runs = np.asarray([one[i] for one in result.series("jittered")])
        look = {"color": COLOURS[i + 1], "marker": MARKERS[i + 1], "ms": 4, "linestyle": "--"}
        right.semilogy(run.series["depths"], np.median(runs, axis=0), label=f"weights ± {100 * spread:g} %", **look)
        if len(runs) > 1:
            low, high = runs.min(axis=0), runs.max(axis=0)
            right.fill_between(run.series["depths"], low, high, color=COLOURS[i + 1], alpha=0.2, linewidth=0)
    label_axes(right, "identity neurons in a row", "|∂ output / ∂ input|")


IDENTITY = (
    ex.Experiment(
        id="ch5/identity-neuron",
        title="A sigmoid neuron that computes the identity",
        section=SECTION,
        shows="A small weight w₁ into a sigmoid neuron, 4/w₁ out of it and the bias −w₁/2 keep the neuron in the nearly "
        "linear middle of σ. Its weighted output then nearly equals its input plus a constant, which the bias of the "
        "next neuron removes. Between two such neurons in a row the weight is (4/w₁) · w₁ = 4, so the factor of "
        "the gradient is 4 · ¼ = 1, the largest that this weight allows. With slightly different weights the gradient "
        "vanishes as in any other chain.",
        measure=measure,
        plot=plot,
        settings={
            "weights": [4.0, 2.0, 1.0, 0.5, 0.25, 0.125],
            "w": 0.5,
            "gain": 4.0,
            "drawn": [0.5, 4.0],
            "depths": [1, 2, 5, 10, 20],
            "spreads": [0.05, 0.3],
            "trials": 100,
        },
        published=(
            ex.Published(
                "w₂ σ(w₁ x + b) ≈ x on [0, 1] for a small w₁", "passes on", True, "chapter 5, problem 'Identity neuron'"
            ),
        ),
        quick=ex.Quick(
            {"trials": 10},
            (
                ex.Published("the output equals the input", "passes on", True),
                ex.Published("exponent of w₁ in the deviation", "rate", 2.0),
                ex.Published("the factor of the gradient is at most 1", "never above 1", True),
            ),
            defect={"gain": 2.0},
        ),
        seeds=5,
        remark="The bias of the next neuron adds the constant ½ − 2/w₁. The problem in the book names no such bias; "
        "without one, the best w₁, b and w₂ still deviate from x by 0.06 somewhere on [0, 1]. Between two such neurons "
        "in a row the weight is 4. In the right panel, weights and biases are multiplied by random numbers near 1 "
        "(medians of 100 networks).",
    ),
)
