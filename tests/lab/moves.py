"""What each control of a lesson must do to what is shown: the controls that are moved, and what must be seen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

Shown = Mapping[str, Any]


@dataclass(frozen=True)
class Move:
    """On ``lesson`` these controls are set, all others staying as they are; ``seen(before, after)`` must hold."""

    lesson: str
    what: str
    controls: Mapping[str, Any]
    seen: Callable[[Shown, Shown], bool]


def _shares(shown: Shown) -> np.ndarray:
    return np.asarray(shown["activations"])


MOVES = (
    Move("gradient_descent", "a larger η comes down faster", {"eta": 0.3},
         lambda a, b: b["heights"][-1] < a["heights"][-1]),
    Move("gradient_descent", "η above 1 climbs", {"eta": 1.05}, lambda a, b: b["heights"][-1] > b["heights"][0]),
    Move("gradient_descent", "momentum helps a small η", {"eta": 0.02, "mu": 0.7, "steps": 40},
         lambda a, b: b["heights"][-1] < (1 - 0.04) ** 80 * b["heights"][0]),
    Move("gradient_descent", "steps are steps", {"steps": 7}, lambda a, b: len(b["path"]) == 8),
    Move("gradient_descent", "a steeper valley throws it out", {"steepness": 10.0, "eta": 0.15},
         lambda a, b: b["heights"][-1] > b["heights"][0]),
    Move("gradient_descent", "it starts where it is thrown", {"start": 1.2}, lambda a, b: b["path"][0][0] == 1.2),
    Move("perceptrons", "with bias −5 the weather decides", {},
         lambda a, b: b["decisions"].tolist() == [0, 0, 0, 0, 1, 1, 1, 1] and b["right"] == 4),
    Move("perceptrons", "with bias −3 company and a train are enough", {"b": -3},
         lambda a, b: b["decisions"].tolist() == [0, 0, 0, 1, 1, 1, 1, 1]),
    Move("perceptrons", "a gate that never says no does not add", {"gate_bias": 6}, lambda a, b: b["right"] < 4),
    Move("sigmoid", "a steep sigmoid is nearly a step", {"w": 20, "b": -10},
         lambda a, b: np.abs(b["smooth"] - b["hard"]).mean() < np.abs(a["smooth"] - a["hard"]).mean() / 2),
    Move("sigmoid", "no nudge, no change", {"nudge": 0.0},
         lambda a, b: b["moved"] == b["flipped"] == b["true"] == b["foretold"] == 0),
    Move("sigmoid", "a small nudge is foretold well", {"nudge": 0.05},
         lambda a, b: abs(b["true"] - b["foretold"]) < abs(a["true"] - a["foretold"]) / 10),
    Move("slow_neuron", "the quadratic cost is slow from 2, 2", {},
         lambda a, b: b["quadratic"][100] > 0.9 and b["entropy"][100] < 0.1),
    Move("slow_neuron", "from 0.6, 0.9 it is not", {"w0": 0.6, "b0": 0.9}, lambda a, b: b["quadratic"][-1] < 0.12),
    Move("softmax", "raising z₃ lowers the others", {"z": [2.5, -1.0, 4.2, 0.5]},
         lambda a, b: _shares(b)[2] > _shares(a)[2] and (np.delete(_shares(b), 2) < np.delete(_shares(a), 2)).all()),
    Move("softmax", "adding to all changes nothing", {"z": [3.5, 0.0, 4.2, 1.5]},
         lambda a, b: np.allclose(_shares(a), _shares(b))),
    Move("any_function", "a steep neuron is a step where it is put", {"weight": 300, "place": 0.7},
         lambda a, b: b["one_step"][b["x"] < 0.65].max() < 0.01 and b["one_step"][b["x"] > 0.75].min() > 0.99),
    Move("any_function", "well chosen heights score well", {"heights": [0.25, 0.35, 0.3, 0.2, 0.65]},
         lambda a, b: b["score"] < 0.5 * a["score"]),
    Move("any_function", "more bumps come nearer", {"n": 40}, lambda a, b: b["distance"] < a["distance"] / 3),
    Move("any_function", "a small h is a swamp", {"h": 0.5},
         lambda a, b: a["tower"].max() - a["tower"][0, 30] > 0.9 > 0.5 > b["tower"].max() - b["tower"][0, 30]),
    Move("any_function", "a wide tower", {"wide": 0.8}, lambda a, b: b["tower"].mean() > 2 * a["tower"].mean()),
    Move("vanishing_gradients", "deeper, and the first layer is slower still", {"depth": 8},
         lambda a, b: len(b["norms"]) == 8 and b["ratio"] > 10 * a["ratio"]),
    Move("vanishing_gradients", "ReLU with He's weights stays level", {"neuron": "relu", "init": "he"},
         lambda a, b: 0.1 < b["ratio"] < 10),
    Move("vanishing_gradients", "w = 4 keeps the chain as it is", {"w": 4.0},
         lambda a, b: np.allclose(b["slopes"], b["slopes"][0])),
    Move("vanishing_gradients", "larger weights explode", {"w": 8.0},
         lambda a, b: b["slopes"][0] > 10 * b["slopes"][-1]),
    Move("first_weights", "1/√n saturates nothing", {"spread": 0.03},
         lambda a, b: b["saturated"] < 0.01 < a["saturated"]),
    Move("first_weights", "fewer inputs spread less", {"n_in": 10}, lambda a, b: b["z"].std() < a["z"].std() / 5),
    Move("overfitting", "a line misses the points and finds what made them", {"order": 1},
         lambda a, b: b["at_points"] > a["at_points"] and b["elsewhere"] < a["elsewhere"] / 2),
    Move("overfitting", "without noise even order 9 is the line", {"noise": 0.0}, lambda a, b: b["elsewhere"] < 1e-6),
    Move("overfitting", "decay tames order 9", {"decay": 0.5}, lambda a, b: b["elsewhere"] < a["elsewhere"]),
    Move("overfitting", "weight decay keeps weights small", {"lmbda": 1.0, "epochs": 20},
         lambda a, b: b["weights"] < a["weights"] / 2),
    Move("overfitting", "more images, better on unseen ones", {"n": 400, "epochs": 20},
         lambda a, b: b["history"]["validation_accuracy"][-1] > a["history"]["validation_accuracy"][-1]),
    Move("choosing_eta", "a tiny η learns next to nothing", {"low": -3.0, "epochs": 3},
         lambda a, b: b["costs"][0][-1] > 3 * b["costs"][1][-1]),
    Move("choosing_eta", "a huge η does not come down", {"high": 2.0, "epochs": 3},
         lambda a, b: b["costs"][2][-1] > 3 * b["costs"][1][-1]),
    Move("backpropagation", "nothing to learn, no error", {"y": 0.5},
         lambda a, b: b["agree"] and abs(b["delta"][-1][0]) < abs(a["delta"][-1][0])),
    Move("backpropagation", "a small nudge is foretold", {"nudge": 0.1, "where": (1, 0)},
         lambda a, b: abs(b["true"] - b["foretold"]) < 0.05 * abs(b["true"])),
    Move("backpropagation", "all paths together are backpropagation", {"seed": 7},
         lambda a, b: b["agree"] and np.isclose(b["path_sum"], b["d_w"][0][0, 0], atol=1e-12)),
    Move("convolution", "a higher bias lets more through", {"bias": 1.0},
         lambda a, b: b["feature_map"].sum() > a["feature_map"].sum()),
    Move("convolution", "the feature map moves with the drawing", {"shift": 2},
         lambda a, b: np.allclose(b["feature_map"][:, :, 4:], a["feature_map"][:, :, 2:-2])),
    Move("convolution", "pooling halves the sides", {"pooling": "none"},
         lambda a, b: (a["pooled"].shape[1], b["pooled"].shape[1]) == (13, 26)),
    Move("convolution", "no weights, no features", {"weights": [0] * 9}, lambda a, b: not b["feature_map"].any()),
    Move("dropout_ensembles", "nothing dropped, all kept", {"p": 0.0}, lambda a, b: b["kept"] == b["mean"] == 1),
    Move("dropout_ensembles", "each step drops others", {"step": 3},
         lambda a, b: not np.array_equal(a["masked"], b["masked"])),
    Move("dropout_ensembles", "one alone votes as it reads", {"members": 1},
         lambda a, b: len(b["alone"]) == 1 and b["alone"][0] == b["voted"]),
    Move("data_expansion", "no turn and no shift leaves it as it is", {"rotation": 0, "shift": 0.0},
         lambda a, b: b["change"] == 0 < a["change"]),
    Move("data_expansion", "elastic distortion changes more", {"alpha": 8.0}, lambda a, b: b["change"] > a["change"]),
    Move("inside", "more decay, smaller weights", {"lmbda": 4.0},
         lambda a, b: b["first_layer"]["weight decay"].std() < a["first_layer"]["weight decay"].std()),
    Move("inside", "no dropout is as they are", {"p": 0.0},
         lambda a, b: b["unseen"]["dropout"] == b["unseen"]["as they are"]),
    Move("inside", "deeper maps see larger pieces", {"layer": 3},
         lambda a, b: [len(shown["excited"]) for shown in (a, b)]
         == [a["model"].network.layers[i].maps for i in (0, 3)]
         and a["excited"][0][0].shape == (5, 5) and b["excited"][0][0].shape == (10, 10)),
    Move("softmax", "hardness 0 makes all equal", {"hardness": 0.0}, lambda a, b: np.allclose(_shares(b), 0.25)),
)  # fmt: skip
