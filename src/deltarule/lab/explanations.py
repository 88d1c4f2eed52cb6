"""Explanations of a run that diverges or learns nothing, each with a change that is likely to help."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from deltarule.core.optimizers import Adam
from deltarule.data.dataset import Dataset
from deltarule.data.encodings import OneHot
from deltarule.lab.run_records import Job, Points, Rates, Snapshot
from deltarule.models.assessment import is_no_better
from deltarule.models.labels import name_class
from deltarule.models.model import Model
from deltarule.training.causes import find_causes
from deltarule.training.idle_units import count_idle_units

RISE = 1.3
"""The factor above its least from which a cost counts as risen."""

FEWEST_POINTS = 8
"""The fewest measurements of the cost that show a rise."""

FEW_STEPS = 100
"""The mini-batches after which a network should have learned something."""

LEAST_IDLE = 0.2
"""The share of idle units of a layer from which it is named."""

EXAMPLES = 500
"""The examples with which units are looked at."""


@dataclass(frozen=True)
class Explanation:
    """An explanation of a run.

    Attributes:
        text: What happened, a sentence.
        facts: What was seen, sentences.
        label: The caption of the button that is likely to help; "" for none.
        change: The rates that the button changes: "eta" or "lmbda".
        restart: Whether the button starts a new run, or changes η of this one.
    """

    text: str
    facts: tuple[str, ...] = ()
    label: str = ""
    change: dict[str, Any] = field(default_factory=dict)
    restart: bool = True


def explain_run(snapshot: Snapshot, job: Job, rates: Rates, confusions: np.ndarray | None) -> Explanation | None:
    """Explain a run that diverged, whose cost rises, or that learned nothing; return None for another one.

    Args:
        snapshot: The state of the run.
        job: Its job.
        rates: Its η and λ.
        confusions: The counts of its predictions for validation examples, (labels, predictions); None for numbers.
    """
    if snapshot.diverged:
        facts = (*_describe_rise(snapshot.costs), *describe_units(snapshot.model, job.train))
        if (decay := rates.eta * rates.lmbda / len(job.train)) > 1:
            text = (
                f"The run diverged: the weight decay multiplies all weights by 1 − ηλ/n = {1 - decay:.3g} in each step."
            )
            return Explanation(text, facts, "start again with λ = 0", {"lmbda": 0.0})
        text = f"The run diverged: with η = {rates.eta:g} each step leads to a higher cost."
        return _restart(text, facts, min(rates.eta / 10, find_usual_eta(job)))
    if snapshot.status == "failed" or snapshot.model is None or snapshot.steps < FEW_STEPS:
        return None
    if (rise := find_rise(snapshot.costs)) is not None:
        units = describe_units(snapshot.model, job.train)
        facts = (*_describe_rise(snapshot.costs), *_describe_commonest(snapshot.model, confusions), *units)
        text = f"The cost rises: η = {rates.eta:g} is too large."
        if rise[0] == 0 or units:  # saturated neurons hardly recover
            return _restart(text, facts, min(rates.eta / 10, find_usual_eta(job)))
        eta = _round(rates.eta / 3)
        if snapshot.status == "done":
            return _restart(text, facts, eta)
        return Explanation(text, facts, f"go on with η = {eta:g}", {"eta": eta}, restart=False)
    if confusions is None or not snapshot.records or not is_no_better(confusions):
        return None
    return _explain_nothing(snapshot.model, job, rates, confusions)


def _explain_nothing(model: Model, job: Job, rates: Rates, confusions: np.ndarray) -> Explanation:
    """Explain why a network is no better than a constant answer, by what the library finds."""
    causes = find_causes(model, job.train, job.validation)
    units = describe_units(model, job.train)
    facts = [*_describe_commonest(model, confusions)]
    facts += [_write_sentence(cause.text, cause.remedy) for cause in causes if "units" not in cause.kind] + [*units]
    text = "So far the network is no better than one that always gives the same answer."
    etas = [float(cause.settings["eta"]) for cause in causes if "eta" in cause.settings]
    if not etas and any(cause.remedy for cause in causes):
        return Explanation(text, tuple(facts))
    eta = etas[0] if etas else 10 * rates.eta
    return _restart(text, tuple(facts), min(eta, find_usual_eta(job)) if eta < rates.eta else eta)


def _restart(text: str, facts: tuple[str, ...], eta: float) -> Explanation:
    """Explain a run, with a button that starts again with another η."""
    return Explanation(text, facts, f"start again with η = {_round(eta):g}", {"eta": _round(eta)})


def find_usual_eta(job: Job) -> float:
    """Return an η with which most networks learn something: steps of Adam have another size."""
    return 0.001 if isinstance(job.optimizer, Adam) else Rates.eta


def find_rise(costs: Points) -> tuple[int, float, float] | None:
    """Find the mini-batch since which the cost has risen, with its cost and the last one; None if it has not risen.

    The last quarter of the measurements must be above the least cost by :data:`RISE`. A cost that is not finite counts
    as risen.

    >>> find_rise(tuple((10 * i, cost) for i, cost in enumerate([2.0, 1.5, 1.0, 1.2, 1.5, 1.9, 2.5, 3.0])))
    (20, 1.0, 3.0)
    """
    if len(costs) < FEWEST_POINTS and all(np.isfinite(cost) for _, cost in costs):
        return None
    values = np.array([cost if np.isfinite(cost) else np.inf for _, cost in costs])
    if not len(values):
        return None
    at = len(values) - 1 - int(values[::-1].argmin())
    last = values[-max(2, len(values) // 4) :]
    is_new = at >= len(values) - 2
    if is_new or last.min() < RISE * values[at]:
        return None
    return costs[at][0], float(values[at]), float(values[-1])


def _describe_rise(costs: Points) -> Iterator[str]:
    if (rise := find_rise(costs)) is not None:
        steps, least, last = rise
        to = f"to {last:.3g}" if np.isfinite(last) else "beyond all numbers"
        yield f"The cost on some training examples has risen since mini-batch {steps:,}: from {least:.3g} {to}."


def _describe_commonest(model: Model, confusions: np.ndarray | None) -> Iterator[str]:
    """Say which class most predictions are."""
    if confusions is None or not confusions.sum() or not isinstance(model.encoding, OneHot):
        return
    predicted, true = confusions.sum(axis=0) / confusions.sum(), confusions.sum(axis=1) / confusions.sum()
    label = int(predicted.argmax())
    yield (
        f"{100 * predicted[label]:.0f} % of its answers to validation examples are {name_class(model, label)}, "
        f"which is right for {100 * true[label]:.0f} %."
    )


def describe_units(model: Model | None, train: Dataset) -> tuple[str, ...]:
    """Describe the layers in which many neurons are saturated or dead."""
    if model is None or not all(np.isfinite(leaf).all() for layer in model.params for leaf in layer.values()):
        return ()
    x = model.preprocessing.transform(train.take(slice(EXAMPLES)))
    return tuple(
        f"Layer {one.layer} ({one.name}): {one.idle} of {one.units} neurons are {one.what}."
        for one in count_idle_units(model, np.asarray(x))
        if one.idle >= LEAST_IDLE * one.units
    )


def _write_sentence(text: str, remedy: str) -> str:
    sentence = f"{text}; {remedy}" if remedy else text
    return f"{sentence[:1].upper()}{sentence[1:]}."


def _round(eta: float) -> float:
    """Round a learning rate to two digits."""
    return float(f"{eta:.2g}")
