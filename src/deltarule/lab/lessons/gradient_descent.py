"""Gradient descent on a valley, with momentum (chapters 1 and 3)."""

# /// script
# [tool.marimo.display]
# theme = "system"
# ///

import marimo

app = marimo.App(app_title="Down into the valley", css_file="../lesson.css")


@app.cell
def _():
    import marimo as mo
    import numpy as np

    from deltarule.core.optimizers import Momentum
    from deltarule.lab import html
    from deltarule.plotting import COLOURS

    EDGE = 1.4  # the figure goes from −EDGE to EDGE, both ways
    return COLOURS, EDGE, Momentum, mo, np, html


@app.cell
def _(mo):
    mo.md(r"""
    # Down into the valley

    A network learns as a ball rolls. Take a cost $C$ that depends on two weights only, $v = (v_1, v_2)$, so that
    one can see it: a valley, with its lowest place in the middle. Wherever the ball lies, the gradient
    $\nabla C$ points up the steepest way. So it takes a step the other way:

    $$v \rightarrow v' = v - \eta \nabla C$$

    How far it goes is the **learning rate** $\eta$. Too small, and the ball creeps. Too large, and it jumps across the
    valley, higher up on the other side than it was on this one.
    """)
    return


@app.cell
def _(mo):
    eta = mo.ui.slider(0.01, 1.1, 0.01, value=0.1, label="learning rate η", show_value=True)
    mu = mo.ui.slider(0.0, 0.95, 0.05, value=0.0, label="momentum μ", show_value=True)
    steepness = mo.ui.slider(1.0, 10.0, 0.5, value=1.0, label="steepness along v₂", show_value=True)
    steps = mo.ui.slider(1, 60, 1, value=20, label="steps", show_value=True)
    start_1 = mo.ui.slider(-1.2, 1.2, 0.1, value=-0.9, label="thrown in at v₁", show_value=True)
    start_2 = mo.ui.slider(-1.2, 1.2, 0.1, value=0.8, label="thrown in at v₂", show_value=True)
    push_1 = mo.ui.slider(-0.5, 0.5, 0.05, value=0.0, label="velocity along v₁", show_value=True)
    push_2 = mo.ui.slider(-0.5, 0.5, 0.05, value=0.0, label="velocity along v₂", show_value=True)
    return eta, mu, push_1, push_2, start_1, start_2, steepness, steps


@app.cell
def _(eta, mo, mu, push_1, push_2, start_1, start_2, steepness, steps):
    _rules, _throw = mo.vstack([eta, mu, steepness, steps]), mo.vstack([start_1, start_2, push_1, push_2])
    mo.hstack([_rules, _throw], justify="start", gap=3, wrap=True)
    return


@app.cell
def _(Momentum, eta, mu, np, push_1, push_2, start_1, start_2, steepness, steps):
    def cost(v1, v2):
        """C = v₁² + s v₂²."""
        return v1**2 + steepness.value * v2**2

    def gradient(v):
        """∇C = (2 v₁, 2 s v₂)."""
        return np.array([2 * v[0], 2 * steepness.value * v[1]])

    def roll():
        """Where the ball lies after each step; it is given up when it has left the valley."""
        ball = [{"v": np.array([start_1.value, start_2.value])}]
        descent, path = Momentum(mu.value), [ball[0]["v"]]
        state = {"v": [{"v": np.array([push_1.value, push_2.value])}]}
        for _ in range(steps.value):
            if np.abs(ball[0]["v"]).max() > 1e3:
                break
            ball, state = descent.update([{"v": gradient(ball[0]["v"])}], state, ball, eta.value)
            path.append(ball[0]["v"])
        return np.array(path)

    path = roll()
    heights = cost(*path.T)
    return cost, heights, path


@app.cell
def _(COLOURS, EDGE, cost, heights, mo, np, path, html):
    _figure, (_left, _right) = html.new_figure(1, 2, (9, 3.9))
    _v1, _v2 = np.meshgrid(np.linspace(-EDGE, EDGE, 90), np.linspace(-EDGE, EDGE, 90))
    _left.contour(_v1, _v2, np.sqrt(cost(_v1, _v2)), 12, cmap="Greys", linewidths=0.8)
    _left.plot(*path.T, "o-", color=COLOURS[1], markersize=3.5, linewidth=1)
    _left.plot(*path[0], "o", color=COLOURS[0], markersize=8)
    _left.set(xlim=(-EDGE, EDGE), ylim=(-EDGE, EDGE), aspect="equal")
    html.label_axes(_left, "v₁", "v₂", "from above")
    _right.semilogy(np.maximum(heights, 1e-9), "o-", color=COLOURS[0], markersize=3)
    html.label_axes(_right, "step", "C", "how high it lies")
    mo.Html(html.render_figure(_figure))
    return


@app.cell
def _(EDGE, heights, mo, np, path):
    _said = f"After {len(path) - 1} steps C has gone from {heights[0]:.2f} to {heights[-1]:.2g}."
    outside = bool(np.abs(path[-1]).max() > EDGE)
    mo.md(f"The ball has **left the valley** that is drawn here. {_said}" if outside else _said)
    return (outside,)


@app.cell
def _(mo):
    mo.md(r"""
    ## Try

    - Raise $\eta$ slowly. From which value on does the ball cross the middle at every step? From which does it leave?
      (In a round valley every step multiplies $v$ by $1 - 2\eta$. So the answers are ½ and 1.)
    - Make the valley steeper along $v_2$. Now the same $\eta$ is too large for one direction and too small for the
      other: this is what makes deep valleys slow, and what momentum is for.
    - **Momentum** gives the ball a velocity: $u \rightarrow \mu u - \eta \nabla C$ and $v \rightarrow v + u$.
      With $\mu = 0.8$ a small $\eta$ is enough in the steep valley. With $\mu = 0.95$ there is too little friction.
      Now it also counts with what velocity $u$ the ball is thrown in; with $\mu = 0$ that is forgotten at once.

    The steps are those of `deltarule.Momentum`, the one that trains networks; with $\mu = 0$ it is plain descent.
    """)
    return


if __name__ == "__main__":
    app.run()
