"""The exported page of a model of a table: a form with a field for each column, and the answer of the network."""

from __future__ import annotations

import json
from html import escape
from typing import Any

from deltarule.data.encodings import MultiLabel, OneHot, OneVsRest, Real, Standardized
from deltarule.errors import InvalidArgument
from deltarule.lab.page_network import describe_network, summarize_network
from deltarule.lab.pages import fill_template, read_asset
from deltarule.lab.scripts import join_scripts
from deltarule.models.predictor import Predictor
from deltarule.preprocessing import NumberColumn, Preprocessing, Standardization, WordColumn


def is_table_model(model: Predictor) -> bool:
    """Return True if a model answers the rows of a table."""
    return model.preprocessing.schema is not None and len(model.example_shape) == 1


def build_table_page(model: Predictor) -> str:
    """Build the HTML page with a form for a row; it contains the model, and needs no server and no internet.

    Raises:
        InvalidArgument: The page cannot compute the model (:func:`describe_table_model`).
    """
    description = describe_table_model(model)
    schema = model.preprocessing.schema
    asked = ", ".join(schema.targets[:5]) if schema is not None else ""
    contents = {
        **summarize_network(model),
        "{{title}}": escape(f"Predict {asked}" if asked else "Ask the network"),
        "{{model}}": json.dumps(description).replace("<", "\\u003c"),
        "/*PAGE-CSS*/": read_asset("page.css"),
        "//SCRIPTS": join_scripts("forward.js", "page_model.js", "table.js"),
    }
    return fill_template("table.html", contents)


def describe_table_model(model: Predictor) -> dict[str, Any]:
    """Describe a model of a table for the page: its columns, its network, and the meaning of its outputs.

    Raises:
        InvalidArgument: The page cannot show labels of this encoding, or cannot compute the network
            (:func:`deltarule.lab.page_network.describe_network`).
    """
    fitted = model.preprocessing
    return {
        **describe_network(model),
        "columns": _describe_columns(fitted),
        "unknown": fitted.inputs.unknown if isinstance(fitted.inputs, Standardization) else "refuse",
        "answer": _describe_answer(fitted),
    }


def _describe_columns(fitted: Preprocessing) -> list[dict[str, Any]]:
    if isinstance(fitted.inputs, Standardization):
        columns = fitted.inputs.columns
    else:  # x / scale − mean, for all columns alike
        assert fitted.schema is not None
        mean = fitted.scale * fitted.mean
        columns = tuple(NumberColumn(name, mean, fitted.scale) for name in fitted.schema.names)
    return [
        {"name": column.name, "words": list(column.words), "fill": column.fill}
        if isinstance(column, WordColumn)
        else {"name": column.name, "mean": column.mean, "deviation": column.deviation, "fill": column.fill}
        for column in columns
    ]


def _describe_answer(fitted: Preprocessing) -> dict[str, Any]:
    """Describe the outputs: ``kind`` "classes" for shares of 1, "labels" for one share each, or "numbers"."""
    encoding, n = fitted.encoding, fitted.encoding.n_out
    classes = [fitted.classes[k] if k < len(fitted.classes) else str(k) for k in range(max(n, len(fitted.classes)))]
    targets = list(fitted.schema.targets) if fitted.schema is not None else []
    targets = targets if len(targets) == n else [f"target {k + 1}" if n > 1 else "answer" for k in range(n)]
    if isinstance(encoding, OneHot) and n > 1:
        return {"kind": "classes", "names": classes[:n]}
    if isinstance(encoding, MultiLabel):
        return {"kind": "labels", "names": classes if fitted.classes else targets}
    if isinstance(encoding, OneVsRest):
        named = encoding.label < len(fitted.classes)
        return {"kind": "labels", "names": [fitted.classes[encoding.label] if named else str(encoding.label)]}
    if isinstance(encoding, (Standardized, Real)):
        unit = encoding if isinstance(encoding, Standardized) else Standardized(n)
        return {"kind": "numbers", "names": targets, "mean": list(unit.mean), "deviation": list(unit.deviation)}
    raise InvalidArgument(argument="model", expected="a model that predicts classes, labels or numbers", value=encoding)
