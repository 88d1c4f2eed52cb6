"""Data sets from arrays: valid arrays are kept, and errors name invalid ones."""

import numpy as np
import pytest
from tests.fields import has

import deltarule as dr
from deltarule.data import Bits, Dataset, OneHot, OneVsRest, Real
from deltarule.errors import DataError, InvalidArgument

X = np.zeros((3, 4), np.uint8)


def test_lists_become_arrays():
    data = Dataset([[0.0, 1.0], [1.0, 0.0]], [1, 0])
    assert (data.x.shape, data.targets.tolist()) == ((2, 2), [[0.0, 1.0], [1.0, 0.0]])


@pytest.mark.parametrize(
    ("y", "position", "word"),
    [
        (np.eye(3, dtype=int), "", r"\(3, 3\).*argmax"),
        (np.array([0, 1]), "", "3 examples, got 2 labels"),
        (np.array([0.0, np.nan, 1.0]), "label at position 1", "nan"),
        (np.array(["a", 1, None], object), "", "object"),
        ([[0], [1, 2], [3]], "", "rows of different lengths"),
        ([-2, -1, -2], "label at position 0", "-2"),
    ],
    ids=["one-hot", "too few", "NaN", "objects", "ragged", "negative"],
)
def test_invalid_labels_are_refused(y, position, word):
    with pytest.raises(DataError, match=word, check=has(owner="mine", argument="y", position=position)):
        Dataset(X, y, "mine")


@pytest.mark.parametrize(
    ("x", "position", "word"),
    [
        (None, "", "None"),
        (iter([[1.0], [2.0]]), "", "list_iterator"),
        ([[1.0, 2.0], [3.0], [4.0]], "", "rows of different lengths"),
        (np.array([[1.0], [np.nan], [None]], object), "", "object"),
        ([["1"], ["2"], ["3"]], "", "<U1"),
        (np.array([[1j], [2], [3]]), "", "complex128"),
        (3.0, "", "3.0"),
        ([[1.0], [np.inf], [3.0]], "example 1, at [0]", "inf"),
    ],
    ids=["None", "an iterator", "ragged", "objects", "text", "complex", "a number", "infinity"],
)
def test_invalid_examples_are_refused(x, position, word):
    with pytest.raises(DataError, match=word, check=has(owner="mine", argument="x", position=position)):
        Dataset(x, [0, 1, 0], "mine")


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"scale": "255"}, InvalidArgument),
        ({"schema": "x"}, InvalidArgument),
        ({"scale": True}, InvalidArgument),
        ({"scale": np.inf}, DataError),
        ({"scale": np.nan}, DataError),
        ({"encoding": OneHot}, InvalidArgument),
        ({"encoding": 3}, InvalidArgument),
        ({"style": "MNIST"}, InvalidArgument),
        ({"classes": 3}, InvalidArgument),
    ],
    ids=str,
)
def test_invalid_fields_are_refused(options, error):
    [(argument, value)] = options.items()
    with pytest.raises(error, check=has(argument=argument, value=value)):
        Dataset(X, np.array([0, 1, 1]), "mine", **options)


@pytest.mark.parametrize("classes", [range(3), np.arange(3), ["0", "1", "2"], np.array(["0", "1", "2"])], ids=repr)
def test_names_of_classes_become_text(tmp_path, classes):
    data = Dataset(X, np.array([0, 1, 2]), "mine", classes=classes)
    assert data.classes == ("0", "1", "2")
    assert {type(name) for name in data.classes} == {str}
    dr.fit(dr.Network.dense([4, 3]), data, epochs=1, engine="numpy").save(tmp_path / "model")
    assert dr.load(tmp_path / "model").classes == data.classes


