"""Newton's step −H⁻¹∇C compared with gradient descent on small networks (equations (103) to (106))."""

from __future__ import annotations

import numpy as np

import deltarule as dr
from deltarule.core.descent import Descent
from deltarule.core.regularizers import add_penalty_gradients
from deltarule.core.trees import Tree
from deltarule.experiments import api as ex
from deltarule.plotting import COLOURS, add_legend_below, label_axes, plot_band

SOURCE = "chapter 3, 'Variations on stochastic gradient descent'"


class RegularizedCost:
    """The regularized cost of a small network on digits of 4 × 4 pixels, and its gradient."""

    def __init__(self, config: ex.Config) -> None:
        digits = dr.data.load("digits")[0].take(slice(config["n_train"]))
        blocks = digits.x.reshape(len(digits), 4, 2, 4, 2).mean(axis=(2, 4))
        self.x, self.y = blocks.reshape(len(digits), 16) / digits.white, digits.targets.astype(np.float64)
        self.network = dr.Network.dense([16, *config["hidden"], 10])
        self.regularizer = dr.L2(config["lmbda"])
        self.descent = Descent(self.network, dr.SGD(), self.regularizer, len(digits))
        self.start = self.network.init(config.seed)

    def value(self, params: Tree) -> float:
        """Compute the regularized cost."""
        return float(self.descent.value(params, self.x, self.y))

    def gradient(self, params: Tree) -> Tree:
        """Compute the gradient of the regularized cost."""
        grads = self.network.gradients(params, self.x, self.y)
        return add_penalty_gradients(self.regularizer, self.network.layers, params, grads, self.descent.n)


def run_gradient_descent(cost: RegularizedCost, eta: float, steps: int) -> list[float]:
    """Run gradient descent with all examples, and return the cost at the start and after each step."""
    params, costs = cost.start, [cost.value(cost.start)]
    for _ in range(steps):
        params, _ = dr.SGD().update(cost.gradient(params), {}, params, eta)
        costs.append(cost.value(params))
    return costs


def run_newton(cost: RegularizedCost, damping: float, steps: int, change: float) -> list[float]:
    """Run Newton's method, and return the cost at the start and after each step.

    A step that lowers the cost is accepted, and the damping is divided by ``change``. Otherwise the step is
    rejected and the damping multiplied by ``change``: where the cost curves downward, H alone may point uphill.
    """
    params, costs = cost.start, [cost.value(cost.start)]
    for _ in range(steps):
        proposal = dr.calculus.newton_step(cost.gradient, params, damping)
        if cost.value(proposal) < costs[-1]:
            params, damping = proposal, damping / change
        else:
            damping *= change
        costs.append(cost.value(params))
    return costs


def measure(config: ex.Config) -> ex.Measured:
    """Count the steps until the cost is within one per cent of its final value, for Newton and gradient descent."""
    from threadpoolctl import threadpool_limits

    cost = RegularizedCost(config)
    with threadpool_limits(1):  # the matrices are small: several threads would only wait for each other
        descents = {eta: run_gradient_descent(cost, eta, config["steps"]) for eta in config["etas"]}
        newton = run_newton(cost, config["damping"], config["newton_steps"], config["change"])
    best = min(descents, key=lambda eta: descents[eta][-1])
    needed, others = (next(i for i, value in enumerate(costs) if value <= 1.01 * costs[-1])
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
    """Plot the cost by step of both methods, a panel for each network."""
    for axes, variant in zip(panels, result.variants, strict=True):
        descents = result.series("descent", variant)
        steps = [5 * i for i in range(len(descents[0]))]
        plot_band(axes, descents, steps, label="gradient descent, best η", colour=COLOURS[1], linestyle="--")
        newton = result.series("newton", variant)
        plot_band(axes, newton, range(len(newton[0])), label="Newton's step, damped", colour=COLOURS[0])
        axes.set_yscale("log")
        axes.minorticks_off()
        axes.set_yticks([2.5, 3, 4, 6, 8, 10], ["2.5", "3", "4", "6", "8", "10"])
        label_axes(axes, "step", "cost", variant, legend=False)
    add_legend_below(panels[0], 2)


HESSIAN = ex.Experiment(
    id="ch3/hessian",
    title="Newton's method needs fewer steps, and a Hessian for each step",
    section="Other models of artificial neuron and variations on stochastic gradient descent",
    shows="Newton's method also uses the second derivatives, and reaches a minimum after a few steps, where gradient "
    "descent needs a hundred or more. Each step needs the Hessian, which has a number for every pair of parameters, so "
    "the method suits only small networks.",
    measure=measure,
    plot=plot,
    settings={"n_train": 200, "lmbda": 1.0, "etas": [0.25, 0.5, 1.0, 2.0, 4.0, 8.0], "steps": 300,
              "newton_steps": 60, "damping": 1.0, "change": 3.0},
    variants={"16-10": {"hidden": []}, "16-5-10": {"hidden": [5]}},
    published=(
        ex.Published("Newton's method needs fewer steps, without hidden neurons", "fewer steps", True, SOURCE, "16-10"),
        ex.Published("Newton's method needs fewer steps, with hidden neurons", "fewer steps", True, SOURCE, "16-5-10"),
    ),
    quick=ex.Quick(
        {"n_train": 40, "steps": 100, "newton_steps": 8, "etas": [0.5, 2.0]},
        (
            ex.Published("Newton's method needs fewer steps", "fewer steps", True, variant="16-10"),
            ex.Published("Newton's method ends at a lower cost", "Newton ends lower", True, variant="16-10"),
        ),
        defect={"damping": 1e9},  # makes every step tiny
        variants=("16-10",),
    ),
    seeds=5,
    minutes=0.5,
    remark="The digits have 4 × 4 pixels. With hidden neurons, Newton's step without damping diverges, because the cost "
    "also curves downwards far from a minimum; and one of five runs ends in a higher minimum than gradient descent. "
    "We count the steps until the cost is within 1 % of its final value. “Fewer” means: less than a third of those of "
    "gradient descent.",
)  # fmt: skip
