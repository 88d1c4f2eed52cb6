"""Inside: what a trained network gets wrong, what its maps answer to, and what L2 and dropout do to weights."""

# /// script
# [tool.marimo.display]
# theme = "system"
# ///

import marimo

app = marimo.App(app_title="Inside", css_file="../lesson.css", width="medium")


@app.cell
def _():
    from html import escape

    import marimo as mo
    import numpy as np

    from deltarule.lab import diagnosis, drawing, html
    from deltarule.lab.confusion_grid import Grid
    from deltarule.plotting import COLOURS

    model = drawing.model()
    names = drawing.names(model)
    return COLOURS, Grid, escape, diagnosis, mo, model, names, np, html


@app.cell
def _(mo, model, np):
    mo.md(f"""
    # Inside

    The network that reads drawings, looked at from within. It is made of
    {sum(np.size(v) for p in model.models[0].params for v in p.values()):,} numbers, learned from images.
    """)
    return


@app.cell
def _(escape, diagnosis, mo, model, names):
    test = diagnosis.images_for(model)
    mo.stop(
        test is None,
        mo.md(
            f"*It tells {escape(', '.join(names))} apart in images of {' × '.join(map(str, model.example_shape))} "
            "pixels, and the lab has none such to show it. Start it with those that it learned from: "
            "`deltarule lab --model RUN --data PATH`.*"
        ),
    )
    mo.md(f"Here it reads {len(test):,} that it has never seen ({test.name}).")
    return (test,)


@app.cell
def _(diagnosis, model, test):
    read = diagnosis.read(model, test)
    return (read,)


@app.cell
def _(Grid, mo, names, read):
    grid = mo.ui.anywidget(
        Grid(counts=read.counts(len(names)).tolist(), names=names, chosen=list(read.most_confused(len(names))),
             caption="rows: what was written, columns: what was read; choose a cell")
    )  # fmt: skip
    return (grid,)


@app.cell
def _(escape, grid, mo, names, read, html, test):
    row, column = grid.value["chosen"]
    chosen = read.of(row, column)
    _images = "".join(html.image(test.x[i], 56, f"image {i}", test.scale) for i in chosen[:40])
    _right = 100 * float((read.answers == read.labels).mean())
    _said = f"**{len(chosen)}** written as {escape(names[row])} and read as {escape(names[column])}" + (
        ", the first 40:" if len(chosen) > 40 else ""
    )
    mo.vstack([
        mo.md(f"**{_right:.2f} %** are right."),
        mo.hstack([grid, mo.vstack([mo.md(_said), mo.Html(f'<div class="lab-maps">{_images}</div>')])],
                  widths=[3, 4], gap=2, wrap=True, align="start"),
    ])  # fmt: skip
    return (chosen,)


@app.cell
def _(escape, mo, names, read, html, test):
    worst = read.worst[:24]
    _cells = "".join(
        f'<figure class="lab-figure">{html.image(test.x[i], 72, f"image {i}", test.scale)}'
        f"<figcaption>{escape(names[read.labels[i]])}, read as {escape(names[read.answers[i]])} "
        f"({100 * read.shares[i].max():.0f} %)</figcaption></figure>"
        for i in worst
    )
    mo.vstack([mo.md("## The worst misreadings\n\nMost certain of what is wrong. Could you read them?"),
               mo.Html(f'<div class="lab-row">{_cells}</div>')])  # fmt: skip
    return (worst,)


@app.cell
def _(diagnosis, mo, model, test):
    searched = test.x[:1000]
    _layers = {
        f"convolutional layer {nth}: {model.models[0].network.layers[i].maps} maps": i
        for nth, i in enumerate(diagnosis.convolutions(model.models[0].network), start=1)
    }
    layer = mo.ui.dropdown(_layers, value=next(iter(_layers), None), label="maps of")
    mo.vstack([mo.md(f"## What its maps answer to\n\nFor each map, the pieces of {len(searched):,} images that excite "
                     "it most."), *([layer] if _layers else [])])  # fmt: skip
    return layer, searched


