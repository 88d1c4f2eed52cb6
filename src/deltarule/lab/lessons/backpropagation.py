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
    from deltarule.lab import diagram

    network = Network.dense([2, 3, 2, 1], cost="quadratic")
    return diagram, mo, network, np


@app.cell
def _(mo):
    mo.md(r"""
    # Backpropagation, step by step

    Two inputs, two hidden layers, one output. Everything the network computes stands on its neurons and edges. The
    question of learning is: how would the cost $C = \tfrac12 (a - y)^2$ change if one changed a weight a little?
    The inputs are layer 1, the output is layer 4, and $w^l$ are the weights that lead into layer $l$.
    """)
    return


@app.cell
def _(mo):
    x1 = mo.ui.slider(-1.0, 2.0, 0.1, value=1.0, label="input x₁", show_value=True)
    x2 = mo.ui.slider(-1.0, 2.0, 0.1, value=0.5, label="input x₂", show_value=True)
    y = mo.ui.slider(0.0, 1.0, 0.01, value=0.0, label="wanted y", show_value=True)
    seed = mo.ui.slider(1, 20, 1, value=2, label="weights, by seed", show_value=True)
    shown = mo.ui.slider(0, 5, 1, value=5, label="step", show_value=True)
    return seed, shown, x1, x2, y


@app.cell
def _(mo, seed, shown, x1, x2, y):
    mo.hstack([mo.vstack([x1, x2, y]), mo.vstack([seed, shown])], justify="start", gap=3, wrap=True)
    return


@app.cell
def _(network, np, seed, x1, x2, y):
    params = network.init(seed.value)
    x, target = np.array([[x1.value, x2.value]]), np.array([[y.value]])
    w = [layer["w"] for layer in params if layer]
    b = [layer["b"] for layer in params if layer]

    # forward: z = w a + b, a = σ(z)
    a, z = [x[0]], []
    for _w, _b in zip(w, b, strict=True):
        z.append(_w @ a[-1] + _b)
        a.append(1 / (1 + np.exp(-z[-1])))
    slope = [_a * (1 - _a) for _a in a[1:]]  # σ′(z)

    # backward
    delta = [(a[-1] - target[0]) * slope[-1]]  # BP1
    for _layer in (1, 0):
        delta.insert(0, (w[_layer + 1].T @ delta[0]) * slope[_layer])  # BP2
    d_b = delta  # BP3
    d_w = [np.outer(_d, _a) for _d, _a in zip(delta, a[:-1], strict=True)]  # BP4
    rates = [_s[:, None] * _w for _s, _w in zip(slope, w, strict=True)]  # ∂a of the next layer / ∂a
    return a, b, d_b, d_w, delta, params, rates, slope, target, w, x, z


@app.cell
def _(a, d_w, delta, diagram, mo, rates, shown, w):
    _edges = [(w, "weights"), (rates, "rate factors"), *[(w, "weights")] * 3, (d_w, "gradients")][shown.value]
    picture = diagram.render_network(a, *_edges, delta[len(delta) - min(max(shown.value - 1, 0), len(delta)) :])
    mo.Html(picture)
    return (picture,)


@app.cell
def _(mo, shown):
    _steps = [
        r"**Forward.** $z^l = w^l a^{l-1} + b^l$ and $a^l = \sigma(z^l)$, from left to right; on the edges, $w$.",
        r"**Rate factors.** A small change of $a^{l-1}_k$ arrives at $a^l_j$ times the rate factor of its edge, "
        r"$\partial a^l_j / \partial a^{l-1}_k = \sigma'(z^l_j)\, w^l_{jk}$.",
        r"**BP1.** At the output, $\delta^L = (a^L - y)\, \sigma'(z^L)$: how much the cost minds its weighted input.",
        r"**BP2.** One layer back: $\delta^l = (w^{l+1})^T \delta^{l+1} \odot \sigma'(z^l)$.",
        r"**BP2** again, to layer 2, the first hidden one.",
        r"**BP3, BP4.** $\partial C/\partial b^l = \delta^l$, $\partial C/\partial w^l_{jk} = a^{l-1}_k \delta^l_j$, "
        r"on every edge: blue where a larger weight would raise the cost, orange where it would lower it.",
    ]
    mo.md(_steps[shown.value])
    return


