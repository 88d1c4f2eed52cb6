import marimo

app = marimo.App(app_title="Down into the valley", css_file="../lesson.css")


@app.cell
def _():
    import marimo as mo
    import numpy as np

    from deltarule.core.optimizers import Momentum
    from deltarule.figures import COLOURS
    from deltarule.lab.show import figure

    return COLOURS, Momentum, figure, mo, np


@app.cell
def _(mo):
    mo.md(
        r"""
        # Down into the valley

        A network learns as a ball rolls. Take a cost $C$ that depends on two weights only, so that one
        can see it: a valley. At each place the gradient $\nabla C$ points uphill, the steepest way. A step of

        $$v \rightarrow v' = v - \eta \nabla C$$

        goes the other way. The learning rate $\eta$ decides how far.
        """
    )
    return


@app.cell
def _(mo):
    eta = mo.ui.slider(0.01, 1.1, 0.01, value=0.1, label="learning rate η", show_value=True)
    mu = mo.ui.slider(0.0, 0.99, 0.01, value=0.0, label="momentum μ", show_value=True)
    steep = mo.ui.slider(1.0, 10.0, 0.5, value=1.0, label="how much steeper in y", show_value=True)
    steps = mo.ui.slider(1, 60, 1, value=20, label="steps", show_value=True)
    mo.vstack([eta, mu, steep, steps])
    return eta, mu, steep, steps


@app.cell
def _(Momentum, eta, mu, np, steep, steps):
    def cost(x, y):
        return x**2 + steep.value * y**2

    def gradient(v):
        return np.array([2 * v[0], 2 * steep.value * v[1]])

    def roll(start):
        """Where the ball is after each step."""
        descent = Momentum(mu.value)
        v, state = np.array(start), None
        path = [v]
        velocity = np.zeros(2)
        for _ in range(steps.value):
            velocity = mu.value * velocity - eta.value * gradient(v)
            v = v + velocity
            path.append(v)
        return np.array(path), descent, state

    path, _, _ = roll((-0.9, 0.8))
    return cost, path


@app.cell
def _(COLOURS, cost, figure, mo, np, path):
    _drawn, (_left, _right) = figure(1, 2, (8.5, 3.8))
    _x, _y = np.meshgrid(np.linspace(-1.3, 1.3, 80), np.linspace(-1.3, 1.3, 80))
    _left.contour(_x, _y, cost(_x, _y), 14, cmap="Greys", linewidths=0.8)
    _left.plot(*path.T, "o-", color=COLOURS[1], ms=3.5, lw=1)
    _left.set(xlim=(-1.3, 1.3), ylim=(-1.3, 1.3), xlabel="x", ylabel="y")
    _right.semilogy(np.maximum(cost(*path.T), 1e-12), "o-", color=COLOURS[0], ms=3)
    _right.set(xlabel="step", ylabel="C")
    mo.as_html(_drawn)
    return


if __name__ == "__main__":
    app.run()
