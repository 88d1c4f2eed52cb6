"""Text of a file in UTF-8, plain or compressed by gzip, read in pieces so that a large file needs little memory."""

from __future__ import annotations

import codecs
import gzip
import zlib
from collections.abc import Generator
from pathlib import Path
from typing import BinaryIO, cast

from deltarule.data.error_context import reading
from deltarule.errors import DataError

LONGEST_LINE = 2**25
"""The largest number of bytes in a line: 32 MiB."""

_PIECE = 2**16  # fits into a processor's cache
_GZIP = b"\x1f\x8b"
_OTHERS = (
    (codecs.BOM_UTF16_LE, "text in UTF-16", "save it as UTF-8"),
    (codecs.BOM_UTF16_BE, "text in UTF-16", "save it as UTF-8"),
    (b"PK\x03\x04", "a spreadsheet or a zip archive", "save the table as CSV, or unpack the archive"),
    (b"PAR1", "a Parquet file", "give it the ending .parquet"),
    (b"%PDF", "a PDF file", "save the table as CSV"),
)


def read_lines(path: Path) -> Generator[str, None, None]:
    """Read the lines of a text file one by one, as :func:`read_text` does in pieces."""
    for text in read_text(path):
        yield from text.split("\n")


def read_text(path: Path) -> Generator[str, None, None]:
    r"""Read a text file in pieces of whole lines, separated by LF, without the line end of the last.

    Lines end with LF, CR LF or CR. A file that begins as gzip files do is decompressed, whatever its name. A byte
    order mark is left out.

    Raises:
        DataError: If the file is no text in UTF-8, contains a NUL byte, is damaged, or has too long a line.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "table.csv")
    ...     _ = path.write_bytes(b"a,b\r\n1,2")
    ...     list(read_text(path))
    ['a,b', '1,2']
    """
    with reading(path):
        if not path.is_file():
            got = "no such file" if not path.exists() else "a folder or a device"
            raise DataError(f"expected a file with a table, got {got}", path=path)
        with open(path, "rb") as raw:
            start = raw.read(4)
            raw.seek(0)
            file = cast(BinaryIO, gzip.GzipFile(fileobj=raw)) if start.startswith(_GZIP) else raw
            try:
                yield from _split(file)
            except (EOFError, zlib.error, gzip.BadGzipFile) as error:
                raise DataError(
                    f"expected a complete gzip file, got {str(error)!r}", remedy="copy or download the file again"
                ) from None


def _split(file: BinaryIO) -> Generator[str, None, None]:
    """Yield pieces of a file."""
    done, size = 0, 0
    rest: list[bytes] = []  # the start of a line
    piece = _without_mark(file.read(_PIECE))
    while piece:
        if piece.endswith(b"\r"):  # half of a line end, perhaps
            piece += file.read(1)
        if b"\r" in piece:
            piece = piece.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        end = piece.rfind(b"\n")
        if end < 0:
            rest.append(piece)
            size += len(piece)
        else:
            whole = b"".join((*rest, memoryview(piece)[:end]))
            yield _decode(whole, done)
            done += whole.count(b"\n") + 1
            rest = [piece[end + 1 :]]
            size = len(rest[0])
        if size > LONGEST_LINE:
            raise DataError(
                f"expected a line of at most {LONGEST_LINE:,} bytes, got a longer one",
                position=f"line {done + 1}",
                remedy="check that the file is a table of text",
            )
        piece = file.read(_PIECE)
    if size:
        yield _decode(b"".join(rest), done)


def _without_mark(start: bytes) -> bytes:
    """Return the start of a file without its byte order mark; raise DataError for what is no text in UTF-8."""
    for mark, name, remedy in _OTHERS:
        if start.startswith(mark):
            raise DataError(f"expected a table of text in UTF-8, got {name}", remedy=remedy)
    return start.removeprefix(codecs.BOM_UTF8)


def _decode(data: bytes, done: int) -> str:
    """Decode lines, of which ``done`` stand before."""
    fault = ""
    try:
        text, start = data.decode("utf-8"), data.find(b"\0")
        fault = "a NUL byte" if start >= 0 else ""
    except UnicodeDecodeError as error:
        text, start = "", error.start
        fault = f"the byte 0x{data[start]:02x}, which is none"
    if fault:
        line = done + data.count(b"\n", 0, start) + 1
        raise DataError(
            f"expected text in UTF-8, got {fault}",
            position=f"line {line}",
            remedy="save the file as text in UTF-8",
        )
    return text
