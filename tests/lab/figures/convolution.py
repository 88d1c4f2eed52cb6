"""The window over a drawing, its feature map, and the kernels of the trained network."""

from __future__ import annotations

import numpy as np
from tests.lab.moves import Move

from deltarule.lab import drawing
from deltarule.lab.reader import load_bundled_model

OWN = "your own"
EDGE = [-1, 0, 1, -2, 0, 2, -1, 0, 1]


def _map(state, name: str = "map", side: int = 26) -> np.ndarray:
    return np.reshape(state[name], (side, side))


MOVES = (
    Move("convolution", "a higher bias lets more through", {"bias": 1.0},
         lambda a, b: sum(b["map"]) > sum(a["map"]) and b["above"] > a["above"]),
    Move("convolution", "the feature map moves with the drawing", {"shift": 2},
         lambda a, b: np.allclose(_map(b)[:, 4:], _map(a)[:, 2:-2])),
    Move("convolution", "the pooled map changes less than the feature map, but it changes", {"shift": 1},
         lambda a, b: a["changes"] == [0, 0] and 0.1 < b["changes"][1] < 0.8 * b["changes"][0]),
    Move("convolution", "pooling halves the sides", {"pooling": "none"},
         lambda a, b: (len(a["pooled"]), len(b["pooled"])) == (13**2, 26**2)),
    Move("convolution", "the root of a sum of squares is at least the largest", {"pooling": "L2"},
         lambda a, b: np.all(np.array(b["pooled"]) >= a["pooled"]) and sum(b["pooled"]) > sum(a["pooled"])),
    Move("convolution", "no weights, no features", {"weights": [0] * 9},
         lambda a, b: any(a["map"]) and not any(b["map"]), {"kernel": OWN}),
    Move("convolution", "one weight of 1 shows the image itself", {"weights": [0] * 8 + [1]},
         lambda a, b: np.array_equal(_map(b, "z"), _map(b, "image", 28)[2:, 2:]) and a["z"] != b["z"],
         {"kernel": OWN}),
    Move("convolution", "an edge from above is the same kernel turned", {"kernel": "edge from above"},
         lambda a, b: np.array_equal(np.reshape(b["weights"], (3, 3)), np.reshape(a["weights"], (3, 3)).T)
         and not np.allclose(b["map"], a["map"])),
    Move("convolution", "an edge from the left is paper on the left and ink on the right", {},
         lambda a, b: _map(a, "z")[8, 16] == 3 and _map(a, "image", 28)[9, 16:19].tolist() == [0, 0, 1]
         and _map(a, "z")[8, 19] < 0 == _map(a)[8, 19]),
    Move("convolution", "the window shows the pixels in its rows", {"row": 5},
         lambda a, b: b["window"] == _map(b, "image", 28)[5:8, 16:19].ravel().tolist() != a["window"]
         and b["z"][5 * 26 + 16] == sum(b["products"])),
    Move("convolution", "the window shows the pixels in its columns", {"column": 7},
         lambda a, b: b["window"] == _map(b, "image", 28)[8:11, 7:10].ravel().tolist() != a["window"]
         and b["z"][8 * 26 + 7] == sum(b["products"])),
    Move("convolution", "a drawing of one's own has its own features", {"drawing": np.eye(28).ravel().tolist()},
         lambda a, b: np.array_equal(_map(b, "image", 28), np.eye(28)) and b["map"] != a["map"]),
)  # fmt: skip

ANSWERS = (
    {"kernel": OWN, "weights": [0, 0, 0, 1, 0, 0, 0, 0, 0]},
    {"bias": -3.0},
    {"shift": 1, "kernel": "spot"},
)

IN_PYTHON = "find_features"


def check_python(find_features, values, state) -> None:
    """The maps are those of deltarule's layers, also those of the trained network."""
    image = np.reshape(state["image"], (28, 28))
    expected = find_features(image, state["weights"], values["bias"], values["pooling"])
    for name, one in zip(("z", "map", "pooled"), expected, strict=True):
        np.testing.assert_allclose(state[name], one.ravel(), rtol=1e-12, atol=1e-12)
    learned = drawing.compute_activations(load_bundled_model(), 255 * image)[1][1]
    np.testing.assert_allclose(state["learned"], np.moveaxis(learned, 2, 0).reshape(len(state["learned"]), -1),
                               atol=1e-5)  # fmt: skip
