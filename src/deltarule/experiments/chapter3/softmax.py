"""Softmax and the log-likelihood cost (equations (78) to (82))."""

from __future__ import annotations

from typing import Any

import numpy as np

import deltarule as dr
from deltarule.core.costs import COSTS
from deltarule.core.trees import Tree
from deltarule.experiments import api as ex
from deltarule.plotting import COLOURS, LINES, add_legend_below, label_axes

SECTION = "Softmax"
SOURCE = "chapter 3, 'Softmax'"


def measure(config: ex.Config) -> ex.Measured:
    """Change one weighted input at a time, and multiply all of them by a factor c, an inverse temperature."""
    activation = COSTS[config["cost"]].activation
    z = np.array(config["z"])
    a = activation(z[None])[0]
    step = 1e-4 * np.eye(len(z))
    slopes = (activation(z + step) - activation(z - step)) / 2e-4  # [k, j] = ∂a_j/∂z_k
    others = slopes[~np.eye(len(z), dtype=bool)]
    constant = np.log(a) - z
    moved = np.linspace(-5, 5, 81)
    path = activation(np.column_stack([np.tile(z[:-1], (81, 1)), moved]))
    factors = np.geomspace(0.05, 20, 61)
    return ex.Measured(
        {
            "sum": float(a.sum()),
            "sums to 1": bool(np.allclose(path.sum(axis=1), 1, rtol=0, atol=1e-12)),
            "monotone": bool((np.diag(slopes) > 0).all() and (others < 0).all()),
            "non-local": bool((np.abs(others) > 1e-6).all()),
            "inverts to z = ln a + C": bool(np.ptp(constant) < 1e-9),
            "hardens to the largest": float(activation(1000 * z[None])[0, z.argmax()]),
        },
        {
            "moved": ex.round_all(moved),
            "outputs": [ex.round_all(column) for column in path.T],
            "factors": ex.round_all(factors),
            "heated": [ex.round_all(column) for column in activation(factors[:, None] * z).T],
        },
    )


@ex.with_panels(1, 2, (6.4, 3.3))
def plot(result: ex.Result, left: ex.Axes, right: ex.Axes) -> None:
    """Plot four outputs against the last weighted input, and against the factor c of all weighted inputs."""
    run = result.first("four")
    z = run.settings["z"]
    for j in range(len(z)):
        look: Any = {"color": COLOURS[j], "linestyle": LINES[j % 4]}
        left.plot(run.series["moved"], run.series["outputs"][j], label=f"$a_{j + 1}$", **look)
        right.plot(run.series["factors"], run.series["heated"][j], **look)
    left.plot(run.series["moved"], np.sum(run.series["outputs"], axis=0), color="#777777", linewidth=1, label="sum")
    right.set_xscale("log")
    right.axvline(1, color="#777777", linewidth=1)
    add_legend_below(left, 5)
    label_axes(
        left, f"$z_{len(z)}$ (others {', '.join(str(v).replace('-', '−') for v in z[:-1])})", "outputs", legend=False
    )
    label_axes(right, "c (inverse temperature)", "outputs", f"$e^{{c z_j}}$ / sum, $z_{len(z)}$ = {z[-1]}")


def measure_learning(config: ex.Config) -> ex.Measured:
    """Compare δ with a − y and the gradient with finite differences, and train a layer that starts confidently wrong."""
    cost = COSTS[config["cost"]]
    rng = np.random.default_rng(config.seed)
    network = dr.Network.dense([6, 5, 4], cost=cost)
    params, x, y = network.init(config.seed), rng.normal(size=(20, 6)), np.eye(4)[rng.integers(0, 4, 20)]
    (z, caches), grads = network.forward(params, x), network.gradients(params, x, y)
    error = cost.activation(z) - y
    deviations = {
        "δ": np.abs(cost.delta(z, y) - error).max(),
        "∂C/∂b": np.abs(grads[-1]["b"] - error.mean(axis=0)).max(),  # equation (81)
        "∂C/∂w": np.abs(grads[-1]["w"] - error.T @ caches[-1] / 20).max(),  # equation (82)
    }
    return ex.Measured(
        {
            "largest deviation": float(max(deviations.values())),
            "δ = a − y": bool(max(deviations.values()) < 1e-12),
            "gradient from differences": dr.gradcheck(network, params, x, y).relative,
            "gradient is right": dr.gradcheck(network, params, x, y).relative < 1e-6,
            "no slowdown": int(np.argmax(-np.diff(_train_wrong_layer(config["cost"], config)))) < config["steps"] / 10,
        },
        {name: ex.round_all(_train_wrong_layer(name, config)) for name in ("log-likelihood", "quadratic")},
    )


