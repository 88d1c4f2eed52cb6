"""The lab's server: the index, and marimo serving each page; for this machine alone."""

from __future__ import annotations

import socket
import threading
import webbrowser
from pathlib import Path
from typing import Any

from deltarule.errors import UsageError
from deltarule.lab.guard import Application, guarded
from deltarule.lab.index import index
from deltarule.lab.pages import HERE, PAGES

HOST = "127.0.0.1"
LINGER = 2
"""Seconds after which a closed tab's session ends, and with it what it trains."""

HEAD = '<link rel="stylesheet" href="/lab.css"><a class="lab-home" href="/">deltarule lab</a>'


def application(port: int) -> Application:
    """The whole lab as one ASGI application, that answers at this port."""
    import marimo
    from starlette.applications import Starlette
    from starlette.responses import FileResponse, HTMLResponse, RedirectResponse
    from starlette.routing import Mount, Route

    builder = marimo.create_asgi_app(quiet=True, include_code=True, session_ttl=LINGER, html_head=HEAD)
    for page in PAGES:
        builder = builder.with_app(path=f"/{page.name}", root=str(page.notebook))

    def file(path: Path) -> Any:
        return lambda request: FileResponse(path)

    def slash(name: str) -> Any:
        return lambda request: RedirectResponse(f"/{name}/")

    own = [
        Route("/", lambda request: HTMLResponse(index())),
        Route("/lab.css", file(HERE / "lab.css")),
        *(Route(f"/pictures/{page.name}.svg", file(page.picture)) for page in PAGES),
        *(Route(f"/{page.name}", slash(page.name)) for page in PAGES),
        Mount("/", builder.build()),
    ]
    return guarded(Starlette(routes=own), port)


def bound(port: int) -> socket.socket:
    """A socket at this port of 127.0.0.1 (0: any free one); raises :class:`UsageError` if it is taken."""
    found = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind((HOST, port))
    except OSError as error:
        found.close()
        raise UsageError(
            f"port {port} of {HOST} cannot be used ({error.strerror}): another program listens there; "
            "choose another: deltarule lab --port 0 takes a free one"
        ) from None
    return found


def serve(port: int, browser: bool, say: Any = print) -> None:
    """Serves the lab until Ctrl-C."""
    import uvicorn

    listening = bound(port)
    port = listening.getsockname()[1]
    address = f"http://{HOST}:{port}/"
    server = uvicorn.Server(uvicorn.Config(application(port), log_level="warning", timeout_graceful_shutdown=1))
    say(address)
    if browser:
        threading.Timer(0.5, webbrowser.open, [address]).start()
    server.run([listening])
