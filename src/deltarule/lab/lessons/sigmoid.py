"""The sigmoid neuron against the perceptron's step (chapter 1)."""

# /// script
# [tool.marimo.display]
# theme = "system"
# ///

import marimo

app = marimo.App(app_title="Sigmoid against step", css_file="../lesson.css")


@app.cell
def _():
    import marimo as mo
    import numpy as np

    from deltarule.core.activations import Sigmoid
    from deltarule.lab import html
    from deltarule.plotting import COLOURS

    return COLOURS, Sigmoid, mo, np, html


@app.cell
def _(mo):
    mo.md(r"""
    # Sigmoid against step

    To learn, a network must be able to change its mind a little: a small change of a weight should change the output a
    little, so that one can tell whether it got better. A perceptron cannot. It flips from 0 to 1, or does nothing.

    A **sigmoid neuron** smooths the step away:

    $$a = \sigma(z) = \frac{1}{1 + e^{-z}}, \qquad z = w x + b$$

    The weight says how steep it is, and $-b/w$ where it rises.
    """)
    return


@app.cell
def _(mo):
    w = mo.ui.slider(-20, 20, 0.5, value=4, label="weight w", show_value=True)
    b = mo.ui.slider(-20, 20, 0.5, value=-2, label="bias b", show_value=True)
    nudge = mo.ui.slider(0.0, 2.0, 0.05, value=0.5, label="a nudge Δw", show_value=True)
    return b, nudge, w


@app.cell
def _(b, mo, nudge, w):
    mo.vstack([w, b, nudge])
    return


@app.cell
def _(Sigmoid, b, np, nudge, w):
    def sigmoid(z):
        """σ(z), by the library's own layer."""
        return Sigmoid().forward({}, np.asarray(z, float))[0]

    def step(z):
        """The perceptron."""
        return (np.asarray(z) > 0).astype(float)

    x = np.linspace(-1, 2, 301)
    smooth, hard = sigmoid(w.value * x + b.value), step(w.value * x + b.value)
    smooth_nudged, hard_nudged = (
        sigmoid((w.value + nudge.value) * x + b.value),
        step((w.value + nudge.value) * x + b.value),
    )
    moved, most = float(np.abs(smooth_nudged - smooth).mean()), float(np.abs(smooth_nudged - smooth).max())
    flipped = float(np.abs(hard_nudged - hard).mean())
    return flipped, hard, hard_nudged, most, moved, smooth, smooth_nudged, x


@app.cell
def _(COLOURS, flipped, hard, hard_nudged, mo, most, moved, html, smooth, smooth_nudged, x):
    _figure, (_left, _right) = html.new_figure(1, 2, (9, 3.4), sharey=True)
    for _axes, _before, _after, _name in ((_left, smooth, smooth_nudged, "sigmoid neuron"),
                                          (_right, hard, hard_nudged, "perceptron")):  # fmt: skip
        _axes.plot(x, _before, color=COLOURS[0], label="w")
        _axes.plot(x, _after, "--", color=COLOURS[1], label="w + Δw")
        html.label_axes(_axes, "x", "output a", _name)
    mo.vstack([mo.Html(html.render_figure(_figure)), mo.md(
        f"The nudge moves the sigmoid's output by {moved:.3f} on average, and by {most:.3f} at most. "
        f"The perceptron's flips for {100 * flipped:.1f} % of these inputs, and does not stir for the others."
    )])  # fmt: skip
    return


@app.cell
def _(mo):
    mo.md(r"""
    ## Small changes add up

    Because σ is smooth, a small change of the weights changes the output nearly linearly:

    $$\Delta a \approx \frac{\partial a}{\partial w} \Delta w + \frac{\partial a}{\partial b} \Delta b$$

    $$\frac{\partial a}{\partial w} = \sigma'(z)\, x$$

    Choose an input, and compare the true change with what the derivative foretells.
    """)
    return


@app.cell
def _(mo):
    at = mo.ui.slider(-1.0, 2.0, 0.05, value=0.6, label="input x", show_value=True)
    at
    return (at,)


@app.cell
def _(Sigmoid, at, b, np, nudge, w):
    _z = np.array(w.value * at.value + b.value)
    _a, _cache = Sigmoid().forward({}, _z)
    _slope, _ = Sigmoid().backward({}, _cache, np.ones_like(_z))  # σ′(z)
    foretold = float(_slope * at.value * nudge.value)
    true = float(Sigmoid().forward({}, _z + nudge.value * at.value)[0] - _a)
    return foretold, true


@app.cell
def _(foretold, mo, true):
    mo.md(f"Foretold: Δa ≈ **{foretold:.4f}**. True: Δa = **{true:.4f}**.")
    return


@app.cell
def _(mo):
    mo.md(r"""
    ## Try

    - Make $|w|$ as large as it goes. The sigmoid becomes a step, and a network of such neurons computes what
      perceptrons compute. But then σ′ is nearly 0 almost everywhere: it can no longer learn.
    - With a small nudge the foretold change is nearly the true one. When does it fail?
    """)
    return


if __name__ == "__main__":
    app.run()
