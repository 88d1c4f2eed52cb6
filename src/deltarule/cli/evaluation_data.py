"""The examples that ``deltarule evaluate`` measures on, notes about them, and overlaps with the training."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from deltarule.cli.console import err, escape

if TYPE_CHECKING:
    from deltarule.data import Dataset
    from deltarule.data.options import DataOptions
    from deltarule.preprocessing import Preprocessing
    from deltarule.training.runs import Run

PARTS = ("train", "validation", "test", "all")


def find_examples(
    run: Run,
    data: str | None,
    part: str | None,
    ignore: str | None,
    find_ink: bool | None = None,
    skip_damaged: bool = False,
) -> tuple[Dataset, str, tuple[str, ...], Dataset | None]:
    """Find the examples to evaluate on, the name of their part, notes about them, and the training set if loaded."""
    from dataclasses import replace

    from deltarule.cli.defaults import encode_as
    from deltarule.cli.model_data import check_fit, find_model_data, find_run_data, join_parts
    from deltarule.cli.training_rows import check_unchanged
    from deltarule.data.split import SplitNote
    from deltarule.data.table_sources import is_table
    from deltarule.training.runs import require_data

    own, fitted = require_data(run) if data is None else data, run.model.preprocessing
    is_same = run.data is not None and Path(own).expanduser().resolve() == Path(run.data)
    has_test = bool(run.notes.get("table", {}).get("test"))  # the test set of the run has a path of its own
    is_own = data is None or (is_same and not (has_test and part in (None, "all")))
    reads_all = part == "all" or (part is None and not is_own)
    if fitted.schema is not None and reads_all and is_table(Path(own)):
        dataset, left_out = _read_rows(own, fitted, ignore)
        return dataset, "all", left_out, None
    if is_own:
        found = find_run_data(own, run)
    else:
        found = find_model_data(
            own, fitted, _build_options(run, own, skip_damaged), find_ink, part not in (None, "all")
        )
    part = part or ("all" if found.summary and not is_own else "test")
    notes = () if is_own else (*found.notes, *found.doubts)
    notes = tuple(note for note in notes if part != "all" or not isinstance(note, SplitNote))
    check_fit(fitted, replace(found.data[2], name=found.name))
    splits = encode_as(fitted.encoding, found.data)
    training = check_unchanged(run, found) if is_own and part != "all" else None
    if part == "all":
        return join_parts(splits, found.name), part, notes, None
    name = Path(run.notes["table"]["test"]).stem if is_own and has_test and part == "test" else found.name
    return replace(splits[PARTS.index(part)], name=name), part, notes, training


def _build_options(run: Run, data: str, skip_damaged: bool) -> DataOptions | None:
    """Build the statements about other data: those about the data of the run that concern the form of the files."""
    from dataclasses import replace

    from deltarule.cli.data_options import restore_options
    from deltarule.data.options import DataOptions
    from deltarule.data.sources import NAMES

    if data in NAMES:
        return None
    stated = restore_options(run.notes.get("table", {})) or DataOptions()
    options = replace(stated, test="", split=True, size=None, colour=False, skip_damaged=skip_damaged)
    return options if options != DataOptions() else None


def _read_rows(data: str, preprocessing: Preprocessing, ignore: str | None) -> tuple[Dataset, tuple[str, ...]]:
    """Read the rows of a table for a model of a table, with notes about them."""
    from deltarule.cli.data_options import split_names
    from deltarule.cli.option_errors import report_as_option
    from deltarule.data.options import DataOptions
    from deltarule.data.phrases import count
    from deltarule.preprocessing.tables import ModelTable

    options = DataOptions(ignore=split_names("ignore", ignore) if ignore else ())
    with report_as_option("--data", data):
        table = ModelTable.open(Path(data).expanduser(), preprocessing, options)
        dataset, left_out = table.read_labelled(Path(data.removesuffix(".gz")).stem)
    note = f"{count(left_out, 'row')} with missing values {'is' if left_out == 1 else 'are'} left out"
    return dataset, (*table.selection.notes, *((note,) if left_out else ()))


def count_repeated(
    run: Run, path: Path, dataset: Dataset, training: Dataset | None, data: str | None = None
) -> int | None:
    """Count the examples whose inputs the run was trained on, and say so; None if that is not known.

    Args:
        run: The run.
        path: Its path, a folder or a file.
        dataset: The examples.
        training: The training set of the run, if it is loaded already.
        data: The path of all the examples, if it was given.
    """
    from deltarule.cli.training_rows import count_trained_on, find_known
    from deltarule.preprocessing.original_pictures import fingerprint_originals
    from deltarule.preprocessing.pictures import holds_pictures, takes_pictures
    from deltarule.training.callbacks import name_examples

    fitted = run.model.preprocessing
    known, note = find_known(run, path, training)
    if note:
        err.print(f"[dim]{escape(note)}[/]")
    if known is None:
        return None
    folder = Path(data or "").expanduser()
    has_originals = data is not None and takes_pictures(fitted) and holds_pictures(folder)
    originals = fingerprint_originals(folder, fitted) if has_originals else None
    n, exchanged = count_trained_on(fitted, dataset, known, originals)
    if n or exchanged:
        err.print(f"[yellow]{_format_repeated(n, exchanged, len(dataset), name_examples(dataset))}[/]")
    return n + exchanged


def _format_repeated(n: int, exchanged: int, total: int, examples: str) -> str:
    """Format the numbers of examples that were trained on, as they are and with dark and light exchanged.

    >>> _format_repeated(0, 1, 3, "images")
    '1 of 3 images has the inputs of images it was trained on, with dark and light exchanged'
    >>> _format_repeated(2, 1, 3, "images")
    '3 of 3 images have the inputs of images it was trained on, 1 of them with dark and light exchanged'
    """
    have = "has" if n + exchanged == 1 else "have"
    line = f"{n + exchanged:,} of {total:,} {examples} {have} the inputs of {examples} it was trained on"
    return line + (f", {f'{exchanged:,} of them ' if n else ''}with dark and light exchanged" if exchanged else "")


def name_part(dataset: Dataset, part: str, examples: str) -> str:
    """Name the examples with their number, such as "43 test rows"."""
    n = len(dataset)
    if part == "all":
        return f"all {n:,} {examples}" if n > 1 else f"{n} {examples[:-1]}"
    return f"{n:,} {'training' if part == 'train' else part} {examples if n > 1 else examples[:-1]}"
