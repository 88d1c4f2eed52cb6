"""Mutations inside files with checksums, sizes or compression, which are written anew, so that readers go on."""

from __future__ import annotations

import io
import json
import random
import struct
import zipfile
import zlib
from collections.abc import Callable

Mutate = Callable[[bytes, random.Random], bytes]

PNG = b"\x89PNG\r\n\x1a\n"
NAMES = (
    "../x.png", "../../x.png", "/x", "C:\\x", "a\\b.png", "a/../b", "", "x" * 300, "x\0y", "é", "folder/",
    "xl/styles.xml", "x.npy", "a.zip",
)  # fmt: skip
"""Names of members that a reader must refuse, or take with care."""


def mutate_inside(content: bytes, mutate: Mutate, rng: random.Random) -> bytes | None:
    """Change the content of a container, and make its checksums and sizes fit; None for another file.

    >>> packed = io.BytesIO()
    >>> with zipfile.ZipFile(packed, "w") as archive:
    ...     archive.writestr("a", b"content")
    >>> changed = mutate_inside(packed.getvalue(), lambda content, rng: content[::-1], random.Random(2))
    >>> zipfile.ZipFile(io.BytesIO(changed)).read("a")
    b'tnetnoc'
    """
    try:
        if content[:2] == b"PK":
            return _mutate_zip(content, mutate, rng)
        if content.startswith(PNG):
            return _mutate_png(content, mutate, rng)
        if content[8:9] == b"{":
            return _mutate_safetensors(content, mutate, rng)
    except Exception:  # a container that is damaged already
        return None
    return None


def _mutate_zip(content: bytes, mutate: Mutate, rng: random.Random) -> bytes:
    """Change a member, its name, its attributes or its number; or the fields of the directory at the end."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = [(info.filename, archive.read(info), info.external_attr) for info in archive.infolist()]
    place = rng.randrange(len(members))
    name, inside, attributes = members[place]
    kind = rng.randrange(8)
    if kind < 5:
        members[place] = (name, mutate(inside, rng), attributes)
    elif kind == 5:
        members[place] = (rng.choice((*NAMES, rng.choice(members)[0])), inside, attributes)
    elif kind == 6:
        members[place] = (name, inside, rng.choice((0o120777, 0o10644, 0o40755, 0o60644)) << 16)
    else:
        members.insert(place, rng.choice(members))
    stream, method = io.BytesIO(), rng.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))
    with zipfile.ZipFile(stream, "w", method, compresslevel=1) as archive:
        archive.NameToInfo = _NoNames()  # names may occur twice, without a warning
        for name, inside, attributes in members:
            info = zipfile.ZipInfo(name)
            info.external_attr, info.compress_type = attributes, method
            archive.writestr(info, inside)
    written = bytearray(stream.getvalue())
    if rng.random() < 0.3:  # sizes, flags and methods that lie
        start = written.find(rng.choice((b"PK\1\2", b"PK\3\4")))
        at = start + rng.choice((6, 8, 10, 20, 22, 24, 26, 42))
        written[at : at + 2] = rng.choice((b"\0\0", b"\1\0", b"\xff\xff", b"\x09\0", b"\0\x08"))
    return bytes(written)


class _NoNames(dict[str, zipfile.ZipInfo]):
    """The members by name, which forget at once, so that a name twice gives no warning."""

    def __setitem__(self, name: str, info: zipfile.ZipInfo) -> None:
        pass


def _mutate_png(content: bytes, mutate: Mutate, rng: random.Random) -> bytes:
    chunks, at = [], len(PNG)
    while at + 12 <= len(content):
        (size,) = struct.unpack(">I", content[at : at + 4])
        chunks.append((content[at + 4 : at + 8], content[at + 8 : at + 8 + size]))
        at += 12 + size
    place = rng.randrange(len(chunks))
    kind, inside = chunks[place]
    if kind == b"IDAT" and rng.random() < 0.7:
        inside = zlib.compress(mutate(zlib.decompress(inside), rng), 1)
    elif rng.random() < 0.8:
        inside = mutate(inside, rng)
    else:
        kind = rng.choice((*(one for one, _ in chunks), b"tRNS", b"gAMA", b"acTL", b"iCCP", b"eXIf", b"zTXt", b"sBIT"))
    chunks[place] = (kind, inside)
    return PNG + b"".join(
        struct.pack(">I", len(inside)) + kind + inside + struct.pack(">I", zlib.crc32(kind + inside))
        for kind, inside in chunks
    )


def _mutate_safetensors(content: bytes, mutate: Mutate, rng: random.Random) -> bytes:
    """Change the header, and write its size anew; or change the description in it."""
    (size,) = struct.unpack("<Q", content[:8])
    header, rest = content[8 : 8 + size], content[8 + size :]
    if rng.random() < 0.5:
        parsed = json.loads(header)
        for key, text in parsed["__metadata__"].items():
            parsed["__metadata__"][key] = mutate(text.encode(), rng).decode("utf-8", "replace")
        header = json.dumps(parsed).encode()
    else:
        header = mutate(header, rng)
    return struct.pack("<Q", len(header)) + header + rest
