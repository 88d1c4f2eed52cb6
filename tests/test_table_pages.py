"""The pages about tables show what their scripts and commands print."""

from __future__ import annotations

import re

import pytest
from tools.table_pages import PAGES, PICTURE, PICTURES, find_pictures, run_page, shorten_output

NUMBER = re.compile(r"-?\d[\d,]*(?:\.\d+)?(?:e[+-]?\d+)?|·")
LEVEL = re.compile(r"(?<=\binstructions )( *)(?:v[234]|neon)\b")
"""The level of instructions of the machine, in what show prints."""

TINY = """
```python
with open("xor.csv", "w") as file:
    file.write("y,a,b\\n0,0,0\\n1,0,1\\n1,1,0\\n0,1,1\\n")
```

```sh
head -2 xor.csv
deltarule train --data xor.csv --net 2-4-2 --epochs 3 --out runs/xor
deltarule train --data xor.csv --label c
```

```text
outdated
```

```python
print(file.closed)
```
"""


def split_numbers(text: str) -> tuple[list[str], list[float], list[float]]:
    """The words of a text but the machine's level, its whole numbers and its others; a dot in a matrix is 0."""
    text = LEVEL.sub(r"\1LEVEL", text)
    numbers = [found.replace("·", "0").replace(",", "") for found in NUMBER.findall(text)]
    whole, others = ([float(one) for one in numbers if ("." in one) == is_real] for is_real in (False, True))
    return re.sub("[─ ]+", " ", NUMBER.sub("#", text)).split(), whole, others


def test_outputs_replace_those_of_the_page(tmp_path):
    page = run_page(TINY, tmp_path)
    assert "outdated" not in page
    output = page.partition("```text\n")[2].partition("```")[0].splitlines()
    assert output[:4] == ["y,a,b", "0,0,0", "", "Data: xor (xor.csv)"]
    assert [line[:8] for line in output if line.startswith(("Epoch", "…"))] == ["Epoch 1:", "…", "Epoch 3:"]
    assert output[-1].startswith("error: ")
    assert not any(line.startswith("Time") or line.endswith("rows/s") for line in output)
    # without a block for it, an output is left out
    assert page.endswith("print(file.closed)\n```\n")


def test_two_epochs_are_both_shown():
    text = "Epoch 1: 5 %    0.01 s     19,571 rows/s\nEpoch 2: 7 %    0.01 s     19,571 rows/s\n"
    assert shorten_output(text) == "Epoch 1: 5 %\nEpoch 2: 7 %\n"


SHOWN = "why this engine      native: compiled kernels, instructions {0}\ninstructions         {0}\nrows 150\n"


@pytest.mark.parametrize("level", ["v2", "v3", "neon"])
def test_machines_of_another_level_print_the_same(level):
    assert split_numbers(SHOWN.format(level)) == split_numbers(SHOWN.format("v4"))


@pytest.mark.parametrize("other", ["instructions avx", "version v3", "instructions v4x"])
def test_only_the_level_of_instructions_is_masked(other):
    assert split_numbers(other) != split_numbers("instructions v4")
    assert "LEVEL" not in split_numbers(other)[0]


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)
def test_pictures_have_a_text_and_a_source(page):
    text = page.read_text(encoding="utf-8")
    assert text.count("![") == len(PICTURE.findall(text))
    for name in PICTURE.findall(text):
        assert (page.parent / name).is_file()
        assert name in PICTURES or f'savefig("{name}"' in text


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)
def test_pages_show_what_their_commands_print(page, tmp_path):
    """Compare words exactly, and numbers within 10 % or 2 of a count, as float32 differs between machines."""
    text = page.read_text(encoding="utf-8")
    words, whole, others = split_numbers(text)
    again = split_numbers(run_page(text, tmp_path))
    assert again[0] == words
    assert again[1] == pytest.approx(whole, rel=0.1, abs=2)
    assert again[2] == pytest.approx(others, rel=0.1, abs=0.05)
    assert all(place.is_file() for place in find_pictures(text, tmp_path).values())
