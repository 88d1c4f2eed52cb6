"""Access control of the lab: it answers only this machine's browser, at the lab's own address, with the lab's token."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from deltarule.lab.asgi import Application, Channel, Scope, answer, refuse_socket
from deltarule.lab.request_limits import limit_requests
from deltarule.lab.session_token import require_token

HOST_NAMES = ("127.0.0.1", "localhost")

FETCH_HEADERS = ("sec-fetch-site", "sec-fetch-mode", "sec-fetch-dest")
"""The headers in which a browser describes a request; Python's clients and old browsers do not send them."""

OWN_SITES = {"same-origin", "none"}
"""Requests from a page of the lab, or from the user; pages of another port of 127.0.0.1 are ``same-site``."""

TAB_REQUEST = [["navigate"], ["document"]]
"""The mode and destination of a request that opens a tab, not a frame."""

ONLY_HERE = ((b"content-security-policy", b"frame-ancestors 'none'"), (b"cross-origin-resource-policy", b"same-origin"))
"""Headers by which a browser shows an answer to no other page: in no frame, and not as an image from its cache."""


def guard_application(app: Application, port: int, token: str) -> Application:
    """Refuse requests for another host, from a page of another origin, without the token, or with a large body.

    Without this, any page in the same browser could reach the lab: with a form or a web socket (foreign
    ``Origin``), with a domain name that points to 127.0.0.1 (foreign ``Host``), or with an image or a frame, in
    which the user's click would go to the lab (foreign ``Sec-Fetch-Site``). Links that open a tab are allowed. Other
    users of the machine can connect to the port, too, but do not know the token (:func:`require_token`).
    """
    hosts = {f"{name}:{port}" for name in HOST_NAMES} | (set(HOST_NAMES) if port == 80 else set())
    origins = {f"http://{host}" for host in hosts}
    app = require_token(limit_requests(app), port, token)

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
            return await app(scope, receive, keep_here(send))
        if scope["type"] == "websocket":
            return await refuse_socket(receive, send)
        return await answer(send, 403, "The lab answers only pages from its own address.\n")

    return guard


def keep_here(send: Channel) -> Channel:
    """Add the headers that forbid other pages to show an answer."""

    async def send_with_headers(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message.get("headers", ()), *ONLY_HERE]}
        await send(message)

    return send_with_headers
