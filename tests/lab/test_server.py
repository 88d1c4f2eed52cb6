"""The lab's server answers only this machine's browser, and serves only its pages."""

from __future__ import annotations

import contextlib
import http.client
import http.server
import json
import re
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from tests.lab.browser import PATIENCE, Lab, add_token
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from deltarule.lab.pages import PAGES
from deltarule.lab.server import open_socket


def request(lab: Lab, path: str, method: str = "GET", body: bytes | None = None, **headers: str) -> tuple[int, bytes]:
    """Return the status and body of a request; the path is sent unchanged, character by character."""
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", lab.port, timeout=60)) as connection:
        connection.putrequest(method, path, skip_host="Host" in headers, skip_accept_encoding=True)
        headers = {"Cookie": lab.cookie, **headers}
        for name, value in {**headers, **({"Content-Length": str(len(body))} if body is not None else {})}.items():
            connection.putheader(name, value)
        connection.endheaders(body)
        with connection.getresponse() as got:
            try:
                return got.status, got.read()
            except http.client.IncompleteRead:  # a response that broke off when a file was requested
                return got.status, b""


def open_socket_to(lab: Lab, path: str, origin: str) -> ClientConnection:
    """Open a web socket with the lab's token, as a page of this origin does."""
    headers = {"Cookie": lab.cookie}
    address = f"ws://127.0.0.1:{lab.port}/{path}"
    return connect(
        address, origin=Origin(origin), proxy=None, max_size=None, max_queue=None, additional_headers=headers
    )


def test_it_answers_at_its_own_addresses(lab: Lab) -> None:
    assert request(lab, "/")[0] == 200
    assert request(lab, "/", Host=f"localhost:{lab.port}", Origin=f"http://localhost:{lab.port}")[0] == 200
    assert request(lab, "/softmax")[0] == 307
    assert b"Softmax" in request(lab, "/softmax/")[1]


def test_all_pages_take_the_same_files(lab: Lab) -> None:
    """So a browser need not load and compile them again for the next page."""
    wanted = [
        set(re.findall(rb'(?:href|src)="([^"]+\.(?:js|css))"', request(lab, f"/{page.name}/")[1])) for page in PAGES
    ]
    assert all(files == wanted[0] for files in wanted)
    scripts = [file for file in wanted[0] if b"/assets/" in file and file.endswith(b".js")]
    assert scripts
    for file in scripts:
        assert file.startswith(b"/")
        assert request(lab, file.decode())[0] == 200


