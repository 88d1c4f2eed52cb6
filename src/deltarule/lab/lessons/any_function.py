"""Any function: a step, a bump, many bumps, a tower, and a curve to be matched by hand (chapter 4)."""

# /// script
# [tool.marimo.display]
# theme = "system"
# ///

import marimo

app = marimo.App(app_title="Any function", css_file="../lesson.css")


@app.cell
def _():
    import marimo as mo
    import numpy as np

    from deltarule.constructions import bumps, towers
    from deltarule.lab.figure import make_figure

    return bumps, make_figure, mo, np, towers


@app.cell
def _(mo):
    mo.md(r"""
    # Any function

    On an interval, a network can come as close as we like to any continuous function. For a function of one input, one
    hidden layer is enough. To see why, we choose all weights by hand.

    ## A step

    A sigmoid neuron with a large weight is nearly a step. The step stands where $wx + b = 0$, at $s = -b/w$. Drag it.
    """)
    return


@app.cell
def _(make_figure, mo):
    step = mo.ui.anywidget(make_figure("step"))
    step
    return (step,)


@app.cell
def _(mo):
    mo.md(r"""
    ## Bumps, and a challenge

    Two steps, one up and one down, make a **bump**. Bumps side by side make a staircase of any shape. Here are five
    bumps, made of ten hidden neurons. The output neuron is linear: it has no σ, and only adds up the hidden neurons,
    each multiplied by its weight. Drag the bumps so that the output matches the goal.

    At both ends of the interval the output has half of its height. The reason: the first step stands exactly at 0,
    where it has risen only halfway, and the last one at 1, where half of it has gone. Between two bumps the same
    happens, but there one bump rises while the other one falls. To mend the ends, put the outer steps outside of the
    interval.
    """)
    return


@app.cell
def _(make_figure, mo):
    five_bumps = mo.ui.anywidget(make_figure("bumps", ("bump_sum.js",)))
    five_bumps
    return (five_bumps,)


@app.cell
def _(mo):
    mo.md("""
    More bumps come closer. Here each bump is as high as the goal in its middle. From ten bumps on, twice as many bumps
    leave about half of the mean distance. The largest distance hardly changes, unless the outer steps stand outside.
    """)
    return


@app.cell
def _(make_figure, mo):
    many_bumps = mo.ui.anywidget(make_figure("many_bumps", ("bump_sum.js",)))
    many_bumps
    return (many_bumps,)


@app.cell
def _(mo):
    mo.md(r"""
    ## Two inputs: a tower

    With two inputs, this construction needs **two** hidden layers. Four neurons of the first one make two bumps, one
    along each input. Added up, the bumps make a cross: $h$ on its arms, and $2h$ where the bumps meet. A neuron of the
    second hidden layer has the bias $-\tfrac32 h$. It is only active where both bumps are, and its output is a
    **tower**. Drag the corners.
    """)
    return


@app.cell
def _(make_figure, mo):
    tower = mo.ui.anywidget(make_figure("tower", ("surface.js",)))
    tower
    return (tower,)


@app.cell
def _(mo):
    mo.md(r"""
    Again the output neuron is linear, and adds up all towers, each multiplied by its height. With many narrow towers
    the network comes as close as we like to a surface.
    """)
    return


@app.cell
def _(make_figure, mo):
    many_towers = mo.ui.anywidget(make_figure("towers", ("surface.js",)))
    many_towers
    return (many_towers,)


@app.cell
def _(mo):
    mo.md(r"""
    ## Look closer

    - How large must $w$ be until the step looks like one? Far from the step the slope is nearly 0, and learning needs
      the slope.
    - With a small $h$ the tower does not stand out: the neuron cannot tell one bump from two. In the last figure, even
      $h = 6$ is too small for many towers, because each of them adds a little everywhere along its arms.
    - A network *can* come close to any continuous function. That does not mean that it *learns* it.

    The same in Python, with networks whose weights are set by hand:
    """)
    return


@app.cell
def _(bumps, mo, np):
    def add_bumps(heights, outside, x):
        """Return the outputs for inputs x: two hidden neurons for each bump, and a linear output neuron."""
        edges = np.linspace(0, 1, len(heights) + 1)
        if outside:
            edges[0], edges[-1] = -0.1, 1.1
        return bumps.build_bumps(edges.tolist(), heights, w=1000)(x)

    mo.show_code(add_bumps([0.2, 0.8], outside=False, x=[0, 0.25, 0.5, 0.75, 1]))
    return (add_bumps,)


@app.cell
def _(mo, towers):
    def build_surface(f, n, h):
        """Build a network with two hidden layers: n × n towers, each as high as f in its middle."""
        return towers.approximate(f, n, h, w=1000)

    mo.show_code(build_surface(lambda x, y: x + y, n=4, h=20)([[0.4, 0.4], [0.9, 0.6]]))
    return (build_surface,)


if __name__ == "__main__":
    app.run()
