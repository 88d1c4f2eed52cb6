"""The modules whose coverage guides the search of each target; they must not be imported before atheris knows them."""

from __future__ import annotations

_DATA = ("deltarule.data",)

MODULES = {
    "idx": _DATA,
    "idx in gzip": _DATA,
    "csv": (*_DATA, "csv"),
    "arff": _DATA,
    "libsvm": _DATA,
    "matlab": _DATA,
    "arrow": _DATA,
    "parquet": _DATA,
    "hdf5": _DATA,
    "excel": (*_DATA, "openpyxl"),
    "csv in blocks": (*_DATA, "csv"),
    "arff in blocks": _DATA,
    "libsvm in blocks": _DATA,
    "matlab, arrays": _DATA,
    "pictures in zip": (*_DATA, "zipfile"),
    "npz": (*_DATA, "zipfile"),
    "npy in npz": _DATA,
    "pickle": (*_DATA, "deltarule.book"),
    "network2": ("deltarule.book",),
    "safetensors": ("deltarule.models",),
    "model": ("deltarule.models", "deltarule.core", "deltarule.preprocessing"),
    "table model": ("deltarule.models", "deltarule.preprocessing", "deltarule.lab"),
    "checkpoint": ("deltarule.models", "deltarule.training"),
    "run.json": ("deltarule.training",),
    "network file": ("deltarule.recipes", "deltarule.core", "tomllib"),
    "picture": _DATA,
    "row of digits": (*_DATA, "deltarule.digit_strings"),
    "onnx": ("deltarule.exchange",),
    "results": ("deltarule.experiments.result",),
    "python 2": ("deltarule.book",),
    "exported page": ("deltarule.lab",),
}