@pytest.mark.parametrize(
    ("y", "classes", "positions"),
    [(["owl", "cat", "owl"], ("cat", "owl"), [1, 0, 1]), ([True, False, True], ("False", "True"), [1, 0, 1])],
    ids=["text", "truth values"],
)
def test_labels_that_are_names_become_classes(y, classes, positions):
    data = Dataset(X, y, "mine")
    assert (data.classes, data.y.tolist()) == (classes, positions)
    assert Dataset(X, np.array(y), "mine").classes == classes
    if isinstance(y[0], str):
        assert Dataset(X, np.array(y, np.dtypes.StringDType()), "mine").classes == classes
        assert Dataset(X, np.array([name.encode() for name in y]), "mine").classes == classes
    with pytest.raises(DataError, check=has(argument="y", owner="mine", value=str(y[0]))):
        Dataset(X, y, "mine", classes=("cat",))


def test_names_that_are_no_text_are_refused():
    with pytest.raises(DataError, check=has(argument="y", owner="mine", expected="names in UTF-8")):
        Dataset(X, np.array(["ö".encode("latin-1"), b"o", b"o"]), "mine")


def test_two_classes_of_one_name_are_refused():
    """The shares of an answer are listed by name, so that those of one class would be lost."""
    with pytest.raises(DataError, check=has(argument="classes", value="a")):
        Dataset(X, np.array([0, 1, 2]), "mine", classes=("b", "a", "a"))


@pytest.mark.parametrize("weights", [[1.0, -1.0, 1.0], [1.0, np.nan, 1.0]], ids=["negative", "NaN"])
def test_invalid_weights_are_refused(weights):
    with pytest.raises(DataError, check=has(argument="weights", position="example 1")):
        Dataset(X, [0, 1, 0], "mine", weights=np.array(weights))


def test_weights_stay_with_their_examples():
    data = Dataset(X, [0, 1, 0], "mine", weights=[1.0, 2.0, 3.0])
    assert data[[2, 0]].weights.tolist() == data.copy()[[2, 0]].weights.tolist() == [3.0, 1.0]


def test_labels_of_another_type_have_a_remedy():
    for y, remedy in (([0.0, 1.0, 1.0], r"y\.astype\(int\)"), ([0.0, 0.5, 1.0], r"Real\(\)")):
        with pytest.raises(DataError, match=remedy):
            _ = Dataset(X, y, "mine").targets


def test_large_labels_are_encoded_if_memory_allows():
    targets = Dataset(X, np.array([0, 10**6, 1])).targets
    assert (targets.shape, targets[1, -1], targets.sum()) == ((3, 10**6 + 1), 1, 3)
    with pytest.raises(DataError, check=has(remedy="number the classes 0, 1, 2, … without a gap")):
        OneHot(10**18).encode(np.array([0, 10**12, 1]))


@pytest.mark.parametrize("encoding", [OneHot(4), Bits(2)], ids=str)
@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.uint64], ids=lambda dtype: dtype.__name__)
def test_labels_may_have_any_integer_type(encoding, dtype):
    labels = np.array([3, 0, 2])
    assert np.array_equal(encoding.encode(labels.astype(dtype)), encoding.encode(labels))


@pytest.mark.parametrize("encoding", [OneHot(2), Bits(2)], ids=str)
@pytest.mark.parametrize("y", [np.array([0.0, 1.0, 1.0]), np.array([True, False, True])], ids=["floats", "booleans"])
def test_labels_that_are_no_whole_numbers_are_refused(encoding, y):
    with pytest.raises(DataError, match=r"float64|bool", check=has(argument="y", owner="mine")):
        _ = Dataset(X, y, "mine", encoding=encoding).targets


@pytest.mark.parametrize("positions", [slice(1, None), [1, 2], np.array([False, True, True])], ids=str)
def test_positions_give_a_data_set(positions):
    part = Dataset(X, np.array([2, 0, 1]), "mine", 255.0)[positions]
    assert (part.y.tolist(), part.scale, part.encoding) == ([0, 1], 255.0, OneHot(3))


