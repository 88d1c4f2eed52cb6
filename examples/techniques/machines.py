"""The figure of the page on Boltzmann machines: digits that a machine wrote and completed, and its likelihood."""

import numpy as np
from drawing import Result, limit_epochs, load_data, make_figure

import deltarule as dr
from deltarule.callbacks import FreeEnergy
from deltarule.core import random
from deltarule.core.boltzmann import free_energy
from deltarule.core.partition import count_log_partition, estimate_log_partition


def draw_boltzmann(quick: bool) -> Result:
    """Draw digits of each label, and lower halves completed; measure the likelihood of a small machine exactly."""
    train, validation, test = load_data("digits")
    epochs = limit_epochs(quick, 60)
    settings = {"epochs": epochs, "optimizer": dr.Momentum(0.5), "regularizer": dr.L2(1.0), "seed": 1}
    schedule = dr.schedules.Exponential(0.1, 0.95)
    machine = dr.RBM(64, 200, n_labels=10, chains=100)
    model = dr.fit(
        machine, train, eta=schedule, validation=validation, callbacks=[FreeEnergy()], engine="numpy", **settings
    )
    steps = 20 if quick else 1000
    written = np.stack([model.sample(8, seed=label, steps=steps, label=label) for label in range(10)], axis=1)
    chosen = np.array([int(np.flatnonzero(test.y == label)[0]) for label in range(10)])
    known = np.repeat(np.arange(8) < 4, 8).reshape(8, 8)
    halves = np.where(known, test.x[chosen], 0)
    completed = model.complete(halves, known, seed=1, steps=steps)
    figure, axes = make_figure(10, 6.4, 7.4, rows=11)
    rows = [*written, test.x[chosen], halves, completed]
    for row, pictures in zip(axes, rows, strict=True):
        for axis, picture in zip(row, pictures, strict=True):
            axis.imshow(np.clip(picture, 0, 16), cmap="gray_r", vmin=0, vmax=16)
            axis.set(xticks=[], yticks=[])
            axis.grid(False)
            axis.spines[:].set(visible=False)
    for row, text in ((0, "written"), (8, "real"), (9, "upper half"), (10, "completed")):
        axes[row, 0].set_ylabel(text, fontsize=9, rotation=0, ha="right", va="center")
    small = dr.fit(dr.RBM(64, 16, chains=100), train, eta=schedule, engine="numpy", **settings)
    p = {name: leaf.astype(np.float64) for name, leaf in small.params[0].items()}
    v = test.x.reshape(len(test), 64) / test.scale
    exact = count_log_partition(p)
    found = estimate_log_partition(p, random.key(1), 100, 100 if quick else 1000, base=p["b"])
    return figure, [
        f"the labelled machine: {100 * model.accuracy(test):.1f} % of {len(test)} test images; pseudo-log-likelihood "
        f"{model.history['pseudo_log_likelihood'][-1]:.1f}, free-energy gap {model.history['free_energy_gap'][-1]:.1f}",
        f"16 hidden units: ln Z is {exact:.3f} by counting, {found.log_z:.3f} ± {found.standard_error:.3f} by "
        f"sampling; mean ln P of the test set {float(np.mean(-free_energy(p, v)) - exact):.1f}",
    ]
