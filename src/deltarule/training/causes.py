"""Causes for which a network learned nothing, found by looking at its data, its layers and its cost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import isfinite
from typing import Any

import numpy as np

from deltarule.core.costs import Quadratic
from deltarule.data.blanks import find_blanks
from deltarule.data.constant_inputs import find_constant
from deltarule.data.dataset import Dataset
from deltarule.data.encodings import MultiLabel, OneHot, Standardized
from deltarule.data.phrases import count, elide, name_column, refer_to
from deltarule.data.repeats import find_repeats
from deltarule.data.split import shuffle
from deltarule.models.metrics import find_commonest
from deltarule.models.predictor import Predictor, TrainedNetwork
from deltarule.preprocessing.standardization import Standardization
from deltarule.training.idle_units import count_idle_units
from deltarule.training.probes import probe_classes, probe_numbers

MOST = 1000
"""The most training examples that are looked at."""

MANY = 0.5
"""The share of blank examples, constant inputs, or idle units, from which they count as a cause."""


WEAK, STRONG = 0.15, 0.4
"""The measures of a probe below which inputs tell little, and from which they tell a column."""

FEW = 200
"""The number of examples below which a probe may miss what a network can learn from them."""

MOST_COLUMNS = 50
"""The most columns of a table in which another label is looked for."""

GAP = 0.25
"""The difference of two accuracies, or R², from which a network learned examples by heart."""

SAME = "same inputs"

CONSTANT = "constant target"

TOO_SMALL = "eta too small"


@dataclass(frozen=True)
class Cause:
    """A cause for which a network learned nothing.

    Attributes:
        kind: Its name, such as "constant inputs".
        text: What was seen, a clause.
        settings: Settings to try, arguments of the library with their values, such as ``{"label": "ill"}``.
        remedy: Something else to do, a clause; "" for nothing.
    """

    kind: str
    text: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    remedy: str = ""


def find_causes(model: Predictor, train: Dataset, test: Dataset | None = None) -> tuple[Cause, ...]:
    """Find causes for which a model is no better than a constant answer, the likeliest first.

    Args:
        model: The model.
        train: Its training set.
        test: Its test set, if it is another.

    >>> import deltarule as dr
    >>> train = Dataset(np.ones((60, 3, 3)), np.arange(60) % 2, "blank")
    >>> model = dr.fit(dr.Network.dense([9, 2]), train, epochs=1)
    >>> find_causes(model, train)[0].text
    'all 60 training images are the same'
    """
    inputs = (*_look_for_classes(model, train, test), *_look_at_inputs(train))
    if any(cause.kind == SAME for cause in inputs):
        return inputs
    labels = _look_at_labels(model, train)
    if any(cause.kind == CONSTANT for cause in labels):
        return (*inputs, *labels)
    sample = train.take(np.sort(shuffle(len(train), "causes")[:MOST]))
    x = model.preprocessing.transform(sample)
    x = x.reshape(len(x), -1)
    network = model.models[0]
    units = list(_look_at_units(network, x))
    skill = _probe(model, sample, x)
    cost = [one for one in _look_at_cost(network, sample, skill is not None) if not (units and one.kind == TOO_SMALL)]
    if skill is not None and skill < WEAK:
        if others := _find_other_labels(model, sample, x):
            return (*inputs, *labels, _name_other_labels(sample, others, skill), *units)
        return (*inputs, *labels, _doubt_inputs(sample, skill), *units, *(cost if len(sample) < FEW else ()))
    found = (*inputs, *labels, *units, *cost)
    return found or tuple(_compare_sets(model, sample, test))


def _look_for_classes(model: Predictor, train: Dataset, test: Dataset | None) -> Iterator[Cause]:
    """Look for classes of the test set of which the training set has no example."""
    if test is None or not isinstance(train.encoding, OneHot):
        return
    labels = model.preprocessing.find_labels(test)
    lacking = np.setdiff1d(labels, model.preprocessing.find_labels(train))
    if n := int(np.isin(labels, lacking).sum()):
        names = elide([model.classes[i] if i < len(model.classes) else str(i) for i in lacking.tolist()], 3)
        text = f"{n:,} of {count(len(test), 'test example')} are of classes that the training set lacks: {names}"
        yield Cause("unknown classes", text, remedy="add training examples of them")


def _look_at_inputs(train: Dataset) -> Iterator[Cause]:
    """Look for inputs that tell nothing: all the same, blank, or mostly constant."""
    noun = "image" if train.x.ndim > 2 else "row"
    constant = find_constant(train.x)
    if constant.all():
        yield Cause(SAME, f"all {len(train):,} training {noun}s are the same", remedy="check the inputs")
        return
    if noun == "image":
        n = int(find_blanks(train.x).sum())
        if n >= MANY * len(train):
            text = f"{n:,} of {count(len(train), 'training image')} are blank: all their pixels are equal"
            yield Cause("blank inputs", text, remedy="check how the pictures were saved")
    elif constant.mean() >= MANY:
        text = f"{int(constant.sum()):,} of {count(len(constant), 'input')} have the same value in all training rows"
        yield Cause("constant inputs", text, remedy="check these columns")


def _look_at_labels(model: Predictor, train: Dataset) -> list[Cause]:
    """Look for labels that nothing can tell: all the same, others for the same inputs, or nearly one for each."""
    if isinstance(model.encoding, Standardized) and (train.y == train.y[:1]).all():
        text = f"all {len(train):,} training targets are the same"
        return [Cause(CONSTANT, text, remedy="get other examples, or state another target")]
    if not isinstance(train.encoding, OneHot):
        return []
    found = []
    share = find_commonest(train.y)[1]
    repeats = find_repeats(train)
    if repeats.most_right < share + (1 - share) / 4:
        text = f"the same inputs have different labels in {count(repeats.conflicting, 'training example')}"
        at_most = f"{text}, so that at most {100 * repeats.most_right:.1f} % can be right"
        found.append(Cause("identical inputs", at_most, remedy="add inputs that tell them apart"))
    n_labels = len(np.unique(train.y))
    if n_labels > 2 and n_labels > len(train) / 3:
        text = f"the label has {n_labels:,} values in {count(len(train), 'training example')}, nearly one for each"
        remedy = "check that this is the label, or get more examples of each class"
        found.append(Cause("wrong label", text, remedy=remedy))
    return found


def _look_at_units(model: TrainedNetwork, x: np.ndarray) -> Iterator[Cause]:
    """Look for layers of which half the units always give the same, or nearly a limit of their activation."""
    for i, name, idle, units, what in count_idle_units(model, x):
        if idle >= MANY * units:
            text = f"{idle:,} of {count(units, 'unit')} of layer {i} ({name}) are {what}"
            yield Cause("dead units" if "dead" in what else "saturated units", text, _reduce_eta(model))


def _look_at_cost(model: TrainedNetwork, sample: Dataset, has_signal: bool) -> Iterator[Cause]:
    """Compare the cost on the training set with its start and with a constant answer's."""
    y = model.preprocessing.encode(sample).astype(np.float64)
    now, constant = model.evaluate(sample)["cost"], _measure_constant(model, y)
    start = _measure_start(model, sample, y)
    costs = [record["validation_cost"] for record in model.history.records if "validation_cost" in record]
    if not model.network.follows_cost:
        if now > 0.95 * constant:
            text = "a Boltzmann machine learns to write examples first, and to tell their classes after more epochs"
            yield Cause("few epochs", text, {"epochs": 3 * max(1, len(model.history))})
        return
    rises = sum(later > earlier for earlier, later in pairwise(costs))
    has_risen = not isfinite(now) or now > 1.02 * start or (len(costs) > 2 and rises >= len(costs) / 3)
    if now > 1.05 * constant and has_risen:
        text = f"the cost on the training set, {now:.3g}, is above that of a constant answer, {constant:.3g}"
        yield Cause("eta too large", f"{text}: η is too large", _reduce_eta(model))
    elif has_signal and now > 0.95 * constant:
        text = f"the cost on the training set, {now:.3g}, is not below that of a constant answer, {constant:.3g}"
        settings = _scale_eta(model, 100 if now > 0.98 * start else 10) | {"epochs": 3 * max(1, len(model.history))}
        yield Cause(TOO_SMALL, f"{text}: η is too small, or the epochs are too few", settings)


