"""Where learning starts: saturated neurons, and weights that avoid them (chapter 3)."""

# /// script
# [tool.marimo.display]
# theme = "system"
# ///

import marimo

app = marimo.App(app_title="First weights", css_file="../lesson.css")


@app.cell
def _():
    from dataclasses import replace

    import marimo as mo
    import numpy as np

    from deltarule import Network, fit
    from deltarule.core.activations import sigmoid
    from deltarule.data import load
    from deltarule.lab import html
    from deltarule.plotting import COLOURS

    train, validation, _ = load("digits")
    FLAT = float(np.log(99))  # where σ(z) is 0.99
    return COLOURS, FLAT, Network, fit, mo, np, replace, html, sigmoid, train, validation


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
def _(FLAT, n_in, np, sigmoid, spread):
    _random = np.random.default_rng(1)
    _on = n_in.value // 2
    z = spread.value * _random.standard_normal((5000, _on)).sum(axis=1) + _random.standard_normal(5000)
    a = sigmoid(z)
    saturated = float(np.mean(np.abs(z) > FLAT))
    theory = float(np.sqrt(spread.value**2 * _on + 1))
    return a, saturated, theory, z


@app.cell
def _(COLOURS, FLAT, a, mo, np, saturated, html, spread, theory, z):
    _figure, (_left, _right) = html.new_figure(1, 2, (9, 3.4))
    edges = np.linspace(-4 * theory, 4 * theory, 61)
    density, _, _ = _left.hist(z, edges, density=True, color=COLOURS[0], alpha=0.6, label="5,000 neurons")
    _bell = np.exp(-((edges / theory) ** 2) / 2) / theory / np.sqrt(2 * np.pi)
    _left.plot(edges, _bell, color="black", lw=1, label="theory")
    _left.axvspan(-FLAT, FLAT, color=COLOURS[2], alpha=0.25, lw=0, label="not saturated")
    _left.set(xlim=edges[[0, -1]], ylim=(0, 1.6 * _bell.max()))
    html.label_axes(_left, "weighted input z", "density", f"deviation {z.std():.1f} (theory {theory:.1f})")
    _right.hist(a, np.linspace(0, 1, 41), color=COLOURS[1], alpha=0.8)
    html.label_axes(_right, "activation σ(z)", "neurons", f"s = {spread.value:g}")
    _text = f"**{100 * saturated:.0f} %** of the neurons are saturated."
    mo.vstack([mo.Html(html.render_figure(_figure)), mo.md(_text)])
    return density, edges


@app.cell
def _(mo):
    mo.md(r"""
    The remedy: $s = 1/\sqrt{n}$. Then $z$ stays near 0, with a standard deviation of $\sqrt{1.5} \approx 1.2$,
    whatever the number of inputs. Below, networks learn the small digits from both beginnings. Each pixel becomes
    $k \times k$ pixels: with $k = 4$ the images are 32 × 32, and a hidden neuron has 1,024 inputs.
    """)
    return


@app.cell
def _(mo):
    k = mo.ui.slider(1, 4, 1, value=4, label="pixels enlarged by k", show_value=True, debounce=True)
    hidden = mo.ui.slider(10, 100, 10, value=30, label="hidden neurons", show_value=True, debounce=True)
    eta = mo.ui.slider(0.05, 0.5, 0.05, value=0.1, label="learning rate η", show_value=True, debounce=True)
    epochs = mo.ui.slider(1, 20, 1, value=8, label="epochs", show_value=True, debounce=True)
    return epochs, eta, hidden, k


@app.cell
def _(epochs, eta, hidden, k, mo):
    mo.hstack([mo.vstack([k, hidden]), mo.vstack([eta, epochs])], justify="start", gap=3, wrap=True)
    return


@app.cell
def _(FLAT, Network, epochs, eta, fit, hidden, k, np, replace, train, validation):
    def enlarged(data):
        """Each pixel as k × k pixels."""
        return replace(data, x=data.x.repeat(k.value, axis=1).repeat(k.value, axis=2))

    _train, _validation = enlarged(train), enlarged(validation)
    _inputs = _train.x.reshape(len(_train), -1) / _train.white

    def network(init):
        return Network.dense([_inputs.shape[1], hidden.value, 10], init=init)

    def train_network(init, epochs, seed):
        """The validation accuracy after each epoch."""
        model = fit(network(init), _train, epochs=epochs, eta=eta.value, validation=_validation, seed=seed,
                    engine="numpy")  # fmt: skip
        return model.history["validation_accuracy"]

    def flat(init, seed):
        """The share of hidden activations that are saturated before learning."""
        first = network(init).init(seed)[0]
        return float(np.mean(np.abs(_inputs @ first["w"].T + first["b"]) > FLAT))

    names = {"large": "s = 1", "default": "s = 1/√n"}
    curves = {init: train_network(init, epochs.value, seed=1) for init in names}
    before = {init: flat(init, seed=1) for init in names}
    return before, curves, train_network, names


@app.cell
def _(COLOURS, before, curves, mo, names, np, html):
    _figure, _axes = html.new_figure(size=(7, 3.2))
    for _init, _line, _colour in zip(curves, ("o--", "o-"), COLOURS, strict=False):
        _values = 100 * np.array(curves[_init])
        _axes.plot(np.arange(1, len(_values) + 1), _values, _line, color=_colour, markersize=4, label=names[_init])
    _axes.xaxis.get_major_locator().set_params(integer=True)
    html.label_axes(_axes, "epoch", "validation accuracy in %")
    _shares = " and ".join(f"**{100 * before[init]:.0f} %** with {name}" for init, name in names.items())
    mo.vstack([mo.Html(html.render_figure(_figure)), mo.md(f"Saturated before learning: {_shares}.")])
    return


@app.cell
def _(mo):
    mo.md(r"""
    ## Try

    - Set s to 1/√n for 1,000 inputs, about 0.03: almost no neuron is saturated.
    - The start decides how soon it learns, less where it ends. With more epochs the two come nearer to each other.
    - Leave the digits as small as they are, $k = 1$: of 64 inputs half are nearly 0, so that $s = 1$ saturates few
      neurons, and with 30 of them it is even ahead. The remedy is for *many* inputs.
    """)
    return


if __name__ == "__main__":
    app.run()
