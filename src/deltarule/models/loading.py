"""Loading what a model file holds, by its kind."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from deltarule.core.constraints import one_of
from deltarule.errors import FileError
from deltarule.models import files
from deltarule.models.description import check_custom
from deltarule.models.ensemble import Ensemble, unpack_ensemble
from deltarule.models.files import MODEL_FILE, Content
from deltarule.models.model import Model, unpack_model

Unpack = Callable[[Path, Mapping[str, np.ndarray], Mapping[str, Any], Iterable[type]], Model | Ensemble]
"""Make what a file holds of its path (for errors), its tensors, its description, and classes of the user's own."""

KINDS: dict[str, Unpack] = {Model.kind: unpack_model, Ensemble.kind: unpack_ensemble}
"""What a model file may hold: the function that unpacks it, by the ``kind`` in the description."""


def load(path: str | PathLike[str], custom: Iterable[type] = ()) -> Model | Ensemble:
    """Load the model or the ensemble in a file that ``save`` or a checkpoint wrote, or in a run's folder.

    ``custom`` are layers, costs or initializers of your own that it names: files name things, they never
    import them. Raises :class:`FileError` if there is no such file, or it is damaged, foreign, of another
    version, or names something unknown, and :class:`InvalidArgument` if ``custom`` is no list of classes.
    """
    path, custom = files.expand_path(path), check_custom(custom)
    return unpack(path, *read_content(path), custom)


def read_content(path: Path) -> Content:
    """Read the tensors and the description in a model file, or in that of a run's folder. Raises :class:`FileError`."""
    return files.read(path / MODEL_FILE if path.is_dir() else path)


def unpack(
    path: Path, tensors: Mapping[str, np.ndarray], description: Mapping[str, Any], custom: Iterable[type] = ()
) -> Model | Ensemble:
    """Make the model or the ensemble of a file's content; ``path`` is named in errors."""
    kind, known = description.get("kind"), one_of(*KINDS)
    if not known.accepts(kind):
        raise FileError(path=path, position="kind", expected=known.expected, value=kind, remedy=files.REMEDY)
    return KINDS[str(kind)](path, tensors, description, custom)
