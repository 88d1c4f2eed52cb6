"""``import network`` as the book prints it: the modules of deltarule.book by their bare names."""

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
def importable() -> Iterator[None]:
    """Within the block ``import network`` gives ``deltarule.book.network``, and so for all of :data:`MODULES`.

    A module of that name beside the reader's script, or in a folder that the script puts on ``sys.path``,
    goes before, unless its code is the book's own in Python 2: then it is left aside, and a line on stderr says so.
    """
    finders, before = (_BareNames(), _Bygones()), set(sys.modules)
    sys.meta_path.insert(0, finders[0])
    sys.meta_path.append(finders[1])
    try:
        yield
    finally:
        for finder in finders:
            sys.meta_path.remove(finder)
        for name in set(MODULES) - before:
            sys.modules.pop(name, None)


class _BareNames(MetaPathFinder):
    def __init__(self) -> None:
        self.known = set(sys.path)

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if path is not None or name not in MODULES:
            return None
        # the first is the script's folder, others are the reader's if they came after deltarule began
        folders = [entry for i, entry in enumerate(sys.path) if i == 0 or entry not in self.known]
        if any(_is_own(folder, name) for folder in folders):
            return None
        return ModuleSpec(name, _Alias(f"deltarule.book.{name}"))


class _Alias(Loader):
    """Gives the module that there is, and leaves it as it is."""

    def __init__(self, name: str) -> None:
        self.name = name

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        module = import_module(self.name)
        self.spec = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        module.__spec__ = self.spec  # the import system has put the bare name's in its place


class _Bygones(MetaPathFinder):
    """Comes last, for what nobody else has found."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if path is None and name in python2.MODULES:
            raise ModuleNotFoundError(f"No module named {name!r}: {python2.MODULES[name]}", name=name)
        return None


def _is_own(folder: str, name: str) -> bool:
    """Tell whether Python finds a module of this name there that is the reader's: any but the book's in Python 2."""
    spec = PathFinder.find_spec(name, [folder])
    if spec is None or not spec.origin:  # nothing, or a folder without __init__.py
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
