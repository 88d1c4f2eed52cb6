"""Preprocessing: fitted on the training set alone, and the same on every path."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.compose import ColumnTransformer
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from tests.fields import has

import deltarule as dr
from deltarule.data import MultiLabel, OneHot, OneVsRest, Real, Standardized
from deltarule.data.schema import Column, Schema
from deltarule.errors import DataError, InvalidArgument, ShapeError
from deltarule.models.files import read
from deltarule.preprocessing import NumberColumn, Preprocessing, Scaling, Standardization, WordColumn

SCHEMA = Schema((Column("width"), Column("soil", ("clay", "sand", "peat")), Column("height")), targets=("species",))
ROWS = np.array([[1.0, 0, 10], [2, 1, 20], [3, 0, 30], [6, 1, 40]])


NUMBERS = st.floats(-1e6, 1e6).map(lambda number: round(number, 6))  # scikit-learn does not scale columns of 1e-220


def make_table(x=ROWS, y=(0, 1, 0, 1), schema=SCHEMA, **more) -> dr.Dataset:
    return dr.Dataset(np.array(x), np.array(y), "trees", **{"classes": ("ash", "oak"), "schema": schema, **more})


def make_model(train: dr.Dataset, hidden: int = 4, dtype: str = "float64", **more) -> dr.Model:
    fitted = Preprocessing.fit(train)
    network = dr.Network.dense([int(np.prod(fitted.input_shape)), hidden, fitted.encoding.n_out], **more)
    return dr.fit(network, train, epochs=2, batch_size=2, seed=1, dtype=dtype, engine="numpy")


def test_a_table_is_transformed_as_scikit_learn_does():
    both = ColumnTransformer([("n", StandardScaler(), [0, 2]), ("w", OneHotEncoder(sparse_output=False), [1])])
    oracle = both.fit_transform(ROWS)[:, [0, 2, 3, 1]]  # the columns in our order
    found = Preprocessing.fit(make_table()).transform(make_table())
    np.testing.assert_allclose(found, oracle, rtol=1e-15, atol=1e-15)


def test_only_words_of_the_training_set_become_inputs():
    fitted = Preprocessing.fit(make_table())
    assert fitted.inputs.columns[1] == WordColumn("soil", ("clay", "sand"))  # no row has peat
    assert fitted.input_shape == (4,)


def test_columns_are_matched_by_name_and_words_by_their_text():
    fitted, order = Preprocessing.fit(make_table()), [2, 0, 1]
    columns = [SCHEMA.columns[i] for i in order]
    columns[2] = Column("soil", ("sand", "clay"))
    x = ROWS[:, order]
    x[:, 2] = 1 - x[:, 2]
    other = make_table(x, schema=Schema(tuple(columns)))
    np.testing.assert_array_equal(fitted.transform(other), fitted.transform(make_table()))


@pytest.mark.parametrize(
    ("columns", "problem"),
    [
        (("width", "soil"), "expected the column 'height'"),
        (("width", "soil", "height", "age"), "got 'age' as well"),
        (("width", "soil", "hight"), "expected the column 'height'"),
    ],
)
def test_missing_and_surplus_columns_are_named(columns, problem):
    words = ("clay", "sand")
    schema = Schema(tuple(Column(name, words if name == "soil" else ()) for name in columns))
    other = make_table(np.ones((4, len(columns))), schema=schema)
    with pytest.raises(DataError, match=problem):
        Preprocessing.fit(make_table()).transform(other)


def test_words_in_a_column_of_numbers_are_refused():
    schema = Schema((Column("width", ("a", "b")), *SCHEMA.columns[1:]))
    with pytest.raises(DataError, match="expected numbers in the column 'width'"):
        Preprocessing.fit(make_table()).transform(make_table(schema=schema, x=np.clip(ROWS, 0, 1)))


def test_an_unknown_word_is_an_error_or_has_no_input():
    peat = make_table([[1.0, 2, 10]], [0])
    with pytest.raises(DataError, check=has(position="example 0, column 'soil'", value="peat")):
        Preprocessing.fit(make_table()).transform(peat)
    allowed = Preprocessing.fit(make_table(schema=replace(SCHEMA, unknown="zeros")))
    assert allowed.transform(peat)[0, 1:3].tolist() == [0, 0]


def test_missing_values_are_refused_or_filled_by_the_training_set():
    holes = ROWS.copy()
    holes[3, 0], holes[2, 1] = np.nan, np.nan
    with pytest.raises(DataError, check=has(position="example 3, column 'width'")):
        Preprocessing.fit(make_table()).transform(make_table(holes))
    fitted = Preprocessing.fit(make_table(holes, schema=replace(SCHEMA, missing="median")))
    assert fitted.inputs.columns[0] == NumberColumn("width", 2.0, np.std([1, 2, 3]), 2.0)
    assert fitted.inputs.columns[1].fill == "sand"
    assert fitted.transform(make_table(holes))[3, 0] == 0  # the median is the mean here
    with pytest.raises(DataError, check=has(position="example 0, column 'height'")):
        fitted.transform(make_table([[1.0, 0, np.nan]], [0]))  # the training set had none in this column


@given(
    x=arrays(np.float64, st.tuples(st.integers(2, 30), st.integers(1, 4)), elements=NUMBERS),
    part=st.slices(30),
)
@settings(max_examples=60)
def test_prepared_inputs_do_not_depend_on_the_other_rows(x, part):
    schema = Schema(tuple(Column(f"c{i}") for i in range(x.shape[1])))
    fitted = Standardization.fit(x, schema)
    whole = fitted.transform(x, schema.columns)
    assert np.isfinite(whole).all()
    np.testing.assert_array_equal(fitted.transform(x[part], schema.columns), whole[part])
    np.testing.assert_allclose(whole, StandardScaler().fit(x).transform(x), rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize(
    ("x", "inputs"),
    [
        (np.full((4, 2, 2), 200, np.uint8), Scaling(255.0, 200 / 255)),
        (np.full((4, 2, 2), 8, np.uint8), Scaling(8.0, 1.0)),
        (np.full((4, 2, 2), 0.5), Scaling(1.0, 0.5)),
        (np.full((4, 2), 200, np.uint8), Scaling(255.0, 200 / 255)),
        (np.full((4, 2), 200.0), Scaling()),
    ],
    ids=["bytes", "few levels", "fractions", "flat bytes", "an array of numbers"],
)
def test_images_and_bytes_are_scaled_and_centred(x, inputs):
    assert Preprocessing.fit(dr.Dataset(x, np.arange(4) % 2)).inputs == inputs


def test_a_stated_scale_is_all():
    data = dr.Dataset(np.full((4, 2, 2), 200, np.uint8), np.arange(4) % 2, scale=255.0)
    assert Preprocessing.fit(data).inputs == Scaling(255.0)
    assert Preprocessing.fit(dr.data.load("digits")[0]).inputs == Scaling(16.0)


def test_every_path_prepares_the_same_bits(tmp_path):
    train = make_table()
    model = make_model(train)
    model.save(tmp_path / "model")
    loaded = dr.load(tmp_path / "model")
    assert loaded.preprocessing == model.preprocessing
    shares = model.predict_proba(ROWS)
    for found in (model.predict_proba(train), loaded.predict_proba(ROWS), loaded.predict_proba(train)):
        np.testing.assert_array_equal(found, shares)
    for i in range(4):
        np.testing.assert_allclose(model.predict_proba(ROWS[i : i + 1])[0], shares[i], rtol=0, atol=1e-12)
        np.testing.assert_allclose(model.predict_proba(ROWS[i])[0], shares[i], rtol=0, atol=1e-12)
    np.testing.assert_array_equal(loaded.preprocessing.transform(ROWS), model.preprocessing.transform(train))


def test_classes_are_matched_by_name_and_may_be_missing():
    model = make_model(make_table())
    swapped = make_table(y=(1, 0, 1, 0), classes=("oak", "ash"))
    assert model.evaluate(swapped) == model.evaluate(make_table())
    only = make_table(ROWS[:1], [0], classes=("ash",))
    assert model.confusion(only).sum() == 1
    with pytest.raises(DataError, check=has(argument="y", owner="trees", value="elm")):
        model.evaluate(make_table(classes=("ash", "elm")))


def test_a_model_trained_further_keeps_its_preprocessing():
    model = make_model(make_table())
    other = make_table(10 * ROWS * [1, 0.1, 1])
    assert dr.fit(model, other, epochs=1, batch_size=2, engine="numpy").preprocessing == model.preprocessing


def test_real_targets_are_standardized_and_scaled_back(tmp_path):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(300, 3))
    y = 1000 + 200 * x[:, 0] - 50 * x[:, 1]
    train = dr.Dataset(x, y, "prices", encoding=Standardized(1))
    network = dr.Network.dense([3, 8, 1], dr.Quadratic(dr.Linear()))
    model = dr.fit(network, train, epochs=30, eta=0.1, seed=1, engine="numpy", validation=train)
    assert model.encoding == Standardized(1).fit(y)
    found = model.evaluate(train)
    assert found["r2"] > 0.99
    assert found["r2"] == pytest.approx(1 - np.sum((y - model.predict(x)) ** 2) / np.sum((y - y.mean()) ** 2))
    assert found["rmse"] == pytest.approx(np.sqrt(np.mean((y - model.predict(x)) ** 2)))
    assert model.history.last["validation_r2"] == pytest.approx(found["r2"])
    model.save(tmp_path / "model")
    np.testing.assert_array_equal(dr.load(tmp_path / "model").predict(x), model.predict(x))
    with pytest.raises(InvalidArgument, check=has(argument="train")):
        dr.fit(dr.Network.dense([3, 1]), train, epochs=1)  # a cost that the targets cannot have


def test_several_targets_have_their_own_scales():
    x = np.random.default_rng(0).normal(size=(200, 2))
    y = np.stack([100 * x[:, 0], 0.01 * x[:, 1] + 5], axis=1)
    train = dr.Dataset(x, y, "two", encoding=Standardized(2))
    model = dr.fit(dr.Network.dense([2, 2], dr.Quadratic(dr.Linear())), train, epochs=40, eta=0.1, engine="numpy")
    assert model.predict(x).shape == (200, 2)
    assert model.evaluate(train)["r2"] > 0.999


def test_several_labels_are_right_together():
    x = np.random.default_rng(0).normal(size=(200, 2))
    y = (x > 0).astype(int)
    train = dr.Dataset(x, y, "two", classes=("a", "b"), encoding=MultiLabel(2))
    model = dr.fit(dr.Network.dense([2, 2]), train, epochs=40, engine="numpy")
    predicted = model.predict(x)
    assert predicted.shape == (200, 2)
    np.testing.assert_array_equal(model.predict(dr.Dataset(x, np.zeros(200))), predicted)  # labels are not looked at
    assert model.accuracy(train) == np.mean((predicted == y).all(axis=1)) > 0.9
    with pytest.raises(InvalidArgument, check=has(argument="dataset")):
        model.confusion(train)
    with pytest.raises(InvalidArgument, match="sum to 1"):
        dr.fit(dr.Network.dense([2, 2], "log-likelihood"), train, epochs=1)


@pytest.mark.parametrize(
    "encoding", [OneHot(3), OneVsRest(1), Real(), Standardized(2, (1.0, 2.0), (3.0, 4.0)), MultiLabel(2)]
)
@pytest.mark.parametrize(
    "inputs",
    [
        Scaling(16.0, 0.3),
        Standardization((NumberColumn("a", 1 / 3, 1e-300, 0.1), WordColumn("b", ("x", "y"), "x")), "zeros"),
    ],
    ids=["scaling", "standardization"],
)
def test_a_file_restores_every_bit(tmp_path, encoding, inputs):
    schema = Schema((Column("a"), Column("b", ("y", "x"))), ("t",), ("id",), "median", "zeros", False)
    own = Preprocessing(encoding, inputs, ("p", "q"), (2,), schema)
    network = dr.Network.dense([*own.input_shape, encoding.n_out])
    dr.Model(network, network.init(1), own).save(tmp_path / "model")
    assert dr.load(tmp_path / "model").preprocessing == own
    assert read(tmp_path / "model")[1]["format"] == 3


def test_an_array_of_another_width_is_refused():
    with pytest.raises(
        ShapeError, check=has(argument="x", expected="an array of shape (n, 3), with the 3 columns of the training set")
    ):
        make_model(make_table()).predict(np.zeros((2, 4)))


def test_a_network_of_another_width_says_what_columns_become():
    with pytest.raises(ShapeError, match="got 4 numbers, shape \\(4,\\), which 3 columns become"):
        dr.fit(dr.Network.dense([3, 2]), make_table(), epochs=1)


def test_weights_of_examples_change_what_is_learned():
    x, y = np.array([[0.0], [0.0]]), np.array([0, 1])
    for weights, more_likely in (([1.0, 9.0], 1), ([9.0, 1.0], 0)):
        train = dr.Dataset(x, y, weights=weights)
        model = dr.fit(dr.Network.dense([1, 2]), train, epochs=50, batch_size=2, engine="numpy")
        assert model.predict(x[:1]).tolist() == [more_likely]


@pytest.mark.parametrize("code", [2.0, -1.0, 0.5], ids=str)
@pytest.mark.parametrize("missing", ["refuse", "median"])
def test_a_number_that_is_no_word_is_refused(code, missing):
    schema = Schema((Column("soil", ("clay", "sand")), Column("width")), missing=missing)
    holes = np.nan if missing == "median" else 1.0
    train = dr.Dataset([[0.0, 1.0], [1.0, 2.0], [holes, 3.0]], [0, 1, 1], schema=schema)
    model = make_model(train)
    with pytest.raises(DataError, check=has(position="column 'soil'", value=code)):
        model.predict([[code, 2.0], [0.0, 1.0]])
    with pytest.raises(DataError, check=has(value=code)):
        Preprocessing.fit(dr.Dataset([[code, 1.0], [0.0, 2.0]], [0, 1], schema=schema))


@pytest.mark.parametrize("unit", [1e-300, 1e-8, 1.0, 1e16, 1e200])
def test_the_unit_of_a_column_does_not_matter(unit):
    x = np.array([[1.0], [2.0], [4.0]])
    schema = Schema((Column("a"),))
    plain, other = (Preprocessing.fit(dr.Dataset(unit_ * x, [0, 1, 1], schema=schema)) for unit_ in (1.0, unit))
    np.testing.assert_allclose(other.transform(unit * x), plain.transform(x), rtol=1e-9)
    targets = Standardized(1).fit(unit * x[:, 0])
    np.testing.assert_allclose(targets.encode(unit * x[:, 0])[:, 0], plain.transform(x)[:, 0], rtol=1e-9)


def test_a_column_that_never_changes_has_no_effect():
    schema = Schema((Column("a"), Column("b")))
    fitted = Preprocessing.fit(dr.Dataset([[0.1, 1.0]] * 3 + [[0.1, 2.0]], [0, 1, 1, 0], schema=schema))
    assert fitted.inputs.columns[0] == NumberColumn("a", 0.1, 1.0)


def test_a_schema_of_another_width_is_refused():
    with pytest.raises(DataError, check=has(argument="x", value=(2, 3))):
        dr.Dataset(np.zeros((2, 3)), [0, 1], schema=Schema((Column("a"), Column("b"))))
