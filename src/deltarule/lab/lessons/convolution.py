"""Convolution, pooling and feature maps, on one's own drawing (chapter 6)."""

# /// script
# [tool.marimo.display]
# theme = "system"
# ///

import marimo

app = marimo.App(app_title="Convolution", css_file="../lesson.css")


@app.cell
def _():
    from dataclasses import asdict
    from math import inf

    import marimo as mo
    import numpy as np

    from deltarule import Conv, L2Pool, MaxPool, ReLU
    from deltarule.lab.figure import make_figure
    from deltarule.lab.reader import load_bundled_model

    model = load_bundled_model()
    return Conv, L2Pool, MaxPool, ReLU, asdict, inf, make_figure, mo, model, np


@app.cell
def _(mo):
    mo.md(r"""
    # Convolution

    A digit is a digit wherever it stands. So a convolutional layer looks through one small window. The weights of this
    window are its **kernel**. They look for one feature, such as an edge. The layer moves the window over the whole
    image, with the same few weights at every place. The result is a **feature map**: an image of the places where the
    feature is.

    $$z_{jk} = b + \sum_{l} \sum_{m} w_{lm}\, x_{j+l,\,k+m}$$

    Here the neurons are ReLUs, so the feature map is $a_{jk} = \max(0, z_{jk})$.

    Draw something, and drag the window over the image. Choose a kernel, or type its weights yourself.
    """)
    return


@app.cell
def _(asdict, inf, make_figure, mo, model, np):
    _w, _b = (np.asarray(model.models[0].params[0][name]) for name in ("w", "b"))
    figure = mo.ui.anywidget(
        make_figure(
            "convolution",
            parts=("../pad.js", "../fit_to_field.js", "pixels.js", "number_grid.js"),
            kernels=_w.astype("<f4").tobytes(),
            biases=_b.astype("<f4").tobytes(),
            size=_w.shape[1],
            style={key: value for key, value in asdict(model.picture_style).items() if value != inf},
            explanation=f"Nobody chose these {len(_w)} kernels of {_w.shape[1]} × {_w.shape[2]} weights: the network "
            "that reads your drawings on the page Draw a digit learned them. Below each is its feature map of your "
            "image.",
        )
    )
    figure
    return (figure,)


@app.cell
def _(mo, model, np):
    _network, _kernels = model.models[0].network, np.asarray(model.models[0].params[0]["w"])
    _outputs, _pixels = np.prod(_network.layers[0].output_shape(_network.input_shape)), np.prod(_network.input_shape)
    numbers, dense = _kernels.size + len(_kernels), float(_pixels * _outputs)
    mo.md(rf"""
    ## Look closer

    - The kernel "edge from the left" has negative weights on its left and positive ones on its right. So $z$ is large
      where the paper is on the left and the ink on the right. On the other side of a stroke $z$ is negative, and ReLU
      makes it 0. The bias decides how faint an edge may be.
    - Move the drawing by one pixel: the feature map moves with it. **Pooling** keeps one number for each square of
      2 × 2. It only says *about* where the feature is, so the pooled map changes less. But it changes. A moved
      image is still new to the next layers, and it helps to train with moved images: see *Data augmentation*.
    - The {len(_kernels)} kernels of the trained network, with a bias each, are {numbers} numbers. A fully connected
      layer from {_pixels} pixels to as many outputs needs {dense / 1e6:.1f} million weights.

    The same in Python, with deltarule's layers:
    """)
    return dense, numbers


@app.cell
def _(Conv, L2Pool, MaxPool, ReLU, mo, np):
    def find_features(image, weights, bias, pooling):
        """Return the weighted inputs, the feature map, and the pooled map of an image, (28, 28)."""
        params = {"w": np.reshape(weights, (1, 3, 3, 1)), "b": np.array([bias])}
        z, _ = Conv(maps=1, kernel=3).forward(params, np.reshape(image, (1, 28, 28, 1)))
        feature_map, _ = ReLU().forward({}, z)
        layer = {"max": MaxPool(2), "L2": L2Pool(2), "none": None}[pooling]
        pooled = layer.forward({}, feature_map)[0] if layer else feature_map
        return z[0, ..., 0], feature_map[0, ..., 0], pooled[0, ..., 0]

    mo.show_code(find_features(image=np.eye(28), weights=np.ones(9), bias=0.0, pooling="max")[2].shape)
    return (find_features,)


if __name__ == "__main__":
    app.run()
