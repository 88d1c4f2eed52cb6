"""Pickle files as Python 2 wrote them, built operation by operation without a pickler."""

from __future__ import annotations

import gzip
import struct

import numpy as np


class Protocol0:
    """Protocol 0: text, with numbers and strings in lines."""

    head = b""

    def number(self, n):
        return b"I%d\n" % n

    def truth(self, value):
        return b"I0%d\n" % value

    def text(self, content):
        escaped = "".join(chr(b) if 32 <= b < 127 and b not in b"'\\" else f"\\x{b:02x}" for b in content)
        return b"S'" + escaped.encode() + b"'\n"

    def tuple(self, *items):
        return b"(" + b"".join(items) + b"t"

    def put(self, i):
        return b"p%d\n" % i

    def get(self, i):
        return b"g%d\n" % i


class Protocol1(Protocol0):
    """Protocol 1: bytes, strings with their lengths."""

    def number(self, n):
        return b"K" + bytes([n]) if 0 <= n < 256 else b"M" + struct.pack("<H", n) if 0 <= n < 65536 else self._long(n)

    def _long(self, n):
        return b"J" + struct.pack("<i", n)

    def text(self, content):
        head = b"U" + bytes([len(content)]) if len(content) < 256 else b"T" + struct.pack("<i", len(content))
        return head + content

    def put(self, i):
        return b"q" + bytes([i])

    def get(self, i):
        return b"h" + bytes([i])


class Protocol2(Protocol1):
    """Protocol 2: protocol 1 with short tuples and truth values."""

    head = b"\x80\x02"

    def truth(self, value):
        return b"\x88" if value else b"\x89"

    def tuple(self, *items):
        short = {0: b")", 1: b"\x85", 2: b"\x86", 3: b"\x87"}
        return b"".join(items) + short[len(items)] if len(items) in short else super().tuple(*items)


PROTOCOLS = (Protocol0(), Protocol1(), Protocol2())


def array(p, value, fortran=False, order=None, module=b"numpy.core.multiarray"):
    """Build the operations for an array, as in its __reduce__."""
    value = np.asarray(value)
    order = order or ("|" if value.dtype.itemsize == 1 else "<")
    stored = value.astype(value.dtype.newbyteorder(order))
    code = f"{value.dtype.kind}{value.dtype.itemsize}".encode()
    ready = p.tuple(p.text(code), p.number(0), p.number(1))
    state = p.tuple(p.number(3), p.text(order.encode()), b"N", b"N", b"N", p.number(-1), p.number(-1), p.number(0))
    return (
        b"c" + module + b"\n_reconstruct\n"
        + p.put(1)
        + p.tuple(b"cnumpy\nndarray\n" + p.put(2), p.tuple(p.number(0)), p.text(b"b"))
        + p.put(3)
        + b"R"
        + p.tuple(
            p.number(1),
            p.tuple(*map(p.number, value.shape)),
            b"cnumpy\ndtype\n" + p.put(4) + ready + b"R" + p.put(5) + state + b"b",
            p.truth(fortran),
            p.text(stored.tobytes("F" if fortran else "C")),
        )
        + b"b"
    )  # fmt: skip


def build_file_content(p, parts, **how):
    """Build the book's tuple of three pairs of arrays, with the end of the file."""
    pairs = (p.tuple(array(p, x, **how), array(p, y, **how)) for x, y in parts)
    return p.head + p.tuple(*pairs) + p.put(9) + b"."


def write_compressed(path, content):
    """Write a gzip file, and return its path."""
    path.write_bytes(gzip.compress(content, mtime=0))
    return path
