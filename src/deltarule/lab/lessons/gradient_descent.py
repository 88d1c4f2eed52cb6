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
    from deltarule.lab.figure import make_figure

    return Momentum, make_figure, mo, np


@app.cell
def _(mo):
    mo.md(r"""
    # Down into the valley

    The **cost** $C$ measures how wrong the outputs of a network are. Learning changes the weights so that $C$ falls,
    like a ball that rolls downhill. Take a cost of only two weights, $v = (v_1, v_2)$, so that you can see all of it: a
    valley, lowest in the middle. The **gradient** $\nabla C$ consists of the derivatives of $C$ with respect to $v_1$
    and $v_2$. It points in the direction in which $C$ rises fastest. So the ball takes a step in the opposite
    direction:

    $$v \rightarrow v' = v - \eta \nabla C$$

    The length of the step is $\eta \lVert \nabla C \rVert$: the **learning rate** $\eta$ times the steepness of the
    place. If $\eta$ is too small, the ball creeps. If it is too large, the ball jumps across the valley and lands
    higher than it was.

    Move the controls, or drag the ball to another start.
    """)
    return


@app.cell
def _(make_figure, mo):
    figure = mo.ui.anywidget(make_figure("gradient_descent"))
    figure
    return (figure,)


@app.cell
def _(mo):
    mo.md(r"""
    ## Look closer

    - In a round valley and without momentum every step multiplies $v$ by $1 - 2\eta$. So the ball crosses the middle at
      every step if $\eta$ is above ½, and climbs out of the valley if $\eta$ is above 1.
    - Make the valley steeper along $v_2$. Now it is long and narrow: the same $\eta$ is too large for one direction and
      too small for the other. Gradient descent is slow in such valleys, and momentum helps.
    - **Momentum** gives the ball a velocity: $u \rightarrow \mu u - \eta \nabla C$ and $v \rightarrow v + u$. With
      $\mu = 0.8$ a small $\eta$ is enough in the narrow valley. With $\mu = 0.95$ there is too little friction, and the
      ball swings from side to side. The first velocity $u$ matters only if $\mu$ is above 0.

    The same in Python, with the optimizer that also trains networks; if $\mu = 0$, it is plain gradient descent:
    """)
    return


@app.cell
def _(Momentum, mo, np):
    def roll(eta, mu, steepness, steps, start_1, start_2, push_1, push_2):
        """Return the places of the ball, (steps + 1, 2), until it is far out of the valley."""
        descent, ball = Momentum(mu), [{"v": np.array([start_1, start_2])}]
        state, path = {"v": [{"v": np.array([push_1, push_2])}]}, [ball[0]["v"]]
        for _ in range(steps):
            if np.abs(ball[0]["v"]).max() > 1e3:
                break
            gradient = ball[0]["v"] * [2, 2 * steepness]
            ball, state = descent.update([{"v": gradient}], state, ball, eta)
            path.append(ball[0]["v"])
        return np.array(path)

    mo.show_code(roll(eta=0.1, mu=0.5, steepness=4, steps=3, start_1=-0.9, start_2=0.8, push_1=0, push_2=0))
    return (roll,)


if __name__ == "__main__":
    app.run()
