"""The errors that deltarule raises: each holds facts in fields, and :func:`format_error` phrases them.

>>> import deltarule as dr
>>> try:
...     dr.Dropout(1.5)
... except dr.errors.InvalidArgument as error:
...     print(error.argument, error.value, error.expected, sep=" | ")
p | 1.5 | a number of at least 0 and below 1
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from os import PathLike
from typing import Any, Self

__all__ = [
    "DataError",
    "DeltaruleError",
    "DivergedError",
    "FileError",
    "Interrupted",
    "InvalidArgument",
    "MissingExtra",
    "ShapeError",
    "format_error",
]

LONGEST = 100
"""The largest number of characters of a value in an error message."""


class _Nothing:
    """A singleton that stays one when it is pickled."""

    def __reduce__(self) -> str:
        return "NOTHING"


NOTHING: Any = _Nothing()
"""The ``value`` of an error that concerns no value."""


class DeltaruleError(Exception):
    """The base class: catch this to catch every error that deltarule raises on purpose.

    ``str(error)`` is the line of :func:`format_error`.

    Args:
        problem: a sentence about the problem, where ``expected`` and ``value`` do not suffice.
        argument: the name of the argument.
        owner: the name of the record that the argument is a field of.
        value: the value of the argument.
        expected: a noun phrase that describes the valid values.
        path: the path of the file.
        position: the place in the file, the network or the data set, such as ``"line 12"``.
        remedy: what to do, an imperative.

    >>> str(InvalidArgument(argument="eta", expected="a number above 0 or a Schedule", value="fast"))
    "eta: expected a number above 0 or a Schedule, got 'fast'"
    >>> str(DataError("expected 5 columns, got 4", path="labels.csv", position="line 12", remedy="look for a comma"))
    'labels.csv, line 12: expected 5 columns, got 4; look for a comma'
    """

    def __init__(
        self,
        problem: str = "",
        *,
        argument: str = "",
        owner: str = "",
        value: Any = NOTHING,
        expected: str = "",
        path: str | PathLike[str] | None = None,
        position: str = "",
        remedy: str = "",
    ) -> None:
        super().__init__(problem)
        self.problem, self.argument, self.owner, self.value = problem, argument, owner, value
        self.expected, self.path, self.position, self.remedy = expected, path, position, remedy

    def __str__(self) -> str:
        return format_error(self)

    def __reduce__(self) -> tuple[Any, ...]:
        return _restore_error, (type(self), self.args), vars(self)  # a subclass may have other constructor arguments

    def with_fields(self, **fields: Any) -> Self:
        """Set fields that only the caller knows, such as the path, and return the error itself.

        >>> try:
        ...     raise DataError("expected 5 columns, got 4", position="line 12")
        ... except DataError as error:
        ...     print(error.with_fields(path="labels.csv"))
        labels.csv, line 12: expected 5 columns, got 4
        """
        known = {name: value for name, value in vars(self).items() if name in _FIELDS}
        DeltaruleError.__init__(self, **known | fields)
        return self


def _restore_error(kind: type[DeltaruleError], args: tuple[Any, ...]) -> DeltaruleError:
    """Create an error as pickle needs it, without fields."""
    return kind.__new__(kind, *args)


_FIELDS = ("problem", "argument", "owner", "value", "expected", "path", "position", "remedy")


def format_error(error: DeltaruleError, name: Callable[[str], str] = str) -> str:
    """Format an error as one line: place, argument, what was expected, what was given, what to do.

    ``name`` translates the name of an argument for the reader, for example to an option of a command; a translated
    name is written without ``owner``.

    >>> error = InvalidArgument(argument="lmbda", owner="L2", expected="a number of at least 0", value=-1)
    >>> format_error(error), format_error(error, {"lmbda": "--l2"}.get)
    ('lmbda of L2: expected a number of at least 0, got -1', '--l2: expected a number of at least 0, got -1')
    """
    subject = name(error.argument) or error.argument
    if error.owner and subject == error.argument:
        subject = f"{subject} of {error.owner}"
    place = ", ".join(str(part) for part in (error.path, error.position) if part)
    got = "" if error.value is NOTHING else f", got {_format_value(error.value)}"
    problem = error.problem or f"expected {error.expected}{got}"
    line = ": ".join(part for part in (place, subject, problem) if part)
    return f"{line}; {error.remedy}" if error.remedy else line


def _format_value(value: Any) -> str:
    """Format a value in one line: a path as its text, an array by its shape, a long value shortened.

    >>> _format_value([1, 2]), _format_value(list(range(99)))
    ('[1, 2]', '[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, …')
    """
    if getattr(value, "shape", ()):
        is_array = hasattr(value, "dtype")
        return f"an array of shape {value.shape}, {value.dtype}" if is_array else f"a table of shape {value.shape}"
    try:
        text = " ".join(repr(str(value) if isinstance(value, PathLike) else value).split())
    except Exception:  # of a whole number of thousands of digits, or of a class of the user's
        return f"a value of type {type(value).__name__} that cannot be shown"
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 30]} …"


class InvalidArgument(DeltaruleError, ValueError):
    """An invalid argument: an unknown name, a number out of range, an object of another kind.

    >>> import deltarule as dr
    >>> dr.Dense(0)
    Traceback (most recent call last):
        ...
    deltarule.errors.InvalidArgument: n_out of Dense: expected a whole number of at least 1, got 0
    """


class ShapeError(DeltaruleError):
    """Layers, data or parameters whose shapes do not fit together.

    >>> import deltarule as dr
    >>> dr.Dense(10).output_shape((28, 28))
    Traceback (most recent call last):
        ...
    deltarule.errors.ShapeError: input_shape of Dense: expected a flat shape (n,), got (28, 28); put Flatten() before it
    """


class DataError(DeltaruleError):
    """A data set that is missing, damaged or inconsistent.

    >>> raise DataError(path="labels.csv", position="line 12", expected="a label from 0 to 9", value="ten")
    Traceback (most recent call last):
        ...
    deltarule.errors.DataError: labels.csv, line 12: expected a label from 0 to 9, got 'ten'
    """


class FileError(DeltaruleError):
    """A model, checkpoint or network file that is missing, damaged, of another program, or cannot be written.

    >>> import deltarule as dr
    >>> try:
    ...     dr.load("no such model")
    ... except FileError as error:
    ...     print(error.path)
    no such model
    """


class DivergedError(DeltaruleError):
    """Training that diverged: a parameter or cost is not finite. The message names the epoch, the step and the layer.

    >>> raise DivergedError("the cost is nan", position="epoch 1, step 3", remedy="train with a smaller eta")
    Traceback (most recent call last):
        ...
    deltarule.errors.DivergedError: epoch 1, step 3: the cost is nan; train with a smaller eta
    """


class MissingExtra(DeltaruleError):
    """A missing package, which one of deltarule's extras would install.

    >>> try:
    ...     with require_extra("lab", "the lab"):
    ...         import no_such_package
    ... except MissingExtra as error:
    ...     print(error.remedy)
    install it: pip install 'deltarule[lab]'
    """


@contextmanager
def require_extra(name: str, purpose: str) -> Generator[None]:
    """Turn a failed import in the block into :class:`MissingExtra`, which names the extra to install.

    >>> try:
    ...     with require_extra("lab", "the lab"):
    ...         import no_such_package
    ... except MissingExtra as error:
    ...     print(error)
    the lab: expected the package no_such_package, which is not installed; install it: pip install 'deltarule[lab]'
    """
    try:
        yield
    except ModuleNotFoundError as error:
        package = (error.name or "").split(".")[0]
        if package == "deltarule":
            raise
        raise MissingExtra(
            f"{purpose}: expected the package {package}, which is not installed",
            remedy=f"install it: pip install 'deltarule[{name}]'",
        ) from error


class Interrupted(KeyboardInterrupt):
    """Ctrl-C during training, raised after the current step; ``model`` is the model trained so far.

    >>> try:
    ...     raise Interrupted("interrupted in epoch 3", model="the model after 2 epochs")
    ... except Interrupted as interrupted:
    ...     print(interrupted.model)
    the model after 2 epochs
    """

    def __init__(self, message: str, model: object) -> None:
        super().__init__(message)
        self.model = model

    def __reduce__(self) -> tuple[Any, ...]:
        return Interrupted, (str(self), self.model)
