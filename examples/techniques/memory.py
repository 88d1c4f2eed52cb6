"""The figure of recurrent layers: digits read row by row, and a number that is remembered over many steps."""

import numpy as np
from drawing import Result, format_spread, label_plot, limit_epochs, list_seeds, load_data, make_figure, plot_runs

import deltarule as dr

CELLS = {"Recurrent": dr.Recurrent, "LSTM": dr.LSTM, "GRU": dr.GRU}


def draw_recurrent(quick: bool) -> Result:
    """Draw the training of three recurrent layers on rows of digits, and how far back each of them remembers."""
    train, validation, _ = load_data()
    figure, (left, right) = make_figure()
    lines, count, seeds = [], limit_epochs(quick, 8), list_seeds(quick, 3)
    for i, (label, cell) in enumerate(CELLS.items()):

        def run(seed: int, cell: type = cell) -> dr.Model:
            network = dr.Network([cell(30), dr.LastStep(), dr.Dense(10)], dr.LogLikelihood(), (8, 8))
            return dr.fit(
                network, train, epochs=count, eta=0.003, optimizer=dr.ClipNorm(dr.Adam(), 1.0),
                validation=validation, seed=seed, engine="numpy",
            )  # fmt: skip

        accuracies = 100 * np.asarray([run(seed).history["validation_accuracy"] for seed in seeds])
        plot_runs(left, accuracies, i, label)
        lines.append(f"{label}: validation accuracy {format_spread(accuracies[:, -1])} %")
    distances = [5, 10] if quick else [5, 15, 45]
    for i, (label, cell) in enumerate(CELLS.items()):
        found = [[100 * measure_recall(cell, steps, seed, quick) for steps in distances] for seed in seeds]
        plot_runs(right, found, i, label, x=distances)
        by_distance = zip(distances, np.asarray(found).T, strict=True)
        texts = [f"{steps} steps {format_spread(one, '{:.0f}')}" for steps, one in by_distance]
        lines.append(f"{label}: recall after {', '.join(texts)} %")
    right.set_xscale("log")
    right.set_xticks(distances, map(str, distances))
    right.minorticks_off()
    label_plot(left, "epoch", "validation accuracy (%)", "digits, read row by row", "lower right")
    label_plot(right, "steps of the sequence", "accuracy (%)", "the sign of the first number", "lower left")
    return figure, lines


def measure_recall(cell: type, steps: int, seed: int, quick: bool) -> float:
    """Train a layer to tell the sign of the first number of a sequence at its end; return its accuracy on others."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(1000, steps, 1))
    data = dr.Dataset(x, (x[:, 0, 0] > 0).astype(int), "signs", scale=1.0)
    network = dr.Network([cell(10), dr.LastStep(), dr.Dense(2)], dr.LogLikelihood(), (steps, 1))
    model = dr.fit(
        network, data[:600], epochs=limit_epochs(quick, 8), batch_size=20, eta=0.01,
        optimizer=dr.ClipNorm(dr.Adam(), 1.0), seed=seed, engine="numpy",
    )  # fmt: skip
    return model.accuracy(data[600:])