def _measure_constant(model: TrainedNetwork, y: np.ndarray) -> float:
    """Compute the cost of the best constant answer.

    That of the quadratic cost is the mean of the desired outputs, in the range of the output's activation. That of the
    others is found by gradient descent on the last weighted input alone; there they have no plateaus.
    """
    cost, z = model.network.cost, np.zeros((1, y.shape[1]))
    if isinstance(cost, Quadratic):
        a = np.clip(y.mean(axis=0), *cost.bounds)
        return float(np.mean(np.sum((a - y) ** 2, axis=1)) / 2)
    with np.errstate(all="ignore"):
        for _ in range(300):
            z = z - np.mean(np.asarray(cost.delta(np.broadcast_to(z, y.shape), y)), axis=0, keepdims=True)
        return float(cost.value(np.broadcast_to(z, y.shape), y))


def _measure_start(model: TrainedNetwork, sample: Dataset, y: np.ndarray) -> float:
    """Compute the cost before the first step."""
    network = model.network
    x = model.preprocessing.transform(sample).reshape(len(sample), *network.input_shape)
    with np.errstate(all="ignore"):
        z, _ = network.forward(network.init(int(model.settings.get("seed", 0) or 0)), x)
        return float(network.cost.value(np.asarray(z), y))


def _compare_sets(model: Predictor, sample: Dataset, test: Dataset | None) -> Iterator[Cause]:
    """Compare the result on the training set with that on the test set."""
    if test is None:
        return
    own, other = (model.evaluate(data) for data in (sample, test))
    name = next((name for name in ("accuracy", "r2") if name in own), None)
    if name and own[name] - other[name] > GAP:
        value = f"{100 * own[name]:.1f} % right" if name == "accuracy" else f"R² {own[name]:.3f}"
        text = f"on the training set it has {value}: it learned these examples by heart"
        yield Cause("overfitting", text, remedy="get more examples or inputs, or use a smaller network or weight decay")


