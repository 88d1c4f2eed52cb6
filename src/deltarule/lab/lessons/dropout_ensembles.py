"""Dropout and ensembles: many networks vote, or one that learns as many (chapter 3)."""

# /// script
# [tool.marimo.display]
# theme = "system"
# ///

import marimo

app = marimo.App(app_title="Dropout and ensembles", css_file="../lesson.css")


@app.cell
def _():
    import marimo as mo
    import numpy as np

    from deltarule import CrossEntropy, Dense, Dropout, Network, Sigmoid, fit
    from deltarule.core import random
    from deltarule.data import load
    from deltarule.lab.figure import LEARNING, make_figure
    from deltarule.lab.learning_figures import PageOrder, make_labels_false, pack_examples

    training, validation, _ = load("digits")
    return (
        CrossEntropy, Dense, Dropout, LEARNING, Network, PageOrder, Sigmoid, fit, make_figure, make_labels_false, mo,
        np, pack_examples, random, training, validation,
    )  # fmt: skip


@app.cell
def _(mo):
    mo.md("""
    # Dropout and ensembles

    Networks that begin differently make different mistakes. An **ensemble** lets several networks vote, so that many
    mistakes are outvoted. **Dropout** has the same aim in a single network. In each step of training it sets each
    hidden output to 0 with the probability $p$, so that no neuron can rely on a particular other one.
    """)
    return


@app.cell
def _(make_figure, mo):
    mask = mo.ui.anywidget(make_figure("dropout", ("../playground/random.js", "pixels.js")))
    mask
    return (mask,)


@app.cell
def _(mo):
    mo.md("""
    Dropout multiplies the kept outputs by 1/(1 − p). So the sums that the next layer gets are on average the same as
    after training, when nothing is dropped. In Python:
    """)
    return


@app.cell
def _(Dropout, mo, np, random):
    def drop(p, step):
        """Return what dropout leaves of outputs of 1, for 8 examples and 40 neurons."""
        kept, _ = Dropout(p).forward({}, np.ones((8, 40)), random.fold(random.key(1), step))
        return kept

    mo.show_code(f"mean output: {drop(p=0.5, step=0).mean():.2f}")
    return (drop,)


@app.cell
def _(mo):
    mo.md("""
    ## A vote

    Five networks learn from the same 300 digits, a fifth of them with false labels. They differ only in their first
    weights and in the order of the examples. Five others learn with dropout. Each dot is one network.
    """)
    return


@app.cell
def _(LEARNING, make_figure, mo, pack_examples, training, validation):
    ensembles = mo.ui.anywidget(
        make_figure("ensembles", LEARNING, training=pack_examples(training, 1000), validation=pack_examples(validation))
    )
    ensembles
    return (ensembles,)


@app.cell
def _(mo):
    mo.md("""
    ## Look closer

    - **Dropout wins here.** A fifth of the labels are false, and a network with 50 hidden neurons can learn many of
      them by heart. Dropout makes that hard. Over ten seeds such networks read 91 % of the validation images, and 87 %
      without dropout.
    - **Dropout does not win everywhere.** Set the share of false labels to 0 and take 100 images. Now no label is
      false, and dropout only makes learning harder: 82 % instead of 84 %. With few neurons it loses, too, even with
      false labels: try 10 hidden neurons.
    - **A vote helps where networks make different mistakes.** With 10 hidden neurons and false labels it is at least 3
      percentage points better than the mean. With 100 hidden neurons and correct labels the networks make nearly the
      same mistakes, and the vote gains at most half a point. The second picture shows why: a vote saves an image that
      most networks read correctly, and loses one that most of them misread.
    - `deltarule train --ensemble 5` trains five networks at once, and saves them as one model that votes.

    The same training in Python:
    """)
    return


@app.cell
def _(CrossEntropy, Dense, Dropout, Network, PageOrder, Sigmoid, fit, make_labels_false, mo, training, validation):
    def train_network(n, wrong, hidden, p, seed, engine="auto", dtype="float32"):
        """Train a network, and return the probabilities that it gives for the validation images."""
        dropped = [Dropout(p)] if p else []
        network = Network([Dense(hidden), Sigmoid(), *dropped, Dense(10)], CrossEntropy(), (64,))
        model = fit(network, make_labels_false(training, n, wrong), epochs=30, eta=0.5, seed=seed, order=PageOrder(),
                    engine=engine, dtype=dtype)  # fmt: skip
        return model.predict_proba(validation)

    _first = train_network(n=300, wrong=0.2, hidden=50, p=0.5, seed=1)
    mo.show_code(f"{(_first.argmax(axis=1) == validation.y).mean():.1%}")
    return (train_network,)


if __name__ == "__main__":
    app.run()
