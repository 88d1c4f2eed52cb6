"""Perceptrons: weighing up evidence, the NAND gate, and an adder made of it (chapter 1)."""

# /// script
# [tool.marimo.display]
# theme = "system"
# ///

import marimo

app = marimo.App(app_title="Perceptrons", css_file="../lesson.css")


@app.cell
def _():
    import marimo as mo
    import numpy as np

    return mo, np


@app.cell
def _(mo):
    mo.md(r"""
    # Perceptrons

    A perceptron weighs up evidence. Each input $x_j$, 0 or 1, has a weight $w_j$. If the weighted sum is large enough
    the perceptron says yes. How large is decided by its bias $b$, its readiness to say yes:

    $$\text{output} = \begin{cases} 1 & \text{if } w \cdot x + b > 0 \\ 0 & \text{otherwise} \end{cases}$$

    Shall we go to the festival? Good weather counts, company counts, and so does a train that stops nearby.
    """)
    return


@app.cell
def _(mo):
    w1 = mo.ui.slider(-10, 10, 1, value=6, label="weight of good weather", show_value=True)
    w2 = mo.ui.slider(-10, 10, 1, value=2, label="weight of company", show_value=True)
    w3 = mo.ui.slider(-10, 10, 1, value=2, label="weight of a near train", show_value=True)
    b = mo.ui.slider(-10, 10, 1, value=-5, label="bias", show_value=True)
    return b, w1, w2, w3


@app.cell
def _(b, mo, w1, w2, w3):
    mo.vstack([w1, w2, w3, b])
    return


@app.cell
def _(b, np, w1, w2, w3):
    def perceptron(x, w, bias):
        """1 if w·x + b > 0, else 0, for rows of inputs."""
        return (np.asarray(x) @ np.asarray(w) + bias > 0).astype(int)

    everything = np.array([[i >> 2 & 1, i >> 1 & 1, i & 1] for i in range(8)])
    decisions = perceptron(everything, [w1.value, w2.value, w3.value], b.value)
    return decisions, everything, perceptron


@app.cell
def _(decisions, everything, mo):
    _words = (("bad", "good"), ("no", "yes"), ("far", "near"))
    _rows = [
        " | ".join([*(word[k] for word, k in zip(_words, x, strict=True)), "**go**" if y else "stay at home"])
        for x, y in zip(everything, decisions, strict=True)
    ]
    mo.md(
        "\n".join(["weather | company | train | decision", "--- | --- | --- | ---", *_rows])
        + f"\n\nIn {int(decisions.sum())} of 8 cases we go."
    )
    return


@app.cell
def _(mo):
    mo.md(r"""
    With weights 6, 2, 2 and bias −5 the weather alone decides. With bias −3 company *and* a train are enough, even in
    the rain: the weights say what matters, the bias how easily we are moved.

    ## One gate is enough

    Weights −2, −2 and bias 3 make a perceptron that says no only if both inputs are 1: **NAND**. Any circuit can be
    built of NAND gates, and so any computation of perceptrons. Here is one that adds two bits. Set the weights of *all
    its gates* at once; which settings still add?
    """)
    return


@app.cell
def _(mo):
    gate_weight = mo.ui.slider(-6, 6, 1, value=-2, label="both weights of each gate", show_value=True)
    gate_bias = mo.ui.slider(-6, 6, 1, value=3, label="bias of each gate", show_value=True)
    x1 = mo.ui.switch(value=True, label="x₁")
    x2 = mo.ui.switch(value=True, label="x₂")
    return gate_bias, gate_weight, x1, x2


@app.cell
def _(gate_bias, gate_weight, mo, x1, x2):
    mo.hstack([gate_weight, gate_bias, x1, x2], justify="start", gap=2, wrap=True)
    return


@app.cell
def _(gate_bias, gate_weight, perceptron):
    def nand(a, b):
        """The gate, as it is set above."""
        return int(perceptron([a, b], [gate_weight.value, gate_weight.value], gate_bias.value))

    def half_adder(a, b):
        """The five gates of the adder, by name: ``sum`` and ``carry`` are its outputs."""
        first = nand(a, b)
        upper, lower = nand(a, first), nand(first, b)
        return {"first": first, "upper": upper, "lower": lower, "sum": nand(upper, lower), "carry": nand(first, first)}

    right = sum(
        half_adder(a, b)["sum"] == (a ^ b) and half_adder(a, b)["carry"] == (a & b) for a in (0, 1) for b in (0, 1)
    )
    return half_adder, right


@app.cell
def _(half_adder, mo, right, x1, x2):
    _a, _b = int(x1.value), int(x2.value)
    _g = half_adder(_a, _b)

    def _wire(x1_, y1_, x2_, y2_, on):
        colour, width = ("#d55e00", 3) if on else ("#8888", 1.5)
        return f'<path d="M{x1_},{y1_} L{x2_},{y2_}" stroke="{colour}" stroke-width="{width}" fill="none"/>'

    def _gate(x, y, name, on):
        fill = "#d55e00" if on else "#ffffff"
        ink = "#ffffff" if on else "#222222"
        return (
            f'<circle cx="{x}" cy="{y}" r="25" fill="{fill}" stroke="#666"/>'
            f'<text x="{x}" y="{y + 5}" text-anchor="middle" font-size="13" fill="{ink}">{name}</text>'
        )

    _svg = f"""<svg viewBox="0 0 620 250" role="img" aria-label="the adder: sum {_g["sum"]}, carry {_g["carry"]}"
     style="max-width:40rem;width:100%">
    {_wire(45, 60, 180, 120, _a)}{_wire(45, 180, 180, 120, _b)}
    {_wire(45, 60, 330, 60, _a)}{_wire(45, 180, 330, 180, _b)}
    {_wire(180, 120, 330, 60, _g["first"])}{_wire(180, 120, 330, 180, _g["first"])}
    {_wire(330, 60, 470, 120, _g["upper"])}{_wire(330, 180, 470, 120, _g["lower"])}
    {_wire(180, 120, 470, 225, _g["first"])}
    {_wire(470, 120, 560, 120, _g["sum"])}{_wire(470, 225, 560, 225, _g["carry"])}
    {_gate(45, 60, "x₁", _a)}{_gate(45, 180, "x₂", _b)}{_gate(180, 120, "NAND", _g["first"])}
    {_gate(330, 60, "NAND", _g["upper"])}{_gate(330, 180, "NAND", _g["lower"])}
    {_gate(470, 120, "NAND", _g["sum"])}{_gate(470, 222, "NAND", _g["carry"])}
    <g font-size="15" fill="currentColor"><text x="568" y="125">sum {_g["sum"]}</text>
    <text x="568" y="230" textLength="52">carry {_g["carry"]}</text></g></svg>"""
    mo.vstack([mo.Html(_svg), mo.md(f"**{_a} + {_b} = {_g['carry']}{_g['sum']}** in binary. "
                                    f"These gates add rightly in **{right} of 4** cases.")])  # fmt: skip
    return


@app.cell
def _(mo):
    mo.md(r"""
    ## Try

    - Which weights and biases besides −2 and 3 still make a NAND? (Every $w$ and $b$ with $b > 0$, $w + b > 0$ and
      $2w + b \le 0$: only the *step* counts, not how far the sum is from it.)
    - The carry gate takes the same input twice. One input with weight −4 would do.
    - A circuit has to be built. What makes perceptrons more than another way to draw gates: weights can be **learned**.
      But a step is a bad thing to learn with; see *Sigmoid against step*.
    """)
    return


if __name__ == "__main__":
    app.run()
