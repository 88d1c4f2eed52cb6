"""Overfitting and weight decay: ten points and a polynomial, then a network (chapter 3)."""

# /// script
# [tool.marimo.display]
# theme = "system"
# ///

import marimo

app = marimo.App(app_title="Overfitting", css_file="../lesson.css")


@app.cell
def _():
    from dataclasses import replace

    import marimo as mo
    import numpy as np

    from deltarule import L2, Network, fit
    from deltarule.callbacks import Monitor
    from deltarule.data import load
    from deltarule.lab import html
    from deltarule.plotting import COLOURS

    train, validation, _ = load("digits")
    return COLOURS, L2, Monitor, Network, fit, mo, np, replace, html, train, validation


@app.cell
def _(mo):
    mo.md("""
    # Overfitting

    Ten points lie near the line y = 2x. A polynomial of order nine goes through all of them exactly. Which of the two
    has understood something?
    """)
    return


@app.cell
def _(mo):
    order = mo.ui.slider(1, 9, 1, value=9, label="order of the polynomial", show_value=True)
    noise = mo.ui.slider(0.0, 2.0, 0.1, value=0.6, label="noise of the points", show_value=True)
    decay = mo.ui.slider(0.0, 1.0, 0.01, value=0.0, label="weight decay on its coefficients", show_value=True)
    return decay, noise, order


@app.cell
def _(decay, mo, noise, order):
    mo.vstack([order, noise, decay])
    return


@app.cell
def _(decay, noise, np, order):
    _random = np.random.default_rng(3)
    points = np.linspace(0.1, 4.9, 10)
    values = 2 * points + noise.value * _random.standard_normal(10)

    def powers(x):
        """1, u, u², …, u the input brought to −1 … 1."""
        return np.vander((np.asarray(x) - 2.5) / 2.5, order.value + 1, increasing=True)

    _design = powers(points)
    _penalty = decay.value * np.eye(order.value + 1)
    _penalty[:2, :2] = 0  # the line itself is free
    coefficients = np.linalg.lstsq(
        np.vstack([_design, np.sqrt(_penalty)]), np.concatenate([values, np.zeros(order.value + 1)]), rcond=None
    )[0]
    grid = np.linspace(0, 5, 301)
    curve = powers(grid) @ coefficients
    at_points = float(np.sqrt(np.mean((_design @ coefficients - values) ** 2)))
    elsewhere = float(np.sqrt(np.mean((curve - 2 * grid) ** 2)))
    return at_points, curve, elsewhere, grid, points, values


@app.cell
def _(COLOURS, at_points, curve, elsewhere, grid, mo, np, order, points, html, values):
    _figure, _axes = html.new_figure(size=(7, 3.6))
    _axes.plot(grid, 2 * grid, "--", color=COLOURS[2], label="y = 2x, which made them")
    _axes.plot(grid, curve, color=COLOURS[0], label=f"order {order.value}")
    _axes.plot(points, values, "o", color="black", label="the ten points")
    _between = np.concatenate([values, curve[(points[0] < grid) & (grid < points[-1])]])
    limits = (min(-3, _between.min() - 1), max(14, _between.max() + 1))
    _axes.set_ylim(limits)
    html.label_axes(_axes, "x", "y")
    mo.vstack([mo.Html(html.render_figure(_figure)), mo.md(
        f"Distance from the points **{at_points:.2f}**, from the line that made them **{elsewhere:.2f}**."
    )])  # fmt: skip
    return (limits,)


@app.cell
def _(mo):
    mo.md("""
    ## A network does the same

    Here is one that learns from a few of the small digits, and a fifth of their labels are wrong. In time it learns
    most of those by heart as well. On digits that it has not seen it gets worse again, and its cost goes up: it is ever
    more certain of what is wrong. **Weight decay** λ makes large weights cost something, so that only what is worth it
    is learned.
    """)
    return


@app.cell
def _(mo):
    n = mo.ui.slider(50, 1000, 50, value=300, label="training images n", show_value=True, debounce=True)
    wrong = mo.ui.slider(0.0, 0.5, 0.05, value=0.2, label="share of wrong labels", show_value=True, debounce=True)
    lmbda = mo.ui.slider(0.0, 5.0, 0.1, value=0.0, label="weight decay λ", show_value=True, debounce=True)
    epochs = mo.ui.slider(10, 200, 10, value=100, label="epochs", show_value=True, debounce=True)
    return epochs, lmbda, n, wrong


@app.cell
def _(epochs, lmbda, mo, n, wrong):
    mo.hstack([mo.vstack([n, wrong]), mo.vstack([lmbda, epochs])], justify="start", gap=3, wrap=True)
    return


@app.cell
def _(n, np, replace, train, wrong):
    _random = np.random.default_rng(1)
    _few = train.take(slice(n.value))
    _false = _random.permutation(n.value) < round(wrong.value * n.value)
    few = replace(_few, y=np.where(_false, (_few.y + _random.integers(1, 10, n.value)) % 10, _few.y))
    return (few,)


@app.cell
def _(L2, Monitor, Network, epochs, few, fit, lmbda, validation):
    model = fit(
        Network.dense([64, 30, 10]),
        few,
        epochs=epochs.value,
        eta=0.5,
        regularizer=L2(lmbda.value) if lmbda.value else None,
        validation=validation,
        seed=1,
        engine="numpy",
        callbacks=[Monitor(training=few)],
    )
    history = model.history
    weights = sum(float((layer["w"] ** 2).sum()) for layer in model.params if layer)
    return history, weights


@app.cell
def _(COLOURS, history, mo, np, html, weights):
    _figure, (_left, _right) = html.new_figure(1, 2, (9, 3.5))
    for _i, (_source, _line) in enumerate((("training", "--"), ("validation", "-"))):
        _left.plot(100 * np.array(history[f"{_source}_accuracy"]), _line, color=COLOURS[_i], label=_source)
        _right.plot(history[f"{_source}_cost"], _line, color=COLOURS[_i], label=_source)
    html.label_axes(_left, "epoch", "accuracy in %")
    html.label_axes(_right, "epoch", "cost, without the weights'")
    _last, _best = history["validation_accuracy"][-1], max(history["validation_accuracy"])
    mo.vstack([mo.Html(html.render_figure(_figure)), mo.md(
        f"Unseen digits: **{100 * _last:.1f} %** at the end, {100 * _best:.1f} % at best. Σw² = {weights:.0f}."
    )])  # fmt: skip
    return


@app.cell
def _(mo):
    mo.md("""
    ## Try

    - Order 1 misses every point and is nearly right everywhere; order 9 misses none. Add a little decay to order 9.
    - With λ = 0.5 the network learns the right labels and leaves most of the wrong ones, and unseen digits gain some
      points. Raise λ until it learns hardly anything. That is too much.
    - Take the wrong labels away. Now there is little to be gained: so small a network overfits hardly at all.
    - More images do more than any trick: take 1,000 of them.
    """)
    return


if __name__ == "__main__":
    app.run()
