"""The pictures in a folder: a sub-folder for each class, or for each part with its classes."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from stat import S_ISDIR, S_ISREG

import numpy as np

from deltarule.data.error_context import reading
from deltarule.data.phrases import count, elide
from deltarule.data.picture_names import DRAWINGS, PICTURES, RAW, TEXTS, find_part, is_debris, starts_as_picture
from deltarule.errors import DataError

PARTS = ("training", "validation", "test")
"""The parts that a folder can have."""


@dataclass(frozen=True, eq=False)
class PictureFiles:
    """The files of a folder of pictures, with the class of each.

    Attributes:
        files: The pictures, sorted by part, class and name.
        labels: The positions of their classes, (n,) int64.
        classes: The names of the classes: of the sub-folders, sorted; as numbers if all are whole numbers.
        parts: For each file "training", "validation" or "test", by the folder it is in; "" if the folder has no parts.
        notes: At most one line: what was passed over, counted.
    """

    files: tuple[Path, ...]
    labels: np.ndarray
    classes: tuple[str, ...]
    parts: tuple[str, ...]
    notes: tuple[str, ...] = ()


def find_picture_files(folder: Path, least: int = 2) -> PictureFiles:
    """Find the pictures of a folder; its sub-folders are the classes, or ``training``, ``test``, … with the classes.

    What archives and file managers leave, texts beside the pictures, and folders without pictures are passed over and
    counted.

    Args:
        folder: The folder.
        least: The least number of classes, 1 or 2.

    Raises:
        DataError: With the path, for too few classes, a folder that cannot be read, and a class with pictures in deeper
            folders.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for name in ("cats/1.png", "dogs/1.png", "dogs/2.png", "dogs/.DS_Store"):
    ...         path = Path(folder, name)
    ...         path.parent.mkdir(exist_ok=True)
    ...         path.touch()
    ...     found = find_picture_files(Path(folder))
    >>> found.classes, found.labels.tolist(), found.notes
    (('cats', 'dogs'), [0, 1, 1], ('passed over: 1 leftover of archives and file managers (dogs/.DS_Store)',))
    """
    passed = _Passed(folder)
    listing = _list_folder(folder, passed)
    found = list(_find_in_parts(listing, passed))
    classes = _sort_classes({name for _, name, _ in found})
    if len(classes) < least:
        raise DataError(
            path=folder,
            expected=f"at least {('one sub-folder', 'two sub-folders')[least - 1]} with pictures, one per class",
            value=len(classes),
            remedy=_suggest(passed) if not classes else _SORT_PICTURES,
        )
    positions = {name: i for i, name in enumerate(classes)}
    found.sort(key=lambda one: (PARTS.index(one[0] or "training"), positions[one[1]], one[2]))
    labels = np.array([positions[name] for _, name, _ in found], np.int64)
    files, parts = tuple(Path(path) for _, _, path in found), tuple(part for part, _, _ in found)
    return PictureFiles(files, labels, classes, parts, passed.describe())


_SORT_PICTURES = "put the pictures of each class into a sub-folder named after it"


def _suggest(passed: _Passed) -> str:
    """Suggest what to do about a folder without classes: give a file of data that is in it, or sort the pictures."""
    files = [
        path for kind in (_TEXT, _OTHER) for path in passed.paths[kind] if os.path.dirname(path) == str(passed.folder)
    ]
    data = sorted(path for path in files if not path.lower().endswith(_NO_DATA))
    if passed.paths[_NO_CLASS] or not data:
        return _SORT_PICTURES
    chosen = min(data, key=lambda path: "train" not in os.path.basename(path).lower())
    return f"give a file of data, such as {chosen}"


_NO_DATA = (".md", ".py", ".ipynb", ".html", ".rst", ".log", ".yaml", ".yml", ".xml", ".toml", ".sh", ".pt", ".zip")

_LEFTOVER = ("leftover of archives and file managers", "leftovers of archives and file managers")
_DANGLING = ("link to nothing", "links to nothing")
_PIPE = ("pipe or device", "pipes or devices")
_TEXT = ("text", "texts")
_OTHER = ("other file", "other files")
_EMPTY = ("folder without pictures", "folders without pictures")
_NO_CLASS = ("picture without a class", "pictures without a class")
_NO_PART = ("folder beside the parts", "folders beside the parts")


class _Passed:
    """The files and folders that are passed over, by kind."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.paths: dict[tuple[str, str], list[str]] = defaultdict(list)

    def add(self, kind: tuple[str, str], paths: Iterable[str]) -> None:
        self.paths[kind] += paths

    def describe(self) -> tuple[str, ...]:
        kinds = [
            f"{count(len(paths), *kind)} ({elide([os.path.relpath(path, self.folder) for path in sorted(paths)], 3)})"
            for kind, paths in self.paths.items()
            if paths
        ]
        return (f"passed over: {', '.join(kinds)}",) if kinds else ()


