"""Fields of records as keyword arguments: ``fit(network, train, epochs=30, engine="numpy")``."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from typing import Any, Concatenate, ParamSpec, TypeVar

from deltarule.core.constraints import check, instance, optional
from deltarule.data.dataset import Dataset
from deltarule.engines.execution import EXECUTION, Execution
from deltarule.errors import InvalidArgument
from deltarule.training.training import Training

N = TypeVar("N")
P = ParamSpec("P")
T = TypeVar("T")

OF_TRAINING, OF_EXECUTION = (tuple(field.name for field in fields(record)) for record in (Training, Execution))

_TRAINING = optional(instance(Training, "a Training such as Training(epochs=30, eta=0.5)"))

SYNONYMS = {
    "lr": "eta",
    "learning_rate": "eta",
    "n_epochs": "epochs",
    "num_epochs": "epochs",
    "max_iter": "epochs",
    "mini_batch_size": "batch_size",
    "random_state": "seed",
    "validation_data": "validation",
    "weight_decay": "regularizer",
    "alpha": "regularizer",
    "transform": "augmentation",
    "shuffle": "order",
    "device": "devices",
    "n_jobs": "threads",
    "expansion": "augmentation",
    "lmbda": "regularizer",
    "cost": "Network.dense(sizes, cost=...)",
    "loss": "Network.dense(sizes, cost=...)",
    "hidden_layer_sizes": "Network.dense([n_in, 100, n_out])",
}
"""Names of settings in other libraries and in the book, and their names here."""


def with_keywords_of(
    arguments: Callable[P, object],
) -> Callable[[Callable[Concatenate[N, Dataset, ...], T]], Callable[Concatenate[N, Dataset, P], T]]:
    """Give a function's signature the fields of a record, for type checkers, editors and ``help``.

    So each setting is defined once, as a field of its record. The function itself takes ``**keywords`` and passes them
    to :func:`split_keywords`.
    """

    def decorate(function: Callable[Concatenate[N, Dataset, ...], T]) -> Callable[Concatenate[N, Dataset, P], T]:
        positional = list(inspect.signature(function).parameters.values())[:2]
        keywords = list(inspect.signature(arguments).parameters.values())
        function.__signature__ = inspect.Signature([*positional, *keywords])  # type: ignore[attr-defined] # read by inspect
        return function

    return decorate


def split_keywords(
    function: str, training: Training | None, execution: Execution | None, keywords: Mapping[str, Any]
) -> tuple[Training, Execution]:
    """Replace the fields of a training and an execution by keywords of their names.

    Raises :class:`InvalidArgument` for a name that neither has, with a suggestion, and for an invalid value.

    >>> split_keywords("fit", Training(epochs=5), None, {"eta": 0.1})[0].schedule
    Constant(value=0.1)
    >>> split_keywords("fit", None, None, {"lr": 0.1})
    Traceback (most recent call last):
        ...
    deltarule.errors.InvalidArgument: lr: fit has no argument of this name; did you mean eta?
    """
    check("training", training, _TRAINING)
    check("execution", execution, EXECUTION)
    for name, value in keywords.items():
        if name not in OF_TRAINING + OF_EXECUTION:
            from difflib import get_close_matches

            near = SYNONYMS.get(name) or next(iter(get_close_matches(name, OF_TRAINING + OF_EXECUTION, 1)), "")
            raise InvalidArgument(
                f"{function} has no argument of this name",
                argument=name,
                value=value,
                remedy=f"did you mean {near}?" if near else f"it takes {', '.join(OF_TRAINING + OF_EXECUTION)}",
            )
    changed = {name: value for name, value in keywords.items() if name in OF_TRAINING}
    executed = {name: value for name, value in keywords.items() if name in OF_EXECUTION}
    try:
        return replace(training or Training(), **changed), replace(execution or Execution(), **executed)
    except InvalidArgument as error:
        error.with_fields(owner="")  # the caller gave a keyword, not a record
        raise
