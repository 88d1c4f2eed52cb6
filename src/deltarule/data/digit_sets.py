"""Published sets of small images in their forms: IDX files, pickles, EMNIST's ``.mat``, folders of Parquet files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from deltarule.data import idx, mnist
from deltarule.data.array_file import ArrayFile
from deltarule.data.dataset import Dataset
from deltarule.data.digit_style import measure_style
from deltarule.data.emnist import is_emnist_mat, read_emnist_mat
from deltarule.data.error_context import reading
from deltarule.data.file_names import normalize, parse_name
from deltarule.data.file_set_reader import name_classes, read_file_set
from deltarule.data.file_sets import find_file_set
from deltarule.data.known_sets import Recognition, recognize_set
from deltarule.data.options import DataOptions
from deltarule.data.parquet_parts import find_parquet_parts, read_parquet_parts
from deltarule.data.photo import AS_MNIST
from deltarule.data.pickle_parts import is_pickle, read_pickle_parts
from deltarule.data.pixels import restore_images
from deltarule.data.split import Splits
from deltarule.errors import DataError

NOT_MNIST = "the name says MNIST, but its test images are not those of MNIST"
"""The doubt about a set that is called MNIST and is not."""


@dataclass(frozen=True, eq=False)
class DigitSet:
    """A set of images: its arrays, its name, and what is known about it.

    Attributes:
        file: The images and labels of each part.
        name: The name of the set.
        recognition: The names of classes, with notes and doubts.
        target: The kind of the targets, as in :class:`~deltarule.data.options.DataOptions`.
        fields: The statements about data that apply to it.
    """

    file: ArrayFile
    name: str
    recognition: Recognition = field(default_factory=lambda: Recognition({}))
    target: str = "auto"
    fields: tuple[str, ...] = ("target", "split")


OF_FILES = ("target", "test", "split")
OF_PICKLES = ("x", "y", "images", "missing", "target", "split")
OF_PARQUET = ("label", "target", "split")
"""The statements that apply to a form."""


def read_digit_set(path: Path, options: DataOptions) -> DigitSet | None:
    """Read a set of images from a folder or a file; None for data of another form.

    Raises:
        DataError: As the readers of the forms do.
    """
    with reading(path):
        if (found := find_file_set(path)) is not None:
            content = read_file_set(found, options)
            return DigitSet(content.file, found.name, content.recognition, content.target, OF_FILES)
        if path.is_dir():
            if parts := find_parquet_parts(path):
                file = read_parquet_parts(parts, options)
                return DigitSet(file, path.resolve().name, target=options.target, fields=OF_PARQUET)
            _refuse_processed(path)
            return None
        name = path.name.split(".")[0]
        if is_pickle(path):
            return DigitSet(read_pickle_parts(path, options), name, target=options.target, fields=OF_PICKLES)
        if is_emnist_mat(path):
            file, characters = read_emnist_mat(path)
            known = recognize_set(["emnist", name])
            turned = {part: (x.transpose(0, 2, 1), y) for part, (x, y) in file.parts.items()}
            recognition = replace(known, classes=characters or known.classes)
            return DigitSet(replace(file, parts=turned), name, recognition, "classes", ("split",))
    return None


def _refuse_processed(folder: Path) -> None:
    """Raise :class:`DataError` for a folder with nothing but torchvision's ``training.pt`` and ``test.pt``."""
    for place in (folder, folder / "processed", *folder.glob("*/processed")):
        if found := sorted(place.glob("*.pt")) if place.is_dir() else []:
            raise DataError(
                "expected images and labels, got PyTorch's pickles, which are never opened as they could run code",
                path=found[0],
                remedy="give torchvision's folder raw, which lies beside processed; or save the tensors with "
                "numpy.savez(…, x_train=x.numpy(), y_train=y.numpy())",
            )


