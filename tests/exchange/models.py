"""Models to export: every built-in layer and cost, random networks, and every kind of preprocessing and encoding."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from hypothesis import strategies as st
from tests.core.table import ACTIVATIONS, ALONE, MACHINES, SEQUENCES, Entry

import deltarule as dr
from deltarule.data.encodings import Bits, Encoding, MultiLabel, OneHot, OneVsRest, Real, Standardized
from deltarule.data.schema import Column, Schema
from deltarule.models.model import Model
from deltarule.preprocessing import NumberColumn, Preprocessing, Scaling, Standardization, WordColumn
from deltarule.recipes.builtin import RECIPES

COSTS = (
    dr.LogLikelihood(),
    dr.CrossEntropy(),
    dr.LabelSmoothing(dr.CrossEntropy(), 0.1),
    *(dr.Quadratic(activation) for activation in ACTIVATIONS),
)


def build_model(network: dr.Network, seed: int = 0, dtype: str = "float32", **preprocessing: Any) -> Model:
    """Build a model whose parameters are all random, also biases and running means."""
    rng = np.random.default_rng(seed)

    def draw(name: str, value: np.ndarray) -> np.ndarray:
        if name in ("w", "u"):  # large recurrent weights would make rounding grow from step to step
            return value
        return rng.uniform(0.5, 2, value.shape) if name == "variance" else rng.normal(size=value.shape)

    params = [{name: draw(name, value).astype(dtype) for name, value in one.items()} for one in network.init(seed)]
    settings = {
        "encoding": OneHot(network.n_out),
        "inputs": Scaling(255.0, 0.3),
        "classes": [f"class {i}" for i in range(network.n_out)],
        "example_shape": network.input_shape,
        **preprocessing,
    }
    return Model(network, params, Preprocessing(**settings))


def draw_pixels(model: Model, n: int = 20) -> np.ndarray:
    return np.random.default_rng(1).integers(0, 256, (n, *model.example_shape)).astype(np.uint8)


def build_recipe(name: str) -> Model:
    """Build a model of a built-in recipe for MNIST."""
    return build_model(RECIPES[name].network((28, 28), 10), example_shape=(28, 28))


def check_equal(found: np.ndarray, wanted: np.ndarray) -> None:
    """Check that outputs have the same type and shape, and are equal within 1e-5 of the largest, or of 1."""
    assert (found.shape, found.dtype) == (wanted.shape, wanted.dtype)
    np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=1e-5 * abs(wanted).max(initial=1))


def list_models() -> dict[str, Model]:
    """List a model for each layer of the contract table, and one for each cost."""
    found = {}
    for entry in [one for one in ALONE if one not in (*SEQUENCES, *MACHINES)]:
        flat = [dr.Flatten()] if len(entry.layer.output_shape(entry.input_shape)) > 1 else []
        network = dr.Network([entry.layer, *flat, dr.Dense(4), dr.Tanh(), dr.Dense(3)], COSTS[0], entry.input_shape)
        found[str(entry)] = build_model(network)
    for cost in COSTS:
        found[str(cost)] = build_model(dr.Network([dr.Dense(4), dr.Sigmoid(), dr.Dense(3)], cost, (5,)))
    found["float64"] = build_model(dr.Network.dense([5, 4, 3]), dtype="float64")
    found["normalization of a flat row"] = build_model(
        dr.Network([dr.Conv(2, 2), dr.Flatten(), dr.BatchNorm(), dr.Dense(3)], dr.CrossEntropy(), (3, 4, 1))
    )
    found["no dense layer"] = build_model(dr.Network([dr.Conv(2, 2), dr.Flatten()], dr.CrossEntropy(), (3, 4, 1)))
    found["normalization of three dimensions"] = build_model(
        dr.Network([dr.BatchNorm(), dr.Flatten(), dr.Dense(3)], dr.CrossEntropy(), (2, 3, 2, 2))
    )
    grey = dr.Network([dr.Conv(2, 3), dr.Flatten(), dr.Dense(3)], dr.LogLikelihood(), (4, 5, 1))
    found["grey pictures"] = build_model(grey, example_shape=(4, 5))
    return found


def list_sequence_models() -> dict[str, Model]:
    """List a model for each layer of sequences of the contract table, and more activations of a recurrent layer."""
    found = {}
    own = [Entry(dr.Recurrent(3, activation), (4, 2)) for activation in (dr.ReLU(), dr.LeakyReLU(0.3), dr.ELU(0.5))]
    linear = [Entry(dr.Recurrent(3, dr.Linear()), (4, 2)), Entry(dr.EachStep(dr.Conv(2, 2)), (3, 3, 4, 2))]
    for entry in (*SEQUENCES, *own, *linear):
        flat = [dr.Flatten()] if len(entry.layer.output_shape(entry.input_shape)) > 1 else []
        network = dr.Network([entry.layer, *flat, dr.Dense(4), dr.Tanh(), dr.Dense(3)], COSTS[0], entry.input_shape)
        found[str(entry)] = build_model(network)
    several = [dr.GRU(4), dr.Sigmoid(), dr.LSTM(3), dr.EachStep(dr.Dense(3)), dr.MeanOverSteps(), dr.Dense(3)]
    found["several"] = build_model(dr.Network(several, COSTS[0], (5, 3)))
    return found


SEQUENCE_MODELS = list_sequence_models()
MODELS = list_models()

ENCODINGS: dict[str, tuple[Encoding, dr.Cost, tuple[str, ...]]] = {
    "classes by name": (OneHot(3), dr.LogLikelihood(), ("oak", 'the "elm"', "é\n\\'")),
    "classes by number": (OneHot(3), dr.CrossEntropy(), ()),
    "outputs below 0": (OneHot(3), dr.Quadratic(dr.Tanh()), ()),
    "bits": (Bits(4), dr.CrossEntropy(), ()),
    "one against the rest": (OneVsRest(9), dr.CrossEntropy(), ()),
    "several labels": (MultiLabel(3), dr.CrossEntropy(), ()),
    "a number": (Real(), dr.Quadratic(dr.Linear()), ()),
    "standardized number": (Standardized(1, (20.0,), (7.0,)), dr.Quadratic(dr.Linear()), ()),
    "standardized numbers": (Standardized(2, (20.0, -3.0), (7.0, 0.1)), dr.Quadratic(dr.Linear()), ()),
}


def build_encoded(name: str) -> Model:
    """Build a model whose outputs have this encoding, and predict several labels."""
    encoding, cost, classes = ENCODINGS[name]
    network = dr.Network.dense([5, 4, encoding.n_out], cost=cost, init="large", hidden="tanh")
    model = build_model(network, encoding=encoding, classes=classes, inputs=Scaling(255.0, 0.5))
    return replace(model, params=[{k: 0 * v if k == "b" else v for k, v in layer.items()} for layer in model.params])


def list_labels(model: Model, x: Any) -> list:
    """List the labels that a model predicts, by name if it has names for its classes."""
    labels = model.predict(x).tolist()
    return [model.classes[i] for i in labels] if model.classes and isinstance(model.encoding, OneHot) else labels


NUMBERS = Standardization((NumberColumn("age", 40.0, 12.0), NumberColumn('a "b" \\', 1e6, 3.0, fill=1e6 + 2)))
WORDS = Standardization(
    (
        NumberColumn("age", 40.0, 12.0, fill=33.0),
        WordColumn("soil", ("clay", 'the "sand"', "1"), fill="clay"),
        WordColumn("tree", ("elm", "oak")),
    )
)


def build_table(inputs: Standardization) -> Model:
    """Build a model of a table with these columns."""
    network = dr.Network.dense([inputs.width, 4, 3], cost="log-likelihood")
    shape = (len(inputs.columns),)
    schema = Schema(tuple(Column(one.name, getattr(one, "words", ())) for one in inputs.columns), ("kind",))
    return build_model(network, inputs=inputs, classes=("x", "y", "z"), example_shape=shape, schema=schema)


def give_zeros(inputs: Standardization) -> Standardization:
    """Let unknown words have no input."""
    return replace(inputs, unknown="zeros")


@st.composite
def build_networks(draw: st.DrawFn) -> dr.Network:
    """Draw a network of any layers that fit, on images or rows."""
    size = st.integers(1, 3)
    has_images = draw(st.booleans())
    shape = (draw(st.integers(3, 9)), draw(st.integers(3, 9)), draw(size)) if has_images else (draw(st.integers(1, 6)),)
    simple = st.sampled_from((*ACTIVATIONS, dr.BatchNorm(), dr.BatchNorm(0.1, 0.7), dr.Dropout(0.4)))
    layers: list[dr.Layer] = []
    input_shape = shape
    for _ in range(draw(st.integers(0, 4))):
        kinds = [simple]
        if len(shape) == 3:
            height, width = (min(3, n) for n in shape[:2])
            windows = st.tuples(st.integers(1, height), st.integers(1, width))
            kinds += [
                st.builds(dr.Conv, size, windows, stride=st.tuples(size, size)),
                *(st.builds(pool, windows, stride=st.just(1)) for pool in (dr.MaxPool, dr.L2Pool)),
                st.sampled_from([dr.MaxPool((1, shape[1])), dr.L2Pool((shape[0], 1))]),
                st.just(dr.Flatten()),
            ]
        else:
            kinds.append(st.builds(dr.Dense, st.integers(1, 6)))
        layers.append(draw(st.one_of(kinds)))
        shape = layers[-1].output_shape(shape)
    if len(shape) == 3:
        layers.append(dr.Flatten())
        layers += [draw(simple)] if draw(st.booleans()) else []
    if draw(st.booleans()) or not layers:
        layers.append(dr.Dense(draw(st.integers(2, 4))))
    return dr.Network(layers, draw(st.sampled_from(COSTS)), input_shape)