FOREIGN = (
    {"Host": "evil.example"}, {"Host": "127.0.0.1"}, {"Host": "127.0.0.1.evil.example:{port}"},
    {"Host": "[::1]:{port}"}, {"Origin": "http://evil.example"}, {"Origin": "null"}, {"Origin": "http://127.0.0.1"},
    {"Origin": "https://127.0.0.1:{port}"}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"},
    {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"},
    {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document",
     "Origin": "http://evil.example"},
)  # fmt: skip


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
@pytest.mark.parametrize("path", ["/", "/draw/", "/draw/api/kernel/set_ui_element_value"])
def test_it_refuses_other_hosts_and_origins(lab: Lab, headers: dict[str, str], path: str) -> None:
    status, body = request(lab, path, **{name: value.format(port=lab.port) for name, value in headers.items()})
    assert (status, body) == (403, b"The lab answers only pages from its own address.\n")


@pytest.mark.parametrize("site", ["cross-site", "same-site", "same-origin", "none"])
def test_a_link_opens_it_from_anywhere(lab: Lab, site: str) -> None:
    tab = {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    assert request(lab, "/softmax/", **tab)[0] == 200


@pytest.mark.parametrize("path", ["/", "/lab.css", "/train", "/train/", "/thumbnails/draw.svg"])
def test_no_answer_may_be_framed(lab: Lab, path: str) -> None:
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", lab.port, timeout=60)) as connection:
        connection.request("GET", path, headers={"Cookie": lab.cookie})
        with connection.getresponse() as got:
            assert got.headers.get_all("Content-Security-Policy") == ["frame-ancestors 'none'"]


class Elsewhere(http.server.BaseHTTPRequestHandler):
    """A page of another port that shows two images and a frame of the lab, and links to it."""

    lab = ""

    def do_GET(self) -> None:
        text = (
            f'<img src="{self.lab}thumbnails/draw.svg"><img src="{self.lab}thumbnails/draw.svg?new">'
            f'<iframe src="{self.lab}train/"></iframe>'
            f'<a href="{self.lab}softmax/">the lab</a>'
        )
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_: object) -> None:
        """Log nothing."""


@pytest.mark.slow
def test_a_page_of_another_port_neither_shows_nor_frames_it(lab: Lab, browser: Browser) -> None:
    handler = type("Handler", (Elsewhere,), {"lab": lab.address})
    with contextlib.closing(browser.new_context()) as context, http.server.HTTPServer(("127.0.0.1", 0), handler) as own:
        threading.Thread(target=own.serve_forever, daemon=True).start()
        page = context.new_page()
        page.set_default_timeout(1000 * PATIENCE)
        page.goto(add_token(lab.address))
        got: dict[str, int] = {}
        page.on("response", lambda response: got.update({response.url.removeprefix(lab.address): response.status}))
        page.goto(f"http://127.0.0.1:{own.server_port}/")
        # the browser has the first image in its cache, since its user has seen the index
        assert page.evaluate("[...document.images].map((image) => image.naturalWidth)") == [0, 0]
        assert (got["thumbnails/draw.svg?new"], got["train/"]) == (403, 403)
        page.get_by_text("the lab").click()
        page.wait_for_selector("#App[data-connection-state=OPEN] h1")
        own.shutdown()


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1"])
def test_it_refuses_web_sockets_of_other_origins(lab: Lab, origin: str) -> None:
    with pytest.raises(InvalidStatus) as refused, open_socket_to(lab, "draw/ws?session_id=s_mine", origin):
        pass
    assert refused.value.response.status_code == 403


PATHS = (
    "/../../etc/passwd", "/..%2f..%2f..%2fetc%2fpasswd", "/%2e%2e/%2e%2e/etc/passwd", "//etc/passwd", "/etc/passwd",
    "/thumbnails/../reader.safetensors", "/thumbnails/..%2freader.safetensors", "/thumbnails/draw.svg/../../server.py",
    "/lab.css/../server.py", "/draw/../../../../etc/passwd", "/draw/%2e%2e/%2e%2e/server.py", "/draw/server.py",
    "/draw/@file/../../../../etc/passwd", "/draw/@file/10-..%2f..%2fetc%2fpasswd", "/draw/@file/100-/etc/passwd",
    "/draw/public/../draw.py", "/draw/public/..%2f..%2fserver.py", "/draw/public/%2fetc%2fpasswd",
    "/draw/assets/..%2f..%2f..%2f..%2f..%2fetc%2fpasswd", "/draw/assets/../../__init__.py",
    "/draw/files/..%2f..%2fetc%2fpasswd", "/no_such_page/", "/draw.py", "/draw/..\\..\\server.py", "/lessons/draw.py",
)  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
def test_no_path_reaches_the_file_system(lab: Lab, path: str) -> None:
    status, body = request(lab, path)
    assert b"root:" not in body
    assert b"marimo.App" not in body
    assert b"from __future__" not in body
    # marimo answers a page's address with the page, whatever text follows
    assert status in (307, 308, 400, 403, 404) or b"<marimo-" in body or body == b""


@pytest.mark.parametrize("key", ["/etc/passwd", "../server.py", "softmax.py", "__new__"])
def test_a_page_shows_no_other_file(lab: Lab, key: str) -> None:
    """marimo's parameter ``file`` selects a notebook on servers with many notebooks."""
    status, body = request(lab, f"/draw/?file={key}")
    assert status in (400, 404) or (b"softmax" not in body.lower() and b"root:" not in body)


RUNS = """
kernel/run kernel/scratchpad/run kernel/scratchpad/execute kernel/instantiate kernel/save kernel/interrupt
kernel/restart_session kernel/shutdown kernel/rename kernel/delete kernel/install_missing_packages
kernel/set_cell_config kernel/save_user_config kernel/format kernel/copy kernel/takeover files/list_files
files/file_details files/create files/update files/delete files/open files/search packages/add packages/remove
secrets/create secrets/keys sql/validate document/transaction export/auto_export/html export/requirements/install
home/recent_files home/running_notebooks home/shutdown_session ai/completion ai/invoke_tool cache/clear
datasources/preview_column
"""
"""The requests that marimo answers in edit mode."""


def test_no_request_runs_code_or_changes_files(lab: Lab, tmp_path: Path) -> None:
    """Anyone who opens a page gets a session, but it refuses requests to run code or to read or write files."""
    mark = tmp_path / "ran"
    code = f"open({str(mark)!r}, 'w').write('x')"
    every = {
        "code": code, "codes": [code], "cellIds": ["Hbol"], "cells": {"Hbol": code}, "path": str(tmp_path),
        "filename": str(mark), "name": "x", "type": "file", "contents": "eA==", "objectIds": [], "values": [],
        "package": "deltarule", "query": "x", "configs": [], "names": ["_"], "layout": None, "config": {},
        "source": code, "sessionId": "s_probe", "changes": [], "provider": "env", "key": "x", "value": "x",
        "versions": {}, "manager": "pip",
    }  # fmt: skip
    origin = f"http://127.0.0.1:{lab.port}"
    with open_socket_to(lab, "softmax/ws?session_id=s_probe", origin) as session:
        assert "kernel-ready" in str(session.recv(60))
        token = request(lab, "/softmax/")[1].split(b'data-token="')[1].split(b'"')[0].decode()

        def status(path: str, body: dict[str, object]) -> int:
            return request(lab, f"/softmax/api/{path}", "POST", json.dumps(body).encode(), **{
                "Content-Type": "application/json", "Marimo-Session-Id": "s_probe", "Marimo-Server-Token": token,
            })[0]  # fmt: skip

        assert status("kernel/set_ui_element_value", {"objectIds": [], "values": []}) == 200  # pages send this
        assert {path: got for path in RUNS.split() if (got := status(path, every)) not in (401, 403, 404, 405)} == {}
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(InvalidStatus), open_socket_to(lab, "softmax/terminal/ws", origin):
        pass


def run_command(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "deltarule.cli", "lab", "--no-browser", *words],
        capture_output=True,
        text=True,
        timeout=300,
    )


