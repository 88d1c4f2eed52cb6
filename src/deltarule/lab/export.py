"""The lab without a server: the model as a page in one HTML file, and the lessons as pages that run in the browser."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from math import inf
from pathlib import Path
from typing import Any

from deltarule.data.encodings import OneHot
from deltarule.errors import FileError, InvalidArgument
from deltarule.files import write_file
from deltarule.lab.drawing import get_class_names, load_model
from deltarule.lab.index import HOME_LINK
from deltarule.lab.page_network import describe_network, summarize_network
from deltarule.lab.pages import fill_template, read_asset
from deltarule.lab.playground.page import build_playground_page
from deltarule.lab.reader import load_bundled_model
from deltarule.lab.scripts import join_scripts
from deltarule.lab.site import check_installed, write_site
from deltarule.lab.table_page import build_table_page, is_table_model
from deltarule.models.loading import load
from deltarule.models.predictor import Predictor


def export(folder: Path, model: Path | None = None, model_only: bool = False) -> Iterator[Path]:
    """Write the static site into a new or empty folder, and yield the path of each written file.

    A model of images becomes ``reader.html``, which reads drawings; a model of a table becomes ``form.html``, and the
    site reads drawings with the lab's own model.

    Args:
        folder: The folder, created if needed.
        model: The model of the page; by default the lab's own, which reads digits.
        model_only: Write only the page of the model.

    Raises:
        FileError: The folder is not empty, or cannot be created.
        InvalidArgument: The page cannot compute the model (:func:`describe_model`,
            :func:`deltarule.lab.table_page.describe_table_model`).
        MissingExtra: The extra ``lab`` is not installed, and ``model_only`` is False.
    """
    if not model_only:
        check_installed()
    own = load_model() if model is None else load(model)
    pages = {"form.html": build_table_page(own)} if is_table_model(own) else {"reader.html": build_reader_page(own)}
    if "reader.html" not in pages and not model_only:
        pages["reader.html"] = build_reader_page(load_bundled_model())
    if not model_only:
        pages["playground.html"] = build_playground_page(HOME_LINK.format(address="index.html"))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise FileError("expected a new or empty folder, got one with files in it", path=folder)
    except OSError as error:
        problem = f"the folder could not be created: {error.strerror or error}"
        raise FileError(problem, path=folder) from None
    for name, page in pages.items():
        yield write_file(folder / name, page.encode())
    if not model_only:
        yield from write_site(folder)


def build_reader_page(model: Predictor) -> str:
    """Build the HTML page that reads digits; it contains the model, and needs no server and no internet."""
    contents = {
        **summarize_network(model),
        "{{model}}": json.dumps(describe_model(model)).replace("<", "\\u003c"),
        "/*PAGE-CSS*/": read_asset("page.css"),
        "/*PAD-CSS*/": read_asset("pad.css"),
        "//SCRIPTS": join_scripts("forward.js", "page_model.js", "fit_to_field.js", "pad.js"),
    }
    return fill_template("reader.html", contents)


def describe_model(model: Predictor) -> dict[str, Any]:
    """Describe a model of images for the page: its network, the preparation of drawings, and the names of its classes.

    Raises:
        InvalidArgument: The model does not classify images (height, width), or the page cannot compute its network
            (:func:`deltarule.lab.page_network.describe_network`).
    """
    network, fitted = describe_network(model), model.preprocessing
    if not isinstance(model.encoding, OneHot) or len(model.example_shape) != 2:
        got = f"{model.encoding} of examples of shape {model.example_shape}"
        raise InvalidArgument(
            f"expected a model that classifies images (height, width), one output per class, or answers the rows of a "
            f"table, got {got}",
            argument="model",
        )
    return {
        **network,
        "field": list(model.example_shape),
        "style": {key: value for key, value in asdict(model.picture_style).items() if value != inf},
        "scale": fitted.scale,
        "mean": fitted.mean,
        "darkOnLight": fitted.is_dark_on_light,
        "classes": get_class_names(model),
    }
