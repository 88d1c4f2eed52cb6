"""Pictures of what holds overfitting back: weight decay, dropout, early stopping, label smoothing."""

import numpy as np
from drawing import LINES, Picture, band, canvas, data, epochs, name, seeds, spread

import deltarule as dr
from deltarule.plotting import COLOURS


def weight_decay(quick: bool) -> Picture:
    """What L2 and L1 do to the weights, and to the cost of examples not learned from."""
    train, validation, _ = data("mnist")
    few, validation, count = train[:1000], validation[:2000], epochs(quick, 80)
    choices = {"none": None, "L2(λ = 1)": dr.L2(1.0), "L1(λ = 0.1)": dr.L1(0.1)}
    figure, (left, right) = canvas()
    said = []
    for i, (label, regularizer) in enumerate(choices.items()):

        def run(seed: int, regularizer: dr.L2 | dr.L1 | None = regularizer) -> dr.Model:
            return dr.fit(
                dr.Network.dense([784, 30, 10]), few, epochs=count, eta=0.5, regularizer=regularizer,
                validation=validation, seed=seed, engine="numpy",
            )  # fmt: skip

        models = [run(seed) for seed in seeds(quick, 3)]
        band(right, range(count), [model.history["validation_cost"] for model in models], i, label)
        w = np.concatenate([model.params[0]["w"].ravel() for model in models])
        left.hist(w, np.linspace(-1.5, 1.5, 101), histtype="step", color=COLOURS[i], linestyle=LINES[i], label=label)
        size, none = np.abs(w).mean(), 100 * (np.abs(w) < 0.01).mean()
        right_ones = [100 * model.history["validation_accuracy"][-1] for model in models]
        ends = [model.history["validation_cost"][-1] for model in models]
        said.append(
            f"{label}: mean |w| {size:.3f}, {none:.0f} % below 0.01; "
            f"validation cost {spread(ends)}, accuracy {spread(right_ones)} %"
        )
    left.set_yscale("log")
    name(left, "weight of the first layer", "number of weights (3 runs)", "")
    name(right, "epoch", "validation cost")
    return figure, said


def dropout(quick: bool) -> Picture:
    """A large network on few examples, with and without half of its hidden neurons at a time."""
    train, validation, _ = data()
    few, count = train[:300], epochs(quick, 150)
    figure, (left, right) = canvas()
    said = []
    for i, (label, extra) in enumerate({"without": [], "Dropout(0.5)": [dr.Dropout(0.5)]}.items()):
        network = dr.Network([dr.Dense(100), dr.ReLU(), *extra, dr.Dense(10)], dr.LogLikelihood(), (64,))

        def run(seed: int, network: dr.Network = network) -> dr.Model:
            return dr.fit(
                network, few, epochs=count, eta=0.1, validation=validation, seed=seed, engine="numpy",
                callbacks=[dr.callbacks.Monitor()],
            )  # fmt: skip

        models = [run(seed) for seed in seeds(quick)]
        for axes, what, scale in ((left, "cost", 1), (right, "accuracy", 100)):
            for source, line in (("validation", "-"), ("training", ":")):
                values = scale * np.array([model.history[f"{source}_{what}"] for model in models])
                band(axes, range(count), values, i, f"{label}, {source}", line)
        ends = [100 * model.history["validation_accuracy"][-1] for model in models]
        costs = [model.history["validation_cost"][-1] for model in models]
        said.append(f"{label}: validation accuracy {spread(ends)} %, cost {spread(costs, '{:.3f}')}")
    left.set_yscale("log")
    right.set_ylim(80, 100.5)
    name(left, "epoch", "cost")
    name(right, "epoch", "accuracy in %", legend=None)
    return figure, said


def early_stopping(quick: bool) -> Picture:
    """One long run, and where different patience would have ended it."""
    train, validation, _ = data()
    count = epochs(quick, 120)

    training, network = dr.Training(epochs=count, eta=0.5, seed=2), dr.Network.dense([64, 30, 10])

    def run(*callbacks: dr.Callback) -> dr.Model:
        return dr.fit(network, train, training, validation=validation, engine="numpy", callbacks=callbacks)

    accuracies = 100 * np.array(run().history["validation_accuracy"])
    figure, axes = canvas(1, 7, 3.4)
    axes.plot(accuracies, color=COLOURS[0], label="validation accuracy of the whole run")
    said = [f"best of {count} epochs: {accuracies.max():.2f} %"]
    for i, n in enumerate((2, 10, 30), start=1):
        model = run(dr.callbacks.EarlyStopping(n))
        best = model.history.best("validation_accuracy")
        axes.axvline(len(model.history) - 1, color=COLOURS[i], linestyle=LINES[i], label=f"EarlyStopping({n}) stops")
        axes.plot(best["epoch"], 100 * best["validation_accuracy"], "o", color=COLOURS[i], ms=6)
        said.append(
            f"EarlyStopping({n}): {len(model.history)} epochs, the best is epoch {best['epoch']} "
            f"with {100 * best['validation_accuracy']:.2f} %"
        )
    axes.set_ylim(bottom=max(80, accuracies.min()))
    name(axes, "epoch", "accuracy in %", "● the best epoch", "lower right")
    return figure, said


def label_smoothing(quick: bool) -> Picture:
    """How sure a network is of its answers, with and without smoothed labels."""
    train, validation, _ = data()
    count = epochs(quick, 60)
    figure, both = canvas()
    said = []
    plain, smooth = dr.LogLikelihood(), dr.LabelSmoothing(dr.LogLikelihood(), 0.1)
    for axes, cost, title in zip(both, (plain, smooth), ("LogLikelihood", "LabelSmoothing, ε = 0.1"), strict=True):
        network = dr.Network.dense([64, 30, 10], cost=cost, hidden="relu")
        sure, right, sizes = [], [], []
        for seed in seeds(quick):
            model = dr.fit(network, train, epochs=count, eta=0.1, validation=validation, seed=seed, engine="numpy")
            sure.append(model.outputs(validation.x).max(axis=1))
            right.append(model.predict(validation.x) == validation.y)
            sizes.append(np.abs(model.params[-1]["w"]).mean())
        chance, correct = np.concatenate(sure), np.concatenate(right)
        bins = np.linspace(0, 1, 26)
        axes.hist(chance[correct], bins, color=COLOURS[0], alpha=0.5, label="right answers")
        axes.hist(chance[~correct], bins, color=COLOURS[1], histtype="step", linewidth=1.6, label="wrong answers")
        axes.set_yscale("log")
        name(axes, "largest output", f"validation images ({len(sizes)} runs)", title, "upper left")
        accuracies = [100 * r.mean() for r in right]
        said.append(
            f"{title}: of wrong answers {100 * (chance[~correct] > 0.9).mean():.0f} % are given with more than 0.9; "
            f"validation {spread(accuracies)} %; mean |w| of the last layer {np.mean(sizes):.2f}"
        )
    for axes in both:
        axes.set_ylim(0.7, max(axes.get_ylim()[1] for axes in both))
    return figure, said
