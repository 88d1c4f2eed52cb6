"""Where learning starts: saturated neurons, and weights that avoid them (chapter 3)."""

# /// script
# [tool.marimo.display]
# theme = "system"
# ///

import marimo

app = marimo.App(app_title="First weights", css_file="../lesson.css")


@app.cell
def _():
    import marimo as mo
    import numpy as np

    from deltarule import Network, fit
    from deltarule.core.activations import sigmoid
    from deltarule.data import load
    from deltarule.figures import COLOURS
    from deltarule.lab import show

    train, validation, _ = load("digits")
    return COLOURS, Network, fit, mo, np, show, sigmoid, train, validation


@app.cell
def _(mo):
    mo.md(r"""
    # First weights

    A neuron has $n$ inputs, and half of them are 1. If its weights are drawn with standard deviation $s$ and its bias
    with 1, its weighted input $z$ is a sum of $n/2$ weights and the bias: it spreads as $\sqrt{s^2 n/2 + 1}$. Where
    $|z|$ is large σ is flat. The neuron is **saturated** before it has learned anything, and can hardly learn.
    """)
    return


@app.cell
def _(mo):
    n_in = mo.ui.slider(10, 2000, 10, value=1000, label="inputs n", show_value=True)
    spread = mo.ui.slider(0.01, 1.5, 0.01, value=1.0, label="standard deviation s of the weights", show_value=True)
    return n_in, spread


@app.cell
def _(mo, n_in, spread):
    mo.hstack([n_in, spread], justify="start", gap=3, wrap=True)
    return


@app.cell
def _(n_in, np, sigmoid, spread):
    _random = np.random.default_rng(1)
    _on = n_in.value // 2
    z = spread.value * _random.standard_normal((5000, _on)).sum(axis=1) + _random.standard_normal(5000)
    a = sigmoid(z)
    saturated = float(np.mean((a < 0.01) | (a > 0.99)))
    theory = float(np.sqrt(spread.value**2 * _on + 1))
    return a, saturated, theory, z


@app.cell
def _(COLOURS, a, mo, np, saturated, show, spread, theory, z):
    _figure, (_left, _right) = show.figure(1, 2, (9, 3.4))
    _left.hist(z, np.linspace(-60, 60, 81), density=True, color=COLOURS[0], alpha=0.6, label="5,000 neurons")
    _grid = np.linspace(-60, 60, 400)
    _left.plot(
        _grid, np.exp(-((_grid / theory) ** 2) / 2) / theory / np.sqrt(2 * np.pi), color="black", lw=1, label="theory"
    )
    show.named(_left, "weighted input z", "density", f"deviation {z.std():.1f} (theory {theory:.1f})")
    _right.hist(a, np.linspace(0, 1, 41), color=COLOURS[1], alpha=0.8)
    show.named(_right, "activation σ(z)", "neurons", f"s = {spread.value:g}")
    mo.vstack([mo.Html(show.plotted(_figure)), mo.md(f"**{100 * saturated:.0f} %** of the neurons are saturated.")])
    return


@app.cell
def _(mo):
    mo.md(r"""
    The remedy: $s = 1/\sqrt{n}$. Then $z$ stays near 1, whatever the number of inputs. Below, networks learn the small
    digits from both beginnings.
    """)
    return


@app.cell
def _(mo):
    hidden = mo.ui.slider(10, 100, 10, value=30, label="hidden neurons", show_value=True)
    eta = mo.ui.slider(0.05, 1.0, 0.05, value=0.1, label="learning rate η", show_value=True)
    epochs = mo.ui.slider(1, 20, 1, value=8, label="epochs", show_value=True)
    return epochs, eta, hidden


@app.cell
def _(epochs, eta, hidden, mo):
    mo.hstack([hidden, eta, epochs], justify="start", gap=3, wrap=True)
    return


@app.cell
def _(Network, epochs, eta, fit, hidden, train, validation):
    def learned(init):
        network = Network.dense([64, hidden.value, 10], init=init)
        return fit(network, train, epochs=epochs.value, eta=eta.value, validation=validation, seed=1, engine="numpy")

    curves = {init: learned(init).history["validation_accuracy"] for init in ("large", "default")}
    return (curves,)


@app.cell
def _(COLOURS, curves, mo, np, show):
    _figure, _axes = show.figure(size=(7, 3.2))
    for _i, (_init, _name) in enumerate((("large", "s = 1"), ("default", "s = 1/√n"))):
        _values = 100 * np.array(curves[_init])
        _axes.plot(np.arange(1, len(_values) + 1), _values, "o-"[_i:] + "-" * (1 - _i), color=COLOURS[_i], label=_name)
    _axes.xaxis.get_major_locator().set_params(integer=True)
    show.named(_axes, "epoch", "validation accuracy in %")
    mo.Html(show.plotted(_figure))
    return


@app.cell
def _(mo):
    mo.md("""
    ## Try

    - Set s to 1/√n for 1,000 inputs, about 0.03: almost no neuron is saturated.
    - The start decides how soon it learns, less where it ends. With more epochs the two come together.
    """)
    return


if __name__ == "__main__":
    app.run()
