"""The gradient in the state of each step before training: chapter 5's vanishing gradient along time."""

from __future__ import annotations

from math import sqrt

import numpy as np

from deltarule.core.costs import LogLikelihood
from deltarule.core.initializers import Default, Gaussian
from deltarule.core.layers import Dense
from deltarule.core.lstm import LSTM
from deltarule.core.network import Network
from deltarule.core.recurrent import Recurrent, RecurrentLayer
from deltarule.core.steps import LastStep
from deltarule.core.trees import Tree
from deltarule.experiments import api as ex
from deltarule.experiments.memory.cells import build_cell
from deltarule.plotting import COLOURS, LINES, add_legend_below, label_axes, plot_band

SOURCE = "our criterion; the book shows it layer by layer, in chapter 5, 'The vanishing gradient problem'"


def build_layers(config: ex.Config) -> dict[str, RecurrentLayer]:
    """Build tanh layers with several scales of u, an IRNN, and LSTMs with several first biases of the forget gate."""
    n = config["units"]
    return {
        **{f"tanh, u × {scale:g}": Recurrent(n, recurrent_initializer=Gaussian(scale / sqrt(n)))
           for scale in config["scales"]},
        "IRNN": build_cell("IRNN", n),
        **{f"LSTM, b = {bias:g}": LSTM(n, forget_bias=bias) for bias in config["forget_biases"]},
    }  # fmt: skip


def find_gradient_norms(network: Network, params: Tree, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Compute ‖∂C/∂state_t‖ for each step t, the root mean square over examples, shape (steps,).

    The network is a recurrent layer, :class:`LastStep` and one dense layer, so C depends on the last state alone. The
    state is h_t, for an LSTM (h_t, c_t).
    """
    cell, _, dense = network.layers
    assert isinstance(cell, RecurrentLayer)
    p = params[0]
    state = (np.zeros((len(x), cell.n)),) * cell.states
    before, kept = [], []
    for x_t in x.transpose(1, 0, 2):
        before.append(state)
        state, kept_t = cell.step(p, x_t @ p["w"].T + p["b"], state)
        kept.append(kept_t)
    z, cache = dense.forward(params[2], state[0])
    d_h, _ = dense.backward(params[2], cache, network.cost.delta(z, y))
    d_state = (d_h, *(np.zeros_like(d_h) for _ in state[1:]))
    norms = []
    for before_t, kept_t in zip(reversed(before), reversed(kept), strict=True):
        norms.append(sqrt(sum(np.sum(d * d) for d in d_state) / len(x)))
        d_state, _ = cell.step_back(p, kept_t, before_t, d_state)
    return np.asarray(norms[::-1])


def measure(config: ex.Config) -> ex.Measured:
    """Measure the norms for each layer, on random sequences and before the first step of training."""
    rng = np.random.default_rng(config.seed)
    x = rng.normal(size=(config["examples"], config["steps"], config["features"]))
    y = np.eye(10)[rng.integers(0, 10, len(x))]
    figures: dict[str, float | bool] = {}
    norms: dict[str, list[float]] = {}
    for name, layer in build_layers(config).items():
        network = Network([layer, LastStep(), Dense(10, Default())], LogLikelihood(), x.shape[1:])
        found = find_gradient_norms(network, network.init(config.seed), x, y)
        norms[name] = ex.round_all(found)
        figures[f"first over last, {name}"] = float(f"{found[0] / found[-1]:.5g}")
        middle = found[len(found) // 4 : 3 * len(found) // 4]  # away from both ends
        figures[f"factor of one step, {name}"] = float((middle[0] / middle[-1]) ** (1 / (len(middle) - 1)))
    return ex.Measured(figures, {"norms": norms})


@ex.with_panels(size=(6.4, 4.4))
def plot(result: ex.Result, axes: ex.Axes) -> None:
    """Plot the norm in each step's state, on a logarithmic axis, with a curve for each layer."""
    runs = result.series("norms")
    groups = {"tanh": COLOURS[1], "IRNN": COLOURS[2], "LSTM": COLOURS[0]}
    for group, colour in groups.items():
        for i, name in enumerate(name for name in runs[0] if name.startswith(group)):
            relative = [np.asarray(run[name]) / run[name][-1] for run in runs]
            plot_band(axes, relative, label=name, colour=colour, linestyle=LINES[i])
    axes.set(yscale="log", ylim=(1e-14, 1e6))
    label_axes(axes, "step t", "‖∂C/∂state‖, relative to the last step", legend=False)
    add_legend_below(axes, 3)


BESIDE_THE_CELL = (
    "Along the cell each step multiplies the gradient by the forget gate, but it has a second way: from h through u "
    "and the gates of the next step. The orthogonal u of four gates adds to the first way, so more of the gradient "
    "remains."
)

GRADIENTS = ex.Experiment(
    id="memory/gradients",
    title="The gradient vanishes along time, too",
    section="Backpropagation through time",
    shows="The cost depends on the last state of 100. In the state of an earlier step its gradient is smaller by a "
    "constant factor for each step between, in a tanh layer as in the deep networks of chapter 5. With large "
    "recurrent weights it is larger instead. An IRNN nearly keeps it, and an LSTM keeps the more, the larger the "
    "bias of its forget gate.",
    measure=measure,
    plot=plot,
    settings={
        "units": 64, "steps": 100, "features": 10, "examples": 100, "scales": [0.5, 1.0, 2.0, 4.0],
        "forget_biases": [0.0, 1.0, 5.0],
    },
    published=(
        ex.Published("gradient of step 1 over step 100, tanh with u × 1", "first over last, tanh, u × 1", 1e-10,
                     SOURCE, relation="at most", criterion=True),
        ex.Published("factor of one step, tanh with u × 4", "factor of one step, tanh, u × 4", 1.05, SOURCE,
                     relation="at least", criterion=True),
        ex.Published("gradient of step 1 over step 100, IRNN", "first over last, IRNN", 0.1, SOURCE,
                     relation="at least", criterion=True),
        ex.Published("factor of one step, LSTM with b = 1: σ(1)", "factor of one step, LSTM, b = 1", 0.7311, SOURCE,
                     criterion=True, explanation=BESIDE_THE_CELL),
        ex.Published("factor of one step, LSTM with b = 5: σ(5)", "factor of one step, LSTM, b = 5", 0.9933, SOURCE,
                     criterion=True, explanation=BESIDE_THE_CELL),
    ),
    quick=ex.Quick(
        {"steps": 40, "examples": 20, "units": 32},
        (
            ex.Published("gradient of step 1 over step 40, tanh with u × 1", "first over last, tanh, u × 1", 1e-3,
                         relation="at most"),
            ex.Published("gradient of step 1 over step 40, LSTM with b = 5", "first over last, LSTM, b = 5", 0.1,
                         relation="at least"),
        ),
        defect={"steps": 8},
    ),
    seeds=5,
    minutes=0.6,
    remark="The inputs are 100 random sequences with numbers from N(0, 1). “u × s” has recurrent weights from "
    "N(0, s²/n), so that u multiplies the length of a random vector by s. b is the first bias of the LSTM’s forget "
    "gate, which is then about σ(b). Before the first run we expected that each step multiplies the gradient by that "
    "factor, and kept this criterion although it does not hold.",
)  # fmt: skip
