"""The lab answers only with its token, takes no long body, and serves no file of memory that it did not make."""

from __future__ import annotations

import contextlib
import http.client
from collections.abc import Iterator
from multiprocessing.shared_memory import SharedMemory

import pytest
from playwright.sync_api import Browser
from tests.lab.browser import Lab, add_token
from tests.lab.test_server import request
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from deltarule.lab.request_limits import BODY, UPLOAD


def read_headers(lab: Lab, path: str, **headers: str) -> tuple[int, dict[str, str], str]:
    """Return the status, the headers and the text of an answer to a request without the lab's cookie."""
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", lab.port, timeout=60)) as connection:
        connection.request("GET", path, headers=headers)
        with connection.getresponse() as got:
            return got.status, {name.lower(): value for name, value in got.headers.items()}, got.read().decode()


@pytest.mark.parametrize("path", ["/", "/train/", "/lab.css", "/thumbnails/draw.svg", "/train/api/status", "/no_page"])
def test_without_the_token_it_says_only_how_to_open_it(lab: Lab, path: str) -> None:
    status, headers, text = read_headers(lab, path)
    assert (status, headers["content-security-policy"]) == (401, "frame-ancestors 'none'")
    for said in ("This address has no token", "What to do", "What is kept", "<code>deltarule lab</code>"):
        assert said in text
    assert lab.token not in text


@pytest.mark.parametrize("cookie", ["", "x", "deltarule_lab_{port}=", "deltarule_lab_1={token}", "other=a;b;={token}"])
def test_web_sockets_need_the_token(lab: Lab, cookie: str) -> None:
    headers = {"Cookie": cookie.format(port=lab.port, token=lab.token)}
    address = f"ws://127.0.0.1:{lab.port}/draw/ws?session_id=s_mine&token={lab.token}"
    with pytest.raises(InvalidStatus) as refused, connect(address, proxy=None, additional_headers=headers):
        pass
    assert refused.value.response.status_code == 403


def test_the_first_visit_gets_a_cookie_that_no_script_and_no_other_site_has(lab: Lab) -> None:
    status, headers, text = read_headers(lab, f"/draw/?run=a+b&token={lab.token}&x=%C3%A9")
    assert (status, headers["location"], text) == (303, "/draw/?run=a+b&x=%C3%A9", "")
    cookie, *attributes = headers["set-cookie"].split("; ")
    assert (cookie, set(attributes)) == (lab.cookie, {"Path=/", "HttpOnly", "SameSite=Strict"})
    assert headers["cache-control"] == "no-store"
    assert read_headers(lab, "/softmax/", Cookie=f"other=1; {cookie}")[0] == 200


@pytest.mark.parametrize("path", ["//evil.example/", "/%2fevil.example/", "/\\evil.example"])
def test_the_token_leads_to_no_other_host(lab: Lab, path: str) -> None:
    for token in (lab.token, "wrong"):
        _, headers, text = read_headers(lab, f"{path}?token={token}")
        place = headers.get("location") or text.split('<a href="')[1].split('"')[0]
        assert place.startswith("/")
        assert not place.startswith(("//", "/\\"))


def test_it_tells_a_wrong_token_from_an_expired_one(lab: Lab) -> None:
    old = "A" * len(lab.token)
    assert "The token of this address is not valid now" in read_headers(lab, f"/?token={old}")[2]
    status, _, text = read_headers(lab, "/train/", Cookie=lab.cookie.replace(lab.token, old))
    assert (status, "The lab was started again" in text) == (401, True)
    # an old bookmark with its token, in a browser that has the new one
    status, headers, _ = read_headers(lab, f"/train/?token={old}", Cookie=lab.cookie)
    assert (status, headers["location"]) == (303, "/train/")


def test_a_bookmark_without_the_token_works_after_the_first_visit(lab: Lab, browser: Browser) -> None:
    with contextlib.closing(browser.new_context()) as context:
        page = context.new_page()
        page.goto(f"{lab.address}softmax/")
        assert page.locator("h1").inner_text() == "This address has no token"
        page.goto(add_token(f"{lab.address}softmax/"))
        assert page.url == f"{lab.address}softmax/"
        page.goto(f"{lab.address}")
        page.get_by_text("watch a network learn").wait_for()
        assert page.evaluate("document.cookie") == ""


def start_body(lab: Lab, path: str, **headers: str) -> http.client.HTTPConnection:
    """Send the head of a request with a body, and return the connection."""
    connection = http.client.HTTPConnection("127.0.0.1", lab.port, timeout=60)
    connection.putrequest("POST", path)
    for name, value in {"Cookie": lab.cookie, **headers}.items():
        connection.putheader(name, value)
    connection.endheaders()
    return connection


ADDRESSES = ("/", "/train/api/kernel/set_ui_element_value", "/train/api/kernel/function_call", "/lab.css")


@pytest.mark.parametrize("path", [*ADDRESSES, "/uploads/data.csv"])
def test_a_long_body_is_refused_before_it_is_sent(lab: Lab, path: str) -> None:
    for length in (str(UPLOAD + 1), "9" * 30, "-1", "1e3"):
        connection = start_body(lab, path, **{"Content-Length": length})
        with contextlib.closing(connection), connection.getresponse() as got:
            assert got.status in (400, 413), length


@pytest.mark.parametrize("path", ADDRESSES)
def test_a_body_of_unknown_length_is_read_only_up_to_the_limit(lab: Lab, path: str) -> None:
    with contextlib.closing(start_body(lab, path, **{"Transfer-Encoding": "chunked"})) as connection:
        piece = b"100000\r\n" + bytes(1 << 20) + b"\r\n"
        with contextlib.suppress(OSError):  # the lab closed the connection
            for _ in range(BODY // (1 << 20) + 1):
                connection.send(piece)
        with connection.getresponse() as got:
            assert got.status == 413


@pytest.fixture
def secret() -> Iterator[SharedMemory]:
    """Shared memory of another program."""
    memory = SharedMemory("10-AbCdEfGh.txt", create=True, size=16)
    memory.buf[:6] = b"secret"
    yield memory
    memory.close()
    memory.unlink()


NAMES = ("16-10-AbCdEfGh.txt", "10-psm_0000", "5-%00.txt", "5-", "9999999999-1-AbCdEfGh.js", "-1-1-AbCdEfGh.js")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("place", ["/train/@file/", "/@file/", "/train/x/@file/"])
def test_a_file_that_no_page_made_does_not_exist(lab: Lab, secret: SharedMemory, place: str, name: str) -> None:
    before = lab.stderr
    for headers in ({}, {"Range": "bytes=0-3"}):
        assert request(lab, place + name, **headers) == (404, b"The lab has no such file now.\n")
    assert lab.stderr == before
