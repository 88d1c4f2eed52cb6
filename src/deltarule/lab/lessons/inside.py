"""Inside: the errors of a trained network, the images that excite its maps, and weights with L2 and dropout."""

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

    loaded = drawing.load_model()
    return COLOURS, Grid, drawing, escape, diagnosis, loaded, mo, np, html


@app.cell
def _(mo):
    mo.md("# Inside")
    return


@app.cell
def _(drawing, escape, loaded, mo):
    mo.stop(bool(_reason := drawing.explain_unsuitable(loaded)), mo.Html(f"<p><em>{escape(_reason)}</em></p>"))
    model = loaded
    names = drawing.get_class_names(model)
    return model, names


@app.cell
def _(mo, model, np):
    mo.md(f"""
    A look inside the network that reads drawings. It consists of
    {sum(np.size(v) for p in model.models[0].params for v in p.values()):,} numbers, learned from images.
    """)
    return


@app.cell
def _(escape, diagnosis, mo, model, names):
    test = diagnosis.find_test_images(model)
    mo.stop(
        test is None,
        mo.md(
            f"*This network classifies images of {' × '.join(map(str, model.example_shape))} pixels into the classes "
            f"{escape(', '.join(names))}, and the lab has no such test images. Start it with the network's data: "
            "`deltarule lab --model RUN --data PATH`.*"
        ),
    )
    mo.md(f"This page shows its predictions for {len(test):,} test images that it never saw ({test.name}).")
    return (test,)


@app.cell
def _(diagnosis, model, test):
    evaluation = diagnosis.evaluate(model, test)
    return (evaluation,)


@app.cell
def _(Grid, evaluation, mo, names):
    grid = mo.ui.anywidget(
        Grid(
            counts=evaluation.confusion(len(names)).tolist(),
            names=names,
            selected=list(evaluation.find_most_confused(len(names))),
            caption="confusion matrix, rows: labels, columns: predictions; select a cell",
        )
    )
    return (grid,)


@app.cell
def _(drawing, escape, evaluation, grid, mo, model, names, html, test):
    row, column = grid.value["selected"]
    cell = evaluation.find(row, column)
    _images = "".join(
        html.render_image(ink, 56, f"image {i}", model.scale)
        for i, ink in zip(cell[:40], drawing.measure_ink(model, test.x[cell[:40]]), strict=True)
    )
    _accuracy = 100 * float((evaluation.predictions == evaluation.labels).mean())
    _text = f"**{len(cell)}** with label {escape(names[row])}, classified as {escape(names[column])}" + (
        "; the first 40:" if len(cell) > 40 else ""
    )
    mo.vstack([
        mo.md(f"**{_accuracy:.2f} %** are classified correctly."),
        mo.hstack([grid, mo.vstack([mo.md(_text), mo.Html(f'<div class="lab-maps">{_images}</div>')])],
                  widths=[3, 4], gap=2, wrap=True, align="start"),
    ])  # fmt: skip
    return (cell,)


@app.cell
def _(drawing, escape, evaluation, mo, model, names, html, test):
    worst = evaluation.misclassified[:24]
    _cells = "".join(
        f'<figure class="lab-figure">{html.render_image(ink, 72, f"image {i}", model.scale)}'
        f"<figcaption>{escape(names[evaluation.labels[i]])}, read as {escape(names[evaluation.predictions[i]])} "
        f"({100 * evaluation.probabilities[i].max():.0f} %)</figcaption></figure>"
        for i, ink in zip(worst, drawing.measure_ink(model, test.x[worst]), strict=True)
    )
    mo.vstack([mo.md("## The worst mistakes\n\nThe network is most certain of these. Could you read them?"),
               mo.Html(f'<div class="lab-row">{_cells}</div>')])  # fmt: skip
    return (worst,)


@app.cell
def _(diagnosis, mo, model, test):
    searched = test.x[:1000]
    _layers = {
        f"convolutional layer {nth}: {model.models[0].network.layers[i].maps} maps": i
        for nth, i in enumerate(diagnosis.find_convolutions(model.models[0].network), start=1)
    }
    layer = mo.ui.dropdown(_layers, value=next(iter(_layers), None), label="maps of")
    mo.vstack([mo.md(f"## Patches that excite its maps\n\nFor each map, the patches of {len(searched):,} images that "
                     "excite it most."), *([layer] if _layers else [])])  # fmt: skip
    return layer, searched


@app.cell
def _(diagnosis, drawing, layer, mo, model, np, searched, html):
    patches = [] if layer.value is None else diagnosis.find_exciting_patches(model, searched, layer.value)
    _rows = []
    for _m, _of_map in enumerate(patches[:16]):
        _kernel = np.asarray(model.models[0].params[layer.value]["w"])[_m].mean(axis=-1)
        _rows.append(
            f'<div class="lab-maps lab-excited">{html.render_signed(_kernel, 56, f"kernel {_m}")} → '
            + "".join(
                html.render_image(drawing.measure_ink(model, patch), 56, f"patch for map {_m}", model.scale)
                for patch in _of_map
            )
            + "</div>"
        )
    mo.Html("".join(_rows) or "This network has no convolutional layer.")
    return (patches,)


@app.cell
def _(mo):
    mo.md("""
    ## What L2 and dropout do

    Three networks of 60 hidden neurons train on 300 of the small digits, a fifth of them with a wrong label: one as it
    is, one with weight decay, and one with dropout.
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
        """Train a network, or return it from the cache: validation accuracy in % and the first layer's weights."""
        dropped, regularizer = [Dropout(p)] if p else [], L2(lmbda) if lmbda else None
        network = Network([Dense(60), Sigmoid(), *dropped, Dense(10)], CrossEntropy(), (64,))
        model = fit(network, _few, epochs=80, eta=0.5, regularizer=regularizer, seed=1, engine="numpy")
        return 100 * model.accuracy(_validation), model.params[0]["w"].ravel()

    return (train_network,)


@app.cell
def _(train_network, lmbda, p):
    three = {
        "no regularization": train_network(0, 0),
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
        html.label_axes(_axes[_i], "weight of the first layer", "number of weights" if _i == 0 else "",
                        f"{_name}: {unseen[_name]:.1f} %")  # fmt: skip
    mo.Html(html.render_figure(_figure))
    return (bars,)


@app.cell
def _(mo):
    mo.md("""
    Weight decay moves all weights towards 0, except those that lower the cost. Dropout spreads the work: no weight can
    rely on a neuron that may be missing in the next step. Both make it hard to memorize the wrong labels: with λ = 0.5
    and p = 0.5 both classify more of the validation digits correctly.
    """)
    return


if __name__ == "__main__":
    app.run()
