"""Networks given by the sizes of their layers, such as ``--net 784-30-10``."""

from __future__ import annotations

from itertools import pairwise
from math import prod

from deltarule import limits
from deltarule.cli.option_errors import option_error, report_as_option
from deltarule.core.layer import Layer
from deltarule.core.layers import Dropout
from deltarule.core.network import Network
from deltarule.preprocessing import Preprocessing, WordColumn


def parse_sizes(net: str | None, fitted: Preprocessing) -> list[int]:
    """Parse ``784-30-10``; None means 30 hidden neurons between the inputs and outputs that the data need.

    Raises :class:`InvalidArgument` for another text, or sizes that do not fit the data.
    """
    n_in, n_out = prod(fitted.input_shape), fitted.encoding.n_out
    if net is None:
        return [n_in, 30, n_out]
    try:
        numbers = [int(n) for n in net.split("-")]
    except ValueError:
        raise option_error("--net", net, f"the sizes of the layers, such as {n_in}-30-{n_out}") from None
    if numbers[0] != n_in or numbers[-1] != n_out or min(numbers) < 1 or len(numbers) < 2:
        fitting = "-".join(map(str, [n_in, *([n for n in numbers[1:-1] if n > 0] or [30]), n_out]))
        columns = _explain_inputs(fitted)
        expected = f"{n_in} inputs{columns} and {n_out} outputs to fit the data, and no layer without neurons"
        raise option_error("--net", net, expected, f"use --net {fitting}")
    if (weights := sum(a * b for a, b in pairwise(numbers))) > limits.WEIGHTS:
        raise option_error(
            "--net",
            net,
            f"at most {limits.WEIGHTS:,} weights",
            f"it has {weights:,}; {limits.describe_remedy('WEIGHTS', 'use fewer neurons')}",
        )
    return numbers


def _explain_inputs(fitted: Preprocessing) -> str:
    """Say which columns become several inputs; empty if none does."""
    columns = getattr(fitted.inputs, "columns", ())
    words = [f"column {column.name} as {column.inputs}" for column in columns if isinstance(column, WordColumn)]
    return f" ({', '.join(words[:4])}{', …' if len(words) > 4 else ''})" if words else ""


def build_network(net: str | None, cost: str, hidden: str, init: str, dropout: float, fitted: Preprocessing) -> Network:
    """Build a network of dense layers, with dropout after each hidden layer if it is above 0."""
    plain = Network.dense(parse_sizes(net, fitted), cost=cost, hidden=hidden, init=init)
    if dropout == 0:
        return plain
    if len(plain.layers) == 1:
        raise option_error("--dropout", dropout, "0 for a network without hidden neurons")
    with report_as_option("--dropout", dropout):
        drop = Dropout(dropout)
    layers: list[Layer] = []
    for i, layer in enumerate(plain.layers):
        layers += [layer, drop] if i % 2 else [layer]
    return Network(layers, plain.cost, plain.input_shape)
