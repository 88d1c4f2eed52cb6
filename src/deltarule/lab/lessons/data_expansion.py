"""Data augmentation: one image, many that mean the same (chapters 3 and 6)."""

# /// script
# [tool.marimo.display]
# theme = "system"
# ///

import marimo

app = marimo.App(app_title="Data augmentation", css_file="../lesson.css")


@app.cell
def _():
    from functools import cache

    import marimo as mo
    import numpy as np

    from deltarule import Network, fit
    from deltarule.augmentation import Affine, Chain, Elastic
    from deltarule.core import random
    from deltarule.data import load
    from deltarule.lab import html

    train, validation, _ = load("digits")
    return Affine, Chain, Elastic, Network, cache, fit, mo, np, random, html, train, validation


@app.cell
def _(mo):
    mo.md("""
    # Data augmentation

    A five turned a little is still a five. To a network that compares pixels it is a wholly new image. So one can make
    new training data from old, by whatever does not change what an image means: small shifts, turns, and the
    unsteadiness of a hand.
    """)
    return


@app.cell
def _(mo):
    which = mo.ui.slider(0, 200, 1, value=15, label="image", show_value=True)
    rotation = mo.ui.slider(0, 60, 1, value=15, label="turned by at most, in degrees", show_value=True)
    shift = mo.ui.slider(0.0, 3.0, 0.25, value=0.5, label="shifted by at most, in pixels", show_value=True)
    alpha = mo.ui.slider(0.0, 20.0, 0.5, value=0.0, label="elastic: strength α", show_value=True)
    sigma = mo.ui.slider(1.0, 4.0, 0.25, value=1.5, label="elastic: smoothness σ", show_value=True)
    return alpha, rotation, shift, sigma, which


@app.cell
def _(alpha, mo, rotation, shift, sigma, which):
    mo.hstack([mo.vstack([which, rotation, shift]), mo.vstack([alpha, sigma])], justify="start", gap=3, wrap=True)
    return


@app.cell
def _(Affine, Chain, Elastic, alpha, np, random, rotation, shift, sigma, train, which):
    _parts = [Affine(rotation=rotation.value, shift=shift.value)]
    if alpha.value:
        _parts.append(Elastic(alpha.value, sigma.value))
    original = train.x[which.value].astype(float)
    varied = np.asarray(Chain(tuple(_parts))(np.repeat(original[None], 24, axis=0), random.key(5)))
    change = float(np.abs(varied - original).mean())
    return change, original, varied


@app.cell
def _(change, mo, original, html, train, varied, which):
    _all = "".join(html.render_image(one, 64, f"variation {i}", 16) for i, one in enumerate(varied, start=1))
    mo.vstack([
        mo.Html('<div class="lab-row"><figure class="lab-figure">'
                f'{html.render_image(original, 140, "the original", 16)}'
                f"<figcaption>a {train.y[which.value]}, as it was written</figcaption></figure></div>"
                f'<div class="lab-maps">{_all}</div>'),
        mo.md(f"Mean change of a pixel: **{change:.2f}** of 16."),
    ])  # fmt: skip
    return


@app.cell
def _(mo):
    mo.md("""
    ## Does it help?

    Few images, learned as they are and with shifts drawn anew for every mini-batch.
    """)
    return


@app.cell
def _(mo):
    n = mo.ui.slider(50, 600, 50, value=150, label="training images", show_value=True, debounce=True)
    degrees = mo.ui.slider(0, 60, 5, value=10, label="turns of at most, in degrees", show_value=True, debounce=True)
    pixels = mo.ui.slider(
        0.0, 3.0, 0.25, value=0.25, label="shifts of at most, in pixels", show_value=True, debounce=True
    )
    epochs = mo.ui.slider(10, 200, 10, value=120, label="epochs", show_value=True, debounce=True)
    return degrees, epochs, n, pixels


@app.cell
def _(degrees, epochs, mo, n, pixels):
    mo.hstack([mo.vstack([degrees, pixels]), mo.vstack([n, epochs])], justify="start", gap=3, wrap=True)
    return


@app.cell
def _(Network, cache, fit, train, validation):
    @cache
    def train_network(n, epochs, augmentation):
        """The validation accuracy in %, with three seeds; what has been learned once is kept."""
        few = train.take(slice(n))
        return [
            100 * fit(Network.dense([64, 40, 10]), few, epochs=epochs, eta=0.5, augmentation=augmentation, seed=seed,
                      engine="numpy").accuracy(validation)
            for seed in (1, 2, 3)
        ]  # fmt: skip

    return (train_network,)


@app.cell
def _(Affine, degrees, epochs, train_network, n, pixels):
    as_they_are = train_network(n.value, epochs.value, None)
    shifted = train_network(n.value, epochs.value, Affine(rotation=degrees.value, shift=pixels.value))
    return as_they_are, shifted


@app.cell
def _(as_they_are, mo, np, shifted):
    mo.md(
        f"As they are **{np.mean(as_they_are):.1f} %**, expanded **{np.mean(shifted):.1f} %** of the validation "
        f"digits (means over three seeds: {', '.join(f'{v:.1f}' for v in as_they_are)} against "
        f"{', '.join(f'{v:.1f}' for v in shifted)})."
    )
    return


@app.cell
def _(mo):
    mo.md("""
    ## Try

    - Turn a 6 by up to 60 degrees. Where does it stop being a 6? Augmentation must not change what an image means.
    - In images of 8 × 8 pixels, a shift of 3 is too much: it pushes digits out of the picture.
    - On MNIST, shifts by one pixel take the book's convolutional network from 99.2 to 99.4 %.
    """)
    return


if __name__ == "__main__":
    app.run()
