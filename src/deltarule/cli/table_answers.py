"""The answers of a model for the rows of a table, written to a CSV file or printed."""

from __future__ import annotations

import csv
import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing
from io import TextIOWrapper
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from deltarule.cli.console import emit, err, escape, format_command, is_terminal, out
from deltarule.cli.data_options import split_names
from deltarule.cli.identifiers import find_identifier
from deltarule.cli.labels import format_label
from deltarule.cli.option_errors import option_error
from deltarule.cli.output_paths import check_output
from deltarule.cli.phrasing import phrase_settings
from deltarule.data.encodings import MultiLabel, OneVsRest, Real, Standardized
from deltarule.data.options import DataOptions
from deltarule.data.phrases import count
from deltarule.errors import NOTHING, DataError
from deltarule.files import open_replacement
from deltarule.models.judgement import has_classes
from deltarule.models.labels import name_class
from deltarule.models.predictor import Predictor
from deltarule.preprocessing.tables import Block, ModelTable

if TYPE_CHECKING:
    from collections.abc import Sequence

SHOWN = 20
"""The most answers that are printed in a terminal; a file or a pipe gets all."""

_OTHER_FORMATS = (".safetensors", ".json", ".npy", ".npz", ".parquet", ".arrow", ".feather", ".xlsx", ".h5", ".mat")
"""Endings of files that hold no CSV: answers in such a file could not be read, and might replace a model."""


def answer_table(
    model: Predictor,
    run: Path,
    path: Path,
    answers: Path | None,
    shares: bool,
    headings: str | None,
    ident: str | None,
    ignore: str | None,
    as_json: bool,
) -> None:
    """Answer the rows of a table, block by block, and write or print the answers."""
    if answers is not None:
        _check_place(answers, path, run)
    ignored = split_names("ignore", ignore) if ignore else ()
    options = DataOptions(ignore=(*ignored, *([ident] if ident and ident not in _list_names(model) else ())))
    try:
        table = ModelTable.open(path.expanduser(), model.preprocessing, options)
    except DataError as error:
        if error.argument == "ignore" and error.value == ident:
            error.with_fields(argument="--id")
        raise
    ident = find_identifier(table, ident)
    if shares and not (has_classes(model) or isinstance(model.encoding, MultiLabel | OneVsRest)):
        raise option_error("--shares", NOTHING, "a model of classes", "leave it out")
    names = _name_columns(model, ident, shares, headings)
    for note in (*table.reader.notes, *table.selection.notes):
        err.print(f"[dim]{escape(phrase_settings(note))}[/]")
    rows = _answer_rows(model, table, ident, shares)
    if answers is not None:
        n, empty = _write(answers.expanduser(), names, rows, path)
        if as_json:
            emit({"table": str(path), "rows": n, "without_answer": empty, "out": str(answers)})
        else:
            counts = f"{count(n, 'row')}, {count(n - empty, 'answer')}" if empty else count(n, "answer")
            out.print(f"{counts}: {escape(answers)}")
    elif as_json:
        records = [dict(zip(names, row, strict=True)) for row in rows]
        n, empty = len(records), sum(not row[names[1]] for row in records)
        emit({"table": str(path), "answers": records})
    else:
        n, empty = _print(names, rows)
    if empty:
        err.print(
            f"[yellow]{empty:,} of {n:,} rows have missing values and got no answer, as such rows were left out of the "
            "training[/]"
        )


def _check_place(answers: Path, table: Path, run: Path) -> None:
    """Raise the error of ``--out`` for a file of another format, such as a model, and for a table that is read."""
    if answers.suffix.lower() in _OTHER_FORMATS:
        raise option_error("--out", answers, "the path of a CSV file", f"give {answers.with_suffix('.csv').name}")
    check_output("--out", answers, f"{answers.stem}-answers.csv", [table], run)


def _list_names(model: Predictor) -> tuple[str, ...]:
    schema = model.preprocessing.schema
    return () if schema is None else (*schema.names, *schema.targets, *schema.ignored)


def _name_columns(model: Predictor, ident: str, shares: bool, headings: str | None) -> list[str]:
    schema = model.preprocessing.schema
    targets = list(schema.targets) if schema is not None and schema.targets else _name_targets(model)
    names = [ident or "row", *targets]
    if shares:
        prefix = "share of " if isinstance(model.encoding, MultiLabel) else ""
        names += [prefix + name for name in _name_shares(model)]
    if headings is not None:
        own = split_names("headings", headings)
        if len(own) > len(names):
            raise option_error("--headings", headings, f"at most {len(names)} names, for {', '.join(names)}")
        names[: len(own)] = own
    return names


def _name_targets(model: Predictor) -> list[str]:
    """Name the answers of a model of arrays."""
    n = _count_targets(model)
    if isinstance(model.encoding, MultiLabel):
        return [name_class(model, i) for i in range(n)]
    return ["label"] if n == 1 else [f"label {i}" for i in range(1, n + 1)]


