"""What training is given, looked at before the first step: each refusal names the argument and what it can be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import is_dataclass
from typing import Any

from deltarule.core.augmentation import Augmentation, OnImages
from deltarule.core.network import Network
from deltarule.data.dataset import Dataset
from deltarule.data.order import Order
from deltarule.errors import InvalidArgument
from deltarule.models.ensemble import Ensemble
from deltarule.models.model import Model
from deltarule.training.callbacks import Callback


def check_data(**datasets: Any) -> None:
    """Raises :class:`InvalidArgument`, by the argument's name, for what is no data set, or an empty one."""
    for name, dataset in datasets.items():
        if not isinstance(dataset, Dataset):
            raise InvalidArgument(f"{name}: give a Dataset, not a {type(dataset).__name__}")
        if not len(dataset):
            raise InvalidArgument(f"{name}: {dataset.name} holds no examples")


def own_data(train: Dataset, validation: Dataset | None) -> tuple[Dataset, Dataset | None]:
    """Copy the data that training is given, so that nobody changes them meanwhile. Raises what check_data raises."""
    check_data(train=train, **({} if validation is None else {"validation": validation}))
    return train.copy(), None if validation is None else validation.copy()


def check_learner(network_or_model: Network | Model) -> None:
    """Raises :class:`InvalidArgument` for what is neither a network nor a model of one network."""
    if isinstance(network_or_model, Ensemble):
        raise InvalidArgument(
            f"network_or_model {network_or_model!r}: an ensemble is trained further member by member: "
            "Ensemble([fit(model, train, ...) for model in ensemble.models], ensemble.voting)"
        )
    if not isinstance(network_or_model, (Network, Model)):
        raise InvalidArgument(f"network_or_model {network_or_model!r}: give a Network or a Model")


def check_callbacks(callbacks: Sequence[Callback]) -> None:
    """Raises :class:`InvalidArgument` for what is no list of callbacks."""
    if not isinstance(callbacks, Sequence) or not all(isinstance(callback, Callback) for callback in callbacks):
        raise InvalidArgument(f"callbacks {callbacks!r}: give a list of callbacks, such as [EarlyStopping(10)]")


def check_order(order: Order) -> None:
    """Raises :class:`InvalidArgument` for what is no order of the training examples."""
    if isinstance(order, type) or not is_dataclass(order) or not callable(order):
        raise InvalidArgument(
            f"order {order!r}: give an object such as Shuffled() or AsGiven(), "
            "or a frozen dataclass of your own that can be called with (n, seed, epoch)"
        )


_PARTS = {
    "eta": (("eta", "finished"), "a number, or a schedule such as Exponential(0.5, 0.9)"),
    "optimizer": (("init", "update"), "an optimizer such as Adam()"),
    "regularizer": (("value", "gradient"), "a regularizer such as L2(5.0)"),
}
"""The functions that a part must have, and what it can be."""


def check_parts(**parts: Any) -> None:
    """Raises :class:`InvalidArgument` for a schedule, optimizer or regularizer without the functions of one."""
    for name, part in parts.items():
        functions, such = _PARTS[name]
        if isinstance(part, type) or not all(callable(getattr(part, function, None)) for function in functions):
            raise InvalidArgument(f"{name} {part!r}: give {such} (one of your own has {' and '.join(functions)})")


def on_images(augmentation: Augmentation | None, train: Dataset, network: Network) -> OnImages | None:
    """The augmentation for examples as the network takes them; the data or the network say what an image is."""
    if augmentation is None:
        return None
    if isinstance(augmentation, type) or not is_dataclass(augmentation) or not callable(augmentation):
        raise InvalidArgument(
            f"augmentation {augmentation!r}: give an object such as Shift(1) or Affine(rotation=10), "
            "or a frozen dataclass of your own that can be called with (images, rng)"
        )
    shapes = [shape for shape in (train.x.shape[1:], network.input_shape) if len(shape) in (2, 3)]
    if not shapes:
        raise InvalidArgument(
            f"augmentation {augmentation!r}: {train.name} holds no images, its examples have shape {train.x.shape[1:]}; "
            "give x the shape (n, height, width) or (n, height, width, channels)"
        )
    return OnImages(augmentation, shapes[0])