def complete_splits(splits: Splits, recognition: Recognition) -> tuple[Splits, tuple[str, ...]]:
    """Name the classes, and state the style of the characters in the images where all have the same; add notes.

    >>> x = np.zeros((20, 28, 28), np.uint8)
    >>> x[:, 4:24, 9:20] = 255
    >>> data = Dataset(x, np.arange(20) % 2, classes=("1", "2"))
    >>> (named, _, _), notes = complete_splits((data, data, data), Recognition({1: "A", 2: "B"}))
    >>> named.classes, named.style == AS_MNIST
    (('A', 'B'), True)
    """
    classes = name_classes(splits[0].classes, recognition.classes)
    is_upright = not (recognition.is_turned and splits[0].schema is not None)  # a table is not turned
    style = measure_style(replace(splits[0], classes=classes)) if splits[0].style is None and is_upright else None
    notes: tuple[str, ...] = ()
    if recognition.classes and classes == splits[0].classes and set(classes) - set(recognition.classes.values()):
        notes = ("the classes keep their numbers, as some have no name",)
    if style is not None:
        side = splits[0].x.shape[1]
        like = ", as in MNIST" if style == AS_MNIST else ""
        notes += (
            f"the characters fit a box of {round(style.fill * side)} of {side} pixels and have the same centre{like}: "
            "a new picture to predict is cropped and centred in this way",
        )
    if style is None and classes == splits[0].classes:
        return splits, notes
    done: dict[int, Dataset] = {}
    for part in splits:  # parts that are the same object stay so
        done.setdefault(id(part), replace(part, classes=classes, style=style or part.style))
    training, validation, test = (done[id(part)] for part in splits)
    return (training, validation, test), notes


def compare_with_mnist(file: ArrayFile, name: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Compare the test images with MNIST's; return notes, and doubts about a set that is called MNIST and is not.

    >>> x = np.zeros((2, 28, 28), np.uint8)
    >>> compare_with_mnist(ArrayFile({"test": (x, None)}), "mnist")[1]
    ('the name says MNIST, but its test images are not those of MNIST',)
    """
    x = file.parts["test"][0] if "test" in file.parts else None
    is_like = x is not None and x.dtype == np.uint8 and x.size % 784 == 0 and 0 not in x.shape
    if x is not None and is_like and idx.digest(x.reshape(-1, 28, 28)) == mnist.FILES["t10k-images-idx3-ubyte"]:
        return ("the test images are those of MNIST",), ()
    if x is not None and normalize(parse_name(name).set) == "mnist":
        return (), (NOT_MNIST,)
    return (), ()


def restore_named_images(file: ArrayFile, name: str) -> ArrayFile:
    """Restore the images of rows of pixels in a file whose name says that it is a set of digits, such as ``usps``.

    >>> restore_named_images(ArrayFile({"all": (np.full((2, 256), 0.3), None)}), "usps").parts["all"][0].shape
    (2, 16, 16)
    """
    if not any(known in normalize(name) for known in ("usps", "mnist")):
        return file
    restored = {part: restore_images(x) for part, (x, _) in file.parts.items()}
    parts = {part: (restored[part][0], y) for part, (_, y) in file.parts.items()}
    notes = dict.fromkeys(note for _, notes in restored.values() for note in notes)
    return ArrayFile(parts, (*file.notes, *notes))


def explain_difference(files: Mapping[str, Path]) -> str:
    """Say in a sentence how files with the names of MNIST's differ from them."""
    other = []
    for name, path in files.items():
        try:
            mnist.read(path, mnist.FILES[name])
        except DataError:
            other.append(path.name)
    missing = [name for name in mnist.FILES if name not in files]
    if len(other) == len(files):
        return "the files have the names of MNIST's, but another content: they are read as data of your own"
    if other:
        return (
            f"{', '.join(other)} {'is' if len(other) == 1 else 'are'} not MNIST's, the other files are; if this should "
            "be MNIST, download again"
        )
    return f"these are files of MNIST, without {', '.join(missing)}"
