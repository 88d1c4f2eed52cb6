"""The figure of the page on convolution: kernels and feature maps of one digit."""

import numpy as np
from drawing import Result, limit_epochs, load_data, make_figure

import deltarule as dr

N_MAPS = 6
"""The number of feature maps in the figure."""


def draw_convolution(quick: bool) -> Result:
    """Draw the kernels of a small trained network, their feature maps for one digit, and the pooled maps."""
    train, validation, _ = load_data("mnist")
    n, validation = (500, validation[:500]) if quick else (10_000, validation)
    network = dr.Network(
        [dr.Conv(N_MAPS, 5), dr.ReLU(), dr.MaxPool(2), dr.Flatten(), dr.Dense(10)], dr.LogLikelihood(), (28, 28, 1)
    )
    model = dr.fit(
        network, train[:n], epochs=limit_epochs(quick, 3), eta=0.1, validation=validation, seed=1,
        regularizer=dr.L2(1.0),
    )  # fmt: skip
    digit = int(np.flatnonzero(validation.y == 5)[0])
    a, stages = validation.x[digit].reshape(1, 28, 28, 1) / 255.0, []
    for layer, params in zip(network.layers[:3], model.params[:3], strict=True):
        a, _ = layer.forward(params, a.astype(np.float32))
        stages.append(a[0])
    kernels = model.params[0]["w"][..., 0]
    figure, axes = make_figure(N_MAPS + 1, 8.6, 4.1, rows=3)
    for axis in axes.ravel():
        axis.set(xticks=[], yticks=[])
        axis.grid(False)
        axis.spines[:].set(visible=axis is not axes[0, 0] and axis is not axes[2, 0], color="#cccccc")
    axes[1, 0].imshow(validation.x[digit], cmap="gray_r")
    axes[1, 0].set_title("28 × 28 image", fontsize=9)
    most = np.abs(kernels).max()
    for j in range(N_MAPS):
        axes[0, j + 1].imshow(kernels[j], cmap="PuOr_r", vmin=-most, vmax=most)
        axes[0, j + 1].set_title(f"map {j + 1}", fontsize=9)
        axes[1, j + 1].imshow(stages[1][..., j], cmap="gray_r", vmin=0, vmax=stages[1].max())
        axes[2, j + 1].imshow(stages[2][..., j], cmap="gray_r", vmin=0, vmax=stages[1].max())
    for row, text in enumerate(["5 × 5 weights", "24 × 24 after\nConv and ReLU", "12 × 12 after\nMaxPool"]):
        axes[row, 1].set_ylabel(text, fontsize=9)
    shared, dense = sum(p.size for p in model.params[0].values()), 785 * 24 * 24 * N_MAPS
    return figure, [
        f"validation accuracy after {len(model.history)} epochs of {n:,} images: "
        f"{100 * model.history['validation_accuracy'][-1]:.2f} %",
        f"the convolution has {shared} parameters; a Dense layer with as many outputs would have {dense:,}",
    ]
