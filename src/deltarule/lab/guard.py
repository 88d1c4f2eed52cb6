"""Who may talk to the lab: this machine's own browser, at the lab's own address, and nobody else."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, TypeAlias

Scope: TypeAlias = MutableMapping[str, Any]
Channel: TypeAlias = Callable[..., Awaitable[Any]]
Application: TypeAlias = Callable[[Scope, Channel, Channel], Awaitable[None]]

NAMES = ("127.0.0.1", "localhost")

FETCHED = ("sec-fetch-site", "sec-fetch-mode", "sec-fetch-dest")
"""Where a browser says who asks, how and for what; Python's clients and old browsers do not."""

HERE = {"same-origin", "none"}
"""A page of the lab, or the user; other ports of 127.0.0.1 are the ``same-site``."""

OPENED = [["navigate"], ["document"]]
"""How a tab is opened, rather than a frame."""

NO_FRAME = (b"content-security-policy", b"frame-ancestors 'none'")


def guarded(app: Application, port: int) -> Application:
    """Refuses what names another host, or comes from a page of another origin; a link that opens a tab may.

    Without it any page in the same browser could reach the lab: by a form or a web socket (a foreign
    ``Origin``), by a name that it lets point to 127.0.0.1 (a foreign ``Host``), or by a picture or a frame,
    in which a click would be the lab's (a foreign ``Sec-Fetch-Site``).
    """
    hosts = {f"{name}:{port}" for name in NAMES} | (set(NAMES) if port == 80 else set())
    origins = {f"http://{host}" for host in hosts}

    async def guard(scope: Scope, receive: Channel, send: Callable[..., Awaitable[None]]) -> None:
        if scope["type"] not in ("http", "websocket"):
            return await app(scope, receive, send)
        sent: dict[str, list[str]] = {name: [] for name in ("host", "origin", *FETCHED)}
        for name, value in scope["headers"]:
            if (key := name.decode("latin-1").lower()) in sent:
                sent[key].append(value.decode("latin-1").lower())
        site, *opened = (sent[name] for name in FETCHED)
        asked_here = set(site) <= HERE or opened == OPENED
        if len(sent["host"]) == 1 and sent["host"][0] in hosts and set(sent["origin"]) <= origins and asked_here:
            return await app(scope, receive, unframed(send))
        if scope["type"] == "websocket":
            await receive()
            return await send({"type": "websocket.close", "code": 1008})
        await send({"type": "http.response.start", "status": 403, "headers": [(b"content-type", b"text/plain")]})
        return await send({"type": "http.response.body", "body": b"The lab answers pages of its own address alone.\n"})

    return guard


def unframed(send: Channel) -> Channel:
    """Sends answers that no page may put into a frame."""

    async def sent(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message.get("headers", ()), NO_FRAME]}
        await send(message)

    return sent