def _train_wrong_layer(name: str, config: ex.Config) -> list[float]:
    """Train an output layer that starts sure of class 0 where class 1 is right; return ‖a − y‖/√2 by epoch."""
    network = dr.Network.dense([1, 4], cost=name)
    params: Tree = [{"w": np.array([[2.0], [-2.0], [-2.0], [-2.0]]), "b": np.array([2.0, -2.0, -2.0, -2.0])}]
    x, y = np.ones((1, 1)), np.eye(4)[[1]]
    errors = []
    for _ in range(config["steps"] + 1):
        errors.append(float(np.linalg.norm(network.outputs(params, x) - y) / np.sqrt(2)))
        params, _ = dr.SGD().update(network.gradients(params, x, y), {}, params, config["eta"])
    return errors


@ex.with_panels()
def plot_learning(result: ex.Result, axes: ex.Axes) -> None:
    """Plot the error by epoch of a layer that starts confidently wrong, with each output function and cost."""
    labels = {"log-likelihood": "softmax, log-likelihood", "quadratic": "sigmoids, quadratic cost"}
    for i, (name, label) in enumerate(labels.items()):
        axes.plot(result.first().series[name], color=COLOURS[i], linestyle=LINES[i], label=label)
    axes.set_ylim(0)
    label_axes(axes, "epoch", "error ‖a − y‖ / √2", "Four outputs that start confidently wrong")


NUMBERS = {
    "four": {"z": [2.5, -1.0, 3.2, 0.5]},
    "ten": {"z": [2.5, -1.0, 3.2, 0.5, 0.0, -2.0, 1.5, 1.0, -0.5, 2.0]},
}
CLAIMS = {
    "the outputs sum to 1": "sums to 1",
    "each output rises with its own z and falls with every other z": "monotone",
    "each output depends on every z": "non-local",
    "z = ln a + constant": "inverts to z = ln a + C",
}

SOFTMAX = (
    ex.Experiment(
        id="ch3/softmax",
        title="Softmax: outputs that sum to 1",
        section=SECTION,
        shows="As one weighted input rises, its output rises and all other outputs fall, so the sum stays 1. "
        "Multiplying all weighted inputs by a large c gives nearly all probability to the largest one. A small c makes "
        "the probabilities nearly equal.",
        measure=measure,
        plot=plot,
        settings={"cost": "log-likelihood"},
        variants=NUMBERS,
        published=(
            *(
                ex.Published(f"{n} outputs: {what}", name, True, SOURCE, n)
                for n in NUMBERS
                for what, name in CLAIMS.items()
            ),
            ex.Published("output of the largest z for a large c", "hardens to the largest", 1.0, SOURCE, "four"),
        ),
        quick=ex.Quick(
            expected=(
                ex.Published("the outputs sum to 1", "sums to 1", True, variant="four"),
                ex.Published("each output rises with its own z and falls with every other z", "monotone", True,
                             variant="ten"),
            ),
            defect={"cost": "cross-entropy"},  # independent sigmoids
        ),
        seeds=1,
    ),
    ex.Experiment(
        id="ch3/softmax-learning",
        title="Softmax with the log-likelihood cost causes no slowdown",
        section=SECTION,
        shows="The error δ of the last layer is a − y, and the gradients are the same as for sigmoids with the "
        "cross-entropy. A layer that starts confidently wrong corrects itself at once, while sigmoids with the "
        "quadratic cost are stuck.",
        measure=measure_learning,
        plot=plot_learning,
        settings={"cost": "log-likelihood", "eta": 0.15, "steps": 300},
        published=(
            ex.Published("δ = a − y, and ∂C/∂b and ∂C/∂w follow from it", "δ = a − y", True,
                         "chapter 3, equations (81) and (82)", exact=True),
            ex.Published("learning does not slow down", "no slowdown", True, SOURCE),
        ),
        quick=ex.Quick(
            expected=(
                ex.Published("δ = a − y", "δ = a − y", True),
                ex.Published("the gradient agrees with finite differences", "gradient is right", True),
                ex.Published("learning does not slow down", "no slowdown", True),
            ),
            defect={"cost": "quadratic"},
        ),
        seeds=5,
    ),
)  # fmt: skip
