"""Zip archives of pictures: everything that an archive states is checked before it is unpacked into a folder."""

from __future__ import annotations

import os
import stat
import struct
import zipfile
from collections.abc import Sequence
from pathlib import Path

from deltarule import limits
from deltarule.data.library_errors import translating
from deltarule.data.picture_names import PICTURES
from deltarule.errors import DataError

_AGAIN = "make the archive again"
_ARCHIVES = (".zip", ".7z", ".rar", ".tar", ".tgz", ".gz", ".bz2", ".xz")
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENTRY = 120
"""The bytes of the list of contents that a member may take on average: 46 and its name."""

_PIECE = 1 << 20


def unpack_pictures(archive: Path, folder: Path) -> Path:
    """Unpack the pictures of a zip archive into a new folder, and return the folder that contains the classes.

    Hidden files, and what macOS adds, are left out. The class folders may stand inside another folder.

    Raises:
        DataError: The archive is damaged, encrypted or without pictures; it has too many members or too many bytes
            (:data:`deltarule.limits.ARCHIVE_MEMBERS`, :data:`deltarule.limits.ARCHIVE_BYTES`), two members of one name,
            a link, an archive inside, or a name that leads out of the folder; or it contains other bytes than it
            states.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as parent:
    ...     with zipfile.ZipFile(Path(parent, "a.zip"), "w") as archive:
    ...         archive.writestr("letters/a/1.png", b"...")
    ...     folder = unpack_pictures(Path(parent, "a.zip"), Path(parent, "unpacked"))
    ...     [path.name for path in folder.rglob("*")]
    ['a', '1.png']
    """
    with translating(archive, "a zip archive of pictures", _AGAIN):
        _check_directory(archive)
        with zipfile.ZipFile(archive) as opened:
            members = _choose(opened.infolist())
            folder.mkdir(parents=True)
            for member in members:
                _extract(opened, member, folder)
    return find_classes(folder)


def _check_directory(path: Path) -> None:
    """Raise :class:`DataError` for a list of contents that is too long; zipfile reads it whole, before all checks."""
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - (1 << 16) - 100))
        end = file.read()
    listed, large = _read_number(end, b"PK\5\6", 12, "<I"), _read_number(end, b"PK\6\6", 40, "<Q")
    most = _ENTRY * limits.ARCHIVE_MEMBERS
    if max(listed if listed < 2**32 - 1 else 0, large) > most:
        raise _refuse_members("more")


def _read_number(end: bytes, mark: bytes, offset: int, kind: str) -> int:
    """Read a number behind the last mark; 0 if there is none."""
    at = end.rfind(mark)
    part = end[at + offset : at + offset + struct.calcsize(kind)] if at >= 0 else b""
    return int.from_bytes(part, "little")


def _refuse_members(value: str) -> DataError:
    remedy = limits.describe_remedy("ARCHIVE_MEMBERS", "put fewer pictures into the archive")
    return DataError(f"expected at most {limits.ARCHIVE_MEMBERS:,} files in an archive, got {value}", remedy=remedy)


def _choose(members: Sequence[zipfile.ZipInfo]) -> list[zipfile.ZipInfo]:
    """Choose the pictures of an archive, after the checks of what it states of all its members."""
    if len(members) > limits.ARCHIVE_MEMBERS:
        raise _refuse_members(f"{len(members):,}")
    if (size := sum(member.file_size for member in members)) > limits.ARCHIVE_BYTES:
        raise DataError(
            f"expected at most {limits.ARCHIVE_BYTES:,} bytes after unpacking, got {size:,}",
            remedy=limits.describe_remedy("ARCHIVE_BYTES", "use smaller pictures, or put fewer into the archive"),
        )
    names: set[str] = set()
    chosen = []
    for member in members:
        if member.is_dir() or _is_hidden(_check_name(member.filename)):
            continue
        _check_member(member)
        if member.filename in names:
            raise DataError(f"expected one file of each name, got two of {member.filename!r}", remedy=_AGAIN)
        names.add(member.filename)
        if Path(member.filename).suffix.lower() in PICTURES:
            chosen.append(member)
    if not chosen:
        raise DataError(
            "expected pictures in folders, one folder for each class, got an archive without pictures",
            remedy="put a folder with the pictures of each class into the archive",
        )
    return chosen


def _check_name(name: str) -> list[str]:
    """Divide a name into its parts; raise :class:`DataError` for one that leads out of the folder, on any system."""
    parts = name.replace("\\", "/").split("/")
    if name.startswith(("/", "\\")) or ".." in parts or ":" in name or "\0" in name or len(name) > _LONGEST:
        shown = name if len(name) <= _LONGEST else f"{name[:60]}…"
        problem = f"expected names of files inside the archive, got {shown!r}"
        raise DataError(problem, remedy="make the archive from the folder of pictures alone")
    return [part for part in parts if part]


_LONGEST = 1_000
"""The most characters of the name of a member."""


def _is_hidden(parts: Sequence[str]) -> bool:
    return not parts or any(part.startswith((".", "__MACOSX")) for part in parts)


def _check_member(member: zipfile.ZipInfo) -> None:
    """Raise :class:`DataError` for a link, an encrypted file, an archive, and a method of compression that is rare."""
    name, mode = member.filename, member.external_attr >> 16
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG):
        kind = "a link" if stat.S_ISLNK(mode) else "one of another kind"
        raise DataError(f"expected files and folders, got {kind}: {name!r}", remedy="put the file itself into it")
    if member.flag_bits & 0x1:
        raise DataError(f"expected an archive without a password, got {name!r} encrypted", remedy=_AGAIN)
    if Path(name).suffix.lower() in _ARCHIVES:
        raise DataError(f"expected pictures, got an archive inside the archive: {name!r}", remedy="unpack it first")
    if member.compress_type not in _METHODS:
        problem = f"expected files that are stored or deflated, got {name!r} with method {member.compress_type}"
        raise DataError(problem, remedy="make the archive again, with the usual compression")


def _extract(opened: zipfile.ZipFile, member: zipfile.ZipInfo, folder: Path) -> None:
    """Write a picture; zipfile compares its length and checksum with what the archive states."""
    target = folder.joinpath(*_check_name(member.filename))
    target.parent.mkdir(parents=True, exist_ok=True)
    with opened.open(member) as source, target.open("xb") as file:
        left = member.file_size
        while piece := source.read(_PIECE):
            left -= len(piece)
            if left < 0:
                break
            file.write(piece)
    if left:
        raise DataError(f"expected {member.file_size:,} bytes of {member.filename!r}, got others", remedy=_AGAIN)


def find_classes(folder: Path) -> Path:
    """Find the folder of the classes: while a folder contains one folder with folders, and nothing else, go into it."""
    while True:
        inside = list(folder.iterdir())
        if len(inside) != 1 or not inside[0].is_dir() or not any(one.is_dir() for one in inside[0].iterdir()):
            return folder
        folder = inside[0]
