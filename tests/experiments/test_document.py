"""The commands and the example of docs/experiments.md."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
import typer
from matplotlib.figure import Figure

from deltarule.cli.app import app
from deltarule.experiments import verdict
from deltarule.experiments.prediction import find_factors

ROOT = Path(__file__).parent.parent.parent
DOCUMENTS = [ROOT / "docs" / "experiments.md", ROOT / "README.md"]


def test_python_in_the_document_runs(monkeypatch, tmp_path, capsys):
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```python\n(.*?)```", DOCUMENTS[0].read_text(encoding="utf-8"), re.DOTALL)
    names: dict = {}
    exec("\n".join(blocks), names)
    lines = capsys.readouterr().out.splitlines()
    assert re.fullmatch(r"above chance \d\d\.\d+ as expected", lines[0])
    assert lines[1] == "['lower']"
    assert (tmp_path / "small.png").stat().st_size > 10_000
    assert isinstance(names["SMALL"].plot(names["result"]), Figure)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_commands_in_the_document_are_valid(document):
    lines = re.findall(r"^deltarule (experiments.*?)(?:  +#.*)?$", document.read_text(encoding="utf-8"), re.MULTILINE)
    assert lines
    command = typer.main.get_command(app).commands["experiments"]
    for line in lines:
        _, *words = shlex.split(line)
        if words and not words[0].startswith("-"):
            command.commands[words[0]].make_context(words[0], words[1:])
        else:
            command.make_context("experiments", words)


def test_python_in_the_page_on_verdicts_prints_what_it_shows(capsys):
    page = (ROOT / "docs" / "verdicts.md").read_text(encoding="utf-8")
    pairs = re.findall(r"```python\n(.*?)```\n.*?```text\n(.*?)```", page, re.DOTALL)
    assert len(pairs) == page.count("```python") == 4
    names: dict = {}
    for code, text in pairs:
        exec(code, names)
        assert capsys.readouterr().out == text


def test_factors_and_tolerances_in_the_page_on_verdicts_are_those_of_the_code():
    page = (ROOT / "docs" / "verdicts.md").read_text(encoding="utf-8")
    row = re.search(r"half-width in units of \$s\$ \|(.*)\| 1\.96 \|", page)[1]
    assert [float(cell) for cell in row.split("|")] == [round(find_factors(n)[1], 2) for n in (3, 5, 10, 20)]
    low, high = find_factors(10, 3)
    assert f"{-low:.2f}\\, s$ to $\\bar x + {high:.2f}\\, s$" in page
    for tolerance in (verdict.POINTS_HIGH, verdict.POINTS, verdict.POINTS_FEW_IMAGES):
        assert f"| {tolerance} points |" in page
    assert f"| {verdict.SHARE:.0%} of the published value |".replace("5%", "5 %") in page
