"""An ensemble: several networks trained apart that vote (chapter 6, "Using an ensemble of networks")."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from numbers import Real
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from deltarule.data.dataset import Dataset
from deltarule.data.encodings import OneHot
from deltarule.errors import DivergedError, FileError, InvalidArgument
from deltarule.models import files
from deltarule.models.history import History, Record
from deltarule.models.model import Model, model_content, model_of
from deltarule.models.words import in_words


@dataclass(frozen=True, eq=False, init=False)
class Ensemble(Model):
    """``models`` that answer together, by ``voting``.

    ``"hard"`` elects the label that most of them name, as the book does (see :func:`hard`);
    ``"soft"`` the one with the largest mean of their probabilities, so that who is sure counts for
    more (see :func:`soft`). An ensemble can do what a model can; where that asks for one network
    (``network``, ``params``, the settings), it is the first member's. ``history`` holds the means
    over the members.

    Raises :class:`InvalidArgument` unless all are models, and no ensembles, that have an output for each of the same
    classes, and for another ``voting``.

    >>> from deltarule.core.network import Network
    >>> network = Network.dense([784, 30, 10])
    >>> Ensemble([Model(network, network.init(seed), OneHot(10)) for seed in range(5)])
    Ensemble(5 × 784-30-10, Sigmoid, CrossEntropy; 0 epochs)
    """

    models: tuple[Model, ...] = ()
    voting: str = "hard"

    def __init__(self, models: Sequence[Model], voting: str = "hard") -> None:
        if isinstance(models, Model) or not isinstance(models, Iterable):
            raise InvalidArgument(f"models {models!r}: give a list of models")
        models = tuple(models)
        refuse_voting(voting)
        if not models:
            raise InvalidArgument("an ensemble needs at least one model")
        for i, model in enumerate(models):
            _refuse_what_is_no_model(i, model)
        first = models[0]
        for i, model in enumerate(models):
            if not isinstance(model.encoding, OneHot) or model.encoding.n_out < 2:
                raise InvalidArgument(
                    f"model {i} has outputs encoded by {model.encoding}: only networks with an output for each of "
                    "several classes can vote"
                )
            kind, firsts = _kind(model), _kind(first)
            if kind != firsts:
                name = next(name for name in kind if kind[name] != firsts[name])
                raise InvalidArgument(
                    f"model {i} has {name} {kind[name]}, but model 0 {firsts[name]}: they cannot vote"
                )
        settings = {**first.settings, "members": len(models), "seeds": [m.settings.get("seed") for m in models]}
        super().__init__(
            first.network,
            first.params,
            first.encoding,
            first.scale,
            first.classes,
            first.example_shape,
            _means([model.history for model in models]),
            settings,
            Ensemble([m.best for m in models if m.best], voting) if all(m.best for m in models) else None,
            first.style,
        )
        object.__setattr__(self, "models", models)
        object.__setattr__(self, "voting", voting)

    def __repr__(self) -> str:
        return f"Ensemble({len(self.models)} × {in_words(self.network)}; {len(self.history)} epochs)"

    def outputs(self, x: np.ndarray) -> np.ndarray:
        """The mean of the members' outputs, shape (n, n_out)."""
        return _mean([model.outputs(x) for model in self.models])

    def probabilities(self, x: np.ndarray) -> np.ndarray:
        """The mean of the members' probabilities, shape (n, n_out)."""
        return _mean([model.probabilities(x) for model in self.models])

    def predict(self, x: np.ndarray) -> np.ndarray:
        """The label that the members elect for each example, shape (n,)."""
        return VOTING[self.voting]([model.probabilities(x) for model in self.models])

    def shares(self, dataset: Dataset) -> np.ndarray:
        """The mean of the members' probabilities, for the examples of a data set, by that data set's own scale."""
        return _mean([model.shares(dataset) for model in self.models])

    def predictions(self, dataset: Dataset) -> np.ndarray:
        """The label that the members elect for each example of a data set, by its own scale, shape (n,)."""
        return VOTING[self.voting]([model.shares(dataset) for model in self.models])

    def measure(self, dataset: Dataset) -> dict[str, float]:
        """``accuracy`` of the vote (of labels that are classes), and ``cost``, the mean of the members' costs."""
        costs = {"cost": float(np.mean([model.cost(dataset) for model in self.models]))}
        if dataset.labels.dtype.kind == "f":
            return costs
        return {"accuracy": float(np.mean(self.predictions(dataset) == dataset.labels)), **costs}

    @property
    def parameters_sha256(self) -> str:
        """A fingerprint of all members' parameters: equal if and only if every bit of them is, in this order."""
        return hashlib.sha256("".join(model.parameters_sha256 for model in self.models).encode()).hexdigest()

    def save(self, path: str | PathLike[str]) -> None:
        """Writes all members to one ``.safetensors`` file. Raises :class:`FileError` if it cannot be written."""
        files.write(files.expanded(path), *joined([model_content(model) for model in self.models], self.voting))


