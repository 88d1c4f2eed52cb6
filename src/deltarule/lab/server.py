"""The lab's server: the index, and marimo serving each page; for this machine alone."""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import socket
import sys
import threading
import time
import webbrowser
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from deltarule.errors import InvalidArgument, extra
from deltarule.lab.guard import Application, guarded
from deltarule.lab.index import HOME, index
from deltarule.lab.pages import HERE, PAGES

HOST = "127.0.0.1"
LINGER = 2
"""Seconds after which a closed tab's session ends, and with it what it trains."""

PATIENCE = 3
"""Seconds that a lesson in mid-computation is given to finish after Ctrl-C."""

HEAD = '<link rel="stylesheet" href="/lab.css">' + HOME.format(there="/")


def application(port: int) -> Application:
    """The whole lab as one ASGI application, that answers at this port."""
    import marimo
    import marimo._output.mpl  # now: two pages that first draw at the same time would each find half of it
    from starlette.applications import Starlette
    from starlette.responses import FileResponse, HTMLResponse, RedirectResponse
    from starlette.routing import Mount, Route

    # every page takes marimo's own files from the first one: a browser loads and compiles them once
    files = f"/{PAGES[0].name}"
    builder = marimo.create_asgi_app(quiet=True, include_code=True, session_ttl=LINGER, html_head=HEAD, asset_url=files)
    for page in PAGES:
        builder = builder.with_app(path=f"/{page.name}", root=str(page.notebook))

    def file(path: Path) -> Any:
        return lambda request: FileResponse(path)

    def slash(name: str) -> Any:
        return lambda request: RedirectResponse(f"/{name}/")

    notebooks: Any = builder.build()  # an application of Starlette's, which marimo does not say

    @contextlib.asynccontextmanager
    async def lifespan(whole: Starlette) -> AsyncIterator[None]:
        yield
        for route in notebooks.routes:  # a mounted app is told nothing of the end: its sessions would go on
            if isinstance(route, Mount):
                await route.app.state.session_manager.shutdown()  # type: ignore[attr-defined] # marimo mounts Starlettes

    own = [
        Route("/", lambda request: HTMLResponse(index())),
        Route("/lab.css", file(HERE / "lab.css")),
        *(Route(f"/thumbnails/{page.name}.svg", file(page.thumbnail)) for page in PAGES),
        *(Route(f"/{page.name}", slash(page.name)) for page in PAGES),
        Mount("/", notebooks),
    ]
    return guarded(Starlette(routes=own, lifespan=lifespan), port)


def bound(port: int) -> socket.socket:
    """Open a socket at this port of 127.0.0.1 (0: any free one). Raises :class:`InvalidArgument` if it is taken."""
    found = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    if sys.platform == "win32":  # where by SO_REUSEADDR a second lab would take the port of one that runs
        found.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
    else:  # a lab follows at once on one that ended
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind((HOST, port))
        found.listen()  # so that nobody else can, and a browser that is early waits
    except OSError as error:
        found.close()
        why = "another program listens there" if error.errno == errno.EADDRINUSE else error.strerror
        raise InvalidArgument(
            f"expected a port of {HOST} that is free, got {port}: {why}",
            argument="port",
            value=port,
            remedy="choose another, or 0 for any that is free",
        ) from None
    return found


def serve(port: int, browser: bool, say: Any = print) -> None:
    """Serves the lab until Ctrl-C."""
    with extra("lab", "the lab"):
        import anywidget  # noqa: F401
        import marimo  # noqa: F401
        import uvicorn

    logging.getLogger("asyncio").setLevel(logging.ERROR)  # which warns of each word sent to a tab that was closed
    listening = bound(port)
    port = listening.getsockname()[1]
    address = f"http://{HOST}:{port}/"
    server = uvicorn.Server(uvicorn.Config(application(port), log_level="warning", timeout_graceful_shutdown=1))
    say(address)
    if browser:
        threading.Timer(0.5, webbrowser.open, [address]).start()
    with contextlib.suppress(KeyboardInterrupt):  # which is how a lab ends, and no failure
        server.run([listening])
    _leave()


def _leave() -> None:
    """Waits a little for lessons that still compute; then ends the process with all that does.

    A thread cannot be ended alone, and compiled code that runs on while Python shuts down aborts it.
    """
    until = time.monotonic() + PATIENCE
    others = [thread for thread in threading.enumerate() if thread is not threading.current_thread()]
    for thread in others:
        if not thread.daemon:
            thread.join(max(0.0, until - time.monotonic()))
    if any(thread.is_alive() for thread in others):
        sys.stdout.flush()
        os._exit(0)
