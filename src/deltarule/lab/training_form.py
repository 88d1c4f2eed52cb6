"""The form on the page Train: its choices, and the job that they describe."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from deltarule.core.activations import Linear
from deltarule.core.constraints import check, whole
from deltarule.core.costs import Cost, CrossEntropy, LogLikelihood, Quadratic
from deltarule.core.network import Network
from deltarule.core.optimizers import SGD, Adam, Momentum, Nesterov, Optimizer
from deltarule.data import Splits, find
from deltarule.data.encodings import Encoding, Real, Standardized
from deltarule.data.options import DataOptions
from deltarule.data.sources import Source
from deltarule.errors import InvalidArgument
from deltarule.lab.memory import check_memory
from deltarule.lab.run_records import Job, Rates
from deltarule.lab.run_store import NOTE, can_keep, choose_folder, find_folder
from deltarule.lab.uploads import is_upload, list_uploads, read_upload
from deltarule.models import files
from deltarule.models.files import MODEL_FILE
from deltarule.models.summary import layer_sizes
from deltarule.preprocessing import Preprocessing
from deltarule.recipes import RECIPES
from deltarule.recipes.notation import format_object, parse_object
from deltarule.recipes.recipe import Misfit, Part, Recipe
from deltarule.training.runs import read_notes
from deltarule.training.saved_run import read_run

DATA = "DELTARULE_LAB_DATA"
"""The environment variable with the path of the user's data (``deltarule lab --data``)."""

EPOCHS = 30
"""The epochs of a run, unless the form states others."""

PRESETS: dict[str, list[str]] = {
    "no hidden layer": ["Output"],
    "30 hidden neurons": ["Dense(30)", "Sigmoid", "Output"],
    "100 hidden neurons, dropout": ["Dense(100)", "Sigmoid", "Dropout(0.5)", "Output"],
    "three hidden layers": ["Dense(30)", "Sigmoid", "Dense(30)", "Sigmoid", "Dense(30)", "Sigmoid", "Output"],
    "small convolution": ["Conv(8, 3)", "ReLU", "MaxPool(2)", "Flatten", "Dense(30)", "ReLU", "Output"],
}
NETWORKS = {**PRESETS, **{name: [format_object(layer) for layer in recipe.layers] for name, recipe in RECIPES.items()}}
"""The layers of networks to start from, by name."""

LAYER_CHOICES = (
    "Dense(30)", "Sigmoid", "Tanh", "ReLU", "LeakyReLU", "Dropout(0.5)", "BatchNorm", "Conv(8, 3)", "MaxPool(2)",
    "Flatten",
)  # fmt: skip
"""The layers with an "add" button; an added layer can be edited."""

COSTS: dict[str, Cost] = {"cross-entropy": CrossEntropy(), "quadratic": Quadratic(), "softmax": LogLikelihood()}
OPTIMIZERS: dict[str, Optimizer] = {
    "SGD": SGD(), "momentum 0.9": Momentum(0.9), "Nesterov 0.9": Nesterov(0.9), "Adam": Adam(),
}  # fmt: skip
ETAS = tuple(round(m * 10.0**e, 6) for e in range(-4, 2) for m in (1, 1.5, 2, 3, 5, 7))
"""The values of the learning-rate slider, six per power of ten."""

LAMBDAS = (0.0, *(m * 10.0**e for e in range(-2, 3) for m in (1, 2, 5)))
"""The values of the weight-decay slider."""


def list_sources() -> dict[str, str]:
    """List the data sets: their names on the page, and their names for ``load``."""
    sources = {"small digits (8 × 8)": "digits"}
    if find("auto").name == "mnist":
        sources = {"MNIST (28 × 28)": "mnist", **sources}
    if own := os.environ.get(DATA):
        sources["my own"] = own
    for path in list_uploads():
        name = path.name if path.is_file() else f"{len(list(path.iterdir()))} files"
        number = sum(one == name or one.startswith(f"{name} (") for one in sources) + 1
        sources[f"{name} ({number})" if number > 1 else name] = str(path)
    return sources


def load_splits(source: str, label: str = "") -> Splits:
    """Load the training, validation and test data; later calls return the same.

    ``label`` is the target column of a table. An upload is read by a process with limits.
    """
    return load_source(source, label).data


def load_source(source: str, label: str = "") -> Source:
    """Load the data with their origin; later calls return the same."""
    return read_upload(source, label) if is_upload(source) else _find(source, label)


@cache
def _find(source: str, label: str) -> Source:
    return find(source, options=DataOptions(label=(label,)) if label else None)


