"""Data augmentation: one image, many that mean the same (chapters 3 and 6)."""

# /// script
# [tool.marimo.display]
# theme = "system"
# ///

import marimo

app = marimo.App(app_title="Data augmentation", css_file="../lesson.css")


@app.cell
def _():
    import marimo as mo
    import numpy as np

    from deltarule.augmentation import Affine, Chain, Elastic
    from deltarule.core import random
    from deltarule.data.fallback import load_images
    from deltarule.lab.expansion_gain import read_gain
    from deltarule.lab.figure import make_figure

    train = load_images("any")[0]
    return Affine, Chain, Elastic, make_figure, mo, np, random, read_gain, train


@app.cell
def _(mo):
    mo.md("""
    # Data augmentation

    A five that is turned a little is still a five. But its pixels are different, so for a network it is a new image.
    In this way you can make new training images from old ones. The book expands MNIST, its 50,000 training images of
    handwritten digits, by moving each image by one pixel. This page also turns images, scales them, and bends them like
    an unsteady hand. Each new image must still show the same digit.
    """)
    return


@app.cell
def _(make_figure, mo, np, train):
    few = np.sort(np.concatenate([np.flatnonzero(train.y == digit)[:4] for digit in range(10)]))
    is_mnist = train.name.startswith("mnist")
    figure = mo.ui.anywidget(
        make_figure(
            "data_expansion",
            parts=("../playground/random.js", "pixels.js"),
            images=train.x[few].astype(np.uint8).tobytes(),
            labels=[int(label) for label in train.y[few]],
            source="MNIST" if is_mnist else "small digits, enlarged",
        )
    )
    figure
    return few, figure, is_mnist


@app.cell
def _(is_mnist, mo):
    mo.md(
        ("" if is_mnist else "*MNIST is not on this computer. So the images above are those of the small digits that "
         "come with deltarule, enlarged from 8 × 8 to 28 × 28 pixels.*")
        + """

    ## Does it help?

    Networks with 40 hidden neurons learned a few images of MNIST: as they are, or with turns and shifts that were
    drawn anew for every mini-batch. All took 6,000 steps. The chart shows their accuracy on 10,000 validation images,
    each the mean of three networks. They were trained beforehand, by `python -m deltarule.lab.expansion_gain`.
    """)  # fmt: skip
    return


@app.cell
def _(make_figure, mo, read_gain):
    gain = read_gain()
    gains = mo.ui.anywidget(make_figure("expansion_gain", accuracy=gain["accuracy"]))
    gains
    return gain, gains


@app.cell
def _(gain, mo, np):
    means = np.mean(gain["accuracy"], axis=-1)
    best = means.reshape(len(means), -1).max(axis=1)
    few_best = np.unravel_index(means[0].argmax(), means[0].shape)
    mo.md(f"""
    ## Look closer

    - With 100 images, the best expansion raises the accuracy from {means[0, 0, 0]:.1f} to {best[0]:.1f} %: turns of at
      most {gain["degrees"][few_best[0]]} degrees and shifts of at most {gain["pixels"][few_best[1]]} pixels. With 3,000
      images it raises it from {means[-1, 0, 0]:.1f} to {best[-1]:.1f} %. The fewer images there are, the more it helps.
    - Too much of it does harm. With turns of up to 60 degrees and shifts of up to 4 pixels, 3,000 images give
      {means[-1, -1, -1]:.1f} %. Such images are unlike those of the validation set, and 40 neurons must learn them as
      well.
    - The elastic distortion draws a random displacement for each pixel, smooths these displacements with a bell curve
      of the width σ (not the sigmoid), and multiplies them by α. Set σ to 2 and α to 60: without smoothness, the digits
      fall to pieces.

    In chapter 6 the book expands MNIST once more, for
    [convolutional networks](http://neuralnetworksanddeeplearning.com/chap6.html#introducing_convolutional_networks).

    The same in Python, with deltarule's augmentations:
    """)
    return best, means


@app.cell
def _(Affine, Chain, Elastic, few, mo, np, random, train):
    def vary(image, rotation, shift, scale, alpha, sigma, seed):
        """Return 24 random variations of an image, (24, 28, 28)."""
        distortion = Chain([Affine(rotation, shift, scale / 100), Elastic(alpha, sigma)])
        return distortion(np.repeat(image[None].astype(float), 24, axis=0), random.key(seed))

    mo.show_code(vary(train.x[few[0]], rotation=10, shift=2, scale=0, alpha=0, sigma=4, seed=5).shape)
    return (vary,)


if __name__ == "__main__":
    app.run()
