"""An ensemble: several networks trained apart that vote (chapter 6, "Using an ensemble of networks")."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from numbers import Real
from os import PathLike
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from deltarule.core.constraints import Constraint, Constraints, check, one_of, validate
from deltarule.data.dataset import Dataset
from deltarule.data.encodings import Encoding, OneHot
from deltarule.data.photo import Style
from deltarule.errors import DivergedError, FileError, InvalidArgument
from deltarule.models import files
from deltarule.models.files import Content
from deltarule.models.history import History, Record
from deltarule.models.metrics import check_dataset, compute_accuracy, count_confusions
from deltarule.models.model import Model, pack_model, unpack_model
from deltarule.models.summary import summarize


def vote_hard(probabilities: Sequence[np.ndarray]) -> np.ndarray:
    """Elect the class that most voters find most probable; among equals, the one with the largest sum of probabilities.

    ``probabilities`` holds an array of shape (n, classes) for each voter; the result has shape (n,).

    >>> vote_hard([np.array([[0.6, 0.4]]), np.array([[0.1, 0.9]])]).tolist()  # a vote each, and 0.7 against 1.3
    [1]
    """
    votes = reduce(np.add, (np.eye(p.shape[1])[p.argmax(axis=1)] for p in probabilities))
    # a mean is at most 1, so half of it decides among equals and never outweighs a vote
    return np.asarray((votes + _mean(probabilities) / 2).argmax(axis=1))


def vote_soft(probabilities: Sequence[np.ndarray]) -> np.ndarray:
    """Elect the class with the largest mean of the voters' probabilities; shapes as those of :func:`hard`.

    >>> two_to_one = [np.array([[0.6, 0.4]]), np.array([[0.6, 0.4]]), np.array([[0.1, 0.9]])]
    >>> vote_soft(two_to_one).tolist(), vote_hard(two_to_one).tolist()  # means of 0.43 and 0.57, but two votes against one
    ([1], [0])
    """
    return np.asarray(_mean(probabilities).argmax(axis=1))


VOTING: dict[str, Callable[[Sequence[np.ndarray]], np.ndarray]] = {"hard": vote_hard, "soft": vote_soft}
"""How members elect a class, by name."""

VOTINGS: Constraint = one_of(*VOTING)
"""The names of the ways to vote."""


@dataclass(frozen=True, eq=False)
class Ensemble:
    """``models`` that answer together, by ``voting``.

    ``"hard"`` elects the label that most of them name, as the book does (see :func:`vote_hard`);
    ``"soft"`` the one with the largest mean of their probabilities, so that who is sure counts for
    more (see :func:`vote_soft`). An ensemble answers as a model does (see :class:`Predictor`); networks and
    parameters are its members', ``models[0].network``.

    Raises :class:`InvalidArgument` unless all are models, and no ensembles, that have an output for each of the same
    classes, and for another ``voting``.

    >>> from deltarule.core.network import Network
    >>> network = Network.dense([784, 30, 10])
    >>> Ensemble([Model(network, network.init(seed), OneHot(10)) for seed in range(5)])
    Ensemble(5 × 784-30-10, Sigmoid, CrossEntropy; 0 epochs)
    """

    models: Sequence[Model]
    voting: str = "hard"

    kind: ClassVar[str] = "ensemble"
    constraints: ClassVar[Constraints] = {"voting": VOTINGS}

    def __post_init__(self) -> None:
        object.__setattr__(self, "models", _as_members(self.models))
        validate(self)

    def __repr__(self) -> str:
        return f"Ensemble({len(self.models)} × {summarize(self.models[0].network)}; {len(self.history)} epochs)"

    @property
    def encoding(self) -> Encoding:
        """How labels become desired outputs, and outputs labels."""
        return self.models[0].encoding

    @property
    def scale(self) -> float:
        """The number by which inputs are divided."""
        return self.models[0].scale

    @property
    def classes(self) -> tuple[str, ...]:
        """The names of the labels 0, 1, 2, …"""
        return self.models[0].classes

    @property
    def example_shape(self) -> tuple[int, ...]:
        """The shape of an example in its file."""
        return self.models[0].example_shape

    @property
    def style(self) -> Style | None:
        """How digits lay in the pictures of the training data; None: pictures are taken as they are."""
        return self.models[0].style

    @property
    def picture_style(self) -> Style:
        """How the ink of a digit is laid in the field: as in the training data, or as is usual for its size."""
        return self.models[0].picture_style

    @cached_property
    def history(self) -> History:
        """The means of the members' histories, over the epochs that all have."""
        epochs = zip(*(model.history.records for model in self.models), strict=False)
        return History(tuple(_mean_record(records) for records in epochs))

    @property
    def settings(self) -> Mapping[str, Any]:
        """The settings of the first member's training, the number of ``members``, and their ``seeds``."""
        seeds = [model.settings.get("seed") for model in self.models]
        return {**self.models[0].settings, "members": len(self.models), "seeds": seeds}

    @property
    def best(self) -> Ensemble | None:
        """The ensemble of the members' best epochs, where all have one."""
        found = [model.best for model in self.models if model.best is not None]
        return Ensemble(found, self.voting) if len(found) == len(self.models) else None

    def outputs(self, x: np.ndarray | Dataset) -> np.ndarray:
        """Compute the mean of the members' outputs, shape (n, n_out)."""
        return _mean([model.outputs(x) for model in self.models])

    def predict_proba(self, x: np.ndarray | Dataset) -> np.ndarray:
        """Compute the mean of the members' probabilities, shape (n, n_out)."""
        return _mean([model.predict_proba(x) for model in self.models])

    def predict(self, x: np.ndarray | Dataset) -> np.ndarray:
        """Predict the label that the members elect for each example, shape (n,)."""
        return VOTING[self.voting]([model.predict_proba(x) for model in self.models])

    def evaluate(self, dataset: Dataset) -> dict[str, float]:
        """Compute ``accuracy`` of the vote (of labels that are classes), and ``cost``, the mean of the members'."""
        check_dataset(dataset)
        cost = {"cost": float(np.mean([model.cost(dataset) for model in self.models]))}
        if dataset.labels.dtype.kind == "f":
            return cost
        return {"accuracy": float(np.mean(self.predict(dataset) == dataset.labels)), **cost}

    def accuracy(self, dataset: Dataset) -> float:
        """Compute the share of examples whose label is elected, 0 to 1. Raises what :meth:`Model.accuracy` raises."""
        return compute_accuracy(self, dataset)

    def cost(self, dataset: Dataset) -> float:
        """Compute the mean of the members' costs. Raises what :meth:`Model.cost` raises."""
        return self.evaluate(dataset)["cost"]

    def confusion(self, dataset: Dataset) -> np.ndarray:
        """Count how often label i (row) was read as label j (column), as :meth:`Model.confusion` does."""
        return count_confusions(self, dataset)

    @property
    def parameters_sha256(self) -> str:
        """A fingerprint of all members' parameters: equal if and only if every bit of them is, in this order."""
        return hashlib.sha256("".join(model.parameters_sha256 for model in self.models).encode()).hexdigest()

    def save(self, path: str | PathLike[str]) -> None:
        """Write all members to one ``.safetensors`` file. Raises :class:`FileError` if it cannot be written."""
        files.write(files.expand_path(path), *pack_ensemble([pack_model(model) for model in self.models], self.voting))


