"""Networks with memory: backpropagation through time, and the gates of an LSTM (chapter 6, what comes next)."""

# /// script
# [tool.marimo.display]
# theme = "system"
# ///

import marimo

app = marimo.App(app_title="Memory", css_file="../lesson.css")


@app.cell
def _():
    import marimo as mo
    import numpy as np

    from deltarule import LSTM, Recurrent
    from deltarule.lab.figure import make_figure
    from deltarule.lab.latch import read_latch

    return LSTM, Recurrent, make_figure, mo, np, read_latch


@app.cell
def _(mo):
    mo.md(r"""
    # Memory

    A sentence, a melody, a number that you read digit by digit: to understand a **sequence**, you must remember what
    came before. A **recurrent** neuron can. At each step $t$ it gets an input $x_t$ and its own last state $h_{t-1}$:

    $$z_t = w\,x_t + u\,h_{t-1} + b$$

    $$h_t = \tanh(z_t), \quad h_0 = 0$$

    The same $w$, $u$ and $b$ are used at every step. Write the steps one below the other, and you have a network with
    one layer for each step, in which all layers share their weights. So backpropagation works as before. It is called
    **backpropagation through time**, because the error $\delta_t = \partial C/\partial z_t$ flows from the last step
    back to the first.

    Here one neuron reads six inputs, and only its last state counts: $C = \tfrac12 (h_6 - y)^2$. Go through the stages:
    first forward, then back. Drag the inputs.
    """)
    return


@app.cell
def _(make_figure, mo):
    unrolled = mo.ui.anywidget(make_figure("unrolled"))
    unrolled
    return (unrolled,)


@app.cell
def _(mo):
    mo.md(r"""
    - Each step back multiplies the error by $u\,\sigma'(z_t)$. The slope of tanh is at most 1. So with $|u| < 1$ the
      error always shrinks: the neuron hardly learns from what happened many steps ago. This is the **vanishing
      gradient**, now along time.
    - With $|u| > 1$ the error can grow without limit, as long as the states stay near 0. It **explodes**.
    - A large input drives tanh to its flat end. There the slope is nearly 0, and the error stops, whatever $u$ is.
    - $w$, $u$ and $b$ are used at every step, so their gradients are sums over all steps.

    The same in Python:
    """)
    return


@app.cell
def _(mo, np):
    def backpropagate_through_time(x, w, u, b, y):
        """Return the states h, the errors δ, and ∂C/∂w, ∂C/∂u and ∂C/∂b."""
        h = [0.0]
        for x_t in x:
            h.append(np.tanh(w * x_t + u * h[-1] + b))
        before, h = np.array(h[:-1]), np.array(h[1:])
        slope = 1 - h**2  # σ′(z) of tanh

        delta = np.zeros(len(x))
        delta[-1] = (h[-1] - y) * slope[-1]  # BPTT1
        for t in reversed(range(len(x) - 1)):
            delta[t] = u * delta[t + 1] * slope[t]  # BPTT2
        d_b = delta.sum()  # BPTT3
        d_w, d_u = (delta * x).sum(), (delta * before).sum()  # BPTT4
        return h, delta, d_w, d_u, d_b

    mo.show_code(backpropagate_through_time(np.array([1, 0, 0, 0, 0, 0]), w=1.0, u=0.8, b=0.0, y=-0.5)[1].round(4))
    return (backpropagate_through_time,)


@app.cell
def _(Recurrent, backpropagate_through_time, mo, np):
    def compare_with_library(x, w, u, b, y):
        """Return the largest difference between these gradients and those of ``Recurrent``."""
        params = {"w": np.array([[w]]), "u": np.array([[u]]), "b": np.array([b])}
        h, cache = Recurrent(1).forward(params, np.reshape(x, (1, -1, 1)).astype(float))
        d_h = np.zeros_like(h)
        d_h[0, -1, 0] = h[0, -1, 0] - y
        _, grads = Recurrent(1).backward(params, cache, d_h)
        ours = backpropagate_through_time(x, w, u, b, y)[2:]
        return max(abs(one - grads[name].item()) for name, one in zip("wub", ours, strict=True))

    sequences = np.random.default_rng(1).uniform(-2, 2, (20, 6))
    difference = max(compare_with_library(x, w=1.2, u=-0.7, b=0.1, y=0.4) for x in sequences)
    mo.md(
        f"The library's own layer, `Recurrent`, gives the same gradients: for 20 random sequences the largest "
        f"difference is {difference:.0e}."
    )
    return compare_with_library, difference, sequences


@app.cell
def _(mo):
    mo.md(r"""
    ## A cell that can keep

    **Long short-term memory** (LSTM, Hochreiter and Schmidhuber, 1997) has a way out. Beside the state $h_t$ there is a
    cell $c_t$, and three **gates**, neurons whose outputs from 0 to 1 multiply other numbers:

    $$c_t = f \odot c_{t-1} + i \odot g$$

    $$h_t = o \odot \tanh(c_t)$$

    The **forget gate** $f$ says how much of the cell is kept, the **input gate** $i$ how much of the new content $g$ is
    written, the **output gate** $o$ how much is shown. Where $f$ is 1 and $i$ is 0, the cell stays as it is, for any
    number of steps. Along the cell the error flows back unchanged, too: it is multiplied by $f$, not by a weight.

    This LSTM with three cells has learned to hold a value. At each step it gets a value and a mark. If the step is
    marked, it must remember the value, and answer with it until the next mark. It learned this from 8,000 examples of
    what to answer. Drag the values and the marks.
    """)
    return


@app.cell
def _(make_figure, mo, read_latch):
    gates = mo.ui.anywidget(make_figure("gates", **read_latch()))
    gates
    return (gates,)


@app.cell
def _(mo):
    mo.md(r"""
    - One cell holds the value. At a mark its input gate opens and its forget gate closes: the old value goes, the new
      one comes. At all other steps the forget gate is open and the input gate is closed. Gradient descent has found how
      to build a memory.
    - What the other two cells do is less clear. Learned solutions are rarely as clean as those that we would design.

    The same in Python, with the library's layer:
    """)
    return


@app.cell
def _(LSTM, mo, np, read_latch):
    def read_sequence(values, marks):
        """Return the answer of the trained LSTM at each step, and its gates i, f and o, (steps, 3 · cells)."""
        latch = read_latch()
        params = {name: np.array(latch[name]) for name in ("w", "u", "b")}
        x = np.stack([values, marks], axis=1)[None].astype(float)  # one sequence
        h, (_, _, (i_f_o, _, _), _) = LSTM(3).forward(params, x)
        return h[0] @ latch["answer"]["w"] + latch["answer"]["b"], i_f_o[:, 0]

    mo.show_code(read_sequence([0.5, -0.3, 0.8, -0.6], [1, 0, 0, 1])[0].round(2))
    return (read_sequence,)


if __name__ == "__main__":
    app.run()
