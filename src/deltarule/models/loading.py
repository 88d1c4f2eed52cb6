"""Loading models and ensembles from model files."""

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
from deltarule.models.model import Model
from deltarule.models.unpacking import unpack_model

Unpack = Callable[[Path, Mapping[str, np.ndarray], Mapping[str, Any], Iterable[type]], Model | Ensemble]
"""Build a model or an ensemble from the path (for errors), the tensors, the description and the user's classes."""

KINDS: dict[str, Unpack] = {Model.kind: unpack_model, Ensemble.kind: unpack_ensemble}
"""The functions that unpack the content of a model file, by the ``kind`` in its description."""


def load(path: str | PathLike[str], custom: Iterable[type] = ()) -> Model | Ensemble:
    """Load a model or ensemble from a model file or from the folder of a run.

    Args:
        path: A file that ``save`` or a checkpoint wrote, or the folder of a run.
        custom: Your own classes of layers, costs or initializers that the file names. Loading a file never imports
            code, so pass these classes here.

    Raises:
        FileError: If the file is missing or damaged, comes from another program or version, or names an unknown class.
        InvalidArgument: If ``custom`` is not a list of classes.

    >>> from tempfile import TemporaryDirectory
    >>> from deltarule import Network
    >>> from deltarule.data import OneHot
    >>> from deltarule.preprocessing import Preprocessing
    >>> network = Network.dense([784, 30, 10])
    >>> model = Model(network, network.init(seed=1), Preprocessing(OneHot(10)))
    >>> with TemporaryDirectory() as folder:
    ...     model.save(Path(folder) / "mine.safetensors")
    ...     load(Path(folder) / "mine.safetensors")
    Model(784-30-10, Sigmoid, CrossEntropy; 0 epochs)
    """
    path, custom = files.expand_path(path), check_custom(custom)
    return unpack(path, *read_content(path), custom)


def read_content(path: Path) -> Content:
    """Read the content of a model file, or of the model file in a folder. Raises :class:`FileError`."""
    return files.read(path / MODEL_FILE if path.is_dir() else path)


def unpack(
    path: Path, tensors: Mapping[str, np.ndarray], description: Mapping[str, Any], custom: Iterable[type] = ()
) -> Model | Ensemble:
    """Build the model or ensemble from the content of a file; errors name the ``path``."""
    kind, known = description.get("kind"), one_of(*KINDS)
    if not known.accepts(kind):
        raise FileError(path=path, position="kind", expected=known.expected, value=kind, remedy=files.REMEDY)
    return KINDS[str(kind)](path, tensors, description, custom)