@app.cell
def _(d_w, mo, network, np, params, target, x):
    library = [layer["w"] for layer in network.gradients(params, x, target) if layer]
    agree = all(np.allclose(ours, theirs, atol=1e-12) for ours, theirs in zip(d_w, library, strict=True))
    mo.md(f"The library's own `network.gradients` {'agrees' if agree else '**does not agree**'}.")
    return agree, library


@app.cell
def _(mo):
    mo.md(r"""
    ## The demon's nudge

    A demon sits at a neuron and adds a little $\Delta z$ to its weighted input. The cost changes by about
    $\delta\, \Delta z$. That is what $\delta$ *is*. Let it, and compare.
    """)
    return


@app.cell
def _(mo):
    where = mo.ui.dropdown(
        {f"layer {layer + 2}, neuron {i + 1}": (layer, i) for layer, n in ((0, 3), (1, 2)) for i in range(n)},
        value="layer 2, neuron 1",
        label="the demon sits at",
    )
    nudge = mo.ui.slider(-2.0, 2.0, 0.1, value=0.5, label="Δz", show_value=True)
    return nudge, where


@app.cell
def _(mo, nudge, where):
    mo.hstack([where, nudge], justify="start", gap=2, wrap=True)
    return


@app.cell
def _(a, b, delta, nudge, np, target, w, where):
    def cost(extra_layer, neuron, dz):
        """C when dz is added to one weighted input."""
        activation = a[0]
        for layer in range(3):
            z = w[layer] @ activation + b[layer]
            if layer == extra_layer:
                z = z + dz * (np.arange(len(z)) == neuron)
            activation = 1 / (1 + np.exp(-z))
        return float(0.5 * ((activation - target[0]) ** 2).sum())

    _layer, _neuron = where.value
    foretold = float(delta[_layer][_neuron] * nudge.value)
    true = cost(_layer, _neuron, nudge.value) - cost(_layer, _neuron, 0.0)
    return foretold, true


@app.cell
def _(diagram, foretold, mo, true):
    mo.md(f"Foretold by δ Δz: **{diagram.format_number(foretold)}**. True ΔC: **{diagram.format_number(true)}**.")
    return


@app.cell
def _(mo):
    mo.md(r"""
    ## The sum over all paths

    A change of the first weight $w^2_{11}$ reaches the cost along every path through the network. Each edge on it
    multiplies by its rate factor, $\partial a^l_j / \partial a^{l-1}_k = \sigma'(z^l_j)\, w^l_{jk}$: step 1 above
    shows them all. Add up all paths, and it is the same derivative; backpropagation is a way to do this sum without
    walking every path.
    """)
    return


@app.cell
def _(a, d_w, diagram, mo, rates, slope, target):
    _first = slope[0][0] * a[0][0]  # ∂a²₁/∂w²₁₁
    _d_a = a[-1][0] - target[0][0]  # ∂C/∂a
    paths = {
        f"neuron 1 of layer 2, neuron {j + 1} of layer 3, output": _first * rates[1][j, 0] * rates[2][0, j] * _d_a
        for j in range(2)
    }
    path_sum = float(sum(paths.values()))
    mo.md(
        "\n".join(f"- {name}: {diagram.format_number(value)}" for name, value in paths.items())
        + f"\n\nSum **{diagram.format_number(path_sum)}**, "
        f"by backpropagation **{diagram.format_number(d_w[0][0, 0])}**."
    )
    return path_sum, paths


@app.cell
def _(mo):
    mo.md("""
    ## Try

    - Go step by step. Everything BP2 needs is there when its turn comes: that is the whole trick.
    - Set y as near as you can to what the network already says. All δ nearly vanish: there is hardly anything to learn.
    - A tiny nudge is foretold well, a large one is not: δ is a slope.
    """)
    return


if __name__ == "__main__":
    app.run()
