"""Convolution, pooling and feature maps, on one's own drawing (chapter 6)."""

# /// script
# [tool.marimo.display]
# theme = "system"
# ///

import marimo

app = marimo.App(app_title="Convolution", css_file="../lesson.css", width="medium")


@app.cell
def _():
    import marimo as mo
    import numpy as np

    from deltarule import Conv, L2Pool, MaxPool, ReLU
    from deltarule.lab import drawing, html
    from deltarule.lab.pad import Pad, read_pixels
    from deltarule.lab.reader import load_bundled_model

    model = load_bundled_model()
    kernels = {
        "edge from the left": [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]],
        "edge from above": [[-1, -2, -1], [0, 0, 0], [1, 2, 1]],
        "spot": [[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]],
        "diagonal": [[2, -1, -1], [-1, 2, -1], [-1, -1, 2]],
        "blur": [[1, 1, 1], [1, 1, 1], [1, 1, 1]],
    }
    return Conv, L2Pool, MaxPool, Pad, ReLU, drawing, kernels, mo, model, np, read_pixels, html


@app.cell
def _(mo):
    mo.md(r"""
    # Convolution

    A digit is a digit wherever it stands. So a convolutional layer looks through one small window, its **kernel**, and
    moves it over the whole image: the same few weights at every place. What it finds is a **feature map**, an image of
    where the feature is.

    $$z_{jk} = b + \sum_{l} \sum_{m} w_{lm}\, x_{j+l,\,k+m}$$

    Draw something, choose a kernel, or set its weights yourself: drag one sideways, or double-click it and type.
    """)
    return


@app.cell
def _(Pad, kernels, mo):
    pad = mo.ui.anywidget(Pad())
    kernel = mo.ui.dropdown(list(kernels), value="edge from the left", label="kernel")
    pooling = mo.ui.dropdown(["max", "L2", "none"], value="max", label="pooling")
    bias = mo.ui.slider(-3.0, 3.0, 0.1, value=0.0, label="bias b", show_value=True)
    shift = mo.ui.slider(-3, 3, 1, value=0, label="move the drawing", show_value=True)
    return bias, kernel, pad, pooling, shift


@app.cell
def _(kernel, kernels, mo):
    weights = mo.ui.matrix(kernels[kernel.value], min_value=-9, max_value=9)
    return (weights,)


@app.cell
def _(bias, kernel, mo, pad, pooling, shift, weights):
    mo.Html(
        f'<div class="lab-side"><div>{pad}</div><div>{kernel}<br>its weights {weights}<br>'
        f"{bias}<br>{pooling}<br>{shift}</div></div>"
    )
    return


@app.cell
def _(drawing, model, np, pad, read_pixels, shift):
    _drawn = read_pixels(pad.value)
    if _drawn is None:  # something to begin with: a seven
        image = np.zeros((28, 28))
        image[6:9, 7:21] = 255
        for _i in range(15):
            image[8 + _i, 18 - _i // 2 : 21 - _i // 2] = 255
    else:
        image = drawing.prepare_image(model, _drawn)
    unmoved, image = image, np.roll(image, shift.value, axis=1)
    return image, unmoved


@app.cell
def _(Conv, L2Pool, MaxPool, ReLU, bias, image, np, pooling, unmoved, weights):
    x, _unmoved = ((pixels / 255).reshape(1, 28, 28, 1) for pixels in (image, unmoved))
    params = {"w": np.array(weights.value, float).reshape(1, 3, 3, 1), "b": np.array([bias.value])}
    _pool = {"max": MaxPool(2), "L2": L2Pool(2), "none": None}[pooling.value]

    def maps(x):
        """Weighted inputs, feature map and pooled map of an image."""
        z, _ = Conv(1, 3).forward(params, x)
        found, _ = ReLU().forward({}, z)
        return z, found, found if _pool is None else _pool.forward({}, found)[0]

    def changed(before, after):
        """The share of two maps that they do not have in common."""
        return float(np.abs(after - before).sum() / max((after + before).sum(), 1e-12))

    z, feature_map, pooled = maps(x)
    changes = [changed(*both) for both in zip(maps(_unmoved)[1:], (feature_map, pooled), strict=True)]
    return changes, feature_map, pooled, x, z


@app.cell
def _(changes, feature_map, image, mo, pooled, shift, html, z):
    def _cell(picture, caption):
        return f'<figure class="lab-figure">{picture}<figcaption>{caption}</figcaption></figure>'

    _row = (
        '<div class="lab-row">'
        + _cell(html.render_image(image, 168, "the image", 255), "the image, 28 × 28")
        + _cell(html.render_signed(z[0, :, :, 0], 168, "weighted inputs"), "weighted inputs z, 26 × 26")
        + _cell(html.render_image(feature_map[0, :, :, 0], 168, "feature map"), "feature map, ReLU(z)")
        + _cell(html.render_image(pooled[0, :, :, 0], 168, "pooled"), f"pooled, {pooled.shape[1]} × {pooled.shape[2]}")
        + "</div>"
    )
    _said = (
        f"The drawing moved by {shift.value:+d}, **{100 * changes[0]:.0f} %** of the feature map are not where they "
        f"were, and **{100 * changes[1]:.0f} %** of the pooled map."
    )
    mo.vstack([mo.Html(_row), mo.md(_said if shift.value else "")])
    return


@app.cell
def _(mo, model, np):
    learned = np.asarray(model.models[0].params[0]["w"])[..., 0]
    mo.md(f"""
    ## What a trained network looks for

    Nobody chose its kernels. These are the {len(learned)} that the reader which comes with the lab learned,
    {learned.shape[1]} × {learned.shape[2]} each, and what each makes of the same image.
    """)
    return (learned,)


@app.cell
def _(drawing, image, learned, mo, model, np, html):
    _maps = drawing.compute_activations(model, image)[1][1]
    _top = float(_maps.max()) or 1.0
    mo.Html(
        '<div class="lab-maps">'
        + "".join(
            f'<figure class="lab-figure">{html.render_signed(learned[i], 64, f"kernel {i}")}<br>'
            f"{html.render_image(_maps[..., i], 64, f'map {i}', _top)}</figure>"
            for i in range(len(learned))
        )
        + "</div>"
    )
    return


@app.cell
def _(learned, mo, model, np):
    _network = model.models[0].network
    _outputs = np.prod(_network.layers[0].output_shape(_network.input_shape))
    _pixels = np.prod(_network.input_shape)
    mo.md(f"""
    ## Try

    - Which strokes of a 4 does each edge kernel see, and which does it not? The bias decides how faint an edge may be.
    - Move the drawing by one pixel. The feature map moves with it. The pooled map changes less, for it says only
      *about* where something is; but it changes. So a moved image is still new to the layers above, and worth learning
      from: see *Data augmentation*.
    - {len(learned)} kernels of {learned[0].size} weights and a bias are {learned.size + len(learned)} numbers. A fully
      connected layer from {_pixels} pixels to as many outputs would need {_pixels * _outputs / 1e6:.1f} million.
    """)
    return


if __name__ == "__main__":
    app.run()
