"""The kernels and patches of the page Inside."""

from __future__ import annotations

import numpy as np
from tests.lab.test_lessons import open_lesson

MOVES = ()

ANSWERS = ()

IN_PYTHON = "model"

LEARNING = ({},)
"""Settings for the comparison with Python: there is no control."""


def check_python(model, values, state) -> None:
    """All convolutional layers are shown, the deeper ones with larger patches."""
    sides = [layer["side"] for layer in state["layers"]]
    assert sides == sorted(sides) == [5, 10]
    for layer, position in zip(state["layers"], (0, 3), strict=True):
        weights = model.params[position]["w"][: layer["shown"]].mean(axis=-1).reshape(layer["shown"], -1)
        np.testing.assert_allclose(layer["kernels"], weights, rtol=1e-6)
        assert layer["maps"] == model.network.layers[position].maps
        assert [len(patch) for patch in layer["patches"]] == [layer["side"] ** 2] * 9 * layer["shown"]
    best = open_lesson("inside")["searched"]
    assert best.max() == 255 == max(max(patch) for patch in state["layers"][0]["patches"])
