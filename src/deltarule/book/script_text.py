"""The text of a reader's script, decoded as its first lines declare."""

from __future__ import annotations

from importlib.util import decode_source

from deltarule.errors import DataError

REMEDY = "if its encoding is Latin-1, write # -*- coding: latin-1 -*- as its first line"


def decode_script(source: bytes, name: str) -> str:
    """Decode a script by the encoding that it declares, or else as UTF-8.

    Raises:
        DataError: The encoding is unknown, or a byte does not fit it.

    >>> decode_script("# coding: latin-1\\nprint 'é'".encode("latin-1"), "old.py")
    "# coding: latin-1\\nprint 'é'"
    """
    try:
        try:
            return decode_source(source)
        except SyntaxError as error:  # an unknown encoding, or none and another than UTF-8 in the first two lines
            source.decode("utf-8-sig")
            problem = f"expected an encoding that Python knows, got {error.msg}"
            raise DataError(problem, path=name, remedy=REMEDY) from None
    except UnicodeDecodeError as error:
        line = source.count(b"\n", 0, error.start) + 1
        problem = f"expected {error.encoding.upper()}, got the byte {source[error.start]:#04x}"
        raise DataError(problem, path=name, position=f"line {line}", remedy=REMEDY) from None