def add_layer(layers: Sequence[str], text: str) -> list[str]:
    """Return the layers with one more, at the end or before a final ``Output``.

    >>> add_layer(["Dense(30)", "Output"], "Sigmoid"), add_layer(["Dense(30)"], "Sigmoid")
    (['Dense(30)', 'Sigmoid', 'Output'], ['Dense(30)', 'Sigmoid'])
    """
    ended = bool(layers) and layers[-1].split("(")[0].strip() == "Output"
    end = len(layers) - ended
    return [*layers[:end], text, *layers[end:]]


def choose_cost(name: str, encoding: Encoding) -> Cost:
    """Choose the cost of this name for these labels: for real numbers the quadratic cost has linear outputs.

    Raises :class:`InvalidArgument` for another cost of real numbers.

    >>> choose_cost("quadratic", Standardized(1))
    Quadratic(output=Linear())
    """
    if not isinstance(encoding, (Standardized, Real)):
        return COSTS[name]
    if name != "quadratic":
        raise InvalidArgument(argument="cost", expected="quadratic, as the data have a target of numbers", value=name)
    return Quadratic(Linear())


def build_network(layers: Sequence[str], cost: str, source: str, label: str = "") -> Network:
    """Build the network of the layers in the boxes of the form, for these data; empty boxes are ignored.

    Raises:
        InvalidArgument: A box holds no layer; the position is the box, counted from 1. Or the data do not allow the
            cost.
        Misfit: A layer does not fit; the position is its box.
    """
    boxes = {i: text.strip() for i, text in enumerate(layers, start=1) if text.strip()}
    built: list[Part] = []
    for i, text in boxes.items():
        try:
            built.append(parse_object(text, Part))
        except InvalidArgument as error:
            error.with_fields(position=f"layer {i}")
            raise
    fitted = Preprocessing.fit(load_splits(source, label)[0])
    try:
        return Recipe(built, choose_cost(cost, fitted.encoding)).network(fitted.input_shape, fitted.encoding.n_out)
    except Misfit as error:
        i, text = list(boxes.items())[error.layer]
        error.with_fields(position=f"layer {i}, {text}")
        raise


def build_job(
    source: str, layers: Sequence[str], cost: str, optimizer: str, batch_size: int, seed: int, epochs: int = EPOCHS,
    label: str = "",
) -> Job:  # fmt: skip
    """Build the job of the form.

    Raises:
        InvalidArgument: The network cannot be built, its training does not fit in memory, or a number is invalid; the
            argument is its name on the page.
    """
    for name, number, least in (("mini-batch", batch_size, 1), ("seed", seed, 0), ("epochs", epochs, 1)):
        check(name, number, whole(least))
    train, validation, _ = load_splits(source, label)
    built = build_network(layers, cost, source, label)
    check_memory(built, batch_size, OPTIMIZERS[optimizer])
    return Job(built, train, validation, batch_size, OPTIMIZERS[optimizer], seed, epochs)


def build_kept_job(settings: Mapping[str, Any], rates: Rates, names: Collection[str]) -> Job:
    """Build the job of the form with a new folder, and a name that none of ``names`` is.

    Where no folder can be written, the job has none: the run trains, but is not kept, and its name says so.
    """
    job = build_job(**settings)
    found = load_source(settings["source"], settings.get("label", ""))
    data = found.where if found.summary else found.name
    plain = name = f"{found.name} {'-'.join(map(str, layer_sizes(job.network)))}"
    number = 1
    while name in names:
        number += 1
        name = f"{plain} ({number})"
    own = {"name": name, **{key: settings[key] for key in ("source", "layers", "cost", "optimizer")}}
    own |= {"label": settings.get("label", ""), "eta": rates.eta, "lmbda": rates.lmbda}
    notes: dict[str, Any] = {"data": data, "command": "lab", NOTE: own}
    notes |= {"table": {"label": [own["label"]]}} if own["label"] else {}
    if not can_keep():
        return replace(job, notes={NOTE: {**own, "name": f"{plain}, not kept: {find_folder()} cannot be written"}})
    return replace(job, folder=choose_folder(plain), notes=notes)


def build_further_job(folder: Path, epochs: int) -> Job:
    """Build the job that continues a kept run; ``epochs`` are added to one that is finished.

    Raises:
        FileError: The run is damaged.
        InvalidArgument: It was not started on this page, or its data are not there any more.
    """
    path, own = folder / MODEL_FILE, read_notes(folder).get(NOTE)
    if not isinstance(own, dict) or not isinstance(own.get("source"), str):
        raise InvalidArgument(argument="run", expected="a run that this page started", value=folder.name)
    saved = read_run(path, *files.read(path), ())
    train, validation, _ = load_splits(own["source"], str(own.get("label", "")))
    done = len(saved.model.history)
    most = done + epochs if saved.is_finished else max(saved.training.epochs, done + 1)
    return Job(saved.model.network, train, validation, saved.training.batch_size, epochs=most, folder=folder,
               notes=read_notes(folder), saved=saved)  # fmt: skip