def test_a_busy_port_is_an_error(lab: Lab) -> None:
    completed = run_command("--port", str(lab.port))
    assert completed.returncode == 2
    assert str(lab.port) in completed.stderr
    assert "another program" in completed.stderr
    assert "Traceback" not in completed.stderr


def test_it_listens_only_on_127_0_0_1() -> None:
    with contextlib.closing(open_socket(0)) as listening:
        assert listening.getsockname()[0] == "127.0.0.1"


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no address 127.0.0.2")
def test_it_is_not_reachable_at_another_address(lab: Lab) -> None:
    with pytest.raises(ConnectionRefusedError), socket.create_connection(("127.0.0.2", lab.port), timeout=5):
        pass


@pytest.mark.parametrize("content", [
    b"\x80\x04\x95cos\nsystem\n(S'touch ran'\ntR.", b"\xff" * 64, b"", (1 << 62).to_bytes(8, "little") + b"{}",
    b"\x02\0\0\0\0\0\0\0{}", b"PK\x03\x04" + b"\0" * 64,
], ids=["pickle", "noise", "nothing", "boast", "empty", "zip"])  # fmt: skip
def test_a_hostile_model_is_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    path.write_bytes(content)
    completed = run_command("--port", "0", "--model", str(path))
    assert completed.returncode in (1, 2)
    assert "model.safetensors" in completed.stderr.replace("\n", "")
    assert "Traceback" not in completed.stderr
    assert [one.name for one in tmp_path.iterdir()] == ["model.safetensors"]


def test_every_page_has_an_address_of_its_own(lab: Lab) -> None:
    assert len({page.name for page in PAGES}) == len(PAGES)
    for page in PAGES:
        assert request(lab, f"/thumbnails/{page.name}.svg")[0] == 200
