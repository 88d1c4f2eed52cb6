"""The names that the expressions of invalid calls may use: the library, small data, and functions that make files.

If a name in the library changes, change it here, in the modules beside this one, or in the expressions.
"""

from __future__ import annotations

import gzip
import importlib
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save_file

import deltarule as dr
from deltarule import digit_strings, plotting
from deltarule.book import mnist_loader, network, network2, network3
from deltarule.data import idx, photo
from deltarule.models import files
from deltarule.recipes import RECIPES, Output, Recipe, recipe

from . import refused_parts
from .refused_files import Files

KINDS = {name: name for name in ("InvalidArgument", "ShapeError", "DataError", "FileError", "DivergedError")}
"""The kinds of errors in the tables, and the names of their classes in deltarule.errors."""

LIBRARY: dict[str, Any] = {
    "dr": dr,
    "plotting": plotting,
    "digit_strings": digit_strings,
    "idx": idx,
    "photo": photo,
    "files": files,
    "network": network,
    "network2": network2,
    "network3": network3,
    "mnist_loader": mnist_loader,
    "RECIPES": RECIPES,
    "Output": Output,
    "Recipe": Recipe,
    "recipe": recipe,
}
OTHERS: dict[str, Any] = {"np": np, "Path": Path, "gzip": gzip, "partial": partial, "save_file": save_file}


def classes_of(kinds: str) -> tuple[type[Exception], ...]:
    """Find the classes of kinds such as "InvalidArgument|DataError"."""
    errors = importlib.import_module("deltarule.errors")
    return tuple(getattr(errors, KINDS[kind]) for kind in kinds.split("|"))


def names(folder: Path) -> dict[str, Any]:
    """List the names that an expression may use; files are made in this folder."""
    mine = Files(folder)
    methods = {name: getattr(mine, name) for name in dir(mine) if not name.startswith("_")}
    return {**vars(refused_parts), **LIBRARY, **OTHERS, **methods}
