"""Draw one digit several times under each distortion, or compare training with and without augmentation.

Run it:  python examples/data_expansion.py
To draw the figure of docs/data-expansion.md from MNIST:

    python examples/data_expansion.py mnist docs/data-expansion.png
"""

import sys

import numpy as np

import deltarule as dr
from deltarule.core import random

name, path = sys.argv[1:] or ("digits", None)
train, validation, test = dr.data.load(name)

width = train.x.shape[2]
unit = width / 28  # amplitudes in pixels are those for MNIST
rows = {
    "Shift(2)": dr.augmentation.Shift(max(1, round(2 * unit))),
    "rotation=15": dr.augmentation.Affine(rotation=15),
    "scale=0.15": dr.augmentation.Affine(scale=0.15),
    "skew=0.3": dr.augmentation.Affine(skew=0.3),
    "Elastic(34, 4)": dr.augmentation.Elastic(34 * unit**2, 4 * unit),
    "Affine(10, 2, 0.1, 0.1)\n+ Elastic(20, 4)": dr.augmentation.Chain(
        [
            dr.augmentation.Affine(rotation=10, shift=2 * unit, scale=0.1, skew=0.1),
            dr.augmentation.Elastic(20 * unit**2, 4 * unit),
        ]
    ),
}

digit = train.x[int(np.argmax(train.y == 3))] / train.scale
draws = {label: augmentation(np.stack([digit] * 10), random.key(1)) for label, augmentation in rows.items()}
for label, images in draws.items():
    ink = images.sum(axis=(1, 2)) / digit.sum()
    print(f"{' '.join(label.split()):40} {ink.min():.2f} to {ink.max():.2f} of the ink")

if path:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9.5, 5.2), dpi=110, layout="constrained")
    axes = figure.subplots(len(rows), 11)
    for line, (label, images) in zip(axes, draws.items(), strict=True):
        for ax, image in zip(line, [digit, *images], strict=True):
            ax.imshow(image, cmap="gray_r", vmin=0, vmax=1, interpolation="nearest")
            ax.set(xticks=[], yticks=[])
        line[0].set_ylabel(label, rotation=0, ha="right", va="center")
    figure.suptitle("a digit, and ten draws of each distortion")
    figure.savefig(path)
else:
    network = dr.Network.dense([train.x[0].size, 30, 10])
    for label, augmentation in (("without", None), ("with", dr.augmentation.Affine(rotation=10, shift=0.5))):
        model = dr.fit(network, train, epochs=30, augmentation=augmentation, seed=1)
        print(f"trained {label} augmentation: {model.accuracy(test):.1%} of the test images right")
