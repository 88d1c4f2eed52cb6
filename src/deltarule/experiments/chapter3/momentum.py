"""Momentum: gradient descent with a velocity, and friction 1 − μ (equations (107) and (108))."""

from __future__ import annotations

from deltarule.core.optimizers import Momentum, Nesterov, Optimizer
from deltarule.experiments import api as ex
from deltarule.experiments.chapter3.networks import build_network
from deltarule.plotting import COLOURS, LINES, add_legend_below, label_axes, plot_band

SOURCE = "chapter 3, 'Variations on stochastic gradient descent'"


def build_optimizers(config: ex.Config) -> dict[str, Optimizer]:
    """Build momentum with each μ of the settings, and Nesterov's form with the μ named ``compared``."""
    return {f"μ = {mu:g}": Momentum(mu) for mu in config["mu"]} | {"Nesterov": Nesterov(config["compared"])}


def measure(config: ex.Config) -> ex.Measured:
    """Train with the same η and each μ, and measure validation cost and accuracy by epoch."""
    train, validation, _ = ex.load_images(config)
    figures: dict[str, float | bool] = {}
    series: dict[str, dict[str, list[float]]] = {"accuracy": {}, "cost": {}}
    for name, optimizer in build_optimizers(config).items():
        model = ex.train(config.for_part(name.replace(" ", "")), build_network(config), train, optimizer=optimizer,
                        validation=validation)  # fmt: skip
        series["accuracy"][name] = ex.to_percent(model.history["validation_accuracy"])
        series["cost"][name] = ex.round_all(model.history["validation_cost"])
        figures |= {f"first, {name}": series["accuracy"][name][0], f"last, {name}": series["accuracy"][name][-1]}
    without, quick = (series["cost"][f"μ = {mu:g}"] for mu in (0.0, config["compared"]))
    sooner = next((i + 1 for i, cost in enumerate(quick) if cost <= min(without)), len(quick) + 1)
    figures |= {
        "epochs that do for all of those without": sooner,
        "faster": sooner < len(without),
        "Nesterov faster": min(series["cost"]["Nesterov"][:-1]) < min(without),
    }
    return ex.Measured(figures, series)


@ex.with_panels(1, 2, (6.4, 3.7))
def plot(result: ex.Result, left: ex.Axes, right: ex.Axes) -> None:
    """Plot the validation cost and accuracy by epoch for each μ."""
    for i, name in enumerate(result.first().series["cost"]):
        for axes, what in ((left, "cost"), (right, "accuracy")):
            colour, line = (COLOURS[6], ":") if name == "Nesterov" else (COLOURS[i], LINES[i % 4])
            plot_band(axes, [run[name] for run in result.series(what)], label=name, colour=colour, linestyle=line)
    left.set_ylim(0, 1.05 * max(run["μ = 0"][0] for run in result.series("cost")))
    best = max(max(values) for run in result.series("accuracy") for values in run.values())
    right.set_ylim(best - 12, best + 0.5)
    label_axes(left, "epoch", "validation cost", legend=False)
    label_axes(right, "epoch", "validation accuracy (%)", legend=False)
    add_legend_below(left, 3)


MOMENTUM = ex.Experiment(
    id="ch3/momentum",
    title="Momentum speeds up learning",
    section="Other models of artificial neuron and variations on stochastic gradient descent",
    shows="With a small η, the parts of the gradient that keep their direction from step to step add up, so a larger μ "
    "learns faster. With too little friction, at μ = 0.99, learning overshoots.",
    measure=measure,
    plot=plot,
    settings={"hidden": [30], "eta": 0.01, "mu": [0.0, 0.5, 0.9, 0.99], "compared": 0.9, "batch_size": 10,
              "epochs": 15},
    published=(
        ex.Published("momentum is faster than plain gradient descent", "faster", True, SOURCE),
        ex.Published("Nesterov momentum is faster than plain gradient descent", "Nesterov faster", True, SOURCE),
    ),
    quick=ex.Quick(
        {"data": "any", "n_train": 300, "n_validation": 300, "mu": [0.0, 0.9], "epochs": 6, "eta": 0.03},
        (
            ex.Published("momentum is faster", "faster", True),
            ex.Published("Nesterov momentum is faster", "Nesterov faster", True),
            ex.Published("final validation accuracy, μ = 0.9", "last, μ = 0.9", 50.0, unit="%", relation="at least"),
        ),
    ),
    minutes=1.0,
)  # fmt: skip
