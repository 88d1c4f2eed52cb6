"""The names of the files of a data set: the set, the part and the role that they state."""

from __future__ import annotations

import re
from typing import NamedTuple

PARTS = {
    **dict.fromkeys(("train", "training", "trn"), "train"),
    **dict.fromkeys(("test", "testing", "t10k", "eval"), "test"),
    **dict.fromkeys(("validation", "valid", "val", "dev"), "validation"),
}
"""The words for the parts of a data set."""

_IMAGES = ("images", "image", "imgs", "img", "pictures", "features", "inputs")
_LABELS = ("labels", "label", "lbls", "lbl", "targets", "target", "classes")
_WORDS = {**dict.fromkeys(_IMAGES, "x"), **dict.fromkeys(_LABELS, "y")}
_LETTERS = {"x": "x", "y": "y", "data": "x"}  # a name may have them besides a word
_FORMAT = re.compile(r"idx\d?|ubyte|byte|short|int|float|double|gz|npy|npz|bin|(u?int|float)\d+", re.IGNORECASE)
_IDX = re.compile(r"(^|[^a-z])idx\d?([^a-z]|$)|ubyte", re.IGNORECASE)


class FileName(NamedTuple):
    """The set, the part ("train", "validation", "test" or "") and the role ("x", "y" or "") in a file's name."""

    set: str
    part: str
    role: str


def parse_name(name: str) -> FileName:
    """Find the set, the part and the role that a file's name states; "" for what it does not state.

    >>> parse_name("emnist-letters-train-images-idx3-ubyte.gz")
    FileName(set='emnist-letters', part='train', role='x')
    >>> parse_name("t10k-labels.idx1-ubyte"), parse_name("X_valid.npy")
    (FileName(set='', part='test', role='y'), FileName(set='', part='validation', role='x'))
    """
    words = [word for word in re.split(r"[^A-Za-z0-9]+", name) if word and not _FORMAT.fullmatch(word)]
    lower = [word.lower() for word in words]
    roles = _WORDS if any(word in _WORDS for word in lower) else _LETTERS
    role = next((roles[word] for word in reversed(lower) if word in roles), "")
    part = next((PARTS[word] for word in lower if word in PARTS), "")
    rest = [word for word, plain in zip(words, lower, strict=True) if plain not in roles and plain not in PARTS]
    return FileName("-".join(rest), part, role)


def is_idx_name(name: str) -> bool:
    """Return True for a name such as those of MNIST's files.

    >>> is_idx_name("qmnist-train-labels-idx2-int"), is_idx_name("idxtable.csv")
    (True, False)
    """
    return _IDX.search(name) is not None


def normalize(name: str) -> str:
    """Return a name in small letters without punctuation, to recognize a data set by it.

    >>> normalize("Fashion-MNIST"), normalize("fashion_mnist.npz")
    ('fashionmnist', 'fashionmnistnpz')
    """
    return re.sub(r"[\W_]", "", name.lower())
