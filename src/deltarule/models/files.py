"""Model files: safetensors with a JSON description inside; no code, no pickle, written whole or not at all."""

from __future__ import annotations

import contextlib
import glob
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from deltarule.core.trees import Tree
from deltarule.errors import FileError, UsageError

FORMAT = 1
KEY = "deltarule"
"""Where the description stands in the metadata of the safetensors format."""


def write(path: Path, tensors: Mapping[str, np.ndarray], description: Mapping[str, Any]) -> None:
    """Writes the file beside its place, waits until it is on the disk, and renames it into place.

    Killed at any moment, or out of space, it leaves what was at ``path`` before. Raises
    :class:`FileError` with the reason if it cannot be written.
    """
    from safetensors.numpy import save

    try:
        text = json.dumps({"format": FORMAT, **description}, default=_plain)
    except (TypeError, ValueError) as error:
        raise FileError(f"{path} could not be written: {error}") from None
    replace_file(path, save(dict(tensors), {KEY: text}))  # one key alone: safetensors orders several at random


def replace_file(path: Path, content: bytes) -> None:
    """Puts ``content`` at ``path`` so that at every moment either the old or the new file is whole."""
    if not path.name:
        raise FileError(f"{str(path)!r} could not be written: it names no file; give one such as model.safetensors")
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with open(beside, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
        _sync_folder(path.parent)
    except (OSError, ValueError) as error:  # a ValueError for a name that no file can have
        reason = getattr(error, "strerror", None) or error
        raise FileError(f"{path} could not be written: {reason}; no file of this name was damaged") from None
    finally:
        with contextlib.suppress(OSError, ValueError):
            beside.unlink()


def expanded(path: str | os.PathLike[str]) -> Path:
    """A path with the home folder in the place of ``~``.

    Raises :class:`FileError` if that is not known, and :class:`UsageError` for what cannot be a path.
    """
    if not isinstance(path, (str, os.PathLike)) or "\0" in str(path):
        raise UsageError(f"{path!r} cannot be a path: give one such as 'mine.safetensors', without null bytes")
    try:
        return Path(path).expanduser()
    except RuntimeError as error:
        raise FileError(f"{path}: {error}") from None


def remove_left_overs(path: Path) -> None:
    """Deletes what writers of ``path`` left beside it when they were killed; no other may be writing it now."""
    for beside in path.parent.glob(f".{glob.escape(path.name)}.*.part"):
        with contextlib.suppress(OSError):
            beside.unlink()


def read(path: Path) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """``(tensors, description)`` of a file made by :func:`write`.

    Raises :class:`FileError` if there is none, or it is truncated, damaged or of another program.
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
        description = json.loads(metadata[KEY])
    except (SafetensorError, OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise FileError(f"{path} is damaged or not a model file: {error}") from None
    if not isinstance(description, dict) or description.get("format") != FORMAT:
        raise FileError(f"{path} was written by another version of deltarule, or is damaged: no format {FORMAT} inside")
    return tensors, description


def flatten(prefix: str, tree: Tree) -> dict[str, np.ndarray]:
    """A tree as named tensors: ``params/0/w`` is w of layer 0."""
    return {f"{prefix}/{i}/{name}": np.asarray(leaf) for i, layer in enumerate(tree) for name, leaf in layer.items()}


def unflatten(prefix: str, tensors: Mapping[str, np.ndarray], layers: int) -> Tree:
    """The tree of ``layers`` layers that :func:`flatten` took apart."""
    tree: list[dict[str, np.ndarray]] = [{} for _ in range(layers)]
    for key, tensor in tensors.items():
        if not key.startswith(f"{prefix}/"):
            continue
        index, _, name = key[len(prefix) + 1 :].partition("/")
        if not index.isdecimal() or int(index) >= layers or not name:
            raise FileError(f"the file is damaged: it has a tensor {key!r} for which there is no layer")
        tree[int(index)][name] = tensor
    return tree


def _plain(value: Any) -> Any:
    """NumPy's numbers and arrays, as monitors may return them, in JSON's terms."""
    if isinstance(value, (np.generic, np.ndarray)):
        return value.tolist()
    raise TypeError(f"{value!r} is neither a number nor a text nor a list of them, and a model file keeps no code")


def _sync_folder(folder: Path) -> None:
    """Makes the renaming itself last, where the system can (not on Windows)."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
