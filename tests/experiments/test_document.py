"""The commands and the example of docs/experiments.md."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
import typer
from matplotlib.figure import Figure

from deltarule.cli.app import app

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
        _, name, *words = [*shlex.split(line), *([] if " " in line else [""])]
        if name:
            command.commands[name].make_context(name, words)
