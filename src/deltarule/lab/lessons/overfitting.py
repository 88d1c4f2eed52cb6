"""Overfitting and weight decay: ten points and a polynomial, then a network (chapter 3)."""

# /// script
# [tool.marimo.display]
# theme = "system"
# ///

import marimo

app = marimo.App(app_title="Overfitting", css_file="../lesson.css")


@app.cell
def _():
    import marimo as mo
    import numpy as np

    from deltarule import L2, Network, fit
    from deltarule.data import load
    from deltarule.lab.figure import LEARNING, make_figure
    from deltarule.lab.learning_figures import PageOrder, make_labels_false, pack_examples

    training, validation, _ = load("digits")
    return (
        L2, LEARNING, Network, PageOrder, fit, make_figure, make_labels_false, mo, np, pack_examples, training,
        validation,
    )  # fmt: skip


@app.cell
def _(mo):
    mo.md("""
    # Overfitting

    Ten points lie near the line y = 2x. A polynomial of order nine goes through all of them exactly. A straight line
    goes through none. Which of the two has understood something?

    Drag the points up and down, and watch the curve between them.
    """)
    return


@app.cell
def _(make_figure, mo, np):
    polynomial = mo.ui.anywidget(
        make_figure("polynomial", normal=np.random.default_rng(3).standard_normal(10).tolist())
    )
    polynomial
    return (polynomial,)


@app.cell
def _(mo):
    mo.md(r"""
    Order 9 has a coefficient for each point, so it can repeat the noise as well as the line. This is **overfitting**:
    the distance from the points is 0, and the distance from the line that made them is nine times that of the straight
    line. Such a curve needs large coefficients. **Weight decay** adds their squares to the cost, here from the power 2
    on, so that a line costs nothing. Then a coefficient is large only if it brings the curve much nearer to the points.
    In Python, where $u$ is $x$ brought to −1 … 1:
    """)
    return


@app.cell
def _(mo, np):
    def fit_polynomial(x, y, order, decay):
        """Return the coefficients of 1, u, u², … that minimize the squared errors plus decay · (c₂² + c₃² + …)."""
        powers = np.vander((np.asarray(x) - 2.5) / 2.5, order + 1, increasing=True)
        penalty = np.sqrt(decay) * np.diag([0.0, 0.0, *np.ones(order - 1)])
        rows = np.vstack([powers, penalty])
        return np.linalg.lstsq(rows, np.concatenate([y, np.zeros(order + 1)]), rcond=None)[0]

    mo.show_code(fit_polynomial([0, 1, 2, 3, 4, 5], [0.3, 1.8, 4.1, 5.9, 8.4, 9.7], order=3, decay=0.1).round(2))
    return (fit_polynomial,)


@app.cell
def _(mo):
    mo.md("""
    ## A network does the same

    This network learns from 300 small digits, images of 8 × 8 pixels. A fifth of their labels are false. It does not
    learn from the validation images, whose labels are all correct. In the first twenty epochs it learns to read more
    than 90 % of them. Then it learns the false labels by heart, one after the other, and reads the validation images
    worse again. Give it some weight decay: it adds λ/2n times the sum of all squared weights to the cost, for n images.
    """)
    return


@app.cell
def _(LEARNING, make_figure, mo, pack_examples, training, validation):
    network = mo.ui.anywidget(
        make_figure(
            "overfitting", LEARNING, training=pack_examples(training, 1000), validation=pack_examples(validation)
        )
    )
    network
    return (network,)


@app.cell
def _(mo):
    mo.md("""
    ## Look closer

    - Weight decay makes the network choose: it keeps what many images have in common, and gives up single images, most
      of them with false labels. With λ = 1 it reads 88.3 % of the validation images at the end, and without
      weight decay 82.7 %.
    - Here **training lies below validation**, which surprises at first. A fifth of the training labels are false. A
      network that reads every image correctly would reach only 80 % on them.
    - λ = 1 is near the best in each draw of the false labels. It is no special number: what counts is λ/n, and with
      more images or other labels another λ is best. That is what the validation set is for. With λ = 5 the network
      reads only 65 %.
    - Set the share of false labels to 0. Now there is little to overfit, and λ helps little.
    - More images help more than λ: take 1,000 of them.
    - Look at the first epochs. To stop there is called **early stopping**, and helps here as well.

    The same training in Python:
    """)
    return


@app.cell
def _(L2, Network, PageOrder, fit, make_labels_false, mo, training, validation):
    def train_network(lmbda, wrong, draw, n, epochs, engine="auto", dtype="float32"):
        """Train on n images, a share of them with false labels, and return the history."""
        few = make_labels_false(training, n, wrong, seed=draw)
        regularizer = L2(lmbda) if lmbda else None
        model = fit(Network.dense([64, 30, 10]), few, epochs=epochs, eta=0.5, regularizer=regularizer, seed=1,
                    validation=validation, order=PageOrder(), engine=engine, dtype=dtype)  # fmt: skip
        return model.history

    _history = train_network(lmbda=1, wrong=0.2, draw=7, n=300, epochs=100, engine="numpy", dtype="float64")
    mo.show_code(f"{_history['validation_accuracy'][-1]:.3f}")
    return (train_network,)


if __name__ == "__main__":
    app.run()
