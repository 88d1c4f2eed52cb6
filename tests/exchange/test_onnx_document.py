"""The page about ONNX files: its code prints what the page says."""

from __future__ import annotations

import re
from pathlib import Path

PAGE = Path(__file__).parent.parent.parent / "docs" / "onnx.md"


def test_the_code_of_the_page_prints_what_the_page_says(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```(python|text)\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    names: dict = {}
    checked = 0
    for i, (kind, code) in enumerate(blocks):
        if kind == "python":
            exec(code, names)
        elif blocks[i - 1][0] == "python":
            assert capsys.readouterr().out == code
            checked += 1
    assert checked == 5
    assert {path.name for path in tmp_path.iterdir()} == {"digits.onnx", "flowers.onnx"}
