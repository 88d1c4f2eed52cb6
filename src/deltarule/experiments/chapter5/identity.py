"""A sigmoid neuron that passes its input on: w₂ σ(w₁ x + b) ≈ x on [0, 1], and what it does to gradients."""

from __future__ import annotations

import numpy as np

import deltarule as dr
from deltarule.constructions.fixed_network import FixedNetwork
from deltarule.core.activations import sigmoid
from deltarule.experiments import api as ex
from deltarule.plotting import COLOURS, MARKERS, label_axes

SECTION = "What's causing the vanishing gradient problem? Unstable gradients in deep neural nets"


def identity(w: float, depth: int = 1, gain: float = 4.0) -> FixedNetwork:
    """``depth`` neurons in a row that each pass on x from [0, 1]: ½ + (gain/w) (σ(w (x − ½)) − ½).

    With x = ½ + Δ, σ(w Δ) = ½ + w Δ/4 − …, so the weight out of the neuron is 4/w; what is left of
    the halves goes into the bias of the next neuron.
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


def passed_back(built: FixedNetwork, x: np.ndarray) -> np.ndarray:
    """d output / d x of the network, by backpropagation, at every x."""
    z, caches = built.network.forward(built.params, x[:, None])
    return np.asarray(built.network.backward(built.params, caches, np.ones_like(z))[0][:, 0])


def best_without_bias(x: np.ndarray) -> float:
    """The least possible largest deviation of w₂ σ(w₁ x + b) from x with no bias behind it, by trying."""
    w, b = np.meshgrid(np.linspace(0.5, 8, 76), np.linspace(-6, 2, 81))
    a = sigmoid(w[..., None] * x + b[..., None])
    out = (a * x).sum(-1, keepdims=True) / (a * a).sum(-1, keepdims=True)
    return float(np.abs(out * a - x).max(-1).min())


def measure(config: ex.Config) -> ex.Measured:
    """How exactly it passes x on as w₁ gets small, and the gradient through many of them, exact and jittered."""
    rng = np.random.default_rng(config.seed)
    x, ws, gain = np.linspace(0, 1, 201), np.asarray(config["weights"]), config["gain"]
    off = np.asarray([np.abs(identity(w, gain=gain)(x) - x).max() for w in ws])
    rate = float(np.polyfit(np.log(ws), np.log(off), 1)[0])
    depths = config["depths"]
    exact = [passed_back(identity(config["w"], n, gain), x) for n in depths]
    jittered = []
    for spread in config["spreads"]:
        found = [np.median([np.abs(passed_back(jitter(identity(config["w"], n, gain), spread, rng), x)).mean()
                            for _ in range(config["trials"])]) for n in depths]  # fmt: skip
        jittered.append(ex.round_all(found))
    slope = passed_back(identity(config["w"], gain=gain), x)
    return ex.Measured(
        {
            "passes on": bool(off[-1] < 1e-3),
            "largest deviation": float(off[-1]),
            "rate": rate,
            "factor in the middle": float(slope.max()),
            "never above 1": bool(max(each.max() for each in exact) <= 1 + 1e-12),
            "gradient of the deepest": float(exact[-1].mean()),
            "jittered gradient of the deepest": float(jittered[-1][-1]),
            "deviation without bias": best_without_bias(x),
        },
        {
            "weights": ex.round_all(ws),
            "deviation": ex.round_all(off),
            "x": ex.round_all(x[::4]),
            "output": [ex.round_all(identity(w, gain=gain)(x[::4])) for w in config["drawn"]],
            "depths": depths,
            "gradient": ex.round_all([each.mean() for each in exact]),
            "jittered": jittered,
        },
    )


def jitter(built: FixedNetwork, spread: float, rng: np.random.Generator) -> FixedNetwork:
    """The same network with each weight and bias multiplied by a number from N(1, spread²)."""
    params = [
        {name: leaf * rng.normal(1, spread, leaf.shape) for name, leaf in layer.items()} for layer in built.params
    ]
    return FixedNetwork(built.network, params)


@ex.with_panels(1, 2, (6.8, 3.4))
def plot(result: ex.Result, left: ex.Axes, right: ex.Axes) -> None:
    """Left: how exactly it passes on its input. Right: the gradient that comes back through many of them."""
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
    label_axes(right, "identity neurons in a row", "∂ output / ∂ input, its size")


IDENTITY = (
    ex.Experiment(
        id="ch5/identity-neuron",
        title="An identity neuron",
        section=SECTION,
        shows="A small weight w₁ into a sigmoid neuron, 4/w₁ out of it and the bias −w₁/2 keep it in the straight "
        "middle of σ, where it passes its input on. The gradient's factor is then 4 · ¼ = 1, the most that a weight of "
        "4 can give: with weights a little beside that, the gradient vanishes as in any other chain.",
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
                ex.Published("it passes its input on", "passes on", True),
                ex.Published("deviation ∝ w₁²", "rate", 2.0),
                ex.Published("the factor of the gradient is at most 1", "never above 1", True),
            ),
            defect={"gain": 2.0},
        ),
        seeds=5,
        remark="The next neuron's bias takes up the constant ½ − 2/w₁. The problem names no such bias; without one, "
        "the best w₁, b and w₂ still miss x by 0.06 somewhere on [0, 1]. Between two such neurons in a row the weight "
        "is 4; the right picture multiplies weights and biases by random numbers near 1 (medians of 100 networks).",
    ),
)
