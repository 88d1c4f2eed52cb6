"""Figures of methods for faster or steadier learning: first weights, steps, averages and normalization."""

import numpy as np
from drawing import (
    LINES,
    Result,
    format_spread,
    label_plot,
    limit_epochs,
    list_seeds,
    load_data,
    make_figure,
    plot_runs,
)

import deltarule as dr
from deltarule.plotting import COLOURS


def draw_weight_initialization(quick: bool) -> Result:
    """Draw how large first weights saturate the hidden neurons of a wide input, and weights divided by √n_in do not."""
    train, validation, _ = load_data("mnist")
    few, count = train[:5000], limit_epochs(quick, 20)
    figure, (left, right) = make_figure()
    lines = []
    for i, (label, init) in enumerate({"large": "large", "default (1/√n_in)": "default"}.items()):
        network = dr.Network.dense([784, 30, 10], init=init)
        z = network.layers[0].forward(network.init(0)[0], few.x[:1000].reshape(-1, 784) / 255.0)[0].ravel()
        left.hist(z, np.linspace(-30, 30, 121), color=COLOURS[i], histtype="step", linestyle=LINES[i], label=label)
        models = [
            dr.fit(network, few, epochs=count, eta=0.1, validation=validation, seed=seed)
            for seed in list_seeds(quick, 3)
        ]  # fmt: skip
        runs = 100 * np.array([model.history["validation_accuracy"] for model in models])
        plot_runs(right, runs, i, label)
        lines.append(
            f"{label}: {100 * (np.abs(z) > 4).mean():.0f} % of hidden neurons have |z| > 4 at the start; "
            f"validation accuracy after the first epoch {format_spread(runs[:, 0])} %, "
            f"after {count} {format_spread(runs[:, -1])} %"
        )
    left.set_yscale("log")
    label_plot(left, "weighted input z of a hidden neuron", "number (30 neurons, 1,000 images)")
    label_plot(right, "epoch", "validation accuracy in %", legend="lower right")
    return figure, lines


def draw_schedules(quick: bool) -> Result:
    """Draw η and the validation cost by epoch for four schedules."""
    train, validation, _ = load_data()
    count, network = limit_epochs(quick, 30), dr.Network.dense([64, 30, 10])
    choices = {
        "Constant(2)": dr.schedules.Constant(2.0),
        "Exponential(2, 0.9)": dr.schedules.Exponential(2.0, 0.9),
        "ReduceOnPlateau(2, 3)": dr.schedules.ReduceOnPlateau(2.0, 3),
        "OneCycle(4)": dr.schedules.OneCycle(4.0),
    }
    figure, (left, right) = make_figure()
    lines = []
    for i, (label, schedule) in enumerate(choices.items()):
        models = [
            dr.fit(network, train, epochs=count, eta=schedule, validation=validation, seed=seed, engine="numpy")
            for seed in list_seeds(quick)
        ]
        etas = models[0].history["eta"]
        left.plot(range(1, len(etas) + 1), etas, color=COLOURS[i], linestyle=LINES[i], label=label)
        longest = max(len(model.history) for model in models)
        costs = [model.history["validation_cost"] for model in models]
        plot_runs(right, [c + c[-1:] * (longest - len(c)) for c in costs], i, label)
        ends = [100 * model.history["validation_accuracy"][-1] for model in models]
        last = format_spread([c[-1] for c in costs])
        lines.append(f"{label}: last validation accuracy {format_spread(ends)} %, cost {last}")
    label_plot(left, "epoch", "η at the end of the epoch (seed 0)", legend=None)
    label_plot(right, "epoch", "validation cost")
    right.set_yscale("log")
    return figure, lines


def draw_adam(quick: bool) -> Result:
    """Draw the training cost of each optimizer after a few epochs, over a wide range of η."""
    train, _, _ = load_data()
    network, count = dr.Network.dense([64, 30, 10], hidden="relu", cost="log-likelihood"), limit_epochs(quick, 5)
    etas = np.geomspace(1e-4, 1, 3 if quick else 13)
    figure, axes = make_figure(1, 6.6, 3.6)
    lines = []
    for i, (label, rule) in enumerate({"SGD": dr.SGD(), "Momentum(0.9)": dr.Momentum(), "Adam": dr.Adam()}.items()):
        costs = np.array([[_train(network, train, rule, eta, count, s) for eta in etas] for s in list_seeds(quick, 3)])
        plot_runs(axes, costs, i, label, etas)
        middle = np.median(costs, axis=0)
        good = etas[middle < 0.2]
        between = f"η from {good[0]:.2g} to {good[-1]:.2g}" if len(good) else "no η"
        lines.append(
            f"{label}: least cost {middle.min():.3f} at η = {etas[middle.argmin()]:.2g}; below 0.2 for {between}"
        )
    axes.set(xscale="log", yscale="log", ylim=(0.01, 10))
    label_plot(axes, "learning rate η", f"training cost after {count} epochs")
    return figure, lines