@dataclass(frozen=True)
class _Listing:
    """The folders and the pictures in a folder, as paths."""

    path: str
    folders: list[str]
    pictures: list[str]

    def find_folders(self) -> Iterator[tuple[str, str]]:
        """Yield the name and the path of each folder."""
        for path in self.folders:
            yield os.path.basename(path), path


def _list_folder(folder: str | Path, passed: _Passed | None = None) -> _Listing:
    """List a folder; what is neither a folder nor a picture is passed over."""
    listing = _Listing(str(folder), [], [])
    with reading(folder), os.scandir(folder) as entries:
        for entry in entries:
            kind = _classify(entry)
            if kind is None:
                listing.pictures.append(entry.path)
            elif not kind:
                listing.folders.append(entry.path)
            elif passed is not None:
                passed.add(kind, [entry.path])
    listing.folders.sort()
    return listing


def _classify(entry: os.DirEntry[str]) -> tuple[str, str] | tuple[()] | None:
    """Return None for a picture, () for a folder, and otherwise the kind of what is passed over."""
    if is_debris(entry.name):
        return _LEFTOVER
    if entry.is_symlink() or not entry.is_file():
        try:
            mode = entry.stat().st_mode
        except OSError:  # a link to nothing, or to itself
            return _DANGLING
        if S_ISDIR(mode):
            return ()
        if not S_ISREG(mode):
            return _PIPE
    ending = os.path.splitext(entry.name)[1].lower()
    if ending in PICTURES or ending in DRAWINGS or ending in RAW:
        return None
    if ending in TEXTS:
        return _TEXT
    return None if starts_as_picture(entry.path) else _OTHER


def _find_in_parts(listing: _Listing, passed: _Passed) -> Iterator[tuple[str, str, str]]:
    """Yield the part, the class and the path of each picture."""
    parts = {path: part for name, path in listing.find_folders() if (part := find_part(name))}
    inside = {path: _list_folder(path) for path in parts}
    if "training" not in parts.values() or not any(inside[p].folders for p in parts if parts[p] == "training"):
        if len(set(parts.values())) > 1 and len(parts) == len(listing.folders):
            raise DataError(
                "expected sub-folders, one per class, got none",
                path=listing.folders[-1],
                remedy=_SORT_PICTURES,
            )
        yield from _find_in_classes("", listing, passed)
        return
    passed.add(_NO_CLASS, listing.pictures)
    passed.add(_NO_PART, [path for path in listing.folders if path not in parts])
    for path, part in parts.items():
        yield from _find_in_classes(part, _list_folder(path, passed), passed)


def _find_in_classes(part: str, listing: _Listing, passed: _Passed) -> Iterator[tuple[str, str, str]]:
    passed.add(_NO_CLASS, listing.pictures)
    for name, path in listing.find_folders():
        for picture in _find_pictures(path, passed):
            yield part, name, picture


def _find_pictures(folder: str, passed: _Passed) -> list[str]:
    listing = _list_folder(folder, passed)
    if deeper := next((path for path in listing.folders if _list_folder(path).pictures), None):
        problem = "expected a picture, got a folder with pictures"
        remedy = "put the pictures of each class into one folder"
        if not listing.pictures:
            problem, remedy = "expected pictures of one class, got folders", f"if they are the classes, give {folder}"
        raise DataError(problem, path=deeper if listing.pictures else folder, remedy=remedy)
    passed.add(_EMPTY, listing.folders if listing.pictures else [folder])
    return listing.pictures


def _sort_classes(names: set[str]) -> tuple[str, ...]:
    if all(name.isdecimal() for name in names):
        return tuple(sorted(names, key=lambda name: (int(name), name)))
    return tuple(sorted(names))
