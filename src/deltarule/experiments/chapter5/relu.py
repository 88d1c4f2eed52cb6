"""Gradients through rectified linear units: the product of the weights or 0, dead units, and remedies."""

from __future__ import annotations

import numpy as np

import deltarule as dr
from deltarule.constructions.chain import backpropagate, build_chain, list_parameters, weighted_inputs
from deltarule.core.network import ACTIVATIONS
from deltarule.core.trees import Tree
from deltarule.experiments import api as ex
from deltarule.plotting import COLOURS, LINES, MARKERS, label_axes, plot_band
from deltarule.preprocessing import Preprocessing

SECTION = "What's causing the vanishing gradient problem? Unstable gradients in deep neural nets"
SOURCE = "chapter 6, problem on the unstable gradient problem with rectified linear units"
NAMES = {"ReLU": "relu", "leaky ReLU": "leaky-relu", "ELU": "elu"}


def measure_chains(config: ex.Config, depth: int, rng: np.random.Generator) -> tuple[bool, float, float]:
    """Build random chains of such neurons, and measure ∂C/∂b₁ in each.

    Returns whether the rule for ReLUs holds, the fraction of chains with ∂C/∂b₁ = 0, and the median of |∂C/∂b₁|.
    The rule: ∂C/∂b₁ = w₂ w₃ … w_L ∂C/∂a_L if every z is above 0, and 0 otherwise.
    """
    holds, sizes = True, []
    for _ in range(config["chains"]):
        w, b = (rng.normal(0, config["sd"], depth).tolist() for _ in range(2))
        chain, x, y = build_chain(w, b, ACTIVATIONS[config["neuron"]]), rng.uniform(), 2.0
        gradient = backpropagate(chain, x, y)[0]
        alive = bool((weighted_inputs(chain, x) > 0).all())
        d_a = chain([x])[0] - y
        rule = list_parameters(chain, "w")[1:].prod() * d_a if alive else 0.0
        holds &= abs(gradient - rule) <= 1e-9 * max(1.0, abs(rule))
        sizes.append(abs(gradient))
    return holds, float(np.mean(np.asarray(sizes) == 0)), float(np.median(sizes))


def measure_dead(model: dr.Model, train: dr.Dataset) -> float:
    """Measure the fraction of dead hidden neurons: those with ∂C/∂w = 0 and ∂C/∂b = 0 for every training image."""
    network = model.network
    _, caches = network.forward(model.params, train.x.reshape(len(train), -1) / train.white)
    z, a = caches[1]
    return float((network.layers[1].derivative(z, a) == 0).all(axis=0).mean())  # type: ignore[attr-defined] # an Activation


def lower_biases(params: Tree, bias: float) -> list[dict[str, np.ndarray]]:
    """Set the biases of the hidden neurons to ``bias``, so low that z is not above 0 for any image."""
    first = {"w": params[0]["w"], "b": np.full_like(params[0]["b"], bias)}
    return [first, *(dict(layer) for layer in params[1:])]


def measure(config: ex.Config) -> ex.Measured:
    """Measure chains by depth, training with growing η, and training that starts with only dead units."""
    rng = np.random.default_rng(config.seed)
    by_depth = [measure_chains(config, depth, rng) for depth in config["depths"]]
    train, _, test = ex.load_images(config)
    network = dr.Network.dense([784, *config["hidden"], 10], "log-likelihood", hidden=config["neuron"])
    first = network.init(config.seed)

    def build_model(params: Tree) -> dr.Model:
        return dr.Model(network, params, Preprocessing.fit(train))

    models = (ex.train(config.with_settings(eta=eta), network, train) for eta in config["etas"])
    dead = [100 * measure_dead(model, train) for model in (build_model(first), *models)]
    low = build_model(lower_biases(first, config["low bias"]))
    revived = ex.train(config.with_settings(), low, train, callbacks=[dr.callbacks.Monitor(test=test)])
    accuracy = [100 * low.accuracy(test), *ex.to_percent(revived.history["test_accuracy"])]
    return ex.Measured(
        {
            "rule holds": all(holds for holds, _, _ in by_depth),
            "chains without gradient": 100 * by_depth[-1][1],
            "dead before learning": dead[0],
            "dead with the largest η": dead[-1],
            "learns nothing": 100 * measure_dead(revived, train) == 100 and accuracy[-1] < 20,
            "comes back": accuracy[-1] > 50,
            "accuracy from dead units": accuracy[-1],
        },
        {
            "depth": config["depths"],
            "cut": ex.round_all([100 * cut for _, cut, _ in by_depth]),
            "eta": config["etas"],
            "dead": ex.round_all(dead),
            "accuracy": ex.round_all(accuracy),
        },
    )


