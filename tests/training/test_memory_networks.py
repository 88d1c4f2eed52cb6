"""Networks with memory in every place where a network works: fit, files, resume, recipes, tables and drawings."""

from __future__ import annotations

import numpy as np
import pytest
from tests.fields import has

import deltarule as dr
from deltarule.core.initializers import Gaussian, Identity
from deltarule.data.step_labels import StepLabels
from deltarule.errors import DataError, InvalidArgument, ShapeError
from deltarule.models.description import build, describe
from deltarule.recipes import Output, Recipe, read
from deltarule.recipes.recipe import Misfit
from deltarule.training.checkpoint import Checkpoint
from deltarule.training.resume import resume

from .runs import Stop, StopAt

STEPS, FEATURES = 6, 3


def make_sequences(n: int = 42, has_lengths: bool = True) -> dr.Dataset:
    """Make sequences whose class is the sign of the first number of their last real step."""
    rng = np.random.default_rng(0)
    x, lengths = rng.normal(size=(n, STEPS, FEATURES)), rng.integers(1, STEPS + 1, n)
    lengths = lengths if has_lengths else np.full(n, STEPS)
    y = (x[np.arange(n), lengths - 1, 0] > 0).astype(int)
    return dr.Dataset(x, y, "sequences", lengths=lengths if has_lengths else None)


TRAIN = make_sequences()
LAYERS = [dr.LSTM(5, truncate=4), dr.Dropout(0.2), dr.EachStep(dr.Dense(4)), dr.GRU(4), dr.LastStep(), dr.Dense(2)]
NETWORK = dr.Network(LAYERS, dr.LogLikelihood(), (STEPS, FEATURES))
SETTINGS = {"eta": 0.02, "optimizer": dr.ClipNorm(dr.Adam(), 0.5), "batch_size": 4, "seed": 3}


@pytest.mark.parametrize("engine", ["numpy", "jax"])
def test_a_run_resumes_to_the_bit(engine, tmp_path):
    whole = dr.fit(NETWORK, TRAIN, epochs=2, engine=engine, **SETTINGS)
    with pytest.raises(Stop):
        dr.fit(NETWORK, TRAIN, epochs=2, engine=engine, callbacks=[Checkpoint(tmp_path, 3), StopAt(1, 7)], **SETTINGS)
    resumed = resume(tmp_path, TRAIN)
    assert resumed.parameters_sha256 == whole.parameters_sha256
    assert resumed.settings["optimizer"]["type"] == "ClipNorm"


def test_a_saved_model_predicts_the_same_with_and_without_lengths(tmp_path):
    model = dr.fit(NETWORK, TRAIN, epochs=1, **SETTINGS)
    model.save(tmp_path / "model.safetensors")
    again = dr.load(tmp_path / "model.safetensors")
    assert again.network == NETWORK
    for inputs in (TRAIN, TRAIN.x):
        np.testing.assert_array_equal(again.outputs(inputs), model.outputs(inputs))
    assert abs(model.outputs(TRAIN) - model.outputs(TRAIN.x)).max() > 1e-3
    alone = dr.Dataset(TRAIN.x[3:4, : TRAIN.lengths[3]], TRAIN.y[3:4])
    assert alone.x.shape[1] < STEPS
    padded = np.concatenate([alone.x, np.full((1, STEPS - alone.x.shape[1], FEATURES), 9.0)], axis=1)
    one = dr.Dataset(padded, TRAIN.y[3:4], lengths=TRAIN.lengths[3:4])
    np.testing.assert_allclose(model.outputs(one)[0], model.outputs(TRAIN)[3], rtol=1e-5)


def test_lengths_teach_what_padding_hides():
    """Check that a network learns the sign of the last real step, which it cannot find without lengths."""
    data = make_sequences(300)
    network = dr.Network([dr.Recurrent(6), dr.LastStep(), dr.Dense(2)], dr.LogLikelihood(), (STEPS, FEATURES))
    settings = {**SETTINGS, "epochs": 8, "batch_size": 10}
    known = dr.fit(network, data, **settings)
    blind = dr.fit(network, dr.Dataset(data.x, data.y), **settings)
    assert known.accuracy(data) > 0.95
    assert blind.accuracy(dr.Dataset(data.x, data.y)) < 0.85


def test_a_class_at_each_step_is_learned():
    rng = np.random.default_rng(0)
    bits, lengths = rng.integers(0, 2, (200, 5)), rng.integers(1, 6, 200)
    parity = bits.cumsum(axis=1) % 2
    labels = np.where(np.arange(5) < lengths[:, None], parity, -1)
    data = dr.Dataset(bits[:, :, None].astype(float), labels, scale=1.0, lengths=lengths, encoding=StepLabels(2, 5))
    layers = [dr.LSTM(8), dr.EachStep(dr.Dense(2)), dr.Flatten()]
    network = dr.Network(layers, dr.SumOverSteps(dr.LogLikelihood(), 2), (5, 1))
    model = dr.fit(network, data, epochs=25, eta=0.03, optimizer=dr.ClipNorm(dr.Adam(), 1.0), seed=1, batch_size=20)
    real = labels >= 0
    assert (model.predict(data) == parity)[real].mean() > 0.95


