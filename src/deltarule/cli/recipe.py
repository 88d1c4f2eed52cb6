"""From the words of the command line to networks, optimizers and schedules."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

from deltarule.cli.refusals import told_as
from deltarule.core.layer import Layer
from deltarule.core.layers import Dropout
from deltarule.core.network import Network
from deltarule.core.optimizers import SGD, Adam, Momentum, Nesterov, Optimizer
from deltarule.core.regularizers import L1, L2, Regularizer
from deltarule.core.schedules import Constant, Exponential, OneCycle, ReduceOnPlateau, Schedule
from deltarule.data.dataset import Dataset
from deltarule.errors import InvalidArgument
from deltarule.recipes.recipe import MOST_WEIGHTS


def sizes(net: str | None, data: Dataset) -> list[int]:
    """``784-30-10`` as numbers; without it, 30 hidden neurons between what the data need.

    Raises :class:`InvalidArgument` if it is not of that form or does not fit the data.
    """
    n_in, n_out = int(data.x[0].size), data.targets.shape[1]
    if net is None:
        return [n_in, 30, n_out]
    try:
        numbers = [int(n) for n in net.split("-")]
    except ValueError:
        raise InvalidArgument(f"--net {net}: give the sizes of the layers, as {n_in}-30-{n_out}") from None
    if numbers[0] != n_in or numbers[-1] != n_out or min(numbers) < 1 or len(numbers) < 2:
        fitting = "-".join(map(str, [n_in, *([n for n in numbers[1:-1] if n > 0] or [30]), n_out]))
        name = data.name.removesuffix(" training")
        raise InvalidArgument(
            f"--net {net} does not fit {name}: {n_in} inputs and {n_out} outputs, as --net {fitting} has"
        )
    if (weights := sum(a * b for a, b in pairwise(numbers))) > MOST_WEIGHTS:
        raise InvalidArgument(f"--net {net} has {weights:,} weights; {MOST_WEIGHTS:,} are the most")
    return numbers


def network(net: str | None, cost: str, hidden: str, init: str, dropout: float, data: Dataset) -> Network:
    """A network of dense layers, with dropout on each hidden layer where it is above 0."""
    plain = Network.dense(sizes(net, data), cost=cost, hidden=hidden, init=init)
    if dropout == 0:
        return plain
    if len(plain.layers) == 1:
        raise InvalidArgument(f"--dropout {dropout:g} silences hidden neurons, and this network has none")
    with told_as(f"--dropout {dropout:g}"):
        dropping = Dropout(dropout)
    layers: list[Layer] = []
    for i, layer in enumerate(plain.layers):
        layers += [layer, dropping] if i % 2 else [layer]
    return Network(layers, plain.cost, plain.input_shape)


def optimizer(name: str, mu: float | None) -> Optimizer:
    """``sgd``, ``momentum``, ``nesterov`` or ``adam``; ``mu`` is the momentum of the middle two."""
    with_mu: dict[str, Callable[..., Optimizer]] = {"momentum": Momentum, "nesterov": Nesterov}
    if name in with_mu:
        if mu is None:
            return with_mu[name]()
        with told_as(f"--mu {mu:g}"):
            return with_mu[name](mu)
    plain: dict[str, Callable[[], Optimizer]] = {"sgd": SGD, "adam": Adam}
    if name not in plain:
        raise InvalidArgument(f"--optimizer {name} is not known; choose one of {', '.join([*plain, *with_mu])}")
    if mu is not None:
        raise InvalidArgument(f"--mu is the momentum of momentum and nesterov; {name} has none")
    return plain[name]()


def regularizer(l1: float, l2: float) -> Regularizer | None:
    """L1 or L2 with this λ, or none."""
    if l1 and l2:
        raise InvalidArgument("--l1 and --l2 together are not offered; choose one")
    if l1:
        with told_as(f"--l1 {l1:g}"):
            return L1(l1)
    with told_as(f"--l2 {l2:g}"):
        return L2(l2) if l2 else None


def schedule(text: str, eta: float) -> Schedule:
    """``constant``, ``exponential:0.9``, ``halve:10`` or ``one-cycle``, with ``eta`` as its start or peak."""
    name, _, parameter = text.partition(":")
    known: dict[str, Callable[..., Any]] = {
        "constant": lambda: Constant(eta),
        "exponential": lambda rate="0.9": Exponential(eta, float(rate)),
        "halve": lambda patience="10": ReduceOnPlateau(eta, int(patience)),
        "one-cycle": lambda rise="0.25": OneCycle(eta, float(rise)),
    }
    usual = ":".join([name, *(getattr(known.get(name), "__defaults__", None) or ())])
    if name not in known:
        raise InvalidArgument(
            f"--schedule {text} is not known; choose constant, exponential:0.9, halve:10 or one-cycle"
        )
    try:
        with told_as(f"--schedule {text}"):
            return known[name](parameter) if parameter else known[name]()
    except (ValueError, TypeError):
        raise InvalidArgument(f"--schedule {text}: {parameter!r} is not what {name} takes; write {usual}") from None
