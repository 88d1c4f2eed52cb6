"""Published sets of images in MNIST's form, and the names of their classes.

The sets are recognized by the names of files and folders, or by the published MD5 of the file of labels. EMNIST stores
its pictures turned: the rows of a file are the columns of a picture.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from string import ascii_lowercase, ascii_uppercase, digits

from deltarule.data.file_names import normalize

_LARGEST = 2**20  # bytes of a file of labels that is hashed, or of names that are read
_DIGITS = dict(enumerate(digits))
_LETTERS = dict(enumerate(ascii_uppercase, 1))
_BY_CLASS = dict(enumerate(digits + ascii_uppercase + ascii_lowercase))
_MERGED = dict(enumerate(digits + ascii_uppercase + "abdefghnqrt"))  # the other small letters are like their capitals
_EMNIST: Mapping[str, Mapping[int, str]] = {
    "letters": _LETTERS,
    "balanced": _MERGED,
    "bymerge": _MERGED,
    "byclass": _BY_CLASS,
    "digits": _DIGITS,
    "mnist": _DIGITS,
}


@dataclass(frozen=True)
class KnownSet:
    """A published data set.

    Attributes:
        name: Its name.
        names: The names of files and folders by which it is recognized, normalized.
        md5: The MD5 of its files of labels, compressed as published.
        classes: The names of the classes 0, 1, 2, …
    """

    name: str
    names: frozenset[str]
    md5: frozenset[str]
    classes: tuple[str, ...]


KNOWN = (
    KnownSet(
        "Fashion-MNIST",
        frozenset({"fashionmnist", "fashion", "fmnist"}),
        frozenset({"25c81989df183df01b3e8a0aad5dffbe", "bb300cfdad3c16e7a12a480ee83cd310"}),
        ("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"),
    ),
    KnownSet(
        "KMNIST",
        frozenset({"kmnist", "kuzushijimnist"}),
        frozenset({"e144d726b3acfaa3e44228e80efcd344", "7320c461ea6c1c855c0b718fb2a4b134"}),
        ("o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"),
    ),
)
"""Sets whose classes have names."""


@dataclass(frozen=True)
class Recognition:
    """Facts about a set that its names or its files tell.

    Attributes:
        classes: The name of each label that has one.
        is_turned: True if rows and columns of the pictures are exchanged.
        notes: Sentences about these.
        doubts: Sentences about what could be otherwise.
    """

    classes: Mapping[int, str]
    is_turned: bool = False
    notes: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()


def recognize_set(names: Iterable[str], labels: Iterable[Path] = ()) -> Recognition:
    """Recognize a set by the names of its files and folders, and by its files of labels.

    A file beside the labels that names the classes is used: EMNIST's ``emnist-letters-mapping.txt``, or
    ``kmnist_classmap.csv``.

    >>> found = recognize_set(["emnist-letters"])
    >>> found.is_turned, found.classes[1], found.notes[0]
    (True, 'A', 'the pictures of EMNIST are stored with rows and columns exchanged; they are turned upright')
    >>> recognize_set(["FashionMNIST"]).classes[9]
    'Ankle boot'
    """
    names, labels = list(names), list(labels)
    if any("emnist" in normalize(name) for name in names):
        return _recognize_emnist(names, labels)
    if (found := _find_mapping(labels, "*classmap.csv", _parse_classmap)) is not None:
        path, classes = found
        return Recognition(classes, notes=(f"the classes are named as in {path.name}",))
    by_name = {normalize(name): name for name in names}
    for known in KNOWN:
        classes = dict(enumerate(known.classes))
        if matching := known.names & by_name.keys():
            why = f"by the name {by_name[min(matching)]}"
        elif any(_hash(path) in known.md5 for path in labels):
            why = "by the checksum of the labels"
        else:
            continue
        listed = f"{known.classes[0]}, …, {known.classes[-1]}"
        return Recognition(classes, notes=(f"the classes are named as in {known.name}, {why}: {listed}",))
    return Recognition({})


def recognize_table(name: str, classes: tuple[str, ...]) -> Recognition:
    """Recognize a published set in a table by its name; rows and labels stay as they are written.

    >>> recognize_table("usps", tuple(map(str, range(1, 11)))).doubts
    ('the labels of USPS as a table are the digits plus 1: class 1 is the digit 0, class 10 the digit 9',)
    """
    doubts: tuple[str, ...] = ()
    if "usps" in normalize(name) and classes == tuple(map(str, range(1, 11))):
        doubts = ("the labels of USPS as a table are the digits plus 1: class 1 is the digit 0, class 10 the digit 9",)
    is_turned = "emnist" in normalize(name)
    if is_turned:
        doubts = (
            "the pictures of EMNIST have rows and columns exchanged, and those of a table stay so: turn new pictures "
            "in the same way, or give the files of images (idx3-ubyte), which are turned upright",
        )
    return Recognition({}, is_turned, doubts=doubts)


def _recognize_emnist(names: list[str], labels: list[Path]) -> Recognition:
    turned = "the pictures of EMNIST are stored with rows and columns exchanged; they are turned upright"
    kind = next(
        (kind for name in names for kind in _EMNIST if re.search(rf"(^|[^a-z]){kind}($|[^a-z])", name.lower())), ""
    )
    pattern = f"*{kind}*mapping.txt" if kind else "*mapping.txt"
    if (found := _find_mapping(labels, pattern, _parse_mapping)) is not None:
        path, classes = found
        return Recognition(classes, True, (turned, f"the classes are named as in {path.name}"))
    if kind:
        note = f"the classes are those of EMNIST {kind}"
        return Recognition(_EMNIST[kind], True, (turned, note))
    doubt = f"the classes keep their numbers, as no name says which set of EMNIST this is: {', '.join(_EMNIST)}"
    return Recognition({}, True, (turned,), (doubt,))


def _find_mapping(
    labels: list[Path], pattern: str, parse: Callable[[str], dict[int, str]]
) -> tuple[Path, dict[int, str]] | None:
    """Find the only file beside the labels with the names of the classes, and read it; None if there is none."""
    found = sorted(labels[0].parent.glob(pattern)) if labels else []
    if len(found) != 1 or not found[0].is_file() or found[0].stat().st_size > _LARGEST:
        return None
    try:
        classes = parse(found[0].read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, IndexError, OverflowError):
        return None
    return (found[0], classes) if classes and len(set(classes.values())) == len(classes) else None


def _parse_mapping(text: str) -> dict[int, str]:
    """Parse lines of a label and the codes of its characters, of which the first names it."""
    rows = [list(map(int, line.split())) for line in text.splitlines() if line.strip()]
    return {row[0]: chr(row[1]) for row in rows if chr(row[1]).isprintable()}


def _parse_classmap(text: str) -> dict[int, str]:
    """Parse lines of a label, the code of a character as U+304A and the character, after a heading."""
    rows = [line.split(",") for line in text.splitlines()[1:] if line.strip()]
    names = {int(row[0]): unicodedata.name(chr(int(row[1].removeprefix("U+"), 16))) for row in rows}
    return {label: name.removeprefix("HIRAGANA ").removeprefix("LETTER ").lower() for label, name in names.items()}


def _hash(path: Path) -> str:
    try:
        small = path.stat().st_size <= _LARGEST
        return hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest() if small else ""
    except OSError:
        return ""
