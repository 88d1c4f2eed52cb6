"""The examples that ``deltarule evaluate`` measures on, notes about them, and overlaps with the training."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from deltarule.cli.console import err, escape

if TYPE_CHECKING:
    from deltarule.data import Dataset
    from deltarule.training.runs import Run

PARTS = ("train", "validation", "test", "all")


def find_examples(
    run: Run, data: str | None, part: str | None, ignore: str | None
) -> tuple[Dataset, str, tuple[str, ...], Dataset | None]:
    """Find the examples to evaluate on, the name of their part, notes about them, and the training set if loaded."""
    from dataclasses import replace

    import numpy as np

    from deltarule.cli.data_options import find_run_data, split_names
    from deltarule.cli.defaults import encode_as
    from deltarule.cli.option_errors import report_as_option
    from deltarule.cli.training_rows import check_unchanged
    from deltarule.data.options import DataOptions
    from deltarule.data.phrases import count
    from deltarule.data.table_sources import is_table
    from deltarule.preprocessing.tables import ModelTable
    from deltarule.training.runs import require_data

    own, model = require_data(run) if data is None else data, run.model
    is_own = data is None or (run.data is not None and Path(own).expanduser().resolve() == Path(run.data))
    if model.preprocessing.schema is not None and (part == "all" or not is_own) and is_table(Path(own)):
        options = DataOptions(ignore=split_names("ignore", ignore) if ignore else ())
        with report_as_option("--data", own):
            table = ModelTable.open(Path(own).expanduser(), model.preprocessing, options)
            dataset, left_out = table.read_labelled(Path(own.removesuffix(".gz")).stem)
        is_one = left_out == 1
        note = f"{count(left_out, 'row')} with missing values {'is' if is_one else 'are'} left out"
        notes = (note,) if left_out else ()
        return dataset, "all", (*table.selection.notes, *notes), None
    found = find_run_data(own, run.notes if is_own else {**run.notes, "fold": None})
    splits = encode_as(model.encoding, found.data)
    training = check_unchanged(run, found) if is_own and part != "all" else None
    part = part or ("all" if found.summary and not is_own else "test")
    if part == "all":
        parts = list({id(one): one for one in splits}.values())
        x, y = (np.concatenate([getattr(one, name) for one in parts]) for name in ("x", "y"))
        return replace(splits[0], x=x, y=y, name=found.name), part, (), None
    return replace(splits[PARTS.index(part)], name=found.name), part, (), training


def count_repeated(run: Run, dataset: Dataset, training: Dataset | None) -> int | None:
    """Count the examples whose inputs the run was trained on, and say so; None if that is not known."""
    from deltarule.cli.training_rows import count_known, load_training_set
    from deltarule.training.callbacks import name_examples

    if training is None:
        training, note = load_training_set(run)
        if note:
            err.print(f"[dim]{escape(note)}[/]")
    if training is None:
        return None
    n, examples = count_known(run.model.preprocessing, dataset, training), name_examples(dataset)
    if n:
        have = "has" if n == 1 else "have"
        of = f"{n:,} of {len(dataset):,} {examples}"
        err.print(f"[yellow]{of} {have} the inputs of {examples} it was trained on[/]")
    return n


def name_part(dataset: Dataset, part: str, examples: str) -> str:
    """Name the examples with their number, such as "43 test rows"."""
    n = len(dataset)
    if part == "all":
        return f"all {n:,} {examples}" if n > 1 else f"{n} {examples[:-1]}"
    return f"{n:,} {part} {examples if n > 1 else examples[:-1]}"
