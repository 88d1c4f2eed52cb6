"""Sources of data by name: MNIST, the small digits, or data of your own."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from deltarule.core.constraints import Constraint, check, one_of, optional
from deltarule.data import digits, mnist
from deltarule.data.split import Splits
from deltarule.errors import DataError

if TYPE_CHECKING:
    from deltarule.data.options import DataOptions

Name: TypeAlias = str | os.PathLike[str]
NAMES = ("mnist", "digits", "auto")


@dataclass(frozen=True)
class Source:
    """A data set and its origin: its name, its place, and the reason for its choice in one line.

    For data of your own, ``summary`` has two lines about what was understood, ``notes`` has sentences about what was
    decided, and ``doubts`` about what could be meant otherwise.

    >>> source = find("digits")
    >>> source.name, source.why, len(source.data[0])
    ('digits', 'requested by name', 1197)
    """

    name: str
    where: str
    why: str
    data: Splits = field(repr=False, compare=False)
    summary: tuple[str, ...] = field(default=(), repr=False)
    notes: tuple[str, ...] = field(default=(), repr=False)
    doubts: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class Record:
    """The state of one file of a data set: its name, its path, and its size in bytes.

    ``checksum`` is "ok", "bad" (damaged, or not the published content) or "missing".

    >>> status()[-1].name, status()[-1].size, status()[-1].checksum
    ('digits-labels-idx1-ubyte.gz', 145, 'ok')
    """

    name: str
    where: str
    size: int
    checksum: str


def load(name: Name = "auto", path: Name | None = None, size: tuple[int, int] | None = None, **options: Any) -> Splits:
    """Load ``(training, validation, test)`` from a source that :func:`find` finds; their names begin with its name.

    In place of a name, a data frame of pandas, polars or another library may be given. ``options`` are fields of
    :class:`~deltarule.data.DataOptions`, such as ``label="ill"``.

    >>> training, validation, test = load("digits")
    >>> training.name, training.x.shape
    ('digits training', (1197, 8, 8))
    """
    from deltarule.data.options import DataOptions

    for option in options:
        check(option, option, one_of(*(field.name for field in fields(DataOptions))), "load")
    return find(name, path, size, DataOptions(**options) if options else None).data


def find(
    name: Name = "auto",
    path: Name | None = None,
    size: tuple[int, int] | None = None,
    options: DataOptions | None = None,
) -> Source:
    """Find a source of data, and load it.

    MNIST is searched in ``path`` if you give it. Otherwise it is searched in the folder that the environment variable
    DELTARULE_DATA names, if it is set. Otherwise it is searched in the user's cache, and downloaded to it unless
    DELTARULE_OFFLINE is set. If you name a folder without MNIST, that is an error: no other folder is searched.

    Args:
        name: "mnist"; "digits", the small digits; "auto", which is MNIST if it can be loaded or downloaded, and
            otherwise the small digits; or the path of data of your own, which may be MNIST too.
        path: The folder of MNIST, or, for "auto", the path of data of any kind.
        size: The size of pictures, only for data of your own (:func:`deltarule.data.user_data.load`).
        options: What is stated about a table of your own.

    Raises:
        InvalidArgument: For an unknown name.
        DataError: If the data are damaged, or cannot be found or downloaded.

    >>> find("digits")  # doctest: +ELLIPSIS
    Source(name='digits', where='...small_digits', why='requested by name')
    """
    if not isinstance(name, str | os.PathLike):
        from deltarule.data.frames import is_frame

        if is_frame(name):
            return _load_frame(name, options)
    check("name", name, _NAME)
    check("path", path, optional(_NAME))
    if path is not None and name == "auto":
        return _load_path(Path(path).expanduser(), size, options)
    if name not in NAMES and path is None and _leads_somewhere(Path(name).expanduser()):
        return _load_path(Path(name).expanduser(), size, options)
    check("name", name, _KNOWN)
    check("size", size, _none(f"{name} has its own size"))
    check("options", options, _none(f"{name} is no table"))
    if name == "mnist":
        return _load_mnist(None if path is None else Path(path).expanduser())
    check("path", path, _none("the digits are installed with deltarule"))
    return _load_auto() if name == "auto" else _load_digits("requested by name")


def _leads_somewhere(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # such as a name that is too long
        return False


def _is_name(value: Any) -> bool:
    return isinstance(value, str | os.PathLike) and bool(os.fspath(value))


def _none(why: str) -> Constraint:
    return Constraint(f"None, as {why}", lambda value: value is None)


_TEXTS = ", ".join(map(repr, NAMES))
_NAME = Constraint(f"{_TEXTS}, or the path of data of your own", _is_name)
_KNOWN = Constraint(f"{_TEXTS}, or a path that leads to a file or folder", lambda name: name in NAMES)


def status() -> list[Record]:
    """List the state of MNIST's files, in DELTARULE_DATA or the cache, and of the small digits' files.

    >>> {record.checksum for record in status() if record.name.startswith("digits")}
    {'ok'}
    """
    folder = find_mnist_folder()
    found = mnist.locate(folder)
    files = {**mnist.FILES, **digits.FILES}
    places = {name: found.get(name, folder / name) for name in mnist.FILES}
    places |= {name: digits.FOLDER / name for name in digits.FILES}
    return [_check_file(name, places[name], sha256) for name, sha256 in files.items()]


def find_mnist_folder() -> Path:
    """Find the folder in which MNIST is looked for: the one that DELTARULE_DATA names, otherwise the cache."""
    return _get_environment_folder() or find_cache_folder()


def find_cache_folder() -> Path:
    """Find the cache folder of downloaded MNIST, by the convention of the operating system, without creating it."""
    from platformdirs import user_cache_path

    return user_cache_path("deltarule", appauthor=False) / "mnist"


def _load_frame(frame: Any, options: DataOptions | None) -> Source:
    from deltarule.data import user_data

    own = user_data.load_frame(frame, options)
    return Source("table", type(frame).__name__, "a data frame", own.splits, own.summary, own.notes, own.doubts)


def _load_path(place: Path, size: tuple[int, int] | None, options: DataOptions | None) -> Source:
    if not place.exists():
        raise DataError(
            "expected a folder of pictures, a table such as a .csv file, an .npz file, or MNIST's folder, got no such "
            "path",
            path=place,
        )
    from deltarule.data import user_data
    from deltarule.data.digit_sets import NOT_MNIST, explain_difference

    if place.name in ("", ".."):  # to get the name of the folder
        place = place.resolve()
    doubts: tuple[str, ...] = ()
    if found := mnist.locate(place):
        try:
            return _load_mnist(place)
        except DataError:  # another data set, whose files have the same names
            doubts = (explain_difference(found),)
    own = user_data.load(place, size, options)
    name = own.name or Path(place.name.removesuffix(".gz")).stem
    if name.lower() in NAMES:  # not to be taken for the data set of this name
        name = f"own {name}"
    doubts = (*(doubt for doubt in own.doubts if not (doubts and doubt == NOT_MNIST)), *doubts)
    return Source(name, str(place), "data of your own", own.splits, own.summary, own.notes, doubts)


def _load_auto() -> Source:
    if _get_environment_folder():  # a wrong folder is reported as an error, not replaced by another source
        return _load_mnist(None)
    try:
        return _load_mnist(None)
    except DataError as error:
        return _load_digits(f"the small digits stand in for MNIST, which could not be loaded: {error}")


def _load_digits(why: str) -> Source:
    return Source("digits", str(digits.FOLDER), why, digits.load())


def _load_mnist(path: Path | None) -> Source:
    if path is not None:
        return Source("mnist", str(path), "the given folder", mnist.load(path))
    folder = _get_environment_folder()
    if folder is None:
        return _load_cache()
    try:
        return Source("mnist", str(folder), "the folder that DELTARULE_DATA names", mnist.load(folder))
    except DataError as error:
        error.with_fields(argument="DELTARULE_DATA", remedy=f"{error.remedy}, or unset the variable")
        raise


def _load_cache() -> Source:
    """Load MNIST from the cache, into which it is downloaded if it is missing or damaged."""
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
                "expected all files of MNIST there, got some or none, and DELTARULE_OFFLINE forbids downloads",
                path=folder,
                remedy="unset the variable",
            )
        from deltarule.data import download

        download.fetch(mnist.FILES, folder)
        return Source("mnist", str(folder), "downloaded just now", mnist.load(folder))
    except DataError as error:
        if damaged is not None:
            error.with_fields(remedy=f"{error.remedy}; or repair the cache ({damaged})")
        raise


def _get_environment_folder() -> Path | None:
    folder = os.environ.get("DELTARULE_DATA")
    return Path(folder).expanduser() if folder else None


def _check_file(name: str, path: Path, sha256: str) -> Record:
    if not path.is_file():
        return Record(name, str(path), 0, "missing")
    try:
        mnist.read(path, sha256)
        checksum = "ok"
    except DataError:
        checksum = "bad"
    return Record(name, str(path), path.stat().st_size, checksum)