def _probe(model: Predictor, sample: Dataset, x: np.ndarray) -> float | None:
    """Measure how well the inputs tell the labels without a network; None if that cannot be told."""
    if isinstance(sample.encoding, OneHot):
        return probe_classes(x, sample.y)
    if isinstance(model.encoding, MultiLabel):
        each = [probe_classes(x, column.astype(np.int64)) for column in np.asarray(sample.y).T]
        known = [one for one in each if one is not None]
        return max(known) if len(known) == len(each) else None
    if isinstance(model.encoding, Standardized):
        return probe_numbers(x, np.asarray(sample.y, np.float64).reshape(len(sample), -1))
    return None


def _name_other_labels(sample: Dataset, others: Sequence[str], skill: float) -> Cause:
    """Say that the inputs tell other columns, and little of the label."""
    target, little = _name_target(sample), "little" if skill else "nothing"
    text = f"the inputs tell {little} of the {target}, but they tell {elide(list(map(name_column, others)), 3)}"
    return Cause("wrong label", f"{text}: another {target} may be meant", {"label": refer_to(others[0])})


def _doubt_inputs(sample: Dataset, skill: float) -> Cause:
    """Say that the inputs seem to tell nothing or little of the label."""
    target, little, better = _name_target(sample), *(("little", "hardly better") if skill else ("nothing", "no better"))
    text = f"the inputs seem to tell {little} of the {target}: nearest neighbours and a linear fit are {better}"
    return Cause("independent labels", f"{text} than a constant answer", remedy=f"check inputs and {target}s")


def _name_target(sample: Dataset) -> str:
    return "label" if isinstance(sample.encoding, OneHot) else "target"


def _find_other_labels(model: Predictor, sample: Dataset, x: np.ndarray) -> list[str]:
    """Find columns of few values that the others tell, the best first."""
    inputs, schema = model.preprocessing.inputs, sample.schema
    if not isinstance(inputs, Standardization) or schema is None or len(inputs.columns) > MOST_COLUMNS:
        return []
    found, start = [], 0
    for column in inputs.columns:
        own = np.arange(start, start + column.inputs)
        start += column.inputs
        values = np.unique(x[:, own], axis=0, return_inverse=True)[1].reshape(-1)
        counts = np.bincount(values)
        if 2 <= len(counts) <= 10 and counts.min() >= 5:
            skill = probe_classes(np.delete(x, own, axis=1), values)
            if skill is not None and skill >= STRONG:
                found.append((skill, column.name))
    return [name for _, name in sorted(found, reverse=True)]


def _reduce_eta(model: TrainedNetwork) -> dict[str, Any]:
    return _scale_eta(model, 0.1)


def _scale_eta(model: TrainedNetwork, factor: float) -> dict[str, Any]:
    """Return another η, a multiple of that of the first epoch; nothing if it is not known."""
    etas = [float(record["eta"]) for record in model.history.records if record.get("eta")]
    return {"eta": f"{factor * max(etas):.2g}"} if etas else {}
