"""Networks by the sizes of their layers, as ``--net 784-30-10`` gives them."""

from __future__ import annotations

from itertools import pairwise

from deltarule.cli.option_errors import given_by, refuse
from deltarule.core.layer import Layer
from deltarule.core.layers import Dropout
from deltarule.core.network import Network
from deltarule.data.dataset import Dataset
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
        raise refuse("--net", net, f"the sizes of the layers, as {n_in}-30-{n_out}") from None
    if numbers[0] != n_in or numbers[-1] != n_out or min(numbers) < 1 or len(numbers) < 2:
        fitting = "-".join(map(str, [n_in, *([n for n in numbers[1:-1] if n > 0] or [30]), n_out]))
        name = data.name.removesuffix(" training")
        expected = f"{n_in} inputs, {n_out} outputs and no layer without neurons, to fit {name}"
        raise refuse("--net", net, expected, f"give --net {fitting}")
    if (weights := sum(a * b for a, b in pairwise(numbers))) > MOST_WEIGHTS:
        raise refuse("--net", net, f"{MOST_WEIGHTS:,} weights at most", f"it has {weights:,}")
    return numbers


def network(net: str | None, cost: str, hidden: str, init: str, dropout: float, data: Dataset) -> Network:
    """A network of dense layers, with dropout on each hidden layer where it is above 0."""
    plain = Network.dense(sizes(net, data), cost=cost, hidden=hidden, init=init)
    if dropout == 0:
        return plain
    if len(plain.layers) == 1:
        raise refuse("--dropout", dropout, "0 for a network without hidden neurons, which it would silence")
    with given_by("--dropout", dropout):
        dropping = Dropout(dropout)
    layers: list[Layer] = []
    for i, layer in enumerate(plain.layers):
        layers += [layer, dropping] if i % 2 else [layer]
    return Network(layers, plain.cost, plain.input_shape)
