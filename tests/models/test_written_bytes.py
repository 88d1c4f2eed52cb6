"""A model file is compared with the arrays, bit by bit, before it replaces an old one."""

from __future__ import annotations

import numpy as np
import pytest
import safetensors.numpy
from safetensors.numpy import save

from deltarule.errors import FileError
from deltarule.models.files import read, write


@pytest.mark.parametrize("change", ["a byte", "a name", "a shape", "one more"])
def test_a_file_with_other_tensors_is_not_written(change, tmp_path, monkeypatch):
    def change_and_save(arrays, metadata):
        arrays = dict(arrays)
        first, array = next(iter(arrays.items()))
        if change == "a byte":
            arrays[first] = array + 1
        elif change == "a name":
            arrays["params/0/x"] = arrays.pop(first)
        elif change == "a shape":
            arrays[first] = array.reshape(-1)
        else:
            arrays["params/9/w"] = array
        return save(arrays, metadata)

    (path := tmp_path / "m.safetensors").write_bytes(b"old")
    monkeypatch.setattr(safetensors.numpy, "save", change_and_save)
    tensors = {"params/0/w": np.ones((2, 3), np.float32), "params/0/b": np.zeros(2, np.float32)}
    with pytest.raises(FileError, match="read back the tensors that were written"):
        write(path, tensors, {})
    assert path.read_bytes() == b"old"


def test_arrays_of_all_kinds_are_written(tmp_path):
    tensors = {
        "params/0/a": np.zeros((0, 3), np.float32),
        "params/0/b": np.float64(1.5).reshape(()),
        "params/0/c": np.arange(6, dtype=np.float16).reshape(2, 3).T,
        "params/0/d": np.arange(3, dtype=">f4"),
        "params/0/e": np.array([True, False]),
    }
    write(path := tmp_path / "m.safetensors", tensors, {})
    found, _ = read(path)
    assert {name: (array.dtype.newbyteorder("="), array.tolist()) for name, array in tensors.items()} == {
        name: (array.dtype, array.tolist()) for name, array in found.items()
    }
