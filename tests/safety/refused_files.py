"""Files for invalid calls."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

import deltarule as dr
from deltarule.book import network2
from deltarule.data import idx, mnist
from deltarule.models import files
from deltarule.recipes import read as read_recipe

from .refused_parts import Stop, fit, fit_ensemble


class Files:
    """Functions that make files in the folder of a test."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, name: str) -> Path:
        return self.folder / name

    def text(self, name: str, content: str | bytes = "") -> Path:
        """Write a file with this content."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def toml(self, content: str) -> Any:
        """Write a network file and read it."""
        return read_recipe(self.text("my.toml", content))

    def csv(self, content: str | bytes, **options: Any) -> Any:
        return dr.data.load(str(self.text("my.csv", content)), **options)

    def npz(self, **arrays: Any) -> Any:
        np.savez(self.path("my.npz"), **arrays)
        return dr.data.load(str(self.path("my.npz")))

    def png(self, name: str, shape: tuple[int, ...] = (6, 5), grey: int = 100) -> Path:
        path = self.path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.full(shape, grey, np.uint8)).save(path)
        return path

    def shapes(self, *more: str, **options: Any) -> Any:
        """Load a folder of pictures in two classes; ``more`` are additional files in it."""
        for i in range(12):
            self.png(f"shapes/{i % 2}/{i}.png", grey=i)
        for name in more:
            self.text(f"shapes/{name}", "no picture")
        return dr.data.load(str(self.path("shapes")), **options)

    def run(self, broken_off: bool = False, **settings: Any) -> Path:
        """Return the folder of a run, finished after two epochs, or broken off after the first."""
        callbacks = [dr.callbacks.Checkpoint(self.path("run")), *([Stop()] if broken_off else [])]
        try:
            fit(**{"epochs": 2, "callbacks": callbacks, **settings})
        except ZeroDivisionError:
            assert broken_off
        return self.path("run")

    def ensemble(self) -> Path:
        fit_ensemble(folder=self.path("run"))
        return self.path("run")

    def mnist_files(self) -> Path:
        """Write files with the names of MNIST's files and other content."""
        for name in mnist.FILES:
            self.text(name, idx.write_idx(np.zeros((2, 28, 28) if "images" in name else 2, np.uint8)))
        return self.folder

    def network2_file(self, **changed: Any) -> Any:
        """Load a file of the book's second program after a change of some fields; None removes a field."""
        net, path = network2.Network([4, 3, 2]), self.path("net.json")
        net.save(str(path))
        content = {**json.loads(path.read_text()), **changed}
        path.write_text(json.dumps({name: value for name, value in content.items() if value is not None}))
        return network2.load(str(path))

    def alter(self, *path: str | int, value: Any = None, make: str = "run", **run: Any) -> Path:
        """Return the folder of a run or an ensemble with another value at one place of its description."""
        file = getattr(self, make)(**run) / "model.safetensors"
        tensors, description = files.read(file)
        place: Any = description
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = value
        description.pop("format", None)
        files.write(file, tensors, description)
        return file.parent

    def alter_tensors(self, change: Callable[[dict[str, Any]], dict[str, Any]]) -> Path:
        """Return the folder of a run with other tensors in its file."""
        file = self.run() / "model.safetensors"
        tensors, description = files.read(file)
        description.pop("format", None)
        files.write(file, change(tensors), description)
        return file.parent
