"""Validation of the arguments of training before the first step."""

from __future__ import annotations

from typing import Any

from deltarule.core.belief_network import DeepBeliefNet
from deltarule.core.constraints import Constraint, check, instance, list_of
from deltarule.core.network import Network
from deltarule.core.rbm import RBM
from deltarule.core.sequences import SequenceLayer
from deltarule.data.dataset import Dataset
from deltarule.errors import InvalidArgument
from deltarule.models.model import Model
from deltarule.models.targets import check_accuracy, check_targets
from deltarule.preprocessing import Preprocessing
from deltarule.training.callbacks import Callback
from deltarule.training.initialization import mean_inputs
from deltarule.training.training import Training

DATASET = Constraint("a Dataset with at least one example", lambda value: isinstance(value, Dataset) and len(value) > 0)
CALLBACKS = list_of(instance(Callback, "a callback"), "a list of callbacks, such as [EarlyStopping(10)]")
_NETWORK = instance((Network, Model), "a Network or a Model")


def check_arguments(network: Any, train: Any, validation: Any, callbacks: Any) -> None:
    """Raise :class:`InvalidArgument` unless these are a network or model, data sets and a list of callbacks."""
    if not _NETWORK.accepts(network):
        _refuse_ensemble(network)
    check("network", network, _NETWORK)
    check("train", train, DATASET)
    if validation is not None:
        check("validation", validation, DATASET)
    check("callbacks", callbacks, CALLBACKS)


def _refuse_ensemble(network: Any) -> None:
    """Raise :class:`InvalidArgument`, with what to do, if this is an ensemble."""
    from deltarule.models.ensemble import Ensemble

    if isinstance(network, Ensemble):
        raise InvalidArgument(
            argument="network",
            expected=_NETWORK.expected,
            value=network,
            remedy="to train an ensemble further, train each member: "
            "Ensemble([fit(model, train, ...) for model in ensemble.models], ensemble.voting)",
        )


def check_fit(
    network: Network,
    train: Dataset,
    validation: Dataset | None,
    preprocessing: Preprocessing,
    training: Training,
) -> None:
    """Raise :class:`InvalidArgument` for settings that do not fit the network or the data."""
    if isinstance(network, (RBM, DeepBeliefNet)):
        for dataset in (train, validation):
            if dataset is not None:
                mean_inputs(preprocessing, dataset)  # raises an error outside 0 … 1
    check_targets(network.cost, preprocessing, train=train, validation=validation)
    if training.validate_every and validation is None:
        raise InvalidArgument(
            argument="validate_every", expected="0 without a validation set", value=training.validate_every,
            remedy="pass validation=...",
        )  # fmt: skip
    if training.keep_best:
        check_accuracy("keep_best", validation)
    if not any(isinstance(layer, SequenceLayer) for layer in network.layers):
        for dataset in (train, validation):
            if dataset is not None and dataset.lengths is not None:
                raise InvalidArgument(
                    f"expected no lengths, because no layer of the network takes them, got those of {len(dataset)} "
                    "sequences",
                    argument="lengths",
                    owner=dataset.name,
                    value=dataset.lengths,
                    remedy="use a layer of sequences, or leave out the lengths",
                )
    shapes = (train.x.shape[1:], network.input_shape)
    if training.augmentation is not None and not any(len(shape) in (2, 3) for shape in shapes):
        raise InvalidArgument(
            argument="augmentation",
            expected=f"no augmentation, because {train.name} has examples of shape {train.x.shape[1:]}, no images",
            value=training.augmentation,
            remedy="to augment images, give x the shape (n, height, width) or (n, height, width, channels)",
        )
