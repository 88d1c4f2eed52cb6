"""The token in the lab's address, which keeps the other users of the machine out."""

from __future__ import annotations

import hmac
from html import escape
from urllib.parse import parse_qsl, quote, urlencode

from deltarule.lab.asgi import HTML, Application, Channel, Scope, answer, refuse_socket
from deltarule.lab.pages import fill_template

NEVER = {"cache_control": "no-store", "referrer_policy": "no-referrer"}
"""Headers that keep the token out of caches and of the requests of other pages."""

PARAMETER = "token"
"""The parameter of the address."""

MISSING = "This address has no token"
WRONG = "The token of this address is not valid now"
EXPIRED = "The lab was started again, and this tab has the token of the start before"


def name_cookie(port: int) -> str:
    """Return the name of the cookie; browsers send a cookie of 127.0.0.1 to all its ports."""
    return f"deltarule_lab_{port}"


def require_token(app: Application, port: int, token: str) -> Application:
    """Answer only requests with the token: in the address of the first visit, after it in a cookie.

    The first visit sets the cookie and leads to the same address without the token, so that no page, log or bookmark
    keeps it. Scripts cannot read the cookie, and links on pages of other sites do not send it.
    """
    cookie = name_cookie(port)

    async def admit(scope: Scope, receive: Channel, send: Channel) -> None:
        if scope["type"] not in ("http", "websocket"):
            return await app(scope, receive, send)
        sent = _read_cookie(scope, cookie)
        parameters = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        in_address = [value for name, value in parameters if name == PARAMETER]
        if scope["type"] == "websocket":
            return await (app(scope, receive, send) if _is_same(sent, token) else refuse_socket(receive, send))
        if _is_same(sent, token) and not in_address:
            return await app(scope, receive, send)
        rest = urlencode([(name, value) for name, value in parameters if name != PARAMETER])
        address = "/" + quote(scope["path"]).lstrip("/") + ("?" + rest if rest else "")
        if _is_same(sent, token) or (in_address and _is_same(in_address[-1], token)):
            set_cookie = f"{cookie}={token}; Path=/; HttpOnly; SameSite=Strict"
            return await answer(send, 303, "", location=address, set_cookie=set_cookie, **NEVER)
        title = WRONG if in_address else EXPIRED if sent else MISSING
        page = fill_template("no_token.html", {"{{title}}": escape(title), "{{address}}": escape(address)})
        return await answer(send, 401, page, HTML, **NEVER)

    return admit


def _is_same(sent: str, token: str) -> bool:
    return hmac.compare_digest(sent.encode("utf-8", "replace"), token.encode())


def _read_cookie(scope: Scope, name: str) -> str:
    """Return the value of a cookie, or "" without one; cookies of other ports may have any form."""
    headers = [value.decode("latin-1") for key, value in scope["headers"] if key.lower() == b"cookie"]
    pairs = [pair.strip().partition("=") for header in headers for pair in header.split(";")]
    return next((value for key, _, value in pairs if key == name), "")
