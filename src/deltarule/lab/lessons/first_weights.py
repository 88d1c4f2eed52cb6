"""Where learning starts: saturated neurons, and weights that avoid them (chapter 3)."""

# /// script
# [tool.marimo.display]
# theme = "system"
# ///

import marimo

app = marimo.App(app_title="First weights", css_file="../lesson.css")


@app.cell
def _():
    from dataclasses import replace

    import marimo as mo
    import numpy as np

    from deltarule import Network, fit
    from deltarule.data import load
    from deltarule.lab.figure import LEARNING, make_figure
    from deltarule.lab.learning_figures import PageOrder, pack_examples

    training, validation, _ = load("digits")
    return LEARNING, Network, PageOrder, fit, make_figure, mo, np, pack_examples, replace, training, validation


@app.cell
def _(mo):
    mo.md(r"""
    # First weights

    A neuron has $n$ inputs; half of them are 1, the others 0. Its weights are drawn from a normal distribution with
    mean 0 and standard deviation $s$, its bias from one with standard deviation 1. So its weighted input $z$ is the sum
    of $n/2$ weights and the bias, and has the standard deviation $\sqrt{s^2 n/2 + 1}$. If $|z|$ is large, $\sigma'(z)$
    is nearly 0: the neuron is **saturated**. It has not learned anything yet, and can hardly learn.
    """)
    return


@app.cell
def _(make_figure, mo):
    saturation = mo.ui.anywidget(make_figure("saturation", ("../playground/random.js",)))
    saturation
    return (saturation,)


@app.cell
def _(mo):
    mo.md("The same in Python, without a formula for the sum:")
    return


@app.cell
def _(mo, np):
    def draw_weighted_inputs(inputs, spread, neurons):
        """Draw the weighted inputs of many neurons, half of whose inputs are 1."""
        random = np.random.default_rng(1)
        weights = spread * random.standard_normal((neurons, inputs // 2))
        return weights.sum(axis=1) + random.standard_normal(neurons)

    mo.show_code(f"standard deviation of z: {draw_weighted_inputs(1000, spread=1, neurons=2000).std():.1f}")
    return (draw_weighted_inputs,)


@app.cell
def _(mo):
    mo.md(r"""
    ## Two beginnings

    The remedy is $s = 1/\sqrt{n}$. Then $z$ has a standard deviation of $\sqrt{1.5} \approx 1.2$ for any number of
    inputs. Below, two networks learn the small digits, one from $s = 1$, one from $s = 1/\sqrt{n}$. Each pixel is
    enlarged to $k \times k$ pixels. With $k = 4$ the images have 32 × 32 pixels, and a hidden neuron has 1,024 inputs.
    """)
    return


@app.cell
def _(LEARNING, make_figure, mo, pack_examples, training, validation):
    networks = mo.ui.anywidget(
        make_figure("first_weights", LEARNING, training=pack_examples(training), validation=pack_examples(validation))
    )
    networks
    return (networks,)


@app.cell
def _(mo):
    mo.md(r"""
    ## Look closer

    - With $k = 4$ and $s = 1$ most hidden neurons are saturated before they have learned anything. After the first
      epoch the network reads 54 % of the validation images, the other one 82 %.
    - The first weights decide how soon a network learns. With 20 epochs the distance at the end is smaller.
    - Set $k = 1$: there are only 64 inputs, many of them near 0, and $s = 1$ saturates few neurons. Now $s = 1$ even
      ends ahead. The remedy is for *many* inputs.
    - With $\eta = 0.5$ the network that began well also ends with saturated neurons, and it reads more than 90 %.
      Saturation is a problem before a network has learned, not after it.

    The same training in Python. There each of the 1,024 weights is drawn by itself. The figure uses a short cut: it
    trains on the small images with inputs $k$ times as large. This is a network whose weights for all copies of a pixel
    are equal at first, so its accuracy differs a little.
    """)
    return


@app.cell
def _(Network, PageOrder, fit, mo, replace, training, validation):
    def train_network(start, k, eta, epochs, seed=1, engine="auto", dtype="float32"):
        """Train on enlarged images, from a network or a model, and return the accuracy after each epoch."""
        larger = [replace(data, x=data.x.repeat(k, axis=1).repeat(k, axis=2)) for data in (training, validation)]
        model = fit(start, larger[0], epochs=epochs, eta=eta, seed=seed, validation=larger[1], order=PageOrder(),
                    engine=engine, dtype=dtype)  # fmt: skip
        return model.history["validation_accuracy"]

    first = {init: train_network(Network.dense([1024, 30, 10], init=init), k=4, eta=0.1, epochs=1)[0]
             for init in ("large", "default")}  # fmt: skip
    mo.show_code(", ".join(f"{init} first weights: {accuracy:.0%}" for init, accuracy in first.items()))
    return (train_network,)


if __name__ == "__main__":
    app.run()
