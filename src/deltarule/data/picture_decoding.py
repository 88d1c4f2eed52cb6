"""Decoding of picture files by Pillow: bounded in time and memory, with errors that name the file."""

from __future__ import annotations

import io
import os
import stat
import threading
import warnings
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, BinaryIO, TypeVar

from deltarule import limits
from deltarule.data.error_context import reading
from deltarule.data.picture_names import DRAWINGS, RAW
from deltarule.data.picture_values import correct
from deltarule.errors import DataError, MissingExtra, require_extra

if TYPE_CHECKING:
    from PIL.Image import Image

_T = TypeVar("_T")

FREQUENT = ("PNG", "JPEG", "GIF", "BMP", "PPM")
"""The formats that are tried first, whose readers Pillow loads quickly."""

OTHERS = ("TIFF", "WEBP", "AVIF", "JPEG2000", "ICO", "PCX", "PSD", "QOI", "FITS", "SGI", "DDS", "HEIF")
"""The other formats: none for which Pillow starts another program, as for PostScript."""

_SMALL = 2**16  # bytes of a file that is read at once
_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
_TYPES = {
    stat.S_ISDIR: "a folder",
    stat.S_ISFIFO: "a pipe",
    stat.S_ISCHR: "a device",
    stat.S_ISBLK: "a device",
    stat.S_ISSOCK: "a socket",
}


def decode(path: Path, convert: Callable[[Image], _T], start: bytes | None = None) -> _T:
    """Open the file of a picture, and convert its image.

    Args:
        path: The file.
        convert: The function to call with the image.
        start: What :func:`read_start` returned, if it was called.

    Raises:
        DataError: With the path, for a file that is missing, no picture, damaged, or has too many pixels.
        MissingExtra: For a HEIC picture without the extra ``heic``.

    >>> decode(Path("no_such.png"), lambda image: image.size)
    Traceback (most recent call last):
        ...
    deltarule.errors.DataError: no_such.png: expected the file of a picture, got nothing there
    """
    start = read_start(path) if start is None else start
    with reading(path), io.BytesIO(start) if len(start) < _SMALL else path.open("rb") as file:
        return decode_stream(path, file, convert)


def decode_stream(path: Path, file: BinaryIO, convert: Callable[[Image], _T]) -> _T:
    """Decode a picture from an open file, and convert its image; errors as of :func:`decode`, with ``path``."""
    try:
        with QUIET:
            return convert(_open_image(path, file))
    except Exception as error:
        raise _translate(path, error) from None


def convert_opened(image: Image, convert: Callable[[Image], _T]) -> _T:
    """Convert an image that Pillow has opened, and reads only now; errors as of :func:`decode`, without a path."""
    try:
        with QUIET:
            return convert(image)
    except Exception as error:
        raise _translate(None, error) from None


def _translate(path: Path | None, error: Exception) -> Exception:
    """Turn what the readers of damaged pictures raise, errors of many kinds, into :class:`DataError` with the path."""
    if isinstance(error, DataError):
        return error.with_fields(path=error.path or path)
    return error if isinstance(error, MissingExtra) else _explain(path, error)


def read_start(path: Path) -> bytes:
    """Read a file, a large one in part; pipes and devices are refused without waiting for them.

    Raises :class:`DataError` for what is no regular file, for an empty file, and for one that cannot be read.
    """
    try:
        descriptor = os.open(path, _FLAGS)
        try:
            content = os.read(descriptor, _SMALL)
            if content and len(content) < _SMALL:
                return content
            mode = os.fstat(descriptor).st_mode
        finally:
            os.close(descriptor)
    except OSError as error:
        raise DataError(f"expected the file of a picture, got {_explain_system(path, error)}", path=path) from None
    if not stat.S_ISREG(mode) or not content:
        found = next((name for is_kind, name in _TYPES.items() if is_kind(mode)), "an empty file")
        raise DataError(f"expected the file of a picture, got {found}", path=path)
    return content


def _explain_system(path: Path, error: OSError) -> str:
    with suppress(OSError):
        mode = path.stat().st_mode
        if found := next((name for is_kind, name in _TYPES.items() if is_kind(mode)), ""):
            return found
    return "nothing there" if isinstance(error, FileNotFoundError) else f"one that cannot be read: {error.strerror}"


def _open_image(path: Path, file: BinaryIO) -> Image:
    from PIL import Image, UnidentifiedImageError

    image: Image.Image
    try:
        image = Image.open(file, formats=FREQUENT)
    except UnidentifiedImageError:
        image = _open_other(path, file)
    check_pixels(image)
    correct(image, file)
    return image


