"""Model files: safetensors with a JSON description inside; no code, no pickle, written whole or not at all."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from deltarule.core.trees import Tree
from deltarule.data.arrays import native
from deltarule.errors import FileError, InvalidArgument
from deltarule.files import replace_file

FORMAT = 1
KEY = "deltarule"
"""Where the description stands in the metadata of the safetensors format."""


def write(path: Path, tensors: Mapping[str, np.ndarray], description: Mapping[str, Any]) -> None:
    """Writes the file beside its place, waits until it is on the disk, and renames it into place.

    Killed at any moment, or out of space, it leaves what was at ``path`` before. Raises
    :class:`FileError` with the reason if it cannot be written.
    """
    from safetensors.numpy import load, save

    # safetensors writes the memory of an array as it lies, whatever its strides (0.8)
    arrays = {name: native(tensor) for name, tensor in tensors.items()}
    sha256 = fingerprint(arrays)
    try:
        text = json.dumps({"format": FORMAT, **description, "sha256": sha256}, default=_plain)
    except (TypeError, ValueError) as error:
        raise FileError(f"{path} could not be written: {error}") from None
    content = save(arrays, {KEY: text})  # one key alone: safetensors orders several at random
    if fingerprint(load(content)) != sha256:
        raise FileError(f"{path} could not be written: its tensors do not come back from the file as they are")
    replace_file(path, content)


def fingerprint(tensors: Mapping[str, np.ndarray]) -> str:
    """Return a SHA-256 over named tensors: equal if and only if every bit of them is, however they lie in memory."""
    digest = hashlib.sha256()
    for name, tensor in sorted(tensors.items()):
        array = native(tensor)
        digest.update(f"{name} {array.dtype.str} {array.shape}".encode())
        digest.update(array.tobytes())
    return digest.hexdigest()


def expanded(path: str | os.PathLike[str]) -> Path:
    """A path with the home folder in the place of ``~``.

    Raises :class:`FileError` if that is not known, and :class:`InvalidArgument` for what cannot be a path.
    """
    if not isinstance(path, (str, os.PathLike)) or "\0" in str(path):
        raise InvalidArgument(f"{path!r} cannot be a path: give one such as 'mine.safetensors', without null bytes")
    try:
        return Path(path).expanduser()
    except RuntimeError as error:
        raise FileError(f"{path}: {error}") from None


def read(path: Path) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Return ``(tensors, description)`` of a file made by :func:`write`.

    Raises :class:`FileError` if there is none, or it is truncated, damaged or of another program, and for
    a tensor that the description does not account for.
    """
    from safetensors import SafetensorError, safe_open

    try:
        if not path.is_file():
            raise FileError(f"{path} is not there, or is not a file")
        with safe_open(path, framework="numpy") as file:
            metadata = file.metadata() or {}
            if KEY not in metadata:
                raise FileError(f"{path} is a safetensors file, but not one that deltarule wrote")
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (no mapping)
        parse_json(_header(path))  # of names that come twice, safetensors takes the last
        description = parse_json(metadata[KEY])
    except (SafetensorError, OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise FileError(f"{path} is damaged or not a model file: {error}") from None
    if not isinstance(description, dict) or description.get("format") != FORMAT:
        raise FileError(f"{path} was written by another version of deltarule, or is damaged: no format {FORMAT} inside")
    _refuse_surplus(path, tensors, description)
    return tensors, description


def parse_json(text: str | bytes) -> Any:
    """Parse JSON in which no object has a name twice, of which Python would silently take the last.

    Raises :class:`ValueError` if one has, or the text is not JSON.

    >>> parse_json('{"w": 1, "w": 2}')
    Traceback (most recent call last):
    ...
    ValueError: expected each name once, got 'w' twice
    """
    return json.loads(text, object_pairs_hook=_named_once)


def _named_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise ValueError(f"expected each name once, got {name[:60]!r} twice")
        found[name] = value
    return found


def _header(path: Path) -> bytes:
    """Read the JSON at the start of a safetensors file, after its length in 8 bytes."""
    with open(path, "rb") as file:
        return file.read(int.from_bytes(file.read(8), "little"))


def _refuse_surplus(path: Path, tensors: Mapping[str, np.ndarray], description: Mapping[str, Any]) -> None:
    """Raise :class:`FileError` for a tensor in a group that the description does not account for."""
    members = description.get("members")
    parts = {"": description} if "members" not in description else _numbered(members)
    groups = {start + group for start, part in parts.items() for group in _groups(part)}
    for name in tensors:
        group = "/".join(name.split("/")[: 3 if "members" in description else 1])
        if group not in groups:
            raise FileError(
                f"{path} is damaged: expected tensors of {', '.join(sorted(groups)[:6]) or 'no kind'}, got {name!r} "
                "as well; save the model again"
            )


def _numbered(members: Any) -> dict[str, Any]:
    """The descriptions of an ensemble's members by what their tensors' names begin with."""
    return {f"members/{i}/": member for i, member in enumerate(members)} if isinstance(members, list) else {}


def _groups(description: Any) -> list[str]:
    """What the names of the tensors begin with that a description accounts for, one that is none for nothing.

    >>> _groups({"best_epoch": 3}), _groups({"best_epoch": None, "position": {}})
    (['params', 'best'], ['params', 'optimizer', 'learning'])
    """
    if not isinstance(description, dict):
        return []
    best = ["best"] if description.get("best_epoch") is not None else []
    return ["params", *best, *(["optimizer", "learning"] if "position" in description else [])]


def flatten(prefix: str, tree: Tree) -> dict[str, np.ndarray]:
    """A tree as named tensors: ``params/0/w`` is w of layer 0."""
    return {f"{prefix}/{i}/{name}": np.asarray(leaf) for i, layer in enumerate(tree) for name, leaf in layer.items()}


def unflatten(prefix: str, tensors: Mapping[str, np.ndarray], layers: int) -> Tree:
    """Put the tree of ``layers`` layers together that :func:`flatten` took apart.

    Raises :class:`FileError` for a tensor without a layer. A layer has one name: ``0``, and not ``00`` or ``٠``.
    """
    tree: list[dict[str, np.ndarray]] = [{} for _ in range(layers)]
    numbers = {str(i): i for i in range(layers)}
    for key, tensor in tensors.items():
        if not key.startswith(f"{prefix}/"):
            continue
        index, _, name = key[len(prefix) + 1 :].partition("/")
        if index not in numbers or not name:
            raise FileError(f"the file is damaged: it has a tensor {key!r} for which there is no layer")
        tree[numbers[index]][name] = tensor
    return tree


def _plain(value: Any) -> Any:
    """NumPy's numbers and arrays, as monitors may return them, in JSON's terms."""
    if isinstance(value, (np.generic, np.ndarray)):
        return value.tolist()
    raise TypeError(f"{value!r} is neither a number nor a text nor a list of them, and a model file keeps no code")
