"""The outputs of a model as ONNX operators: the activation of its cost, probabilities, labels, votes and values."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np

from deltarule.core.activations import Sigmoid
from deltarule.core.costs import Cost, CrossEntropy, LabelSmoothing, LogLikelihood, Quadratic
from deltarule.core.layer import Shape
from deltarule.core.step_costs import SumOverSteps
from deltarule.data.encodings import Bits, Encoding, MultiLabel, OneHot, OneVsRest, Real, Standardized
from deltarule.data.step_labels import StepLabels
from deltarule.errors import InvalidArgument
from deltarule.exchange.onnx_graph import BATCH, FLOAT64, INT64, Graph
from deltarule.exchange.onnx_layers import Signal, export_layer


def export_cost(graph: Graph, cost: Cost, z: str, n_out: int, name: str) -> str:
    """Add the activation of the outputs. Raises :class:`InvalidArgument` for a cost of the user's own."""
    inner = cost.cost if isinstance(cost, LabelSmoothing) else cost
    if type(inner) is SumOverSteps:
        below = graph.add_constant(f"{name}shape of a step", np.array([-1, inner.n_out]))
        steps = graph.add("Reshape", z, below, name=f"{name}steps")
        activated = export_cost(graph, inner.cost, steps, inner.n_out, f"{name}step/")
        return graph.add("Reshape", activated, graph.add_constant(f"{name}shape", np.array([-1, n_out])))
    if type(inner) is LogLikelihood:
        return graph.add("Softmax", z, name=f"{name}activation", axis=1)
    if type(inner) is CrossEntropy or (type(inner) is Quadratic and type(inner.output) is Sigmoid):
        return _export_exact_sigmoid(graph, z, f"{name}activation")
    if type(inner) is Quadratic:
        return export_layer(graph, inner.output, {}, Signal(z, (n_out,)), f"{name}activation").name
    raise InvalidArgument(
        f"expected a cost of deltarule, whose output activation ONNX has operators for, got {cost}",
        argument="model",
        value=cost,
        remedy="build the network with LogLikelihood(), CrossEntropy() or Quadratic(…), or use model.save(path)",
    )


def _export_exact_sigmoid(graph: Graph, z: str, name: str) -> str:
    """Add 1 / (1 + e⁻ᶻ). The operator Sigmoid of a runtime may be an approximation, which is 0 or above 1 at the ends.

    Probabilities are quotients of outputs, so that small outputs need all their digits.
    """
    e = graph.add("Exp", graph.add("Neg", z, name=f"{name}/minus z"), name=f"{name}/e")
    one = graph.add_constant(f"{name}/one", np.float32(1))
    return graph.add("Reciprocal", graph.add("Add", e, one, name=f"{name}/sum"), name=name)


def export_probabilities(graph: Graph, cost: Cost, outputs: str, n_out: int, name: str) -> str:
    """Add the outputs scaled to sum to 1; outputs that are all 0 become equal. Those of softmax stay as they are."""
    if type(cost.cost if isinstance(cost, LabelSmoothing) else cost) is LogLikelihood:
        return outputs
    zero, one = (graph.add_constant(f"{name}{word}", np.float32(i)) for i, word in enumerate(("zero", "one")))
    equal = graph.add_constant(f"{name}equal", np.full((1, n_out), 1 / n_out, np.float32))
    axes = graph.add_constant(f"{name}classes", np.array([1]))
    positive = graph.add("Relu", outputs, name=f"{name}positive")
    total = graph.add("ReduceSum", positive, axes, name=f"{name}total", keepdims=1)
    is_positive = graph.add("Greater", total, zero, name=f"{name}is positive")
    divisor = graph.add("Where", is_positive, total, one, name=f"{name}divisor")
    shares = graph.add("Div", positive, divisor, name=f"{name}shares")
    return graph.add("Where", is_positive, shares, equal, name=f"{name}normalized")


def export_classes(graph: Graph, scores: str, probabilities: str, classes: Sequence[str], n_out: int) -> None:
    """Add the outputs ``labels``, the class with the highest score, and ``probabilities``.

    Labels are text if the classes have names, and numbers if they have none or if all names are numbers.
    """
    label = graph.add("ArgMax", scores, name="class", axis=1, keepdims=0)
    names = read_class_names(classes, n_out)
    if names.tolist() != list(range(n_out)):
        label = graph.add("Gather", graph.add_constant("class names", names), label, name="class name")
    dtype = np.int64 if names.dtype.kind == "i" else object
    graph.add_output(label, "labels", dtype, (BATCH,), "The most probable class of each example.")
    about = f"The probability of each class: {', '.join(map(str, names[:50]))}{', …' if len(names) > 50 else ''}."
    graph.add_output(probabilities, "probabilities", np.float32, (BATCH, n_out), about)


def read_class_names(classes: Sequence[str], n_out: int) -> np.ndarray:
    """Return the names of the classes as an array of text, or of int64 if all are whole numbers.

    >>> read_class_names((), 2).tolist(), read_class_names(("3", "8"), 2).tolist(), read_class_names(("a", "8"), 2)
    ([0, 1], [3, 8], array(['a', '8'], dtype='<U1'))
    """
    names = [*classes[:n_out], *map(str, range(len(classes), n_out))]
    try:
        numbers = np.array([int(name) for name in names], np.int64)
    except (ValueError, OverflowError):
        return np.array(names, np.str_)
    return numbers if list(map(str, numbers.tolist())) == names else np.array(names, np.str_)


