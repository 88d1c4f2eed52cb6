"""Newton's step −H⁻¹∇C on small networks, beside gradient descent (equations (103) to (106))."""

from __future__ import annotations

import numpy as np

import deltarule as dr
from deltarule.core.descent import Descent
from deltarule.core.regularizers import add_penalty_gradients
from deltarule.core.trees import Tree
from deltarule.experiments import api as ex
from deltarule.plotting import COLOURS, add_legend_below, label_axes, plot_band

SOURCE = "chapter 3, 'Variations on stochastic gradient descent'"


class Valley:
    """The regularized cost of a small network on small digits, 4 × 4 pixels, and its gradient."""

    def __init__(self, config: ex.Config) -> None:
        digits = dr.data.load("digits")[0].take(slice(config["n_train"]))
        blocks = digits.x.reshape(len(digits), 4, 2, 4, 2).mean(axis=(2, 4))
        self.x, self.y = blocks.reshape(len(digits), 16) / digits.scale, digits.targets.astype(np.float64)
        self.network = dr.Network.dense([16, *config["hidden"], 10])
        self.regularizer = dr.L2(config["lmbda"])
        self.descent = Descent(self.network, dr.SGD(), self.regularizer, len(digits))
        self.start = self.network.init(config.seed)

    def cost(self, params: Tree) -> float:
        return float(self.descent.value(params, self.x, self.y))

    def gradient(self, params: Tree) -> Tree:
        grads = self.network.gradients(params, self.x, self.y)
        return add_penalty_gradients(self.regularizer, self.network.layers, params, grads, self.descent.n)


def by_gradient(valley: Valley, eta: float, steps: int) -> list[float]:
    """The cost before and after each step of gradient descent with all examples."""
    params, costs = valley.start, [valley.cost(valley.start)]
    for _ in range(steps):
        params, _ = dr.SGD().update(valley.gradient(params), {}, params, eta)
        costs.append(valley.cost(params))
    return costs


def by_newton(valley: Valley, damping: float, steps: int, change: float) -> list[float]:
    """The cost before and after each of Newton's steps, the damping changed by a factor after every one.

    A step that lowers the cost is taken, and the next is damped less; one that does not is not taken,
    and is tried again with more damping: H alone may point uphill where the cost curves downward.
    """
    params, costs = valley.start, [valley.cost(valley.start)]
    for _ in range(steps):
        there = dr.calculus.newton_step(valley.gradient, params, damping)
        if valley.cost(there) < costs[-1]:
            params, damping = there, damping / change
        else:
            damping *= change
        costs.append(valley.cost(params))
    return costs


def measure(config: ex.Config) -> ex.Measured:
    """How many steps lead to within one per cent of the cost where they end: Newton's, and those along −∇C."""
    from threadpoolctl import threadpool_limits

    valley = Valley(config)
    with threadpool_limits(1):  # small matrices, on which several threads only wait for each other
        descents = {eta: by_gradient(valley, eta, config["steps"]) for eta in config["etas"]}
        newton = by_newton(valley, config["damping"], config["newton_steps"], config["change"])
    best = min(descents, key=lambda eta: descents[eta][-1])
    needed, others = (next(i for i, cost in enumerate(costs) if cost <= 1.01 * costs[-1])
                      for costs in (newton, descents[best]))  # fmt: skip
    return ex.Measured(
        {
            "best η": best,
            "cost, gradient descent": descents[best][-1],
            "cost, Newton": newton[-1],
            "Newton's steps": needed,
            "steps of gradient descent": others,
            "fewer steps": needed < others / 3,
            "Newton ends lower": newton[-1] < descents[best][-1],
        },
        {"newton": ex.round_all(newton), "descent": ex.round_all(descents[best][::5])},
    )


@ex.with_panels(1, None, (6.4, 3.6))
def plot(result: ex.Result, *panels: ex.Axes) -> None:
    """The cost by step of both, a panel for each network."""
    for axes, variant in zip(panels, result.variants, strict=True):
        descents = result.series("descent", variant)
        steps = [5 * i for i in range(len(descents[0]))]
        plot_band(axes, descents, steps, label="gradient descent, best η", colour=COLOURS[1], linestyle="--")
        plot_band(axes, result.series("newton", variant), label="Newton's step, damped", colour=COLOURS[0])
        axes.set_yscale("log")
        axes.minorticks_off()
        axes.set_yticks([2.5, 3, 4, 6, 8, 10], ["2.5", "3", "4", "6", "8", "10"])
        label_axes(axes, "step", "cost", variant, legend=False)
    add_legend_below(panels[0], 2)


HESSIAN = ex.Experiment(
    id="ch3/hessian",
    title="Newton's step needs fewer steps, and a Hessian for each",
    section="Other models of artificial neuron and variations on stochastic gradient descent",
    shows="Knowing how the slope itself changes, Newton's step is at its minimum after a few, where gradient descent "
    "takes a hundred or more. Each takes the Hessian, a number for every pair of parameters: for small networks only.",
    measure=measure,
    plot=plot,
    settings={"n_train": 200, "lmbda": 1.0, "etas": [0.25, 0.5, 1.0, 2.0, 4.0, 8.0], "steps": 300,
              "newton_steps": 60, "damping": 1.0, "change": 3.0},
    variants={"16-10": {"hidden": []}, "16-5-10": {"hidden": [5]}},
    published=(
        ex.Published("Newton's step needs fewer steps, without hidden neurons", "fewer steps", True, SOURCE, "16-10"),
        ex.Published("Newton's step needs fewer steps, with hidden neurons", "fewer steps", True, SOURCE, "16-5-10"),
    ),
    quick=ex.Quick(
        {"n_train": 40, "steps": 100, "newton_steps": 8, "etas": [0.5, 2.0]},
        (
            ex.Published("Newton's step needs fewer steps", "fewer steps", True, variant="16-10"),
            ex.Published("and ends lower", "Newton ends lower", True, variant="16-10"),
        ),
        defect={"damping": 1e9},  # so that hardly any step is made
        variants=("16-10",),
    ),
    seeds=5,
    minutes=0.5,
    remark="On digits of 4 × 4 pixels. With hidden neurons the bare step, without damping, flies off, as the cost "
    "also curves downwards far from a minimum; and one of five runs ends in another minimum than gradient descent, "
    "a higher one. Fewer: less than a third, to within 1 % of the cost of the end.",
)  # fmt: skip
