"""Softmax, and the log-likelihood that belongs to it (equations (78) to (82))."""

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
    """Moves one weighted input after the other, and then all of them by a factor c, the inverse of a temperature."""
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
    """Four outputs while the last weighted input moves, and while all are multiplied by c."""
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
        left, f"$z_{len(z)}$, others {', '.join(str(v).replace('-', '−') for v in z[:-1])}", "outputs", legend=False
    )
    label_axes(right, "c, the inverse of a temperature", "outputs", f"$e^{{c z_j}}$ / sum, $z_{len(z)}$ = {z[-1]}")


def measure_learning(config: ex.Config) -> ex.Measured:
    """δ against a − y, the whole gradient against differences, and a layer that is sure of a wrong answer."""
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
            "no slowdown": int(np.argmax(-np.diff(_unlearning(config["cost"], config)))) < config["steps"] / 10,
        },
        {name: ex.round_all(_unlearning(name, config)) for name in ("log-likelihood", "quadratic")},
    )


def _unlearning(name: str, config: ex.Config) -> list[float]:
    """The error ½‖a − y‖ by epoch of an output layer that is sure of class 0 where class 1 is right."""
    network = dr.Network.dense([1, 4], cost=name)
    params: Tree = [{"w": np.array([[2.0], [-2.0], [-2.0], [-2.0]]), "b": np.array([2.0, -2.0, -2.0, -2.0])}]
    x, y = np.ones((1, 1)), np.eye(4)[[1]]
    costs = []
    for _ in range(config["steps"] + 1):
        costs.append(float(np.linalg.norm(network.outputs(params, x) - y) / np.sqrt(2)))
        params, _ = dr.SGD().update(network.gradients(params, x, y), {}, params, config["eta"])
    return costs


@ex.with_panels()
def plot_learning(result: ex.Result, axes: ex.Axes) -> None:
    """How fast a wrong answer is unlearned by softmax and log-likelihood, and by sigmoids and the quadratic cost."""
    labels = {"log-likelihood": "softmax, log-likelihood", "quadratic": "sigmoids, quadratic cost"}
    for i, (name, label) in enumerate(labels.items()):
        axes.plot(result.first().series[name], color=COLOURS[i], linestyle=LINES[i], label=label)
    axes.set_ylim(0)
    label_axes(axes, "epoch", "error ‖a − y‖ / √2", "Four outputs, at first sure of a wrong class")


NUMBERS = {
    "four": {"z": [2.5, -1.0, 3.2, 0.5]},
    "ten": {"z": [2.5, -1.0, 3.2, 0.5, 0.0, -2.0, 1.5, 1.0, -0.5, 2.0]},
}
CLAIMS = {
    "they sum to 1": "sums to 1",
    "each rises with its z and falls with the others'": "monotone",
    "each depends on every z": "non-local",
    "z is ln a and a constant": "inverts to z = ln a + C",
}

SOFTMAX = (
    ex.Experiment(
        id="ch3/softmax",
        title="Softmax: outputs that sum to 1",
        section=SECTION,
        shows="As one weighted input rises, its output rises and all others fall, so that the sum stays 1. "
        "Multiplying all weighted inputs by c hardens the choice towards the largest, or softens it to equal shares.",
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
            ex.Published("c large: output of the largest z", "hardens to the largest", 1.0, SOURCE, "four"),
        ),
        quick=ex.Quick(
            expected=(
                ex.Published("they sum to 1", "sums to 1", True, variant="four"),
                ex.Published("monotone", "monotone", True, variant="ten"),
            ),
            defect={"cost": "cross-entropy"},  # sigmoids, each on its own
        ),
        seeds=1,
    ),
    ex.Experiment(
        id="ch3/softmax-learning",
        title="Softmax with the log-likelihood does not slow down",
        section=SECTION,
        shows="The error of the last layer is a − y, and the gradients are those of sigmoids with the cross-entropy. "
        "A layer that is sure of a wrong class unlearns it at once, where sigmoids with the quadratic cost are stuck.",
        measure=measure_learning,
        plot=plot_learning,
        settings={"cost": "log-likelihood", "eta": 0.15, "steps": 300},
        published=(
            ex.Published(
                "δ, ∂C/∂b and ∂C/∂w are those of a − y", "δ = a − y", True, "chapter 3, equations (81) and (82)"
            ),
            ex.Published("learning does not slow down", "no slowdown", True, SOURCE),
        ),
        quick=ex.Quick(
            expected=(
                ex.Published("δ = a − y", "δ = a − y", True),
                ex.Published("the gradient agrees with differences of the cost", "gradient is right", True),
                ex.Published("learning does not slow down", "no slowdown", True),
            ),
            defect={"cost": "quadratic"},
        ),
        seeds=5,
    ),
)
