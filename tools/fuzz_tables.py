"""Fuzz the readers of tables, guided by the coverage of their code: `python tools/fuzz_tables.py delimited`.

It needs atheris, which is not among the packages of the project: `pip install atheris==3.0.0` (Linux, Python 3.11 to
3.13). A reader may raise DataError and nothing else; an input of at most 4 KiB may take it a second and 1 GiB. Inputs
that reach new code are kept in the folder `--corpus`. An input that fails is written to the current folder, and
`python tools/fuzz_tables.py delimited FILE` repeats it.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import atheris
import numpy as np

with atheris.instrument_imports(include=["deltarule.data", "csv", "gzip"]):
    from deltarule.data.delimited import open_delimited
    from deltarule.data.options import DataOptions
    from deltarule.data.table import Table, TableReader
    from deltarule.errors import DataError

SEEDS = {
    "delimited": (
        b'label,a,"b c"\noak,1,2.5\nelm,3,\n"a ""q""",255,1e3\n',
        b"a;b\n1,5;2\n2,25;NA\n",
        b"18.0   8\t\"ford\"\n19   4\t'x'\n",
        b"\xef\xbb\xbfspecies,0,1\r\noak,0.5,0.25\r\n\r\nelm,1,2\r\n",
        b"sep=;\n# a;b\n1;inf\n",
    )
}
"""Inputs to begin with, for each reader."""


def fuzz_delimited(content: bytes) -> None:
    """Read bytes as delimited text; the first byte chooses the options and the columns of text."""
    choice = content[0] if content else 0
    options = DataOptions(
        comment="#" * (choice & 1),
        decimal=("", ".", ",")[(choice >> 1) % 3],
        delimiter=("", ",", ";", "\t", " ")[(choice >> 3) % 5],
        heading=(None, True, False)[(choice >> 5) % 3],
    )
    path = FOLDER / "table.csv"
    path.write_bytes(content[1:])
    reader = open_delimited(path, options)
    check_reader(reader, reader.names[: choice >> 7])


def check_reader(reader: TableReader, text: tuple[str, ...]) -> None:
    """Read a table whole and in blocks, and compare."""
    table = reader.read(text=text)
    check_table(table)
    words = {column.name: column.words for column in table.columns if column.words}
    blocks = list(reader.blocks(3, text=text, words=words))
    assert np.array_equal(np.concatenate([block.x for block in blocks]), table.x, equal_nan=True)
    assert all(len(row) == len(reader.names) for row in reader.sample)


def check_table(table: Table) -> None:
    """Check what holds for every table."""
    assert len(table.x) == len(table.lines) > 0
    assert table.x.shape[1] == len(table.columns)
    assert not np.isinf(table.x).any()
    for i, column in enumerate(table.columns):
        codes = table.x[:, i]
        assert not column.words or np.nanmax(codes, initial=0) < len(column.words)


PARSERS: dict[str, Callable[[bytes], None]] = {"delimited": fuzz_delimited}
"""The readers: functions that read bytes and raise DataError for what is no table."""

FOLDER = Path(tempfile.mkdtemp())


def main() -> None:
    """Fuzz one reader until it fails or the time is over."""
    parser = argparse.ArgumentParser(prog="python tools/fuzz_tables.py", description=__doc__)
    parser.add_argument("reader", choices=PARSERS)
    parser.add_argument("file", nargs="?", help="an input to repeat")
    parser.add_argument("--seconds", type=int, default=600, help="how long to search (default 600)")
    parser.add_argument("--corpus", type=Path, help="the folder of inputs (default: a temporary one)")
    options = parser.parse_args()
    corpus = options.corpus or FOLDER / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    for i, seed in enumerate(SEEDS.get(options.reader, ())):
        (corpus / f"seed{i}").write_bytes(b"\x00" + seed)

    def fuzz(content: bytes) -> None:
        with suppress(DataError):
            PARSERS[options.reader](content)

    limits = ["-max_len=4096", "-timeout=1", "-rss_limit_mb=1024", f"-max_total_time={options.seconds}"]
    atheris.Setup([sys.argv[0], *limits, options.file or str(corpus)], fuzz)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
