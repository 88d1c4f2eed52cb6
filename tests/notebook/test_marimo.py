"""A notebook in marimo's editor, in a real browser: cells run, objects show, progress moves, nothing complains."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser
from tests.lab.browser import wait_until
from tests.notebook.servers import MEASURE_TEXTS, READ_SHARES, run_server, watch

NOTEBOOK = """\
# /// script
# [tool.marimo.display]
# theme = "THEME"
# ///
import marimo

app = marimo.App()


@app.cell
def _():
    import time
    import deltarule as dr
    train, validation, test = dr.data.load("digits")
    network = dr.Network.dense([64, 30, 10])
    test
    return dr, network, test, time, train, validation


@app.cell
def _(network):
    network
    return


@app.cell
def _(dr, network, time, train, validation):
    class Pause(dr.Callback):
        def on_epoch(self, moment):
            time.sleep(0.3)

    model = dr.fit(network, train, epochs=10, validation=validation, seed=1,
                   callbacks=[Pause(), dr.callbacks.Progress()])
    return (model,)


@app.cell
def _(model):
    model
    return


@app.cell
def _(model, test):
    model.show_activations(test.x[0])
    return


@app.cell
def _(model):
    print(model.summary())
    return


if __name__ == "__main__":
    app.run()
"""

AREA = ".output-area"
READ_OUTPUTS = """() => [...document.querySelectorAll(".output-area")].map((area) => ({
    text: area.innerText,
    images: [...area.querySelectorAll("img")].map((image) => image.naturalWidth),
    curves: [...area.querySelectorAll("svg:has(polyline)")].map((svg) => svg.getBoundingClientRect().top),
}))"""


@contextmanager
def serve(folder: Path, theme: str) -> Iterator[str]:
    """Serve the notebook by marimo's editor, and yield its address."""
    (folder / "tour.py").write_text(NOTEBOOK.replace("THEME", theme), encoding="utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = ["marimo", "-q", "edit", "--headless", "--host=127.0.0.1", f"--port={port}", "--no-token"]
    with run_server([*words, "--skip-update-check", "tour.py"], folder, {}):
        wait_until(lambda: has_answer(port), "marimo answered")
        yield f"http://127.0.0.1:{port}/"
    assert "Traceback" not in (folder / "log").read_text()


def has_answer(port: int) -> bool:
    """Return whether the server answers."""
    try:
        with urlopen(f"http://127.0.0.1:{port}/health", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


@pytest.mark.peers
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_notebook_in_marimo(theme, browser: Browser, tmp_path):
    shares: list[tuple[int, float]] = []
    with serve(tmp_path, theme) as address:
        page = browser.new_page(viewport={"width": 1300, "height": 4000})
        problems = watch(page)
        page.goto(address)
        page.wait_for_selector("[data-testid=cell-editor]")
        page.get_by_test_id("run-button").last.click()

        def has_finished() -> bool:
            for one in page.evaluate(READ_SHARES, AREA):
                if tuple(one) not in shares:
                    shares.append(tuple(one))
            return bool(page.evaluate("document.body.innerText.includes('cost: CrossEntropy  ')"))

        wait_until(has_finished, "the last cell ran")
        outputs = page.evaluate(READ_OUTPUTS)
        texts = page.evaluate(MEASURE_TEXTS, f'{AREA} div[style*="system-ui"]')
        is_dark = page.evaluate("document.body.classList.contains('dark')")
        page.close()
    assert problems == []
    assert is_dark == (theme == "dark")
    assert len(shares) >= 4
    assert shares == sorted(shares)
    assert shares[-1][0] == 100
    starts = ["Dataset digits test", "Network 3 layers", "Epoch 10: ", "Model(64-30-10", ""]
    assert [one["text"].strip().startswith(words) for one, words in zip(outputs, starts, strict=True)] == [True] * 5
    assert [len(one["images"]) for one in outputs] == [20, 0, 0, 0, 1]
    assert min(width for one in outputs for width in one["images"]) > 0
    assert len({*outputs[3]["curves"]}) == 1, "the curves stand beside each other"
    assert len(texts) > 100
    assert [text for difference, text in texts if difference < 0.4] == []
