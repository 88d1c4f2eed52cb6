"""Finding data by name, and saying honestly what was found: MNIST, the small digits, or data of your own."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from deltarule.core.constraints import Constraint, check, optional
from deltarule.data import digits, download, mnist, user_data
from deltarule.data.split import Splits
from deltarule.errors import DataError

Name: TypeAlias = str | os.PathLike[str]
NAMES = ("mnist", "digits", "auto")


@dataclass(frozen=True)
class Source:
    """Data that were found: which, where, why these (one line, for people), and the data themselves."""

    name: str
    where: str
    why: str
    data: Splits = field(repr=False, compare=False)


@dataclass(frozen=True)
class Record:
    """One file of a data set: its size in bytes, and whether its content is the one published.

    ``checksum`` is "ok", "bad" (another content, or damaged) or "missing".
    """

    name: str
    where: str
    size: int
    checksum: str


def load(name: Name = "auto", path: Name | None = None, size: tuple[int, int] | None = None) -> Splits:
    """``(training, validation, test)``, as :func:`find` finds them; their names say which data they are.

    >>> training, validation, test = load("digits")
    >>> training.name, training.x.shape
    ('digits training', (1197, 8, 8))
    """
    return find(name, path, size).data


def find(name: Name = "auto", path: Name | None = None, size: tuple[int, int] | None = None) -> Source:
    """The data called ``name``: "mnist", "digits", "auto", or the path of data of your own.

    MNIST is looked for in ``path``, if one is given; else where the environment's DELTARULE_DATA
    says; else in the user's cache, into which it is downloaded if need be, unless DELTARULE_OFFLINE
    is set. A place that was named and holds no MNIST is an error, and nothing else is used in its
    stead. "auto" is MNIST if it is at hand or can be had, otherwise the digits; ``why`` tells.
    With ``path``, "auto" is the data that lie there. A path may lead to MNIST too; for all else see
    :func:`deltarule.data.user_data.load`, which alone takes ``size``. Raises :class:`InvalidArgument` for an
    unknown name, :class:`DataError` for data that cannot be had or are damaged.
    """
    check("name", name, _NAME)
    check("path", path, optional(_NAME))
    if path is not None and name == "auto":
        return _at(Path(path).expanduser(), size)
    if name not in NAMES and path is None and Path(name).expanduser().exists():
        return _at(Path(name).expanduser(), size)
    check("name", name, _KNOWN)
    check("size", size, _none(f"{name} comes in its own size"))
    if name == "mnist":
        return _mnist(None if path is None else Path(path).expanduser())
    check("path", path, _none("the digits come with deltarule and are read from no path"))
    return _auto() if name == "auto" else _digits("asked for by name")


def _is_name(value: Any) -> bool:
    return isinstance(value, str | os.PathLike) and bool(os.fspath(value))


def _none(why: str) -> Constraint:
    return Constraint(f"None, as {why}", lambda value: value is None)


_TEXTS = ", ".join(map(repr, NAMES))
_NAME = Constraint(f"{_TEXTS}, or the path of data of your own", _is_name)
_KNOWN = Constraint(f"{_TEXTS}, or a path that leads to a file or folder", lambda name: name in NAMES)


def status() -> list[Record]:
    """List the files of MNIST, where they are looked for (DELTARULE_DATA or the cache), and of the digits."""
    folder = _named_folder() or find_cache_folder()
    found = mnist.locate(folder)
    files = {**mnist.FILES, **digits.FILES}
    places = {name: found.get(name, folder / name) for name in mnist.FILES}
    places |= {name: digits.FOLDER / name for name in digits.FILES}
    return [_record(name, places[name], sha256) for name, sha256 in files.items()]


def find_cache_folder() -> Path:
    """Where downloaded MNIST is kept, by the custom of the operating system; not created here."""
    from platformdirs import user_cache_path

    return user_cache_path("deltarule", appauthor=False) / "mnist"


def _at(place: Path, size: tuple[int, int] | None) -> Source:
    if not place.exists():
        raise DataError(
            "expected a folder of pictures, an .npz file, a .csv table, or MNIST's folder, got nothing there",
            path=place,
        )
    if place.name in ("", ".."):  # the folder itself has a name
        place = place.resolve()
    if mnist.locate(place):
        return _mnist(place)
    data = user_data.load(place, size)
    return Source(place.stem, str(place), "data of your own", data)


def _auto() -> Source:
    if _named_folder():  # a place that is named wrongly is a mistake to be told, not to be worked round
        return _mnist(None)
    try:
        return _mnist(None)
    except DataError as error:
        return _digits(f"the small digits stand in for MNIST, which is not at hand: {error}")


def _digits(why: str) -> Source:
    return Source("digits", str(digits.FOLDER), why, digits.load())


def _mnist(path: Path | None) -> Source:
    if path is not None:
        return Source("mnist", str(path), "the folder that was named", mnist.load(path))
    named = _named_folder()
    if named is None:
        return _cached()
    try:
        return Source("mnist", str(named), "the folder that DELTARULE_DATA names", mnist.load(named))
    except DataError as error:
        error.with_fields(argument="DELTARULE_DATA", remedy=f"{error.remedy}, or unset the variable")
        raise


def _cached() -> Source:
    folder = find_cache_folder()
    damaged: DataError | None = None
    if mnist.locate(folder):
        try:
            return Source("mnist", str(folder), "downloaded before", mnist.load(folder))
        except DataError as error:
            damaged = error
    try:
        if os.environ.get("DELTARULE_OFFLINE", "0") not in ("", "0"):
            raise DataError(
                "expected MNIST there, as DELTARULE_OFFLINE forbids to download it, got an incomplete set",
                path=folder,
                remedy="unset the variable",
            )
        download.fetch(mnist.FILES, folder)
        return Source("mnist", str(folder), "downloaded just now", mnist.load(folder))
    except DataError as error:
        if damaged is not None:
            error.with_fields(remedy=f"{error.remedy}; or repair the cache ({damaged})")
        raise


def _named_folder() -> Path | None:
    named = os.environ.get("DELTARULE_DATA")
    return Path(named).expanduser() if named else None


def _record(name: str, path: Path, sha256: str) -> Record:
    if not path.is_file():
        return Record(name, str(path), 0, "missing")
    try:
        mnist.read(path, sha256)
        checksum = "ok"
    except DataError:
        checksum = "bad"
    return Record(name, str(path), path.stat().st_size, checksum)
