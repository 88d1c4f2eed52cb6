"""What each control of a lesson must do to what is shown: the controls that are moved, and what must be seen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from deltarule.lab.diagram import number

Shown = Mapping[str, Any]


@dataclass(frozen=True)
class Move:
    """On ``lesson`` these controls are set, all others staying as they are; ``seen(before, after)`` must hold.

    Those in ``given`` are set already before.
    """

    lesson: str
    what: str
    controls: Mapping[str, Any]
    seen: Callable[[Shown, Shown], bool]
    given: Mapping[str, Any] = field(default_factory=dict)


def _shares(shown: Shown) -> np.ndarray:
    return np.asarray(shown["activations"])


def _mean(shown: Shown, name: str) -> float:
    return float(np.mean(shown[name]))


def _last(shown: Shown, name: str) -> float:
    return float(shown["history"][name][-1])


def _crossed(outputs: list[float]) -> int:
    """Steps until the output is below one half."""
    return next(i for i, a in enumerate(outputs) if a < 0.5)


def _apart(curves: Mapping[str, list[float]]) -> float:
    return curves["default"][-1] - curves["large"][-1]


NOT, OSCILLATES, SLOW, SMOOTH = (
    "does not come down", "comes down, but oscillates", "comes down, but slowly", "comes down smoothly",
)  # fmt: skip

ADDER = ("x₁", "x₂", "x₁", "NAND₁", "NAND₁", "x₂", "NAND₂", "NAND₃", "NAND₁", "NAND₁")

SOON = {"n": 50, "epochs": 10}
"""What makes Data augmentation learn soon, where it is not looked at."""

MOVES = (
    Move("gradient_descent", "a larger η comes down faster", {"eta": 0.3},
         lambda a, b: b["heights"][-1] < a["heights"][-1]),
    Move("gradient_descent", "η above 1 climbs", {"eta": 1.05}, lambda a, b: b["heights"][-1] > b["heights"][0]),
    Move("gradient_descent", "momentum helps a small η", {"mu": 0.7},
         lambda a, b: b["heights"][-1] < a["heights"][-1] / 10, {"eta": 0.02, "steps": 40}),
    Move("gradient_descent", "steps are steps", {"steps": 7}, lambda a, b: len(b["path"]) == 8),
    Move("gradient_descent", "a steeper valley throws it out", {"steepness": 10.0},
         lambda a, b: b["heights"][-1] > b["heights"][0] and a["heights"][-1] < a["heights"][0], {"eta": 0.15}),
    Move("gradient_descent", "it starts where it is thrown in", {"start_1": 1.2},
         lambda a, b: b["path"][0].tolist() == [1.2, 0.8]),
    Move("gradient_descent", "both ways", {"start_2": -1.2}, lambda a, b: b["path"][0].tolist() == [-0.9, -1.2]),
    Move("gradient_descent", "with momentum it flies on as it was thrown", {"push_1": 0.5},
         lambda a, b: np.allclose(b["path"][1] - a["path"][1], [0.4, 0]), {"mu": 0.8}),
    Move("gradient_descent", "to both sides", {"push_2": -0.5},
         lambda a, b: np.allclose(b["path"][1] - a["path"][1], [0, -0.4]), {"mu": 0.8}),
    Move("gradient_descent", "it is said to have left the valley where it has", {"eta": 1.05},
         lambda a, b: b["outside"] and not a["outside"]),
    Move("gradient_descent", "thrown up from the middle, it comes back", {"start_1": 0.0, "start_2": 0.0},
         lambda a, b: b["heights"][-1] > b["heights"][0] and not b["outside"], {"mu": 0.5, "push_1": 0.5}),
    Move("perceptrons", "with bias −5 the weather decides", {},
         lambda a, b: b["decisions"].tolist() == [0, 0, 0, 0, 1, 1, 1, 1]),
    Move("perceptrons", "weather that counts for nothing leaves us at home", {"w1": 0},
         lambda a, b: not b["decisions"].any()),
    Move("perceptrons", "company may decide", {"w2": 6},
         lambda a, b: b["decisions"].tolist() == [0, 0, 1, 1, 1, 1, 1, 1]),
    Move("perceptrons", "and so may a train", {"w3": 6},
         lambda a, b: b["decisions"].tolist() == [0, 1, 0, 1, 1, 1, 1, 1]),
    Move("perceptrons", "with one wire wrong it is right for three of four", {},
         lambda a, b: a["right"] == 3 and a["wrong"] == [(0, 1)]),
    Move("perceptrons", "the wire mended, it adds", {"wires": ADDER}, lambda a, b: b["right"] == 4 and not b["wrong"]),
    Move("perceptrons", "every input counts", {"x1": False},
         lambda a, b: "x₁ is 0, x₂ is 1; NAND₁ of x₁ and x₂ says 1" in b["picture"]),
    Move("perceptrons", "the other as well", {"x2": False}, lambda a, b: "x₁ is 1, x₂ is 0; NAND₁" in b["picture"]),
    Move("perceptrons", "another weight is no NAND", {"gate_weight": -1}, lambda a, b: b["right"] < 4 == a["right"],
         {"wires": ADDER}),
    Move("perceptrons", "with bias −3 company and a train are enough", {"b": -3},
         lambda a, b: b["decisions"].tolist() == [0, 0, 0, 1, 1, 1, 1, 1]),
    Move("perceptrons", "a gate that never says no does not add", {"gate_bias": 6},
         lambda a, b: b["right"] < 4 == a["right"], {"wires": ADDER}),
    Move("sigmoid", "a steep sigmoid is nearly a step", {"w": 20, "b": -10},
         lambda a, b: np.abs(b["smooth"] - b["hard"]).mean() < np.abs(a["smooth"] - a["hard"]).mean() / 2),
    Move("sigmoid", "no nudge, no change", {"nudge": 0.0},
         lambda a, b: b["moved"] == b["flipped"] == b["true"] == b["foretold"] == 0),
    Move("sigmoid", "a small nudge is foretold well", {"nudge": 0.05},
         lambda a, b: abs(b["true"] - b["foretold"]) < abs(a["true"] - a["foretold"]) / 10),
    Move("sigmoid", "a larger weight rises sooner", {"w": 8},
         lambda a, b: b["x"][np.argmax(b["smooth"] > 0.5)] < a["x"][np.argmax(a["smooth"] > 0.5)]),
    Move("sigmoid", "a lower bias rises later", {"b": -4},
         lambda a, b: b["x"][np.argmax(b["hard"])] > a["x"][np.argmax(a["hard"])]),
    Move("sigmoid", "where the input is 0 no weight counts", {"at": 0.0},
         lambda a, b: b["true"] == b["foretold"] == 0 != a["true"]),
    Move("sigmoid", "a nudge can move the output much somewhere", {"w": 20, "b": -20, "nudge": 2.0},
         lambda a, b: b["most"] > 0.4 > 0.1 > b["moved"]),
    Move("slow_neuron", "the quadratic cost is slow from 2, 2", {},
         lambda a, b: b["quadratic"][100] > 0.9 and b["entropy"][100] < 0.1),
    Move("slow_neuron", "from 0.6, 0.9 it is not", {"w0": 0.6, "b0": 0.9},
         lambda a, b: b["quadratic"][-1] < 0.12 < a["quadratic"][-1]),
    Move("slow_neuron", "a smaller first weight is less wrong", {"w0": 0.6},
         lambda a, b: b["entropy"][0] < a["entropy"][0]),
    Move("slow_neuron", "and so is a smaller first bias", {"b0": 0.9},
         lambda a, b: _crossed(b["quadratic"]) < _crossed(a["quadratic"]) - 50),
    Move("slow_neuron", "with a small η the cross-entropy is slow as well", {"eta": 0.005},
         lambda a, b: b["entropy"][100] > 0.9 > a["entropy"][100]),
    Move("slow_neuron", "steps are steps", {"steps": 50},
         lambda a, b: b["quadratic"] == a["quadratic"][:50] and len(a["quadratic"]) == 300),
    Move("softmax", "raising z₃ lowers the others", {"z": [2.5, -1.0, 4.2, 0.5]},
         lambda a, b: _shares(b)[2] > _shares(a)[2] and (np.delete(_shares(b), 2) < np.delete(_shares(a), 2)).all()),
    Move("softmax", "adding to all changes nothing", {"z": [3.5, 0.0, 4.2, 1.5]},
         lambda a, b: np.allclose(b["weighted"], a["weighted"] + 1) and np.allclose(_shares(a), _shares(b))),
    Move("any_function", "a steep neuron is a step where it is put", {"weight": 300, "place": 0.7},
         lambda a, b: b["one_step"][b["x"] < 0.65].max() < 0.01 and b["one_step"][b["x"] > 0.75].min() > 0.99),
    Move("any_function", "a larger weight is a steeper step", {"weight": 100},
         lambda a, b: np.gradient(b["one_step"]).max() > 10 * np.gradient(a["one_step"]).max()),
    Move("any_function", "the step stands at s", {"place": 0.7},
         lambda a, b: abs(b["x"][np.argmax(b["one_step"] >= 0.5)] - 0.7) < 0.005),
    Move("any_function", "well chosen heights score well", {"heights": [0.25, 0.35, 0.3, 0.2, 0.65]},
         lambda a, b: b["score"] < 0.5 * a["score"]),
    Move("any_function", "more bumps come nearer", {"n": 40}, lambda a, b: b["distance"] < a["distance"] / 3),
    Move("any_function", "twice as many bumps leave half", {"n": 20},
         lambda a, b: 0.4 < b["distance"] / a["distance"] < 0.6),
    Move("any_function", "a small h is a swamp", {"h": 0.5},
         lambda a, b: a["tower"].max() - a["tower"][0, 30] > 0.9 > 0.5 > b["tower"].max() - b["tower"][0, 30]),
    Move("any_function", "a wide tower", {"wide": 0.8}, lambda a, b: b["tower"].mean() > 2 * a["tower"].mean()),
    Move("vanishing_gradients", "deeper, and the first layer is slower still", {"depth": 8},
         lambda a, b: len(b["norms"]) == 8 and b["ratio"] > 10 * a["ratio"]),
    Move("vanishing_gradients", "ReLU with He's weights stays level", {"neuron": "relu", "init": "he"},
         lambda a, b: 0.1 < b["ratio"] < 10),
    Move("vanishing_gradients", "a slope of 1 near 0 loses less", {"neuron": "tanh"},
         lambda a, b: b["ratio"] < a["ratio"] / 3),
    Move("vanishing_gradients", "large first weights saturate", {"init": "large"},
         lambda a, b: b["norms"][0] > 3 * a["norms"][0]),
    Move("vanishing_gradients", "more neurons, the same trouble", {"width": 100},
         lambda a, b: b["ratio"] > 10 and not np.allclose(a["norms"], b["norms"])),
    Move("vanishing_gradients", "other first weights, the same trouble", {"seed": 2},
         lambda a, b: b["ratio"] > 10 and not np.allclose(a["norms"], b["norms"])),
    Move("vanishing_gradients", "each neuron more takes the same factor off", {"links": 10},
         lambda a, b: len(b["slopes"]) == 10 and np.allclose(b["slopes"][1:] / b["slopes"][:-1], 4)
         and np.allclose(b["slopes"][-5:], a["slopes"])),
    Move("vanishing_gradients", "w = 4 keeps the chain as it is", {"w": 4.0},
         lambda a, b: np.allclose(b["slopes"], b["slopes"][0])),
    Move("vanishing_gradients", "larger weights explode", {"w": 8.0},
         lambda a, b: b["slopes"][0] > 10 * b["slopes"][-1]),
    Move("first_weights", "1/√n saturates nothing", {"spread": 0.03},
         lambda a, b: b["saturated"] < 0.01 < a["saturated"]),
    Move("first_weights", "fewer inputs spread less", {"n_in": 10}, lambda a, b: b["z"].std() < a["z"].std() / 5),
    Move("first_weights", "more hidden neurons learn more", {"hidden": 100},
         lambda a, b: b["curves"]["default"][-1] > a["curves"]["default"][-1], {"epochs": 2}),
    Move("first_weights", "a larger η learns sooner", {"eta": 0.5},
         lambda a, b: b["curves"]["default"][-1] > a["curves"]["default"][-1], {"epochs": 2}),
    Move("first_weights", "with more epochs the two come nearer", {"epochs": 20},
         lambda a, b: len(b["curves"]["large"]) == 20 and _apart(b["curves"]) < 0.7 * _apart(a["curves"])),
    Move("first_weights", "64 inputs saturate few neurons, and the remedy is no gain", {"k": 1},
         lambda a, b: b["before"]["large"] < 0.3 < 0.6 < a["before"]["large"] and a["before"]["default"] < 0.01
         and _apart(b["curves"]) < 0 < _apart(a["curves"]), {"epochs": 2}),
    *(Move("first_weights", f"the bars are as high as the curve, with n = {n}, s = {s}", {"n_in": n, "spread": s},
           lambda a, b: a["theory"] != b["theory"]
           and abs(b["density"].max() * b["theory"] * np.sqrt(2 * np.pi) - 1) < 0.15)
      for n, s in ((2000, 1.5), (10, 0.01))),
    Move("overfitting", "a line misses the points and finds what made them", {"order": 1},
         lambda a, b: b["at_points"] > a["at_points"] and b["elsewhere"] < a["elsewhere"] / 2),
    Move("overfitting", "without noise even order 9 is the line", {"noise": 0.0}, lambda a, b: b["elsewhere"] < 1e-6),
    Move("overfitting", "however much noise, all ten points are seen", {"noise": 2.0},
         lambda a, b: b["limits"][0] < b["values"].min() < -3 and 14 < b["values"].max() < b["limits"][1]),
    Move("overfitting", "decay tames order 9", {"decay": 0.5}, lambda a, b: b["elsewhere"] < a["elsewhere"]),
    Move("overfitting", "a little decay is enough to help", {"decay": 0.01},
         lambda a, b: b["at_points"] < 0.5 and b["elsewhere"] < a["elsewhere"] / 2),
    Move("overfitting", "it learns by heart what is wrong, and its cost goes up", {},
         lambda a, b: _last(a, "training_accuracy") > 0.9
         and _last(a, "validation_cost") > 1.1 * min(a["history"]["validation_cost"])),
    Move("overfitting", "weight decay reads more of the unseen, with smaller weights", {"lmbda": 0.5},
         lambda a, b: _last(b, "validation_accuracy") > _last(a, "validation_accuracy") + 0.03
         and _last(b, "training_accuracy") < _last(a, "training_accuracy") and b["weights"] < a["weights"] / 2),
    Move("overfitting", "too much decay learns hardly anything", {"lmbda": 5.0},
         lambda a, b: _last(b, "training_accuracy") < 0.7
         and _last(b, "validation_accuracy") < _last(a, "validation_accuracy")),
    Move("overfitting", "with right labels there is little to overfit", {"wrong": 0.0},
         lambda a, b: _last(b, "validation_accuracy") > 0.95
         and _last(b, "validation_cost") < 1.02 * min(b["history"]["validation_cost"])),
    Move("overfitting", "more images, better on unseen ones", {"n": 1000},
         lambda a, b: _last(b, "validation_accuracy") > _last(a, "validation_accuracy") + 0.05),
    Move("overfitting", "fewer epochs, and less is learned by heart", {"epochs": 10},
         lambda a, b: _last(b, "training_accuracy") < 0.85
         and _last(b, "validation_accuracy") > _last(a, "validation_accuracy")),
    Move("choosing_eta", "three η, three verdicts", {}, lambda a, b: a["verdicts"] == [SLOW, SMOOTH, NOT]),
    Move("choosing_eta", "0.025 is slow, 0.1 is not", {"low": -1.0},
         lambda a, b: b["verdicts"] == [SMOOTH, SMOOTH, NOT]),
    Move("choosing_eta", "an η of 10 oscillates", {"middle": 1.0},
         lambda a, b: b["verdicts"] == [SLOW, OSCILLATES, NOT] and b["costs"][1][-1] > 3.25),
    Move("choosing_eta", "an η of 5 comes down, but oscillates", {"high": 0.7},
         lambda a, b: b["verdicts"][2] == OSCILLATES),
    Move("choosing_eta", "ReLU's threshold is lower", {"hidden": "relu"}, lambda a, b: b["verdicts"][1] == OSCILLATES),
    Move("choosing_eta", "with more epochs the slow one learns as well", {"epochs": 30},
         lambda a, b: b["verdicts"][0] == SMOOTH and b["costs"][0][:11] == a["costs"][0]),
    Move("backpropagation", "nothing to learn, no error", {"y": 0.5},
         lambda a, b: b["agree"] and abs(b["delta"][-1][0]) < abs(a["delta"][-1][0])),
    Move("backpropagation", "y can be set so near to the answer that hardly an error is left", {"y": 0.52},
         lambda a, b: abs(b["delta"][-1][0]) < 0.002 < abs(a["delta"][-1][0])),
    Move("backpropagation", "every number of the first layer can be read", {},
         lambda a, b: "0.000<" not in a["picture"] and "0.000," not in a["picture"]
         and all(number(d) in a["picture"] for d in a["d_w"][0].flat)),
    Move("backpropagation", "the inputs are layer 1, the demon sits in layer 2", {},
         lambda a, b: a["where"].selected_key == "layer 2, neuron 1" and a["picture"].count(">layer 1<") == 1
         and f"layer 2, neuron 1: a {a['a'][1][0]:.2f}" in a["picture"]),
    Move("backpropagation", "a small nudge is foretold", {"nudge": 0.1},
         lambda a, b: abs(b["true"] - b["foretold"]) < abs(a["true"] - a["foretold"]) / 10),
    Move("backpropagation", "all paths together are backpropagation", {"seed": 7},
         lambda a, b: b["agree"] and not np.isclose(b["path_sum"], a["path_sum"])
         and np.isclose(b["path_sum"], b["d_w"][0][0, 0], atol=1e-12)),
    Move("backpropagation", "step 1 shows the rate factors, and no error yet", {"shown": 1},
         lambda a, b: all(f"{number(rate)}</text>" in b["picture"] for rate in np.concatenate(b["rates"], axis=None))
         and "δ" not in b["picture"] and "δ" in a["picture"]),
    Move("backpropagation", "an input of 0 has no gradient on its edges", {"x1": 0.0},
         lambda a, b: b["agree"] and not b["d_w"][0][:, 0].any() and b["d_w"][0][:, 1].all()),
    Move("backpropagation", "the second input counts as well", {"x2": 0.0},
         lambda a, b: b["agree"] and not b["d_w"][0][:, 1].any() and b["d_w"][0][:, 0].all()),
    Move("backpropagation", "the demon sits elsewhere", {"where": (1, 0)},
         lambda a, b: np.isclose(b["foretold"], b["delta"][1][0] * 0.5)
         and not np.isclose(a["foretold"], b["foretold"])),
    Move("convolution", "a higher bias lets more through", {"bias": 1.0},
         lambda a, b: b["feature_map"].sum() > a["feature_map"].sum()),
    Move("convolution", "the feature map moves with the drawing", {"shift": 2},
         lambda a, b: np.allclose(b["feature_map"][:, :, 4:], a["feature_map"][:, :, 2:-2])),
    Move("convolution", "the pooled map changes less than the feature map, but it changes", {"shift": 1},
         lambda a, b: a["changes"] == [0, 0] and 0.1 < b["changes"][1] < 0.8 * b["changes"][0]),
    Move("convolution", "pooling halves the sides", {"pooling": "none"},
         lambda a, b: (a["pooled"].shape[1], b["pooled"].shape[1]) == (13, 26)),
    Move("convolution", "no weights, no features", {"weights": [[0] * 3] * 3}, lambda a, b: not b["feature_map"].any()),
    Move("convolution", "one weight of 1 shows the image itself", {"weights": [[0, 0, 0], [0, 0, 0], [0, 0, 1]]},
         lambda a, b: np.array_equal(b["z"][0, :, :, 0], b["x"][0, 2:, 2:, 0])),
    Move("convolution", "an edge from above is another feature", {"kernel": "edge from above"},
         lambda a, b: np.array_equal(b["weights"].value, np.transpose(a["weights"].value))
         and not np.allclose(b["feature_map"], a["feature_map"])),
    Move("dropout_ensembles", "nothing dropped, all kept", {"p": 0.0}, lambda a, b: b["kept"] == b["mean"] == 1),
    Move("dropout_ensembles", "each step drops others", {"step": 3},
         lambda a, b: not np.array_equal(a["masked"], b["masked"])),
    Move("dropout_ensembles", "one alone votes as it reads", {"members": 1},
         lambda a, b: len(b["alone"]) == 1 and b["alone"][0] == b["voted"]),
    Move("dropout_ensembles", "more images, better read", {"n": 600},
         lambda a, b: _mean(b, "alone") > _mean(a, "alone"), {"members": 3}),
    Move("dropout_ensembles", "with 10 hidden neurons a vote helps more", {"hidden": 10},
         lambda a, b: b["voted"] - _mean(b, "alone") > max(1.0, a["voted"] - _mean(a, "alone"))),
    Move("dropout_ensembles", "dropout takes too much from 10 hidden neurons", {"drop": 0.5},
         lambda a, b: _mean(b, "alone") < _mean(a, "alone") - 2, {"hidden": 10}),
    Move("dropout_ensembles", "of 100 it takes nothing", {"drop": 0.5},
         lambda a, b: abs(_mean(b, "alone") - _mean(a, "alone")) < 0.5 and a["alone"] != b["alone"], {"hidden": 100}),
    Move("data_expansion", "another image is shown", {"which": 16},
         lambda a, b: np.array_equal(b["original"], b["train"].x[16]) and (a["original"] != b["original"]).any(), SOON),
    Move("data_expansion", "not turned, changed less", {"rotation": 0}, lambda a, b: b["change"] < a["change"], SOON),
    Move("data_expansion", "shifted further, changed more", {"shift": 3.0},
         lambda a, b: b["change"] > 1.5 * a["change"], SOON),
    Move("data_expansion", "smoother is gentler", {"sigma": 4.0}, lambda a, b: b["change"] < a["change"],
         {"alpha": 8.0, **SOON}),
    Move("data_expansion", "more images, better read", {"n": 600},
         lambda a, b: _mean(b, "as_they_are") > _mean(a, "as_they_are"), {"epochs": 10}),
    Move("data_expansion", "more epochs, better read", {"epochs": 30},
         lambda a, b: _mean(b, "as_they_are") > _mean(a, "as_they_are"), {"epochs": 10}),
    Move("data_expansion", "turns too far do harm", {"degrees": 60},
         lambda a, b: b["as_they_are"] == a["as_they_are"] and _mean(b, "shifted") < _mean(a, "shifted") - 2,
         {"epochs": 20}),
    Move("data_expansion", "shifts too far do harm", {"pixels": 3.0},
         lambda a, b: b["as_they_are"] == a["as_they_are"] and _mean(b, "shifted") < _mean(a, "shifted") - 2,
         {"epochs": 20}),
    Move("data_expansion", "no turn and no shift leaves it as it is", {"rotation": 0, "shift": 0.0},
         lambda a, b: b["change"] == 0 < a["change"], SOON),
    Move("data_expansion", "elastic distortion changes more", {"alpha": 8.0},
         lambda a, b: b["change"] > a["change"], SOON),
    Move("inside", "decay and dropout read more of the unseen", {},
         lambda a, b: min(a["unseen"]["weight decay"], a["unseen"]["dropout"]) > a["unseen"]["as they are"] + 2),
    Move("inside", "its layers are counted from 1", {},
         lambda a, b: next(iter(a["layer"].options)).startswith("convolutional layer 1: ")),
    Move("inside", "every weight is in its histogram", {},
         lambda a, b: [int(one.sum()) for one in a["bars"]] == [len(w) for w in a["first_layer"].values()]),
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
