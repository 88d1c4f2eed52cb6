"""A model that reads rows of digits, taught once with MNIST and kept in the user's cache."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

from deltarule.data import load as load_data
from deltarule.errors import FileError
from deltarule.models.model import Model, load
from deltarule.strings.learn import learn

_WAYS = ("cuts", "learn", "line", "pictures", "shown")
"""The modules that what is learned depends on."""


def reader(before: Callable[[Path], None] = lambda path: None) -> Model:
    """The model of :func:`deltarule.strings.learn` with its usual settings, from the cache if it is there.

    Otherwise it is taught, in a few minutes, and kept; ``before`` is called with the file it goes to. Raises
    :class:`DataError` where MNIST cannot be had, and :class:`FileError` where the cache cannot be written.
    """
    path = place()
    try:
        return load(path)
    except FileError:
        before(path)
    model = learn(load_data("mnist")[0], seed=1)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileError(f"{path.parent} could not be made: {error.strerror or error}") from None
    model.save(path)
    return model


def place() -> Path:
    """Where the model is kept; another file for each way of making pieces and learning from them."""
    from platformdirs import user_cache_path

    sources = (Path(__file__).with_name(f"{name}.py").read_bytes() for name in _WAYS)
    version = hashlib.sha256(b"".join(sources)).hexdigest()[:12]
    return user_cache_path("deltarule", appauthor=False) / "strings" / f"reader-{version}.safetensors"