def test_a_single_position_is_refused():
    with pytest.raises(InvalidArgument, check=has(argument="[1]", owner="mine", value=1)):
        Dataset(X, np.array([0, 1, 1]), "mine")[1]


@pytest.mark.parametrize(
    ("shape", "options", "words"),
    [
        ((12_000, 28, 28), {}, "mine: 12,000 × 28×28, 2 classes"),
        ((12_000, 5), {"encoding": Real()}, "mine: 12,000 × 5, labels as Real()"),
    ],
)
def test_repr_is_one_line(shape, options, words):
    y = np.arange(shape[0]) % 2
    assert repr(Dataset(np.zeros(shape, np.uint8), y, "mine", **options)) == f"Dataset({words})"


def test_labels_out_of_range_are_refused():
    for encoding, largest, wrong in ((OneHot(2), 1, 2), (Bits(2), 3, 4)):
        fields = has(argument="y", position="label at position 1", value=wrong)
        with pytest.raises(DataError, match=f"from 0 to {largest}", check=fields):
            _ = Dataset(X, np.array([0, wrong, 1]), encoding=encoding).targets


@pytest.mark.parametrize("kind", [OneHot, Bits])
def test_encodings_without_outputs_are_refused(kind):
    with pytest.raises(InvalidArgument, check=has(argument="n_out", owner=kind.__name__, value=0)):
        kind(0)


def test_decode_reverses_encode():
    labels = np.array([9, 3, 0])
    for encoding in (OneHot(10), Bits(4)):
        assert encoding.decode(encoding.encode(labels)).tolist() == labels.tolist()
    assert OneVsRest(9).decode(OneVsRest(9).encode(labels)).tolist() == [1, 0, 0]
    assert Real().decode(Real().encode(np.array([0.5, -2.0]))).tolist() == [0.5, -2.0]


def test_real_labels_have_a_cost_and_no_accuracy():
    """Fit a line through three points, y = 2x + 1, with one linear neuron."""
    data = Dataset(np.array([[0.0], [1.0], [2.0]]), np.array([1.0, 3.0, 5.0]), "line", encoding=Real())
    network = dr.Network.dense([1, 1], cost=dr.Quadratic(output=dr.Linear()))
    options = {"epochs": 200, "eta": 0.1, "batch_size": 3, "validation": data, "engine": "numpy", "dtype": "float64"}
    model = dr.fit(network, data, **options)
    assert "validation_accuracy" not in model.history.names
    assert model.cost(data) < 1e-3
    assert model.predict(np.array([[3.0]])) == pytest.approx([7.0], abs=0.2)
    for refused in (lambda: model.accuracy(data), lambda: model.predict_proba(data.x)):
        with pytest.raises(dr.errors.InvalidArgument, match=r"real numbers|Real"):
            refused()
    for watching in ({"callbacks": [dr.callbacks.EarlyStopping(3)]}, {"keep_best": True}):
        with pytest.raises(dr.errors.InvalidArgument, match="labels are classes"):
            dr.fit(network, data, **options, **watching)


def test_one_vs_rest_has_no_probabilities():
    data = Dataset(np.eye(2), np.array([9, 4]), encoding=OneVsRest(9))
    model = dr.fit(dr.Network.dense([2, 1]), data, epochs=1, engine="numpy")
    with pytest.raises(dr.errors.InvalidArgument, match="OneVsRest", check=has(argument="encoding")):
        model.predict_proba(data.x)


def test_a_copy_shares_only_inputs_that_nobody_can_write_to():
    x = np.arange(6.0).reshape(2, 3)
    locked = x.copy()
    locked.flags.writeable = False
    view = x.view()
    view.flags.writeable = False  # x can still be written to
    for inputs, is_shared in ((x, False), (locked, True), (view, False)):
        data = Dataset(inputs, np.array([0, 1]))
        assert np.shares_memory(data.copy().x, inputs) == is_shared