def pack_ensemble(contents: Sequence[Content], voting: str) -> Content:
    """Join the contents of several models into that of one file, with how they vote."""
    tensors = {f"members/{i}/{name}": leaf for i, (own, _) in enumerate(contents) for name, leaf in own.items()}
    members = [description for _, description in contents]
    return tensors, {"kind": Ensemble.kind, "members": members, "voting": voting}


def unpack_members(
    path: Path, tensors: Mapping[str, np.ndarray], description: Mapping[str, Any]
) -> tuple[list[Content], str]:
    """Part what :func:`pack_ensemble` joined. Raises :class:`FileError` if it is damaged."""
    members, voting = description.get("members"), description.get("voting")
    if not isinstance(members, list) or not members or not all(isinstance(member, dict) for member in members):
        expected = "a list of the descriptions of one model or more"
        problem = f"expected {expected}, got {str(members)[:60]!r}"
        raise FileError(problem, path=path, position="members", expected=expected, remedy=files.REMEDY)
    with files.reading(path):
        check("voting", voting, VOTINGS)
    contents: list[Content] = []
    for i, member in enumerate(members):
        start = f"members/{i}/"
        own = {name.removeprefix(start): leaf for name, leaf in tensors.items() if name.startswith(start)}
        contents.append((own, member))
    return contents, str(voting)


def unpack_ensemble(
    path: Path, tensors: Mapping[str, np.ndarray], description: Mapping[str, Any], custom: Iterable[type] = ()
) -> Ensemble:
    """Put the ensemble together that :func:`pack_ensemble` took apart; ``path`` is named in errors."""
    contents, voting = unpack_members(path, tensors, description)
    with files.reading(path):
        return Ensemble([unpack_model(path, *content, custom) for content in contents], voting)


def _as_members(models: Any) -> tuple[Model, ...]:
    """Return models that can vote together as a tuple. Raises :class:`InvalidArgument` for others."""
    members = tuple(models) if isinstance(models, Iterable) else ()
    if not members:
        expected = "a list of at least one model"
        raise InvalidArgument(argument="models", owner="Ensemble", expected=expected, value=models)
    for i, model in enumerate(members):
        if not isinstance(model, Model):
            expected, remedy = "a Model", _remedy(model)
            raise InvalidArgument(
                argument=f"model {i}", owner="Ensemble", expected=expected, value=model, remedy=remedy
            )
        if not isinstance(model.encoding, OneHot) or model.encoding.n_out < 2:
            problem = f"expected an output for each of several classes, got outputs encoded by {model.encoding}"
            raise InvalidArgument(problem, argument=f"model {i}", owner="Ensemble", value=model)
        own, first = _in_common(model), _in_common(members[0])
        if differing := [name for name in own if own[name] != first[name]]:
            name = differing[0]
            problem = f"expected {name} {first[name]}, as model 0 has, got {own[name]}"
            raise InvalidArgument(problem, argument=f"model {i}", owner="Ensemble", value=model)
    return members


def _remedy(found: Any) -> str:
    """Say what to do about what is no model."""
    if isinstance(found, DivergedError):
        remaining = "Ensemble([model for model in models if isinstance(model, Model)])"
        return f"train it again at a smaller eta, or leave it out: {remaining}"
    if isinstance(found, Ensemble):
        return "give its members, so that each has a vote: Ensemble([*ensemble.models, model])"
    return "give a list of models"


def _in_common(model: Model) -> dict[str, Any]:
    """List what members have to have in common."""
    return {
        "outputs": model.network.n_out,
        "classes": model.classes,
        "scale": model.scale,
        "examples of shape": model.example_shape,
    }


def _mean(arrays: Sequence[np.ndarray]) -> np.ndarray:
    total: np.ndarray = reduce(np.add, arrays)
    return total / len(arrays)


def _mean_record(records: Sequence[Record]) -> Record:
    first = records[0]
    names = [name for name in first if all(isinstance(record.get(name), Real) for record in records)]
    means = {name: float(np.mean([record[name] for record in records])) for name in names}
    return {**means, **{name: first[name] for name in ("epoch", "step") if name in first}}