def _train(network: dr.Network, train: dr.Dataset, rule: dr.SGD, eta: float, count: int, seed: int) -> float:
    """Train a network and return its training cost, 1e9 where it is not finite."""
    model = dr.fit(
        network,
        train,
        epochs=count,
        eta=float(eta),
        optimizer=rule,
        seed=seed,
        engine="numpy",
        stop_if_not_finite=False,
    )
    cost = model.cost(train)
    return cost if np.isfinite(cost) else 1e9


def draw_weight_averaging(quick: bool) -> Result:
    """Draw the cost and accuracy of parameters that bounce about at a large constant η, and of their moving average."""
    train, validation, _ = load_data()
    count, network = limit_epochs(quick, 25), dr.Network.dense([64, 30, 10])
    figure, (left, right) = make_figure()
    lines = []
    rules = {"SGD": dr.SGD(), "ExponentialMovingAverage(SGD)": dr.ExponentialMovingAverage(dr.SGD(), 0.995)}
    for i, (label, rule) in enumerate(rules.items()):
        models = [
            dr.fit(
                network, train, epochs=count, eta=2.0, optimizer=rule, validation=validation, validate_every=20,
                seed=seed, engine="numpy",
            )
            for seed in list_seeds(quick)
        ]  # fmt: skip
        for axes, what, scale in ((left, "cost", 1), (right, "accuracy", 100)):
            runs = np.array([_list_measurements(model, f"validation_{what}") for model in models])
            steps = np.linspace(0, count, runs.shape[1] + 1)[1:]
            plot_runs(axes, scale * runs, i, label, steps)
        ends = [100 * model.history["validation_accuracy"][-1] for model in models]
        costs = [model.history["validation_cost"][-1] for model in models]
        lines.append(f"{label}: last validation accuracy {format_spread(ends)} %, cost {format_spread(costs)}")
    left.set_yscale("log")
    right.set_ylim(85, 100)
    label_plot(left, "epoch", "validation cost")
    label_plot(right, "epoch", "validation accuracy in %", legend="lower right")
    return figure, lines


def _list_measurements(model: dr.Model, what: str) -> list[float]:
    """List the values of one measurement, at the ends of epochs and within them."""
    records = sorted((*model.history.within, *model.history.records), key=lambda record: record["step"])
    return [record[what] for record in records]


def draw_batch_normalization(quick: bool) -> Result:
    """Draw the training of a deep network of sigmoids, with and without batch normalization."""
    train, validation, _ = load_data()
    count = limit_epochs(quick, 30)
    figure, (left, right) = make_figure()
    lines = []
    for i, (label, extra) in enumerate({"without": [], "BatchNorm": [dr.BatchNorm()]}.items()):
        hidden = [layer for _ in range(4) for layer in (dr.Dense(30), *extra, dr.Sigmoid())]
        network = dr.Network([*hidden, dr.Dense(10)], dr.LogLikelihood(), (64,))
        models = [
            dr.fit(network, train, epochs=count, eta=0.2, validation=validation, seed=seed, engine="numpy")
            for seed in list_seeds(quick)
        ]
        plot_runs(left, [model.history["validation_cost"] for model in models], i, label)
        runs = 100 * np.array([model.history["validation_accuracy"] for model in models])
        plot_runs(right, runs, i, label)
        early = format_spread(runs[:, min(4, count - 1)])
        late = format_spread(runs[:, -1])
        lines.append(f"{label}: validation accuracy after 5 epochs {early} %, after {count} {late} %")
    left.set_yscale("log")
    label_plot(left, "epoch", "validation cost")
    label_plot(right, "epoch", "validation accuracy in %", legend="center right")
    return figure, lines
