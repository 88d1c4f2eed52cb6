"""Data of your own: a folder of pictures, a table, or a file of arrays, divided into three sets of raw values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from deltarule.data.array_file import SUFFIXES, ArrayFile, read_arrays
from deltarule.data.array_splits import build_array_splits
from deltarule.data.digit_sets import compare_with_mnist, complete_splits, read_digit_set, restore_named_images
from deltarule.data.division import divide_folds
from deltarule.data.error_context import reading
from deltarule.data.frames import is_frame, open_frame
from deltarule.data.images import read_folder
from deltarule.data.known_sets import Recognition, recognize_set, recognize_table
from deltarule.data.libsvm import find_test_file
from deltarule.data.numpy_files import is_structured
from deltarule.data.options import DataOptions
from deltarule.data.parquet_parts import read_parquet_parts
from deltarule.data.picture_archives import unpack_pictures
from deltarule.data.picture_names import PICTURES
from deltarule.data.picture_splits import build_picture_splits
from deltarule.data.picture_table import find_picture_column
from deltarule.data.roles import Roles, choose_roles
from deltarule.data.split import Splits
from deltarule.data.summary import describe
from deltarule.data.table import Table, TableReader
from deltarule.data.table_sources import open_table
from deltarule.data.table_splits import build_splits, find_groups, note_undivided
from deltarule.errors import DataError


@dataclass(frozen=True, eq=False)
class UserData:
    """Three sets of data of your own, and what was understood of the source.

    Attributes:
        splits: The training, validation and test sets; the same object where the examples are not divided.
        summary: Two lines about rows, columns, target and parts.
        notes: Sentences about what was decided or left out.
        doubts: Sentences about what could be meant otherwise.
        groups: The group of each row of the training set, if groups are stated and the rows are not divided.
        name: The name of the data set, if its files state one.
    """

    splits: Splits
    summary: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    groups: np.ndarray | None = None
    name: str = ""


def load(path: Path, size: tuple[int, int] | None = None, options: DataOptions | None = None) -> UserData:
    """Load training, validation and test sets, 5/7, 1/7 and 1/7 of each class, as MNIST has them.

    A class of three examples or more is in all three sets, a smaller one only in the training set; the split is
    reproducible (:mod:`deltarule.data.split`). A test set of the source is kept, and a sixth of the rest becomes the
    validation set. Fewer than ten rows are not divided.

    Args:
        path: A folder of pictures (:func:`~deltarule.data.images.read_folder`), a table
            (:func:`~deltarule.data.table_sources.open_table`) or a file of arrays
            (:func:`~deltarule.data.array_file.read_arrays`).
        size: The (height, width) of pictures, as ``options.size``.
        options: What is stated about the data.

    Raises:
        DataError: For damaged files, and for a table that cannot be understood.
        InvalidArgument: For an invalid size.
    """
    options = options or DataOptions()
    options = options if size is None else replace(options, size=size)
    own = _load(path, options)
    return replace(own, notes=(*own.notes, *note_undivided(own.splits, options)))


def _load(path: Path, options: DataOptions) -> UserData:
    with reading(path):
        if (found := read_digit_set(path, options)) is not None:
            _check_statements(options, found.fields, "data of another form, not a set of images and labels")
            own = _load_arrays(found.file, replace(options, target=found.target), found.name, found.recognition)
            return replace(own, name=found.name)
        if path.is_dir():
            return _load_pictures(path, options)
        if path.suffix.lower() == ".zip":
            with TemporaryDirectory(prefix="deltarule-") as unpacked, _naming_members(path, unpacked):
                return _load_pictures(unpack_pictures(path, Path(unpacked, "pictures")), options)
        if path.suffix.lower() in PICTURES:
            expected = (
                "expected a folder with a sub-folder of pictures for each class, a table or arrays, got a picture"
            )
            raise DataError(expected)
        if path.suffix.lower() in (".parquet", ".pq") and find_picture_column(path):
            parts = {"train": [path], "test": [Path(options.test).expanduser()]} if options.test else {"": [path]}
            return _load_arrays(read_parquet_parts(parts, options), options, path.stem)
        _check_statements(options, TABLE_FIELDS, "pictures, not a table or arrays")
        if path.suffix.lower() in SUFFIXES and not (path.suffix.lower() == ".npy" and is_structured(path)):
            _check_columns(options)
            return _load_arrays(restore_named_images(read_arrays(path, options), path.stem), options, path.stem)
        name = path.name.split(".")[0] or path.name
        if options.test or (test := find_test_file(path)) is None:
            return load_table(open_table(path, options), options, name)
        own = load_table(open_table(path, options), replace(options, test=str(test)), name)
        return replace(own, notes=(f"the test set is {test.name}, which lies beside the file", *own.notes))


def _load_pictures(path: Path, options: DataOptions) -> UserData:
    _check_statements(options, OF_PICTURES, "a table with columns, not a folder of pictures")
    folder = read_folder(path, options)
    splits, notes, doubts = build_picture_splits(folder, options)
    splits, style = complete_splits(splits, Recognition({}))
    return UserData(splits, describe(splits), (*folder.notes, *notes, *style), (*doubts, *folder.doubts))


@contextmanager
def _naming_members(archive: Path, unpacked: str) -> Iterator[None]:
    """Name a picture by its archive and its place in it, in an error about the folder of the unpacked pictures."""
    try:
        yield
    except DataError as error:
        if error.path and (path := Path(error.path)).is_relative_to(unpacked):
            error.with_fields(path=archive.joinpath(*path.relative_to(unpacked).parts[1:]))
        raise


PICTURE_FIELDS = ("size", "colour", "skip_damaged")
"""The statements about pictures."""

OF_PICTURES = (*PICTURE_FIELDS, "test", "split")
TABLE_FIELDS = tuple(field.name for field in fields(DataOptions) if field.name not in PICTURE_FIELDS)


def _check_statements(options: DataOptions, allowed: Sequence[str], expected: str) -> None:
    """Raise :class:`DataError` for a statement about another kind of data."""
    plain = DataOptions()
    for field in fields(options):
        if field.name not in allowed and (value := getattr(options, field.name)) != getattr(plain, field.name):
            shown = ",".join(value) if isinstance(value, tuple) and field.name != "size" else value
            raise DataError(argument=field.name, expected=expected, value=shown, remedy="leave it out")


def load_frame(frame: Any, options: DataOptions | None = None) -> UserData:
    """Load three sets from a data frame; errors as of :func:`load`."""
    options = options or DataOptions()
    own = load_table(open_frame(frame), options, "table")
    return replace(own, notes=(*own.notes, *note_undivided(own.splits, options)))


def load_table(reader: TableReader, options: DataOptions, name: str) -> UserData:
    """Load three sets from an open table, such as a data frame; errors as of :func:`load`."""
    roles = choose_roles(reader.names, reader.sample, reader.has_names, options, reader.source)
    table = _read(reader, roles)
    test = None
    if is_frame(options.test):
        test = _read(open_frame(options.test, "the test set"), roles, _list_words(table))
    elif options.test:
        with reading(options.test):
            other = open_table(Path(options.test).expanduser(), options, roles.inputs)
            test = _read(other, roles, _list_words(table))
    splits, notes = build_splits(table, roles, options, name, test)
    known = recognize_table(name, splits[0].classes)
    splits, more = complete_splits(splits, known)
    notes = (*reader.notes, *table.notes, *roles.notes, *notes, *known.notes, *more)
    groups = None if options.split else find_groups(table, roles, options)
    doubts = (*roles.doubts, *known.doubts)
    return UserData(splits, describe(splits, roles), tuple(dict.fromkeys(notes)), doubts, groups)


OF_COLUMNS = {
    "label": 'state the array of the labels: y="NAME"',
    "inputs": 'state the array of the examples: x="NAME"',
    "ignore": "leave these columns out of the array",
    "group": "save the rows as a table, such as a .csv file",
    "test": "put the test set into the same file, as the arrays x_test and y_test",
}
"""The statements about named columns, which an array has not, and what to do."""


def _check_columns(options: DataOptions) -> None:
    """Raise :class:`DataError` for a statement about named columns."""
    for name, remedy in OF_COLUMNS.items():
        if value := getattr(options, name):
            shown = ",".join(value) if isinstance(value, tuple) else value
            raise DataError(argument=name, expected="a table with columns, not arrays", value=shown, remedy=remedy)


def _load_arrays(file: ArrayFile, options: DataOptions, name: str, recognition: Recognition | None = None) -> UserData:
    splits, notes = build_array_splits(file, options, name)
    known = recognition or recognize_set([name])
    splits, more = complete_splits(splits, known)
    likeness, doubts = compare_with_mnist(file, name)
    notes = (*file.notes, *notes, *known.notes, *likeness, *more)
    return UserData(splits, describe(splits), notes, (*known.doubts, *doubts, *_doubt_channels(splits[0].x.shape)))


def _doubt_channels(shape: tuple[int, ...]) -> tuple[str, ...]:
    """Doubt that the channels of images stand last, if they seem to stand first, as PyTorch has them.

    >>> _doubt_channels((60, 3, 32, 32))
    ('the images of 3×32×32 are read with 32 channels; if they have 3, save x.transpose(0, 2, 3, 1), with the channels last',)
    >>> _doubt_channels((60, 32, 32, 3))
    ()
    """  # noqa: E501 # the output is one line
    if len(shape) != 4 or shape[1] not in (1, 3, 4) or shape[3] in (1, 3, 4):
        return ()
    size = "×".join(map(str, shape[1:]))
    advice = "save x.transpose(0, 2, 3, 1), with the channels last"
    return (f"the images of {size} are read with {shape[3]} channels; if they have {shape[1]}, {advice}",)


def load_folds(path: Path, k: int, options: DataOptions | None = None) -> tuple[UserData, list[Splits]]:
    """Load data for cross-validation: all rows, and for each of k folds the rest to train on and the fold to test on.

    The validation set of a fold is its test set: nothing may be chosen by it.

    Raises:
        DataError: As :func:`load`, and if there are fewer rows, or groups, than folds.
    """
    own = _load(path, replace(options or DataOptions(), split=False))
    whole = own.splits[0]
    folds, notes = divide_folds(whole, k, own.groups)
    everywhere = np.arange(len(whole))
    parts: list[Splits] = []
    for i, fold in enumerate(folds, 1):
        train = whole.take(np.setdiff1d(everywhere, fold))
        test = replace(whole.take(fold), name=f"{whole.name} fold {i}")
        parts.append((replace(train, name=f"{whole.name} training"), test, test))
    return replace(own, notes=(*own.notes, *notes)), parts


def _list_words(table: Table) -> dict[str, tuple[str, ...]]:
    return {column.name: column.words for column in table.columns if column.words}


def _read(reader: TableReader, roles: Roles, words: Mapping[str, tuple[str, ...]] | None = None) -> Table:
    """Read the inputs, and the targets and the group as text."""
    text = {*roles.targets, *([roles.group] if roles.group else [])} & set(reader.names)
    skip = {*reader.names} - text - {*roles.inputs}
    return reader.read(text=text, skip=skip, words=words)
