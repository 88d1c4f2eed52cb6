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

    from deltarule.lab.figure import make_figure

    return make_figure, mo, np


@app.cell
def _(mo):
    mo.md(r"""
    # Perceptrons

    A perceptron weighs up evidence. Each input $x_j$ is 0 or 1, and has a weight $w_j$. The perceptron adds up the
    weights of the inputs that are 1, and its bias $b$. If the sum is above 0, it says yes:

    $$\text{output} = \begin{cases} 1 & \text{if } w \cdot x + b > 0 \\ 0 & \text{otherwise} \end{cases}$$

    Shall we go to the festival? Three things count: good weather, company, and a train that stops nearby.
    """)
    return


@app.cell
def _(make_figure, mo):
    figure = mo.ui.anywidget(make_figure("perceptrons", ("table.js",)))
    figure
    return (figure,)


@app.cell
def _(mo):
    mo.md(r"""
    With the weights 6, 2, 2 and the bias −5 the weather alone decides. The weights say how much each input matters.
    The bias says how easily the perceptron says yes. An input with a weight below 0 is a reason to stay at home.

    One perceptron cannot make every decision. No weights and no bias say yes for company or a near train, but not for
    both of them. Several perceptrons together can:

    ## One gate is enough

    Two weights of −2 and a bias of 3 make a perceptron that says no only if both inputs are 1. This is a **NAND** gate.
    Every logical function can be built of NAND gates, and so of perceptrons. The circuit below should add two bits.
    Each gate takes two inputs: $x_1$, $x_2$, or the output of an earlier gate. The fourth gate gives the sum, the fifth
    the carry.

    One wire is wrong. Drag it from its wrong source to another one, or click on it. With the keyboard, Tab goes from
    wire to wire, and the arrow keys change the source. A click on $x_1$ or $x_2$ changes an input.
    """)
    return


@app.cell
def _(make_figure, mo):
    adder = mo.ui.anywidget(make_figure("adder", ("drawing.js", "table.js")))
    adder
    return (adder,)


@app.cell
def _(mo):
    mo.md(r"""
    ## Look closer

    - The sum is 1 if one input is 1 and the other is not. The circuit has to treat both inputs alike.
    - A gate with two equal weights $w$ and the bias $b$ is a NAND if $b > 0$, $w + b > 0$ and $2w + b \le 0$. Only the
      side of the step counts, not the distance from it.
    - The gate of the carry takes the same input twice. One input with the weight −4 gives the same.
    - Somebody has to design a circuit. But the weights of a network can be **learned**. For that, the output must not
      jump from 0 to 1: see the next lesson, *Sigmoid against step*.

    The same in Python:
    """)
    return


@app.cell
def _(mo, np):
    def decide(x, w, b):
        """Return 1 for each row of inputs with w·x + b > 0, else 0."""
        return (np.asarray(x) @ np.asarray(w) + b > 0).astype(int)

    mo.show_code(decide([[0, 0, 1], [0, 1, 1], [1, 0, 0]], w=[6, 2, 2], b=-5))
    return (decide,)


@app.cell
def _(decide, mo):
    def add(x1, x2, wires, weight=-2, bias=3):
        """Return the outputs of both inputs and of the five gates, by their names."""
        outputs = {"x₁": x1, "x₂": x2}
        for i, (first, second) in enumerate(wires):
            outputs[f"NAND{'₁₂₃₄₅'[i]}"] = int(decide([outputs[first], outputs[second]], [weight, weight], bias))
        return outputs

    mo.show_code(add(1, 1, [("x₁", "x₂"), ("x₁", "NAND₁"), ("x₁", "NAND₁"), ("NAND₂", "NAND₃"), ("NAND₁", "NAND₁")]))
    return (add,)


if __name__ == "__main__":
    app.run()