def _count_targets(model: Predictor) -> int:
    """Return the number of answers for an example: several labels, or several numbers."""
    return model.encoding.n_out if isinstance(model.encoding, MultiLabel | Real | Standardized) else 1


def _name_shares(model: Predictor) -> list[str]:
    """Name the classes or labels that have shares; one against the rest has two."""
    if isinstance(model.encoding, OneVsRest):
        return [_name_answer(model, answer) for answer in (0, 1)]
    return [name_class(model, i) for i in range(model.encoding.n_out)]


def _name_answer(model: Predictor, answer: int) -> str:
    """Name a predicted class; the rest of two classes has its own name."""
    if isinstance(model.encoding, OneVsRest) and len(model.classes) == 2 and not answer:
        return name_class(model, 1 - model.encoding.label)
    return format_label(model, np.int64(answer))


def _compute_shares(model: Predictor, block: Block) -> np.ndarray:
    """Compute the shares of a block, (n, classes or labels)."""
    if has_classes(model):
        return model.predict_proba(block.examples)
    outputs = model.outputs(block.examples)
    if not isinstance(model.encoding, OneVsRest):
        return outputs
    share = np.clip(outputs[:, 0], 0, 1)
    return np.stack([1 - share, share], axis=1)


def _answer_rows(model: Predictor, table: ModelTable, ident: str, shares: bool) -> Iterator[list[Any]]:
    number = 0
    for block in table.read_blocks(text=(ident,) if ident else ()):
        columns = _answer_block(model, block, shares)
        identifiers = block.text[ident] if ident else np.arange(number + 1, number + 1 + len(block.kept))
        answered = iter(zip(*columns, strict=True))
        for keep, own in zip(block.kept.tolist(), identifiers.tolist(), strict=True):
            yield [own, *(next(answered) if keep else [""] * len(columns))]
        number += len(block.kept)


def _answer_block(model: Predictor, block: Block, shares: bool) -> list[list[Any]]:
    """Return the columns of the answers of a block."""
    if not len(block.examples):
        return [[] for _ in range(_count_targets(model) + len(_name_shares(model)) * shares)]
    found = model.predict(block.examples)
    if found.ndim == 2:
        columns = [list(map(str if isinstance(model.encoding, MultiLabel) else repr, c.tolist())) for c in found.T]
    elif found.dtype.kind == "f":
        columns = [list(map(repr, found.tolist()))]
    else:
        names = [_name_answer(model, answer) for answer in range(max(len(model.classes), int(found.max()) + 1))]
        columns = [[names[label] for label in found.tolist()]]
    if shares:
        columns += [[f"{share:.6g}" for share in column] for column in _compute_shares(model, block).T.tolist()]
    return columns


def _write(answers: Path, names: Sequence[str], rows: Iterator[list[Any]], path: Path) -> tuple[int, int]:
    """Write the answers beside their place and rename the file; return the number of rows, and of those without one."""
    n = empty = 0
    with ExitStack() as stack:
        content = stack.enter_context(open_replacement(answers))
        file = TextIOWrapper(content, encoding="utf-8", newline="")
        stack.callback(file.detach)  # flushes, and leaves the file open for its renaming
        update = _show_progress(stack, path)
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(names)
        for row in rows:
            writer.writerow(row)
            n += 1
            empty += not row[1]
            if n % 10_000 == 0:
                update(n)
    return n, empty


def _show_progress(stack: ExitStack, path: Path) -> Any:
    """Show a progress bar in a terminal; return the function that takes the number of rows done."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    if not is_terminal() or os.path.getsize(path) < 1_000_000:
        return lambda n: None
    columns = (TextColumn("Rows"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    bar = stack.enter_context(Progress(*columns, console=err, transient=True))
    task = bar.add_task("rows", total=_count_lines(path))
    return lambda n: bar.update(task, completed=n)


def _count_lines(path: Path) -> int | None:
    """Count the lines of a text file; None for a compressed or binary one."""
    if path.suffix.lower() not in (".csv", ".tsv", ".txt", ".data"):
        return None
    with open(path, "rb") as file:
        return sum(block.count(b"\n") for block in iter(lambda: file.read(2**20), b""))


def _print(names: Sequence[str], rows: Iterator[list[Any]]) -> tuple[int, int]:
    """Print the answers as CSV, in a terminal only the first; return the number of rows, and of those without one."""
    n = empty = 0
    writer = csv.writer(sys.stdout, lineterminator="\n")
    most = SHOWN if sys.stdout.isatty() else None
    with closing(rows):  # type: ignore[type-var] # a generator
        first = next(rows, None)  # before anything is printed, as it may raise an error
        writer.writerow(names)
        for row in chain([] if first is None else [first], rows):
            writer.writerow(row)
            n += 1
            empty += not row[1]
            if n == most:
                err.print(f"[dim]the first {SHOWN} rows; all:  {format_command('--out', 'answers.csv')}[/]")
                break
    return n, empty
