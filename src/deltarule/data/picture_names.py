"""Names of files and folders: pictures, parts of a data set, and what archives and file managers leave behind."""

from __future__ import annotations

import os
import re

PICTURES = frozenset({
    ".apng", ".avif", ".avifs", ".bmp", ".dib", ".gif", ".heic", ".heif", ".hif", ".ico", ".j2k", ".jfif", ".jp2",
    ".jpe", ".jpeg", ".jpg", ".mpo", ".pbm", ".pcx", ".pgm", ".png", ".pnm", ".ppm", ".psd", ".qoi", ".tga", ".tif",
    ".tiff", ".webp",
})  # fmt: skip
"""The endings of pictures."""

DRAWINGS = {
    ".eps": "a drawing in PostScript",
    ".ps": "a document in PostScript",
    ".ai": "a drawing of Adobe Illustrator",
    ".svg": "a vector drawing",
    ".svgz": "a vector drawing",
    ".wmf": "a vector drawing",
    ".emf": "a vector drawing",
    ".pdf": "a PDF document",
}
"""The endings of drawings and documents, which have no pixels."""

RAW = frozenset({
    ".3fr", ".arw", ".cr2", ".cr3", ".crw", ".dng", ".erf", ".nef", ".nrw", ".orf", ".pef", ".raf", ".raw", ".rw2",
    ".sr2", ".srw", ".x3f",
})  # fmt: skip
"""The endings of the unprocessed pictures of cameras."""

TEXTS = frozenset({
    ".txt", ".csv", ".tsv", ".json", ".jsonl", ".md", ".xml", ".yaml", ".yml", ".html", ".rst", ".log", ".py", ".ipynb",
})  # fmt: skip
"""The endings of texts, which stand beside the pictures of many data sets."""

_STARTS = (b"\x89PNG\r\n", b"\xff\xd8\xff", b"GIF8", b"II*\0", b"MM\0*", b"BM", b"P5", b"P6")
_DEBRIS = frozenset({"__macosx", "@eadir", "thumbs.db", "ehthumbs.db", "desktop.ini", "icon\r", "$recycle.bin"})
_PARTS = {"train": "training", "valid": "validation", "val": "validation", "dev": "validation", "test": "test"}
_PARTS |= {"training": "training", "validation": "validation", "testing": "test"}
_PART = re.compile(rf"({'|'.join(sorted(_PARTS, key=len, reverse=True))})(?:[-_. ]?(?:set|data|images|pictures))?")


def is_debris(name: str) -> bool:
    """Return True for the name of a file or folder that an archive, a file manager or a tool left.

    >>> is_debris("__MACOSX"), is_debris("._1.png"), is_debris("Thumbs.db"), is_debris("cats")
    (True, True, True, False)
    """
    return name.startswith((".", "~$")) or name.casefold() in _DEBRIS


def find_part(name: str) -> str:
    """Return the part of a data set that a folder's name means: "training", "validation", "test", or "" for none.

    >>> find_part("Training_set"), find_part("VAL"), find_part("test"), find_part("tester")
    ('training', 'validation', 'test', '')
    """
    match = _PART.fullmatch(name.casefold())
    return _PARTS[match[1]] if match else ""


def starts_as_picture(path: str) -> bool:
    """Return True for a file, of any ending, that begins as a picture does.

    >>> starts_as_picture(__file__)
    False
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except OSError:
        return False
    with os.fdopen(descriptor, "rb") as file:
        start = file.read(16)
    is_heif = start[4:8] == b"ftyp" and start[8:12] in (b"heic", b"mif1", b"avif")
    return start.startswith(_STARTS) or is_heif or (start[:4], start[8:12]) == (b"RIFF", b"WEBP")