def check_pixels(image: Image) -> None:
    """Raise the error for an image with more pixels than the limit, before they are decoded."""
    width, height = image.size
    if width * height > limits.PICTURE_PIXELS:
        from PIL.Image import DecompressionBombError

        raise DecompressionBombError


def _open_other(path: Path, file: BinaryIO) -> Image:
    """Open a picture of a less frequent format; drawings, documents and raw pictures get their reason."""
    from PIL import Image

    ending = path.suffix.lower()
    file.seek(0)
    start = file.read(256)
    if ending in RAW:
        raise DataError("expected a picture, got the raw data of a camera", remedy="export it as PNG or JPEG")
    if kind := DRAWINGS.get(ending) or find_document(start):
        raise DataError(f"expected a picture, got {kind}", remedy="export it as PNG")
    if is_heif(start):
        _register_heif(path)
    Image.init()
    endings = ("TGA",) if ending == ".tga" else ()  # it has no mark of its own
    return Image.open(file, formats=[name for name in (*OTHERS, *endings) if name in Image.OPEN])


def find_document(start: bytes) -> str:
    """Return the kind of document or drawing that starts with these bytes; "" for others.

    >>> find_document(b"%PDF-1.7"), find_document(b"GIF89a")
    ('a PDF document', '')
    """
    start = start.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    return next((kind for mark, kind in _DOCUMENTS.items() if start.startswith(mark)), "")


_DOCUMENTS = {
    b"%pdf": DRAWINGS[".pdf"],
    b"%!ps": DRAWINGS[".ps"],
    b"\xc5\xd0\xd3\xc6": DRAWINGS[".eps"],
    b"<svg": DRAWINGS[".svg"],
    b"<?xml": "a vector drawing, or another text of XML",
    b"<!doctype html": "a web page",
    b"<html": "a web page",
}


def is_heif(start: bytes) -> bool:
    """Return True if a file that starts with these bytes is a HEIC picture, as telephones make them.

    >>> is_heif(b"\\0\\0\\0\\x18ftypheic"), is_heif(b"\\x89PNG")
    (True, False)
    """
    return start[4:8] == b"ftyp" and start[8:12] in (b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1")


def _register_heif(path: Path) -> None:
    """Let Pillow open HEIC pictures. Raises :class:`MissingExtra` without the package for it."""
    with require_extra("heic", f"{path}, a HEIC picture"):
        import pillow_heif
    pillow_heif.register_heif_opener()


def _explain(path: Path | None, error: Exception) -> DataError:
    """Return the error for a file that cannot be decoded."""
    from PIL import Image, UnidentifiedImageError

    if isinstance(error, (Image.DecompressionBombError, Image.DecompressionBombWarning)):
        problem = f"expected at most {limits.PICTURE_PIXELS:,} pixels, got more"
        return DataError(
            problem, path=path, remedy=limits.describe_remedy("PICTURE_PIXELS", "make the picture smaller")
        )
    if isinstance(error, UnidentifiedImageError):
        got = "no picture, or one of an unknown kind"
    elif isinstance(error, MemoryError):
        got = "one that needs more memory than there is"
    else:
        got = f"a damaged one ({' '.join(str(error).split())[:200] or type(error).__name__})"
    return DataError(f"expected a picture, got {got}", path=path, remedy="save it again as PNG or JPEG")


class _Quiet:
    """A context that silences Pillow's warnings and sets its limit, also if several threads are in it."""

    def __init__(self) -> None:
        self._lock, self._depth = threading.Lock(), 0
        self._filters: warnings.catch_warnings[Any] | None = None
        self._limit: int | None = None

    def __enter__(self) -> None:
        with self._lock:
            self._depth += 1
            if self._depth == 1:
                from PIL import Image

                self._limit, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, limits.PICTURE_PIXELS
                self._filters = warnings.catch_warnings()
                self._filters.__enter__()
                warnings.simplefilter("error", Image.DecompressionBombWarning)
                warnings.filterwarnings("ignore", category=UserWarning)  # about tags that are not used here

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        with self._lock:
            self._depth -= 1
            if self._depth == 0 and self._filters is not None:
                from PIL import Image

                self._filters.__exit__(None, None, None)
                Image.MAX_IMAGE_PIXELS = self._limit


QUIET = _Quiet()
"""The context in which pictures are decoded; entered once around many, it costs less."""


def has_more_frames(image: Image) -> bool:
    """Return True for an animation or a file of several pages; the image is then at the second."""
    if image.format in ("PNG", "WEBP", "AVIF"):
        return bool(getattr(image, "is_animated", False))
    if image.format not in ("GIF", "TIFF"):  # the other frames of a camera's MPO are for its screen
        return False
    with suppress(Exception):  # a damaged second page
        image.seek(1)
        return True
    return False
