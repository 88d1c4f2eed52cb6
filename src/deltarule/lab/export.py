"""The lab without a server: a digit reader in one HTML file, and the lessons as pages that run in the browser."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import asdict
from html import escape
from math import inf
from pathlib import Path
from typing import Any

import numpy as np

from deltarule.core.costs import LabelSmoothing, LogLikelihood
from deltarule.core.windows import pair
from deltarule.data.arrays import find_non_finite
from deltarule.data.encodings import OneHot
from deltarule.errors import FileError, InvalidArgument
from deltarule.files import write_file
from deltarule.lab.drawing import get_class_names, load_model
from deltarule.lab.pages import read_asset
from deltarule.lab.site import check_installed, write_site
from deltarule.models.loading import load
from deltarule.models.predictor import Predictor

OPERATIONS = (
    "Dense", "Conv", "MaxPool", "L2Pool", "BatchNorm", "Flatten", "Dropout", "Sigmoid", "ShiftedSigmoid", "Tanh",
    "Linear", "ReLU", "LeakyReLU", "ELU",
)  # fmt: skip
"""The layers that forward.js can compute."""

SIZES = ("kernel", "stride", "size")
"""Fields of layers that hold a number or a pair of numbers."""


def export(folder: Path, model: Path | None = None, reader_only: bool = False) -> Iterator[Path]:
    """Write the static site into a new or empty folder, and yield the path of each written file.

    Args:
        folder: The folder, created if needed.
        model: The model for the digit reader; by default the lab's own.
        reader_only: Write only ``reader.html``.

    Raises:
        FileError: The folder is not empty, or cannot be created.
        InvalidArgument: The page cannot compute the model (:func:`describe_model`).
        MissingExtra: The extra ``lab`` is not installed, and ``reader_only`` is False.
    """
    if not reader_only:
        check_installed()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise FileError("expected a new or empty folder, got one with files in it", path=folder)
    except OSError as error:
        problem = f"the folder could not be created: {error.strerror or error}"
        raise FileError(problem, path=folder) from None
    digit_model = load_model() if model is None else load(model)
    yield write_file(folder / "reader.html", build_reader_page(digit_model).encode())
    if not reader_only:
        yield from write_site(folder)


def build_reader_page(model: Predictor) -> str:
    """Build the HTML page that reads digits; it contains the model, and needs no server and no internet."""
    from deltarule.recipes.measurements import count_parameters
    from deltarule.recipes.notation import format_object

    network = model.models[0].network
    layers = ", ".join(format_object(layer) for layer in network.layers)
    contents = {
        "{{parameters}}": f"{count_parameters(network):,}",
        "{{layers}}": escape(layers),
        "{{model}}": json.dumps(describe_model(model)).replace("<", "\\u003c"),
        "/*PAD-CSS*/": read_asset("pad.css"),
        "//FORWARD-JS": _read_script("forward.js"),
        "//FIT-TO-FIELD-JS": _read_script("fit_to_field.js"),
        "//PAD-JS": _read_script("pad.js").split("/* The entry point of anywidget")[0],
    }
    page = read_asset("reader.html")
    for placeholder, content in contents.items():
        page = page.replace(placeholder, content)
    return page


def _read_script(name: str) -> str:
    """Read a module of JavaScript without its exports, to put it into a script of the page."""
    return read_asset(name).replace("export function", "function")


def describe_model(model: Predictor) -> dict[str, Any]:
    """Describe the model for forward.js and fit_to_field.js: layers by type, their sizes, their arrays in base64.

    Raises:
        InvalidArgument: The model is an ensemble, does not classify images (height, width), or has a layer that is
            not in :data:`OPERATIONS`, or a parameter that float32 cannot hold.
    """
    if len(model.models) > 1 or not isinstance(model.encoding, OneHot) or len(model.example_shape) != 2:
        got = f"{model.encoding} of examples of shape {model.example_shape}"
        if len(model.models) > 1:
            got = f"an ensemble of {len(model.models)}"
        raise InvalidArgument(
            f"expected one network that classifies images (height, width), one output per class, got {got}",
            argument="model",
        )
    network, layers = model.models[0].network, []
    for i, (layer, params) in enumerate(zip(network.layers, model.models[0].params, strict=True)):
        kind = type(layer).__name__
        if kind not in OPERATIONS:
            raise InvalidArgument(
                position=f"layer {i}",
                expected=f"a layer that the page can compute: {', '.join(OPERATIONS)}",
                value=layer,
            )
        sizes: dict[str, Any] = {name: value for name, value in vars(layer).items() if name != "initializer"}
        sizes = {key: value for key, value in sizes.items() if isinstance(value, (int, float, tuple)) or value is None}
        for key in SIZES:
            if key in sizes:
                sizes[key] = list(pair(sizes[key] if sizes[key] is not None else sizes["size"]))
        layers.append({"type": kind, **sizes, **{key: _encode_array(i, key, value) for key, value in params.items()}})
    cost = network.cost.cost if isinstance(network.cost, LabelSmoothing) else network.cost
    if isinstance(cost, LogLikelihood):
        layers.append({"type": "Softmax"})
    else:
        output = getattr(cost, "output", None)
        layers.append({"type": "Sigmoid" if output is None else type(output).__name__})
    return {
        "layers": layers,
        "shape": list(network.input_shape),
        "field": list(model.example_shape),
        "style": {key: value for key, value in asdict(model.picture_style).items() if value != inf},
        "scale": model.scale,
        "classes": get_class_names(model),
    }


def _encode_array(layer: int, name: str, value: np.ndarray) -> dict[str, str]:
    with np.errstate(over="ignore"):
        array = value.astype("<f4")
    if (at := find_non_finite(array)) is not None:
        raise InvalidArgument(
            position=f"layer {layer}, {name} at {list(at)}",
            expected="a finite number in float32, the type that the page computes with",
            value=value[at].item(),
            remedy="train the model again with a smaller eta",
        )
    return {"base64": base64.b64encode(array.tobytes()).decode()}
