"""The constants of an ONNX file: read only if their size is that of the data, and never from outside the folder."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from deltarule import limits
from deltarule.errors import FileError, require_extra

with require_extra("onnx", "ONNX files"):
    from onnx import TensorProto, numpy_helper

SIZES = {
    TensorProto.FLOAT: 4, TensorProto.DOUBLE: 8, TensorProto.FLOAT16: 2, TensorProto.BFLOAT16: 2,
    TensorProto.INT8: 1, TensorProto.INT16: 2, TensorProto.INT32: 4, TensorProto.INT64: 8,
    TensorProto.UINT8: 1, TensorProto.UINT16: 2, TensorProto.UINT32: 4, TensorProto.UINT64: 8,
    TensorProto.BOOL: 1, TensorProto.STRING: 0,
}  # fmt: skip
"""The bytes of a number of each type that is read; text has no fixed size."""

FIELDS = {
    TensorProto.FLOAT: "float_data", TensorProto.DOUBLE: "double_data", TensorProto.INT64: "int64_data",
    TensorProto.UINT32: "uint64_data", TensorProto.UINT64: "uint64_data", TensorProto.STRING: "string_data",
}  # fmt: skip
"""The field of the numbers of a type, where they are not raw bytes; ``int32_data`` for all others."""

REMEDY = "export the model again, or use a complete copy of the file"


@dataclass(frozen=True)
class Folder:
    """The folder that may hold data of a file beside it; None for a model that is not in a file."""

    path: Path | None = None
    sizes: dict[str, int] = field(default_factory=dict)
    used: list[int] = field(default_factory=list)

    def read(self, tensor: Any, expected: int) -> bytes:
        """Read the bytes of a tensor from the file that it names.

        Raises :class:`FileError` for a file outside the folder, and unless the place has the ``expected`` bytes.
        """
        entries = {entry.key: entry.value for entry in tensor.external_data}
        place = self._find(tensor.name, entries.get("location", ""))
        try:
            offset, length = (int(entries.get(key, default)) for key, default in (("offset", 0), ("length", expected)))
        except ValueError:
            offset = length = -1
        size = place.stat().st_size
        self.used.append(expected)
        if sum(self.used) > limits.ONNX_BYTES:
            problem = f"expected {limits.ONNX_BYTES:,} bytes at most in files beside the model, got {sum(self.used):,}"
            remedy = limits.describe_remedy("ONNX_BYTES")
            raise FileError(problem, position=f"tensor {tensor.name!r}", value=expected, remedy=remedy)
        if offset < 0 or length != expected or offset + length > size:
            raise FileError(
                f"expected {expected:,} bytes, by its shape, from byte {offset:,} of a file of {size:,} bytes",
                position=f"tensor {tensor.name!r}",
                value=length,
                remedy=REMEDY,
            )
        self.sizes[str(place)] = size
        with open(place, "rb") as file:
            file.seek(offset)
            return file.read(length)

    def _find(self, name: str, location: str) -> Path:
        """Find a file in the folder. Raises :class:`FileError` for another, also if a link leads there."""
        problem = f"expected data in a file of the same folder, got {location[:80]!r}"
        remedy = "save the model in one file, or beside its data"
        if self.path is not None and location and "\0" not in location and not Path(location).is_absolute():
            try:
                place = (self.path / location).resolve()
                if place.is_relative_to(self.path.resolve()) and ".." not in Path(location).parts and place.is_file():
                    return place
            except (OSError, RuntimeError):
                pass
        raise FileError(problem, position=f"tensor {name!r}", value=location, remedy=remedy)


def read_tensor(tensor: Any, folder: Folder) -> np.ndarray:
    """Read a constant as an array: numbers as they are stored, text as ``str``.

    Raises :class:`FileError`, before anything is allocated, for a type that is not read, and for a shape that does not
    fit the data that are there.
    """
    position = f"tensor {tensor.name!r}"
    shape, kind = tuple(tensor.dims), tensor.data_type
    if kind not in SIZES:
        name = TensorProto.DataType.Name(kind) if kind in TensorProto.DataType.values() else str(kind)
        expected = "numbers of 8 to 64 bits, or text"
        raise FileError(f"expected {expected}, got {name}", position=position, expected=expected)
    if tensor.HasField("segment") or any(n < 0 for n in shape) or len(shape) > 32:
        raise FileError("expected the shape of an array", position=position, value=shape, remedy=REMEDY)
    count = prod(shape)
    size = count * SIZES[kind]
    if tensor.data_location == TensorProto.EXTERNAL:
        if kind == TensorProto.STRING:
            raise FileError("expected text inside the file", position=position, remedy=REMEDY)
        return _read_raw(folder.read(tensor, size), kind, shape)
    if tensor.HasField("raw_data"):
        found, needed, unit = len(tensor.raw_data), size if kind != TensorProto.STRING else -1, "bytes"
    else:
        found, needed, unit = len(getattr(tensor, FIELDS.get(kind, "int32_data"))), count, "values"
    if found != needed:
        problem = f"expected {max(needed, 0):,} {unit}, as the shape {shape} needs, got {found:,}"
        raise FileError(problem, position=position, value=shape, remedy=REMEDY)
    if kind == TensorProto.STRING:
        text = [value.decode("utf-8", "replace") for value in tensor.string_data]
        return np.array(text, np.str_).reshape(shape)
    if tensor.HasField("raw_data"):
        return _read_raw(tensor.raw_data, kind, shape)
    return _to_array(tensor).reshape(shape)


def _read_raw(raw: bytes, kind: int, shape: tuple[int, ...]) -> np.ndarray:
    """Return little-endian bytes as an array in this machine's byte order."""
    return _to_array(TensorProto(data_type=kind, dims=shape, raw_data=raw))


def _to_array(tensor: Any) -> np.ndarray:
    """Return a tensor as an array of NumPy's own types; bfloat16, which is none, becomes float32."""
    array = np.asarray(numpy_helper.to_array(tensor))
    return array.astype(np.float32) if tensor.data_type == TensorProto.BFLOAT16 else array
