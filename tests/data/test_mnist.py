from __future__ import annotations

import time

import numpy as np
import pytest
from tests.fields import has

from deltarule.data import idx, load, mnist
from deltarule.errors import DataError


@pytest.mark.parametrize("below", ["", "mnist"])
@pytest.mark.parametrize("dotted", [False, True])
@pytest.mark.parametrize("ending", ["", ".gz"])
def test_load_finds_mnist_in_every_layout(tiny, tmp_path, below, dotted, ending):
    tiny.put(tmp_path / below, ending, dotted)
    training, validation, test = mnist.load(tmp_path)
    np.testing.assert_array_equal(training.x, tiny.arrays["train-images-idx3-ubyte"][:10])
    np.testing.assert_array_equal(validation.x, tiny.arrays["train-images-idx3-ubyte"][10:])
    np.testing.assert_array_equal(test.x, tiny.arrays["t10k-images-idx3-ubyte"])
    np.testing.assert_array_equal(test.y, tiny.arrays["t10k-labels-idx1-ubyte"])
    assert [data.name for data in (training, validation, test)] == ["mnist training", "mnist validation", "mnist test"]
    assert (test.scale, test.classes, test.y.dtype) == (255.0, tuple("0123456789"), np.int64)


def test_load_detects_compression_by_content(tiny, tmp_path):
    tiny.put(tmp_path)
    for name in tiny.files:
        (tmp_path / name).rename(tmp_path / f"{name}.gz")
    assert len(mnist.load(tmp_path)[2]) == 4


def test_the_error_names_missing_files(tiny, tmp_path):
    with pytest.raises(DataError) as raised:
        mnist.load(tmp_path)
    assert raised.value.path == tmp_path
    assert all(name in raised.value.problem for name in tiny.files)
    tiny.put(tmp_path)
    (tmp_path / "train-labels-idx1-ubyte").unlink()
    with pytest.raises(DataError, match="without train-labels-idx1-ubyte"):
        mnist.load(tmp_path)


def test_a_file_of_another_content_is_refused(tiny, tmp_path):
    for name, array in tiny.arrays.items():
        tiny.put(tmp_path)
        changed = array.copy()
        changed.flat[-1] ^= 1
        (tmp_path / name).write_bytes(idx.write_idx(changed))
        with pytest.raises(DataError, match="SHA-256", check=has(path=name)):
            mnist.load(tmp_path)


def test_swapped_files_are_refused(tiny, tmp_path):
    tiny.put(tmp_path)
    (tmp_path / "t10k-labels-idx1-ubyte").write_bytes(tiny.contents["train-labels-idx1-ubyte"])
    with pytest.raises(DataError, match="SHA-256", check=has(path="t10k-labels-idx1-ubyte")):
        mnist.load(tmp_path)


def test_mnist_is_split_as_in_the_book(mnist):
    training, validation, test = mnist
    if training.name != "mnist training":
        assert (len(training), len(validation), len(test)) == (1197, 300, 300)
        return
    assert [part.x.shape for part in mnist] == [(50_000, 28, 28), (10_000, 28, 28), (10_000, 28, 28)]
    assert training.y[:5].tolist() == [5, 0, 4, 1, 9]
    assert validation.y[:5].tolist() == [3, 8, 6, 9, 6]
    assert test.y[:5].tolist() == [7, 2, 1, 0, 4]
    assert np.bincount(test.y).tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]


def test_loading_mnist_takes_less_than_two_seconds(mnist):
    began = time.process_time()
    load(mnist[0].name.split()[0])
    assert time.process_time() - began < 2, "0.3 s on an idle machine"
