"""Imports by bare names, such as ``import network``, as the book prints them."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType

from deltarule.book import listings, python2

MODULES = (
    "network",
    "network2",
    "network3",
    "network_matrix",
    "mnist_loader",
    "expand_mnist",
    "mnist_average_darkness",
    "mnist_svm",
)


@contextmanager
def use_bare_names() -> Iterator[None]:
    """Make ``import network`` import ``deltarule.book.network`` within the block, and so for all :data:`MODULES`.

    A module of that name in the folder of the reader's script, or in a folder that the script adds to ``sys.path``,
    takes precedence, except the book's own code in Python 2: that is ignored, with a note on stderr.
    """
    finders, before = (_BareNameFinder(), _OldModuleFinder()), set(sys.modules)
    sys.meta_path.insert(0, finders[0])
    sys.meta_path.append(finders[1])
    try:
        yield
    finally:
        for finder in finders:
            sys.meta_path.remove(finder)
        for name in set(MODULES) - before:
            sys.modules.pop(name, None)


class _BareNameFinder(MetaPathFinder):
    def __init__(self) -> None:
        self.known = set(sys.path)

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if path is not None or name not in MODULES:
            return None
        # the first is the script's folder; the script added those that were not there at the start
        folders = [entry for i, entry in enumerate(sys.path) if i == 0 or entry not in self.known]
        if any(_is_readers_own(folder, name) for folder in folders):
            return None
        return ModuleSpec(name, _AliasLoader(f"deltarule.book.{name}"))


class _AliasLoader(Loader):
    """A loader that returns the existing module unchanged."""

    def __init__(self, name: str) -> None:
        self.name = name

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        module = import_module(self.name)
        self.spec = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        module.__spec__ = self.spec  # the import system replaced it with the spec of the bare name


class _OldModuleFinder(MetaPathFinder):
    """The last finder: it explains why a module of Python 2 is missing."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if path is None and name in python2.MODULES:
            raise ModuleNotFoundError(f"No module named {name!r}: {python2.MODULES[name]}", name=name)
        return None


def _is_readers_own(folder: str, name: str) -> bool:
    """Return whether the folder has a module of this name that is the reader's, not the book's in Python 2."""
    spec = PathFinder.find_spec(name, [folder])
    if spec is None or not spec.origin:  # no module, or a folder without __init__.py
        return False
    path = Path(spec.origin)
    if path.name != f"{name}.py":  # a package, or a compiled module
        return True
    try:
        source = path.read_text(encoding="utf-8-sig", errors="replace")
    except OSError:
        return True
    if listings.is_published(name, source):
        note = f"note: {path} is the book's {name} in Python 2; deltarule's own {name} is used in its place"
        print(note, file=sys.stderr)
        return False
    return True
