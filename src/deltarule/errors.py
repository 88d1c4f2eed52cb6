"""The family of errors: each holds what was expected, what was given and what to do; one function phrases it."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from os import PathLike
from typing import Any, Self

LONGEST = 100
"""Characters of a value that an error shows."""


class _Nothing:
    """The one value of its class, also in another process."""

    def __reduce__(self) -> str:
        return "NOTHING"


NOTHING: Any = _Nothing()
"""The value of an error that is not about a value."""


class DeltaruleError(Exception):
    """The root of the family: catch this to catch every error deltarule raises on purpose.

    An error about an argument holds its name, ``argument``, the ``value`` it had, what was ``expected``, and, if it
    is a field of a record, that record's name, ``owner``. An error about a file holds its ``path``, and ``position``
    says where in it, such as ``"line 12"``; it may also say where in a network or a data set. What ``expected`` and
    ``value`` cannot say is the ``problem``. ``remedy`` is what to do. ``str(error)`` is :func:`format_error`'s line.

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
        return _restore_error, (type(self), self.args), vars(self)  # a subclass may be made of other arguments

    def with_fields(self, **fields: Any) -> Self:
        """Set fields that only the caller knows, such as the path, and return the error, as ``with_traceback`` does.

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
    """An error as another process sent it, its fields yet to be set."""
    return kind.__new__(kind, *args)


_FIELDS = ("problem", "argument", "owner", "value", "expected", "path", "position", "remedy")


def format_error(error: DeltaruleError, name: Callable[[str], str] = str) -> str:
    """Phrase an error in one line: where, which argument, what was expected, what was given, what to do.

    ``name`` turns the name of an argument into what the reader calls it, such as an option of a command; a name that
    it changes stands without the record that it is a field of.

    >>> error = InvalidArgument(argument="lmbda", owner="L2", expected="a number from 0", value=-1)
    >>> format_error(error), format_error(error, {"lmbda": "--l2"}.get)
    ('lmbda of L2: expected a number from 0, got -1', '--l2: expected a number from 0, got -1')
    """
    said = name(error.argument) or error.argument
    subject = f"{said} of {error.owner}" if error.owner and said == error.argument else said
    place = ", ".join(str(part) for part in (error.path, error.position) if part)
    got = "" if error.value is NOTHING else f", got {_shown(error.value)}"
    problem = error.problem or f"expected {error.expected}{got}"
    line = ": ".join(part for part in (place, subject, problem) if part)
    return f"{line}; {error.remedy}" if error.remedy else line


def _shown(value: Any) -> str:
    """A value as one writes it, in one line: a path as its text, an array by its shape, what is long cut short.

    >>> _shown([1, 2]), _shown(list(range(99)))
    ('[1, 2]', '[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, …')
    """
    if getattr(value, "shape", ()):
        return f"an array of shape {value.shape}, {value.dtype}"
    text = " ".join(repr(str(value) if isinstance(value, PathLike) else value).split())
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 30]} …"


class InvalidArgument(DeltaruleError, ValueError):
    """An invalid argument: an unknown name, a number out of its range, an object of another kind."""


class ShapeError(DeltaruleError):
    """Layers, data or parameters whose shapes do not fit together."""


class DataError(DeltaruleError):
    """A data set that is missing, damaged, or does not say what it should."""


class FileError(DeltaruleError):
    """A model or checkpoint file that is missing, damaged, foreign or cannot be written."""


class DivergedError(DeltaruleError):
    """Training left the finite numbers; the message names the epoch, the step and the layer."""


class MissingExtra(DeltaruleError):
    """A package that one of deltarule's extras installs and that is not installed."""


@contextmanager
def extra(name: str, purpose: str) -> Generator[None]:
    """Raise :class:`MissingExtra` where an import within the block lacks a package that the extra installs.

    >>> try:
    ...     with extra("lab", "the lab"):
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
    """Ctrl-C during training: the step under way was finished; ``model`` is what was learned so far."""

    def __init__(self, message: str, model: object) -> None:
        super().__init__(message)
        self.model = model

    def __reduce__(self) -> tuple[Any, ...]:
        return Interrupted, (str(self), self.model)
