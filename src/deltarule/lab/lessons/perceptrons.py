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
    built of NAND gates, and so any computation of perceptrons. Build one that adds two bits: each gate takes two
    inputs, $x_1$, $x_2$ or what an earlier gate says; the fourth gate gives the sum, the fifth the carry. One wire is
    wrong. Which?
    """)
    return


@app.cell
def _(mo):
    gates = ["NAND₁", "NAND₂", "NAND₃", "NAND₄", "NAND₅"]
    _first = [("x₁", "x₂"), ("x₁", "NAND₁"), ("x₁", "NAND₁"), ("NAND₂", "NAND₃"), ("NAND₁", "NAND₁")]
    wires = mo.ui.array(
        [
            mo.ui.dropdown(["x₁", "x₂", *gates[:i]], value=source, label=f"{gates[i]}: {which}")
            for i, sources in enumerate(_first)
            for which, source in zip(("first", "second"), sources, strict=True)
        ]
    )
    gate_weight = mo.ui.slider(-6, 6, 1, value=-2, label="both weights of each gate", show_value=True)
    gate_bias = mo.ui.slider(-6, 6, 1, value=3, label="bias of each gate", show_value=True)
    x1 = mo.ui.switch(value=True, label="x₁")
    x2 = mo.ui.switch(value=True, label="x₂")
    return gate_bias, gate_weight, gates, wires, x1, x2


@app.cell
def _(gate_bias, gate_weight, mo, wires, x1, x2):
    _grid = "display: grid; grid-template-columns: repeat(auto-fit, minmax(12rem, 1fr)); gap: .4rem; max-width: 28rem"
    _pairs = "".join(f"<div>{wire}</div>" for wire in wires)
    mo.vstack([
        mo.Html(f'<div style="{_grid}">{_pairs}</div>'),
        mo.hstack([gate_weight, gate_bias, x1, x2], justify="start", gap=2, wrap=True),
    ])  # fmt: skip
    return


@app.cell
def _(gate_bias, gate_weight, gates, perceptron, wires):
    sources = dict(zip(gates, zip(wires.value[::2], wires.value[1::2], strict=True), strict=True))

    def circuit(a, b):
        """What each input and each gate says, by its name."""
        said = {"x₁": a, "x₂": b}
        for gate, (one, other) in sources.items():
            said[gate] = int(perceptron([said[one], said[other]], [gate_weight.value] * 2, gate_bias.value))
        return said

    def total(a, b):
        """The sum that the circuit makes of two bits, in binary: its carry and its sum."""
        return f"{circuit(a, b)[gates[4]]}{circuit(a, b)[gates[3]]}"

    additions = [(a, b) for a in (0, 1) for b in (0, 1)]
    wrong = [(a, b) for a, b in additions if total(a, b) != f"{a + b:02b}"]
    right = len(additions) - len(wrong)
    return circuit, right, sources, total, wrong


@app.cell
def _(circuit, gates, mo, right, sources, total, wrong, x1, x2):
    _a, _b = int(x1.value), int(x2.value)
    _said = circuit(_a, _b)
    _places = [(35, 72), (35, 258), (180, 158), (240, 32), (240, 278), (450, 102), (450, 196)]
    _at = dict(zip(_said, _places, strict=True))
    _on = "#b34700"

    def _wire(start, end, on, below):
        colour, width = (_on, 3) if on else ("#8888", 1.5)
        return (
            f'<path d="M{start[0]},{start[1]} L{end[0]},{end[1] + below}" stroke="{colour}" stroke-width="{width}" '
            'fill="none"/>'
        )

    def _circle(name, on):
        (x, y), (fill, ink) = _at[name], (_on, "#ffffff") if on else ("#ffffff", "#222222")
        return (
            f'<circle cx="{x}" cy="{y}" r="30" fill="{fill}" stroke="#666"/>'
            f'<text x="{x}" y="{y + 5}" text-anchor="middle" font-size="16" fill="{ink}">{name}</text>'
        )

    _wires = "".join(
        _wire(_at[source], _at[gate], _said[source], below)
        for gate, both in sources.items()
        for source, below in zip(both, (-6, 6), strict=True)
    )
    _words = "; ".join(f"{gate} of {one} and {other} says {_said[gate]}" for gate, (one, other) in sources.items())
    _ends = "".join(
        _wire(_at[gate], (520, _at[gate][1]), _said[gate], 0)
        + f'<text x="528" y="{_at[gate][1] + 5}" font-size="16" fill="currentColor">{name} {_said[gate]}</text>'
        for gate, name in zip(gates[3:], ("sum", "carry"), strict=True)
    )
    picture = (
        f'<svg viewBox="0 0 600 310" role="img" aria-label="x₁ is {_a}, x₂ is {_b}; {_words}" '
        f'style="max-width:40rem;width:100%">{_wires}{_ends}'
        f"{''.join(_circle(name, on) for name, on in _said.items())}</svg>"
    )
    _missed = ", ".join(f"{a} + {b}" for a, b in wrong)
    mo.vstack([
        mo.Html(picture),
        mo.md(f"**{_a} + {_b} = {total(_a, _b)}** in binary. The circuit is right for **{right} of the 4** additions"
              + (f", and wrong for {_missed}." if wrong else ": it adds.")),
    ])  # fmt: skip
    return (picture,)


@app.cell
def _(mo):
    mo.md(r"""
    ## Try

    - Mend the adder. The sum is 1 if one input is 1 and the other is not, so the circuit treats both alike.
    - Set the weights and the bias of *all* gates at once. Which besides −2 and 3 still make a NAND? (Every $w$ and $b$
      with $b > 0$, $w + b > 0$ and $2w + b \le 0$: only the *step* counts, not how far the sum is from it.)
    - The carry gate takes the same input twice. One input with weight −4 would do.
    - A circuit has to be built. What makes perceptrons more than another way to draw gates: weights can be **learned**.
      But a step is a bad thing to learn with; see *Sigmoid against step*.
    """)
    return


if __name__ == "__main__":
    app.run()
