"""Data sets of several files, one for the images and one for the labels of each part, found by their names.

The files are IDX files, as MNIST's, or ``.npy`` and ``.npz`` files of one array.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from deltarule.data.error_context import reading
from deltarule.data.file_names import FileName, is_idx_name, parse_name
from deltarule.data.idx import peek_header
from deltarule.data.phrases import elide
from deltarule.errors import DataError

_ARRAYS = (".npy", ".npz")
_OTHERS = frozenset(
    {".csv", ".txt", ".tsv", ".json", ".md", ".html", ".pdf", ".py"}
    | {".png", ".jpg", ".jpeg", ".gif", ".bmp", ".tif", ".tiff", ".webp"}
    | {".pt", ".parquet", ".arrow", ".mat", ".zip", ".xz", ".bz2"}
)
_MOST_OPENED = 50  # files of a folder that are opened to see if they are IDX files
_MOST_LISTED = 500  # files of a sub-folder whose names are looked at


@dataclass(frozen=True)
class FileSet:
    """The files of a data set.

    Attributes:
        name: The name of the set.
        folder: The folder of the files.
        pairs: The file of images and the file of labels of each part: "all", or "train" and, if there are some,
            "validation" and "test".
        words: The names of files and folders that may tell which set it is.
    """

    name: str
    folder: Path
    pairs: Mapping[str, tuple[Path, Path]]
    words: tuple[str, ...]


def find_file_set(path: Path) -> FileSet | None:
    """Find the data set in a folder, in ``raw`` or another folder below it, or the one that a file belongs to.

    The files are paired by their names: the same set and part, one of images and one of labels. Names that do not state
    a role get it from the number of dimensions.

    Args:
        path: A folder or a file. A file of a training set stands for the whole set, another for its own part.

    Returns:
        The set; None if there are no such files.

    Raises:
        DataError: For images without labels, labels without images, several sets in one folder.

    >>> from tempfile import TemporaryDirectory
    >>> import numpy as np
    >>> from deltarule.data.idx import write_idx
    >>> with TemporaryDirectory() as folder:
    ...     for name, shape in (("train-images-idx3-ubyte", (2, 4, 4)), ("train-labels-idx1-ubyte", (2,))):
    ...         _ = Path(folder, name).write_bytes(write_idx(np.ones(shape, np.uint8)))
    ...     pairs = find_file_set(Path(folder)).pairs
    >>> [[path.name for path in pair] for pair in pairs.values()]
    [['train-images-idx3-ubyte', 'train-labels-idx1-ubyte']]
    """
    if path.is_file():
        return _find_set_of(path) if _is_member(path) else None
    folders = [folder for folder in _list_places(path) if _find_members(folder)]
    if len(folders) > 1 and folders[0] != path:
        places = elide([str(one.relative_to(path)) for one in folders])
        raise DataError(
            f"expected one data set, got files of {len(folders)} in {places}",
            path=path,
            remedy=f"give one of these folders, such as {folders[0]}",
        )
    if not folders:
        return None
    members = _find_members(folders[0])
    names = sorted({name.set for name in members.values()})
    roles = [(name.part, name.role) for name in members.values()]
    if len(names) > 1 and len(set(roles)) < len(roles):
        of_last = [file for file, name in members.items() if name.set == names[-1] and name.role == "x"]
        example = next((file for file in of_last if parse_name(file.name).part == "train"), next(iter(of_last), ""))
        sets = elide([name or "without a name" for name in names], 8)
        raise DataError(
            f"expected one data set, got files of {len(names)}: {sets}",
            path=folders[0],
            remedy=f"give one of the files{f', such as {example}' if example else ''}",
        )
    return _build(folders[0], members, path)


def _find_set_of(path: Path) -> FileSet:
    """Find the set that a file belongs to."""
    siblings = _find_members(path.parent, path)
    own = siblings.get(path, parse_name(path.name))
    alike = {file: name for file, name in siblings.items() if (name.set, name.part) == (own.set, own.part)}
    if {name.role for name in alike.values()} != {"x", "y"}:  # names that have nothing in common
        other = {file: name for file, name in siblings.items() if name.part == own.part and name.role != own.role}
        if len(other) == 1:
            alike |= {file: FileName(own.set, own.part, name.role) for file, name in other.items()}
    if own.part in ("train", ""):
        alike |= {f: name for f, name in siblings.items() if name.set == own.set and name.part not in ("", own.part)}
    return _build(path.parent, alike, path)


def _build(folder: Path, members: Mapping[Path, FileName], path: Path) -> FileSet:
    """Pair images and labels by part."""
    by_part: dict[str, dict[str, Path]] = {}
    for file, name in members.items():
        kinds = by_part.setdefault(name.part, {})
        if name.role in kinds and path in (file, kinds[name.role]):  # the one that is given
            kinds[name.role] = path
        elif name.role in kinds:
            raise DataError(
                f"expected one file of {_ROLES[name.role]} for each part, got {kinds[name.role].name} and {file.name}",
                path=folder,
                remedy="move the one that you do not mean to another folder, or give the path of one of them",
            )
        else:
            kinds[name.role] = file
    for kinds in by_part.values():
        if len(kinds) < 2:
            (role, file), *_ = kinds.items()
            raise DataError(
                f"expected a file of {_ROLES['y' if role == 'x' else 'x']} beside the {_ROLES[role]}, got none",
                path=file,
                remedy=_suggest_partner(file),
            )
    pairs: dict[str, tuple[Path, Path]] = {part: (kinds["x"], kinds["y"]) for part, kinds in by_part.items()}
    if "" in pairs and len(pairs) > 1 and "train" not in pairs:
        pairs["train"] = pairs.pop("")
    if len(pairs) == 1:
        pairs = {"all": next(iter(pairs.values()))}
    order: tuple[str, ...] = ("all", "", "train", "validation", "test")
    ordered = {part: pairs[part] for part in order if part in pairs}
    stated = next((name.set for name in members.values() if name.set), "")
    place = folder.resolve()
    above = place.parent.name if place.name.lower() == "raw" else place.name
    called = (stated or above) if path.is_file() else above
    return FileSet(called, folder, ordered, tuple(filter(None, (stated, above, path.resolve().name))))


_ROLES = {"x": "images", "y": "labels"}


def _suggest_partner(file: Path) -> str:
    words = ("images-idx3", "labels-idx1")
    there, missing = words if words[0] in file.name else words[::-1]
    named = f", such as {file.name.replace(there, missing)}," if there in file.name else ""
    return f"put the file{named} into the same folder"


def _is_member(path: Path) -> bool:
    """Return True for an IDX file, and for a file of one array that names its role in a pair."""
    suffix = path.suffix.lower()
    if suffix not in _ARRAYS:
        return suffix not in _OTHERS and (is_idx_name(path.name) or peek_header(path) is not None)
    name = parse_name(path.name)
    others = [parse_name(other.name) for other in path.parent.glob(f"*{path.suffix}")]
    roles = {other.role for other in others if (other.set, other.part) == (name.set, name.part)}
    return bool(name.role) and roles >= {"x", "y"}


def _find_members(folder: Path, given: Path | None = None) -> dict[Path, FileName]:
    """Find the files of data sets in a folder: IDX files, or where there are none, arrays in pairs."""
    with reading(folder):
        files = sorted(file for file in folder.iterdir() if file.is_file() and not file.name.startswith("."))
    if given is None or given.suffix.lower() not in _ARRAYS:
        named = [file for file in files if is_idx_name(file.name) and file.suffix.lower() not in _OTHERS]
        others = [file for file in files if file not in named and file.suffix.lower() not in {*_OTHERS, *_ARRAYS}]
        others.sort(key=lambda file: file != given)
        named += [file for file in others[:_MOST_OPENED] if peek_header(file) is not None]
        if named:
            return {file: _name_role(file) for file in _leave_out_copies(named, given)}
    arrays = {file: parse_name(file.name) for file in files if file.suffix.lower() in _ARRAYS}
    arrays = {file: name for file, name in arrays.items() if name.role}
    return arrays if {name.role for name in arrays.values()} == {"x", "y"} else {}


def _leave_out_copies(files: Iterable[Path], given: Path | None) -> list[Path]:
    """Leave out files that are there twice, compressed and not."""
    chosen: dict[str, Path] = {}
    for file in sorted(files, key=lambda file: (file != given, file.suffix == ".gz", file.name)):
        chosen.setdefault(file.name.removesuffix(".gz").replace(".", "-").lower(), file)
    return list(chosen.values())


def _name_role(file: Path) -> FileName:
    """Find the role of an IDX file by its name, otherwise by its number of dimensions."""
    name = parse_name(file.name)
    if name.role:
        return name
    header = peek_header(file)
    dimensions = len(header[1]) if header else 1 if "idx1" in file.name.lower() else 3
    return name._replace(role="y" if dimensions == 1 else "x")


def _list_places(folder: Path) -> Iterator[Path]:
    """List the folders that may hold the files: the folder itself, or ``raw`` and others below it."""
    yield folder
    with reading(folder):
        below = sorted(one for one in folder.iterdir() if one.is_dir() and not one.name.startswith("."))
    for one in below:
        for place in (one / "raw", one):
            if place.is_dir() and _has_idx_names(place):
                yield place
                break


def _has_idx_names(folder: Path) -> bool:
    with reading(folder), os.scandir(folder) as entries:
        return any(is_idx_name(entry.name) and entry.is_file() for entry in islice(entries, _MOST_LISTED))