@ex.with_panels(1, 3, (7.4, 3.3))
def plot(result: ex.Result, left: ex.Axes, middle: ex.Axes, right: ex.Axes) -> None:
    """Plot the chains without a gradient, the dead units after training by η, and training from dead units."""
    for i, variant in enumerate(result.variants):
        run = result.first(variant)
        etas = ["start", *(f"{eta:g}" for eta in run.series["eta"])]
        for axes, name, x in (
            (left, "cut", run.series["depth"]),
            (middle, "dead", range(len(etas))),
            (right, "accuracy", range(len(run.series["accuracy"]))),  # from 0: before training
        ):
            plot_band(axes, result.series(name, variant), x, label=variant, colour=COLOURS[i], linestyle=LINES[i],
                      marker=MARKERS[i], ms=4)  # fmt: skip
    middle.set_xticks(range(len(etas)), etas)
    label_axes(left, "neurons in the chain", "chains with ∂C/∂b₁ = 0 (%)", legend=False)
    label_axes(middle, "learning rate η", "dead neurons after training (%)")
    label_axes(right, "epochs from dead neurons", "test accuracy (%)", legend=False)
    middle.legend(fontsize=8, loc="upper left")
    for axes in (left, middle, right):
        axes.set_ylim(-4, 104)


RELU = (
    ex.Experiment(
        id="ch5/relu-gradients",
        title="Gradients through rectified linear units",
        section=SECTION,
        shows="In a chain of ReLUs σ′ is 1 or 0: the gradient is the product of the weights, which is still unstable, or "
        "it is 0 as soon as one weighted input is negative. A unit whose weighted input is negative for every image has "
        "no gradient and never learns again; leaky ReLUs and ELUs recover.",
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
            ex.Published("∂C/∂b₁ of a chain of ReLUs is w₂ w₃ … w_L ∂C/∂a_L or 0", "rule holds", True, SOURCE, "ReLU", exact=True),
            ex.Published("dead ReLUs never learn again", "learns nothing", True, SOURCE, "ReLU"),
            ex.Published("dead leaky ReLUs recover", "comes back", True, SOURCE, "leaky ReLU"),
            ex.Published("dead ELUs recover", "comes back", True, SOURCE, "ELU"),
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
                ex.Published("∂C/∂b₁ of a chain of ReLUs is w₂ w₃ … w_L ∂C/∂a_L or 0", "rule holds", True,
                             variant="ReLU"),
                ex.Published("dead ReLUs never learn again", "learns nothing", True, variant="ReLU"),
                ex.Published("dead ELUs recover", "comes back", True, variant="ELU"),
            ),
            defect={"neuron": "leaky-relu"},
        ),
        seeds=5,
        remark="The problem is in chapter 6 of the book. Weights and biases of the chains are from N(0, 1). A hidden "
        "neuron is dead if f′(z) is 0 for every training image; with biases from N(0, 1) some ReLUs are dead from the "
        "start. Far below 0 the slope eᶻ of ELU rounds to 0, so with a large η an ELU can die, too. The dead neurons at "
        "the start of the training in the right panel have the bias −5.",
    ),
)  # fmt: skip
