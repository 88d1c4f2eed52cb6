"""The pages on techniques: their Python runs, their commands exist, and their pictures can be drawn anew."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.main import get_command

import deltarule as dr
from deltarule.cli.app import app
from deltarule.recipes.file import read

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "docs" / "techniques"
PAGES = sorted(path for path in FOLDER.glob("*.md") if path.name != "README.md")
INDEX = (FOLDER / "README.md").read_text(encoding="utf-8")
NEED_MNIST = {"weight-decay", "weight-initialization", "convolution", "ensembles"}

each_page = pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)


def blocks(page: Path, kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)


@each_page
def test_each_page_is_in_the_index_and_has_its_picture(page):
    text = page.read_text(encoding="utf-8")
    assert f"]({page.name})" in INDEX
    (title,) = re.findall(rf"\[([^]]+)\]\({page.name}\)", INDEX)
    assert text.startswith(f"# {title}\n")
    assert re.search(rf"!\[.{{20,}}\]\({page.stem}\.png\)", text)
    with Image.open(FOLDER / f"{page.stem}.png") as picture:
        assert picture.width >= 900
    assert "## In Python" in text
    assert f"examples/techniques {page.stem} --out" in text or page.stem == "find-eta"


@each_page
def test_the_python_of_a_page_runs_and_prints_what_it_says(page, capsys):
    names: dict = {}
    exec(re.findall(r"```python\n(.*?)```", INDEX, re.DOTALL)[0], names)
    code = "\n".join(blocks(page, "python"))
    exec(code.replace("epochs=100", "epochs=2"), names)
    assert capsys.readouterr().out.splitlines() == re.findall(r"^print\(.*  # (.+)$", code, re.MULTILINE)
    # a value that stands beside code is printed, and so compared
    assert re.findall(r"^(?!print\().*  # [-+]?\.?\d.*$", code, re.MULTILINE) == []
    if "model" in names and names["model"].history.records:
        assert np.isfinite(names["model"].cost(names["validation"]))


@each_page
def test_the_commands_of_a_page_have_the_options_that_it_gives_them(page):
    for line in "".join(blocks(page, "sh")).splitlines():
        program, command, *words = shlex.split(line)
        assert program == "deltarule"
        options = {option for param in get_command(app).commands[command].params for option in param.opts}
        assert {word for word in words if word.startswith("--")} <= options


@each_page
def test_the_network_files_of_a_page_are_read(page, tmp_path):
    for text in blocks(page, "toml"):
        (tmp_path / "my.toml").write_text(text, encoding="utf-8")
        network = read(tmp_path / "my.toml").network((28, 28), 10)
        assert network.n_out == 10
        assert ("LabelSmoothing" in text) == isinstance(network.cost, dr.LabelSmoothing)


@pytest.mark.slow
def test_the_pictures_can_be_drawn_anew(tmp_path):
    names = [page.stem for page in PAGES if page.stem != "find-eta"]
    drawn = names if os.environ.get("DELTARULE_DATA") else [name for name in names if name not in NEED_MNIST]
    done = subprocess.run(
        [sys.executable, "-W", "error", ROOT / "examples" / "techniques", *drawn, "--quick", "--out", tmp_path],
        capture_output=True, text=True, timeout=120, check=False,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert {path.stem for path in tmp_path.iterdir()} == set(drawn)
    for name in drawn:
        with Image.open(tmp_path / f"{name}.png") as again, Image.open(FOLDER / f"{name}.png") as kept:
            assert again.size == kept.size
