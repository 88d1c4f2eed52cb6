"""Ensembles: independently trained networks that vote (chapter 6, "Using an ensemble of networks")."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from numbers import Real
from os import PathLike
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from deltarule.core.constraints import Constraints, check, validate
from deltarule.data.dataset import Dataset
from deltarule.data.encodings import Encoding, OneHot
from deltarule.data.photo import Style
from deltarule.errors import DivergedError, FileError, InvalidArgument
from deltarule.models import files
from deltarule.models.confidence import Confidence, read_confidence
from deltarule.models.figures import Figures
from deltarule.models.files import Content
from deltarule.models.history import History, Record
from deltarule.models.metrics import check_dataset, compute_accuracy, count_confusions
from deltarule.models.model import Model, pack_model
from deltarule.models.summary import summarize
from deltarule.models.unpacking import unpack_model
from deltarule.models.voting import VOTING, VOTINGS, average
from deltarule.preprocessing import Preprocessing


@dataclass(frozen=True, eq=False)
class Ensemble(Figures):
    """Several models that predict together. An ensemble has the same methods as a :class:`Model`.

    Networks and parameters belong to the members; use for example ``models[0].network``.

    Args:
        models: The members. All have the same classes and one output per class.
        voting: ``"hard"`` for a majority vote, as in the book (``vote_hard``); ``"soft"`` for the class with the
            largest mean probability, so that a confident member counts for more (``vote_soft``).
        confidence: The numbers by which the ensemble says how sure it is (:func:`deltarule.models.calibrate`), or None.

    Raises:
        InvalidArgument: If a member is not a :class:`Model`, if the members have different classes, scales or shapes,
            or if ``voting`` is neither "hard" nor "soft".

    >>> from deltarule.core.network import Network
    >>> network = Network.dense([784, 30, 10])
    >>> Ensemble([Model(network, network.init(seed), Preprocessing(OneHot(10))) for seed in range(5)])
    Ensemble(5 × 784-30-10, Sigmoid, CrossEntropy; 0 epochs)
    """

    models: Sequence[Model]
    voting: str = "hard"
    confidence: Confidence | None = None

    kind: ClassVar[str] = "ensemble"
    constraints: ClassVar[Constraints] = {"voting": VOTINGS}

    def __post_init__(self) -> None:
        object.__setattr__(self, "models", _as_members(self.models))
        validate(self)

    def __repr__(self) -> str:
        return f"Ensemble({len(self.models)} × {summarize(self.models[0].network)}; {len(self.history)} epochs)"

    def _repr_html_(self) -> str:
        from deltarule.notebook.records import write_ensemble

        return write_ensemble(self)

    @property
    def preprocessing(self) -> Preprocessing:
        """The transforms of raw inputs and labels."""
        return self.models[0].preprocessing

    @property
    def encoding(self) -> Encoding:
        """The encoding of labels as desired outputs."""
        return self.models[0].encoding

    @property
    def scale(self) -> float:
        """The number that inputs are divided by."""
        return self.models[0].scale

    @property
    def classes(self) -> tuple[str, ...]:
        """The names of the labels 0, 1, 2, …"""
        return self.models[0].classes

    @property
    def example_shape(self) -> tuple[int, ...]:
        """The shape of an example in the data set."""
        return self.models[0].example_shape

    @property
    def style(self) -> Style | None:
        """The scaling and centring of digits in the training images.

        None means that new pictures are not cropped or centred.
        """
        return self.models[0].style

    @property
    def picture_style(self) -> Style:
        """The style for a new picture, ``style`` or the default for this image size."""
        return self.models[0].picture_style

    @cached_property
    def history(self) -> History:
        """The mean of the members' histories, for the epochs that all members have."""
        epochs = zip(*(model.history.records for model in self.models), strict=False)
        return History(tuple(_average_records(records) for records in epochs))

    @property
    def settings(self) -> Mapping[str, Any]:
        """The settings of the first member's training, the number of ``members``, and their ``seeds``."""
        seeds = [model.settings.get("seed") for model in self.models]
        return {**self.models[0].settings, "members": len(self.models), "seeds": seeds}

    @property
    def best(self) -> Ensemble | None:
        """The ensemble of the members' best models; None if a member has no best model."""
        found = [model.best for model in self.models if model.best is not None]
        return Ensemble(found, self.voting) if len(found) == len(self.models) else None

    def outputs(self, x: np.ndarray | Dataset) -> np.ndarray:
        """Compute the mean of the members' outputs, shape (n, n_out).

        Raises the same errors as :meth:`Model.outputs`.
        """
        return average([model.outputs(x) for model in self.models])

    def predict_proba(self, x: np.ndarray | Dataset) -> np.ndarray:
        """Compute the mean of the members' probabilities, shape (n, n_out).

        Raises the same errors as :meth:`Model.outputs`.
        """
        return average([model.predict_proba(x) for model in self.models])

    def energies(self, x: np.ndarray | Dataset) -> np.ndarray:
        """Compute the mean of the members' energies, shape (n,). Raises the same errors as :meth:`Model.outputs`."""
        return average([model.energies(x) for model in self.models])

    def predict_with_energies(self, x: np.ndarray | Dataset) -> tuple[np.ndarray, np.ndarray]:
        """Compute the means of the members' probabilities and energies, in one forward pass of each member.

        Raises the same errors as :meth:`predict_proba`.
        """
        probabilities, energies = zip(*(model.predict_with_energies(x) for model in self.models), strict=True)
        return average(probabilities), average(energies)

    def predict(self, x: np.ndarray | Dataset) -> np.ndarray:
        """Predict the label of each example by a vote of the members, shape (n,)."""
        return VOTING[self.voting]([model.predict_proba(x) for model in self.models])

    def evaluate(self, dataset: Dataset) -> dict[str, float]:
        """Compute ``cost``, the mean of the members' costs, and, if the labels are classes, ``accuracy`` of the vote.

        Raises the same errors as :meth:`Model.evaluate`.
        """
        check_dataset(dataset)
        cost = {"cost": float(np.mean([model.cost(dataset) for model in self.models]))}
        labels = self.preprocessing.find_labels(dataset)
        return {"accuracy": float(np.mean(self.predict(dataset) == labels)), **cost}

    def accuracy(self, dataset: Dataset) -> float:
        """Compute the accuracy of the vote, 0 to 1. Raises the same errors as :meth:`Model.accuracy`."""
        return compute_accuracy(self, dataset)

    def cost(self, dataset: Dataset) -> float:
        """Compute the mean of the members' costs. Raises the same errors as :meth:`Model.cost`."""
        return self.evaluate(dataset)["cost"]

    def confusion(self, dataset: Dataset) -> np.ndarray:
        """Compute the confusion matrix of the vote, as :meth:`Model.confusion` does."""
        return count_confusions(self, dataset)

    @property
    def parameters_sha256(self) -> str:
        """The SHA-256 of all members' parameters.

        Two ensembles have the same value only if all their parameters are bitwise equal, in the same order of members.
        """
        return hashlib.sha256("".join(model.parameters_sha256 for model in self.models).encode()).hexdigest()

    def save(self, path: str | PathLike[str]) -> None:
        """Write all members to one ``.safetensors`` file. Raises :class:`FileError` if the file cannot be written."""
        tensors, description = pack_ensemble([pack_model(model) for model in self.models], self.voting)
        confidence = None if self.confidence is None else asdict(self.confidence)
        files.write(files.expand_path(path), tensors, {**description, "confidence": confidence})