Decode: TypeAlias = Callable[[Graph, Any, str], None]
"""Add the outputs of the graph that an encoding decodes from the outputs of the network."""


def export_encoding(graph: Graph, encoding: Encoding, outputs: str) -> None:
    """Add the outputs of a model that has no probabilities of classes.

    Raises :class:`InvalidArgument` for an encoding of the user's own.
    """
    if type(encoding) not in ENCODINGS:
        raise InvalidArgument(
            f"expected an encoding of deltarule ({', '.join(k.__name__ for k in ENCODINGS)}), got {encoding}",
            argument="model",
            value=encoding,
            remedy="use one of these, or save the model with model.save(path)",
        )
    ENCODINGS[type(encoding)](graph, encoding, outputs)


def _export_one_hot(graph: Graph, encoding: OneHot, outputs: str) -> None:
    label = graph.add("ArgMax", outputs, name="class", axis=1, keepdims=0)
    _add_labels(graph, label, outputs, (), encoding.n_out)


def _export_bits(graph: Graph, encoding: Bits, outputs: str) -> None:
    values = graph.add_constant("values of bits", 1 << np.arange(encoding.n_out))
    bits = graph.add("Mul", _add_threshold(graph, outputs), values, name="bits")
    axes = graph.add_constant("axis of bits", np.array([1]))
    label = graph.add("ReduceSum", bits, axes, name="number", keepdims=0)
    _add_labels(graph, label, outputs, (), encoding.n_out)


def _export_one_vs_rest(graph: Graph, encoding: OneVsRest, outputs: str) -> None:
    label = _drop_axis(graph, _add_threshold(graph, outputs), "label")
    _add_labels(graph, label, outputs, (), 1)


def _export_multi_label(graph: Graph, encoding: MultiLabel, outputs: str) -> None:
    _add_labels(graph, _add_threshold(graph, outputs), outputs, (encoding.n_out,), encoding.n_out)


def _export_step_labels(graph: Graph, encoding: StepLabels, outputs: str) -> None:
    shape = graph.add_constant("steps and classes", np.array([-1, encoding.steps, encoding.classes]))
    steps = graph.add("Reshape", outputs, shape, name="outputs of each step")
    label = graph.add("ArgMax", steps, name="class", axis=2, keepdims=0)
    _add_labels(graph, label, outputs, (encoding.steps,), encoding.n_out)


def _export_real(graph: Graph, encoding: Real, outputs: str) -> None:
    graph.add_output(_drop_axis(graph, outputs, "number"), "values", np.float32, (BATCH,), "The predicted number.")


def _export_standardized(graph: Graph, encoding: Standardized, outputs: str) -> None:
    """Add t · deviation + mean in float64, in the units of the training set."""
    deviation = graph.add_constant("target deviations", np.array(encoding.deviation, np.float64))
    mean = graph.add_constant("target means", np.array(encoding.mean, np.float64))
    exact = graph.add("Cast", outputs, name="exact outputs", to=FLOAT64)
    values = graph.add("Add", graph.add("Mul", exact, deviation, name="scaled outputs"), mean, name="numbers")
    shape = (encoding.n_out,) if encoding.n_out > 1 else ()
    values = values if shape else _drop_axis(graph, values, "number")
    graph.add_output(values, "values", np.float64, (BATCH, *shape), "The predicted numbers, in their original units.")


ENCODINGS: Mapping[type, Decode] = {
    OneHot: _export_one_hot,
    Bits: _export_bits,
    OneVsRest: _export_one_vs_rest,
    MultiLabel: _export_multi_label,
    StepLabels: _export_step_labels,
    Real: _export_real,
    Standardized: _export_standardized,
}
"""The function for each type of encoding."""


def _add_labels(graph: Graph, labels: str, outputs: str, shape: Shape, n_out: int) -> None:
    graph.add_output(labels, "labels", np.int64, (BATCH, *shape), "The predicted labels.")
    graph.add_output(outputs, "outputs", np.float32, (BATCH, n_out), "The outputs of the network.")


def _add_threshold(graph: Graph, outputs: str) -> str:
    half = graph.add_constant("half", np.float32(0.5))
    return graph.add("Cast", graph.add("Greater", outputs, half, name="is above half"), name="decisions", to=INT64)


def _drop_axis(graph: Graph, column: str, name: str) -> str:
    return graph.add("Squeeze", column, graph.add_constant(f"{name}/axis", np.array([1])), name=name)


def export_vote(graph: Graph, members: Sequence[str], voting: str, n_out: int) -> tuple[str, str]:
    """Add the vote of an ensemble from its members' probabilities: (scores, mean probabilities)."""
    mean = graph.add("Mean", *members, name="mean probabilities")
    if voting == "soft":
        return mean, mean
    depth = graph.add_constant("number of classes", np.array(n_out))
    values = graph.add_constant("no vote, vote", np.array([0, 1], np.float32))
    ballots = [graph.add("ArgMax", member, name=f"choice {i}", axis=1, keepdims=0) for i, member in enumerate(members)]
    votes = [graph.add("OneHot", b, depth, values, name=f"vote {i}", axis=1) for i, b in enumerate(ballots)]
    half = graph.add("Mul", mean, graph.add_constant("half", np.float32(0.5)), name="decision of ties")
    return graph.add("Sum", *votes, half, name="votes"), mean
