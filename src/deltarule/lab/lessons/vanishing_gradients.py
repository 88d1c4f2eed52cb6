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
    from deltarule.constructions.chain import backpropagate, balance_biases, build_chain
    from deltarule.data import load
    from deltarule.lab.figure import LEARNING, make_figure
    from deltarule.lab.learning_figures import pack_examples

    training, _, _ = load("digits")
    return (
        LEARNING, Network, backpropagate, balance_biases, build_chain, make_figure, mo, np, pack_examples, training,
    )  # fmt: skip


@app.cell
def _(mo):
    mo.md(r"""
    # Vanishing and exploding gradients

    How fast a layer learns can be seen from the length of its gradient, $\|\delta^l\| = \|\partial C / \partial b^l\|$.
    Going back one layer, backpropagation multiplies by $w^T$ and by $\sigma'(z)$, which is never above ¼. So the error
    that arrives at the first layers is a product of many factors, most of them small. The first two pictures show
    networks before they learn, on 100 of the small digits. In the third one the network learns from 300 of them.
    """)
    return


@app.cell
def _(LEARNING, make_figure, mo, pack_examples, training):
    figure = mo.ui.anywidget(make_figure("vanishing_gradients", LEARNING, training=pack_examples(training, 300)))
    figure
    return (figure,)


@app.cell
def _(mo):
    mo.md(r"""
    - Add layers. With sigmoids and $s = 1/\sqrt{n}$ each one makes the gradient of the first layer about five times
      shorter. With eight layers the last one has a gradient almost 100,000 times as long as the first.
    - The first layers do not catch up: after 15 epochs their gradients are still the shortest.
    - ReLU with He's first weights, $s = \sqrt{2/n}$, keeps the lengths nearly level, because its slope is 1 where a
      neuron is active. With $s = 1$ the gradient explodes: in the first layer it is more than 50 times as long as in
      the last one.

    The same in Python:
    """)
    return


@app.cell
def _(Network, mo, np, training):
    def measure_gradients(hidden, depth, width, init, seed):
        """Compute ‖∂C/∂b‖ of each hidden layer before learning, on 100 images."""
        few = training.take(slice(100))
        network = Network.dense([64, *[width] * depth, 10], hidden=hidden, init=init)
        grads = network.gradients(network.init(seed), few.x.reshape(100, -1) / few.white, few.targets.astype(float))
        return np.array([np.linalg.norm(layer["b"]) for layer in grads if layer][:-1])

    mo.show_code(measure_gradients("sigmoid", depth=4, width=30, init="default", seed=1).round(4))
    return (measure_gradients,)


@app.cell
def _(mo):
    mo.md(r"""
    ## A chain, number by number

    With one neuron in each layer the gradient is a product of numbers:
    $\partial C/\partial b_1 = \sigma'(z_1)\, w_2\, \sigma'(z_2)\, w_3 \cdots \sigma'(z_L)\; \partial C/\partial a$.
    Here the biases are such that every $z$ is 0, where $\sigma'$ is largest, ¼. Drag the weights.
    """)
    return


@app.cell
def _(make_figure, mo):
    chain = mo.ui.anywidget(make_figure("chain"))
    chain
    return (chain,)


@app.cell
def _(mo):
    mo.md("""
    With w = 4 the gradient keeps its size from neuron to neuron. With smaller weights it vanishes, with larger ones it
    explodes. The problem is not that gradients vanish, but that they are **unstable**: a product of many factors is
    hardly ever near 1.
    """)
    return


@app.cell
def _(backpropagate, balance_biases, build_chain, mo, np):
    def compute_gradients(weights):
        """Compute |∂C/∂b| of each neuron by backpropagation, with biases that make every weighted input 0."""
        chained = build_chain(weights, balance_biases(weights, 1.0))
        return np.abs(backpropagate(chained, 1.0, 0.0))

    mo.show_code(compute_gradients([1, 1, 1, 1, 1]))
    return (compute_gradients,)


if __name__ == "__main__":
    app.run()
