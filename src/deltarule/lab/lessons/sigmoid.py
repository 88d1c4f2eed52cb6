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
    from deltarule.lab.figure import make_figure

    return Sigmoid, make_figure, mo, np


@app.cell
def _(mo):
    mo.md(r"""
    # Sigmoid against step

    A network learns by small changes of its weights. After each change it must be able to see whether its output became
    a little better. The output of a perceptron cannot become a little better: it flips between 0 and 1, or stays the
    same.

    A **sigmoid neuron** replaces the step by a smooth curve:

    $$a = \sigma(z) = \frac{1}{1 + e^{-z}}, \qquad z = w x + b$$

    The curve has the height ½ at $x = -b/w$. The larger $|w|$ is, the steeper it is.

    Drag the blue handle to move the curve, and the green one to make it steeper. The pink handles change the input $x$
    and the nudge $\Delta w$, a small change of the weight.
    """)
    return


@app.cell
def _(make_figure, mo):
    figure = mo.ui.anywidget(make_figure("sigmoid"))
    figure
    return (figure,)


@app.cell
def _(mo):
    mo.md(r"""
    ## Look closer

    The right picture shows one input $x$. A small change of the weight changes the sigmoid neuron's output nearly along
    a straight line, the tangent. Its slope contains $\sigma'(z)$, the slope of the curve at $z$:

    $$\Delta a \approx \frac{\partial a}{\partial w}\, \Delta w, \qquad \frac{\partial a}{\partial w} = \sigma'(z)\, x$$

    - The smaller the nudge, the better this prediction. Learning uses it for all weights at once. For a perceptron no
      such line exists.
    - At $x = 0$ the weight does not matter: $\partial a / \partial w = 0$.
    - With $w = 20$ the sigmoid is nearly a step, and a network of such neurons does nearly what perceptrons do. But
      then $\sigma'(z)$ is nearly 0 for most inputs. There a small change of the weight changes nearly nothing, and the
      neuron hardly learns.

    The same in Python, with the activation that networks use:
    """)
    return


@app.cell
def _(Sigmoid, mo, np):
    def nudge_weight(w, b, nudge, at):
        """Return the change of the output at the input ``at`` that the tangent predicts, and the actual one."""
        z = np.asarray(w * at + b)
        a = Sigmoid().function(z)
        slope = Sigmoid().derivative(z, a) * at  # ∂a/∂w = σ′(z) x
        return slope * nudge, Sigmoid().function(z + nudge * at) - a

    mo.show_code(nudge_weight(w=4, b=-2, nudge=0.5, at=0.75))
    return (nudge_weight,)


if __name__ == "__main__":
    app.run()
