"""Building of models from the content of their files, and its checks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from deltarule.core.constraints import Constraint, check, number
from deltarule.core.network import Network
from deltarule.data.photo import Style
from deltarule.errors import FileError
from deltarule.models import files
from deltarule.models.confidence import read_confidence
from deltarule.models.description import build
from deltarule.models.history import History
from deltarule.models.model import Model
from deltarule.models.parameters import read_parameters
from deltarule.preprocessing import Preprocessing, Scaling


def unpack_model(
    path: Path, tensors: Mapping[str, np.ndarray], description: Mapping[str, Any], custom: Iterable[type] = ()
) -> Model:
    """Build a model from the content of its file; errors name the ``path``."""
    with files.reading(path):
        return _unpack(tensors, description, custom)


def _read_greys(greys: Any) -> tuple[float, float] | None:
    if greys is None:
        return None
    low, high = (_read_number("greys", grey, number()) for grey in greys)
    return low, high


def _read_inputs(data: Mapping[str, Any]) -> Any:
    if "inputs" in data:
        return build(data["inputs"])
    return Scaling(_read_number("scale", data["scale"], number(above=0)))  # format 2 had a scale alone


def _read_number(position: str, value: Any, constraint: Constraint) -> float:
    """Read a number, which is neither text nor true or false."""
    check(position, value, constraint)
    return float(value)


def _unpack(tensors: Mapping[str, np.ndarray], description: Mapping[str, Any], custom: Iterable[type]) -> Model:
    network, data, history = build(description["network"], custom), description["data"], description["history"]
    if not isinstance(network, Network):
        raise FileError(position="network", expected="the description of a Network", value=network)
    model = Model(
        network,
        read_parameters("params", tensors, network),
        Preprocessing(
            build(data["encoding"], custom),
            _read_inputs(data),
            tuple(_check_list(str, "classes", data["classes"])),
            tuple(_check_list(int, "shape", data["shape"])),
            build(data.get("schema")),
            None if data["style"] is None else Style(**data["style"]),
            _read_greys(data.get("greys")),
        ),
        History(
            tuple(_check_list(dict, "records", history["records"])),
            tuple(_check_list(dict, "within", history["within"])),
            tuple(_check_list(dict, "changes", history.get("changes", []))),
        ),
        dict(description["settings"]),
        confidence=read_confidence(description),
    )
    if model.encoding.n_out != network.n_out:
        problem = f"expected labels encoded by {network.n_out} outputs, as the network has, got {model.encoding.n_out}"
        raise FileError(problem, position="encoding")
    _check_shape(network, model.preprocessing)
    best_epoch = description["best_epoch"]
    if best_epoch is None:
        return model
    if type(best_epoch) is not int or best_epoch < -1:
        raise FileError(position="best_epoch", expected="the number of an epoch", value=best_epoch)
    for i, layer in enumerate(model.params):
        if layer and not any(name.startswith(f"best/{i}/") for name in tensors):
            problem = f"the file names a best epoch ({best_epoch}) but has no parameters of the best model"
            raise FileError(f"{problem} for layer {i}", remedy=files.REMEDY)
    best = read_parameters("best", tensors, network)
    history_to_best = History(model.history.records[: best_epoch + 1])
    return replace(model, best=replace(model, params=best, history=history_to_best))


def _check_list(kind: type, position: str, values: Any) -> list[Any]:
    if not isinstance(values, list) or not all(type(value) is kind for value in values):
        expected = f"a list whose members are each a {kind.__name__}"
        raise FileError(f"expected {expected}, got {str(values)[:60]!r}", position=position, expected=expected)
    return values


def _check_shape(network: Network, preprocessing: Preprocessing) -> None:
    """Raise :class:`FileError` for the shape of raw examples that do not become inputs of the network."""
    shape, n_in = preprocessing.example_shape, prod(network.input_shape)
    found = prod(preprocessing.input_shape) if shape and min(shape) > 0 else 0
    if shape and found != n_in:
        problem = f"expected the shape of examples that become {n_in:,} inputs of the network, got {shape}"
        raise FileError(problem, position="shape", remedy=files.REMEDY)
