"""The data of the figures of the page Inside: the errors of a network, and the patches that excite its feature maps."""

from __future__ import annotations

from typing import Any

import numpy as np

from deltarule.core.convolution import Conv
from deltarule.data.dataset import Dataset
from deltarule.lab.diagnosis import Evaluation, compute_receptive_field, find_convolutions, find_exciting_patches
from deltarule.lab.drawing import get_class_names, measure_ink
from deltarule.models.predictor import Predictor

MOST_IMAGES = 40
"""The most images of a cell of the confusion matrix."""

MOST_MAPS = 16
"""The most maps of a layer."""

WORST = 24
"""The most misclassified images."""


def pack_errors(model: Predictor, test: Dataset, evaluation: Evaluation) -> dict[str, Any]:
    """Pack the confusion matrix, the images of its cells, and the worst mistakes.

    Each image is stored once, as bytes from 0 for paper to 255 for ink, and the cells name it by its number.
    """
    names = get_class_names(model)
    n, wrong = len(names), evaluation.misclassified[:WORST]
    cells = [evaluation.find(*divmod(i, n))[:MOST_IMAGES] for i in range(n * n)]
    used = np.unique(np.concatenate([*cells, wrong]))
    number = {int(image): i for i, image in enumerate(used)}
    return {
        "names": names,
        "counts": evaluation.confusion(n).tolist(),
        "cells": [[number[int(image)] for image in cell] for cell in cells],
        "largest": list(evaluation.find_most_confused(n)),
        "worst": [
            [
                number[int(i)],
                int(evaluation.labels[i]),
                int(evaluation.predictions[i]),
                _measure_certainty(evaluation, i),
            ]
            for i in wrong
        ],
        "pixels": _pack_ink(model, test.x[used]),
        "columns": model.example_shape[1],
        "area": model.example_shape[0] * model.example_shape[1],
    }


def pack_maps(model: Predictor, images: np.ndarray) -> list[dict[str, Any]]:
    """Pack the kernels of each convolutional layer, and the patches of the images that excite its maps most."""
    network, params = model.models[0].network, model.models[0].params
    layers = []
    for i in find_convolutions(network):
        conv = network.layers[i]
        assert isinstance(conv, Conv)
        kernels = np.asarray(params[i]["w"])[:MOST_MAPS].mean(axis=-1)
        patches = find_exciting_patches(model, images, i)[:MOST_MAPS]
        layers.append({
            "maps": conv.maps,
            "shown": len(kernels),
            "side": compute_receptive_field(network, i)[0],
            "rows": kernels.shape[1],
            "columns": kernels.shape[2],
            "kernels": kernels.astype("<f4").tobytes(),
            "patches": b"".join(_pack_ink(model, patch) for of_map in patches for patch in of_map),
        })  # fmt: skip
    return layers


def _measure_certainty(evaluation: Evaluation, i: int) -> int:
    return round(100 * float(evaluation.probabilities[i].max()))


def _pack_ink(model: Predictor, images: np.ndarray) -> bytes:
    return np.round(255 * np.clip(measure_ink(model, images) / model.scale, 0, 1)).astype(np.uint8).tobytes()
