"""Why deep networks learn slowly: gradients that vanish or explode from layer to layer (chapter 5)."""

# /// script
# [tool.marimo.display]
# theme = "system"
# ///

import marimo

app = marimo.App(app_title="Vanishing and exploding gradients", css_file="../lesson.css")


@app.cell
def _():
    import marimo as mo
    import numpy as np

    from deltarule import Network
    from deltarule.data import load
    from deltarule.initializers import Default, He, Large
    from deltarule.lab import html
    from deltarule.plotting import COLOURS

    train, _, _ = load("digits")
    images, labels = train.x.reshape(len(train), -1) / train.white, train.targets.astype(float)
    return COLOURS, Default, He, Large, Network, images, labels, mo, np, html


@app.cell
def _(mo):
    mo.md(r"""
    # Vanishing and exploding gradients

    How fast a layer learns is the length of its gradient, $\|\delta^l\| = \|\partial C / \partial b^l\|$. Going back
    one layer, backpropagation multiplies by $w^T$ and by $\sigma'(z)$, which is never above ¼. So the error that
    arrives at the first layers has been multiplied many times over. Here are networks before any
    learning, on the small digits.
    """)
    return


@app.cell
def _(mo):
    depth = mo.ui.slider(1, 12, 1, value=4, label="hidden layers", show_value=True)
    width = mo.ui.slider(5, 100, 5, value=30, label="neurons in each", show_value=True)
    neuron = mo.ui.dropdown(["sigmoid", "tanh", "relu", "leaky-relu"], value="sigmoid", label="activation")
    init = mo.ui.dropdown(["default", "large", "he"], value="default", label="first weights")
    seed = mo.ui.slider(1, 20, 1, value=1, label="seed", show_value=True)
    return depth, init, neuron, seed, width


@app.cell
def _(depth, init, mo, neuron, seed, width):
    mo.hstack([mo.vstack([depth, width, seed]), mo.vstack([neuron, init])], justify="start", gap=3, wrap=True)
    return


@app.cell
def _(Network, depth, images, init, labels, neuron, np, seed, width):
    def lengths(name):
        """‖δ‖ of each hidden layer before learning, with this activation."""
        sizes = [64, *[width.value] * depth.value, 10]
        network = Network.dense(sizes, hidden=name, init=init.value)
        grads = network.gradients(network.init(seed.value), images, labels)
        return np.array([np.linalg.norm(layer["b"]) for layer in grads if layer][:-1])

    norms = lengths(neuron.value)
    others = {name: lengths(name) for name in ("sigmoid", "tanh", "relu")}
    ratio = float(norms[-1] / max(norms[0], 1e-300))
    return norms, others, ratio


@app.cell
def _(COLOURS, mo, neuron, np, norms, others, ratio, html):
    _figure, (_left, _right) = html.new_figure(1, 2, (9, 3.6), sharey=True)
    _layers = np.arange(1, len(norms) + 1)
    _left.bar(_layers, np.maximum(norms, 1e-12), color=COLOURS[0])
    for _i, (_name, _values) in enumerate(others.items()):
        _right.plot(_layers, np.maximum(_values, 1e-12), marker="os^"[_i], color=COLOURS[_i], label=_name)
    for _axes in (_left, _right):
        _axes.set_yscale("log")
        _axes.xaxis.get_major_locator().set_params(integer=True)
    html.label_axes(_left, "hidden layer", "‖∂C/∂b‖", neuron.value)
    html.label_axes(_right, "hidden layer", "", "the same depth with")
    mo.vstack([mo.Html(html.render_figure(_figure)), mo.md(
        f"The last hidden layer learns **{ratio:.3g} times** as fast as the first."
    )])  # fmt: skip
    return


@app.cell
def _(mo):
    mo.md(r"""
    ## A chain, number by number

    With one neuron a layer the gradient is a plain product:
    $\partial C/\partial b_1 = \sigma'(z_1)\, w_2\, \sigma'(z_2)\, w_3 \cdots \sigma'(z_L)\; \partial C/\partial a$.
    Here every $z$ is 0, where $\sigma'$ is largest, ¼.
    """)
    return


@app.cell
def _(mo):
    w = mo.ui.slider(0.5, 8.0, 0.25, value=1.0, label="all weights", show_value=True)
    links = mo.ui.slider(1, 10, 1, value=5, label="neurons in the chain", show_value=True)
    return links, w


@app.cell
def _(links, mo, w):
    mo.hstack([w, links], justify="start", gap=3, wrap=True)
    return


@app.cell
def _(links, np, w):
    from deltarule.constructions.chain import backpropagate, balance_biases, build_chain

    _weights = [w.value] * links.value
    slopes = np.abs(backpropagate(build_chain(_weights, balance_biases(_weights, 1.0)), 1.0, 0.0))
    return (slopes,)


@app.cell
def _(COLOURS, links, mo, np, html, slopes, w):
    _figure, _axes = html.new_figure(size=(7, 2.9))
    _axes.bar(np.arange(1, links.value + 1), slopes, color=COLOURS[1])
    _axes.set_yscale("log")
    _axes.xaxis.get_major_locator().set_params(integer=True)
    html.label_axes(_axes, "neuron", "|∂C/∂b|", f"a factor of w/4 = {w.value / 4:g} from each to the one before")
    mo.Html(html.render_figure(_figure))
    return


@app.cell
def _(mo):
    mo.md("""
    ## Try

    - Add layers. With sigmoids and default weights each one takes nearly the same factor off.
    - Only w = 4 keeps the gradient in the chain as it is; above it explodes. It is not vanishing that is the trouble
      but being **unstable**: a product of many factors is hardly ever near 1.
    - ReLU with He's first weights keeps the lengths level: its slope is 1 wherever the neuron is on.
    """)
    return


if __name__ == "__main__":
    app.run()
