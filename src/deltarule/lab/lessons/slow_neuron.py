"""The slow neuron: badly wrong, and slow to learn from the quadratic cost (chapter 3)."""

# /// script
# [tool.marimo.display]
# theme = "system"
# ///

import marimo

app = marimo.App(app_title="The slow neuron", css_file="../lesson.css")


@app.cell
def _():
    import marimo as mo
    import numpy as np

    from deltarule import CrossEntropy, Network, Quadratic
    from deltarule.lab.figure import make_figure

    return CrossEntropy, Network, Quadratic, make_figure, mo, np


@app.cell
def _(mo):
    mo.md(r"""
    # The slow neuron

    One neuron has one input. It should answer 0 when its input is 1. At first its answer is nearly 1, which is badly
    wrong. People often learn fast when they are badly wrong. Does the neuron?

    In each step, $w \rightarrow w - \eta\, \partial C/\partial w$, and the bias changes in the same way. For the
    quadratic cost $C = \tfrac12 (y - a)^2$

    $$\frac{\partial C}{\partial w} = (a - y)\, \sigma'(z)\, x$$

    and for the cross-entropy $C = -[y \ln a + (1 - y) \ln (1 - a)]$

    $$\frac{\partial C}{\partial w} = (a - y)\, x$$

    Drag the pink start along the curve of σ, or move the controls. The pink handle over the steps goes back and forth
    in the run.
    """)
    return


@app.cell
def _(make_figure, mo):
    figure = mo.ui.anywidget(make_figure("slow_neuron", ("animation.js",)))
    figure
    return (figure,)


@app.cell
def _(mo):
    mo.md(r"""
    ## Look closer

    - From $w = 2$, $b = 2$ the output is 0.98, and with the quadratic cost it is still above 0.93 after 150 steps. From
      $w = 0.6$, $b = 0.9$ the output is 0.82: less wrong, and yet the neuron learns much sooner.
    - The reason is the factor $\sigma'(z)$. Where the curve is flat, it is nearly 0, and so is $\partial C/\partial w$.
    - The cross-entropy is chosen so that $\sigma'(z)$ cancels. What is left is the error $a - y$: the more wrong the
      output, the faster the neuron learns.
    - The same η does not mean the same speed for two costs: with η = 0.005 the cross-entropy is slow as well. Compare
      the shapes of the curves. With the quadratic cost the neuron starts slowly and becomes faster; with the
      cross-entropy it starts fast.

    The same in Python, with a network of one neuron:
    """)
    return


@app.cell
def _(CrossEntropy, Network, Quadratic, mo, np):
    def learn(cost, w0, b0, eta, steps):
        """Return the neuron's output and ∂C/∂w before each step."""
        neuron, x, y = Network.dense([1, 1], cost=cost), np.array([[1.0]]), np.array([[0.0]])
        params, outputs, slopes = [{"w": np.array([[w0]]), "b": np.array([b0])}], [], []
        for _ in range(steps):
            (gradient,) = neuron.gradients(params, x, y)
            outputs.append(neuron.outputs(params, x)[0, 0])
            slopes.append(gradient["w"][0, 0])
            params = [{name: params[0][name] - eta * gradient[name] for name in params[0]}]
        return np.array(outputs), np.array(slopes)

    def compare(**start):
        """Return the outputs and derivatives with the quadratic cost and with the cross-entropy."""
        return learn(Quadratic(), **start), learn(CrossEntropy(), **start)

    mo.show_code(compare(w0=2.0, b0=2.0, eta=0.15, steps=3))
    return (compare,)


if __name__ == "__main__":
    app.run()
