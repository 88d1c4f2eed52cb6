"""Pictures of what makes learning faster or steadier: where it starts, how it steps, what is in use."""

import numpy as np
from drawing import LINES, Picture, band, canvas, data, epochs, name, seeds, spread

import deltarule as dr
from deltarule.plotting import COLOURS


def weight_initialization(quick: bool) -> Picture:
    """Large first weights saturate the hidden neurons of a wide input; weights divided by √n_in do not."""
    train, validation, _ = data("mnist")
    few, count = train[:5000], epochs(quick, 20)
    figure, (left, right) = canvas()
    said = []
    for i, (label, init) in enumerate({"large": "large", "default (1/√n_in)": "default"}.items()):
        network = dr.Network.dense([784, 30, 10], init=init)
        z = network.layers[0].forward(network.init(0)[0], few.x[:1000].reshape(-1, 784) / 255.0)[0].ravel()
        left.hist(z, np.linspace(-30, 30, 121), color=COLOURS[i], histtype="step", linestyle=LINES[i], label=label)
        models = [
            dr.fit(network, few, epochs=count, eta=0.1, validation=validation, seed=seed)
            for seed in seeds(quick, 3)
        ]  # fmt: skip
        runs = 100 * np.array([model.history["validation_accuracy"] for model in models])
        band(right, range(count), runs, i, label)
        said.append(
            f"{label}: {100 * (np.abs(z) > 4).mean():.0f} % of hidden neurons have |z| > 4 at the start; "
            f"validation after the first epoch {spread(runs[:, 0])} %, after {count} {spread(runs[:, -1])} %"
        )
    left.set_yscale("log")
    name(left, "weighted input z of a hidden neuron", "number (30 neurons, 1,000 images)")
    name(right, "epoch", "validation accuracy in %", legend="lower right")
    return figure, said


def schedules(quick: bool) -> Picture:
    """η over the steps of a run by four schedules, and what they come to."""
    train, validation, _ = data()
    count, network = epochs(quick, 30), dr.Network.dense([64, 30, 10])
    choices = {
        "Constant(2)": dr.schedules.Constant(2.0),
        "Exponential(2, 0.9)": dr.schedules.Exponential(2.0, 0.9),
        "ReduceOnPlateau(2, 3)": dr.schedules.ReduceOnPlateau(2.0, 3),
        "OneCycle(4)": dr.schedules.OneCycle(4.0),
    }
    figure, (left, right) = canvas()
    said = []
    for i, (label, schedule) in enumerate(choices.items()):
        models = [
            dr.fit(network, train, epochs=count, eta=schedule, validation=validation, seed=seed, engine="numpy")
            for seed in seeds(quick)
        ]
        left.plot(models[0].history["eta"], color=COLOURS[i], linestyle=LINES[i], label=label)
        longest = max(len(model.history) for model in models)
        costs = [model.history["validation_cost"] for model in models]
        band(right, range(longest), [c + c[-1:] * (longest - len(c)) for c in costs], i, label)
        ends = [100 * model.history["validation_accuracy"][-1] for model in models]
        said.append(f"{label}: last validation accuracy {spread(ends)} %, cost {spread([c[-1] for c in costs])}")
    name(left, "epoch", "η at its end (seed 0)", legend=None)
    name(right, "epoch", "validation cost")
    right.set_yscale("log")
    return figure, said


def adam(quick: bool) -> Picture:
    """The training cost that each rule reaches in a few epochs, over a wide range of η."""
    train, _, _ = data()
    network, count = dr.Network.dense([64, 30, 10], hidden="relu", cost="log-likelihood"), epochs(quick, 5)
    etas = np.geomspace(1e-4, 1, 3 if quick else 13)
    figure, axes = canvas(1, 6.6, 3.6)
    said = []
    for i, (label, rule) in enumerate({"SGD": dr.SGD(), "Momentum(0.9)": dr.Momentum(), "Adam": dr.Adam()}.items()):
        costs = np.array([[_reached(network, train, rule, eta, count, s) for eta in etas] for s in seeds(quick, 3)])
        band(axes, etas, costs, i, label)
        middle = np.median(costs, axis=0)
        good = etas[middle < 0.2]
        between = f"η from {good[0]:.2g} to {good[-1]:.2g}" if len(good) else "no η"
        said.append(
            f"{label}: least cost {middle.min():.3f} at η = {etas[middle.argmin()]:.2g}; below 0.2 for {between}"
        )
    axes.set(xscale="log", yscale="log", ylim=(0.01, 10))
    name(axes, "learning rate η", f"training cost after {count} epochs")
    return figure, said


def _reached(network: dr.Network, train: dr.Dataset, rule: dr.SGD, eta: float, count: int, seed: int) -> float:
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


def weight_averaging(quick: bool) -> Picture:
    """The parameters that bounce about at a large constant η, and their moving average."""
    train, validation, _ = data()
    count, network = epochs(quick, 25), dr.Network.dense([64, 30, 10])
    figure, (left, right) = canvas()
    said = []
    rules = {"SGD": dr.SGD(), "ExponentialMovingAverage(SGD)": dr.ExponentialMovingAverage(dr.SGD(), 0.995)}
    for i, (label, rule) in enumerate(rules.items()):
        models = [
            dr.fit(
                network, train, epochs=count, eta=2.0, optimizer=rule, validation=validation, validate_every=20,
                seed=seed, engine="numpy",
            )
            for seed in seeds(quick)
        ]  # fmt: skip
        for axes, what, scale in ((left, "cost", 1), (right, "accuracy", 100)):
            runs = np.array([_all_measures(model, f"validation_{what}") for model in models])
            steps = np.linspace(0, count, runs.shape[1] + 1)[1:]
            band(axes, steps, scale * runs, i, label)
        ends = [100 * model.history["validation_accuracy"][-1] for model in models]
        costs = [model.history["validation_cost"][-1] for model in models]
        said.append(f"{label}: last validation accuracy {spread(ends)} %, cost {spread(costs)}")
    left.set_yscale("log")
    right.set_ylim(85, 100)
    name(left, "epoch", "validation cost")
    name(right, "epoch", "validation accuracy in %", legend="lower right")
    return figure, said


def _all_measures(model: dr.Model, what: str) -> list[float]:
    records = sorted((*model.history.within, *model.history.records), key=lambda record: record["step"])
    return [record[what] for record in records]


def batch_normalization(quick: bool) -> Picture:
    """A deep network of sigmoids, with and without normalized weighted inputs."""
    train, validation, _ = data()
    count = epochs(quick, 30)
    figure, (left, right) = canvas()
    said = []
    for i, (label, extra) in enumerate({"without": [], "BatchNorm": [dr.BatchNorm()]}.items()):
        hidden = [layer for _ in range(4) for layer in (dr.Dense(30), *extra, dr.Sigmoid())]
        network = dr.Network([*hidden, dr.Dense(10)], dr.LogLikelihood(), (64,))
        models = [
            dr.fit(network, train, epochs=count, eta=0.2, validation=validation, seed=seed, engine="numpy")
            for seed in seeds(quick)
        ]
        band(left, range(count), [model.history["validation_cost"] for model in models], i, label)
        runs = 100 * np.array([model.history["validation_accuracy"] for model in models])
        band(right, range(count), runs, i, label)
        early = spread(runs[:, min(4, count - 1)])
        said.append(f"{label}: validation accuracy after 5 epochs {early} %, after {count} {spread(runs[:, -1])} %")
    left.set_yscale("log")
    name(left, "epoch", "validation cost")
    name(right, "epoch", "validation accuracy in %", legend="center right")
    return figure, said
