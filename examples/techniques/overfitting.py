"""Figures of methods against overfitting: weight decay, dropout, early stopping, label smoothing."""

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


def draw_weight_decay(quick: bool) -> Result:
    """Draw the effect of L2 and L1 on the weights, and on the validation cost."""
    train, validation, _ = load_data("mnist")
    few, validation, count = train[:1000], validation[:2000], limit_epochs(quick, 80)
    choices = {"none": None, "L2(λ = 1)": dr.L2(1.0), "L1(λ = 0.1)": dr.L1(0.1)}
    figure, (left, right) = make_figure()
    lines = []
    for i, (label, regularizer) in enumerate(choices.items()):

        def run(seed: int, regularizer: dr.L2 | dr.L1 | None = regularizer) -> dr.Model:
            return dr.fit(
                dr.Network.dense([784, 30, 10]), few, epochs=count, eta=0.5, regularizer=regularizer,
                validation=validation, seed=seed, engine="numpy",
            )  # fmt: skip

        models = [run(seed) for seed in list_seeds(quick, 3)]
        plot_runs(right, [model.history["validation_cost"] for model in models], i, label)
        w = np.concatenate([model.params[0]["w"].ravel() for model in models])
        left.hist(w, np.linspace(-1.5, 1.5, 101), histtype="step", color=COLOURS[i], linestyle=LINES[i], label=label)
        size, small = np.abs(w).mean(), 100 * (np.abs(w) < 0.01).mean()
        accuracies = [100 * model.history["validation_accuracy"][-1] for model in models]
        ends = [model.history["validation_cost"][-1] for model in models]
        lines.append(
            f"{label}: mean |w| {size:.3f}, {small:.0f} % below 0.01; "
            f"validation cost {format_spread(ends)}, accuracy {format_spread(accuracies)} %"
        )
    left.set_yscale("log")
    label_plot(left, "weight of the first layer", "number of weights (3 runs)")
    label_plot(right, "epoch", "validation cost")
    return figure, lines


def draw_dropout(quick: bool) -> Result:
    """Draw the training of a large network on few examples, with and without dropout."""
    train, validation, _ = load_data()
    few, count = train[:300], limit_epochs(quick, 150)
    figure, (left, right) = make_figure()
    lines = []
    for i, (label, extra) in enumerate({"without": [], "Dropout(0.5)": [dr.Dropout(0.5)]}.items()):
        network = dr.Network([dr.Dense(100), dr.ReLU(), *extra, dr.Dense(10)], dr.LogLikelihood(), (64,))

        def run(seed: int, network: dr.Network = network) -> dr.Model:
            return dr.fit(
                network, few, epochs=count, eta=0.1, validation=validation, seed=seed, engine="numpy",
                callbacks=[dr.callbacks.Monitor()],
            )  # fmt: skip

        models = [run(seed) for seed in list_seeds(quick)]
        for axes, what, scale in ((left, "cost", 1), (right, "accuracy", 100)):
            for source, line in (("validation", "-"), ("training", ":")):
                values = scale * np.array([model.history[f"{source}_{what}"] for model in models])
                plot_runs(axes, values, i, f"{label}, {source}", line=line)
        ends = [100 * model.history["validation_accuracy"][-1] for model in models]
        costs = [model.history["validation_cost"][-1] for model in models]
        lines.append(f"{label}: validation accuracy {format_spread(ends)} %, cost {format_spread(costs, '{:.3f}')}")
    left.set_yscale("log")
    right.set_ylim(80, 100.5)
    label_plot(left, "epoch", "cost")
    label_plot(right, "epoch", "accuracy in %", legend=None)
    return figure, lines


def draw_early_stopping(quick: bool) -> Result:
    """Draw one long run, and the epochs where early stopping with different n ends it."""
    train, validation, _ = load_data()
    count = limit_epochs(quick, 120)

    training, network = dr.Training(epochs=count, eta=0.5, seed=2), dr.Network.dense([64, 30, 10])

    def run(*callbacks: dr.Callback) -> dr.Model:
        return dr.fit(network, train, training, validation=validation, engine="numpy", callbacks=callbacks)

    accuracies = 100 * np.array(run().history["validation_accuracy"])
    figure, axes = make_figure(1, 7, 3.4)
    axes.plot(range(1, count + 1), accuracies, color=COLOURS[0], label="validation accuracy of the whole run")
    lines = [f"best of {count} epochs: {accuracies.max():.2f} %"]
    for i, n in enumerate((2, 10, 30), start=1):
        model = run(dr.callbacks.EarlyStopping(n))
        best = model.history.best("validation_accuracy")
        axes.axvline(len(model.history), color=COLOURS[i], linestyle=LINES[i], label=f"EarlyStopping({n}) stops")
        axes.plot(best["epoch"] + 1, 100 * best["validation_accuracy"], "o", color=COLOURS[i], ms=6)
        lines.append(
            f"EarlyStopping({n}): {len(model.history)} epochs, the best is epoch {best['epoch'] + 1} "
            f"with {100 * best['validation_accuracy']:.2f} %"
        )
    axes.set_ylim(bottom=max(80, accuracies.min()))
    label_plot(axes, "epoch", "accuracy in %", "● the best epoch", "lower right")
    return figure, lines


def draw_label_smoothing(quick: bool) -> Result:
    """Draw the largest outputs of a network, with and without label smoothing."""
    train, validation, _ = load_data()
    count = limit_epochs(quick, 60)
    figure, both = make_figure()
    lines = []
    plain, smooth = dr.LogLikelihood(), dr.LabelSmoothing(dr.LogLikelihood(), 0.1)
    for axes, cost, title in zip(both, (plain, smooth), ("LogLikelihood", "LabelSmoothing, ε = 0.1"), strict=True):
        network = dr.Network.dense([64, 30, 10], cost=cost, hidden="relu")
        sure, right, sizes = [], [], []
        for seed in list_seeds(quick):
            model = dr.fit(network, train, epochs=count, eta=0.1, validation=validation, seed=seed, engine="numpy")
            sure.append(model.outputs(validation.x).max(axis=1))
            right.append(model.predict(validation.x) == validation.y)
            sizes.append(np.abs(model.params[-1]["w"]).mean())
        output, correct = np.concatenate(sure), np.concatenate(right)
        bins = np.linspace(0, 1, 26)
        axes.hist(output[correct], bins, color=COLOURS[0], alpha=0.5, label="right answers")
        axes.hist(output[~correct], bins, color=COLOURS[1], histtype="step", linewidth=1.6, label="wrong answers")
        axes.set_yscale("log")
        label_plot(axes, "largest output", f"validation images ({len(sizes)} runs)", title, "upper left")
        accuracies = [100 * r.mean() for r in right]
        lines.append(
            f"{title}: {100 * (output[~correct] > 0.9).mean():.0f} % of the wrong answers have an output above 0.9; "
            f"validation accuracy {format_spread(accuracies)} %; mean |w| of the last layer {np.mean(sizes):.2f}"
        )
    for axes in both:
        axes.set_ylim(0.7, max(axes.get_ylim()[1] for axes in both))
    return figure, lines
