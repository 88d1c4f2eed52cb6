"""Model files: safetensors with a JSON description, without code or pickle, written completely or not at all."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from deltarule.core.trees import Tree
from deltarule.data.arrays import to_native
from deltarule.errors import LONGEST, FileError, InvalidArgument
from deltarule.files import replace_file
from deltarule.models.description import DAMAGE

FORMAT = 3
"""The number of the format of model files that are written."""

READABLE = (2, 3)
"""The formats that can be read; files of others are refused. Format 3 added what is learned about tables."""

MODEL_FILE = "model.safetensors"
"""The name of the model file in the folder of a run."""

REMEDY = "use a backup copy, or train again"
"""The remedy for a damaged file."""

Content: TypeAlias = tuple[dict[str, np.ndarray], dict[str, Any]]
"""The content of a file: tensors by name, and a description."""

KEY = "deltarule"
"""The key of the description in the metadata of the safetensors format."""


def write(path: Path, tensors: Mapping[str, np.ndarray], description: Mapping[str, Any]) -> None:
    """Write a file beside its final place, wait until it is on the disk, and rename it.

    If the process is killed, or the disk is full, the old file at ``path`` stays as it was. Raises
    :class:`FileError` with the reason if the file cannot be written.
    """
    from safetensors.numpy import save

    # safetensors writes the memory of an array as it is, whatever its strides (0.8)
    arrays = {name: to_native(tensor) for name, tensor in tensors.items()}
    sha256 = fingerprint(arrays)
    try:
        text = json.dumps({"format": FORMAT, **description, "sha256": sha256}, default=_plain)
    except (TypeError, ValueError) as error:
        problem = f"expected only numbers, text, lists and dictionaries in the history, got {error}"
        raise FileError(problem, path=path) from None
    content = save(arrays, {KEY: text})  # one key alone: safetensors orders several at random
    if not _contains(content, arrays):
        raise FileError("expected to read back the tensors that were written, got others", path=path)
    replace_file(path, content)


def _contains(content: bytes, arrays: Mapping[str, np.ndarray]) -> bool:
    """Return True if a file has the bits and shapes of the arrays, and no more; nothing is copied."""
    size = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + size])
    places = {name: place for name, place in header.items() if name != "__metadata__"}
    if places.keys() != arrays.keys():
        return False
    whole = np.frombuffer(content, np.uint8)[8 + size :]
    for name, array in arrays.items():
        begin, end = places[name]["data_offsets"]
        written = _view_bytes(np.asarray(array, array.dtype.newbyteorder("<")))  # the same array on most machines
        if tuple(places[name]["shape"]) != array.shape or not np.array_equal(whole[begin:end], written):
            return False
    return True


def _view_bytes(array: np.ndarray) -> np.ndarray:
    """View a contiguous array as its bytes, without a copy."""
    return array.reshape(-1).view(np.uint8)


def fingerprint(tensors: Mapping[str, np.ndarray]) -> str:
    """Compute the SHA-256 of named tensors: equal if and only if every bit is equal, whatever the memory layout."""
    digest = hashlib.sha256()
    for name, tensor in sorted(tensors.items()):
        array = to_native(tensor)
        digest.update(f"{name} {array.dtype.str} {array.shape}".encode())
        digest.update(_view_bytes(array).data)
    return digest.hexdigest()


def expand_path(path: str | os.PathLike[str], argument: str = "path") -> Path:
    """Replace ``~`` by the home folder; errors call the path ``argument``.

    Raises :class:`FileError` if the home folder is unknown, and :class:`InvalidArgument` for an invalid path.
    """
    if path == "":
        raise FileError(
            argument=argument, expected="the path of a file", value=path, remedy="add a name such as model.safetensors"
        )
    if not isinstance(path, (str, os.PathLike)) or "\0" in str(path):
        expected = "a path such as 'mine.safetensors' or 'runs/mine', without null bytes"
        raise InvalidArgument(argument=argument, expected=expected, value=path)
    try:
        expanded = Path(path).expanduser()
        expanded.exists()
    except RuntimeError as error:
        raise FileError(str(error), path=path) from None
    except OSError as error:  # a name that is too long, or a folder that may not be searched
        raise FileError(f"the path cannot be used: {error.strerror or error}", path=str(path)[:LONGEST]) from None
    return expanded


def read(path: Path) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Read ``(tensors, description)`` from a file of :func:`write`.

    Raises :class:`FileError` if the file is missing, truncated, damaged, of another program or another version, and
    for a tensor that the description does not mention.
    """
    from safetensors import SafetensorError, safe_open

    try:
        if not path.is_file():
            raise FileError("expected a model file, got no file", path=path)
        with safe_open(path, framework="numpy") as file:
            metadata = file.metadata() or {}
            if KEY not in metadata:
                raise FileError(
                    "expected a model file of deltarule, got a safetensors file of another program", path=path
                )
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (no mapping)
        parse_json(_read_header(path))  # of names that occur twice, safetensors takes the last
        description = parse_json(metadata[KEY])
    except (SafetensorError, OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        problem = f"expected a model file, got a damaged file or one of another kind: {error}"
        raise FileError(problem, path=path, remedy=REMEDY) from None
    _check_content(path, tensors, description)
    return tensors, description


@contextlib.contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turn errors about the content of a file into :class:`FileError` with its path."""
    try:
        yield
    except FileError as error:
        error.with_fields(path=path)
        raise
    except DAMAGE as error:
        problem = f"expected a model file, got a damaged one: {type(error).__name__} {error}"
        raise FileError(problem, path=path, remedy=REMEDY) from None


def _check_content(path: Path, tensors: Mapping[str, np.ndarray], description: Any) -> None:
    """Raise :class:`FileError` for another format, other numbers than were written, and an unexpected tensor."""
    found = description.get("format") if isinstance(description, dict) else None
    if type(found) is not int or found not in READABLE:
        remedy = "use the version of deltarule that wrote the file, or train the network again"
        raise FileError(
            path=path, expected=f"a model file of format {' or '.join(map(str, READABLE))}", value=found, remedy=remedy
        )
    if description.get("sha256") != fingerprint(tensors):
        raise FileError("expected the numbers that deltarule wrote, got changed ones", path=path, remedy=REMEDY)
    groups = _list_tensor_groups(description)
    for name in tensors:
        if not name.startswith(groups):
            problem = f"the file is damaged: it contains the tensor {name!r}, which its description does not mention"
            raise FileError(problem, path=path, remedy=REMEDY)


def parse_json(text: str | bytes) -> Any:
    """Parse JSON, and refuse an object that has a name twice: Python would silently take the last.

    Raises :class:`ValueError` for such an object, and for text that is not JSON.

    >>> parse_json('{"w": 1, "w": 2}')
    Traceback (most recent call last):
    ...
    ValueError: expected each name once, got 'w' twice
    """
    return json.loads(text, object_pairs_hook=_check_names)


def _check_names(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return the pairs as a dictionary. Raises :class:`ValueError` for a name that occurs twice."""
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise ValueError(f"expected each name once, got {name[:60]!r} twice")
        found[name] = value
    return found


def _read_header(path: Path) -> bytes:
    """Read the JSON at the start of a safetensors file, which follows its length in 8 bytes."""
    with open(path, "rb") as file:
        return file.read(int.from_bytes(file.read(8), "little"))


def _list_tensor_groups(description: Any) -> tuple[str, ...]:
    """List how the names of the tensors begin that a description mentions; empty for an invalid description.

    >>> _list_tensor_groups({"best_epoch": 3}), _list_tensor_groups({"members": [{"best_epoch": None, "position": {}}]})
    (('params/', 'best/'), ('members/0/params/', 'members/0/optimizer/', 'members/0/learning/'))
    """
    if not isinstance(description, dict):
        return ()
    if "members" in description:
        members = description["members"] if isinstance(description["members"], list) else []
        return tuple(f"members/{i}/{group}" for i, one in enumerate(members) for group in _list_tensor_groups(one))
    best = ["best/"] if description.get("best_epoch") is not None else []
    return ("params/", *best, *(["optimizer/", "learning/"] if "position" in description else []))


def flatten(prefix: str, tree: Tree) -> dict[str, np.ndarray]:
    """Name the arrays of a tree: ``params/0/w`` is w of layer 0."""
    return {f"{prefix}/{i}/{name}": np.asarray(leaf) for i, layer in enumerate(tree) for name, leaf in layer.items()}


def unflatten(prefix: str, tensors: Mapping[str, np.ndarray], layers: int) -> Tree:
    """Build the tree of ``layers`` layers from the arrays that :func:`flatten` named.

    Raises :class:`FileError` for a tensor without a layer. A layer has one name: ``0``, not ``00`` or ``٠``.
    """
    tree: list[dict[str, np.ndarray]] = [{} for _ in range(layers)]
    numbers = {str(i): i for i in range(layers)}
    for key, tensor in tensors.items():
        if not key.startswith(f"{prefix}/"):
            continue
        index, _, name = key[len(prefix) + 1 :].partition("/")
        if index not in numbers or not name:
            raise FileError(f"expected tensors of layers 0 to {layers - 1}, got {key!r}", remedy=REMEDY)
        tree[numbers[index]][name] = tensor
    return tree


def _plain(value: Any) -> Any:
    """Convert NumPy's numbers and arrays, as monitors may return them, to values for JSON."""
    if isinstance(value, (np.generic, np.ndarray)):
        return value.tolist()
    raise TypeError(repr(value))