def pack_ensemble(contents: Sequence[Content], voting: str) -> Content:
    """Join the contents of several models' files into the content of one, with the kind of voting."""
    tensors = {f"members/{i}/{name}": leaf for i, (own, _) in enumerate(contents) for name, leaf in own.items()}
    members = [description for _, description in contents]
    return tensors, {"kind": Ensemble.kind, "members": members, "voting": voting}


def unpack_members(
    path: Path, tensors: Mapping[str, np.ndarray], description: Mapping[str, Any]
) -> tuple[list[Content], str]:
    """Split the content of an ensemble's file by members; return their contents and the kind of voting.

    Raises :class:`FileError` if the description is damaged.
    """
    members, voting = description.get("members"), description.get("voting")
    if not isinstance(members, list) or not members or not all(isinstance(member, dict) for member in members):
        expected = "a list of the descriptions of one or more models"
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
    """Build an ensemble from the content of its file; errors name the ``path``."""
    contents, voting = unpack_members(path, tensors, description)
    with files.reading(path):
        members = [unpack_model(path, *content, custom) for content in contents]
        return Ensemble(members, voting, read_confidence(description))


def _as_members(models: Any) -> tuple[Model, ...]:
    """Return the models as a tuple. Raises :class:`InvalidArgument` unless they can vote together."""
    members = tuple(models) if isinstance(models, Iterable) else ()
    if not members:
        expected = "a list of at least one model"
        raise InvalidArgument(argument="models", owner="Ensemble", expected=expected, value=models)
    for i, model in enumerate(members):
        if not isinstance(model, Model):
            expected, remedy = "a Model", _find_remedy(model)
            raise InvalidArgument(
                argument=f"model {i}", owner="Ensemble", expected=expected, value=model, remedy=remedy
            )
        if not isinstance(model.encoding, OneHot) or model.encoding.n_out < 2:
            problem = f"expected one output per class, of two or more classes, got outputs encoded by {model.encoding}"
            raise InvalidArgument(problem, argument=f"model {i}", owner="Ensemble", value=model)
        own, first = _list_shared_properties(model), _list_shared_properties(members[0])
        if differing := [name for name in own if own[name] != first[name]]:
            name = differing[0]
            problem = f"expected {name} {first[name]}, as model 0 has, got {own[name]}"
            raise InvalidArgument(problem, argument=f"model {i}", owner="Ensemble", value=model)
    return members


def _find_remedy(member: Any) -> str:
    """Return the remedy for a member that is no model."""
    if isinstance(member, DivergedError):
        remaining = "Ensemble([model for model in models if isinstance(model, Model)])"
        return f"train it again with a smaller eta, or leave it out: {remaining}"
    if isinstance(member, Ensemble):
        return "give its members, so that each has a vote: Ensemble([*ensemble.models, model])"
    return "give a list of models"


def _list_shared_properties(model: Model) -> dict[str, Any]:
    """List the properties that must be equal in all members."""
    return {
        "outputs": model.network.n_out,
        "classes": model.classes,
        "scale": model.scale,
        "examples of shape": model.example_shape,
        "preprocessing": model.preprocessing,
    }


def _average_records(records: Sequence[Record]) -> Record:
    first = records[0]
    names = [name for name in first if all(isinstance(record.get(name), Real) for record in records)]
    means = {name: float(np.mean([record[name] for record in records])) for name in names}
    return {**means, **{name: first[name] for name in ("epoch", "step") if name in first}}
