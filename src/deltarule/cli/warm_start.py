"""deltarule train --from: a new run that starts from the parameters of a model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np

from deltarule.cli.changes import change_training
from deltarule.cli.model_data import check_fit, find_model_data
from deltarule.cli.opening import open_run
from deltarule.cli.option_errors import option_error
from deltarule.cli.options import OF_SIZES
from deltarule.cli.preprocessing_table import format_inputs
from deltarule.cli.selection import Selection, change_recipe
from deltarule.core.initializers import Default
from deltarule.core.layer import Layer
from deltarule.core.layers import Dense, Dropout
from deltarule.core.network import Network
from deltarule.core.steps import EachStep
from deltarule.core.trees import Tree
from deltarule.data import Source
from deltarule.data.encodings import OneHot, Standardized
from deltarule.data.options import DataOptions
from deltarule.data.picture_files import find_picture_files
from deltarule.errors import NOTHING, DataError
from deltarule.models import Ensemble, Model
from deltarule.preprocessing import Preprocessing
from deltarule.preprocessing.pictures import holds_pictures, takes_pictures
from deltarule.recipes.recipe import Recipe
from deltarule.training.runs import Run, require_data
from deltarule.training.training import Training


def open_start(path: Path) -> tuple[Run, Model]:
    """Open the model that a run starts from. Raises :class:`InvalidArgument` for an ensemble."""
    run = open_run(path)
    if isinstance(run.model, Model):
        return run, run.model
    assert isinstance(run.model, Ensemble)
    remedy = f"save one of them in Python: deltarule.load({str(path)!r}).models[0].save('one.safetensors')"
    raise option_error("--from", path, f"one model, not an ensemble of {len(run.model.models)}", remedy)


def check_start(given: Mapping[str, Any]) -> None:
    """Raise :class:`InvalidArgument` for options that need ``--from``, or do not go together with it."""
    if given["start"] is None and given["new_output"]:
        raise option_error("--new-output", NOTHING, "a model to start from", "add --from RUN")
    if given["start"] is not None and given["folds"] is not None:
        raise option_error("--from", given["start"], "no --folds together with it", "leave out one of the two")


def select_start(path: Path, model: Model, given: Mapping[str, Any]) -> Selection:
    """Select the network of a model and the settings of its training, changed by the options."""
    if unused := [name for name in OF_SIZES if given.get(name) is not None]:
        expected = f"a network given by sizes, because {path} has its own layers"
        raise option_error(f"--{unused[0]}", given[unused[0]], expected, "leave it out")
    known = all(field.name in model.settings for field in fields(Training))
    training = Training.from_description(model.settings) if known else Training()
    layers = model.network.layers
    base = change_training(Recipe(layers, model.network.cost), **vars(training))
    name = str(path.parent if path.name == "model.safetensors" else path)
    return Selection(name, base, change_recipe(given, base), lambda fitted: model.network)


def find_start_data(
    data: str, run: Run, options: DataOptions | None, is_new_output: bool
) -> tuple[Source, Preprocessing, DataOptions | None]:
    """Find the data of a run that starts from a model, its preprocessing, and all that is stated about the data.

    The preprocessing is the model's; with a new output layer, the classes are those of the data. The target of a table
    is the model's, unless another is stated.
    """
    fitted = run.model.preprocessing
    data = data if data != "auto" else require_data(run)
    if options is not None and options.size is not None:
        raise option_error("--size", options.size, "no --from together with it", "pictures get the size of the model's")
    if fitted.schema is not None and fitted.schema.targets:
        stated = options or DataOptions()
        is_same = isinstance(fitted.encoding, Standardized) and not is_new_output and stated.target == "auto"
        target = "numbers" if is_same else stated.target
        options = replace(stated, label=stated.label or fitted.schema.targets, target=target)
    path = Path(data).expanduser()
    if is_new_output and takes_pictures(fitted) and holds_pictures(path):
        classes = find_picture_files(path).classes
        fitted = replace(fitted, encoding=OneHot(len(classes)), classes=classes)
    with _offer_new_output():
        found = find_model_data(data, fitted, options)
        own = found.data[0].encoding if is_new_output else None
        check_fit(replace(fitted, encoding=own or fitted.encoding), found.data[0])
        if not is_new_output:
            for part in found.data:
                fitted.encode(part)
    training = found.data[0]
    if is_new_output and training.encoding is not None:
        encoding = training.encoding
        encoding = encoding.fit(training.y) if hasattr(encoding, "fit") else encoding
        fitted = replace(fitted, encoding=encoding, classes=training.classes)
    return found, fitted, options


@contextmanager
def _offer_new_output() -> Iterator[None]:
    """Name the option for a new last layer in an error about a class that the model does not know."""
    try:
        yield
    except DataError as error:
        if error.argument == "classes" or (error.argument == "y" and "classes" in error.problem):
            remedy = "leave them out, or train a new last layer for the classes of the data: --new-output"
            error.with_fields(remedy=remedy)
        elif "target=" in error.remedy:
            error.with_fields(remedy="correct it, or train a new last layer for classes: --new-output")
        raise


def build_start(model: Model, network: Network, fitted: Preprocessing, is_new_output: bool, seed: int) -> Model:
    """Build the model to start from: the network with the parameters of the model, on request with a new last layer.

    Raises :class:`InvalidArgument` for a network with other layers than the model's.
    """
    if is_new_output:
        network = _replace_output(network, fitted.encoding.n_out)
    params = _take_parameters(model, network, is_new_output, seed)
    return Model(network, params, fitted, model.history)


def describe_start(path: Path, model: Model) -> str:
    """Describe the model to start from in a line."""
    done, data = len(model.history), str(model.settings.get("training_data", "")).replace(" training", "", 1)
    after = f" after {done} {'epoch' if done == 1 else 'epochs'} on {data}" if done and data else ""
    inputs = format_inputs(model.preprocessing)
    return f"Start: {path}{after}, parameters {model.parameters_sha256[:12]}; its preprocessing stays: inputs {inputs}"


def note_start(path: Path, model: Model) -> dict[str, Any]:
    """Describe the model to start from for the notes of the run."""
    return {"path": str(path.resolve()), "parameters_sha256": model.parameters_sha256, "epochs": len(model.history)}


def _replace_output(network: Network, n_out: int) -> Network:
    *layers, last = network.layers
    if not isinstance(last, Dense):
        raise option_error("--new-output", NOTHING, f"a Dense layer as the last, not {type(last).__name__}")
    return replace(network, layers=(*layers, replace(last, n_out=n_out)))


def _take_parameters(model: Model, network: Network, is_new_output: bool, seed: int) -> Tree:
    """Return the model's parameters for the layers of a network, which may have other dropout."""
    own = [(layer, values) for layer, values in zip(model.network.layers, model.params, strict=True) if _counts(layer)]
    wanted = [layer for layer in network.layers if _counts(layer)]
    last = len(own) - 1
    for i in range(max(len(own), len(wanted))):
        before, now = (layers[i] if i < len(layers) else None for layers in ([layer for layer, _ in own], wanted))
        is_new = is_new_output and i == last and isinstance(now, Dense)
        if before is None or now is None or not (is_new or _plain(before) == _plain(now)):
            expected = f"the layers of the model; its layer {i} is {_name(before)}, not {_name(now)}"
            raise option_error("--net", NOTHING, expected, "leave it out to use the network of the model")
    if network.input_shape != model.network.input_shape:
        expected = f"inputs of shape {model.network.input_shape}, as the model has, not {network.input_shape}"
        raise option_error("--net", NOTHING, expected, "leave it out to use the network of the model")
    values = iter([values for _, values in own])
    params = [next(values) if _counts(layer) else {} for layer in network.layers]
    if is_new_output:
        dtype = next((array.dtype for array in model.params[-1].values()), np.dtype(float))
        params[-1] = {name: np.asarray(value, dtype) for name, value in network.init(seed)[-1].items()}
    return params


def _counts(layer: Layer) -> bool:
    return not isinstance(layer, Dropout)


def _plain(layer: Layer) -> Layer:
    """Return a layer without its initializer, which has no effect any more."""
    if isinstance(layer, EachStep):
        return replace(layer, layer=_plain(layer.layer))
    names = [name for name in ("initializer", "recurrent_initializer") if hasattr(layer, name)]
    return replace(layer, **dict.fromkeys(names, Default())) if names else layer  # type: ignore[type-var] # a dataclass


def _name(layer: Layer | None) -> str:
    from deltarule.recipes.notation import format_object

    return "missing" if layer is None else format_object(_plain(layer))
