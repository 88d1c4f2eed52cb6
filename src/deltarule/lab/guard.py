"""Access control of the lab: it answers only this machine's browser, at the lab's own address."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, TypeAlias

Scope: TypeAlias = MutableMapping[str, Any]
Channel: TypeAlias = Callable[..., Awaitable[Any]]
Application: TypeAlias = Callable[[Scope, Channel, Channel], Awaitable[None]]

HOST_NAMES = ("127.0.0.1", "localhost")

FETCH_HEADERS = ("sec-fetch-site", "sec-fetch-mode", "sec-fetch-dest")
"""The headers in which a browser describes a request; Python's clients and old browsers do not send them."""

OWN_SITES = {"same-origin", "none"}
"""Requests from a page of the lab, or from the user; pages of another port of 127.0.0.1 are ``same-site``."""

TAB_REQUEST = [["navigate"], ["document"]]
"""The mode and destination of a request that opens a tab, not a frame."""

NO_FRAME = (b"content-security-policy", b"frame-ancestors 'none'")


def guard_application(app: Application, port: int) -> Application:
    """Refuse requests for another host or from a page of another origin, except links that open a tab.

    Without this, any page in the same browser could reach the lab: with a form or a web socket (foreign
    ``Origin``), with a domain name that points to 127.0.0.1 (foreign ``Host``), or with an image or a frame, in
    which the user's click would go to the lab (foreign ``Sec-Fetch-Site``).
    """
    hosts = {f"{name}:{port}" for name in HOST_NAMES} | (set(HOST_NAMES) if port == 80 else set())
    origins = {f"http://{host}" for host in hosts}

    async def guard(scope: Scope, receive: Channel, send: Callable[..., Awaitable[None]]) -> None:
        if scope["type"] not in ("http", "websocket"):
            return await app(scope, receive, send)
        sent: dict[str, list[str]] = {name: [] for name in ("host", "origin", *FETCH_HEADERS)}
        for name, value in scope["headers"]:
            if (key := name.decode("latin-1").lower()) in sent:
                sent[key].append(value.decode("latin-1").lower())
        site, *request = (sent[name] for name in FETCH_HEADERS)
        from_here = set(site) <= OWN_SITES or request == TAB_REQUEST
        if len(sent["host"]) == 1 and sent["host"][0] in hosts and set(sent["origin"]) <= origins and from_here:
            return await app(scope, receive, forbid_frames(send))
        if scope["type"] == "websocket":
            await receive()
            return await send({"type": "websocket.close", "code": 1008})
        await send({"type": "http.response.start", "status": 403, "headers": [(b"content-type", b"text/plain")]})
        return await send({"type": "http.response.body", "body": b"The lab answers only pages from its own address.\n"})

    return guard


def forbid_frames(send: Channel) -> Channel:
    """Add the header that forbids pages to show a response in a frame."""

    async def send_unframed(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message.get("headers", ()), NO_FRAME]}
        await send(message)

    return send_unframed
