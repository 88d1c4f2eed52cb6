"""Greedy pretraining: a deep belief net from Boltzmann machines that are trained one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

from deltarule.core.belief_network import DeepBeliefNet
from deltarule.core.constraints import check
from deltarule.core.network import SIZES
from deltarule.core.rbm import RBM
from deltarule.data.dataset import Dataset
from deltarule.data.encodings import OneHot
from deltarule.errors import InvalidArgument
from deltarule.models.history import History
from deltarule.models.model import Model
from deltarule.training.arguments import DATASET
from deltarule.training.fit import fit
from deltarule.training.keywords import split_keywords
from deltarule.training.training import Training


def pretrain(sizes: Sequence[int], train: Dataset, training: Training | None = None, **keywords: Any) -> Model:
    """Train a deep belief net greedily: each layer as a Boltzmann machine on the hidden units of the machine below.

    The top machine gets label units, one for each class. To train the net further without
    backpropagation, by the up-down algorithm, give the model to :func:`fit`. To train it by backpropagation, give
    :func:`fit` the model ``Model(Network(net.layers, net.cost, net.input_shape), model.params, model.preprocessing)``,
    where ``net = model.network``.

    Args:
        sizes: The numbers of units, from the inputs to the top, such as [784, 500, 500, 2000].
        train: The training set, with labels that are classes.
        training: The settings of each machine's training; see :class:`Training`.
        **keywords: Fields of ``training`` and of an :class:`Execution`, as for :func:`fit`.

    Returns:
        The net as a model. Its history is that of the top machine.

    Raises:
        InvalidArgument, ShapeError, DataError, DivergedError, Interrupted: As in :func:`fit`; also if the labels are no
            classes.

    >>> import deltarule as dr
    >>> train, _, test = dr.data.load("digits")
    >>> model = pretrain([64, 50, 100], train, epochs=15, eta=0.1, optimizer=dr.Momentum(0.5), seed=1)
    >>> model.accuracy(test) > 0.8, model.sample(2, label=7, steps=50).shape
    (True, (2, 8, 8))
    """
    training, execution = split_keywords("pretrain", training, None, keywords)
    check("sizes", sizes, SIZES)
    check("train", train, DATASET)
    if not isinstance(train.encoding, OneHot) or train.encoding.n_out < 2:
        raise InvalidArgument(
            argument="train", expected="a data set whose labels are two classes or more", value=train.encoding
        )
    n_labels, data, found = train.encoding.n_out, train, []
    for i, (below, above) in enumerate(pairwise(sizes)):
        machine = RBM(below, above, n_labels if i == len(sizes) - 2 else 0)
        found.append(fit(machine, data, training, execution=execution))
        if i < len(sizes) - 2:
            data = Dataset(found[-1].hidden(data), train.y, train.name, 1.0, train.classes, train.encoding)
    return stack(found)


def stack(models: Sequence[Model]) -> Model:
    """Stack the models of Boltzmann machines to a deep belief net, the lowest first.

    The weights of the lower machines become recognition weights and generative weights alike. Raises
    :class:`InvalidArgument` unless each machine's inputs are as many as the hidden units below, and the last has label
    units.
    """
    machines = [model.network for model in models if isinstance(model.network, RBM)]
    fits = len(machines) == len(models) > 0 and all(a.n_hidden == b.n_visible for a, b in pairwise(machines))
    if not fits or not machines[-1].n_labels or any(machine.n_labels for machine in machines[:-1]):
        raise InvalidArgument(
            argument="models",
            expected="models of Boltzmann machines that fit on each other, of which the last alone has label units",
            value=[model.network for model in models],
        )
    top = models[-1]
    net = DeepBeliefNet([*(machine.n_visible for machine in machines), machines[-1].n_hidden], machines[-1].n_labels)
    params = [{"w": p["w"], "c": p["c"], "g": p["w"], "b": p["b"]} for p in (model.params[0] for model in models[:-1])]
    last = {name: top.params[0][name] for name in ("w", "b", "c")}
    first, encoding = models[0].preprocessing, top.preprocessing.encoding
    preprocessing = replace(first, encoding=encoding, classes=top.preprocessing.classes)
    return Model(net, [*params, last], preprocessing, History(top.history.records), top.settings)
