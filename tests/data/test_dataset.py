"""Data sets handed in by a program: what fits is taken as it is, what does not is named."""

import numpy as np
import pytest

import deltarule as dr
from deltarule.data import Bits, Dataset, OneHot, OneVsRest, Real
from deltarule.errors import DataError, InvalidArgument

X = np.zeros((3, 4), np.uint8)


def test_lists_will_do():
    data = Dataset([[0.0, 1.0], [1.0, 0.0]], [1, 0])
    assert (data.x.shape, data.targets.tolist()) == ((2, 2), [[0.0, 1.0], [1.0, 0.0]])


@pytest.mark.parametrize(
    ("y", "position", "said"),
    [
        (np.eye(3, dtype=int), "", r"\(3, 3\).*argmax"),
        (np.array([0, 1]), "", "3 examples, got 2 labels"),
        (np.array([0.0, np.nan, 1.0]), "label 1", "nan"),
        (["a", "b", "a"], "", r"<U1; .* np\.unique\(y, return_inverse=True\)"),
        (np.array(["a", 1, None], object), "", "object"),
        ([[0], [1, 2], [3]], "", "list"),
        ([-2, -1, -2], "label 0", "-2"),
    ],
    ids=["one-hot", "too few", "NaN", "text", "objects", "ragged", "negative"],
)
def test_labels_that_are_none(y, position, said):
    with pytest.raises(DataError, match=said) as raised:
        Dataset(X, y, "mine")
    assert (raised.value.owner, raised.value.argument, raised.value.position) == ("mine", "y", position)


@pytest.mark.parametrize(
    ("x", "position", "said"),
    [
        (None, "", "object"),
        (iter([[1.0], [2.0]]), "", "object"),
        ([[1.0, 2.0], [3.0], [4.0]], "", "list"),
        (np.array([[1.0], [np.nan], [None]], object), "", "object; give all examples one shape"),
        ([["1"], ["2"], ["3"]], "", "<U1"),
        (np.array([[1j], [2], [3]]), "", "complex128"),
        (3.0, "", "3.0"),
        ([[1.0], [np.inf], [3.0]], "example 1, at [0]", "inf"),
    ],
    ids=["None", "a generator", "ragged", "objects", "text", "complex", "a number", "infinity"],
)
def test_examples_that_are_none(x, position, said):
    with pytest.raises(DataError, match=f"got .*{said}") as raised:
        Dataset(x, [0, 1, 0], "mine")
    assert (raised.value.owner, raised.value.argument, raised.value.position) == ("mine", "x", position)


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"scale": "255"}, InvalidArgument),
        ({"scale": None}, InvalidArgument),
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
def test_fields_that_are_invalid(options, error):
    with pytest.raises(error) as raised:
        Dataset(X, np.array([0, 1, 1]), "mine", **options)
    [(argument, value)] = options.items()
    assert (raised.value.argument, raised.value.value) == (argument, value)


@pytest.mark.parametrize("classes", [range(3), np.arange(3), ["0", "1", "2"], np.array(["0", "1", "2"])], ids=repr)
def test_names_of_classes_are_text(tmp_path, classes):
    data = Dataset(X, np.array([0, 1, 2]), "mine", classes=classes)
    assert data.classes == ("0", "1", "2")
    assert {type(name) for name in data.classes} == {str}
    dr.fit(dr.Network.dense([4, 3]), data, epochs=1, engine="numpy").save(tmp_path / "model")
    assert dr.load(tmp_path / "model").classes == data.classes


def test_what_whole_numbers_that_are_floats_want():
    for y, remedy in (([0.0, 1.0, 1.0], r"y\.astype\(int\)"), ([0.0, 0.5, 1.0], r"Real\(\)"), ([True] * 3, "astype")):
        with pytest.raises(DataError, match=remedy):
            _ = Dataset(X, y, "mine").targets


def test_labels_that_are_large():
    targets = Dataset(X, np.array([0, 10**6, 1])).targets
    assert (targets.shape, targets[1, -1], targets.sum()) == ((3, 10**6 + 1), 1, 3)
    with pytest.raises(DataError, match="number the classes 0, 1, 2, … without a gap"):
        OneHot(10**18).encode(np.array([0, 10**12, 1]))


@pytest.mark.parametrize("encoding", [OneHot(4), Bits(2)], ids=str)
@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.uint64], ids=lambda dtype: dtype.__name__)
def test_labels_of_any_whole_type(encoding, dtype):
    labels = np.array([3, 0, 2])
    assert np.array_equal(encoding.encode(labels.astype(dtype)), encoding.encode(labels))


