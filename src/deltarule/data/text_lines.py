"""Lines of a text file: UTF-8, plain or compressed by gzip, read in groups so that a large file needs little memory."""

from __future__ import annotations

import codecs
import gzip
import io
import zlib
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TypeAlias

from deltarule import limits
from deltarule.data.error_context import reading
from deltarule.errors import DataError

_File: TypeAlias = io.BufferedReader | gzip.GzipFile
_PIECE = 2**16
_GZIP = b"\x1f\x8b"
_OTHERS = (
    (codecs.BOM_UTF16_LE, "text in UTF-16", "save it as UTF-8"),
    (codecs.BOM_UTF16_BE, "text in UTF-16", "save it as UTF-8"),
    (b"PK\x03\x04", "a spreadsheet or a zip archive", "save the table as CSV, or unpack the archive"),
    (b"PAR1", "a Parquet file", "give it the ending .parquet"),
    (b"%PDF", "a PDF file", "save the table as CSV"),
)


def read_lines(path: Path) -> Generator[str, None, None]:
    r"""Read the lines of a text file one by one, as :func:`read_groups` does.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "table.csv")
    ...     _ = path.write_bytes(b"a,b\r\n1,2")
    ...     list(read_lines(path))
    ['a,b', '1,2']
    """
    with closing(read_groups(path)) as groups:
        for lines in groups:
            yield from lines


def read_groups(path: Path) -> Generator[list[str], None, None]:
    """Read the lines of a text file, without their line ends, in groups of some 64 KiB.

    A line ends with LF, CR LF or CR. A file that begins as gzip files do is decompressed, whatever its name. A byte
    order mark is left out.

    Raises:
        DataError: If the file is no text in UTF-8, contains a NUL byte, is damaged, or has too long a line.
    """
    with reading(path):
        try:
            with _open(path) as file:
                yield from _split(file)
        except (_NoText, UnicodeDecodeError):
            raise _find_fault(path) from None
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise DataError(
                f"expected a complete gzip file, got {str(error)!r}", remedy="copy or download the file again"
            ) from None


class _NoText(Exception):
    """A sign that a file has a NUL byte or too long a line."""


def _split(file: _File) -> Iterator[list[str]]:
    """Yield the lines of a file in groups."""
    decoder = io.IncrementalNewlineDecoder(codecs.getincrementaldecoder("utf-8")(), translate=True)
    start: list[str] = []  # the parts of a line that continues
    size = 0
    while piece := file.read(_PIECE):
        lines = decoder.decode(piece).split("\n")
        if len(lines) > 1:
            lines[0] = "".join((*start, lines[0]))
            start, size = [], 0
        start.append(lines.pop())
        size += len(start[-1])
        if size > limits.LINE_BYTES or b"\0" in piece:
            raise _NoText
        if lines:
            yield lines
    last = "".join((*start, decoder.decode(b"", final=True)))
    if last:
        yield last.removesuffix("\n").split("\n")


@contextmanager
def _open(path: Path) -> Iterator[_File]:
    """Open a file from its first character on; raise DataError for what is certainly no table."""
    if not path.is_file():
        got = "no such file" if not path.exists() else "a folder or a device"
        raise DataError(f"expected a file with a table, got {got}")
    with open(path, "rb") as raw:
        file = gzip.GzipFile(fileobj=raw) if raw.peek(2)[:2] == _GZIP else raw
        start = file.read(4)
        for mark, name, remedy in _OTHERS:
            if start.startswith(mark):
                raise DataError(f"expected a table of text in UTF-8, got {name}", remedy=remedy)
        file.seek(len(codecs.BOM_UTF8) if start.startswith(codecs.BOM_UTF8) else 0)
        yield file


def _find_fault(path: Path) -> DataError:
    """Find the first line that is no text, and return the error about it."""
    with _open(path) as file, io.TextIOWrapper(file, encoding="utf-8", errors="surrogateescape") as text:
        line, number = text.readline(limits.LINE_BYTES), 1
        while line.endswith("\n") and "\0" not in line and _is_valid(line):
            line, number = text.readline(limits.LINE_BYTES), number + 1
    remedy = "save the file as text in UTF-8"
    if "\0" in line:
        problem = "expected text, got a NUL byte"
    elif _is_valid(line):
        problem = f"expected at most {limits.LINE_BYTES:,} bytes, got more"
        remedy = limits.describe_remedy("LINE_BYTES", "check that the file is a table of text")
    else:
        problem = "expected text in UTF-8, got other bytes"
    return DataError(problem, position=f"line {number}", remedy=remedy)


def _is_valid(line: str) -> bool:
    """Return True if a line was decoded without errors, which stand in it as lone surrogates."""
    try:
        line.encode()
    except UnicodeEncodeError:
        return False
    return True
