"""The preprocessing of a model as ONNX operators: raw pixels, or the columns of a table by name, become inputs."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

import numpy as np

from deltarule.core.layer import Shape
from deltarule.exchange.onnx_graph import BATCH, FLOAT32, Graph
from deltarule.exchange.onnx_layers import Signal
from deltarule.preprocessing import NumberColumn, Preprocessing, Scaling, Standardization, WordColumn

ML = "ai.onnx.ml"
"""The domain of the standard operators that encode words."""


def export_preprocessing(graph: Graph, preprocessing: Preprocessing, input_shape: Shape) -> Signal:
    """Add the inputs of the graph and their preprocessing; ``input_shape`` is that of the network."""
    if isinstance(preprocessing.inputs, Standardization):
        return Signal(_export_columns(graph, preprocessing.inputs), input_shape)
    return _export_array(graph, preprocessing.inputs, preprocessing.example_shape or input_shape, input_shape)


def _export_array(graph: Graph, scaling: Scaling, raw: Shape, shape: Shape) -> Signal:
    """Add the input ``x``, examples of the shape ``raw``, as x / scale − mean in the shape of the network."""
    units = f"Raw numbers, from 0 to {scaling.scale:g}." if scaling.scale != 1 else "Raw numbers, not scaled."
    x = graph.add_input("x", np.float32, (BATCH, *raw), units)
    if scaling.scale != 1:
        x = graph.add("Div", x, graph.add_constant("scale", np.float32(scaling.scale)), name="scaled")
    if scaling.mean:
        x = graph.add("Sub", x, graph.add_constant("mean", np.float32(scaling.mean)), name="centred")
    is_grey = len(shape) == 3 and shape[2] == 1
    sides = (1, *shape[:2]) if is_grey else shape
    if sides != raw:
        x = graph.add("Reshape", x, graph.add_constant("shape", np.array([-1, *sides])), name="example")
    return Signal(x, shape, channels_first=is_grey)


def _export_columns(graph: Graph, fitted: Standardization) -> str:
    """Add an input for each column of a table, as the standardized inputs of the network."""
    inputs = [_add_column(graph, column) for column in fitted.columns]
    parts: list[str] = []
    for is_number, pairs in groupby(zip(fitted.columns, inputs, strict=True), lambda one: _is_number(one[0])):
        columns, names = zip(*pairs, strict=True)
        if is_number:
            parts.append(_export_numbers(graph, columns, names))
        else:
            parts += [_export_words(graph, *one, fitted.unknown) for one in zip(columns, names, strict=True)]
    return join(graph, parts, "inputs")


def join(graph: Graph, parts: Sequence[str], name: str) -> str:
    """Put columns beside each other."""
    return parts[0] if len(parts) == 1 else graph.add("Concat", *parts, name=name, axis=1)


def _is_number(column: NumberColumn | WordColumn) -> bool:
    return isinstance(column, NumberColumn)


def _add_column(graph: Graph, column: NumberColumn | WordColumn) -> str:
    """Add the input of a column, of shape (n, 1): float64, as tables have it, or text."""
    missing = "cannot be missing" if column.fill is None else f"where missing, {column.fill} is used"
    if isinstance(column, NumberColumn):
        return graph.add_input(column.name, np.float64, (BATCH, 1), f"A number; NaN: {missing}.")
    words = ", ".join(column.words[:20]) + (", …" if len(column.words) > 20 else "")
    return graph.add_input(column.name, object, (BATCH, 1), f"One of {words}; empty: {missing}.")


def _export_numbers(graph: Graph, columns: Sequence[NumberColumn], names: Sequence[str]) -> str:
    """Add (x − mean) / deviation in float64, in which a date in seconds keeps its digits, and convert to float32."""
    x = join(graph, names, "numbers")
    if any(column.fill is not None for column in columns):
        fills = [np.nan if column.fill is None else column.fill for column in columns]
        fill = graph.add_constant("fills", np.array(fills))
        x = graph.add("Where", graph.add("IsNaN", x, name="missing"), fill, x, name="filled")
    mean = graph.add_constant("means", np.array([column.mean for column in columns]))
    deviation = graph.add_constant("deviations", np.array([column.deviation for column in columns]))
    centred = graph.add("Sub", x, mean, name="centred")
    standardized = graph.add("Div", centred, deviation, name="standardized")
    return graph.add("Cast", standardized, name="number inputs", to=FLOAT32)


def _export_words(graph: Graph, column: WordColumn, name: str, unknown: str) -> str:
    """Add the inputs of a column of words: 1 for the word, 0 for the others."""
    x = name
    if column.fill is not None:
        other = next(f"other {i}" for i in range(len(column.words) + 1) if f"other {i}" not in column.words)
        keys = {"keys_strings": [*column.words, ""], "values_strings": [*column.words, column.fill]}
        x = graph.add("LabelEncoder", x, name=f"{name}/filled", domain=ML, default_string=other, **keys)
    settings = {"cats_strings": list(column.words), "zeros": int(unknown == "zeros")}
    places = graph.add("OneHotEncoder", x, name=f"{name}/words", domain=ML, **settings)
    shape = graph.add_constant(f"{name}/shape", np.array([-1, len(column.words)]))
    return graph.add("Reshape", places, shape, name=f"{name}/inputs")