@pytest.mark.parametrize("encoding", [OneHot(2), Bits(2)], ids=str)
@pytest.mark.parametrize("y", [np.array([0.0, 1.0, 1.0]), np.array([True, False, True])], ids=["floats", "booleans"])
def test_classes_are_whole_numbers(encoding, y):
    with pytest.raises(DataError, match=r"y of mine: expected whole numbers from 0 to .*, got dtype\('(float64|bool)'"):
        _ = Dataset(X, y, "mine", encoding=encoding).targets


@pytest.mark.parametrize("chosen", [slice(1, None), [1, 2], np.array([False, True, True])], ids=str)
def test_a_part_is_a_data_set(chosen):
    part = Dataset(X, np.array([2, 0, 1]), "mine", 255.0)[chosen]
    assert (part.y.tolist(), part.scale, part.encoding) == ([0, 1], 255.0, OneHot(3))


def test_a_single_example_is_none():
    with pytest.raises(InvalidArgument, match=r"\[1\] of mine: expected a slice"):
        Dataset(X, np.array([0, 1, 1]), "mine")[1]


@pytest.mark.parametrize(
    ("shape", "options", "words"),
    [
        ((12_000, 28, 28), {}, "mine: 12,000 × 28×28, 2 classes"),
        ((12_000, 5), {"encoding": Real()}, "mine: 12,000 × 5, labels as Real()"),
    ],
)
def test_told_in_a_line(shape, options, words):
    y = np.arange(shape[0]) % 2
    assert repr(Dataset(np.zeros(shape, np.uint8), y, "mine", **options)) == f"Dataset({words})"


def test_labels_out_of_range():
    for encoding, largest, wrong in ((OneHot(2), 1, 2), (Bits(2), 3, 4)):
        with pytest.raises(DataError, match=f"from 0 to {largest}") as raised:
            _ = Dataset(X, np.array([0, wrong, 1]), encoding=encoding).targets
        assert (raised.value.argument, raised.value.position, raised.value.value) == ("y", "label 1", wrong)


@pytest.mark.parametrize("kind", [OneHot, Bits])
def test_encodings_have_outputs(kind):
    with pytest.raises(InvalidArgument, match=f"n_out of {kind.__name__}: expected a whole number from 1, got 0"):
        kind(0)


def test_encodings_there_and_back():
    labels = np.array([9, 3, 0])
    for encoding in (OneHot(10), Bits(4)):
        assert encoding.decode(encoding.encode(labels)).tolist() == labels.tolist()
    assert OneVsRest(9).decode(OneVsRest(9).encode(labels)).tolist() == [1, 0, 0]
    assert Real().decode(Real().encode(np.array([0.5, -2.0]))).tolist() == [0.5, -2.0]


def test_real_numbers_have_a_cost_and_no_accuracy():
    """A line through three points, learned by one linear neuron: y = 2x + 1."""
    data = Dataset(np.array([[0.0], [1.0], [2.0]]), np.array([1.0, 3.0, 5.0]), "line", encoding=Real())
    network = dr.Network.dense([1, 1], cost=dr.Quadratic(output=dr.Linear()))
    options = {"epochs": 200, "eta": 0.1, "batch_size": 3, "validation": data, "engine": "numpy", "dtype": "float64"}
    model = dr.fit(network, data, **options)
    assert "validation_accuracy" not in model.history.names
    assert model.cost(data) < 1e-3
    assert model.predict(np.array([[3.0]])) == pytest.approx([7.0], abs=0.2)
    for refused in (lambda: model.accuracy(data), lambda: model.predict_proba(data.x)):
        with pytest.raises(dr.errors.InvalidArgument, match=r"real numbers|expected outputs that are shares"):
            refused()
    for watching in ({"callbacks": [dr.callbacks.EarlyStopping(3)]}, {"keep_best": True}):
        with pytest.raises(dr.errors.InvalidArgument, match="labels are classes"):
            dr.fit(network, data, **options, **watching)


def test_whether_it_is_a_nine_has_no_shares():
    data = Dataset(np.eye(2), np.array([9, 4]), encoding=OneVsRest(9))
    model = dr.fit(dr.Network.dense([2, 1]), data, epochs=1, engine="numpy")
    with pytest.raises(
        dr.errors.InvalidArgument, match=r"expected outputs that are shares among classes, .*; use outputs"
    ):
        model.predict_proba(data.x)
