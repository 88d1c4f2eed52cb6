"""Imports by bare names, such as ``import network``, as the book prints them."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType

from deltarule.book import listings, python2, theano_lines
from deltarule.book.theano_names import MissingDefinition
from deltarule.book.theano_stand_in import MISSING, ROOTS, StandInLoader, describe_missing, is_active

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
def use_bare_names(stand_in: bool = False, imports: Collection[str] = ()) -> Iterator[None]:
    """Make ``import network`` import ``deltarule.book.network`` within the block, and so for all :data:`MODULES`.

    A module of that name in the folder of the reader's script, or in a folder that the script adds to ``sys.path``,
    takes precedence, except the book's own code in Python 2, and a network3 that needs Theano where that is not
    installed: these are ignored, with a note on stderr. With ``stand_in``, or after the import of network3, a missing
    Theano is replaced by :mod:`deltarule.book.theano_stand_in`. ``imports`` are the names that the script imports from
    network3: the import of one that only the ignored module defines is an error that says so.
    """
    finders, before = (_BareNameFinder(imports), _OldModuleFinder(stand_in)), set(sys.modules)
    sys.meta_path.insert(0, finders[0])
    sys.meta_path.append(finders[1])
    try:
        yield
    finally:
        for finder in finders:
            sys.meta_path.remove(finder)
        MISSING.clear()
        stands = [root for root in ROOTS if is_active(root)]
        for name in set(sys.modules) - before:
            if name in MODULES or name.partition(".")[0] in stands:
                del sys.modules[name]


class _BareNameFinder(MetaPathFinder):
    def __init__(self, imports: Collection[str]) -> None:
        self.known, self.imports = set(sys.path), imports

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if path is not None or name not in MODULES:
            return None
        # the first is the script's folder; the script added those that were not there at the start
        folders = [entry for i, entry in enumerate(sys.path) if i == 0 or entry not in self.known]
        if any(_is_readers_own(folder, name, self.imports) for folder in folders):
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
    """The last finder: it finds the stand-in for Theano, and explains why a module of Python 2 is missing."""

    def __init__(self, stand_in: bool) -> None:
        self.stand_in = stand_in

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        root = name.partition(".")[0]
        if name.rpartition(".")[2].startswith("__"):  # such as theano.__version__
            return None
        if root in ROOTS and (is_active(root) or (path is None and self._is_wanted())):
            if path is None:
                note = f"note: {root} is not installed; a stand-in is used, which deltarule's network3 accepts"
                print(note, file=sys.stderr)
            return ModuleSpec(name, StandInLoader(), is_package=True)
        if path is None and name in python2.MODULES:
            raise ModuleNotFoundError(f"No module named {name!r}: {python2.MODULES[name]}", name=name)
        return None

    def _is_wanted(self) -> bool:
        """Return whether deltarule's network3 is or will be imported, not the reader's own."""
        network3 = sys.modules.get("network3")
        return self.stand_in if network3 is None else network3.__name__ == "deltarule.book.network3"


def _is_readers_own(folder: str, name: str, imports: Collection[str]) -> bool:
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
    if name == "network3" and theano_lines.needs_theano(source) and not has_theano():
        print(f"note: {_describe_theano_module(path, source, imports)}", file=sys.stderr)
        return False
    return True


def has_theano() -> bool:
    """Return whether Theano or a successor is installed."""
    return any(PathFinder.find_spec(root) is not None for root in ROOTS)


def _describe_theano_module(path: Path, source: str, imports: Collection[str]) -> str:
    """Describe a network3 that cannot be imported, and its definitions that deltarule's does not have.

    Raises:
        MissingDefinition: The script imports one of these definitions.
    """
    said = f"{path} needs Theano, which is not installed; deltarule's own network3 is used in its place"
    ours = vars(import_module("deltarule.book.network3"))
    missing = sorted(theano_lines.list_definitions(source) - set(ours))
    if lost := [name for name in missing if name in imports]:
        problem, remedy = describe_missing(lost, str(path))
        raise MissingDefinition(problem, remedy=remedy)
    MISSING.update(dict.fromkeys(missing, str(path)))
    return f"{said}, without {', '.join(missing)}" if missing else said
