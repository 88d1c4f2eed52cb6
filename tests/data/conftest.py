"""A tiny MNIST with its own checksums, faulty servers, and an environment without any data."""

from __future__ import annotations

import gzip
import http.server
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from deltarule.data import idx, mnist, sources


class Tiny:
    """Four files like MNIST's, of 12 and 4 images, and a method that writes them in a given layout."""

    def __init__(self) -> None:
        rng = np.random.default_rng(0)
        shapes = {"t10k": 4, "train": 12}
        self.arrays = {
            name: rng.integers(0, 10, (shapes[name.split("-")[0]], *[28, 28] * ("images" in name)), np.uint8)
            for name in mnist.FILES
        }
        self.contents = {name: idx.write_idx(array) for name, array in self.arrays.items()}
        self.packed = {name: gzip.compress(content, mtime=0) for name, content in self.contents.items()}
        self.files = {name: idx.digest(array) for name, array in self.arrays.items()}

    def put(self, folder: Path, ending: str = "", dotted: bool = False) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        for name in self.files:
            file = folder / ((name.replace("-idx", ".idx") if dotted else name) + ending)
            file.write_bytes((self.packed if ending == ".gz" else self.contents)[name])
        return folder


@pytest.fixture
def nowhere(monkeypatch, tmp_path):
    """Unset all variables, and provide an empty cache and no mirror that answers."""
    for variable in ("DATA", "OFFLINE"):
        monkeypatch.delenv(f"DELTARULE_{variable}", raising=False)
    monkeypatch.setenv("DELTARULE_MIRRORS", "http://127.0.0.1:9/")
    monkeypatch.setattr(sources, "find_cache_folder", lambda: tmp_path / "cache" / "mnist")
    return tmp_path


@pytest.fixture
def tiny(nowhere, monkeypatch):
    tiny = Tiny()
    monkeypatch.setattr(mnist, "FILES", tiny.files)
    monkeypatch.setattr(mnist, "N_TRAINING", 10)
    return tiny


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.server.asked.append(self.path)
        self.server.answer(self)

    def say(self, body: bytes, status: int = 200, length: int | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = True

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request, client_address):
        pass  # the client disconnects from such servers, as it should


@pytest.fixture
def serve():
    """Provide ``serve(answer)``, which starts a local mirror that calls ``answer(handler)``, and returns its URL."""
    servers: list[Server] = []

    def start(answer):
        server = Server(("127.0.0.1", 0), Handler)
        server.answer, server.asked = answer, []
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}/mnist/"

    start.servers = servers
    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def good(packed: dict[str, bytes]):
    return lambda handler: handler.say(packed[handler.path.rsplit("/", 1)[-1].removesuffix(".gz")])


def html(handler):
    handler.say(b"<html><body>Please log in to the network of this hotel</body></html>")


def forbidden(handler):
    handler.say(b"no", 403)


def mute(handler):
    time.sleep(6)


def truncated(packed: dict[str, bytes]):
    def answer(handler):
        whole = packed[handler.path.rsplit("/", 1)[-1].removesuffix(".gz")]
        handler.say(whole[: len(whole) // 2], length=len(whole))

    return answer


def drip(handler, seconds: float = 6.0, piece: bytes = b"x", pause: float = 0.05) -> None:
    """Send more than the first piece that the client waits for, and then very little."""
    handler.say(b"x" * 3000, length=10**6)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        time.sleep(pause)
        handler.wfile.write(piece)
        handler.wfile.flush()


def stalled(handler):
    drip(handler, piece=b"")
