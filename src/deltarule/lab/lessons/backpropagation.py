"""Backpropagation, number by number: BP1 to BP4 on a network small enough to see whole (chapter 2)."""

# /// script
# [tool.marimo.display]
# theme = "system"
# ///

import marimo

app = marimo.App(app_title="Backpropagation, step by step", css_file="../lesson.css", width="medium")


@app.cell
def _():
    import marimo as mo
    import numpy as np

    from deltarule import Network
    from deltarule.lab.figure import make_figure

    network = Network.dense([2, 3, 2, 1], cost="quadratic")
    return make_figure, mo, network, np


@app.cell
def _(mo):
    mo.md(r"""
    # Backpropagation, step by step

    This network has two inputs, two hidden layers and one output. It is small enough to show every number. To learn, we
    must know how the cost $C = \tfrac12 (a - y)^2$ changes with each weight and each bias. Backpropagation computes all
    of this in one pass forward and one pass backward.

    The inputs are layer 1 and the output is layer 4. The weights $w^l$ lead into layer $l$. Go step by step, and press
    a neuron to see how its numbers come about.
    """)
    return


@app.cell
def _(make_figure, mo, network, np):
    first_weights = [[layer for layer in network.init(seed) if layer] for seed in range(1, 21)]
    figure = mo.ui.anywidget(
        make_figure(
            "backpropagation",
            ("drawing.js", "network_drawing.js"),
            params=[[{name: np.asarray(p).tolist() for name, p in layer.items()} for layer in params]
                    for params in first_weights],
        )
    )  # fmt: skip
    figure
    return (figure,)


@app.cell
def _(mo):
    mo.md(r"""
    ## Look closer

    - **The error δ.** A demon sits at the neuron that you look at. It adds a little $\Delta z$ to the weighted input,
      and the cost changes by about $\delta\, \Delta z$. That is the meaning of $\delta$: it is $\partial C/\partial z$.
      A change of the bias does the same as the demon; that is BP3. A small nudge is predicted well, a large one is not,
      because δ is only the slope of the curve.
    - **All paths.** A change of a weight reaches the cost along every path from this weight to the output, and the
      derivative is the sum over all these paths. Backpropagation computes this sum without following each path.
    - **No error, no gradient.** If $y$ is equal to the output, all δ and all gradients are 0.
    - **No input, no gradient.** A weight whose input is 0 has no gradient: it does not learn from this example.

    The same in Python, for one example:
    """)
    return


@app.cell
def _(mo, network, np):
    def backpropagate(x1, x2, y, seed):
        """Return a, δ, ∂C/∂b and ∂C/∂w of each layer."""
        w, b = zip(*[(layer["w"], layer["b"]) for layer in network.init(seed) if layer], strict=True)

        # forward: z = w a + b, a = σ(z)
        a = [np.array([x1, x2])]
        for layer in range(3):
            a.append(1 / (1 + np.exp(-(w[layer] @ a[-1] + b[layer]))))
        slope = [one * (1 - one) for one in a[1:]]  # σ′(z)

        # backward
        delta = [(a[-1] - y) * slope[-1]]  # BP1
        for layer in (1, 0):
            delta.insert(0, (w[layer + 1].T @ delta[0]) * slope[layer])  # BP2
        d_b = delta  # BP3
        d_w = [np.outer(d, one) for d, one in zip(delta, a[:-1], strict=True)]  # BP4
        return a, delta, d_b, d_w

    mo.show_code(backpropagate(x1=1.0, x2=0.5, y=0.0, seed=2)[1])
    return (backpropagate,)


@app.cell
def _(backpropagate, mo, network, np):
    def compare_with_library(x1, x2, y, seed):
        """Return the largest difference between these gradients and those of ``network.gradients``."""
        _, _, d_b, d_w = backpropagate(x1, x2, y, seed)
        gradients = network.gradients(network.init(seed), np.array([[x1, x2]]), np.array([[y]]))
        library = [layer[name] for name in ("w", "b") for layer in gradients if layer]
        return max(np.abs(ours - theirs).max() for ours, theirs in zip([*d_w, *d_b], library, strict=True))

    difference = max(compare_with_library(1.0, 0.5, 0.0, seed) for seed in range(1, 21))
    mo.md(
        f"The library's own `network.gradients` gives the same: for the 20 sets of weights above, the largest "
        f"difference is {difference:.0e}."
    )
    return compare_with_library, difference


if __name__ == "__main__":
    app.run()
