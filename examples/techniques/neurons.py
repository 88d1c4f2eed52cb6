"""Figures of single neurons: costs, outputs and paths down a valley."""

import numpy as np
from drawing import LINES, Result, label_plot, make_figure
from matplotlib.axes import Axes

import deltarule as dr
from deltarule.plotting import COLOURS


def make_params(w: float, b: float) -> list:
    """Build the parameters of a neuron with one input."""
    return [{"w": np.array([[float(w)]]), "b": np.array([float(b)])}]


def draw_cross_entropy(quick: bool) -> Result:
    """Draw the output of a neuron that learns to output 0 for the input 1, from a good and from a bad start."""
    x, y, eta, count = np.array([[1.0]]), np.array([[0.0]]), 0.15, 20 if quick else 300
    figure, both = make_figure()
    lines = []
    for axes, (w, b) in zip(both, [(0.6, 0.9), (2.0, 2.0)], strict=True):
        for i, cost in enumerate([dr.Quadratic(), dr.CrossEntropy()]):
            network = dr.Network.dense([1, 1], cost=cost)
            params, outputs = make_params(w, b), []
            for _ in range(count + 1):
                outputs.append(network.outputs(params, x).item())
                params, _ = dr.SGD().update(network.gradients(params, x, y), {}, params, eta)
            label = type(cost).__name__
            axes.plot(outputs, color=COLOURS[i], linestyle=LINES[i], label=label)
            below = next((str(n) for n, a in enumerate(outputs) if a < 0.2), f"more than {count}")
            lines.append(
                f"from w = {w}, b = {b}: {label} has a < 0.2 after {below} epochs, {outputs[-1]:.2f} at the end"
            )
        axes.set_ylim(0, 1)
        label_plot(axes, "epoch", "output a (desired: 0)", f"start at w = {w}, b = {b}")
    return figure, lines


def draw_softmax(quick: bool) -> Result:
    """Draw four outputs while one of their weighted inputs moves."""
    z4 = np.linspace(-5, 5, 101)
    z = np.column_stack([np.full(101, v) for v in (2.5, -1.0, 3.2)] + [z4])
    figure, both = make_figure()
    for axes, cost, title in zip(both, [dr.CrossEntropy(), dr.LogLikelihood()], ["sigmoid", "softmax"], strict=True):
        a = cost.activation(z)
        for j in range(4):
            axes.plot(z4, a[:, j], color=COLOURS[j], linestyle=LINES[j], label=f"$a_{j + 1}$")
        axes.plot(z4, a.sum(axis=1), color="#666666", linewidth=0.8, label="sum")
        label_plot(
            axes,
            "$z_4$, with $z_1, z_2, z_3$ = 2.5, −1, 3.2",
            "outputs",
            title,
            "center left" if title == "sigmoid" else None,
        )
    a = dr.LogLikelihood().activation(np.array([[2.5, -1.0, 3.2, 0.5]]))[0]
    return figure, [f"softmax of (2.5, −1, 3.2, 0.5): {', '.join(f'{v:.3f}' for v in a)}"]


VALLEY = (np.array([[1.0], [1.5], [2.0], [2.5], [3.0], [3.5]]), np.array([[0.0], [0.0], [1.0], [0.0], [1.0], [1.0]]))
NEURON = dr.Network.dense([1, 1], cost="cross-entropy")
START = (0.5, 0.5)


def _draw_valley(axes: Axes, paths: dict[str, list]) -> None:
    """Draw the cost of one neuron over its w and b, with paths down the valley."""
    x, y = VALLEY
    w, b = np.linspace(-0.5, 3.5, 80), np.linspace(-7, 1, 80)
    cost = np.array([[NEURON.value(make_params(v, c), x, y) for v in w] for c in b])
    axes.contour(w, b, np.log(cost), 14, colors="#bbbbbb", linewidths=0.7, linestyles="solid")
    for i, (label, path) in enumerate(paths.items()):
        axes.plot(*np.array(path).T, color=COLOURS[i], linestyle=LINES[i], marker=".", ms=3.5, label=label)
    axes.plot(*START, "ko", ms=5)
    axes.set(xlim=(-0.5, 3.5), ylim=(-7, 1))


def _get_point(params: list) -> tuple[float, float]:
    """Return w and b."""
    return params[0]["w"].item(), params[0]["b"].item()


def _descend(optimizer: dr.SGD | dr.Momentum | dr.Nesterov, eta: float, count: int) -> list:
    """Return the path of an optimizer down the valley."""
    params, path = make_params(*START), [START]
    state = optimizer.init(params)
    for _ in range(count):
        params, state = optimizer.update(NEURON.gradients(params, *VALLEY), state, params, eta)
        path.append(_get_point(params))
    return path


def _find_bottom() -> list:
    """Find the parameters with the least cost."""
    params = make_params(1.0, -2.0)
    for _ in range(12):
        params = dr.calculus.newton_step(lambda p: NEURON.gradients(p, *VALLEY), params)
    return params


def _draw_paths(paths: dict[str, list], count: int) -> Result:
    """Draw paths down the valley, and the cost along them."""
    figure, (left, right) = make_figure()
    _draw_valley(left, paths)
    label_plot(left, "w", "b", "cost of one neuron, and paths from ●", "upper right")
    least = float(NEURON.value(_find_bottom(), *VALLEY))
    lines = [f"the least cost, {least:.4f}, is at w = %.3f, b = %.3f" % _get_point(_find_bottom())]
    for i, (label, path) in enumerate(paths.items()):
        above = [float(NEURON.value(make_params(*p), *VALLEY)) - least for p in path]
        right.plot(np.maximum(above, 1e-14), color=COLOURS[i], linestyle=LINES[i], label=label)
        near = next((str(n) for n, c in enumerate(above) if c < 1e-3), f"more than {count}")
        lines.append(f"{label}: within 0.001 of the least cost after {near} steps")
    right.set_yscale("log")
    label_plot(right, "step", "cost above the least", "the same paths")
    return figure, lines


def draw_momentum(quick: bool) -> Result:
    """Draw the paths of gradient descent, momentum and Nesterov's momentum from the same start with the same η."""
    count = 20 if quick else 150
    rules = {"SGD": dr.SGD(), "Momentum(0.9)": dr.Momentum(0.9), "Nesterov(0.9)": dr.Nesterov(0.9)}
    return _draw_paths({label: _descend(rule, 0.3, count) for label, rule in rules.items()}, count)


def draw_newton(quick: bool) -> Result:
    """Draw the path of Newton's method beside gradient descent and momentum, in the same valley."""
    count = 20 if quick else 150
    paths = {
        "SGD, η = 0.3": _descend(dr.SGD(), 0.3, count),
        "Momentum(0.9), η = 0.3": _descend(dr.Momentum(0.9), 0.3, count),
    }
    params, path = make_params(*START), [START]
    for _ in range(12):
        params = dr.calculus.newton_step(lambda p: NEURON.gradients(p, *VALLEY), params)
        path.append(_get_point(params))
    return _draw_paths({**paths, "Newton": path}, count)
