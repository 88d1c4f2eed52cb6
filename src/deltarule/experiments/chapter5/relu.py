"""Gradients through rectified linear units: the product of the weights, or nothing; units that die, and what helps."""

from __future__ import annotations

import numpy as np

import deltarule as dr
from deltarule.constructions.chain import backpropagate, build_chain, numbers, weighted_inputs
from deltarule.core.network import ACTIVATIONS
from deltarule.core.trees import Tree
from deltarule.experiments import api as ex
from deltarule.plotting import COLOURS, LINES, MARKERS, label_axes, plot_band

SECTION = "What's causing the vanishing gradient problem? Unstable gradients in deep neural nets"
SOURCE = "chapter 6, problem on the unstable gradient problem with rectified linear units"
NAMES = {"ReLU": "relu", "leaky ReLU": "leaky-relu", "ELU": "elu"}


def chains(config: ex.Config, depth: int, rng: np.random.Generator) -> tuple[bool, float, float]:
    """Random chains of such neurons: whether ReLU's rule holds for ∂C/∂b₁, the share of chains where it
    is 0, and its median size. The rule: w₂ w₃ … w_L ∂C/∂a_L if every z is above 0, and 0 if one is not.
    """
    holds, found = True, []
    for _ in range(config["chains"]):
        w, b = (rng.normal(0, config["sd"], depth).tolist() for _ in range(2))
        chained, x, y = build_chain(w, b, ACTIVATIONS[config["neuron"]]), rng.uniform(), 2.0
        gradient = backpropagate(chained, x, y)[0]
        alive = bool((weighted_inputs(chained, x) > 0).all())
        d_a = chained([x])[0] - y
        rule = numbers(chained, "w")[1:].prod() * d_a if alive else 0.0
        holds &= abs(gradient - rule) <= 1e-9 * max(1.0, abs(rule))
        found.append(abs(gradient))
    return holds, float(np.mean(np.asarray(found) == 0)), float(np.median(found))


def dead(model: dr.Model, train: dr.Dataset) -> float:
    """The share of hidden neurons that no image moves: ∂C/∂w and ∂C/∂b are 0 for every one of them."""
    network = model.network
    _, caches = network.forward(model.params, train.x.reshape(len(train), -1) / train.scale)
    z, a = caches[1]
    return float((network.layers[1].derivative(z, a) == 0).all(axis=0).mean())  # type: ignore[attr-defined] # an Activation


def drowned(params: Tree, bias: float) -> list[dict[str, np.ndarray]]:
    """The same parameters with the hidden neurons' biases so low that no image brings z above 0."""
    first = {"w": params[0]["w"], "b": np.full_like(params[0]["b"], bias)}
    return [first, *(dict(layer) for layer in params[1:])]


def measure(config: ex.Config) -> ex.Measured:
    """Chains by depth; training with larger and larger η; and training from units that are all dead."""
    rng = np.random.default_rng(config.seed)
    by_depth = [chains(config, depth, rng) for depth in config["depths"]]
    train, _, test = ex.load_images(config)
    network = dr.Network.dense([784, *config["hidden"], 10], "log-likelihood", hidden=config["neuron"])
    first, assigned = network.init(config.seed), train.encoding
    assert assigned is not None

    def untrained(params: Tree) -> dr.Model:
        return dr.Model(network, params, assigned, train.scale, train.classes, train.x.shape[1:])

    trained = (ex.train(config.alone(eta=eta), network, train) for eta in config["etas"])
    lost = [100 * dead(model, train) for model in (untrained(first), *trained)]
    low = untrained(drowned(first, config["low bias"]))
    again = ex.train(config.alone(), low, train, callbacks=[dr.callbacks.Monitor(test=test)])
    accuracy = [100 * low.accuracy(test), *ex.to_percent(again.history["test_accuracy"])]
    return ex.Measured(
        {
            "rule holds": all(holds for holds, _, _ in by_depth),
            "chains without gradient": 100 * by_depth[-1][1],
            "dead before learning": lost[0],
            "dead with the largest η": lost[-1],
            "learns nothing": 100 * dead(again, train) == 100 and accuracy[-1] < 20,
            "comes back": accuracy[-1] > 50,
            "accuracy from dead units": accuracy[-1],
        },
        {
            "depth": config["depths"],
            "cut": ex.round_all([100 * cut for _, cut, _ in by_depth]),
            "eta": config["etas"],
            "dead": ex.round_all(lost),
            "accuracy": ex.round_all(accuracy),
        },
    )


