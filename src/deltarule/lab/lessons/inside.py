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

    from deltarule import L2, CrossEntropy, Dense, Dropout, Network, Sigmoid, fit
    from deltarule.data import load
    from deltarule.lab import diagnosis, drawing
    from deltarule.lab.diagnosis_figures import pack_errors, pack_maps
    from deltarule.lab.figure import LEARNING, make_figure
    from deltarule.lab.learning_figures import PageOrder, make_labels_false, pack_examples

    loaded = drawing.load_model()
    training, validation, _ = load("digits")
    return (
        CrossEntropy, Dense, Dropout, L2, LEARNING, Network, PageOrder, Sigmoid, diagnosis, drawing, escape, fit,
        loaded, make_figure, make_labels_false, mo, np, pack_errors, pack_examples, pack_maps, training, validation,
    )  # fmt: skip


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
    Look inside the network that reads drawings. It has
    {sum(np.size(v) for p in model.models[0].params for v in p.values()):,} parameters, learned from images.
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
def _(diagnosis, make_figure, mo, model, pack_errors, test):
    evaluation = diagnosis.evaluate(model, test)
    errors = mo.ui.anywidget(
        make_figure("confusion", ("bytes.js", "pixels.js", "gallery.js"), **pack_errors(model, test, evaluation))
    )
    errors
    return errors, evaluation


@app.cell
def _(mo, test):
    searched = test.x[:1000]
    mo.md(f"""
    ## Patches that excite its maps

    Each map of a convolutional layer has a kernel. Beside it are the patches of {len(searched):,} images for which the
    map is largest. A kernel is blue where its weights are above 0, and orange where they are below. After the first
    layer a kernel has weights for several maps; the picture shows their mean.
    """)
    return (searched,)


@app.cell
def _(make_figure, mo, model, pack_maps, searched):
    layers = pack_maps(model, searched)
    maps = mo.ui.anywidget(make_figure("feature_maps", ("bytes.js", "pixels.js", "gallery.js"), layers=layers))
    maps if layers else mo.md("This network has no convolutional layer.")
    return layers, maps


@app.cell
def _(mo):
    mo.md("""
    ## What L2 and dropout do

    Three networks with 50 hidden neurons learn from 300 of the small digits, a fifth of them with false labels: one
    without regularization, one with weight decay (also called L2), and one with dropout. The bars count the weights of
    their first layers.
    """)
    return


@app.cell
def _(LEARNING, make_figure, mo, pack_examples, training, validation):
    histograms = mo.ui.anywidget(
        make_figure(
            "weight_histograms",
            LEARNING,
            training=pack_examples(training, 300),
            validation=pack_examples(validation),
        )
    )
    histograms
    return (histograms,)


@app.cell
def _(mo):
    mo.md("""
    - Weight decay pulls all weights towards 0. Only those that lower the cost enough stay large. With λ = 1 the
      standard deviation of the weights is less than half of that without it. With λ = 4 they are too small, and the
      network reads fewer images than without weight decay.
    - Dropout does not make these weights small. It spreads the work: no neuron can rely on another one, which may be
      missing in the next step.
    - Both make it hard to learn the false labels by heart. With λ = 1 the network reads 89.0 % of the validation images
      correctly, with p = 0.5 it reads 91.3 %, and without regularization 84.0 %.

    The same training in Python:
    """)
    return


@app.cell
def _(CrossEntropy, Dense, Dropout, L2, Network, PageOrder, Sigmoid, fit, make_labels_false, mo, training, validation):
    def train_network(lmbda, p, engine="auto", dtype="float32"):
        """Train a network, and return its validation accuracy and the weights of its first layer."""
        dropped, regularizer = [Dropout(p)] if p else [], L2(lmbda) if lmbda else None
        network = Network([Dense(50), Sigmoid(), *dropped, Dense(10)], CrossEntropy(), (64,))
        model = fit(network, make_labels_false(training, 300, 0.2, seed=7), epochs=60, eta=0.5, regularizer=regularizer,
                    seed=1, order=PageOrder(), engine=engine, dtype=dtype)  # fmt: skip
        return model.accuracy(validation), model.params[0]["w"]

    mo.show_code(f"standard deviation of the weights with λ = 1: {train_network(lmbda=1, p=0)[1].std():.2f}")
    return (train_network,)


@app.cell
def _(mo):
    mo.md("""
    From the book: [Overfitting and regularization](http://neuralnetworksanddeeplearning.com/chap3.html#overfitting_and_regularization)
    """)
    return


if __name__ == "__main__":
    app.run()
