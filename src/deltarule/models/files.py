"""Model files: safetensors with a JSON description inside; no code, no pickle, written whole or not at all."""

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
from deltarule.errors import FileError, InvalidArgument
from deltarule.files import replace_file
from deltarule.models.description import DAMAGE

FORMAT = 2
"""The number of the format of model files: what another version wrote is not guessed at."""

MODEL_FILE = "model.safetensors"
"""The name of the model's file in a run's folder."""

REMEDY = "take the file from a copy, or train again"
"""What to do about a file that is damaged."""

Content: TypeAlias = tuple[dict[str, np.ndarray], dict[str, Any]]
"""The tensors and the description that stand for something in a file."""

KEY = "deltarule"
"""Where the description stands in the metadata of the safetensors format."""


def write(path: Path, tensors: Mapping[str, np.ndarray], description: Mapping[str, Any]) -> None:
    """Write the file beside its place, wait until it is on the disk, and rename it into place.

    Killed at any moment, or out of space, it leaves what was at ``path`` before. Raises
    :class:`FileError` with the reason if it cannot be written.
    """
    from safetensors.numpy import load, save

    # safetensors writes the memory of an array as it lies, whatever its strides (0.8)
    arrays = {name: to_native(tensor) for name, tensor in tensors.items()}
    sha256 = fingerprint(arrays)
    try:
        text = json.dumps({"format": FORMAT, **description, "sha256": sha256}, default=_plain)
    except (TypeError, ValueError) as error:
        raise FileError(f"the file could not be written: {error}", path=path) from None
    content = save(arrays, {KEY: text})  # one key alone: safetensors orders several at random
    if fingerprint(load(content)) != sha256:
        problem = "the file could not be written: its tensors do not come back from it as they are"
        raise FileError(problem, path=path)
    replace_file(path, content)


def fingerprint(tensors: Mapping[str, np.ndarray]) -> str:
    """Return a SHA-256 over named tensors: equal if and only if every bit of them is, however they lie in memory."""
    digest = hashlib.sha256()
    for name, tensor in sorted(tensors.items()):
        array = to_native(tensor)
        digest.update(f"{name} {array.dtype.str} {array.shape}".encode())
        digest.update(array.tobytes())
    return digest.hexdigest()


def expand_path(path: str | os.PathLike[str], argument: str = "path") -> Path:
    """Put the home folder in the place of ``~``; ``argument`` is what errors call the path.

    Raises :class:`FileError` if that is not known, and :class:`InvalidArgument` for what cannot be a path.
    """
    if not isinstance(path, (str, os.PathLike)) or "\0" in str(path):
        expected = "a path such as 'mine.safetensors' or 'runs/mine', without null bytes"
        raise InvalidArgument(argument=argument, expected=expected, value=path)
    try:
        return Path(path).expanduser()
    except RuntimeError as error:
        raise FileError(str(error), path=path) from None


def read(path: Path) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Return ``(tensors, description)`` of a file made by :func:`write`.

    Raises :class:`FileError` if there is none, or it is truncated, damaged, of another program or another
    version, and for a tensor that the description does not account for.
    """
    from safetensors import SafetensorError, safe_open

    try:
        if not path.is_file():
            raise FileError("expected a model file, got none of this name", path=path)
        with safe_open(path, framework="numpy") as file:
            metadata = file.metadata() or {}
            if KEY not in metadata:
                raise FileError("expected a file that deltarule wrote, got another safetensors file", path=path)
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (no mapping)
        parse_json(_header(path))  # of names that come twice, safetensors takes the last
        description = parse_json(metadata[KEY])
    except (SafetensorError, OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        problem = f"expected a model file, got one that is damaged, or of another kind: {error}"
        raise FileError(problem, path=path, remedy=REMEDY) from None
    _check_content(path, tensors, description)
    return tensors, description


@contextlib.contextmanager
def reading(path: Path) -> Iterator[None]:
    """Raise what goes wrong in making something of a file's content as :class:`FileError`, with its path."""
    try:
        yield
    except FileError as error:
        error.with_fields(path=path)
        raise
    except DAMAGE as error:
        raise FileError(f"the file is damaged: {type(error).__name__} {error}", path=path, remedy=REMEDY) from None


def _check_content(path: Path, tensors: Mapping[str, np.ndarray], description: Any) -> None:
    """Raise :class:`FileError` for another format, other numbers than were written, and a tensor too many."""
    found = description.get("format") if isinstance(description, dict) else None
    if type(found) is not int or found != FORMAT:
        remedy = "train the network again, or read the file with the version of deltarule that wrote it"
        raise FileError(path=path, expected=f"a model file of format {FORMAT}", value=found, remedy=remedy)
    if description.get("sha256") != fingerprint(tensors):
        raise FileError("the file is damaged: its numbers are not those that were written", path=path, remedy=REMEDY)
    groups = _tensor_groups(description)
    for name in tensors:
        if not name.startswith(groups):
            problem = (
                f"the file is damaged: expected tensors of {', '.join(groups[:6]) or 'no kind'}, got {name!r} as well"
            )
            raise FileError(problem, path=path, remedy=REMEDY)


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


def _tensor_groups(description: Any) -> tuple[str, ...]:
    """The beginnings of the tensor names that a description accounts for; none for an invalid description.

    >>> _tensor_groups({"best_epoch": 3}), _tensor_groups({"members": [{"best_epoch": None, "position": {}}]})
    (('params/', 'best/'), ('members/0/params/', 'members/0/optimizer/', 'members/0/learning/'))
    """
    if not isinstance(description, dict):
        return ()
    if "members" in description:
        members = description["members"] if isinstance(description["members"], list) else []
        return tuple(f"members/{i}/{group}" for i, one in enumerate(members) for group in _tensor_groups(one))
    best = ["best/"] if description.get("best_epoch") is not None else []
    return ("params/", *best, *(["optimizer/", "learning/"] if "position" in description else []))


def flatten(prefix: str, tree: Tree) -> dict[str, np.ndarray]:
    """Name the arrays of a tree: ``params/0/w`` is w of layer 0."""
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
            raise FileError(f"the file is damaged: expected tensors of {layers} layers, got {key!r}", remedy=REMEDY)
        tree[numbers[index]][name] = tensor
    return tree


def _plain(value: Any) -> Any:
    """Put NumPy's numbers and arrays, as monitors may return them, in JSON's terms."""
    if isinstance(value, (np.generic, np.ndarray)):
        return value.tolist()
    raise TypeError(f"{value!r} is neither a number nor a text nor a list of them, and a model file keeps no code")
