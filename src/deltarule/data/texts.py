"""Texts as sequences of characters, and the text that comes with deltarule."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from deltarule.core.constraints import Constraint, check, instance, number, one_of, whole
from deltarule.data.dataset import Dataset
from deltarule.data.split import Splits
from deltarule.data.step_labels import StepLabels
from deltarule.errors import DataError, InvalidArgument

FOLDER = Path(__file__).parent / "texts"
"""The folder of the texts; the README there names their source and licence."""

TEXTS = {"alice": "alice.txt"}
"""The texts that come with deltarule, by name: *Alice's Adventures in Wonderland* by Lewis Carroll, 1865."""

VALIDATION, TEST = 0.05, 0.05
"""The shares of the text that are the validation and the test set; they are its end."""


ALPHABET = Constraint(
    "a text of different characters, such as 'abc'",
    lambda value: isinstance(value, str) and 0 < len(value) == len(set(value)),
)


def read_text(name: str = "alice") -> str:
    """Read a text that comes with deltarule.

    Raises :class:`InvalidArgument` for an unknown name, and :class:`DataError` if the file is missing.

    >>> text = read_text("alice")
    >>> len(text), len(set(text)), text[:35]
    (144320, 69, 'CHAPTER I. Down the Rabbit-Hole\\n\\nAl')
    """
    check("name", name, one_of(*TEXTS))
    try:
        return (FOLDER / TEXTS[name]).read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"the text {name!r} could not be read: {error}", remedy="install deltarule again") from None


def find_alphabet(text: str) -> str:
    """Find the characters of a text, in the order of their numbers.

    >>> find_alphabet("hello")
    'ehlo'
    """
    return "".join(sorted(set(text)))


def encode_text(text: str, alphabet: str) -> np.ndarray:
    """Encode a text as positions in the alphabet, (characters,).

    Raises :class:`DataError` for a character that the alphabet lacks.

    >>> encode_text("hell", "ehlo").tolist()
    [1, 0, 2, 2]
    """
    positions = {character: i for i, character in enumerate(alphabet)}
    if (unknown := next((i for i, character in enumerate(text) if character not in positions), None)) is not None:
        raise DataError(
            position=f"character {unknown}", expected="a character of the alphabet", value=text[unknown],
            remedy="leave it out, or find the alphabet of all texts together",
        )  # fmt: skip
    return np.array([positions[character] for character in text], np.int64)


def cut_text(text: str, steps: int, alphabet: str | None = None, stride: int | None = None) -> Dataset:
    """Cut a text into sequences, to predict at each step the next character.

    The characters of a sequence are its inputs, one of K for an alphabet of K, and its labels are the characters that
    follow them, so a sequence needs ``steps`` + 1 characters. What is left at the end is left out.

    Args:
        text: The text.
        steps: The number of characters of a sequence.
        alphabet: The characters that occur, in the order of the inputs and outputs; by default those of the text.
        stride: The number of characters from the start of a sequence to the start of the next, by default ``steps``.

    Returns:
        A data set of sequences, with x (n, steps, K) uint8, y (n, steps), and the alphabet as ``classes``.

    Raises:
        DataError: If the text is too short for one sequence, or has a character that the alphabet lacks.

    >>> data = cut_text("hello", steps=2)
    >>> data.x.shape, data.y.tolist(), data.classes
    ((2, 2, 4), [[0, 2], [2, 3]], ('e', 'h', 'l', 'o'))
    """
    check("text", text, instance(str, "a text"))
    check("steps", steps, whole(1))
    check("stride", 1 if stride is None else stride, whole(1))
    check("alphabet", "a" if alphabet is None else alphabet, ALPHABET)
    alphabet, stride = find_alphabet(text) if alphabet is None else alphabet, steps if stride is None else stride
    if len(text) <= steps:
        raise DataError(
            f"expected a text of more than {steps} characters, for one sequence, got {len(text)}",
            argument="text",
            remedy="use fewer steps",
        )
    windows = np.lib.stride_tricks.sliding_window_view(encode_text(text, alphabet), steps + 1)[::stride]
    x = np.eye(len(alphabet), dtype=np.uint8)[windows[:, :-1]]
    encoding = StepLabels(len(alphabet), steps)
    return Dataset(x, windows[:, 1:], "text", 1.0, tuple(alphabet), encoding)


def split_text(text: str, steps: int, validation: float = VALIDATION, test: float = TEST) -> Splits:
    """Divide a text into its beginning, for training, and its last parts, and cut each into sequences.

    ``validation`` and ``test`` are shares of the characters, between 0 and 1, and less than 1 in all. Raises
    :class:`InvalidArgument` for others, and the same errors as :func:`cut_text`.

    >>> train, validation, test = split_text(read_text("alice"), steps=50)
    >>> len(train), len(validation), len(test)
    (2597, 144, 144)
    """
    check("text", text, instance(str, "a text"))
    check("validation", validation, number(above=0, below=1))
    check("test", test, number(above=0, below=1))
    if validation + test >= 1:
        raise InvalidArgument(
            argument="validation", expected=f"a share below {1 - test:g}, as test is {test:g}", value=validation
        )
    alphabet, n = find_alphabet(text), len(text)
    first, second = round(n * (1 - validation - test)), round(n * (1 - test))
    parts = text[:first], text[first:second], text[second:]
    training, held_out, last = (cut_text(part, steps, alphabet) for part in parts)
    return training, held_out, last
