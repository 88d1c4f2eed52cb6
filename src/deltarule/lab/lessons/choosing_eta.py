"""Choosing the learning rate: too small, too large, and how to find one between (chapter 3)."""

# /// script
# [tool.marimo.display]
# theme = "system"
# ///

import marimo

app = marimo.App(app_title="Choosing η", css_file="../lesson.css")


@app.cell
def _():
    import marimo as mo

    from deltarule import Network, fit
    from deltarule.callbacks import Monitor
    from deltarule.data import load
    from deltarule.lab.figure import LEARNING, make_figure
    from deltarule.lab.learning_figures import PageOrder, pack_examples

    training, _, _ = load("digits")
    return LEARNING, Monitor, Network, PageOrder, fit, make_figure, mo, pack_examples, training


@app.cell
def _(mo):
    mo.md(r"""
    # Choosing $\eta$

    The first setting to choose is the learning rate $\eta$. The *training* cost shows best whether it is right. Three
    networks learn the small digits; they differ only in $\eta$. Epoch 0 is before learning. A network that gives each
    of the ten answers a probability of 0.1 has a cost of 3.25: above that it is worse than guessing.

    Move the controls, or drag the three points along the axis of $\eta$. Each $\eta$ that you try leaves a point.
    """)
    return


@app.cell
def _(LEARNING, make_figure, mo, pack_examples, training):
    figure = mo.ui.anywidget(make_figure("choosing_eta", LEARNING, training=pack_examples(training)))
    figure
    return (figure,)


@app.cell
def _(mo):
    mo.md(r"""
    ## How to choose

    1. Find the order of magnitude of the largest $\eta$ with which the training cost falls from the first epochs on,
       without oscillating. Try 0.01, 0.1, 1, … .
    2. Take about half of this threshold.
    3. Later, when the cost no longer falls, make $\eta$ smaller in steps: a *schedule*.

    `deltarule find-eta` does the first two for a network of yours.

    ## Look closer

    - A small $\eta$ is not safe either. With $\eta = 0.0251$ the network is little better than guessing after ten
      epochs. With 30 epochs it comes down as well.
    - With $\eta = 0.631$ the cost of sigmoid neurons still falls smoothly. With $\eta = 0.794$ the cost begins to rise
      now and then. With $\eta = 10$ the network is no better than guessing.
    - The thresholds of tanh and ReLU are lower, because their slopes are up to 1, where that of a sigmoid is at most ¼.
    - A run beyond the threshold can end with a lower cost than a smooth one, as with $\eta = 1.26$. But it depends on
      the epoch at which you stop.

    The same training in Python:
    """)
    return


@app.cell
def _(Monitor, Network, PageOrder, fit, mo, training):
    def train_network(eta, hidden, epochs, engine="auto", dtype="float32"):
        """Return the cost on the training images after each epoch."""
        network = Network.dense([64, 20, 10], hidden=hidden)
        model = fit(network, training, epochs=epochs, eta=eta, seed=1, order=PageOrder(), stop_if_not_finite=False,
                    callbacks=[Monitor()], engine=engine, dtype=dtype)  # fmt: skip
        return model.history["training_cost"]

    mo.show_code(f"{train_network(eta=0.501, hidden='sigmoid', epochs=10)[-1]:.3f}")
    return (train_network,)


if __name__ == "__main__":
    app.run()
