"""The lab's server, only for this machine: the index, and each page, which marimo serves."""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import secrets
import socket
import sys
import threading
import time
import webbrowser
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deltarule.errors import DeltaruleError, InvalidArgument, require_extra
from deltarule.lab import run_store, uploads
from deltarule.lab.asgi import Application
from deltarule.lab.course import build_course_script
from deltarule.lab.guard import guard_application
from deltarule.lab.index import HOME_LINK, render_index
from deltarule.lab.pages import CARDS, HERE, PAGES
from deltarule.lab.playground.page import build_playground_page
from deltarule.lab.session_token import PARAMETER
from deltarule.lab.training_thread import NAME
from deltarule.models.files import MODEL_FILE

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

HOST = "127.0.0.1"
LINGER = 2
"""Seconds until the session of a closed tab ends, with its training."""

PATIENCE = 3
"""Seconds that a running computation of a lesson, and the last checkpoint of a run, may still take after Ctrl-C."""

LONGEST_MESSAGE = 1 << 20
"""The most bytes of a message on a web socket; the pages send requests instead."""

STYLE = '<link rel="stylesheet" href="/lab.css"><script src="/connection.js" defer></script>'
NOTEBOOK_SCRIPTS = '<script type="module" src="/course.js"></script><script type="module" src="/frame.js"></script>'
HEAD = STYLE + NOTEBOOK_SCRIPTS + HOME_LINK.format(address="/")


def build_application(port: int, token: str) -> Application:
    """Build the lab as one ASGI application for this port and this token."""
    import marimo
    import marimo._output.mpl  # now: two pages that import it at once get an incomplete module
    from marimo._runtime.virtual_file.storage import InMemoryStorage, VirtualFileStorageManager
    from starlette.applications import Starlette
    from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response
    from starlette.routing import Mount, Route

    VirtualFileStorageManager().storage = InMemoryStorage()  # marimo would look for names in shared memory without one
    # all pages use marimo's files at the first page's address: a browser loads and compiles them once
    files = f"/{PAGES[0].name}"
    builder = marimo.create_asgi_app(quiet=True, include_code=True, session_ttl=LINGER, html_head=HEAD, asset_url=files)
    for page in PAGES:
        builder = builder.with_app(path=f"/{page.name}", root=str(page.notebook))

    def file(path: Path) -> Any:
        return lambda request: FileResponse(path)

    def slash(name: str) -> Any:
        return lambda request: RedirectResponse(f"/{name}/")

    notebooks: Any = builder.build()  # a Starlette application; marimo's annotation does not say so

    @contextlib.asynccontextmanager
    async def lifespan(lab: Starlette) -> AsyncIterator[None]:
        yield
        for route in notebooks.routes:  # mounted applications get no shutdown event, and their sessions would continue
            if isinstance(route, Mount):
                await route.app.state.session_manager.shutdown()  # type: ignore[attr-defined] # marimo mounts Starlettes

    own = [
        Route("/", lambda request: HTMLResponse(render_index())),
        Route("/alive", lambda request: Response(status_code=204)),
        *(Route(f"/{name}", file(HERE / name)) for name in ("lab.css", "connection.js", "frame.js")),
        Route("/course.js", lambda request: Response(build_course_script(), media_type="text/javascript")),
        Route("/playground/", lambda request: HTMLResponse(build_playground_page(HOME_LINK.format(address="/")))),
        Route("/uploads/{group}/{name}", take_upload, methods=["POST"]),
        Route("/runs/{key}/model.safetensors", send_model),
        *(Route(f"/thumbnails/{page.name}.svg", file(page.thumbnail)) for page in CARDS),
        *(Route(f"/{page.name}", slash(page.name)) for page in CARDS),
        Mount("/", notebooks),
    ]
    return guard_application(Starlette(routes=own, lifespan=lifespan), port, token)


async def take_upload(request: Request) -> Response:
    """Receive a file; a problem is the text of the answer."""
    from starlette.requests import ClientDisconnect
    from starlette.responses import PlainTextResponse

    try:
        path = uploads.choose_path(request.path_params["group"], request.path_params["name"])
        await uploads.receive_file(path, request.stream())
    except DeltaruleError as error:
        return PlainTextResponse(f"{error}\n", 400, headers={"connection": "close"})
    except ClientDisconnect:  # nobody gets the answer
        return PlainTextResponse("", 400)
    return PlainTextResponse("", 200)


async def send_model(request: Request) -> Response:
    """Send the model of a kept run as a file."""
    from starlette.responses import FileResponse, PlainTextResponse

    try:
        folder = run_store.find_run(request.path_params["key"])
    except DeltaruleError as error:
        return PlainTextResponse(f"{error}\n", 404)
    return FileResponse(folder / MODEL_FILE, filename=f"{folder.name}.safetensors")


def open_socket(port: int) -> socket.socket:
    """Open a socket at this port of 127.0.0.1; 0 means any free port.

    Raises:
        InvalidArgument: The port is not free.
    """
    opened = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    if sys.platform == "win32":  # there SO_REUSEADDR would let a second lab take the port of a running one
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
    else:  # so that a lab can start at once after another ended
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        opened.bind((HOST, port))
        opened.listen()  # reserves the port, and lets an early browser wait
    except OSError as error:
        opened.close()
        why = "another program uses it" if error.errno == errno.EADDRINUSE else error.strerror
        raise InvalidArgument(
            f"expected a free port of {HOST}, got {port}: {why}",
            argument="port",
            value=port,
            remedy="choose another port, or 0 for any free one",
        ) from None
    return opened


def serve(port: int, browser: bool, say: Any = print) -> None:
    """Serve the lab until Ctrl-C; ``say`` receives its address, which has the token."""
    with require_extra("lab", "the lab"):
        import anywidget  # noqa: F401
        import marimo  # noqa: F401
        import uvicorn

    logging.getLogger("asyncio").setLevel(logging.ERROR)  # asyncio warns of each message to a closed tab
    listening = open_socket(port)
    port = listening.getsockname()[1]
    token = secrets.token_urlsafe(24)
    address = f"http://{HOST}:{port}/?{PARAMETER}={token}"
    server = uvicorn.Server(
        uvicorn.Config(
            build_application(port, token), log_level="warning", timeout_graceful_shutdown=1,
            ws_max_size=LONGEST_MESSAGE,
        )
    )  # fmt: skip
    say(address)
    if browser:
        threading.Timer(0.5, webbrowser.open, [address]).start()
    with contextlib.suppress(KeyboardInterrupt):  # Ctrl-C is the usual end of the lab
        server.run([listening])
    _end_process()


def _end_process() -> None:
    """Wait up to :data:`PATIENCE` for running computations, and then end the process.

    A thread cannot be stopped from outside, and compiled code that still runs while Python shuts down aborts it.
    """
    uploads.end_processes()
    deadline = time.monotonic() + PATIENCE
    others = [thread for thread in threading.enumerate() if thread is not threading.current_thread()]
    for thread in others:
        if not thread.daemon or thread.name == NAME:
            thread.join(max(0.0, deadline - time.monotonic()))
    if any(thread.is_alive() for thread in others):
        sys.stdout.flush()
        os._exit(0)
