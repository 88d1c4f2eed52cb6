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
    from deltarule.lab import html
    from deltarule.plotting import COLOURS

    return COLOURS, LogLikelihood, mo, np, html


@app.cell
def _(mo):
    mo.md(r"""
    # Softmax

    Ten sigmoids give ten separate answers. A softmax layer gives *one*: shares that sum to 1, so that one can read
    them as probabilities.

    $$a_j = \frac{e^{c z_j}}{\sum_k e^{c z_k}}$$

    Move one weighted input, and all four answers move.
    """)
    return


@app.cell
def _(mo):
    z = mo.ui.array(
        [
            mo.ui.slider(-5.0, 5.0, 0.1, value=v, label=f"z{i}", show_value=True)
            for i, v in zip("₁₂₃₄", (2.5, -1.0, 3.2, 0.5), strict=True)
        ]
    )
    hardness = mo.ui.slider(0.0, 10.0, 0.1, value=1.0, label="c, how hard", show_value=True)
    return hardness, z


@app.cell
def _(hardness, mo, z):
    mo.vstack([*z, hardness])
    return


@app.cell
def _(LogLikelihood, hardness, np, z):
    weighted = np.array([z.value])
    activations = LogLikelihood().activation(hardness.value * weighted)[0]
    return activations, weighted


@app.cell
def _(COLOURS, LogLikelihood, activations, hardness, mo, np, html, weighted):
    _figure, (_left, _right) = html.new_figure(1, 2, (9, 3.4))
    _bars = _left.bar(["a₁", "a₂", "a₃", "a₄"], activations, color=COLOURS[:4])
    _left.bar_label(_bars, [f"{a:.3f}" for a in activations], fontsize=9)
    _left.set_ylim(0, 1.08)
    html.label_axes(_left, "", f"share of 1 (sum {activations.sum():.3f})", "the answers")
    _grid = np.linspace(-5, 5, 101)
    _all = np.repeat(weighted, len(_grid), axis=0)
    _all[:, 2] = _grid
    for _j, _curve in enumerate(LogLikelihood().activation(hardness.value * _all).T):
        _right.plot(_grid, _curve, color=COLOURS[_j], linestyle=("-", "--", "-.", ":")[_j], label=f"a{'₁₂₃₄'[_j]}")
    _right.axvline(weighted[0, 2], color="#888888", linewidth=0.8)
    html.label_axes(_right, "z₃, the others as they are", "share of 1", "what z₃ does to all")
    mo.Html(html.render_figure(_figure))
    return


@app.cell
def _(mo):
    mo.md(r"""
    ## Try

    - Raise $z_3$: $a_3$ grows, and every other shrinks, for they share what is left. Each answer depends on *all*
      weighted inputs.
    - Add the same number to all four. Nothing changes: only differences count.
    - Raise $c$: the largest takes all, and softmax becomes a hard maximum. With $c = 0$ all are equal.
    - With the log-likelihood cost $C = -\ln a_y$ the error is $\delta_j = a_j - y_j$ for $c = 1$. As with the
      cross-entropy, there is no slowdown.
    """)
    return


if __name__ == "__main__":
    app.run()
