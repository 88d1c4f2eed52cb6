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
    from deltarule.lab import html
    from deltarule.plotting import COLOURS

    return COLOURS, CrossEntropy, Network, Quadratic, mo, np, html


@app.cell
def _(mo):
    mo.md(r"""
    # The slow neuron

    One neuron, one input. It is to answer 0 when its input is 1. We learn fastest when we are badly wrong. Does it?

    Its steps are $w \rightarrow w - \eta\, \partial C/\partial w$, and for the quadratic cost

    $$\begin{aligned} C &= \tfrac12 (y - a)^2 \\[4pt]
    \frac{\partial C}{\partial w} &= (a - y)\, \sigma'(z)\, x \end{aligned}$$

    and for the cross-entropy

    $$\begin{aligned} C &= -\big[y \ln a + (1 - y) \ln (1 - a)\big] \\[4pt]
    \frac{\partial C}{\partial w} &= (a - y)\, x \end{aligned}$$
    """)
    return


@app.cell
def _(mo):
    w0 = mo.ui.slider(-3.0, 3.0, 0.1, value=2.0, label="first weight", show_value=True)
    b0 = mo.ui.slider(-3.0, 3.0, 0.1, value=2.0, label="first bias", show_value=True)
    eta = mo.ui.slider(0.005, 1.0, 0.005, value=0.15, label="learning rate η", show_value=True)
    steps = mo.ui.slider(50, 1000, 50, value=300, label="steps", show_value=True)
    return b0, eta, steps, w0


@app.cell
def _(b0, eta, mo, steps, w0):
    mo.hstack([mo.vstack([w0, b0]), mo.vstack([eta, steps])], justify="start", gap=3, wrap=True)
    return


@app.cell
def _(CrossEntropy, Network, Quadratic, b0, eta, np, steps, w0):
    x, y = np.array([[1.0]]), np.array([[0.0]])

    def learn(cost):
        """The neuron's output and ∂C/∂w before each step."""
        neuron = Network.dense([1, 1], cost=cost)
        params = [{"w": np.array([[w0.value]]), "b": np.array([b0.value])}]
        outputs, slopes = [], []
        for _ in range(steps.value):
            (gradient,) = neuron.gradients(params, x, y)
            outputs.append(float(neuron.outputs(params, x)[0, 0]))
            slopes.append(float(gradient["w"][0, 0]))
            params = [{name: params[0][name] - eta.value * gradient[name] for name in params[0]}]
        return outputs, slopes

    quadratic, quadratic_slopes = learn(Quadratic())
    entropy, entropy_slopes = learn(CrossEntropy())
    return entropy, entropy_slopes, quadratic, quadratic_slopes


@app.cell
def _(COLOURS, entropy, entropy_slopes, mo, quadratic, quadratic_slopes, html):
    _figure, (_left, _right) = html.new_figure(1, 2, (9, 3.6))
    for _axes, _pair in ((_left, (quadratic, entropy)), (_right, (quadratic_slopes, entropy_slopes))):
        _axes.plot(_pair[0], color=COLOURS[0], label="quadratic cost")
        _axes.plot(_pair[1], "--", color=COLOURS[1], label="cross-entropy")
    _left.set_ylim(0, 1)
    html.label_axes(_left, "step", "output a (wanted: 0)")
    html.label_axes(_right, "step", "∂C/∂w, how fast it learns")
    mo.Html(html.render_figure(_figure))
    return


@app.cell
def _(entropy, mo, quadratic):
    def _half(outputs):
        return next((str(i) for i, a in enumerate(outputs) if a < 0.5), f"more than {len(outputs)}")

    mo.md(
        f"Steps until the output is below one half: **{_half(quadratic)}** with the quadratic cost, "
        f"**{_half(entropy)}** with the cross-entropy. At the end: {quadratic[-1]:.3f} and {entropy[-1]:.3f}."
    )
    return


@app.cell
def _(mo):
    mo.md(r"""
    ## Try

    - Begin at $w = 0.6$, $b = 0.9$: the output is 0.82 and both learn soon. Begin at 2 and 2, where it is 0.98: more
      wrong, and with the quadratic cost hardly anything happens for 150 steps. Where σ is flat, $\sigma'$ is nearly 0,
      and everything is multiplied by it.
    - The cross-entropy is made so that $\sigma'$ cancels: what is left is the error $a - y$ itself.
    - With η = 0.005 the cross-entropy is slow as well. Its learning rate and that of the quadratic cost are not the
      same thing: compare shapes, not speeds.
    """)
    return


if __name__ == "__main__":
    app.run()
