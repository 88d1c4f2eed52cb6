"""Who may talk to the lab: this machine's own browser, at the lab's own address, and nobody else."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, TypeAlias

Scope: TypeAlias = MutableMapping[str, Any]
Channel: TypeAlias = Callable[..., Awaitable[Any]]
Application: TypeAlias = Callable[[Scope, Channel, Channel], Awaitable[None]]

NAMES = ("127.0.0.1", "localhost")


def guarded(app: Application, port: int) -> Application:
    """Refuses what names another host, or comes from a page of another origin.

    Without it any page in the same browser could reach the lab: by a form or a web socket (a foreign
    ``Origin``), or by a name that it lets point to 127.0.0.1 (a foreign ``Host``).
    """
    hosts = {f"{name}:{port}" for name in NAMES} | (set(NAMES) if port == 80 else set())
    origins = {f"http://{host}" for host in hosts}

    async def guard(scope: Scope, receive: Channel, send: Channel) -> None:
        if scope["type"] not in ("http", "websocket"):
            return await app(scope, receive, send)
        sent: dict[str, list[str]] = {"host": [], "origin": []}
        for name, value in scope["headers"]:
            if (key := name.decode("latin-1").lower()) in sent:
                sent[key].append(value.decode("latin-1").lower())
        if len(sent["host"]) == 1 and sent["host"][0] in hosts and set(sent["origin"]) <= origins:
            return await app(scope, receive, send)
        if scope["type"] == "websocket":
            await receive()
            return await send({"type": "websocket.close", "code": 1008})
        await send({"type": "http.response.start", "status": 403, "headers": [(b"content-type", b"text/plain")]})
        return await send({"type": "http.response.body", "body": b"The lab answers pages of its own address alone.\n"})

    return guard