@app.cell
def _(diagnosis, layer, mo, model, np, searched, html, test):
    excited = [] if layer.value is None else diagnosis.exciting(model, searched, layer.value)
    _rows = []
    for _m, _pieces in enumerate(excited[:16]):
        _kernel = np.asarray(model.models[0].params[layer.value]["w"])[_m].mean(axis=-1)
        _rows.append(
            f'<div class="lab-maps lab-excited">{html.signed(_kernel, 56, f"kernel {_m}")} → '
            + "".join(html.image(piece, 56, f"piece for map {_m}", test.scale) for piece in _pieces)
            + "</div>"
        )
    mo.Html("".join(_rows) or "This network has no convolutional layer.")
    return (excited,)


@app.cell
def _(mo):
    mo.md("""
    ## What L2 and dropout do

    Three networks of 60 hidden neurons learn from 300 of the small digits, a fifth of them with a wrong label: as they
    are, with weight decay, and with dropout.
    """)
    return


@app.cell
def _(mo):
    lmbda = mo.ui.slider(0.0, 5.0, 0.1, value=0.5, label="weight decay λ", show_value=True, debounce=True)
    p = mo.ui.slider(0.0, 0.8, 0.1, value=0.5, label="dropout p", show_value=True, debounce=True)
    return lmbda, p


@app.cell
def _(lmbda, mo, p):
    mo.hstack([lmbda, p], justify="start", gap=3, wrap=True)
    return


@app.cell
def _(np):
    from dataclasses import replace
    from functools import cache

    from deltarule import L2, CrossEntropy, Dense, Dropout, Network, Sigmoid, fit
    from deltarule.data import load

    _train, _validation, _ = load("digits")
    _random = np.random.default_rng(1)
    _labels = _train.y[:300]
    _wrong = _random.permutation(300) < 60
    _few = replace(_train.take(slice(300)), y=np.where(_wrong, (_labels + _random.integers(1, 10, 300)) % 10, _labels))

    @cache
    def train_network(lmbda, p):
        """The accuracy on the unseen digits in %, and the first layer's weights; what has been learned once is kept."""
        dropped, regularizer = [Dropout(p)] if p else [], L2(lmbda) if lmbda else None
        network = Network([Dense(60), Sigmoid(), *dropped, Dense(10)], CrossEntropy(), (64,))
        model = fit(network, _few, epochs=80, eta=0.5, regularizer=regularizer, seed=1, engine="numpy")
        return 100 * model.accuracy(_validation), model.params[0]["w"].ravel()

    return (train_network,)


@app.cell
def _(train_network, lmbda, p):
    three = {
        "as they are": train_network(0, 0),
        "weight decay": train_network(lmbda.value, 0),
        "dropout": train_network(0, p.value),
    }
    unseen, first_layer = ({name: one[i] for name, one in three.items()} for i in (0, 1))
    return first_layer, unseen


@app.cell
def _(COLOURS, first_layer, mo, np, html, unseen):
    _figure, _axes = html.new_figure(1, 3, (9.5, 3), sharey=True)
    _most = max(float(np.abs(w).max()) for w in first_layer.values())
    bars = []
    for _i, (_name, _w) in enumerate(first_layer.items()):
        bars.append(_axes[_i].hist(_w, np.linspace(-_most, _most, 81), color=COLOURS[_i])[0])
        html.label_axes(_axes[_i], "weight of the first layer", "how many" if _i == 0 else "",
                        f"{_name}: {unseen[_name]:.1f} %")  # fmt: skip
    mo.Html(html.plotted(_figure))
    return (bars,)


@app.cell
def _(mo):
    mo.md("""
    Weight decay draws all weights towards 0, and keeps those that pay. Dropout spreads the work: no weight may rely on
    a neuron that can be gone in the next step. Both make it hard to learn the wrong labels by heart: with λ = 0.5 and
    p = 0.5 both read more of the unseen digits.
    """)
    return


if __name__ == "__main__":
    app.run()
