"""The types of ASGI, the interface between a web server and an application, and a whole answer in one call."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, TypeAlias

Scope: TypeAlias = MutableMapping[str, Any]
Channel: TypeAlias = Callable[..., Awaitable[Any]]
Application: TypeAlias = Callable[[Scope, Channel, Channel], Awaitable[None]]

PLAIN = "text/plain; charset=utf-8"
HTML = "text/html; charset=utf-8"


async def answer(send: Channel, status: int, text: str, content_type: str = PLAIN, **headers: str) -> None:
    """Send a whole answer; the names of further headers have underscores for hyphens."""
    every = {"content_type": content_type, **headers}
    encoded = [(name.replace("_", "-").encode(), value.encode("latin-1")) for name, value in every.items()]
    await send({"type": "http.response.start", "status": status, "headers": encoded})
    await send({"type": "http.response.body", "body": text.encode()})


async def refuse_socket(receive: Channel, send: Channel) -> None:
    """Refuse a web socket; its client gets the status 403."""
    await receive()
    await send({"type": "websocket.close", "code": 1008})
