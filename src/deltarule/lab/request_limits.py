"""Limits of requests: the size of a body, and the names of files that are only in memory."""

from __future__ import annotations

import re

from deltarule.lab.asgi import Application, Channel, Scope, answer

BODY = 4 << 20
"""The most bytes of a body; the largest that the pages send is a drawing of 84 KB."""

UPLOAD = 512 << 20
"""The most bytes of an uploaded file, which is not read into memory."""

UPLOADS = "/uploads/"
"""The addresses that take uploads."""

FILE = re.compile(r"/[a-z_]+/@file/[0-9]{1,10}-([A-Za-z0-9._-]{1,100})")
"""The address of a file that a notebook made, as marimo writes it: its length and its name."""


def limit_requests(app: Application) -> Application:
    """Read each body before the application does, and refuse one that is too long, and files that do not exist.

    A body that says its length is refused before any of it is read; another one as soon as it is too long. Bodies at
    :data:`UPLOADS` are passed on piece by piece, up to their own limit.
    """

    async def limit(scope: Scope, receive: Channel, send: Channel) -> None:
        if scope["type"] != "http":
            return await app(scope, receive, send)
        if "/@file" in scope["path"] and not _has_file(scope["path"]):
            return await answer(send, 404, "The lab has no such file now.\n")
        is_upload = scope["path"].startswith(UPLOADS)
        most = UPLOAD if is_upload else BODY
        lengths = [value for name, value in scope["headers"] if name.lower() == b"content-length"]
        if any(not value.isdigit() or int(value) > most for value in lengths):
            return await _refuse(send, most)
        if is_upload:
            return await app(scope, receive, send)
        if (body := await _read_body(receive, most)) is None:
            return await _refuse(send, most)
        return await app(scope, _replay(body, receive), send)

    return limit


def _has_file(path: str) -> bool:
    """Return whether a notebook made this file; other names must not reach marimo, which looks in shared memory."""
    from marimo._runtime.virtual_file.storage import VirtualFileStorageManager

    storage, match = VirtualFileStorageManager().storage, FILE.fullmatch(path)
    return storage is not None and match is not None and storage.has(match[1])


async def _read_body(receive: Channel, most: int) -> bytes | None:
    """Read a body; return None if it is longer than ``most`` bytes."""
    parts: list[bytes] = []
    length = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return b"".join(parts)
        parts.append(message.get("body", b""))
        length += len(parts[-1])
        if length > most:
            return None
        if not message.get("more_body"):
            return b"".join(parts)


def _replay(body: bytes, receive: Channel) -> Channel:
    """Return a channel that gives the body, and after it what follows."""
    first = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> object:
        return first.pop() if first else await receive()

    return replay


async def _refuse(send: Channel, most: int) -> None:
    """Refuse a long body, and close the connection, so that the rest of it is not read."""
    await answer(send, 413, f"The lab takes at most {most >> 20} MB here.\n", connection="close")
