"""The pictures in a folder: a sub-folder for each class, or for each part with its classes."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from stat import S_ISDIR, S_ISREG

import numpy as np

from deltarule.data.error_context import reading
from deltarule.data.phrases import count, elide
from deltarule.data.picture_names import DRAWINGS, PICTURES, RAW, find_part, is_debris
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
    counted. There must be ``least`` classes or more.

    Raises:
        DataError: With the path, for fewer classes, a folder that cannot be read, and a class with pictures
            in deeper folders.

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
    passed: dict[str, list[str]] = defaultdict(list)
    below = _Listing.read(folder, passed)
    places = _find_parts(below, passed) or {"": below}
    found = [
        (part, class_.name, path)
        for part in ("", *PARTS)
        if part in places
        for class_ in places[part].folders
        for path in _find_pictures(class_, passed)
    ]
    classes = _sort_classes({name for _, name, _ in found})
    if len(classes) < least:
        raise DataError(
            path=folder,
            expected=f"{least} or more sub-folders with pictures, one per class",
            value=len(classes),
            remedy=_suggest_folder(below),
        )
    positions = {name: i for i, name in enumerate(classes)}
    found.sort(key=lambda one: (PARTS.index(one[0]) if one[0] else 0, positions[one[1]], one[2].name))
    labels = np.array([positions[name] for _, name, _ in found], np.int64)
    files, parts = tuple(path for _, _, path in found), tuple(part for part, _, _ in found)
    return PictureFiles(files, labels, classes, parts, _note_passed(folder, passed))


@dataclass(frozen=True)
class _Listing:
    """The contents of a folder, without leftovers."""

    path: Path
    folders: tuple[Path, ...]
    pictures: tuple[Path, ...]

    @classmethod
    def read(cls, folder: Path, passed: dict[str, list[str]]) -> _Listing:
        folders, pictures = [], []
        with reading(folder), os.scandir(folder) as entries:
            for entry in entries:
                kind = _classify(entry)
                if kind == "folder":
                    folders.append(folder / entry.name)
                elif kind == "picture":
                    pictures.append(folder / entry.name)
                else:
                    passed[kind].append(entry.path)
        return cls(folder, tuple(sorted(folders)), tuple(pictures))


def _classify(entry: os.DirEntry[str]) -> str:
    """Return "folder", "picture" or the kind of what is passed over."""
    if is_debris(entry.name):
        return LEFTOVER
    try:
        mode = entry.stat().st_mode if entry.is_symlink() or not entry.is_file() else 0
    except OSError:  # a link to nothing, or to itself
        return "link to nothing"
    if mode and S_ISDIR(mode):
        return "folder"
    if mode and not S_ISREG(mode):
        return "pipe or device"
    ending = os.path.splitext(entry.name)[1].lower()
    if ending in PICTURES or ending in DRAWINGS or ending in RAW or _has_picture(entry.path):
        return "picture"
    return "text" if ending in TEXTS else "other file"


LEFTOVER = "leftover of archives and file managers"
TEXTS = frozenset({".txt", ".csv", ".tsv", ".json", ".md", ".xml", ".yaml", ".yml", ".html", ".rst", ".log", ".py"})


def _has_picture(path: str) -> bool:
    """Return True for a file with another ending, or none, that begins as a picture does."""
    with reading(path), open(os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0)), "rb") as file:
        start = file.read(16)
    return start.startswith(STARTS) or start[4:12] in (b"ftypheic", b"ftypavif", b"ftypmif1") or start[8:12] == b"WEBP"


STARTS = (b"\x89PNG\r\n", b"\xff\xd8\xff", b"GIF8", b"II*\0", b"MM\0*", b"BM")


def _find_parts(below: _Listing, passed: dict[str, list[str]]) -> dict[str, _Listing]:
    """List the folders of the parts; empty if the folder is not divided into parts."""
    names = {path: find_part(path.name) for path in below.folders}
    if "training" not in names.values():
        return {}
    inside = {path: _Listing.read(path, defaultdict(list)) for path, part in names.items() if part}
    if not all(listing.folders for path, listing in inside.items() if names[path] == "training"):
        return {}
    return {names[path]: _Listing.read(path, passed) for path in inside}


def _find_pictures(folder: Path, passed: dict[str, list[str]]) -> tuple[Path, ...]:
    listing = _Listing.read(folder, passed)
    for deeper in listing.folders:
        if _Listing.read(deeper, defaultdict(list)).pictures:
            raise DataError(
                "expected a picture, got a folder with pictures",
                path=deeper,
                remedy="give the folder that has one sub-folder per class, with only pictures in each",
            )
        passed["folder without pictures"].append(str(deeper))
    if not listing.pictures:
        passed["folder without pictures"].append(str(folder))
    return listing.pictures


def _sort_classes(names: Iterable[str]) -> tuple[str, ...]:
    names = list(names)
    if all(name.isdecimal() for name in names):
        return tuple(sorted(names, key=lambda name: (int(name), name)))
    return tuple(sorted(names))


def _suggest_folder(below: _Listing) -> str:
    return "put the pictures of each class into a sub-folder named after it"


def _note_passed(folder: Path, passed: dict[str, list[str]]) -> tuple[str, ...]:
    kinds = [
        f"{count(len(paths), kind, kind.replace('leftover', 'leftovers') if kind == LEFTOVER else '')} "
        f"({elide([os.path.relpath(path, folder) for path in sorted(paths)], 3)})"
        for kind, paths in passed.items()
    ]
    return (f"passed over: {', '.join(kinds)}",) if kinds else ()
