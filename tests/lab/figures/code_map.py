"""The plane of a code of two numbers, its digits, and images at their codes."""

from __future__ import annotations

import numpy as np
from tests.lab.moves import Move

PLACES = np.indices((28, 28)) - 14
RING = 255 * np.clip(2 - np.abs(np.hypot(1.3 * PLACES[1], PLACES[0]) - 7.5), 0, 1).round(2).ravel()
"""A ring, which the encoder puts among the zeros."""

CROSS = np.zeros((28, 28))
CROSS[12:16] = CROSS[:, 12:16] = CROSS[:3] = CROSS[-3:] = 255
"""No digit."""


def find_kind(state) -> int:
    """Return the digit of most of the nearest test images."""
    return int(np.argmax(state["neighbours"]))


MOVES = (
    Move("generation", "the point leaves the image's code, and the image stays", {"code": [-2, -1]},
         lambda a, b: a["atPoint"] == a["atCode"] < b["atPoint"] and find_kind(b) == 1 != find_kind(a)),
    Move("generation", "another image has another code, and the point follows it", {"image": 0},
         lambda a, b: a["mean"] != b["mean"] == b["at"] and a["digit"] != b["digit"]),
    Move("generation", "a drawn ring lies among the zeros", {"ink": RING.tolist()},
         lambda a, b: max(a["given"]) == 0 and max(b["given"]) == 1 and find_kind(b) == 0 != find_kind(a),
         {"image": None}),
)  # fmt: skip

DRAWN = {"image": None, "ink": CROSS.ravel().tolist()}
ANSWERS = ({"code": [0.7, -0.8]}, {**DRAWN, "code": [0.7, 0.0]}, DRAWN)

IN_PYTHON = "write_code"


def check_python(write_code, values, state) -> None:
    """The digit, the code and the reconstruction are those of the library's model."""
    digit, mean, reconstruction = write_code(state["at"], 255 * np.array(state["given"]))
    np.testing.assert_allclose(np.reshape(state["digit"], (28, 28)), digit, atol=1e-6)
    np.testing.assert_allclose(state["mean"], mean, atol=1e-6)
    np.testing.assert_allclose(np.reshape(state["reconstruction"], (28, 28)), reconstruction, atol=1e-6)


def check_picture(page) -> None:
    """The point is dragged on both maps and moved by keys, follows the image again, and shows what is drawn."""
    read = "JSON.parse(document.querySelector('[name=code]').value)"
    box = page.locator(".pixels-active canvas").bounding_box()
    page.mouse.move(box["x"] + 0.75 * box["width"], box["y"] + 0.25 * box["height"])
    page.mouse.down()
    page.mouse.up()
    assert np.allclose(page.evaluate(read), [1.5, 1.5], atol=0.05)
    handle = page.get_by_role("slider", name="the point", exact=True)
    handle.press("ArrowLeft")
    x, y = page.evaluate(read)
    assert 1.3 < x < 1.45
    handle.press("ArrowDown")
    assert page.evaluate(read)[1] < y
    plane = page.locator(".code-plane svg").bounding_box()
    at = handle.bounding_box()
    page.mouse.move(at["x"] + at["width"] / 2, at["y"] + at["height"] / 2)
    page.mouse.down()
    page.mouse.move(plane["x"] + 200, plane["y"] + 200)
    page.mouse.up()
    assert page.evaluate(read)[0] < x - 0.5
    page.get_by_role("button", name="go to its code").click()
    assert page.evaluate(read) is None
    drawn = "[...document.querySelectorAll('.code-digits canvas')].slice(0, 3).map((canvas) => canvas.toDataURL())"
    image, reconstruction, point = page.evaluate(drawn)
    assert image != reconstruction == point
    pad = page.locator(".code-pad canvas").bounding_box()
    page.mouse.move(pad["x"] + pad["width"] / 2, pad["y"] + 0.2 * pad["height"])
    page.mouse.down()
    page.mouse.move(pad["x"] + pad["width"] / 2, pad["y"] + 0.8 * pad["height"], steps=8)
    page.mouse.up()
    page.wait_for_function("document.querySelector('.status').textContent.includes(' of 1')")
    assert page.evaluate("document.querySelector('[name=image]').selectedOptions[0].textContent") == "your drawing"
