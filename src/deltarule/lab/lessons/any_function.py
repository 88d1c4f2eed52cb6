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
    from deltarule.lab import html
    from deltarule.plotting import COLOURS

    x = np.linspace(0, 1, 601)
    return COLOURS, bumps, mo, np, html, towers, x


@app.cell
def _(mo):
    mo.md(r"""
    # Any function

    A network with one hidden layer can come as near to any smooth function as one likes. One can see why, without
    a proof, by setting the weights by hand.

    ## A step

    A sigmoid neuron with a large weight is nearly a step. It stands where $wx + b = 0$, at $s = -b/w$.
    """)
    return


@app.cell
def _(mo):
    weight = mo.ui.slider(1, 300, 1, value=8, label="weight w", show_value=True)
    place = mo.ui.slider(0.0, 1.0, 0.01, value=0.4, label="its place s", show_value=True)
    return place, weight


@app.cell
def _(mo, place, weight):
    mo.hstack([weight, place], justify="start", gap=3, wrap=True)
    return


@app.cell
def _(bumps, place, weight, x):
    one_step = bumps.build_step(place.value, weight.value)(x)
    return (one_step,)


@app.cell
def _(COLOURS, mo, one_step, place, html, weight, x):
    _figure, _axes = html.new_figure(size=(7, 2.6))
    _axes.plot(x, one_step, color=COLOURS[0])
    _axes.axvline(place.value, color="#888888", linewidth=0.8)
    html.label_axes(_axes, "input x", "σ(wx + b)", f"b = −w s = {-weight.value * place.value:.1f}")
    mo.Html(html.render_figure(_figure))
    return


@app.cell
def _(mo):
    mo.md("""
    ## Bumps, and a challenge

    Two steps, one up and one down, make a **bump**. Bumps side by side make a staircase of any shape. Here are five,
    of ten hidden neurons. Match the grey curve: the score is the mean distance from it.
    """)
    return


@app.cell
def _(mo):
    heights = mo.ui.array(
        [
            mo.ui.slider(-1.0, 1.5, 0.05, value=0.0, orientation="vertical", label=f"h{i}", show_value=True)
            for i in "₁₂₃₄₅"
        ]
    )
    return (heights,)


@app.cell
def _(heights, mo):
    mo.hstack(list(heights), justify="start", gap=2, wrap=True)
    return


@app.cell
def _(bumps, heights, np, x):
    edges = np.linspace(0, 1, 6)
    mine = bumps.build_bumps(edges.tolist(), list(heights.value), w=300)(x)
    score = float(np.abs(mine - bumps.goal(x)).mean())
    return mine, score


@app.cell
def _(COLOURS, bumps, mine, mo, score, html, x):
    _figure, _axes = html.new_figure(size=(7, 3.2))
    _axes.plot(x, bumps.goal(x), color="black", alpha=0.35, linewidth=2.5, label="the goal")
    _axes.plot(x, mine, color=COLOURS[0], label="five bumps")
    html.label_axes(_axes, "input x", "output")
    _word = "well done!" if score < 0.08 else "nearer!" if score < 0.2 else "still far"
    mo.vstack([mo.Html(html.render_figure(_figure)), mo.md(f"Mean distance **{score:.3f}**: {_word}")])
    return


@app.cell
def _(mo):
    n = mo.ui.slider(1, 60, 1, value=10, label="number of bumps n, set by the goal itself", show_value=True)
    n
    return (n,)


@app.cell
def _(bumps, n, np, x):
    many = bumps.approximate(bumps.goal, n.value, w=3000)(x)
    distance = float(np.abs(many - bumps.goal(x)).mean())
    return distance, many


@app.cell
def _(COLOURS, bumps, distance, many, mo, n, html, x):
    _figure, _axes = html.new_figure(size=(7, 3.2))
    _axes.plot(x, bumps.goal(x), color="black", alpha=0.35, linewidth=2.5, label="the goal")
    _axes.plot(x, many, color=COLOURS[2], label=f"{n.value} bumps, {2 * n.value} hidden neurons")
    html.label_axes(_axes, "input x", "output")
    mo.vstack([mo.Html(html.render_figure(_figure)), mo.md(
        f"Mean distance **{distance:.4f}**. From about ten bumps on, twice as many leave half of it."
    )])  # fmt: skip
    return


@app.cell
def _(mo):
    mo.md(r"""
    ## A tower

    With two inputs, a bump in each makes a cross. A neuron that fires only where both are there, with bias
    $-\tfrac32 h$, leaves a **tower**. With towers one builds any surface.
    """)
    return


@app.cell
def _(mo):
    h = mo.ui.slider(0.5, 20.0, 0.5, value=10.0, label="h, the weight of each bump", show_value=True)
    wide = mo.ui.slider(0.1, 0.9, 0.05, value=0.3, label="its width", show_value=True)
    return h, wide


@app.cell
def _(h, mo, wide):
    mo.hstack([h, wide], justify="start", gap=3, wrap=True)
    return


@app.cell
def _(h, np, towers, wide):
    _side = (0.5 - wide.value / 2, 0.5 + wide.value / 2)
    _grid = np.linspace(0, 1, 61)
    _points = np.stack(np.meshgrid(_grid, _grid, indexing="ij"), axis=-1).reshape(-1, 2)
    tower = towers.build_tower([_side, _side], h.value, 100)(_points).reshape(61, 61)
    return (tower,)


@app.cell
def _(mo, html, tower):
    _figure, _axes = html.new_figure(size=(4.4, 3.6))
    _image = _axes.imshow(tower.T, origin="lower", extent=(0, 1, 0, 1), cmap="Blues", vmin=0, vmax=1)
    _figure.colorbar(_image, label="output")
    html.label_axes(_axes, "x₁", "x₂")
    _axes.grid(False)
    mo.vstack(
        [
            mo.Html(html.render_figure(_figure)),
            mo.md(f"Inside {tower.max():.3f}, at the edge of the picture {tower[0, 30]:.3f}."),
        ]
    )
    return


@app.cell
def _(mo):
    mo.md(r"""
    ## Try

    - How large must $w$ be until the step looks like one? And what happens to its slope, which learning needs?
    - With a small $h$ the tower stands in a swamp: the neuron cannot tell one bump from two.
    - Five bumps can get the mean distance below 0.08. Read the heights off the curve, then improve.

    That a network *can* be any function does not say that it will *learn* it.
    """)
    return


if __name__ == "__main__":
    app.run()
