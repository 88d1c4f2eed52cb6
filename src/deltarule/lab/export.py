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
from deltarule.lab.drawing import load_model
from deltarule.lab.drawing import get_class_names
from deltarule.lab.pages import HERE
from deltarule.lab.site import check_installed, write_site
from deltarule.models.loading import load
from deltarule.models.predictor import Predictor

OPERATIONS = (
    "Dense", "Conv", "MaxPool", "L2Pool", "BatchNorm", "Flatten", "Dropout", "Sigmoid", "ShiftedSigmoid", "Tanh",
    "Linear", "ReLU", "LeakyReLU", "ELU",
)  # fmt: skip
"""The layers that forward.js knows."""

SIZES = ("kernel", "stride", "size")
"""Fields of layers that are a number or a pair."""


def export(folder: Path, model: Path | None = None, reader_only: bool = False) -> Iterator[Path]:
    """Writes the site into a new or empty folder, and names each file that is done.

    Raises :class:`FileError` for a folder that holds something, :class:`InvalidArgument` for a model that
    the page cannot hold, :class:`MissingExtra` where the lab is not installed and more than the reader is wanted.
    """
    if not reader_only:
        check_installed()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise FileError("expected a new or empty folder, got one that holds something", path=folder)
    except OSError as error:
        raise FileError(f"expected to make the folder, got {str(error.strerror or error)!r}", path=folder) from None
    read_with = load_model() if model is None else load(model)
    yield write_file(folder / "reader.html", build_reader_page(read_with).encode())
    if not reader_only:
        yield from write_site(folder)


def build_reader_page(model: Predictor) -> str:
    """The page that reads digits, with the model inside; it needs no server and no network."""
    from deltarule.recipes.measurements import count_parameters
    from deltarule.recipes.notation import format_object

    network = model.models[0].network
    words = ", ".join(format_object(layer) for layer in network.layers)
    filled = {
        "{{parameters}}": f"{count_parameters(network):,}",
        "{{words}}": escape(words),
        "{{model}}": json.dumps(describe_model(model)).replace("<", "\\u003c"),
        "/*PAD-CSS*/": _text("pad.css"),
        "//FORWARD-JS": _text("forward.js").replace("export function", "function"),
        "//FITTED-JS": _text("fitted.js").replace("export function", "function"),
        "//PAD-JS": _text("pad.js").replace("export function", "function").split("/* What anywidget calls")[0],
    }
    page = _text("reader.html")
    for gap, content in filled.items():
        page = page.replace(gap, content)
    return page


def describe_model(model: Predictor) -> dict[str, Any]:
    """The model as forward.js and fitted.js read it: layers by type, their sizes, and their arrays in base64.

    Raises :class:`InvalidArgument` for layers that they do not know, for an ensemble, and for a network whose outputs
    are no classes.
    """
    if len(model.models) > 1 or not isinstance(model.encoding, OneHot) or len(model.example_shape) != 2:
        got = f"{model.encoding} of examples of shape {model.example_shape}"
        if len(model.models) > 1:
            got = f"an ensemble of {len(model.models)}"
        raise InvalidArgument(
            f"expected one network that sorts images (height, width) into classes, an output for each, got {got}",
            argument="model",
        )
    network, layers = model.models[0].network, []
    for i, (layer, params) in enumerate(zip(network.layers, model.models[0].params, strict=True)):
        kind = type(layer).__name__
        if kind not in OPERATIONS:
            raise InvalidArgument(
                position=f"layer {i}", expected=f"one that the page knows: {', '.join(OPERATIONS)}", value=layer
            )
        sizes: dict[str, Any] = {name: value for name, value in vars(layer).items() if name != "initializer"}
        sizes = {key: value for key, value in sizes.items() if isinstance(value, (int, float, tuple)) or value is None}
        for key in SIZES:
            if key in sizes:
                sizes[key] = list(pair(sizes[key] if sizes[key] is not None else sizes["size"]))
        layers.append({"type": kind, **sizes, **{key: _array(i, key, value) for key, value in params.items()}})
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


def _array(layer: int, name: str, value: np.ndarray) -> dict[str, str]:
    with np.errstate(over="ignore"):
        found = value.astype("<f4")
    if (at := find_non_finite(found)) is not None:
        raise InvalidArgument(
            position=f"layer {layer}, {name} at {list(at)}",
            expected="parameters that float32 can hold, which the page computes in",
            value=value[at].item(),
            remedy="train the model again at a smaller eta",
        )
    return {"base64": base64.b64encode(found.tobytes()).decode()}


def _text(name: str) -> str:
    return (HERE / name).read_text(encoding="utf-8")
