"""Choosing the learning rate: too small, too large, and how to find one between (chapter 3)."""

# /// script
# [tool.marimo.display]
# theme = "system"
# ///

import marimo

app = marimo.App(app_title="Choosing η", css_file="../lesson.css")


@app.cell
def _():
    from functools import cache
    from itertools import pairwise

    import marimo as mo
    import numpy as np

    from deltarule import Network, fit
    from deltarule.callbacks import Monitor
    from deltarule.data import load
    from deltarule.lab import html
    from deltarule.plotting import COLOURS

    train, _, _ = load("digits")
    return COLOURS, Monitor, Network, cache, fit, mo, np, pairwise, html, train


@app.cell
def _(mo):
    mo.md(r"""
    # Choosing $\eta$

    The first thing to choose is the learning rate, and the *training* cost shows it best. Three networks learn the
    small digits, alike but for $\eta$; epoch 0 is before learning. A network that gives every answer one chance in ten
    has a cost of 3.25: above that it is worse than guessing.
    """)
    return


@app.cell
def _(mo):
    low = mo.ui.slider(-3.0, 2.0, 0.1, value=-1.6, label="log₁₀ η of the first", show_value=True, debounce=True)
    middle = mo.ui.slider(-3.0, 2.0, 0.1, value=-0.3, label="log₁₀ η of the second", show_value=True, debounce=True)
    high = mo.ui.slider(-3.0, 2.0, 0.1, value=1.3, label="log₁₀ η of the third", show_value=True, debounce=True)
    hidden = mo.ui.dropdown(["sigmoid", "tanh", "relu"], value="sigmoid", label="activation")
    epochs = mo.ui.slider(2, 30, 1, value=10, label="epochs", show_value=True, debounce=True)
    return epochs, hidden, high, low, middle


@app.cell
def _(epochs, hidden, high, low, middle, mo):
    mo.hstack([mo.vstack([low, middle, high]), mo.vstack([hidden, epochs])], justify="start", gap=3, wrap=True)
    return


@app.cell
def _(Monitor, Network, cache, fit, train):
    @cache
    def train_network(eta, hidden, epochs):
        """The cost before learning, and after each epoch; what has been learned once is kept."""
        network = Network.dense([64, 20, 10], hidden=hidden)
        z, _ = network.forward(network.init(1), train.x.reshape(len(train), -1) / train.white)
        before = float(network.cost.value(z, train.targets.astype(float)))
        model = fit(network, train, epochs=epochs, eta=eta, seed=1, engine="numpy", stop_if_not_finite=False,
                    callbacks=[Monitor()])  # fmt: skip
        return [before, *model.history["training_cost"]]

    return (train_network,)


@app.cell
def _(epochs, hidden, high, train_network, low, middle):
    etas = [10.0**exponent.value for exponent in (low, middle, high)]
    costs = [train_network(eta, hidden.value, epochs.value) for eta in etas]
    return costs, etas


@app.cell
def _(COLOURS, costs, etas, mo, html):
    _figure, _axes = html.new_figure(size=(7.5, 3.6))
    for _i, (_eta, _cost) in enumerate(zip(etas, costs, strict=True)):
        _axes.plot(_cost, marker="os^"[_i], color=COLOURS[_i], markersize=4, label=f"η = {_eta:.3g}")
    _axes.set_yscale("log")
    _axes.xaxis.get_major_locator().set_params(integer=True)
    html.label_axes(_axes, "epoch", "cost on the training images")
    mo.Html(html.render_figure(_figure))
    return


@app.cell
def _(costs, etas, mo, pairwise):
    def _word(cost):
        if not cost[-1] < cost[0]:
            return "does not come down"
        if max(later / earlier for earlier, later in pairwise(cost)) > 1.2:
            return "comes down, but oscillates"
        return "comes down, but slowly" if cost[-1] > 0.2 * cost[0] else "comes down smoothly"

    verdicts = [_word(cost) for cost in costs]
    mo.md("\n".join(f"- η = {eta:.3g}: {verdict}, at the end {cost[-1]:.3g}"
                    for eta, cost, verdict in zip(etas, costs, verdicts, strict=True)))  # fmt: skip
    return (verdicts,)


@app.cell
def _(mo):
    mo.md(r"""
    ## How to choose

    1. Find the order of magnitude of the largest $\eta$ at which the training cost falls from the first epochs on,
       without oscillating. Try 0.01, 0.1, 1, … .
    2. Take about half of that threshold.
    3. Later, when it no longer improves, make $\eta$ smaller step by step: a *schedule*.

    `deltarule find-eta` does the first two for a network of yours.

    ## Try

    - Where is the threshold with sigmoids? And with ReLU, whose gradients are larger?
    - A small $\eta$ is not safe either: after ten epochs it is little better than guessing.
    """)
    return


if __name__ == "__main__":
    app.run()
