"""Softmax: four weighted inputs that share one probability (chapter 3)."""

# /// script
# [tool.marimo.display]
# theme = "system"
# ///

import marimo

app = marimo.App(app_title="Softmax", css_file="../lesson.css")


@app.cell
def _():
    import marimo as mo
    import numpy as np

    from deltarule import LogLikelihood
    from deltarule.lab.figure import make_figure

    return LogLikelihood, make_figure, mo, np


@app.cell
def _(mo):
    mo.md(r"""
    # Softmax

    Four sigmoid neurons give four separate answers. A softmax layer gives *one* answer in four shares. They are above 0
    and sum to 1, so we can read them as probabilities.

    $$a_j = \frac{e^{c z_j}}{\sum_k e^{c z_k}}$$

    The book's softmax has $c = 1$. Drag the bars of the weighted inputs, or those of the answers. If you drag an
    answer, its own weighted input changes, and the other answers share what is left. The curves show all four answers
    while one weighted input changes.
    """)
    return


@app.cell
def _(make_figure, mo):
    figure = mo.ui.anywidget(make_figure("softmax", ("table.js",)))
    figure
    return (figure,)


@app.cell
def _(mo):
    mo.md(r"""
    ## Look closer

    - If $z_3$ grows, $a_3$ grows and every other answer shrinks. Each answer depends on *all* weighted inputs.
    - The same number added to all four $z$ changes nothing. Only their differences count.
    - A larger $c$ makes softmax sharper: the largest answer gets nearly everything. With $c = 0$ all answers are equal.
    - With the log-likelihood cost $C = -\ln a_y$, where $y$ is the right answer, $\partial C/\partial z_j = a_j - y_j$
      for $c = 1$: $y_j$ is 1 for the right answer and 0 for the others. As with the cross-entropy, there is no factor
      $\sigma'(z)$ that makes learning slow. The four derivatives sum to 0.

    The same in Python, with the cost that networks use:
    """)
    return


@app.cell
def _(LogLikelihood, mo, np):
    def answer(z, c, right):
        """Return the answers, the cost, and ∂C/∂z, for the right answer 1, 2, 3 or 4."""
        cost, weighted, y = LogLikelihood(), c * np.array([z]), np.eye(4)[[right - 1]]
        return cost.activation(weighted)[0], cost.value(weighted, y), c * cost.delta(weighted, y)[0]

    mo.show_code(answer([2.5, -1.0, 3.2, 0.5], c=1.0, right=1))
    return (answer,)


if __name__ == "__main__":
    app.run()
