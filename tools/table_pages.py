"""Run the scripts and commands of the pages about tables, and write their outputs and pictures.

``python -m tools.table_pages`` runs all pages in docs/tables and the tutorial own-table.md, and ``python -m
tools.table_pages numbers tiny`` only these two.

The Python and the commands of a page run one after another, in this process, in an empty folder. If a ``text`` block
follows directly, the output replaces its content. A picture of a page comes from the file that :data:`PICTURES` names,
otherwise from the file of the same name that the page's own Python writes.
"""

from __future__ import annotations

import io
import re
import shlex
import sys
from collections.abc import Iterator
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

from deltarule.cli.app import app
from deltarule.cli.console import print_error
from deltarule.cli.option_errors import phrase_error
from deltarule.errors import DeltaruleError

DOCS = Path(__file__).parent.parent / "docs"

PAGES = [*sorted(DOCS.glob("tables/*.md")), DOCS / "tutorial" / "own-table.md"]
"""The pages with outputs."""

PICTURES = {
    "arrays.png": "runs/clouds/curves.png",
    "classes.png": "runs/flowers/confusion-test.png",
    "numbers.png": "runs/houses/predictions-test.png",
    "other-files.png": "runs/shapes/misclassified-test.png",
    "pixels.png": "runs/digits/misclassified-test.png",
    "rare-classes.png": "runs/weighted/confusion-test.png",
    "several-labels.png": "runs/toys/curves.png",
    "words-and-holes.png": "runs/trees/confusion-test.png",
}
"""The files of runs that are shown on pages, by the names of their copies."""

BLOCK = re.compile(r"(^```(python|sh)\n(.*?)^```\n)(\n```text\n.*?^```\n)?", re.DOTALL | re.MULTILINE)
"""A block of code, and the block of its output."""

PICTURE = re.compile(r"!\[[^\]]+\]\((\S+\.png)\)")

EPOCHS = re.compile(r"(^Epoch .*\n)(?:^Epoch .*\n)+(^Epoch .*\n)", re.MULTILINE)
UNSTABLE = re.compile(r"^(?:Time: |seconds per epoch |engine |threads ).*\n", re.MULTILINE)
"""Lines that depend on the machine."""

SPEED = re.compile(r" +[\d.]+ s +[\d,]+ (?:rows|images|digits)/s$| +$", re.MULTILINE)
ANSWERS = re.compile(r"^\S+,\S+$", re.MULTILINE)
DIGITS = {True: re.compile(r"-?\d+\.\d{2,}(?:e[+-]?\d+)?"), False: re.compile(r"-?\d+\.\d{9,}(?:e[+-]?\d+)?")}
"""The numbers that are shortened: in lines of answers, and in others."""


def shorten_output(text: str) -> str:
    """Leave out times, all epochs but the first and the last, and most digits of the numbers that models answer.

    >>> shorten_output("Epoch 1: 90.00 %    0.01 s     19,571 rows/s\\nTime: 2 s\\n1,0.12345,98765.4321\\n")
    'Epoch 1: 90.00 %\\n1,0.123,98765\\n'
    """
    text = EPOCHS.sub(r"\1…\n\2", SPEED.sub("", UNSTABLE.sub("", text)))
    text = ANSWERS.sub(lambda line: DIGITS[True].sub(_round, line[0]), text)
    return DIGITS[False].sub(_round, text).strip("\n") + "\n"


def _round(number: re.Match[str]) -> str:
    value = float(number[0])
    return f"{value:.0f}" if abs(value) >= 1000 else f"{value:.3g}" if abs(value) >= 1e-4 else f"{value:.0e}"


@contextmanager
def capture() -> Iterator[io.StringIO]:
    """Capture what is printed, on stdout and stderr."""
    output = io.StringIO()
    with redirect_stdout(output), redirect_stderr(output):
        yield output


def run_command(line: str) -> None:
    """Run a command of a page: ``deltarule …``, or ``head -3 FILE``, which prints the first lines of a file."""
    words = shlex.split(line, comments=True)
    if words[0] == "head":
        lines = Path(words[2]).read_text(encoding="utf-8").splitlines()
        print("\n".join(lines[: -int(words[1])]))
        return
    with patch.object(sys, "argv", words):
        try:
            app(words[1:], standalone_mode=False)
        except DeltaruleError as error:
            print_error(phrase_error(error))


def run_page(page: str, folder: Path) -> str:
    """Run a page's blocks in a folder; return the page with their outputs."""
    names: dict[str, Any] = {"__name__": "__main__"}

    def run(block: re.Match[str]) -> str:
        code, language, text, shown = block.groups()
        with capture() as output:
            if language == "python":
                exec(text, names)
            else:
                for i, line in enumerate(text.splitlines()):
                    if i:
                        print()
                    run_command(line)
        return code + (f"\n```text\n{shorten_output(output.getvalue())}```\n" if shown else "")

    with chdir(folder):
        return BLOCK.sub(run, page)


def find_pictures(page: str, folder: Path) -> dict[str, Path]:
    """Find the files of a page's pictures in the folder in which the page was run."""
    return {name: folder / PICTURES.get(name, name) for name in PICTURE.findall(page)}


def write_page(path: Path) -> None:
    """Run a page, and write it with its outputs, and its pictures beside it."""
    with TemporaryDirectory() as folder:
        text = run_page(path.read_text(encoding="utf-8"), Path(folder))
        pictures = {name: place.read_bytes() for name, place in find_pictures(text, Path(folder)).items()}
    path.write_text(text, encoding="utf-8")
    for name, content in pictures.items():
        (path.parent / name).write_bytes(content)


if __name__ == "__main__":
    for path in PAGES:
        if not sys.argv[1:] or path.stem in sys.argv[1:]:
            print(path.name, flush=True)
            write_page(path)