@ex.with_panels(1, 3, (7.4, 3.3))
def plot(result: ex.Result, left: ex.Axes, middle: ex.Axes, right: ex.Axes) -> None:
    """Chains that pass nothing back; units dead after training, by η; and learning from dead units."""
    for i, variant in enumerate(result.variants):
        run = result.first(variant)
        etas = ["start", *(f"{eta:g}" for eta in run.series["eta"])]
        for axes, name, x in (
            (left, "cut", run.series["depth"]),
            (middle, "dead", range(len(etas))),
            (right, "accuracy", None),
        ):
            plot_band(axes, result.series(name, variant), x, label=variant, colour=COLOURS[i], linestyle=LINES[i],
                      marker=MARKERS[i], ms=4)  # fmt: skip
    middle.set_xticks(range(len(etas)), etas)
    label_axes(left, "neurons in the chain", "chains with ∂C/∂b₁ = 0, in %", legend=False)
    label_axes(middle, "learning rate η", "dead neurons after training, in %")
    label_axes(right, "epoch, from dead neurons", "test accuracy in %", legend=False)
    middle.legend(fontsize=8, loc="upper left")
    for axes in (left, middle, right):
        axes.set_ylim(-4, 104)


RELU = (
    ex.Experiment(
        id="ch5/relu-gradients",
        title="Gradients through rectified linear units",
        section=SECTION,
        shows="In a chain of ReLUs σ′ is 1 or 0: the gradient is the product of the weights, still unstable, or it is "
        "nothing as soon as one weighted input is negative. A unit that no image reaches has no gradient and never "
        "learns again; leaky ReLU and ELU come back.",
        measure=measure,
        plot=plot,
        settings={
            "chains": 1000,
            "depths": [1, 2, 3, 4, 6, 8],
            "sd": 1.0,
            "n_train": 5000,
            "hidden": [100],
            "etas": [0.03, 0.1, 0.3, 1.0],
            "eta": 0.3,
            "epochs": 10,
            "batch_size": 10,
            "low bias": -5.0,
        },
        variants={name: {"neuron": neuron} for name, neuron in NAMES.items()},
        published=(
            ex.Published("∂C/∂b₁ is w₂ w₃ … or 0", "rule holds", True, SOURCE, "ReLU"),
            ex.Published("dead ReLUs learn nothing any more", "learns nothing", True, SOURCE, "ReLU"),
            ex.Published("leaky ReLUs come back", "comes back", True, SOURCE, "leaky ReLU"),
            ex.Published("ELUs come back", "comes back", True, SOURCE, "ELU"),
        ),
        quick=ex.Quick(
            {
                "data": "any",
                "chains": 50,
                "n_train": 1000,
                "n_test": 500,
                "hidden": [30],
                "epochs": 6,
                "etas": [],
                "engine": "numpy",
            },
            (
                ex.Published("∂C/∂b₁ is w₂ w₃ … or 0", "rule holds", True, variant="ReLU"),
                ex.Published("dead ReLUs learn nothing any more", "learns nothing", True, variant="ReLU"),
                ex.Published("ELUs come back", "comes back", True, variant="ELU"),
            ),
            defect={"neuron": "leaky-relu"},
        ),
        seeds=5,
        remark="The book asks for this in chapter 6. Chains have weights and biases from N(0, 1). Dead is a hidden "
        "neuron whose f′(z) is 0 for every training image; with biases from N(0, 1) some ReLUs are so from the start. "
        "Far below 0 the slope eᶻ of ELU rounds to 0, so with a large η it can be cut off, too. Dead neurons to start "
        "from have the bias −5.",
    ),
)