def hard(probabilities: Sequence[np.ndarray]) -> np.ndarray:
    """The class that most voters find most probable; among equals, the one with the largest sum of probabilities.

    ``probabilities`` holds an array of shape (n, classes) for each voter; the result has shape (n,).

    >>> hard([np.array([[0.6, 0.4]]), np.array([[0.1, 0.9]])]).tolist()  # a vote each, and 0.7 against 1.3
    [1]
    """
    votes = reduce(np.add, (np.eye(p.shape[1])[p.argmax(axis=1)] for p in probabilities))
    # a mean is at most 1, so half of it decides among equals and never outweighs a vote
    return (votes + _mean(probabilities) / 2).argmax(axis=1)


def soft(probabilities: Sequence[np.ndarray]) -> np.ndarray:
    """The class with the largest mean of the voters' probabilities; shapes as those of :func:`hard`.

    >>> two_to_one = [np.array([[0.6, 0.4]]), np.array([[0.6, 0.4]]), np.array([[0.1, 0.9]])]
    >>> soft(two_to_one).tolist(), hard(two_to_one).tolist()  # means of 0.43 and 0.57, but two votes against one
    ([1], [0])
    """
    return _mean(probabilities).argmax(axis=1)


VOTING: dict[str, Callable[[Sequence[np.ndarray]], np.ndarray]] = {"hard": hard, "soft": soft}
"""How members elect a class, by name."""


def refuse_voting(name: str) -> None:
    """Raises :class:`InvalidArgument` unless members can vote so."""
    if name not in list(VOTING):  # a list, as a damaged file may have anything for a name
        raise InvalidArgument(f"voting {name!r}: choose {' or '.join(VOTING)}")


Content = tuple[dict[str, np.ndarray], dict[str, Any]]
"""The tensors and the description that stand for something in a file."""


def joined(contents: Sequence[Content], voting: str) -> Content:
    """The content of a file that holds several models, and how they vote."""
    tensors = {f"members/{i}/{name}": leaf for i, (own, _) in enumerate(contents) for name, leaf in own.items()}
    return tensors, {"members": [description for _, description in contents], "voting": voting}


def parted(path: Path, tensors: Mapping[str, np.ndarray], description: Mapping[str, Any]) -> tuple[list[Content], str]:
    """What :func:`joined` put together. Raises :class:`FileError` if it is damaged."""
    members = description["members"]
    if not isinstance(members, list) or not members or not all(isinstance(member, dict) for member in members):
        raise FileError(f"{path} is damaged: it says that its members are {str(members)[:60]!r}")
    contents: list[Content] = []
    for i, member in enumerate(members):
        start = f"members/{i}/"
        own = {name.removeprefix(start): leaf for name, leaf in tensors.items() if name.startswith(start)}
        contents.append((own, member))
    return contents, description.get("voting", "hard")  # which files of earlier versions mean


def ensemble_of(
    path: Path, tensors: Mapping[str, np.ndarray], description: Mapping[str, Any], custom: Iterable[type] = ()
) -> Ensemble:
    """The ensemble in a file's content; ``path`` is named in errors."""
    contents, voting = parted(path, tensors, description)
    try:
        return Ensemble([model_of(path, *own, custom) for own in contents], voting)
    except InvalidArgument as error:
        raise FileError(f"{path} is damaged: {error}") from None


def _refuse_what_is_no_model(i: int, model: Any) -> None:
    if isinstance(model, DivergedError):
        raise InvalidArgument(
            f"model {i} diverged ({model}): train it again at a smaller eta, or leave it out, "
            "Ensemble([model for model in models if isinstance(model, Model)])"
        )
    if isinstance(model, Ensemble):
        raise InvalidArgument(
            f"model {i} is an ensemble: give its members, such as Ensemble([*ensemble.models, model]), "
            "so that each has a vote"
        )
    if not isinstance(model, Model):
        raise InvalidArgument(f"model {i} is no model, but {model!r}: give a list of models")


def _kind(model: Model) -> dict[str, Any]:
    """What members have to have in common."""
    return {
        "outputs": model.network.n_out,
        "classes": model.classes,
        "scale": model.scale,
        "examples of shape": model.example_shape,
    }


def _mean(arrays: Sequence[np.ndarray]) -> np.ndarray:
    total: np.ndarray = reduce(np.add, arrays)
    return total / len(arrays)


def _means(histories: Sequence[History]) -> History:
    """The means of the numbers that were measured, over the epochs that all have."""
    epochs = zip(*(history.records for history in histories), strict=False)
    return History(tuple(_mean_record(records) for records in epochs))


def _mean_record(records: Sequence[Record]) -> Record:
    first = records[0]
    names = [name for name in first if all(isinstance(record.get(name), Real) for record in records)]
    means = {name: float(np.mean([record[name] for record in records])) for name in names}
    return {**means, **{name: first[name] for name in ("epoch", "step") if name in first}}
