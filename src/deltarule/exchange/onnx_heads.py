"""Operators after the outputs of a network, such as the choice of a label, and before its inputs, such as words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from deltarule.core.activations import Activation, ReLU, Sigmoid
from deltarule.exchange.onnx_arithmetic import REAL, read_axes
from deltarule.exchange.onnx_chain import keep_columns, merge_back, name_columns
from deltarule.exchange.onnx_operators import Operator, find_array, find_chain
from deltarule.exchange.onnx_reading import Node
from deltarule.exchange.onnx_values import Chain, Constant, Head, Value, Words
from deltarule.preprocessing import NumberColumn


def read_arg_max(node: Node, values: Sequence[Value | None]) -> Value:
    """Read the choice of the most probable class."""
    value = values[0]
    chain = value.chain if isinstance(value, Head) and value.kind in ("pair", "shares", "logarithms") else value
    is_last = bool(node.integer("select_last_index", 0))
    if not isinstance(chain, Chain) or node.integer("axis", 0) not in (1, -1) or is_last:
        raise node.refuse("the outputs of a network, along axis 1", f"axis {node.integer('axis', 0)}")
    kind = "zeros" if chain is value and chain.dims == (1,) else "labels"
    return Head(chain, kind, value.classes if isinstance(value, Head) else ())


def read_class_names(node: Node, values: Sequence[Value | None]) -> Value:
    """Read the names of the classes, from which a label is taken."""
    names, label = values[:2]
    if not isinstance(names, Constant) or not isinstance(label, Head) or label.kind != "labels":
        raise node.refuse("the names of classes, and a label", "others")
    n = max(label.chain.dims[0], 2)  # two for 1 − p and p
    is_list = names.array.ndim == 1 or node.operator == "ArrayFeatureExtractor"
    if label.classes or names.array.size != n or not is_list:
        problem = "other names of its names" if label.classes else f"an array of shape {names.array.shape}"
        raise node.refuse(f"a list of {n} names of classes", problem)
    return replace(label, classes=tuple(map(str, names.array.reshape(-1).tolist())))


def read_zip_map(node: Node, values: Sequence[Value | None]) -> Value:
    """Read the naming of probabilities."""
    value = values[0]
    texts, numbers = (node.attributes.get(f"classlabels_{kind}", ()) for kind in ("strings", "int64s"))
    names = tuple(one.decode("utf-8", "replace") for one in texts) or tuple(map(str, numbers))
    head = value if isinstance(value, Head) else Head(find_outputs(node, value), "shares")
    n = 2 if head.kind == "pair" else head.chain.dims[0]
    if head.kind not in ("pair", "shares") or len(names) != n or len(set(names)) != n:
        raise node.refuse("a name for each probability", f"{len(names)} names of {head.kind}")
    return replace(head, classes=names)


def find_outputs(node: Node, value: Value | None) -> Chain:
    """Return a value that is the outputs of a network. Raises :class:`FileError` for another."""
    if not isinstance(value, Chain):
        raise node.refuse("the outputs of a network", type(value).__name__)
    return value


def read_decisions(node: Node, values: Sequence[Value | None]) -> Value:
    """Read a comparison with ½, or of a sum with 0."""
    value = values[0]
    threshold = node.number("threshold", 0.0) if node.operator == "Binarizer" else find_array(node, values, 1).item()
    if isinstance(value, Head) and value.kind == "total" and threshold == 0:
        return replace(value, kind="is positive")
    if threshold != 0.5:
        raise node.refuse("a comparison with 0.5", threshold)
    outputs = find_outputs(node, value)
    if outputs.softmax:
        raise node.refuse("outputs that are no probabilities of classes", "those of softmax")
    return Head(outputs, "decisions")


def read_total(node: Node, values: Sequence[Value | None]) -> Value:
    """Read the sum of all outputs, by which they are divided."""
    axes = read_axes(node, values)
    if axes not in ((1,), (-1,)) or node.integer("keepdims", 1) != 1:
        raise node.refuse("a sum over axis 1, which is kept", list(axes))
    return Head(find_outputs(node, values[0]), "total")


def read_missing(node: Node, values: Sequence[Value | None]) -> Value:
    """Read the test for missing values."""
    return Head(find_chain(node, values), "is missing")


def read_where(node: Node, values: Sequence[Value | None]) -> Value:
    """Read a choice: of a divisor that is not 0, or of a number in place of a missing one."""
    test, first, second = values[:3]
    if isinstance(test, Head) and test.kind == "is positive" and isinstance(first, Head):
        return _choose_positive(node, test, first, find_array(node, values, 2))
    if not isinstance(test, Head) or test.kind != "is missing" or test.chain is not second:
        raise node.refuse("a number in place of a missing one", "another choice")
    if not second.is_settled or second.shape or len(second.dims) != 1:
        raise node.refuse("raw columns of numbers", f"a tensor of shape {second.dims}")
    columns = second.columns or name_columns("x", second.dims[0])
    if find_array(node, values, 1).ndim > 2:
        raise node.refuse("a number for each column", f"an array of shape {find_array(node, values, 1).shape}")
    fills = np.broadcast_to(find_array(node, values, 1).astype(np.float64).reshape(-1), (len(columns),))
    filled = [
        replace(column, fill=None if np.isnan(fill) else float(fill)) if isinstance(column, NumberColumn) else column
        for column, fill in zip(columns, fills, strict=True)
    ]
    return replace(second, columns=tuple(filled))


def _choose_positive(node: Node, test: Head, first: Head, other: np.ndarray) -> Head:
    """Choose the sum of outputs or their shares where the sum is above 0; where it is 0, shares must be equal."""
    is_own = all(one is two for one, two in zip(test.chain.layers, first.chain.layers, strict=False))
    if first.kind == "total" and first.chain is test.chain and other.all():
        return first
    if first.kind == "shares" and is_own and np.allclose(other, 1 / first.chain.dims[0]) and other.ndim <= 2:
        return first
    raise node.refuse("equal shares where all outputs are 0", f"{other.reshape(-1)[:4].tolist()} beside {first.kind}")


def read_share(node: Node, values: Sequence[Value | None]) -> Value:
    """Read the outputs divided by their sum."""
    outputs, total = values[:2]
    if (
        not isinstance(outputs, Chain)
        or not isinstance(total, Head)
        or total.kind != "total"
        or total.chain is not outputs
    ):
        raise node.refuse("outputs divided by their sum", "another quotient")
    if outputs.dims == (1,):
        raise node.refuse("the outputs of two classes or more", "one output")
    outputs = merge_back(outputs)
    if isinstance(outputs.last, ReLU) and not outputs.softmax and outputs.is_settled:
        return Head(replace(outputs, layers=outputs.layers[:-1]), "shares")
    is_positive = isinstance(outputs.last, Activation) and outputs.last.bounds[0] >= 0 and outputs.is_settled
    if not outputs.softmax and not is_positive:
        raise node.refuse("outputs that are never below 0", f"those of {outputs.last}")
    return Head(outputs, "shares")


def read_concat(node: Node, values: Sequence[Value | None]) -> Value:
    """Read columns of a table beside each other, or the two probabilities 1 − p and p."""
    if node.integer("axis", 0) not in (1, -1):
        raise node.refuse("axis 1", node.integer("axis", 0))
    chains = [find_chain(node, values, i) for i in range(len(values))]
    if len(chains) == 2 and chains[0].layers and chains[0].layers is chains[1].layers:
        first, second = chains
        is_complement = first.affine.is_scalar and first.affine.factor.item() == -1 and first.affine.add.item() == 1
        if is_complement and second.is_settled and second.dims == (1,) and isinstance(second.last, Sigmoid):
            return Head(second, "pair")
    if any(chain.layers or chain.shape or len(chain.dims) != 1 for chain in chains):
        raise node.refuse("columns of a table, or 1 − p and p", "other outputs of layers")
    if any(chain.order is not None for chain in chains):
        raise node.refuse("columns in the order of the inputs", "transposed ones")
    columns = [column for chain in chains for column in keep_columns(chain)]
    if len({column.name for column in columns}) < len(columns):
        raise node.refuse("each column once, with a name of its own", "columns of the same name")
    width = sum(column.inputs for column in columns)
    unknown = "zeros" if any(chain.unknown == "zeros" for chain in chains) else "refuse"
    is_whole = any(chain.is_whole for chain in chains)
    return Chain((width,), columns=tuple(columns), unknown=unknown, batch=chains[0].batch, is_whole=is_whole)


def read_words(node: Node, values: Sequence[Value | None]) -> Value:
    """Read the encoding of a column of words: the word for a missing one, an input for each word, and its shape."""
    words = values[0]
    if not isinstance(words, Words):
        raise node.refuse("a column of text", type(words).__name__)
    if node.operator == "LabelEncoder":
        keys, texts = (node.attributes.get(name, ()) for name in ("keys_strings", "values_strings"))
        names = dict(zip(_decode(keys), _decode(texts), strict=True))
        default = node.attributes.get("default_string", b"_Unused")
        if any(key not in ("", value) for key, value in names.items()) or default in texts:
            raise node.refuse("a word for missing ones, and all others as they are", "other words")
        return replace(words, column=replace(words.column, fill=names.get(""), words=tuple(filter(None, names))))
    if node.operator == "OneHotEncoder":
        known = _decode(node.attributes.get("cats_strings", ()))
        if not known or len(set(known)) < len(known):
            raise node.refuse("the words of a column, cats_strings, each once", list(known)[:5])
        if words.column.words and set(words.column.words) != set(known):
            raise node.refuse("the words that the encoding before it has", list(known)[:5])
        return Words(replace(words.column, words=known), "zeros" if node.integer("zeros", 1) else "refuse")
    if words.unknown and _is_flat(node, values, len(words.column.words)):
        return Chain((len(words.column.words),), columns=(words.column,), unknown=words.unknown)
    if node.operator in ("Identity", "Cast"):
        return words
    raise node.refuse("the encoding of words", f"{node.operator} of a column of text")


def _is_flat(node: Node, values: Sequence[Value | None], n: int) -> bool:
    """Check that an operator removes the middle axis of (examples, 1, n)."""
    if node.operator == "Reshape":
        target = find_array(node, values, 1).reshape(-1)[:3].tolist()
        return len(target) == 2 and (target[1] == n or target == [0, -1])
    if node.operator == "Squeeze":
        return read_axes(node, values) in ((1,), (-2,))
    return node.operator == "Flatten" and node.integer("axis", 1) in (1, -2)


def _decode(texts: Sequence[bytes]) -> tuple[str, ...]:
    return tuple(text.decode("utf-8", "replace") for text in texts)


def read_after_head(node: Node, values: Sequence[Value | None]) -> Value:
    """Read an operator after a label or a share, which changes only its type or its shape."""
    head = next(value for value in values if isinstance(value, Head))
    if node.operator in AFTER:
        return AFTER[node.operator](node, values)
    is_real = node.operator == "Cast" and node.integer("to", 0) in REAL
    is_label = node.operator == "Cast" and head.kind in ("labels", "zeros", "decisions")
    if values[0] is head and (is_real or is_label or node.operator in ("Identity", "Reshape", "Squeeze", "Unsqueeze")):
        return head
    raise node.refuse("labels or probabilities as they are", f"{node.operator} of {head.kind}")


HEADS: dict[tuple[str, str], Operator] = {
    ("", "ArgMax"): read_arg_max,
    ("", "Greater"): read_decisions,
    ("", "ReduceSum"): read_total,
    ("", "IsNaN"): read_missing,
    ("", "Where"): read_where,
    ("ai.onnx.ml", "ArrayFeatureExtractor"): read_class_names,
    ("ai.onnx.ml", "ZipMap"): read_zip_map,
    ("ai.onnx.ml", "Binarizer"): read_decisions,
    ("ai.onnx.ml", "LabelEncoder"): read_words,
    ("ai.onnx.ml", "OneHotEncoder"): read_words,
}
"""The function for each operator that reads labels, probabilities or columns, by its domain and name."""

AFTER: dict[str, Operator] = {
    **{name: function for (_, name), function in HEADS.items()},
    "Gather": read_class_names,
    "Div": read_share,
}
"""The function for each operator that may follow these, by its name."""
