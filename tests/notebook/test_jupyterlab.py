"""A notebook in JupyterLab, in a real browser: its cells run, the objects show, progress moves, nothing complains."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page
from tests.lab.browser import wait_until
from tests.notebook.servers import MEASURE_TEXTS, READ_SHARES, is_alive, run_server, watch

CELLS = {
    "pid": "import os\nos.getpid()",
    "data": 'import time\nimport deltarule as dr\ntrain, validation, test = dr.data.load("digits")\ntest',
    "network": "network = dr.Network([dr.Conv(8, 3), dr.ReLU(), dr.MaxPool(2), dr.Flatten(), dr.Dense(10)],\n"
    "                     dr.LogLikelihood(), (8, 8, 1))\nnetwork",
    "fit": """\
class Pause(dr.Callback):
    def on_epoch(self, moment):
        time.sleep(0.3)

model = dr.fit(network, train, epochs=10, eta=0.1, validation=validation, seed=1,
               callbacks=[Pause(), dr.callbacks.Progress()])""",
    "model": "model",
    "history": "model.history",
    "training": "dr.Training(epochs=5)",
    "drawing": "network.draw()",
    "activations": "model.show_activations(test.x[0])",
    "summary": "print(model.summary())",
    "estimator": "from deltarule.sklearn import NetworkClassifier\n"
    "NetworkClassifier(layers=[dr.Dense(5), dr.ReLU()], epochs=2).fit(test.x.reshape(300, 64), test.y)",
}
AREA = ".jp-Notebook .jp-OutputArea"
READ_OUTPUTS = """() => [...document.querySelectorAll(".jp-Notebook .jp-CodeCell")].map((cell) => ({
    prompt: cell.querySelector(".jp-InputArea-prompt").innerText,
    text: [...cell.querySelectorAll(".jp-OutputArea-output")].map((output) => output.innerText).join(" "),
    html: [...cell.querySelectorAll(".jp-OutputArea-output")].map((output) => output.innerHTML).join(" "),
    images: [...cell.querySelectorAll(".jp-OutputArea-output img")].map((image) => image.naturalWidth),
    errors: cell.querySelectorAll('[data-mime-type*="stderr"], [data-mime-type*="error"]').length,
}))"""


def write_notebook(path: Path) -> None:
    """Write a notebook with the cells."""
    empty = {"cell_type": "code", "metadata": {}, "execution_count": None, "outputs": []}
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    cells = [{**empty, "id": name, "source": source.splitlines(keepends=True)} for name, source in CELLS.items()]
    notebook = {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    path.write_text(json.dumps(notebook), encoding="utf-8")


@contextmanager
def serve(folder: Path, theme: str) -> Iterator[str]:
    """Serve a folder with the notebook by JupyterLab, and yield the address of the notebook."""
    (folder / "served").mkdir()
    write_notebook(folder / "served" / "tour.ipynb")
    settings = folder / "settings" / "@jupyterlab" / "apputils-extension"
    settings.mkdir(parents=True)
    quiet = {"fetchNews": "false", "checkForUpdates": False}
    (settings / "notification.jupyterlab-settings").write_text(json.dumps(quiet))
    (settings / "themes.jupyterlab-settings").write_text(json.dumps({"theme": theme}))
    names = {f"JUPYTER_{name}_DIR": name.lower() for name in ("CONFIG", "DATA", "RUNTIME")}
    names |= {f"JUPYTERLAB_{name}_DIR": name.lower() for name in ("SETTINGS", "WORKSPACES")} | {"IPYTHONDIR": "ipython"}
    words = ["jupyterlab", "--no-browser", "--ip=127.0.0.1", "--port=0", "--LabApp.extension_manager=readonly"]
    words += ["--IdentityProvider.token=secret", f"--ServerApp.root_dir={folder / 'served'}"]
    words += ["--allow-root"] * (os.geteuid() == 0)
    with run_server(words, folder, {name: str(folder / place) for name, place in names.items()}) as process:
        found = folder / "runtime" / f"jpserver-{process.pid}.json"
        wait_until(lambda: found.exists() and found.read_text(), "JupyterLab wrote its address")
        yield json.loads(found.read_text())["url"] + "lab/tree/tour.ipynb?token=secret"
    assert "Traceback" not in (folder / "log").read_text()


@pytest.mark.peers
@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_a_notebook_in_jupyterlab(theme, browser: Browser, tmp_path):
    with serve(tmp_path, theme) as address:
        page = browser.new_page(viewport={"width": 1300, "height": 5000})
        problems = watch(page)
        page.goto(address)
        page.wait_for_selector(".jp-Notebook .jp-CodeCell")
        page.get_by_text("Python 3 (ipykernel)", exact=True).wait_for()
        found = run_all_cells(page)
        texts = page.evaluate(MEASURE_TEXTS, f'{AREA} div[style*="system-ui"]')
        is_dark = page.evaluate("document.body.dataset.jpThemeLight") == "false"
        page.close()
        kernel = int(found["pid"]["text"])
        assert is_alive(kernel)
    assert not is_alive(kernel)
    assert problems == []
    assert len(texts) > 100
    assert [text for difference, text in texts if difference < 0.4] == []
    assert is_dark == (theme == "JupyterLab Dark")
    check_outputs(found)


def run_all_cells(page: Page) -> dict[str, dict[str, Any]]:
    """Run the cells by the menu, watch the progress, and return the outputs."""
    page.get_by_role("menuitem", name="Run", exact=True).first.click()
    page.get_by_text("Run All Cells", exact=True).click()
    shares: list[tuple[int, float]] = []

    def has_finished() -> bool:
        for one in page.evaluate(READ_SHARES, AREA):
            if tuple(one) not in shares:
                shares.append(tuple(one))
        prompts = [cell["prompt"] for cell in page.evaluate(READ_OUTPUTS)]
        return prompts == [f"[{i + 1}]:" for i in range(len(CELLS))]

    wait_until(has_finished, "all cells ran")
    assert len(shares) >= 4
    assert shares == sorted(shares)
    assert shares[-1][0] == 100

    return dict(zip(CELLS, page.evaluate(READ_OUTPUTS), strict=True))


def check_outputs(found: dict[str, dict[str, Any]]) -> None:
    """Check what the cells show."""
    assert {name: cell["errors"] for name, cell in found.items()} == dict.fromkeys(CELLS, 0)
    starts = {"data": "Dataset digits test 300 examples of 8×8", "network": "Network 5 layers, 810 parameters"}
    starts |= {"model": "Model(8×8-8c3-10", "history": "History 10 epochs", "training": "Training bold"}
    starts |= {"fit": "Epoch 10: ", "summary": "Model(8×8-8c3-10", "estimator": "NetworkClassifier"}
    for name, words in starts.items():
        assert " ".join(found[name]["text"].split()).startswith(words), name
    assert len(found["data"]["images"]) == 20
    assert [found[name]["html"].count("<polyline") for name in ("model", "history")] == [2, 2]
    assert all(len(found[name]["images"]) == 1 for name in ("drawing", "activations"))
    assert min(width for cell in found.values() for width in cell["images"]) > 0
    assert "<script" not in "".join(found[name]["html"] for name in CELLS if name != "estimator")