@pytest.mark.parametrize(
    "layer",
    [
        dr.LSTM(3, forget_bias=2.0, truncate=4),
        dr.GRU(3),
        dr.Recurrent(3, dr.ReLU(), Gaussian(0.001), Identity(0.9)),
        dr.EachStep(dr.Dense(4)),
        dr.LastStep(),
        dr.MeanOverSteps(),
        dr.SumOverSteps(dr.CrossEntropy(), 3),
        dr.ClipNorm(dr.Momentum(0.5), 2.0),
    ],
    ids=lambda layer: type(layer).__name__,
)
def test_descriptions_build_the_same(layer):
    assert build(describe(layer)) == layer


FILE = """
layers = ["LSTM(16, truncate=4)", "Dropout(0.1)", "EachStep(Dense(8))", "LastStep", "Output"]
cost = "LogLikelihood"
eta = 0.01
optimizer = "ClipNorm(Adam(0.9, 0.999), 1.0)"
"""


def test_a_network_file_reads_a_picture_row_by_row(tmp_path):
    (tmp_path / "my.toml").write_text(FILE, encoding="utf-8")
    recipe = read(tmp_path / "my.toml").recipe
    network = recipe.network((8, 6), 10)
    assert network.shapes == [(8, 6), (8, 16), (8, 16), (8, 8), (8,), (10,)]
    assert recipe.training.optimizer == dr.ClipNorm(dr.Adam(0.9, 0.999), 1.0)


LEAVE_OUT = "leave out the layers before it, which do not give {}"


def test_a_misfit_of_a_recipe_names_the_layer():
    with pytest.raises(Misfit, check=has(layer=1, remedy="put it before Flatten and Dense")):
        Recipe([dr.Flatten(), dr.LSTM(3), dr.LastStep(), Output()]).network((8, 8), 10)
    with pytest.raises(Misfit, check=has(layer=0, remedy="use Dense layers: the data are not sequences")):
        Recipe([dr.GRU(3), dr.LastStep(), Output()]).network((64,), 10)
    with pytest.raises(Misfit, check=has(layer=1, remedy=LEAVE_OUT.format("sequences"))):
        Recipe([dr.Conv(3, 3), dr.LSTM(3), dr.LastStep(), Output()]).network((8, 8), 10)
    with pytest.raises(Misfit, check=has(layer=1, remedy=LEAVE_OUT.format("images"))):
        Recipe([dr.LSTM(3), dr.Conv(3, 3), Output()]).network((8, 8), 10)
    with pytest.raises(Misfit, match="WEIGHTS", check=has(layer=0)):
        Recipe([dr.GRU(10**4), dr.LastStep(), Output()]).network((8, 8), 10)


def test_the_table_of_a_network_counts_each_step():
    summary = NETWORK.summary()
    assert "w 20×3, u 20×5, b 20" in summary
    assert f"{2 * STEPS * 20 * (3 + 5):,}" in summary
    assert "EachStep(Dense(4))" in summary
    large = dr.Network([dr.LSTM(20_000), dr.LastStep(), dr.Dense(2)], dr.LogLikelihood(), (2, 3))
    assert "?" in large.summary()  # its parameters would be 13 GB
    figure = NETWORK.draw()
    assert figure.axes[0].texts[1].get_text().startswith("LSTM(5, ")
    assert "MeanOverSteps" not in NETWORK._repr_html_()
    assert "LastStep" in NETWORK._repr_html_()


def test_wrong_lengths_are_refused():
    for lengths, value in ((np.zeros(42), 0.0), (np.full(42, STEPS + 1), STEPS + 1)):
        with pytest.raises(DataError, check=has(argument="lengths", value=value)):
            dr.Dataset(TRAIN.x, TRAIN.y, lengths=lengths)
    flat = dr.Network([dr.Flatten(), dr.Dense(2)], dr.LogLikelihood(), (STEPS, FEATURES))
    with pytest.raises(InvalidArgument, check=has(argument="lengths")):
        dr.fit(flat, TRAIN, epochs=1)


def test_a_sequence_of_another_length_is_refused():
    model = dr.fit(NETWORK, TRAIN, epochs=1, **SETTINGS)
    with pytest.raises(ShapeError, check=has(argument="x")):
        model.predict(TRAIN.x[:, :4])
