from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import scipy.sparse
from PIL import Image
from tests.fields import has

from deltarule.data.array_conversion import to_numpy
from deltarule.errors import DataError

NUMBERS = [[1.0, 2.0], [3.0, 4.5]]


class Tensor:
    """A tensor with the methods of torch that the conversion needs; torch is too large for these tests."""

    def __init__(self, array, needs_grad=False, device="cpu", is_bfloat16=False, is_sparse=False):
        self.array, self.needs_grad, self.device = np.asarray(array), needs_grad, device
        self.is_bfloat16, self.is_sparse = is_bfloat16, is_sparse

    def __len__(self):
        return len(self.array)

    def __array__(self, dtype=None, copy=None):
        raise RuntimeError("Can't call numpy() on Tensor that requires grad.")

    def detach(self):
        return Tensor(self.array, False, self.device, self.is_bfloat16, self.is_sparse)

    def cpu(self):
        return Tensor(self.array, self.needs_grad, "cpu", self.is_bfloat16, self.is_sparse)

    def float(self):
        return Tensor(self.array, self.needs_grad, self.device)

    def to_dense(self):
        return Tensor(self.array, self.needs_grad, self.device, self.is_bfloat16)

    def numpy(self, *, force=False):
        assert not self.needs_grad
        assert self.device == "cpu"
        assert not self.is_sparse
        if self.is_bfloat16:
            raise TypeError("Got unsupported ScalarType BFloat16")
        return self.array


class OnlyDlpack:
    def __init__(self, array):
        self._array = array

    def __dlpack__(self, **options):
        return self._array.__dlpack__(**options)

    def __dlpack_device__(self):
        return self._array.__dlpack_device__()


@pytest.mark.parametrize(
    "value",
    [
        NUMBERS,
        tuple(map(tuple, NUMBERS)),
        np.array(NUMBERS),
        np.array(NUMBERS, object),
        np.ma.array(NUMBERS),
        jnp.array(NUMBERS),
        jnp.array(NUMBERS, jnp.bfloat16),
        Tensor(NUMBERS),
        Tensor(NUMBERS, needs_grad=True, device="cuda"),
        Tensor(NUMBERS, is_bfloat16=True),
        Tensor(NUMBERS, is_sparse=True),
        [Tensor(row, needs_grad=True) for row in NUMBERS],
        OnlyDlpack(np.array(NUMBERS)),
        scipy.sparse.csr_array(NUMBERS),
        pd.DataFrame(NUMBERS),
        pl.DataFrame(NUMBERS, orient="row"),
        pa.table({"a": [1.0, 3.0], "b": [2.0, 4.5]}),
    ],
    ids=lambda value: type(value).__name__,
)
def test_numbers_are_converted(value):
    array = to_numpy(value)
    assert array.dtype.kind == "f"
    np.testing.assert_array_equal(array, NUMBERS)


def test_tensors_of_torch_are_converted():
    torch = pytest.importorskip("torch")
    for dtype in (torch.float32, torch.float64, torch.bfloat16, torch.float16):
        tensor = torch.tensor(NUMBERS, dtype=dtype, requires_grad=True)
        np.testing.assert_array_equal(to_numpy(tensor), NUMBERS)
        np.testing.assert_array_equal(to_numpy([*tensor]), NUMBERS)
    np.testing.assert_array_equal(to_numpy(torch.tensor(NUMBERS).to_sparse()), NUMBERS)


@pytest.mark.parametrize(
    "value",
    [
        ["u", "vw"],
        np.array(["u", "vw"]),
        np.array([b"u", b"vw"]),
        np.array(["u", "vw"], object),
        np.array(["u", "vw"], np.dtypes.StringDType()),
        pd.Series(["u", "vw"]),
        pd.Series(["u", "vw"], dtype=object),
        pd.Series(["u", "vw"], dtype="category"),
        pd.Categorical(["u", "vw"]),
        pd.Index(["u", "vw"]),
        pl.Series(["u", "vw"]),
        pl.Series(["u", "vw"], dtype=pl.Categorical),
        pa.array(["u", "vw"]),
        pa.chunked_array([["u"], ["vw"]]),
        pa.array(["u", "vw"]).dictionary_encode(),
    ],
    ids=lambda value: f"{type(value).__module__} {type(value).__name__}",
)
def test_text_is_converted(value):
    array = to_numpy(value)
    assert (array.tolist(), array.dtype.kind) == (["u", "vw"], "U")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (pd.Series([3, 7], dtype="Int64"), [3, 7]),
        (pd.Series([3, 7], dtype="int64[pyarrow]"), [3, 7]),
        (pd.Series([3, 7]), [3, 7]),
        (pl.Series([3, 7]), [3, 7]),
        (pa.array([3, 7]), [3, 7]),
        (pd.Series([True, False], dtype="boolean"), [True, False]),
        (np.array([True, False], object), [True, False]),
        (np.array([3, 7], object), [3, 7]),
    ],
)
def test_the_kind_of_numbers_is_kept(value, expected):
    array = to_numpy(value)
    assert (array.tolist(), array.dtype.kind) == (expected, np.array(expected).dtype.kind)


def test_categories_of_numbers_are_text():
    assert to_numpy(pd.Series([7, 5], dtype="category")).tolist() == ["7", "5"]


@pytest.mark.parametrize(
    "value",
    [
        np.ma.masked_equal([3, 0, 0], 0),
        np.ma.masked_equal([[3, 1], [4, 0], [0, 0]], 0),
        pd.Series([3, None, None], dtype="Int64"),
        pd.Series(["a", None, None]),
        pd.Series(["a", None, None], dtype="category"),
        pl.Series([3, None, None]),
        pl.Series(["a", None, None]),
        pa.array([3, None, None]),
        [3, None, None],
        ["a", None, None],
        np.array(["a", None, None], np.dtypes.StringDType(na_object=None)),
    ],
)
def test_missing_values_are_refused(value):
    with pytest.raises(DataError, check=has(argument="y", owner="irises")) as raised:
        to_numpy(value, "y", "irises")
    assert "got 2 missing values, the first at position 1" in raised.value.problem


@pytest.mark.parametrize(
    "value", [[1.5, float("nan")], np.array([1.5, np.nan], object), pl.Series([1.5, float("nan")])]
)
def test_nan_is_left_to_the_caller(value):
    np.testing.assert_array_equal(to_numpy(value), [1.5, np.nan])


@pytest.mark.parametrize(
    "value",
    [
        None,
        (i for i in range(3)),
        [[1, 2], [3]],
        [1j],
        np.array(["2020-01-01"], "M8[D]"),
        [{"a": 1}],
        {"a": 1},
        [object()],
        object(),
        [2**70],
        np.zeros(2, [("a", float)]),
        pl.Series([[1], [2]]),
        pd.DataFrame({"a": [1], "b": ["c"]}),
        np.array([b"\xff"]),
    ],
    ids=lambda value: type(value).__name__,
)
def test_other_values_are_refused(value):
    with pytest.raises(DataError, check=has(argument="x")):
        to_numpy(value, "x")


def test_pictures_in_a_list_are_converted():
    pictures = [Image.fromarray(np.full((2, 3), i, np.uint8)) for i in range(4)]
    assert to_numpy(pictures).shape == (4, 2, 3)


def test_arrays_are_not_copied():
    x = np.zeros((2, 3), np.uint8)
    assert to_numpy(x) is x
